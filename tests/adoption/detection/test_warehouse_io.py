"""The detector on a warehouse: series read, events written, text made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from adoption.detection import warehouse_io
from adoption.detection.detector import detect
from adoption.detection.events import Event, KnownBreak, MonthlySeries
from ingest.catalog import AppliesTo, Break, Catalog, load_catalog

CATALOG = Path(__file__).parents[3] / "ingest" / "catalog"


@pytest.fixture
def catalog() -> Catalog:
    return load_catalog(CATALOG)


def a_break(start: date, end: date, **reach: tuple[str, ...]) -> Break:
    applies_to = AppliesTo.model_validate({"sources": ("s",), **reach})
    return Break(id="b", label="b", start=start, end=end, reach=applies_to, reason="r", evidence="e")


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


TABLES = ("detected_events", "minimum_detectable_effects", "looked_at")


def two_families() -> duckdb.DuckDBPyConnection:
    """Two families of three series each, with a slump of their own in each, and a gap."""
    rows: list[tuple[str, date, float | None]] = [
        (
            f"{family}{number}",
            date(2018 + i // 12, i % 12 + 1, 1),
            100.0 * 1.02**i * (0.6 if start <= i < start + 6 else 1),
        )
        for family, start in (("a", 30), ("b", 20))
        for number in range(3)
        for i in range(60)
        if i != 50 + number
    ]
    connection = warehouse(rows)
    connection.execute(
        "update intermediate.int_detection__series set family = entity_id[1], "
        "series_id = replace(series_id, 'm/s', entity_id[1])"
    )
    return connection


def detected(connection: duckdb.DuckDBPyConnection) -> list[list[tuple[object, ...]]]:
    return [connection.execute(f"from detection.{table}").fetchall() for table in TABLES]


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The families that the detector was given."""
    families: list[str] = []

    def listening(series: Sequence[MonthlySeries]) -> list[Event]:
        families.append(series[0].family)
        return detect(series)

    monkeypatch.setattr(warehouse_io, "detect", listening)
    return families


def test_events_of_a_family_depend_on_no_other(catalog: Catalog) -> None:
    connection = two_families()
    series = list(warehouse_io.read_series(connection, catalog))

    warehouse_io.detect_events(connection, catalog)

    assert connection.execute("from detection.detected_events").fetchall() == [
        warehouse_io.row_of(event) for event in detect(series)
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("select 1", []),
        ("update intermediate.int_detection__series set value = value + 1 where series_id = (select min(series_id) "
         "from intermediate.int_detection__series) and month_date = '2019-01-01'", ["a"]),
        ("update intermediate.int_detection__series set counted_at = '2023-01-02' where family = 'b'", ["b"]),
        ("delete from intermediate.int_detection__series where family = 'a' and month_date >= '2022-10-01'", ["a"]),
        ("delete from intermediate.int_detection__series where family = 'a'", []),
    ],
)  # fmt: skip
def test_only_what_changed_is_looked_at_again_and_the_tables_are_those_of_a_whole_run(
    catalog: Catalog, looked_at: list[str], change: str, expected: list[str]
) -> None:
    connection, fresh = two_families(), two_families()
    assert warehouse_io.detect_events(connection, catalog)["changed"] == 2
    looked_at.clear()
    for warehouse in (connection, fresh):
        warehouse.execute(change)

    counts = warehouse_io.detect_events(connection, catalog)

    assert (looked_at, counts["changed"]) == (expected, len(expected))
    warehouse_io.detect_events(fresh, catalog)
    assert detected(connection) == detected(fresh)


def test_another_detector_or_another_break_looks_again(
    catalog: Catalog, looked_at: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = two_families()
    warehouse_io.detect_events(connection, catalog)
    looked_at.clear()

    broken = replace(catalog, breaks=(a_break(date(2020, 1, 1), date(2020, 1, 1), entities=("a0",)),))
    warehouse_io.detect_events(connection, broken)
    assert looked_at == ["a"]

    monkeypatch.setattr(warehouse_io, "_detector", lambda: "a better one")
    warehouse_io.detect_events(connection, broken)
    assert looked_at == ["a", "a", "b"]


def test_a_broken_off_look_keeps_what_was_found_before(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = two_families()
    warehouse_io.detect_events(connection, catalog)
    before = detected(connection)
    connection.execute(
        "update intermediate.int_detection__series set value = value + 1 where month_date = '2019-01-01'"
    )

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(warehouse_io, "insert_values", full)
    with pytest.raises(OSError, match="no space left"):
        warehouse_io.detect_events(connection, catalog)

    assert detected(connection) == before


def test_what_nothing_explains_stands_out() -> None:
    event = {
        "entity_id": "tool", "kind": "level_shift", "start_date": date(2020, 3, 1), "end_date": date(2020, 3, 1),
        "change_pct": 12.3, "scope": "specific", "explanation": None, "explanation_kind": "unexplained",
    }  # fmt: skip
    assert (
        "| tool | level shift | 2020-03 | 2020-03 | +12 % | specific | **unexplained** |"
        in warehouse_io.as_markdown([event])
    )
    assert warehouse_io.as_markdown([]) == "none"
