"""Two contenders side by side: in the way of counting that holds both, each one's own figure kept beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from adoption.reports.one_way import in_one_way, no_own

TABLES = """
create schema marts;
create schema meta;
create table meta.review as select 'forge' as focus, 'mill' as benchmark;
create table meta.metric_sources as
    select metric_id, source_id, basis, position as preference
    from (values
        ('pulls', 'exact', 'tagged', 1), ('pulls', 'list', 'tagged', 2), ('pulls', 'old_list', 'tagged', 3)
    ) as ways (metric_id, source_id, basis, position);
create table marts.dim_sources as
    select unnest(['exact', 'list', 'old_list']) as source_id,
        unnest(['Exact counts', 'A list', 'An old list']) as label;
create table marts.rpt_brief (
    metric_id varchar, lead_source_id varchar, lead_basis varchar, year int, entity_id varchar,
    against_entity_id varchar
);
create table marts.fct_adoption_yoy (
    series_id varchar, year int, metric_id varchar, source_id varchar, basis varchar, entity_type varchar,
    segment varchar, entity_id varchar, value double, low double, high double, is_complete boolean, months_held int,
    grade varchar, yoy_pct double, ratio_to_benchmark double
);
insert into marts.fct_adoption_yoy
    select
        entity_id || '-' || source_id, 2020, 'pulls', source_id, 'tagged', 'contender', 'all', entity_id, value, null,
        null, months = 12, months, if(months = 12, 'A', 'C'), change, ratio
    from (values
        ('forge', 'exact', 90, 12, 5, null),
        ('forge', 'list', 60, 8, 4, 2),
        ('mill', 'list', 30, 8, 3, null),
        ('forge', 'old_list', 61, 9, 2, 1.9),
        ('mill', 'old_list', 32, 9, 1, null)
    ) as counts (entity_id, source_id, value, months, change, ratio);
"""
COUNTED_APART = (("forge", "exact", 90.0, 5.0), ("mill", "list", 30.0, 3.0))


@pytest.fixture
def published() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        yield connection


def review(*counted: tuple[str, str, float, float]) -> list[dict[str, Any]]:
    """The rows of the review: each contender in its own way of counting."""
    return [
        {
            "year": 2020,
            "metric_id": "pulls",
            "entity_id": entity,
            "segment": "all",
            "is_focus": entity == "forge",
            "is_benchmark": entity == "mill",
            "is_known": True,
            "source_id": source,
            "source_label": "Exact counts" if source == "exact" else "A list",
            "basis": "tagged",
            "value": value,
            "low": None,
            "high": None,
            "months_held": 12,
            "kind": "flow",
            "compared_on": "year",
            "common_months": 12,
            "yoy_common_pct": 99.0,
            "yoy_pct": change,
            "net_additions_pct": None,
            "ratio_to_benchmark": 2.0 if entity == "forge" else None,
            "other_ways": ["otherwise: +1 %"],
        }
        for entity, source, value, change in counted
    ]


def ways(rows: list[dict[str, Any]]) -> list[tuple[str, float]]:
    return [(row["source_id"], row["value"]) for row in rows]


def test_the_way_of_the_brief_is_that_of_both(published: duckdb.DuckDBPyConnection) -> None:
    published.execute("insert into marts.rpt_brief values ('pulls', 'list', 'tagged', 2020, 'forge', 'mill')")
    focus, benchmark = in_one_way(published, 2020, review(*COUNTED_APART))

    assert ways([focus, benchmark]) == [("list", 60.0), ("list", 30.0)]
    assert (focus["series_id"], focus["yoy_pct"], focus["source_label"]) == ("forge-list", 4.0, "A list")
    assert (focus["ratio_to_benchmark"], focus["ratio_basis"], focus["other_ways"]) == (2.0, "tagged", [])
    assert {name: focus[name] for name in no_own()} == {
        "own_source_label": "Exact counts",
        "own_basis": "tagged",
        "own_value": 90.0,
        "own_low": None,
        "own_high": None,
        "own_months_held": 12,
        "own_change_pct": 5.0,
        "own_common_months": None,
    }
    assert {benchmark[name] for name in no_own()} == {None}
    assert benchmark["other_ways"] == ["otherwise: +1 %"]


def test_what_the_brief_does_not_compare_is_counted_as_tells_most_of_both(
    published: duckdb.DuckDBPyConnection,
) -> None:
    assert ways(in_one_way(published, 2020, review(*COUNTED_APART))) == [("old_list", 61.0), ("old_list", 32.0)]


@pytest.mark.parametrize(
    ("columns", "change", "months"),
    [
        ({"compared_on": "common months", "common_months": 9}, 99.0, 9),
        ({"kind": "stock", "net_additions_pct": -12.0}, -12.0, None),
        ({"compared_on": None, "yoy_pct": None}, None, None),
    ],
)
def test_the_own_change_is_that_which_is_comparable(
    published: duckdb.DuckDBPyConnection, columns: dict[str, Any], change: float | None, months: int | None
) -> None:
    rows = [{**row, **columns} for row in review(*COUNTED_APART)]
    focus = in_one_way(published, 2020, rows)[0]
    assert (focus["own_change_pct"], focus["own_common_months"]) == (change, months)


def test_two_that_are_counted_alike_stay_as_they_are(published: duckdb.DuckDBPyConnection) -> None:
    alike = review(("forge", "list", 60.0, 4.0), ("mill", "list", 30.0, 3.0))
    assert in_one_way(published, 2020, alike) == [{**row, **no_own()} for row in alike]


def test_where_no_way_holds_both_each_keeps_its_own(published: duckdb.DuckDBPyConnection) -> None:
    published.execute("delete from marts.fct_adoption_yoy where entity_id = 'forge' and source_id <> 'exact'")
    assert ways(in_one_way(published, 2020, review(*COUNTED_APART))) == [("exact", 90.0), ("list", 30.0)]
