"""pypi-tools: downloads of whole calendar months.

Belongs here: the raw table of this source. The way of counting changes inside the data and is kept row by row
(`source_format`); naming it a basis is dbt's work.
"""

from __future__ import annotations

from typing import Literal

from ingest.model import Count, OptionalTimestamp, PastDate, RawRow, Source, Text
from ingest.parsing import table_parser


class MonthRow(RawRow):
    """Downloads of one package (or of all) in one calendar month."""

    package: Text
    month_date: PastDate
    downloads: Count
    source_format: Literal["pypinfo", "pypistats"]
    available_at: OptionalTimestamp
    source_commit: Text


TABLES = {"months": MonthRow}
SOURCE = Source(name="pypi_tools", tables=TABLES, parse=table_parser(TABLES))
