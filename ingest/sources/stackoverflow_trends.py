"""stackoverflow-trends: questions per tag and month, read from published vector plots.

Belongs here: the raw table. That questions carry several tags, so that tags overlap, is a matter of the catalog.
"""

from __future__ import annotations

from ingest.formats.csv_file import csv_source
from ingest.row_types import Count, PastMonth, RawRow, Text, UtcTimestamp


class MonthRow(RawRow):
    """Questions with one tag asked in one month."""

    key = ("tag", "month_date")

    tag: Text
    month_date: PastMonth
    questions: Count
    available_at: UtcTimestamp
    source_commit: Text


SOURCE = csv_source("stackoverflow_trends", months=MonthRow)
