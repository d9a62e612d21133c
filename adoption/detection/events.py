"""The vocabulary of the detector: a monthly series, the breaks that are known in it, and the events that are found.

Belongs here: what is put in and what comes out. Does not belong here: finding anything (`detector`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from adoption.detection.candidates import Array

Kind = Literal["slump", "spike", "level_shift", "gap", "partial", "yoy_flip", "collapse", "surge"]
Scope = Literal["market", "specific"]


@dataclass(frozen=True)
class KnownBreak:
    """A break in series: first month of the new level and, where it crept in, the last month of the transition.

    Months of a transition belong to neither level: each has an effect of its own.
    """

    break_id: str
    first: date
    last: date | None = None


@dataclass(frozen=True, eq=False)
class MonthlySeries:
    """One series: contiguous first-of-months and as many values (NaN = missing); as_of = day the figures were taken.

    The values must not be changed later: fits are remembered.
    Raises ValueError, naming series and month, where the months are not contiguous first days or the lengths differ.
    """

    series_id: str
    family: str
    months: tuple[date, ...]
    values: Array
    as_of: date | None = None
    known_breaks: tuple[KnownBreak, ...] = ()

    def __post_init__(self) -> None:
        """Check the months."""
        if len(self.months) != len(self.values):
            raise ValueError(f"{self.series_id}: {len(self.months)} months but {len(self.values)} values")
        if self.months and self.months[0].day != 1:
            raise ValueError(f"{self.series_id}: {self.months[0]}, expected the first day of a month")
        for before, month in zip(self.months, self.months[1:], strict=False):
            if month != next_month(before):
                raise ValueError(f"{self.series_id}: {month} after {before}, expected {next_month(before)}")


@dataclass(frozen=True)
class Event:
    """One event; start and end are first and last month, of a level shift the first month of the new level.

    depth and trough_depth: mean and largest 1 - actual/expected (negative = a rise; of a yoy_flip minus the new
    year-on-year change). shortfall: the sum of the same, in expected months. Of a known break depth is the lasting
    change; trough and shortfall are of its transition. gain: what the criterion loses without the event. A known break
    is seen if its gain reaches known_penalty x ln(months) for itself and for every month of its transition.
    None = does not apply, or cannot be said.
    """

    series_id: str
    kind: Kind
    start: date
    end: date
    depth: float | None = None
    trough: date | None = None
    trough_depth: float | None = None
    shortfall: float | None = None
    recovered: bool | None = None
    scope: Scope = "specific"
    is_known: bool = False
    break_id: str | None = None
    is_seen: bool | None = None
    gain: float | None = None


def next_month(month: date) -> date:
    """First day of the month after the given first day of a month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
