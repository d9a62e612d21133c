"""HN hiring analysis: top-level posts of Hacker News' monthly job thread that name a keyword.

Belongs here: the raw table of this source. Does not belong here: counts of other makers, who count comments or other
spellings; they are sources of their own, and never spliced with this one.
"""

from __future__ import annotations

from ingest.formats.csv_file import csv_source
from ingest.row_types import Count, PastDate, RawRow, Text


class MonthRow(RawRow):
    """Posts of one month's thread that name a keyword, and all posts of the thread."""

    key = ("month_date", "term")

    month_date: PastDate
    term: Text
    posts: Count
    all_posts: Count
    source_commit: Text


SOURCE = csv_source("hn_hiring_analysis", months=MonthRow)
