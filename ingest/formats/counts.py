"""The documented form for counts that people gather: one name, one period, one count.

Belongs here: the row models that sources without a machine-readable publisher share, so that a hand-made CSV of one
source looks like that of any other. Does not belong here: any source, or what a count means.
"""

from __future__ import annotations

from datetime import date, timedelta

from pydantic import Field, ValidationInfo, field_validator, model_validator

from ingest.plan import next_period
from ingest.row_types import Count, ListedName, PastDate, PastEnd, RawRow


class CountRow(RawRow):
    """How many of something named `name` there were from `period_start` until `period_end` (exclusive)."""

    key = ("name", "period_start", "period_end")

    name: ListedName
    period_start: PastDate
    period_end: PastEnd
    count: Count

    @field_validator("period_end")
    @classmethod
    def _after_start(cls, value: date, info: ValidationInfo) -> date:
        start = info.data.get("period_start")
        if start is None:
            return value
        if value <= start:
            raise ValueError(f"must lie after period_start {start}: it is the day after the last")
        grain = (info.context or {}).get("grain")
        if grain and (problem := _misfit(start, value, grain)):
            raise ValueError(problem)
        return value


class CountOfTotalRow(CountRow):
    """How many of something named `name` there were in a period, and how many in all, whatever their name."""

    total: Count = Field(gt=0)

    @model_validator(mode="after")
    def _part_of_total(self) -> CountOfTotalRow:
        if self.count > self.total:
            raise ValueError(f"count {self.count:,} is more than total {self.total:,}")
        return self


def _misfit(start: date, end: date, grain: str) -> str:
    """What is wrong with a period in a source of single days, months or years; empty where nothing is."""
    if grain == "snapshot":
        right, unit = start + timedelta(days=1), "one day"
    else:
        first = start.replace(day=1) if grain == "month" else start.replace(month=1, day=1)
        if start != first:
            return f"the source counts by {grain}: expected period_start {first}, found {start}"
        right, unit = next_period(start, grain), f"one {grain}"
    if end == right:
        return ""
    is_inclusive = end == right - timedelta(days=1)
    why = "it is the day after the last" if is_inclusive else f"each row is about {unit}"
    return f"expected {right}: {why}"
