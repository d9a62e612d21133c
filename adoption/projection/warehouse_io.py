"""Projecting the years of the warehouse: monthly series in, projections and their tests out.

Belongs here: reading the series and the breaks that reach them, and writing schema `projection`. Does not belong here:
the projection of a year (`adoption.projection.years`), and which of the series reports use (dbt).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from itertools import groupby
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from adoption.detection import model_grid
from adoption.projection.years import (
    EarlierYear,
    Projection,
    Series,
    SeriesBreak,
    binomial_p_value,
    month_number,
    outlooks,
    projections,
)
from adoption.warehouse.cache import digest_of
from ingest.database import has_table, insert_values, transaction

if TYPE_CHECKING:
    import duckdb

Row = tuple[Any, ...]

DECIMALS = 6

SERIES = "select series_id, kind, month_date, value, year_total from intermediate.int_projections__series order by all"
BREAKS = "select series_id, label, start_date, end_date from intermediate.int_projections__breaks order by all"
TABLES = """
create schema if not exists projection;
create or replace table projection.projected_years (
    series_id varchar, year integer, newest_month integer, missing_months integer[], to_date double,
    value double, low double, high double, history_months integer, years_tested integer, years_covered integer,
    p_value double, withheld_because varchar
);
create or replace table projection.tested_years (
    series_id varchar, year integer, missing_months integer[], value double, low double, high double, actual double
);
create or replace table projection.made_from (series_id varchar, digest varchar);
"""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables of schema `projection`, empty."""
    connection.execute(TABLES)


def project_years(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Project the years of every series and write them; return how many series, years and tests there are.

    A series that is what it was the last time keeps what was projected then.
    """
    series = read_series(connection)
    running = max((member.years[-1] for member in series), default=0)
    digests = {member.series_id: digest_of(f"{_code()}{running}", [member]) for member in series}
    before = _digests_before(connection)
    unchanged = {name for name, digest in digests.items() if before.get(name) == digest}
    tables = {name: _unchanged_rows(connection, name, unchanged) for name in ("projected_years", "tested_years")}
    for member in series:
        if member.series_id not in unchanged:
            projected = list(projections(member, running))
            tables["projected_years"] += map(row_of, projected)
            tables["tested_years"] += _tested_rows(member, projected)
    _write(connection, {**tables, "made_from": list(digests.items())})
    return {"series": len(series), "changed": len(series) - len(unchanged), "years": len(tables["projected_years"])}


def read_series(connection: duckdb.DuckDBPyConnection) -> list[Series]:
    """The series that add up to years, each with the breaks of the catalog that reach it."""
    breaks: defaultdict[str, list[SeriesBreak]] = defaultdict(list)
    for series_id, label, start, end in connection.execute(BREAKS).fetchall():
        breaks[series_id].append(SeriesBreak(label, start, end))
    rows = connection.execute(SERIES).fetchall()
    return [
        _series(series_id, kind == "stock", [row[2:] for row in group], breaks[series_id])
        for (series_id, kind), group in groupby(rows, key=lambda row: (row[0], row[1]))
    ]


def _series(series_id: str, is_stock: bool, rows: Sequence[Row], breaks: Iterable[SeriesBreak]) -> Series:
    first, last = (month_number(rows[place][0]) for place in (0, -1))
    values = np.full(last - first + 1, np.nan)
    for month, value, _ in rows:
        values[month_number(month) - first] = np.nan if value is None else value
    totals = {month.year: total for month, _, total in rows if total is not None}
    return Series(series_id, is_stock, first, values, totals, tuple(breaks))


def row_of(projection: Projection) -> Row:
    """A projection as a row of projection.projected_years: without figures where it is withheld."""
    available, interval, tested = projection.available, projection.interval, projection.tested
    covered = sum(year.is_covered for year in tested)
    shown = interval if interval and not projection.withheld_because else None
    return (
        projection.series_id,
        available.year,
        available.newest,
        list(available.missing),
        None if isnan(projection.to_date) else projection.to_date,
        *((shown.value, shown.low, shown.high) if shown else (None, None, None)),
        interval.history_months if interval else None,
        len(tested),
        covered,
        round(binomial_p_value(covered, len(tested)), DECIMALS),
        projection.withheld_because,
    )


def _tested_rows(series: Series, projected: Iterable[Projection]) -> list[Row]:
    """The tests of a series, and each year as it looked before it began: one row for what is held of a year."""
    tests = [*outlooks(series), *(test for projection in projected for test in projection.tested)]
    rows = {(test.available.year, test.available.missing): test for test in tests}
    return [_tested_row(series.series_id, rows[key]) for key in sorted(rows)]


def _tested_row(series_id: str, test: EarlierYear) -> Row:
    available, interval = test.available, test.interval
    return (
        series_id,
        available.year,
        list(available.missing),
        interval.value,
        interval.low,
        interval.high,
        test.actual,
    )


@cache
def _code() -> str:
    """The code that projects, and the library that it computes with."""
    code = [*sorted(Path(__file__).parent.glob("*.py")), Path(model_grid.__file__)]
    return "\n".join([np.__version__, *(path.read_text(encoding="utf-8") for path in code)])


def _digests_before(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    if not has_table(connection, "projection", "made_from"):
        return {}
    return dict(connection.execute("from projection.made_from").fetchall())


def _unchanged_rows(connection: duckdb.DuckDBPyConnection, table: str, series: Collection[str]) -> list[Row]:
    """The rows of the last time that still stand."""
    if not series:
        return []
    rows = connection.execute(f"from projection.{table}").fetchall()
    return [row for row in rows if row[0] in series]


def _write(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, list[Row]]) -> None:
    """Replace the tables, all or none: a broken-off build must not leave digests without what they stand for."""
    with transaction(connection):
        prepare(connection)
        for table, rows in tables.items():
            insert_values(connection, f"projection.{table}", sorted(rows, key=lambda row: row[:3]))
