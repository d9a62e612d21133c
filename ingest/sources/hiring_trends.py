"""Hiring trends: posts of the monthly "Who is hiring?" thread that name a term.

Belongs here: the raw table. The counts are tiny; rates and their intervals are dbt's work.
"""

from __future__ import annotations

from ingest.formats.csv_file import csv_source
from ingest.model import Count, PastDate, RawRow, Text


class MonthRow(RawRow):
    """Posts of one month's thread that name the term, and all its posts."""

    key = ("month_date", "term")

    month_date: PastDate
    term: Text
    posts: Count
    all_posts: Count
    source_commit: Text


SOURCE = csv_source("hiring_trends", months=MonthRow)
