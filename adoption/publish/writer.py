"""Publishing: the marts and the catalog into one file that people open, swapped whole.

Belongs here: what the published file holds and how it replaces the last one. Does not belong here: building or
checking anything (dbt), and who decides when to publish (`orchestration.assets.publish`).

A new file is written beside the old one, verified, made durable and renamed over it. Whoever has the old file open
keeps reading it; whoever opens afterwards sees the new one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from adoption.publish.macros import PublishedSql
from adoption.publish.metadata import BUILD_INPUTS, CHECK_RESULTS, EXTRACTS, KEYS, LINEAGE, literal
from ingest.errors import AdoptionError

Edge = tuple[str, str]
"""An asset and one directly upstream."""
Key = tuple[str, list[str]]
"""A table, and the columns that are unique in it."""
KEY_OF_EXTRACTS: Key = (EXTRACTS.name, ["extract_id"])

PUBLISHED_SCHEMAS = ("marts", "catalog")
SILENT = """
select schema_name || '.' || table_name as name from duckdb_tables()
where database_name = current_database() and coalesce(comment, '') = ''
union all
select schema_name || '.' || table_name || '.' || column_name from duckdb_columns()
where database_name = current_database() and not internal and coalesce(comment, '') = ''
order by name
"""


class PublishRefused(AdoptionError):  # noqa: N818 - a decision, not a mistake
    """Something that must hold does not; the last published file stays. The text names each reason."""


@dataclass(frozen=True)
class CheckOutcome:
    """The last result of one check."""

    asset: str
    check_name: str
    passed: bool
    severity: str
    is_blocking: bool
    failing_rows: int | None
    checked_at: datetime


@dataclass(frozen=True)
class Contents:
    """What the published file holds beside the marts and the catalog of the work file."""

    checks: Sequence[CheckOutcome] = ()
    lineage: Sequence[Edge] = ()
    keys: Sequence[Key] = ()
    rules: Mapping[str, str] = field(default_factory=dict)
    """What `adoption.warehouse.fingerprint` says of the build."""
    sql: PublishedSql = field(default_factory=PublishedSql)


def publish(warehouse: Path, target: Path, contents: Contents) -> dict[str, int]:
    """Replace `target` by a file made from `warehouse`; return the row count of each table in it.

    Raises:
        PublishRefused: when a blocking check did not pass, or the new file is not what was meant. `target` stays.
    """
    blocking = [check for check in contents.checks if check.is_blocking]
    failed = [f"{check.asset}: {check.check_name}" for check in blocking if not check.passed]
    if failed:
        raise PublishRefused(f"{len(failed)} blocking checks did not pass: {', '.join(failed)}")
    target.parent.mkdir(parents=True, exist_ok=True)
    for leftover in target.parent.glob(f".{target.name}.*"):
        leftover.unlink()
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    with duckdb.connect(str(draft)) as connection:
        connection.execute(f"attach {literal(str(warehouse))} as work (read_only)")
        counts = _write(connection, contents)
        _verify_copy(connection)
        connection.execute("detach work")
    with duckdb.connect(str(draft), read_only=True) as connection:
        _verify_alone(connection, contents.sql)
    make_durable(draft)
    draft.replace(target)
    make_durable(target.parent)
    return counts


def _write(connection: duckdb.DuckDBPyConnection, contents: Contents) -> dict[str, int]:
    for schema in PUBLISHED_SCHEMAS:
        connection.execute(f"create schema {schema}")
    for schema, table in _tables(connection):
        # Ordered, so that the same inputs give the same file, whichever thread of dbt was faster.
        connection.execute(f'create table {schema}."{table}" as from work.{schema}."{table}" order by all')
    for statement in _comments(connection):
        connection.execute(statement)
    columns = ", ".join(EXTRACTS.columns)
    extracts = f"select {columns} from work.raw.extracts order by source_id, landed_at, extract_id"
    EXTRACTS.write(connection, connection.execute(extracts).fetchall())
    CHECK_RESULTS.write(connection, _check_rows(contents.checks))
    LINEAGE.write(connection, sorted(contents.lineage))
    BUILD_INPUTS.write(connection, sorted(contents.rules.items()))
    KEYS.write(connection, sorted([*contents.keys, KEY_OF_EXTRACTS]))
    contents.sql.write(connection)
    query = "select schema_name || '.' || table_name from duckdb_tables() where database_name = current_database()"
    names = [row[0] for row in connection.execute(query).fetchall()]
    return {name: _count(connection, name) for name in sorted(names)}


def _tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    query = """
        select schema_name, table_name from duckdb_tables()
        where database_name = 'work' and list_contains(?, schema_name) order by all
    """
    return connection.execute(query, [list(PUBLISHED_SCHEMAS)]).fetchall()


def _count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    return int(connection.execute(f"select count(*) from {name}").fetchall()[0][0])


def _check_rows(checks: Sequence[CheckOutcome]) -> list[tuple[object, ...]]:
    utc = (replace(check, checked_at=check.checked_at.astimezone(UTC).replace(tzinfo=None)) for check in checks)
    return sorted(map(astuple, utc))


def _comments(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Statements that write the work file's comments again: copying loses them."""
    tables = (
        "select schema_name, table_name, comment from duckdb_tables() where {} and comment is not null order by all"
    )
    columns = """
        select schema_name, table_name, column_name, comment from duckdb_columns()
        where {} and comment is not null order by all
    """
    where = "database_name = 'work' and schema_name in ('marts', 'catalog')"
    for schema, table, comment in connection.execute(tables.format(where)).fetchall():
        yield f'comment on table {schema}."{table}" is {literal(comment)}'
    for schema, table, column, comment in connection.execute(columns.format(where)).fetchall():
        yield f'comment on column {schema}."{table}"."{column}" is {literal(comment)}'


def _verify_copy(connection: duckdb.DuckDBPyConnection) -> None:
    """Compare the new file with the work file: columns in the same order, types, comments, row counts.

    Raises:
        PublishRefused: naming each table that differs.
    """
    differing = {f"{row[0]}.{row[1]}" for row in _shape(connection, "work") - _shape(connection, None)}
    for schema, table in _tables(connection):
        name = f'{schema}."{table}"'
        if _count(connection, name) != _count(connection, f"work.{name}"):
            differing.add(f"{schema}.{table}")
    if differing:
        raise PublishRefused(f"The copy differs from the work file in {', '.join(sorted(differing))}")


def _verify_alone(connection: duckdb.DuckDBPyConnection, sql: PublishedSql) -> None:
    """Look, as a reader will, whether every table and column says what it means, and whether every macro works.

    Raises:
        PublishRefused: naming each table and column without a comment, and each fault of a macro.
    """
    silent = [row[0] for row in connection.execute(SILENT).fetchall()]
    if silent:
        raise PublishRefused(f"{len(silent)} names have no comment that says what they mean: {', '.join(silent)}")
    faults = list(sql.faults(connection))
    if faults:
        raise PublishRefused("; ".join(faults))


def _shape(connection: duckdb.DuckDBPyConnection, database: str | None) -> set[tuple[object, ...]]:
    query = """
        select schema_name, table_name, column_index, column_name, data_type, comment
        from duckdb_columns() where database_name = coalesce($1, current_database()) and list_contains($2, schema_name)
        union all
        select schema_name, table_name, null, null, null, comment
        from duckdb_tables() where database_name = coalesce($1, current_database()) and list_contains($2, schema_name)
    """
    return set(connection.execute(query, [database, list(PUBLISHED_SCHEMAS)]).fetchall())


def make_durable(path: Path) -> None:
    """Have the operating system write what it still holds of a file or folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
