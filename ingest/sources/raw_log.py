"""A raw download log, counted where it lies: months of packages by way of counting, and the population beside them.

Belongs here: the raw tables. `adoption count-log` lands what it counted in this form; a file of this form may be
dropped into the inbox as well, for instance from another machine.
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from ingest.formats.csv_file import csv_source
from ingest.formats.population import PopulationRow, check_days
from ingest.row_types import Count, ListedName, PastMonth, RawRow, ordered

Basis = Literal["pip_only", "without_mirrors", "all_installers", "artifacts_only"]


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
        check_days(self.month_date, self.days_held)
        ordered(self, "marked_downloads", "downloads")
        return self


SOURCE = csv_source("raw_log", months=MonthRow, population=PopulationRow)
