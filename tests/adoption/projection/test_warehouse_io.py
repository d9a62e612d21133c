"""Projections on a warehouse: series and breaks read, tables written, what has not changed kept."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from adoption.projection import warehouse_io

BREAK = ("flow", "the log was changed", date(2023, 5, 6), date(2023, 5, 6))


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    """A warehouse with a flow and a stock, from 2020 to July 2023."""
    connection = duckdb.connect()
    connection.execute("create schema intermediate")
    connection.execute(
        """
        create table intermediate.int_projections__series as
        with months as (
            select unnest(generate_series(date '2020-01-01', date '2023-07-01', interval 1 month))::date as month_date
        ),
        counted as (
            select
                month_date, year(month_date) as year,
                (1000 * exp(0.01 * date_diff('month', date '2020-01-01', month_date)))::integer::double as value
            from months
        )
        select
            'flow' as series_id, 'flow' as kind, month_date, value,
            if(year = 2021, 14000.0::double, null) as year_total
        from counted where month_date <> '2021-03-01'
        union all
        select 'stock', 'stock', month_date, sum(value) over (order by month_date), null from counted
        """
    )
    connection.execute(
        "create table intermediate.int_projections__breaks "
        "(series_id varchar, label varchar, start_date date, end_date date)"
    )
    return connection


def test_series_are_read_with_gaps_totals_and_breaks(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("insert into intermediate.int_projections__breaks values (?, ?, ?, ?)", BREAK)
    flow, stock = warehouse_io.read_series(connection)
    assert (flow.series_id, flow.is_stock, stock.is_stock) == ("flow", False, True)
    assert len(flow.values) == 43
    assert flow.total(2021) == 14000
    assert [series_break.label for series_break in flow.breaks] == ["the log was changed"]
    assert stock.breaks == ()


def test_years_are_written_with_their_interval_and_tests(connection: duckdb.DuckDBPyConnection) -> None:
    later = [8, 9, 10, 11, 12]
    assert warehouse_io.project_years(connection) == {"series": 2, "changed": 2, "years": 2}
    rows = connection.execute(
        "select series_id, year, newest_month, missing_months, value between low and high, withheld_because "
        "from projection.projected_years"
    ).fetchall()
    assert rows == [(name, 2023, 7, later, True, None) for name in ("flow", "stock")]
    tests = connection.execute(
        "select series_id, year, missing_months from projection.tested_years where len(missing_months) < 12"
    ).fetchall()
    assert tests == [
        ("flow", 2021, [3, *later]),
        ("flow", 2022, later),
        ("stock", 2021, later),
        ("stock", 2022, later),
    ]


def test_a_break_in_the_year_leaves_the_figures_out(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("insert into intermediate.int_projections__breaks values (?, ?, ?, ?)", BREAK)
    warehouse_io.project_years(connection)
    row = connection.execute(
        "select value, low, high, to_date > 0, withheld_because from projection.projected_years "
        "where series_id = 'flow' and year = 2023"
    ).fetchone()
    assert row == (None, None, None, True, "a break in its year: the log was changed")


def test_a_series_that_has_not_changed_is_kept(connection: duckdb.DuckDBPyConnection) -> None:
    warehouse_io.project_years(connection)
    before = connection.execute("from projection.projected_years").fetchall()
    assert warehouse_io.project_years(connection)["changed"] == 0
    assert connection.execute("from projection.projected_years").fetchall() == before
    connection.execute("update intermediate.int_projections__series set value = value + 1 where series_id = 'flow'")
    assert warehouse_io.project_years(connection)["changed"] == 1
    connection.execute("insert into intermediate.int_projections__breaks values (?, ?, ?, ?)", BREAK)
    assert warehouse_io.project_years(connection)["changed"] == 1


def test_without_series_the_tables_are_empty(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("delete from intermediate.int_projections__series")
    assert warehouse_io.project_years(connection) == {"series": 0, "changed": 0, "years": 0}
    assert connection.execute("from projection.tested_years").fetchall() == []


def test_a_write_that_fails_leaves_what_was_there(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse_io.project_years(connection)
    before = connection.execute("from projection.made_from").fetchall()
    connection.execute("update intermediate.int_projections__series set value = value + 1")

    def broken(*_: object) -> None:
        raise duckdb.Error("disk full")

    monkeypatch.setattr(warehouse_io, "insert_values", broken)
    with pytest.raises(duckdb.Error, match="disk full"):
        warehouse_io.project_years(connection)
    assert connection.execute("from projection.made_from").fetchall() == before
