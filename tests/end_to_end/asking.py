"""Asking a published file in tests.

Belongs here: reading rows, and comparing one with what is expected of it. Does not belong here: any expectation.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from ingest.database import fetch_dicts

Row = dict[str, Any]
YOY = "marts.fct_adoption_yoy"


def find(connection: duckdb.DuckDBPyConnection, table: str, **where: object) -> list[Row]:
    """The rows of a table whose columns have these values."""
    conditions = " and ".join(f"{column} is not distinct from ?" for column in where) or "true"
    return fetch_dicts(connection, f"select * from {table} where {conditions}", list(where.values()))


def one(connection: duckdb.DuckDBPyConnection, table: str, **where: object) -> Row:
    """The only row of a table whose columns have these values."""
    rows = find(connection, table, **where)
    assert len(rows) == 1, f"{len(rows)} rows of {table} with {where}; expected one"
    return rows[0]


def ask_file(path: Path, query: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """The rows of a query to a published file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return fetch_dicts(connection, query, parameters)


def parts(row: Row, expected: Row) -> Row:
    """The columns of `row` that `expected` speaks of, so that a failure shows all that differ at once."""
    return {column: row[column] for column in expected}


def title(case: object) -> str:
    """The name of a parametrised case: what is asked for; of what is expected, nothing."""
    names = ("metric_id", "entity_id", "year", "basis", "segment")
    if not isinstance(case, dict) or "metric_id" not in case:
        return ""
    return "-".join(str(case[name]) for name in names if name in case)


def differences(before: Path, after: Path, where: str = "true") -> dict[str, list[Row]]:
    """The rows of each mart of two published files that stand in one of them only; marts without any are left out.

    `where` picks rows of the marts that have a column `entity_id`.
    """
    differing = {}
    with duckdb.connect() as connection:
        for name, path in (("before", before), ("after", after)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        for table, has_entity in _marts(connection):
            picked = f"from {{}}.marts.{table} where {where if has_entity else 'true'}"
            first, second = picked.format("before"), picked.format("after")
            rows = fetch_dicts(connection, f"({first} except all {second}) union all ({second} except all {first})")
            if rows:
                differing[table] = rows
    return differing


def _marts(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, bool]]:
    query = """
        select table_name, bool_or(column_name = 'entity_id') from duckdb_columns()
        where database_name in ('before', 'after') and schema_name = 'marts' group by table_name order by table_name
    """
    return connection.execute(query).fetchall()
