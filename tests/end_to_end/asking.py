"""Asking a published file in tests.

Belongs here: reading rows, and comparing one with what is expected of it. Does not belong here: any expectation.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from adoption.published import ask

Row = dict[str, Any]
YOY = "marts.fct_adoption_yoy"


def find(connection: duckdb.DuckDBPyConnection, table: str, **where: object) -> list[Row]:
    """The rows of a table whose columns have these values."""
    conditions = " and ".join(f"{column} is not distinct from ?" for column in where) or "true"
    return ask(connection, f"select * from {table} where {conditions}", list(where.values()))


def one(connection: duckdb.DuckDBPyConnection, table: str, **where: object) -> Row:
    """The only row of a table whose columns have these values."""
    rows = find(connection, table, **where)
    assert len(rows) == 1, f"{len(rows)} rows of {table} with {where}; expected one"
    return rows[0]


def ask_file(path: Path, query: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """The rows of a query to a published file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return ask(connection, query, parameters)


def parts(row: Row, expected: Row) -> Row:
    """The columns of `row` that `expected` speaks of, so that a failure shows all that differ at once."""
    return {column: row[column] for column in expected}
