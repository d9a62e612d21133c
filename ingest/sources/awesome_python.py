"""awesome-python: watchers of repositories on the days it took a snapshot.

Belongs here: the raw table. Stars and forks of the same snapshots are left to the source that has them daily.
"""

from __future__ import annotations

from ingest.model import Count, PastDate, RawRow, Source, Text, UtcTimestamp
from ingest.parsing import table_parser


class SnapshotRow(RawRow):
    """Watchers (subscribers) of one repository at one moment."""

    snapshot_date: PastDate
    repository: Text
    watchers: Count
    available_at: UtcTimestamp
    source_commit: Text


TABLES = {"snapshots": SnapshotRow}
SOURCE = Source(name="awesome_python", tables=TABLES, parse=table_parser(TABLES))
