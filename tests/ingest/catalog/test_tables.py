"""The catalog as tables: each row has its table's columns, and one entry is enough to be everywhere."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.catalog import Catalog, load_catalog
from ingest.catalog.comments import COLUMNS, column_text
from ingest.catalog.comments import TABLES as TABLE_TEXTS
from ingest.catalog.tables import TABLES, first_release
from ingest.raw_tables import load_catalog_tables, prepare
from tests.ingest.made_up import catalog_files, made_up_catalog, write_catalog

ROOT = Path(__file__).parents[3]


def tables_of(catalog: Catalog) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    prepare(connection, [])
    load_catalog_tables(connection, catalog)
    return connection


@pytest.fixture(scope="module")
def made_up() -> duckdb.DuckDBPyConnection:
    return tables_of(made_up_catalog())


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


@pytest.mark.parametrize("name", TABLES)
def test_rows_have_the_columns_of_their_table(name: str) -> None:
    for catalog in (made_up_catalog(), load_catalog(ROOT / "ingest" / "catalog")):
        for row in TABLES[name].rows(catalog):
            assert set(row) == set(TABLES[name].columns)


@pytest.mark.parametrize("name", TABLES)
def test_tables_have_their_declared_types(made_up: duckdb.DuckDBPyConnection, name: str) -> None:
    actual = rows(made_up, f"select column_name, column_type from (describe meta.{name})")
    assert dict(actual) == dict(TABLES[name].columns)


@pytest.mark.parametrize("name", TABLES)
def test_tables_and_columns_say_what_they_mean(made_up: duckdb.DuckDBPyConnection, name: str) -> None:
    query = "select comment from duckdb_tables() where schema_name = 'meta' and table_name = '{0}'"
    assert rows(made_up, query.format(name)) == [(TABLE_TEXTS[name],)]
    query = query.replace("tables()", "columns()") + " order by column_index"
    assert rows(made_up, query.format(name)) == [(column_text(name, column),) for column in TABLES[name].columns]


def test_no_text_is_left_over() -> None:
    pairs = {f"{table}.{column}" for table, entry in TABLES.items() for column in entry.columns}
    plain = {pair.split(".")[1] for pair in pairs if pair not in COLUMNS}
    assert set(COLUMNS) - pairs - plain == set()
    assert set(TABLE_TEXTS) == set(TABLES)


def test_units_say_what_may_be_computed_and_caveats_stand_singly(made_up: duckdb.DuckDBPyConnection) -> None:
    catalog = made_up_catalog()
    units = rows(made_up, "select unit, kind, arithmetic, unnest(metrics) from meta.units")
    assert {(unit, kind, metric) for unit, kind, _, metric in units} == {
        (metric.unit, metric.kind, metric.id) for metric in catalog.metrics
    }
    assert all(arithmetic for _, _, arithmetic, _ in units)
    assert rows(made_up, "select metric_id, caveat from meta.caveats order by metric_id, position") == [
        (metric.id, caveat)
        for metric in sorted(catalog.metrics, key=lambda metric: metric.id)
        for caveat in metric.caveats
    ]


def test_entities_are_frameworks_references_contenders_and_markets(made_up: duckdb.DuckDBPyConnection) -> None:
    assert rows(made_up, "select * exclude(label, released) from meta.entities order by all") == [
        ("contender", "bellows", "contender", "bellows"),
        ("contender", "smithy", "contender", "anvil"),
        ("framework", "anvil", "contender", None),
        ("framework", "bellows", "contender", None),
        ("framework", "hammer", "contender", None),
        ("market", "all_tools", "market", None),
        ("reference", "yardstick", "reference", None),
    ]


def test_a_contender_is_there_since_its_first_member() -> None:
    assert first_release([date(2015, 11, 9), date(2015, 3, 27)]) == date(2015, 3, 27)
    assert first_release([date(2015, 11, 9), None]) is None


def test_a_former_name_leads_to_the_same_object(made_up: duckdb.DuckDBPyConnection) -> None:
    query = "select name, native_object, entity_type, entity_id, member from meta.names order by name"
    assert rows(made_up, query) == [
        ("__all__", "__all__", "market", "all_tools", "primary"),
        ("amboss", "anvil", "framework", "anvil", "primary"),
        ("anvil", "anvil", "framework", "anvil", "primary"),
        ("anvil-small", "anvil-small", "framework", "anvil", "variant"),
        ("bellows", "bellows", "framework", "bellows", "primary"),
        ("hammer", "hammer", "framework", "hammer", "primary"),
    ]


def test_members_carry_dates_reason_and_who_represents(made_up: duckdb.DuckDBPyConnection) -> None:
    assert rows(made_up, "from meta.members order by contender_id, framework_id") == [
        ("bellows", "bellows", True, None, None, "itself"),
        ("smithy", "anvil", True, None, None, "the heavy part"),
        ("smithy", "hammer", False, None, date(2022, 1, 1), "sold with it until then"),
    ]


def test_the_order_of_preference_is_that_of_the_list(made_up: duckdb.DuckDBPyConnection) -> None:
    assert rows(made_up, "from meta.metric_sources order by preference") == [
        ("tools_sold", "guild_counts", "counted", 1, True, False),
        ("tools_sold", "guild_counts", "guessed", 2, False, False),
    ]


def test_a_choice_of_basis_is_every_source_that_counts_so() -> None:
    catalog = load_catalog(ROOT / "ingest" / "catalog")
    choices = [row for row in TABLES["metric_choices"].rows(catalog) if row["metric_id"] == "pypi_downloads"]
    ways = {row["choice"]: (row["source_id"], row["basis"]) for row in choices if row["dimension"] == "basis"}
    assert ways["without_mirrors by pypi_tools"] == ("pypi_tools", "without_mirrors")
    # several sources count so, and each is named
    assert ways["pip_only by pypi_tools"] == ("pypi_tools", "pip_only")
    assert ways["pip_only by top_pypi_packages"] == ("top_pypi_packages", "pip_only")
    assert [row["choice"] for row in choices if row["dimension"] == "members"] == ["with_variants", "with_nightly"]


def test_breaks_events_and_biases_keep_their_reach(made_up: duckdb.DuckDBPyConnection) -> None:
    assert rows(made_up, 'select id, start, "end", sources, bases, metrics, entities from meta.breaks') == [
        ("new_scales", date(2020, 6, 1), date(2020, 6, 2), ["guild_counts"], [], ["tools_sold"], ["anvil", "smithy"])
    ]
    assert rows(made_up, "select id, metrics, entities, sign, lag_months from meta.events") == [
        ("fair", ["tools_sold"], ["bellows"], "up", [0, 1])
    ]
    assert rows(made_up, "select source_id, valid_from, valid_until, bases, grade from meta.source_biases") == [
        ("guild_counts", None, date(2020, 2, 1), [], "D")
    ]


def test_a_source_without_a_grade_of_its_own_is_counted_in_full(made_up: duckdb.DuckDBPyConnection) -> None:
    assert rows(made_up, "select grade, grade_reason, namespace, last_period_date from meta.sources") == [
        ("A", "counted in full", "guild", None)
    ]


def test_a_framework_added_by_one_entry_is_in_every_table_that_names_frameworks(tmp_path: Path) -> None:
    files = catalog_files()
    files["frameworks"]["frameworks"].append(
        {
            "id": "tongs",
            "label": "Tongs",
            "role": "contender",
            "names": {"guild": [{"name": "tongs", "member": "primary"}]},
        }
    )
    connection = tables_of(load_catalog(write_catalog(tmp_path, files)))
    assert rows(connection, "select entity_type, label from meta.entities where entity_id = 'tongs' order by 1") == [
        ("contender", "Tongs"),
        ("framework", "Tongs"),
    ]
    assert rows(connection, "select name, entity_id from meta.names where name = 'tongs'") == [("tongs", "tongs")]
    assert rows(
        connection, "select framework_id, is_representative from meta.members where contender_id = 'tongs'"
    ) == [("tongs", True)]


def test_the_shipped_catalog_fills_its_tables() -> None:
    connection = tables_of(load_catalog(ROOT / "ingest" / "catalog"))
    members = """select framework_id, is_representative, valid_until
                 from meta.members where contender_id = 'tf_keras' order by 1"""
    assert rows(connection, members) == [("keras", False, date(2023, 11, 28)), ("tensorflow", True, None)]
    assert rows(connection, "select meaning from meta.survey_aliases where label = 'Republic of Korea'") == [
        ("South Korea",)
    ]
    assert ("kaggle_survey", "None") in rows(connection, "from meta.survey_none_options")
    fieldwork = """select fieldwork_start_date from meta.survey_editions
                   where source_id = 'kaggle_survey' and edition = 2020"""
    assert rows(connection, fieldwork) == [(date(2020, 10, 7),)]
    assert rows(connection, 'select count(*) from meta.never_held where start >= "end"') == [(0,)]
