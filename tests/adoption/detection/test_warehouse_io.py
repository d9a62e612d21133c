"""The detector on a warehouse: series read, events written, text made of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from adoption.detection import warehouse_io
from adoption.detection.detector import KnownBreak
from ingest.catalog import Break, Catalog, Reach, load_catalog

CATALOG = Path(__file__).parents[3] / "ingest" / "catalog"


@pytest.fixture
def catalog() -> Catalog:
    return load_catalog(CATALOG)


def a_break(start: date, end: date, **reach: tuple[str, ...]) -> Break:
    wanted = Reach.model_validate({"sources": ("s",), **reach})
    return Break(id="b", label="b", start=start, end=end, reach=wanted, reason="r", evidence="e")


def warehouse(rows: list[tuple[str, date, float | None]]) -> duckdb.DuckDBPyConnection:
    """A warehouse that holds nothing but detection series: entity, month, value."""
    connection = duckdb.connect()
    connection.execute("create schema intermediate")
    connection.execute(
        "create table intermediate.int_detection__series (series_id varchar, metric_id varchar, source_id varchar, "
        "entity_id varchar, segment varchar, basis varchar, family varchar, month_date date, value double, "
        "counted_at timestamp)"
    )
    for entity, month, value in rows:
        connection.execute(
            "insert into intermediate.int_detection__series values (?, 'm', 's', ?, 'all', 'b', 'm/s', ?, ?, null)",
            [f"m/s/b/all/framework/{entity}", entity, month, value],
        )
    return connection


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        (date(2021, 1, 1), date(2021, 1, 1), date(2021, 1, 1), None),
        (date(2021, 1, 1), date(2021, 4, 1), date(2021, 1, 1), date(2021, 3, 1)),
        (date(2018, 7, 26), date(2018, 7, 26), date(2018, 7, 1), date(2018, 7, 1)),
        (date(2024, 2, 21), date(2024, 2, 22), date(2024, 2, 1), date(2024, 2, 1)),
    ],
)
def test_months_in_which_both_methods_count_are_a_transition(
    start: date, end: date, first: date, last: date | None
) -> None:
    assert warehouse_io.known_break(a_break(start, end)) == KnownBreak("b", first, last)


def test_a_series_is_contiguous_and_a_month_that_is_not_held_is_missing(catalog: Catalog) -> None:
    connection = warehouse([("tool", date(2020, 1, 1), 1.0), ("tool", date(2020, 4, 1), 4.0)])

    [series] = warehouse_io.read_series(connection, catalog)

    assert [month.month for month in series.months] == [1, 2, 3, 4]
    assert [str(value) for value in series.values] == ["1.0", "nan", "nan", "4.0"]


@pytest.mark.parametrize("values", [[1.0, 2.0, 3.0, 4.0], [0.0] * 4, [None] * 4, [5.0, None, 5.0, -1.0]])
def test_four_months_are_given_to_the_rules_only_and_break_nothing(
    catalog: Catalog, values: list[float | None]
) -> None:
    connection = warehouse([("tool", date(2020, month, 1), value) for month, value in enumerate(values, start=1)])

    counts = warehouse_io.detect_events(connection, catalog)

    kinds = {row[0] for row in connection.execute("select kind from detection.detected_events").fetchall()}
    depths = connection.execute("select distinct depth from detection.minimum_detectable_effects").fetchall()
    assert counts["series"] == 1
    assert not kinds & set(warehouse_io.MOVEMENTS)
    assert depths == [(None,)]


def test_detecting_twice_gives_the_same_tables(catalog: Catalog) -> None:
    months = [(date(2018 + i // 12, i % 12 + 1, 1), 100.0 * 1.02**i * (0.6 if 30 <= i < 36 else 1)) for i in range(60)]
    connection = warehouse([("tool", month, value) for month, value in months])

    warehouse_io.detect_events(connection, catalog)
    first = connection.execute("from detection.detected_events order by all").fetchall()
    warehouse_io.detect_events(connection, catalog)

    assert [row[1] for row in first if row[1] in warehouse_io.MOVEMENTS] == ["slump"]
    assert connection.execute("from detection.detected_events order by all").fetchall() == first


def test_what_nothing_explains_stands_out() -> None:
    event = {
        "entity_id": "tool", "kind": "level_shift", "start_date": date(2020, 3, 1), "end_date": date(2020, 3, 1),
        "depth_pct": 12.3, "scope": "specific", "explanation": None, "explanation_kind": "unexplained",
    }  # fmt: skip
    assert (
        "| tool | level shift | 2020-03 | 2020-03 | +12 % | specific | **unexplained** |"
        in warehouse_io.as_markdown([event])
    )
    assert warehouse_io.as_markdown([]) == "none"
