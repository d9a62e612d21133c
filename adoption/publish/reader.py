"""Reading the published file: the only file that people and reports open.

Belongs here: opening it read-only and asking it. Does not belong here: writing it (`adoption.publish.writer`) or
showing what it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from adoption.settings import Settings


class NotPublishedError(Exception):
    """Nothing has been published yet; the text says what to do."""


@contextmanager
def open_published(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the published file.

    Raises:
        NotPublishedError: when there is no published file.
    """
    import duckdb

    if not settings.published.exists():
        raise NotPublishedError(f"Nothing is published yet: {settings.published} does not exist. Run `adoption build`.")
    connection = duckdb.connect(str(settings.published), read_only=True)
    try:
        yield connection
    finally:
        connection.close()
