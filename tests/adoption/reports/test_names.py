"""Names that people give: found by id or label in any case, refused with a suggestion.

Belongs here: which names are found, and what the commands say of others. Does not belong here: what they print.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from adoption.cli.main import main
from adoption.reports.names import entity_ids, metric_id
from adoption.settings import Settings
from ingest.errors import UnknownNameError

SMALL = """
create schema meta; create schema marts;
create table meta.metrics (metric_id varchar, label varchar, position int);
insert into meta.metrics values ('sold', 'Tools sold', 1), ('lent', 'Tools lent', 2);
create table meta.entities (entity_type varchar, entity_id varchar, label varchar);
insert into meta.entities values
    ('contender', 'forge', 'Forge'), ('framework', 'anvil', 'Anvil'), ('framework', 'hammer', 'Hammer'),
    ('contender', 'saw', 'Saw'), ('framework', 'saw', 'Saw');
create table meta.members (contender_id varchar, framework_id varchar);
insert into meta.members values ('forge', 'hammer'), ('forge', 'anvil'), ('saw', 'saw');
create table marts.fct_anomalies as
select 'framework' as entity_type, name as entity_id, 'sold' as metric_id, 'slump' as kind,
    date '2020-01-01' as start_date, date '2020-03-01' as end_date, -20.0 as change_pct,
    true as is_known, true as is_seen, 'cause ' || name as explanation, 'event' as explanation_kind, 'entity' as scope
from unnest(['anvil', 'hammer', 'saw']) as names (name);
create table marts.fct_minimum_detectable_effects (
    entity_type varchar, entity_id varchar, metric_id varchar, window_months int, smallest_depth_pct double);
"""


@pytest.fixture
def small(tmp_path: Path) -> Settings:
    """A published file with two contenders, one of two members, and an anomaly of each framework."""
    settings = Settings(data=tmp_path)
    settings.published.parent.mkdir()
    with duckdb.connect(str(settings.published)) as connection:
        connection.execute(SMALL)
    return settings


@pytest.fixture
def connection(small: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(small.published), read_only=True) as opened:
        yield opened


@pytest.mark.parametrize("name", ["sold", "SOLD", "Tools sold", "tools SOLD", " sold "])
def test_a_metric_is_found_by_id_or_label(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    assert metric_id(connection, name) == "sold"


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("forge", ["anvil", "forge", "hammer"]),
        ("FORGE", ["anvil", "forge", "hammer"]),
        ("Anvil", ["anvil"]),
        ("saw", ["saw"]),
    ],
)
def test_an_entity_is_found_and_a_contender_covers_its_members(
    connection: duckdb.DuckDBPyConnection, name: str, ids: list[str]
) -> None:
    assert entity_ids(connection, name) == ids


@pytest.mark.parametrize(
    ("name", "end"),
    [("sould", "; did you mean sold?"), ("Tool lent", "; did you mean Tools lent?"), ("x", "sold, lent.")],
)
def test_another_name_is_refused_with_what_there_is(connection: duckdb.DuckDBPyConnection, name: str, end: str) -> None:
    with pytest.raises(UnknownNameError) as refused:
        metric_id(connection, name)
    assert str(refused.value).startswith(f"No metric is called {name!r}; expected one of sold, lent")
    assert str(refused.value).endswith(end)


def anomalies(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--data", str(settings.data), "anomalies", *arguments])


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ([], {"anvil", "hammer", "saw"}),
        (["--entity", "Forge"], {"anvil", "hammer"}),
        (["--entity", "HAMMER"], {"hammer"}),
        (["--metric", "tools sold", "--entity", "saw"], {"saw"}),
        (["--metric", "lent"], set()),
    ],
)
def test_anomalies_of_a_name_are_those_of_all_it_covers(small: Settings, arguments: list[str], shown: set[str]) -> None:
    result = anomalies(small, *arguments)

    assert result.exit_code == 0, result.output
    assert {name for name in ("anvil", "hammer", "saw") if f"cause {name}" in result.output} == shown
    assert ("No anomaly was found." in result.output) == (not shown)


@pytest.mark.parametrize("arguments", [["--entity", "forg"], ["--metric", "solt"]])
def test_anomalies_of_nobody_are_refused(small: Settings, arguments: list[str]) -> None:
    result = anomalies(small, *arguments)

    assert result.exit_code == 2
    assert "did you mean" in result.output
