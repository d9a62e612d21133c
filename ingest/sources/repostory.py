"""repostory: what happened in a repository, by month, of what still stands on the day of fetching.

Belongs here: the raw table of this source. Stars that were withdrawn since are missing; pull requests and issues stay.
"""

from __future__ import annotations

from ingest.formats.csv_file import csv_source
from ingest.row_types import OptionalCount, PastDate, RawRow, Text, UtcTimestamp


class MonthRow(RawRow):
    """Stars given, pull requests and issues opened in one month; blank before the first of its kind."""

    key = ("repository", "month_date")

    repository: Text
    month_date: PastDate
    available_at: UtcTimestamp
    source_commit: Text
    stars: OptionalCount
    pull_requests: OptionalCount
    issues: OptionalCount


SOURCE = csv_source("repostory", months=MonthRow)
