"""The packages that are downloaded most: what the baseline is measured on, as several sources count them.

Belongs here: the row of a list of one month. Does not belong here: asking for one, or choosing the cohort (dbt).
"""

from __future__ import annotations

from datetime import date

from pydantic import model_validator

from ingest.plan import next_period
from ingest.row_types import Count, OptionalCount, PastMonth, RawRow, Text

MIRRORS = ("bandersnatch", "z3c.pypimirror", "Artifactory", "devpi")
"""Installers that copy whole archives, as the publisher of the daily counts leaves them out; dbt's
`rows_by_installer_basis` has the same."""
MIRRORS_IN_SQL = f"({', '.join(repr(installer) for installer in MIRRORS)})"


def check_days(month: date, days_held: int) -> None:
    """Raise ValueError, which pydantic reports, where a month is said to have more days than it has."""
    days = (next_period(month, "month") - month).days
    if days_held > days:
        raise ValueError(f"days_held {days_held} is more than the {days} days of the month")


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
        check_days(self.month_date, self.days_held)
        return self
