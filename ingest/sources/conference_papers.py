"""Conference papers: how many of an edition's papers name one family of frameworks only.

Belongs here: the raw table. Conferences are never added up: their sets differ from year to year.
"""

from __future__ import annotations

from pydantic import Field, model_validator

from ingest.formats.csv_file import csv_source
from ingest.row_types import Count, PastMonth, RawRow, Text, ordered


class EditionRow(RawRow):
    """Papers of one edition that name the family and no other, and all its papers."""

    key = ("conference", "month_date", "family")

    conference: Text
    month_date: PastMonth
    family: Text
    papers: Count
    all_papers: Count = Field(gt=0)

    @model_validator(mode="after")
    def _part_of_all(self) -> EditionRow:
        ordered(self, "papers", "all_papers")
        return self


SOURCE = csv_source("conference_papers", editions=EditionRow)
