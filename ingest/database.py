"""Helpers for DuckDB that every package uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb


def connect(
    path: Path | None = None, *, read_only: bool = False, config: Mapping[str, str | bool] | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection to a file, or to a database in memory, that prints nothing.

    By itself DuckDB 2 draws a bar on the standard output while a query takes long, also where that is a pipe or a file.
    """
    import duckdb

    connection = duckdb.connect(str(path or ":memory:"), read_only=read_only, config=dict(config or {}))
    connection.execute("set enable_progress_bar = false")
    return connection


def fetch_dicts(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
) -> list[dict[str, Any]]:
    """The rows of a query, each as a mapping of column to value; parameters by place, or by name."""
    result = connection.execute(query, dict(parameters) if isinstance(parameters, Mapping) else list(parameters))
    columns = [column[0] for column in result.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing: what raises within is rolled back."""
    connection.execute("begin")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def has_table(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> bool:
    """Whether the database that is connected to has a table."""
    query = """
        select 1 from duckdb_tables()
        where database_name = current_database() and schema_name = ? and table_name = ?
    """
    return bool(connection.execute(query, [schema, name]).fetchall())


def insert_values(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Rows in the order of a table's columns, all in one statement: one by one they take a second."""
    if rows:
        placeholders = f"({', '.join('?' * len(rows[0]))})"
        values = [value for row in rows for value in row]
        connection.execute(f"insert into {table} values {', '.join([placeholders] * len(rows))}", values)
