"""Indeed Hiring Lab: postings of a country by month.

Belongs here: the raw tables. They are market context: they speak of no framework and are never added up.
"""

from __future__ import annotations

from pydantic import Field

from ingest.model import PastDate, RawRow, Text
from ingest.parsing import csv_source


class AiShareRow(RawRow):
    """Mean over the days of a month of the share of postings that name artificial intelligence, in percent."""

    key = ("country", "first_date", "last_date")

    country: Text
    first_date: PastDate
    last_date: PastDate
    mean_share_pct: float = Field(ge=0, le=100)


class SoftwareIndexRow(RawRow):
    """Mean over the days of a month of the index of software postings (2020-02-01 = 100)."""

    key = ("country", "first_date", "last_date")

    country: Text
    first_date: PastDate
    last_date: PastDate
    mean_index: float = Field(ge=0)


SOURCE = csv_source("indeed", ai_share=AiShareRow, software_index=SoftwareIndexRow)
