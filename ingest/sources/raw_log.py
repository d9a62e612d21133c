"""A raw download log, counted where it lies: months of packages by way of counting, and the population beside them.

Belongs here: the raw tables. `adoption count-log` lands what it counted in this form; a file of this form may be
dropped into the inbox as well, for instance from another machine.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import model_validator

from ingest.formats.csv_file import csv_source
from ingest.plan import next_period
from ingest.row_types import Count, ListedName, OptionalCount, PastMonth, RawRow, Text, ordered

Basis = Literal["pip_only", "without_mirrors", "all_installers", "artifacts_only"]


def _check_days(month: date, days_held: int) -> None:
    days = (next_period(month, "month") - month).days
    if days_held > days:
        raise ValueError(f"days_held {days_held} is more than the {days} days of the month")


class MonthRow(RawRow):
    """Downloads of one package in one month, in one way of counting, and how many of them a build system made.

    `marked_downloads` are those that a build system marked as its own. `days_held` is on how many days of the month the
    log has any download. `artifacts_only` are files whose name ends in .whl, .tar.gz or .zip, by any installer.
    """

    key = ("project", "month_date", "basis")

    project: ListedName
    month_date: PastMonth
    basis: Basis
    downloads: Count
    marked_downloads: Count
    days_held: Count

    @model_validator(mode="after")
    def _of_the_month(self) -> MonthRow:
        _check_days(self.month_date, self.days_held)
        ordered(self, "marked_downloads", "downloads")
        return self


class PopulationRow(RawRow):
    """One of the packages most downloaded in one month, with what it had in each way of counting: the baseline.

    Each way of counting has a list of its own, of `list_length` packages at most: empty where the package is not on it.
    A list that is shorter leaves nobody out.
    """

    key = ("package", "month_date")

    package: Text
    month_date: PastMonth
    pip_only: OptionalCount
    without_mirrors: OptionalCount
    all_installers: OptionalCount
    artifacts_only: OptionalCount
    list_length: Count
    days_held: Count

    @model_validator(mode="after")
    def _of_the_month(self) -> PopulationRow:
        _check_days(self.month_date, self.days_held)
        return self


SOURCE = csv_source("raw_log", months=MonthRow, population=PopulationRow)
