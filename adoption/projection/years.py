"""How a year of one series will end, from what is held of it; and the earlier years that this is tested on.

Belongs here: which months of a year are held, which are wanted, what makes a projection, and why there is none. Does
not belong here: the statistics (`adoption.projection.model`), tables (`adoption.projection.warehouse_io`), which series
stands for a metric, and alarms that nobody has reviewed (dbt).

The total of a year is the sum of a flow, and of a stock what it gained from December to December. Months are counted
from the year 0: twelve times the year, and January is 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from math import comb

import numpy as np

from adoption.detection.candidates import Array
from adoption.projection.model import draw

MONTHS_USED = 48
"""A projection rests on so many months before its year's newest one: what lies before was another world."""
MIN_HISTORY = 12
"""Months that must be held: a whole season."""
MONTHS_AFTER = 12
"""Of a year that is over, so many months after it say what its missing ones were."""
MAX_MISSING = 3
"""Of a year that is over, so many months may be missing."""
COVERED = 0.8
REJECTED = 0.05
WIDEST = 2.0
"""An interval that reaches below half or above twice the projection says nothing."""
DIGITS = 4
"""What is projected has no more digits: the rest is chance, and depends on the processor."""


@dataclass(frozen=True)
class SeriesBreak:
    """A break in series as the catalog has it: two days with this between them do not compare."""

    label: str
    start: date
    end: date

    @property
    def months(self) -> range:
        """Months in which both methods count; empty where it falls between two months."""
        last = month_number(self.end) - (self.end.day == 1)
        return range(month_number(self.start), last + 1)

    @property
    def settled(self) -> int:
        """The first month that is wholly after it."""
        return max(self.months.stop, month_number(self.start) + (self.start.day > 1))

    def lies_in(self, year: int) -> bool:
        """Whether two months of the year have it between them, or in them."""
        return self.start < date(year + 1, 1, 1) and self.end > date(year, 1, 1)


@dataclass(frozen=True)
class Series:
    """Monthly values of a series from month `first` on, NaN where a month is not held; of a stock its levels.

    `totals` are years whose total is held in another way than by twelve months.
    """

    series_id: str
    is_stock: bool
    first: int
    values: Array
    totals: Mapping[int, float] = field(default_factory=dict)
    breaks: tuple[SeriesBreak, ...] = ()

    @property
    def end(self) -> int:
        """The month after the newest one."""
        return self.first + len(self.values)

    @cached_property
    def flows(self) -> Array:
        """What was counted in each month, or gained."""
        return np.diff(self.values, prepend=np.nan) if self.is_stock else self.values

    def levels(self, months: Sequence[int]) -> Array:
        """The values of some months, which need not be held."""
        return self._of(self.values, months)

    def counted(self, months: Sequence[int]) -> Array:
        """The flows of some months, which need not be held."""
        return self._of(self.flows, months)

    def _of(self, values: Array, months: Sequence[int]) -> Array:
        places = np.asarray(months) - self.first
        is_held = (places >= 0) & (places < len(values))
        return np.where(is_held, values[places.clip(0, len(values) - 1)], np.nan)

    @cached_property
    def years(self) -> range:
        """Every year of which the series may hold a month."""
        return range(self.first // 12, (self.end - 1) // 12 + 1)

    def total(self, year: int) -> float | None:
        """The total of a year, if the whole of it is held."""
        if self.is_stock:
            before, after = self.levels([12 * year - 1, 12 * year + 11])
            total = float(after - before)
        else:
            total = float(np.sum(self.counted(months_of(year))))
        return self.totals.get(year) if np.isnan(total) else total


@dataclass(frozen=True)
class AvailableMonths:
    """What a projection of a year may look at: nothing from month `end` on, and not the months `missing` (1 to 12)."""

    year: int
    end: int
    missing: tuple[int, ...]

    def of(self, year: int) -> AvailableMonths:
        """As much of another year."""
        return AvailableMonths(year, self.end + 12 * (year - self.year), self.missing)

    @property
    def newest(self) -> int:
        """The newest month of the year that is held, 1 to 12; 0 where none is."""
        return max(set(range(1, 13)) - set(self.missing), default=0)


@dataclass(frozen=True)
class Interval:
    """What is projected: its middle, and where four fifths of the draws lie; and the months that it rests on."""

    value: float
    low: float
    high: float
    history_months: int

    @property
    def is_too_wide(self) -> bool:
        """Whether it reaches further than from half to double."""
        return self.low * WIDEST < self.value or self.high > WIDEST * self.value


@dataclass(frozen=True)
class EarlierYear:
    """An earlier year, projected from as much as is held now, and what it came to."""

    available: AvailableMonths
    interval: Interval
    actual: float

    @property
    def is_covered(self) -> bool:
        """Whether the interval held what came."""
        return self.interval.low <= self.actual <= self.interval.high


@dataclass(frozen=True)
class Projection:
    """A year of a series: an interval, or the reason why there is none; and the years that speak for it."""

    series_id: str
    available: AvailableMonths
    to_date: float
    interval: Interval | None
    tested: tuple[EarlierYear, ...]
    withheld_because: str | None


def month_number(day: date) -> int:
    """Months since the year 0."""
    return 12 * day.year + day.month - 1


def months_of(year: int) -> range:
    """The twelve months of a year."""
    return range(12 * year, 12 * year + 12)


def projections(series: Series, running: int) -> Iterator[Projection]:
    """Every year of a series that lacks months, if not too many; `running` is the year that is not over."""
    for year in series.years:
        available = _available(series, year)
        is_due = 0 < len(available.missing) < 12 and (year >= running or len(available.missing) <= MAX_MISSING)
        if is_due and series.total(year) is None:
            yield project(series, available)


def _available(series: Series, year: int) -> AvailableMonths:
    """What is held of a year; of a stock all months up to its newest level are."""
    months = months_of(year)
    end = min(series.end, months.stop + MONTHS_AFTER)
    if series.is_stock:
        known = np.flatnonzero(~np.isnan(series.levels(months)))
        missing = range(int(known[-1]) + 2, 13) if known.size else range(1, 13)
        return AvailableMonths(year, end, tuple(missing))
    return AvailableMonths(year, end, tuple(int(m) + 1 for m in np.flatnonzero(np.isnan(series.counted(months)))))


def project(series: Series, available: AvailableMonths) -> Projection:
    """One year of a series, with the tests of the years before it."""
    interval, to_date = interval_of(series, available), _to_date(series, available)
    if isinstance(interval, str):
        return Projection(series.series_id, available, to_date, None, (), interval)
    tested = tuple(backtest(series, available))
    return Projection(series.series_id, available, to_date, interval, tested, withheld(interval, tested))


def withheld(interval: Interval, tested: Sequence[EarlierYear]) -> str | None:
    """Why a projection that can be computed is not shown, if so."""
    if interval.is_too_wide:
        return "its 80 % interval is wider than from half to double"
    covered, years = sum(test.is_covered for test in tested), len(tested)
    if binomial_p_value(covered, years) < REJECTED:
        return f"its 80 % interval held {covered} of {years} earlier years: a binomial test rejects it at the 5 % level"
    return None


def backtest(series: Series, available: AvailableMonths) -> Iterator[EarlierYear]:
    """Each earlier year whose total is held, from as much of it as is held of this one."""
    for year in range(series.years[0], available.year):
        then = available.of(year)
        # of a year whose total is held in another way months may be missing: they were as unknown as those to come
        missing = {*then.missing, *(() if series.is_stock else _available(series, year).missing)}
        yield from backtest_of(series, replace(then, missing=tuple(sorted(missing))))


def outlooks(series: Series) -> Iterator[EarlierYear]:
    """Each year whose total is held, as it looked when none of it was."""
    for year in series.years:
        yield from backtest_of(series, AvailableMonths(year, 12 * year, tuple(range(1, 13))))


def backtest_of(series: Series, available: AvailableMonths) -> Iterator[EarlierYear]:
    """One year from as much of it as `available` admits; nothing where its total is unknown, or nothing can be said."""
    actual = series.total(available.year)
    if actual is not None and actual > 0:
        interval = interval_of(series, available)
        if isinstance(interval, Interval):
            yield EarlierYear(available, interval, actual)


def binomial_p_value(covered: int, years: int) -> float:
    """Two-sided exact test that years are covered with probability `COVERED`: all counts that are no likelier."""
    chances = [comb(years, k) * COVERED**k * (1 - COVERED) ** (years - k) for k in range(years + 1)]
    return min(1.0, sum(chance for chance in chances if chance <= chances[covered] * (1 + 1e-9)))


def interval_of(series: Series, available: AvailableMonths) -> Interval | str:
    """What the year will come to, or why nothing can be said."""
    if reason := _forbidden(series, available):
        return reason
    months = range(available.end - MONTHS_USED, max(available.end, 12 * available.year + 12))
    flows = series.counted(months)
    flows[[m - months.start for m in months if m >= available.end]] = np.nan
    unknown = [12 * available.year + m - 1 - months.start for m in available.missing]
    flows[unknown] = np.nan
    to_date = _to_date(series, available)
    steps, touched = _steps(series, available, months)
    flows[touched] = np.nan
    known = ~np.isnan(flows)
    if reason := _too_little(flows[known], to_date):
        return reason
    if unsettled := [label for first, label in steps if first <= max(unknown) and not known[first:].any()]:
        return f"no month is held since a break: {unsettled[0]}"
    firsts = sorted({first for first, _ in steps if known[:first].any() and known[first:].any()})
    days = np.array([_days(month) for month in months])
    draws = np.exp(draw(np.log(flows / days), unknown, _separate(firsts, known))) * days[unknown]
    ends = np.quantile(to_date + draws.sum(axis=1), [0.5, (1 - COVERED) / 2, (1 + COVERED) / 2])
    value, low, high = (float(f"{end:.{DIGITS}g}") for end in ends)
    return Interval(value, low, high, int(known.sum()))


def _forbidden(series: Series, available: AvailableMonths) -> str | None:
    """A break in the year, or an unknown beginning of it."""
    inside = next((step.label for step in series.breaks if step.lies_in(available.year)), None)
    if inside:
        return f"a break in its year: {inside}"
    if series.is_stock and np.isnan(series.levels([12 * available.year - 1])[0]):
        return "what the total was at the end of the year before is not held"
    return None


def _too_little(flows: Array, to_date: float) -> str | None:
    """Too few months, or months of which there is no logarithm."""
    if flows.size < MIN_HISTORY:
        return f"{flows.size} months of history; at least {MIN_HISTORY} are needed"
    if np.isnan(to_date):
        return "what its newest month came to is not held"
    if (flows <= 0).any() or to_date < 0:
        return "in some months nothing was counted, or less than nothing: there is no growth from zero"
    return None


def _to_date(series: Series, available: AvailableMonths) -> float:
    """What is held of the year's total."""
    if series.is_stock:
        before, newest = series.levels([12 * available.year - 1, 12 * available.year + available.newest - 1])
        return float(newest - before)
    months = [12 * available.year + m for m in range(12) if m + 1 not in available.missing]
    return float(np.sum(series.counted(months))) if months else 0.0


def _steps(series: Series, available: AvailableMonths, months: range) -> tuple[list[tuple[int, str]], list[int]]:
    """Known breaks inside the months that are used: from where each lasts, and the months that it touches."""
    steps: list[tuple[int, str]] = []
    touched: list[int] = []
    for series_break in series.breaks:
        if (
            month_number(series_break.start) < max(available.end, 12 * available.year + 12)
            and series_break.settled > months.start
        ):
            steps.append((series_break.settled - months.start, series_break.label))
            touched += [m - months.start for m in series_break.months if m in months]
    return steps, touched


def _separate(firsts: Sequence[int], known: Array) -> list[int]:
    """Steps that months lie between: two without any between them cannot be told apart."""
    chosen: list[int] = []
    for first in firsts:
        if not chosen or known[chosen[-1] : first].any():
            chosen.append(first)
    return chosen


def _days(month: int) -> int:
    year, number = divmod(month, 12)
    return (date(year + (number == 11), (number + 1) % 12 + 1, 1) - date(year, number + 1, 1)).days
