"""Reading the published file: the only file that people and reports open.

Belongs here: opening it read-only and asking it. Does not belong here: writing it (`adoption.publish.writer`) or
showing what it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ingest.errors import AdoptionError

if TYPE_CHECKING:
    import duckdb

    from adoption.settings import Settings


class NotPublishedError(AdoptionError):
    """Nothing has been published yet; the text says what to do."""


class UnreadableFileError(AdoptionError):
    """The published file is damaged, or was written by a version of DuckDB that this one cannot read."""


@contextmanager
def open_published(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the published file.

    Raises:
        NotPublishedError: when there is no published file.
        UnreadableFileError: when it is no database that can be opened.
    """
    import duckdb

    if not settings.published.exists():
        raise NotPublishedError(f"Nothing is published yet: {settings.published} does not exist. Run `adoption build`.")
    try:
        connection = duckdb.connect(str(settings.published), read_only=True)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise UnreadableFileError(f"{settings.published} cannot be opened: {reason} Run `adoption build`.") from error
    try:
        yield connection
    finally:
        connection.close()
