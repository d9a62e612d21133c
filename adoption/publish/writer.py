"""Publishing: the marts and the catalog into one file that people open, swapped whole.

Belongs here: what the published file holds and how it replaces the last one. Does not belong here: building or
checking anything (dbt), and who decides when to publish (`orchestration.assets.publish`).

A new file is written beside the old one, checkpointed, verified, made durable and renamed over it; there it is read
once more, and the last file comes back if it is not what was written. Whoever has the old file open keeps reading it;
whoever opens afterwards sees the new one. Only declared tables are published: what an older version left in the work
file is not.
"""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import duckdb

from adoption.publish import digest
from adoption.publish.macros import PublishedSql
from adoption.publish.metadata import BUILD_INPUTS, CHECK_RESULTS, EXTRACTS, KEYS, LINEAGE
from adoption.publish.reader import open_file
from ingest.database import connect, literal
from ingest.errors import AdoptionError
from ingest.files import DiskFullError, is_full

Edge = tuple[str, str]
"""An asset and one directly upstream."""
Key = tuple[str, list[str]]
"""A table, and the columns that are unique in it."""
TableName = tuple[str, str]
"""Schema and name of a table."""
STORAGE = "v1.4.0"
"""The oldest DuckDB that reads the file; README names it."""
KEY_OF_EXTRACTS: Key = (EXTRACTS.name, ["extract_id"])

PUBLISHED_SCHEMAS = ("marts", "meta", "intermediate")
"""Of the last only what macros read that compute on demand."""
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
    """What the published file holds: the declared tables of the work file, and what is said about them."""

    tables: Sequence[TableName]
    """The marts of dbt's manifest, what is read on demand, and the tables of the catalog."""
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
        DiskFullError: when the new file has no room. `target` stays.
    """
    blocking = [check for check in contents.checks if check.is_blocking]
    failed = [f"{check.asset}: {check.check_name}" for check in blocking if not check.passed]
    if failed:
        raise PublishRefused(f"{len(failed)} blocking checks did not pass: {', '.join(failed)}")
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(target)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with naming_full_disk(target.parent):
            counts = _write_draft(draft, warehouse, contents)
            _verify(draft, counts, contents.sql)
            draft.chmod(0o444)
            put_in_place(draft, target, partial(_verify, counts=counts))
    finally:
        _remove_leftovers(target)
    return counts


def _remove_leftovers(target: Path) -> None:
    """Remove the drafts of this target, our own or those of killed runs: the caller holds the lock of the folder."""
    for leftover in target.parent.glob(f".{glob.escape(target.name)}.*"):
        if leftover.is_dir():  # where DuckDB puts what does not fit into memory
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink()


def _write_draft(draft: Path, warehouse: Path, contents: Contents) -> dict[str, int]:
    """Write a new file, whole: nothing of it may be left in a log beside it.

    Raises:
        PublishRefused: when it is not the same as the work file, or something lies beside it.
    """
    with connect(config={"temp_directory": f"{draft}.tmp"}) as connection:
        connection.execute(f"attach {literal(str(draft))} as draft (storage_version '{STORAGE}')")
        connection.execute(f"attach {literal(str(warehouse))} as work (read_only)")
        connection.execute("use draft")
        counts = _write(connection, contents)
        _verify_copy(connection, contents.tables)
        connection.execute("checkpoint draft")
        connection.execute("use memory")
        connection.execute("detach draft")
    beside = [path.name for path in draft.parent.glob(f"{glob.escape(draft.name)}.*")]
    if beside:
        raise PublishRefused(f"The new file is not whole: {', '.join(sorted(beside))} lies beside it")
    return counts


def put_in_place(draft: Path, target: Path, look: Callable[[Path], None]) -> None:
    """Put a new file in place and look at it there; the last file comes back if it is not what was written."""
    make_durable(draft)
    digest.wal_of(target).unlink(missing_ok=True)
    before, new = digest.read(target), digest.sha256_of(draft)
    digest.write(target, [*before, new])
    last = _second_name(target)
    draft.replace(target)
    try:
        make_durable(target.parent)
        digest.verify(target)
        look(target)
    except BaseException:
        if last:
            last.replace(target)
            digest.write(target, before)
        raise
    finally:
        if last:
            last.unlink(missing_ok=True)
    with suppress(OSError):  # both digests are true until the next publish
        digest.write(target, [new])


def _second_name(target: Path) -> Path | None:
    """A second name of the last file, until the new one was read in its place."""
    if not target.exists():
        return None
    last = target.with_name(f".{target.name}.last")
    try:
        os.link(target, last)
    except OSError:  # a file system without hard links
        shutil.copyfile(target, last)
    return last


@contextmanager
def naming_full_disk(folder: Path) -> Iterator[None]:
    """Say of which disk it is that no space is left, whichever library ran into it.

    Raises:
        DiskFullError: for an error of the system or of DuckDB on a full disk, and for one of ours that was made of it.
    """
    try:
        yield
    except DiskFullError:
        raise
    except (OSError, duckdb.Error, AdoptionError) as error:
        if is_full(error, folder):
            raise DiskFullError(folder) from None
        raise


def _write(connection: duckdb.DuckDBPyConnection, contents: Contents) -> dict[str, int]:
    for schema in PUBLISHED_SCHEMAS:
        connection.execute(f"create schema {schema}")
    missing = sorted(set(contents.tables) - set(_tables(connection)))
    if missing:
        raise PublishRefused(f"The work file lacks {', '.join('.'.join(name) for name in missing)}")
    for schema, table in sorted(contents.tables):
        # Ordered, so that the same inputs give the same file, whichever thread of dbt was faster.
        connection.execute(f'create table {schema}."{table}" as from work.{schema}."{table}" order by all')
    for statement in _comments(connection, contents.tables):
        connection.execute(statement)
    columns = ", ".join(EXTRACTS.columns)
    extracts = f"select {columns} from work.raw.extracts order by source_id, landed_at, extract_id"
    EXTRACTS.write(connection, connection.execute(extracts).fetchall())
    CHECK_RESULTS.write(connection, _check_rows(contents.checks))
    LINEAGE.write(connection, sorted(contents.lineage))
    BUILD_INPUTS.write(connection, sorted(contents.rules.items()))
    KEYS.write(connection, sorted([*contents.keys, KEY_OF_EXTRACTS]))
    contents.sql.write(connection)
    return _counts(connection)


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Every table of the database with its number of rows."""
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


def _comments(connection: duckdb.DuckDBPyConnection, declared: Sequence[TableName]) -> Iterator[str]:
    """Statements that write the work file's comments again: copying loses them."""
    tables = (
        "select schema_name, table_name, comment from duckdb_tables() where {} and comment is not null order by all"
    )
    columns = """
        select schema_name, table_name, column_name, comment from duckdb_columns()
        where {} and comment is not null order by all
    """
    where = f"database_name = 'work' and schema_name in {PUBLISHED_SCHEMAS}"
    for schema, table, comment in connection.execute(tables.format(where)).fetchall():
        if (schema, table) in declared:
            yield f'comment on table {schema}."{table}" is {literal(comment)}'
    for schema, table, column, comment in connection.execute(columns.format(where)).fetchall():
        if (schema, table) in declared:
            yield f'comment on column {schema}."{table}"."{column}" is {literal(comment)}'


def _verify_copy(connection: duckdb.DuckDBPyConnection, declared: Sequence[TableName]) -> None:
    """Compare the new file with the work file: columns in the same order, types, comments, row counts.

    Raises:
        PublishRefused: naming each table that differs.
    """
    shapes = _shape(connection, "work") - _shape(connection, None)
    differing = {f"{row[0]}.{row[1]}" for row in shapes if (row[0], row[1]) in declared}
    for schema, table in declared:
        name = f'{schema}."{table}"'
        if _count(connection, name) != _count(connection, f"work.{name}"):
            differing.add(f"{schema}.{table}")
    if differing:
        raise PublishRefused(f"The copy differs from the work file in {', '.join(sorted(differing))}")


def _verify(file: Path, counts: Mapping[str, int], sql: PublishedSql | None = None) -> None:
    """Look, as a reader will, whether all rows are there, everything says what it means, and every macro works.

    Raises:
        PublishRefused: naming each table whose rows are missing, each name without a comment, each fault of a macro.
    """
    with open_file(file) as connection:
        written = _counts(connection)
        if written != counts:
            differing = sorted(name for name in {*written, *counts} if written.get(name) != counts.get(name))
            raise PublishRefused(f"The new file does not hold what was written into it: {', '.join(differing)}")
        silent = [row[0] for row in connection.execute(SILENT).fetchall()]
        if silent:
            raise PublishRefused(f"{len(silent)} names have no comment that says what they mean: {', '.join(silent)}")
        faults = list(sql.faults(connection)) if sql else []
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
