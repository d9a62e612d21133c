"""The answer to a query in the form that was asked for: a table, CSV or JSON.

Belongs here: printing rows. Does not belong here: opening a file or composing a query.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    import duckdb

Rows = Sequence[Mapping[str, object]]
Form = Literal["table", "csv", "json"]


def print_rows(result: duckdb.DuckDBPyConnection, form: Form) -> None:
    """Print all rows of a result. CSV leaves null empty; JSON keeps numbers and null, and writes dates as text."""
    columns = [column[0] for column in result.description or ()]
    print_records(columns, [dict(zip(columns, row, strict=True)) for row in result.fetchall()], form)


def print_records(columns: Sequence[str], records: Sequence[Mapping[str, Any]], form: Form) -> None:
    """Print records that all have these columns, in one of the forms."""
    match form:
        case "csv":
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerows([columns, *([record[column] for column in columns] for record in records)])
        case "json":
            json.dump(records, sys.stdout, default=str, ensure_ascii=False, indent=1)
            sys.stdout.write("\n")
        case "table":
            Console(highlight=False).print(table_of(records) if records else "no rows")


def table_of(rows: Rows) -> Table:
    """Rows as a table; the columns are those of the first row."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for column in rows[0] if rows else ():
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    return table
