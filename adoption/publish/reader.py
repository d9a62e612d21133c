"""Reading the published file: the only file that people and reports open.

Belongs here: opening it read-only and asking it. Does not belong here: writing it (`adoption.publish.writer`) or
showing what it says.

A query reads this file and nothing else: no file of the machine, no other database, no extension, no variable of this
program. Only an export, whose statements are ours, may write files.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from adoption.publish.digest import verify
from ingest.database import connect, literal
from ingest.errors import AdoptionError

if TYPE_CHECKING:
    import duckdb

    from adoption.settings import Settings

PUBLISHED_BY_THIS_VERSION = "select 1 from duckdb_schemas() where database_name = 'adoption' and schema_name = 'meta'"


class NotPublishedError(AdoptionError):
    """Nothing has been published yet; the text says what to do."""


class UnreadableFileError(AdoptionError):
    """The published file is damaged, or another version of this package or of DuckDB wrote it."""


@contextmanager
def open_published(settings: Settings, writes_files: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the published file, in which nothing but this file can be reached.

    Args:
        settings: whose published file.
        writes_files: whether statements may write files beside (`copy … to`); only for statements of our own.

    Raises:
        NotPublishedError: when there is no published file.
        ChangedFileError: when it is not what was published.
        UnreadableFileError: when it is no database that can be opened.
    """
    with open_file(published_file(settings), writes_files) as connection:
        yield connection


def published_file(settings: Settings) -> Path:
    """Where the published file lies, after a look at whether it is what was published.

    Raises:
        NotPublishedError: when there is no published file.
        ChangedFileError: when it is not what was published.
    """
    if not settings.published.exists():
        raise NotPublishedError(f"Nothing is published yet: {settings.published} does not exist. Run `adoption build`.")
    verify(settings.published)
    return settings.published


@contextmanager
def open_file(path: Path, writes_files: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to a published file, in which nothing but this file can be reached.

    The file is attached to a database of its own in memory: DuckDB shares a file's database within a process, and with
    it the settings, and the last file where this one was just swapped.

    Raises:
        UnreadableFileError: when it is no database that can be opened.
    """
    import duckdb

    connection = connect(config={"python_enable_replacements": "false"})
    try:
        try:
            connection.execute(f"attach {literal(str(path))} as adoption (type duckdb, read_only)")
            connection.execute("use adoption")
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise UnreadableFileError(f"{path} cannot be opened: {reason} Run `adoption build`.") from error
        if not connection.execute(PUBLISHED_BY_THIS_VERSION).fetchall():
            raise UnreadableFileError(f"{path} was published by another version. Run `adoption build`.")
        connection.execute(f"set temp_directory = {literal(f'{path}.tmp')}")
        if not writes_files:
            connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield connection
    finally:
        connection.close()
