"""Helpers for DuckDB that every package uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb


DAMAGED = (
    "is not a valid DuckDB database file",
    "Could not read enough bytes from file",
    "Corrupt database file",
    "Failure while replaying WAL file",
    "database file with version number",
)
"""What DuckDB says of a file that it can never open: cut off, damaged, or written by a later version."""


def connect(
    path: Path | None = None, *, read_only: bool = False, config: Mapping[str, str | bool] | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection to a file, or to a database in memory, that prints nothing and fetches nothing.

    By itself DuckDB 2 draws a bar on the standard output while a query takes long, also where that is a pipe or a file.
    """
    import duckdb

    connection = duckdb.connect(str(path or ":memory:"), read_only=read_only, config=dict(config or {}))
    connection.execute("set enable_progress_bar = false")
    # nothing is fetched from DuckDB's own hosts because a file or a query happens to look like work for an extension
    connection.execute("set autoinstall_known_extensions = false")
    return connection


def discard_damaged(path: Path) -> str:
    """Remove a file that no DuckDB opens any more, and its log; return why, or nothing where it opens.

    Only for files of which all can be made again: a process that is killed in the moment in which it makes one leaves
    such a file, and nothing that uses it would ever get on. Whoever calls holds the lock under which it is made.

    Raises:
        duckdb.Error: when it cannot be opened for another reason, such as a program that has it open.
        OSError: when it cannot be removed.
    """
    import duckdb

    if not path.exists():
        return ""
    try:
        connect(path).close()
    except duckdb.Error as error:
        if not says_damaged(error):
            raise
        path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
        path.unlink()
        return str(error).splitlines()[0]
    return ""


def says_damaged(error: duckdb.Error) -> bool:
    """Whether DuckDB says that it can never open a file, and not only that it cannot now."""
    return any(words in str(error) for words in DAMAGED)


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
