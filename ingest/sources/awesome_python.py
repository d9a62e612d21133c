"""awesome-python: watchers of repositories on the days it took a snapshot.

Belongs here: the raw table. Stars and forks of the same snapshots are left to the source that has them daily.
"""

from __future__ import annotations

from ingest.formats.csv_file import csv_source
from ingest.row_types import Count, PastDate, RawRow, Text, UtcTimestamp


class SnapshotRow(RawRow):
    """Watchers (subscribers) of one repository at one moment."""

    key = ("snapshot_date", "repository")

    snapshot_date: PastDate
    repository: Text
    watchers: Count
    available_at: UtcTimestamp
    source_commit: Text


SOURCE = csv_source("awesome_python", snapshots=SnapshotRow)
