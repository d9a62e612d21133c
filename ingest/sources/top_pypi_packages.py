"""Top PyPI Packages: windows of the download log, as its repository published them over the years.

Belongs here: the raw tables of this source. A window is kept as it was published; that "30 days" is often 31 is
a matter of `window_days`. Estimating months from windows does not belong here: dbt does that.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from ingest.formats.csv_file import csv_source
from ingest.row_types import Count, PastDate, RawRow, Text, UtcTimestamp, ordered

Installers = Literal["all", "pip"]


class WindowRow(RawRow):
    """Downloads of one package in one window; both edges belong to the window."""

    key = ("package", "window_start_date", "window_end_date", "window_days", "installers")
    one_row_for = (*key, "available_at", "source_commit")

    package: Text
    window_start_date: PastDate
    window_end_date: PastDate
    window_days: Count = Field(gt=0)
    downloads: Count
    installers: Installers
    available_at: UtcTimestamp
    source_commit: Text

    @model_validator(mode="after")
    def _in_order(self) -> WindowRow:
        ordered(self, "window_start_date", "window_end_date")
        return self


class SnapshotRow(RawRow):
    """One published list: its window, its length, the smallest count that made it, and the sum of all."""

    key = ("window_start_date", "window_end_date", "window_days", "installers", "packages")
    one_row_for = (*key, "available_at", "source_commit")

    window_start_date: PastDate
    window_end_date: PastDate
    window_days: Count = Field(gt=0)
    installers: Installers
    packages: Count
    smallest_downloads: Count
    all_downloads: Count
    available_at: UtcTimestamp
    source_commit: Text

    @model_validator(mode="after")
    def _in_order(self) -> SnapshotRow:
        ordered(self, "window_start_date", "window_end_date")
        ordered(self, "smallest_downloads", "all_downloads")
        return self


class YearTotalRow(RawRow):
    """Downloads of any package over a year: the baseline. `months` is 0 where one window is the year."""

    key = ("package", "window_start_date", "window_end_date", "installers", "months")

    package: Text
    window_start_date: PastDate
    window_end_date: PastDate
    downloads: Count
    installers: Installers
    months: Count = Field(le=12)
    available_at: UtcTimestamp

    @model_validator(mode="after")
    def _in_order(self) -> YearTotalRow:
        ordered(self, "window_start_date", "window_end_date")
        return self


class CommonMonthsRow(RawRow):
    """A package over the months that a year and the year before both list: the baseline of years that lack months.

    `downloads` is 0 where the package fell out of a list of the later year; the least that was listed throughout is
    `smallest_downloads`, and no package that counted less the year before is named.
    """

    key = ("package", "year", "installers")

    package: Text
    year: Count
    months: Text
    installers: Installers
    prior_downloads: Count
    downloads: Count
    smallest_downloads: Count
    available_at: UtcTimestamp


SOURCE = csv_source(
    "top_pypi_packages",
    windows=WindowRow,
    snapshots=SnapshotRow,
    year_totals=YearTotalRow,
    common_months=CommonMonthsRow,
)
