"""The documented form for counts that people gather: one name, one period, one count.

Belongs here: the row models that sources without a machine-readable publisher share, so that a hand-made CSV of one
source looks like that of any other. Does not belong here: any source, or what a count means.
"""

from __future__ import annotations

from datetime import date

from pydantic import ValidationInfo, field_validator

from ingest.model import Count, ListedName, PastDate, RawRow


class CountRow(RawRow):
    """How many of something named `name` there were from `period_start` until `period_end` (exclusive)."""

    key = ("name", "period_start", "period_end")

    name: ListedName
    period_start: PastDate
    period_end: PastDate
    count: Count

    @field_validator("period_end")
    @classmethod
    def _after_start(cls, value: date, info: ValidationInfo) -> date:
        start = info.data.get("period_start")
        if start is not None and value <= start:
            raise ValueError(f"must lie after period_start {start}")
        return value


class CountOfTotalRow(CountRow):
    """How many of something named `name` there were in a period, and how many in all, whatever their name."""

    total: Count
