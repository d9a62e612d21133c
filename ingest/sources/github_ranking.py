"""Github-Ranking: stars and forks of repositories on the days it listed them.

Belongs here: the raw table of this source. Which snapshot stands for a month or a year is dbt's work.
"""

from __future__ import annotations

from ingest.formats.csv_file import csv_source
from ingest.row_types import Count, PastDate, RawRow, Text


class SnapshotRow(RawRow):
    """Stars and forks of one repository on one day."""

    key = ("snapshot_date", "repository")

    snapshot_date: PastDate
    repository: Text
    stars: Count
    forks: Count


SOURCE = csv_source("github_ranking", snapshots=SnapshotRow)
