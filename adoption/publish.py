"""Publishing: the marts and the catalog into one file that people open, swapped whole.

Belongs here: what the published file holds and how it replaces the last one. Does not belong here: building or
checking anything (dbt), and who decides when to publish (`orchestration.publish`).

A new file is written beside the old one, verified, made durable and renamed over it. Whoever has the old file open
keeps reading it; whoever opens afterwards sees the new one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from adoption import made_by

PUBLISHED_SCHEMAS = ("marts", "catalog")

CHECK_RESULTS = {
    "asset": "The asset that the check speaks about.",
    "check_name": "The truth that must hold.",
    "passed": "Whether it held in the build that wrote this file.",
    "severity": "ERROR or WARN: how bad it is when it does not hold.",
    "is_blocking": "Whether nothing is published when it does not hold.",
    "failing_rows": "How many rows break the rule; null where the check does not count rows.",
    "checked_at": "When it was checked (UTC).",
}
LINEAGE = """
create table catalog.extracts as
select
    extract_id, source_id, table_name, scope_key, period_start, period_end, terms, filename, sha256, landed_at,
    available_at, available_evidence, licence, derived_from, reduction, kind, retracts, reason, status, error, rows_in,
    rows_loaded, rows_rejected
from work.raw.extracts
order by source_id, landed_at, extract_id
"""


class PublishRefused(Exception):  # noqa: N818 - a decision, not a mistake
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


def publish(
    warehouse: Path, target: Path, checks: Sequence[CheckOutcome], rules: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Replace `target` by a file made from `warehouse`; return the row count of each table in it.

    `rules` are what `adoption.made_by` says of the build; the file carries them.

    Raises:
        PublishRefused: when a blocking check did not pass, or the new file is not what was meant. `target` stays.
    """
    failed = [f"{check.asset}: {check.check_name}" for check in checks if check.is_blocking and not check.passed]
    if failed:
        raise PublishRefused(f"{len(failed)} blocking checks did not pass: {', '.join(failed)}")
    target.parent.mkdir(parents=True, exist_ok=True)
    for leftover in target.parent.glob(f".{target.name}.*"):
        leftover.unlink()
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    with duckdb.connect(str(draft)) as connection:
        connection.execute(f"attach '{_quoted(str(warehouse))}' as work (read_only)")
        counts = _write(connection, checks, rules or {})
        _verify(connection)
        connection.execute("detach work")
    make_durable(draft)
    draft.replace(target)
    make_durable(target.parent)
    return counts


def _write(
    connection: duckdb.DuckDBPyConnection, checks: Sequence[CheckOutcome], rules: Mapping[str, str]
) -> dict[str, int]:
    for schema in PUBLISHED_SCHEMAS:
        connection.execute(f"create schema {schema}")
    for schema, table in _tables(connection):
        # Ordered, so that the same inputs give the same file, whichever thread of dbt was faster.
        connection.execute(f'create table {schema}."{table}" as from work.{schema}."{table}" order by all')
    connection.execute(LINEAGE)
    _write_checks(connection, checks)
    made_by.write(connection, rules)
    for statement in _comments(connection):
        connection.execute(statement)
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


def _write_checks(connection: duckdb.DuckDBPyConnection, checks: Sequence[CheckOutcome]) -> None:
    connection.execute("""
        create table catalog.check_results (
            asset varchar, check_name varchar, passed boolean, severity varchar, is_blocking boolean,
            failing_rows bigint, checked_at timestamp
        )
    """)
    utc = (replace(check, checked_at=check.checked_at.astimezone(UTC).replace(tzinfo=None)) for check in checks)
    rows = sorted(map(astuple, utc))
    if rows:
        connection.executemany("insert into catalog.check_results values (?, ?, ?, ?, ?, ?, ?)", rows)


def _comments(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Statements that write the work file's comments again, and those of the tables made here."""
    tables = (
        "select schema_name, table_name, comment from duckdb_tables() where {} and comment is not null order by all"
    )
    columns = """
        select schema_name, table_name, column_name, comment from duckdb_columns()
        where {} and comment is not null order by all
    """
    where = "database_name = 'work' and schema_name in ('marts', 'catalog')"
    for schema, table, comment in connection.execute(tables.format(where)).fetchall():
        yield f"comment on table {schema}.\"{table}\" is '{_quoted(comment)}'"
    for schema, table, column, comment in connection.execute(columns.format(where)).fetchall():
        yield f'comment on column {schema}."{table}"."{column}" is \'{_quoted(comment)}\''
    yield "comment on table catalog.check_results is 'Every check of the build that wrote this file, with its result.'"
    yield "comment on table catalog.extracts is 'Lineage: every landed extract, one row per event.'"
    for column, comment in CHECK_RESULTS.items():
        yield f"comment on column catalog.check_results.{column} is '{_quoted(comment)}'"


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _verify(connection: duckdb.DuckDBPyConnection) -> None:
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
