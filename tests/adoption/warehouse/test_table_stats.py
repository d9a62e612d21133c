"""What tables hold, asked in one query."""

from __future__ import annotations

import duckdb
import pytest

from adoption.warehouse.table_stats import Contents, Table, column_types, contents


@pytest.mark.parametrize(
    ("sql", "rows", "period"),
    [
        ("select date '2020-02-01' as month_date", 1, "2020-02-01 to 2020-03-01 (exclusive)"),
        ("select unnest([2019, 2021]) as year", 2, "2019-01-01 to 2022-01-01 (exclusive)"),
        ("select date '2020-01-03' as period_start, date '2020-02-03' as period_end, 2020 as year", 1,
         "2020-01-03 to 2020-02-03 (exclusive)"),
        ("select date '2020-01-01' as quarter_date", 1, "2020-01-01 to 2020-04-01 (exclusive)"),
        ("select 1 as other", 1, "none: its rows have no period"),
        ("select 2020 as year where false", 0, "not known: nothing is available"),
    ],
)  # fmt: skip
def test_rows_and_period(sql: str, rows: int, period: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"create table made as {sql}; create view seen as from made")
        tables = [Table("main", "made"), Table("main", "seen")]

        actual = contents(connection, tables, column_types(connection))

    # a view's rows are made when it is read: to count them would be to build it again
    assert {table: (stats.rows, stats.period) for table, stats in actual.items()} == {tables[0]: (rows, period)}


def test_nothing_asked_is_nothing_answered() -> None:
    with duckdb.connect() as connection:
        assert contents(connection, [], {}) == {}
        with pytest.raises(KeyError):
            contents(connection, [Table("main", "absent")], column_types(connection))


def test_a_table_without_a_period_says_so() -> None:
    assert Contents(3, False, None, None).period == "none: its rows have no period"
