"""What a reduction is: one shipped file, and the query over the public figures that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

DAY_AFTER = "(max({0})::date + 1)"
MONTH_AFTER = "(max(month_date)::date + interval 1 month)::date"
FIRST_SHIPPED = datetime(2026, 11, 23, tzinfo=UTC)


@dataclass(frozen=True)
class Reduction:
    """A shipped file that one query over the public figures makes.

    `query` reads `{facts}`; `period` gives the first day and the day after the last, as SQL over the result;
    `terms` is a query for the names that were asked for, or None when everything listed was taken. A value of
    `origin` that begins with `=` is read from the figures.
    """

    source: str
    table: str
    filename: str
    query: str
    period: tuple[str, str]
    terms: str | None
    licence: str
    origin: Mapping[str, str]
    reduction: str
    landed_at: datetime = FIRST_SHIPPED
