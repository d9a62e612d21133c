"""Hiring trends: posts of the monthly "Who is hiring?" thread that name a term.

Belongs here: the raw table. The counts are tiny; rates and their intervals are dbt's work.
"""

from __future__ import annotations

from pydantic import Field, model_validator

from ingest.formats.csv_file import csv_source
from ingest.row_types import Count, PastMonth, RawRow, Text, ordered


class MonthRow(RawRow):
    """Posts of one month's thread that name the term, and all its posts."""

    key = ("month_date", "term")

    month_date: PastMonth
    term: Text
    posts: Count
    all_posts: Count = Field(gt=0)
    source_commit: Text

    @model_validator(mode="after")
    def _part_of_all(self) -> MonthRow:
        ordered(self, "posts", "all_posts")
        return self


SOURCE = csv_source("hiring_trends", months=MonthRow)
