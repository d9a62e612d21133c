"""conda-forge's own total: downloads of all its packages together, by month.

Belongs here: the raw table of this source. It is what one package's downloads from that channel are read against.
"""

from __future__ import annotations

from ingest.formats.csv_file import csv_source
from ingest.row_types import Count, PastDate, RawRow, Text, UtcTimestamp


class MonthRow(RawRow):
    """Downloads of the whole channel in one calendar month."""

    key = ("channel", "month_date")

    channel: Text
    month_date: PastDate
    downloads: Count
    available_at: UtcTimestamp
    source_commit: Text


SOURCE = csv_source("conda_forge_totals", months=MonthRow)
