"""pypi-tools: downloads of whole calendar months.

Belongs here: the raw table of this source. The way of counting changes inside the data and is kept row by row
(`source_format`); naming it a basis is dbt's work.
"""

from __future__ import annotations

from typing import Literal

from ingest.formats.csv_file import csv_source
from ingest.row_types import Count, OptionalTimestamp, PastMonth, RawRow, Text


class MonthRow(RawRow):
    """Downloads of one package (or of all) in one calendar month."""

    key = ("package", "month_date", "source_format")

    package: Text
    month_date: PastMonth
    downloads: Count
    source_format: Literal["pypinfo", "pypistats"]
    available_at: OptionalTimestamp
    source_commit: Text


SOURCE = csv_source("pypi_tools", months=MonthRow)
