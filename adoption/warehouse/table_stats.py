"""What the tables of a warehouse hold: columns, rows, and the period that they cover.

Belongs here: asking a file about its tables, many of them at a time. Does not belong here: what is done with the
answers (`orchestration.table_metadata`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import duckdb

Types = dict[str, dict[str, dict[str, str]]]
"""Schema, table and column to the column's type, columns in their order."""


class Table(NamedTuple):
    """A table or view by name."""

    schema: str
    name: str


@dataclass(frozen=True)
class Contents:
    """How many rows a table has, and which days they speak of: from `first`, until `last` (exclusive)."""

    rows: int
    is_dated: bool
    first: date | None
    last: date | None

    @property
    def period(self) -> str:
        """The period covered, in words."""
        if not self.is_dated:
            return "none: its rows have no period"
        return "not known: nothing is available" if self.first is None else f"{self.first} to {self.last} (exclusive)"


SPANS = (
    (("period_start", "period_end"), "min(period_start)", "max(period_end)"),
    (("window_start_date", "window_end_date"), "min(window_start_date)", "max(window_end_date) + interval 1 day"),
    (("month_date",), "min(month_date)", "max(month_date) + interval 1 month"),
    (("quarter_date",), "min(quarter_date)", "max(quarter_date) + interval 3 months"),
    (("year",), "make_date(min(year), 1, 1)", "make_date(max(year) + 1, 1, 1)"),
    (("edition",), "make_date(min(edition), 1, 1)", "make_date(max(edition) + 1, 1, 1)"),
    (("start_date", "end_date"), "min(start_date)", "max(end_date) + interval 1 day"),
)
"""The columns that give rows a period, best first, with its first day and the day after its last."""


VIEWS = "select schema_name, view_name from duckdb_views() where not internal"


def column_types(connection: duckdb.DuckDBPyConnection) -> Types:
    """The columns of every table and view."""
    query = """
        select schema_name, table_name, column_name, data_type from duckdb_columns()
        where not internal order by schema_name, table_name, column_index
    """
    types: Types = {}
    for schema, table, column, kind in connection.execute(query).fetchall():
        types.setdefault(schema, {}).setdefault(table, {})[column] = kind
    return types


def contents(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], types: Types) -> dict[Table, Contents]:
    """Rows and period of each table, asked in one query; nothing of views, whose rows are made when they are read.

    Raises:
        KeyError: for a table that `types` does not have.
    """
    views = {Table(*name) for name in connection.execute(VIEWS).fetchall()}
    numbered = [(number, table) for number, table in enumerate(tables) if table not in views]
    if not numbered:
        return {}
    query = " union all ".join(_select(number, table, types) for number, table in numbered)
    return {
        tables[number]: Contents(rows, is_dated, first, last)
        for number, rows, is_dated, first, last in connection.execute(query).fetchall()
    }


def _select(number: int, table: Table, types: Types) -> str:
    columns = types[table.schema][table.name]
    for needed, first, last in SPANS:
        if all(column in columns for column in needed):
            return (
                f'select {number}, count(*), true, ({first})::date, ({last})::date from {table.schema}."{table.name}"'
            )
    return f'select {number}, count(*), false, null::date, null::date from {table.schema}."{table.name}"'
