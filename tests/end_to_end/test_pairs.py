"""Two contenders: held where the focus is one of them, and computed by the same SQL where it is not."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from adoption.reports import brief
from adoption.reports.pairs import MACROS, Mart, relation
from adoption.settings import Settings
from ingest.database import fetch_dicts

DuckDB = duckdb.DuckDBPyConnection
OF_PAIR = "entity_id = $1 and coalesce(against_entity_id, $2) = $2"
OF_EITHER = "entity_id in ($1, $2) and against_entity_id in ($1, $2)"


@pytest.fixture(scope="module")
def asking(built: Settings) -> Iterator[DuckDB]:
    """A connection of its own, since what is computed stays on it."""
    with duckdb.connect(str(built.published), read_only=True) as connection:
        yield connection


def focus_of(connection: DuckDB) -> str:
    return str(connection.execute("select focus from meta.review").fetchall()[0][0])


def others(connection: DuckDB) -> list[str]:
    query = "select entity_id from meta.entities where entity_type = 'contender' order by entity_id"
    return [name for (name,) in connection.execute(query).fetchall() if name != focus_of(connection)]


@pytest.mark.parametrize("mart", MACROS)
def test_the_marts_hold_the_focus_against_each_other_contender_and_no_more(asking: DuckDB, mart: Mart) -> None:
    query = f"select distinct entity_id, against_entity_id from marts.{mart} where against_entity_id is not null"
    focus = focus_of(asking)
    pairs = set(asking.execute(query).fetchall())
    assert all(focus in pair for pair in pairs)
    assert 0 < len(pairs) <= 2 * len(others(asking))


@pytest.mark.parametrize("is_focus_first", [True, False])
@pytest.mark.parametrize("mart", MACROS)
def test_on_demand_a_pair_of_the_focus_has_the_rows_that_are_held(
    asking: DuckDB, mart: Mart, is_focus_first: bool
) -> None:
    condition = OF_EITHER if mart == "fct_crossovers" else OF_PAIR
    columns = "* exclude (sentence)" if mart == "rpt_brief" else "*"
    for other in others(asking)[:: len(others(asking)) // 2]:
        pair = [focus_of(asking), other][:: 1 if is_focus_first else -1]
        held = f"select {columns} from marts.{mart} where {condition}"
        asking.execute(f"create or replace temp table computed as from {MACROS[mart]}('{pair[0]}', '{pair[1]}')")
        for one, another in ((held, "from computed"), ("from computed", held)):
            assert asking.execute(f"{one} except all {another}", pair).fetchall() == []
        assert asking.execute(held, pair).fetchall()


def test_a_pair_that_is_not_held_is_computed_once_and_put_into_words(asking: DuckDB) -> None:
    one, other = others(asking)[:2]
    table = relation(asking, "rpt_brief", one, other)
    assert table != "marts.rpt_brief"
    assert relation(asking, "rpt_brief", one, other) == table
    years = [row["year"] for row in fetch_dicts(asking, f"select distinct year from {table} order by year")]
    lines = brief.lines_of(asking, years[-1], one, other)
    assert {(line["entity_id"], line["against_entity_id"]) for line in lines} == {(one, other)}
    assert all(line["sentence"] for line in lines)


def test_a_pair_may_be_named_by_labels_and_members_and_an_unknown_name_is_an_error(asking: DuckDB) -> None:
    label = asking.execute("select label from meta.entities where entity_id = 'jax'").fetchall()[0][0]
    query = "select count(*) from crossovers('{}', '{}')"
    named = [asking.execute(query.format(*pair)).fetchall() for pair in (("jax", "tf_keras"), (label, "keras"))]
    assert named[0] == named[1] != [(0,)]
    with pytest.raises(duckdb.Error, match=r'No contender is called "it\'s"\. Known are caffe, '):
        asking.execute("from crossovers('it''s', 'jax')")
