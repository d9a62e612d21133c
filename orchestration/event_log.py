"""Dagster's event log in one SQLite file, with connections that stay open.

Belongs here: how events are stored. Does not belong here: which events there are. `dagster.yaml` names the class.

The stock class makes an engine and a connection, and waits for the disk, at each of the 1,400 events of a build.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as db
from dagster._core.storage.event_log.sqlite.consolidated_sqlite_event_log import (
    ConsolidatedSqliteEventLogStorage,
)
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS

if TYPE_CHECKING:
    import dagster as dg
    from dagster._serdes import ConfigurableClassData
    from sqlalchemy.pool import ConnectionPoolEntry

OUTPUT = "STEP_OUTPUT"


class EventStorage(ConsolidatedSqliteEventLogStorage):
    """One connection for each thread that speaks at the same time, and no wait for the disk after each event.

    With a write-ahead log, `synchronous = normal` may lose the last events when the power fails, never the file.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engine: db.Engine | None = None
        super().__init__(base_dir, inst_data)

    def _opened(self) -> db.Engine:
        """The engine with its pool, made at the first use: the stock class connects while it is made."""
        if self._engine is None:
            self._engine = db.create_engine(
                self._conn_string,
                max_overflow=-1,
                pool_use_lifo=True,
                connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS},
            )
            db.event.listen(self._engine, "connect", _relax)
        return self._engine

    @contextmanager
    def _connect(self) -> Iterator[db.Connection]:
        with self._opened().begin() as connection:
            yield connection

    def has_table(self, table_name: str) -> bool:
        with self._opened().connect() as connection:
            return bool(db.inspect(connection).has_table(table_name))

    def store_event(self, event: dg.EventLogEntry) -> None:
        super().store_event(_once(event))

    def dispose(self) -> None:
        """Close every connection; a later use opens new ones."""
        super().dispose()  # type: ignore[no-untyped-call]
        if self._engine is not None:
            self._engine.dispose()


def _relax(connection: Any, _: ConnectionPoolEntry) -> None:  # noqa: ANN401 - sqlite3's own, which has no types here
    connection.execute("pragma synchronous = normal")


def _once(event: dg.EventLogEntry) -> dg.EventLogEntry:
    """The event without what the next one repeats: every output of ours is an asset, and its event has the metadata."""
    dagster_event = event.dagster_event
    if dagster_event is None or dagster_event.event_type_value != OUTPUT:
        return event
    bare = dagster_event.step_output_data._replace(metadata={})
    return event._replace(dagster_event=dagster_event._replace(event_specific_data=bare))
