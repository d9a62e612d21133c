"""Conference papers: how many of an edition's papers name one family of frameworks only.

Belongs here: the raw table. Conferences are never added up: their sets differ from year to year.
"""

from __future__ import annotations

from ingest.formats.csv_file import csv_source
from ingest.model import Count, PastDate, RawRow, Text


class EditionRow(RawRow):
    """Papers of one edition that name the family and no other, and all its papers."""

    key = ("conference", "month_date", "family")

    conference: Text
    month_date: PastDate
    family: Text
    papers: Count
    all_papers: Count


SOURCE = csv_source("conference_papers", editions=EditionRow)
