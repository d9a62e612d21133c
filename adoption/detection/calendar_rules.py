"""The rules of the calendar: what of a series can be used, and what is found without a model.

Belongs here: missing and unfinished months, gaps, and reversals of the year-on-year change. Does not belong here: the
statistics (`structural_model`), and movements that anybody sees (`plain_movements`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from adoption.detection.candidates import Array, Flags
from adoption.detection.events import Event, KnownBreak, MonthlySeries, next_month

ZERO_GAP_LEVEL = 20.0  # zeros in a series above this level are missing months
LEVEL_MONTHS = 6  # a level is the median of so many months
LOADING_DAYS = 5  # the newest month counts as loaded only this many days after its end
FLIP_SHARE = 0.05


@dataclass(frozen=True)
class Clean:
    """The usable part of a series: NaN where missing or unfinished; `begin` is the first month that is neither."""

    values: Array
    begin: int
    end: int  # exclusive: first unfinished month


def clean_series(series: MonthlySeries) -> Clean:
    """What of a series can be used."""
    values = np.array(series.values, dtype=float)
    values[~np.isfinite(values)] = np.nan
    end = len(values) - _unfinished(series)
    values[end:] = np.nan
    for first, last in runs_of(values == 0):
        if _level_beside(values, first, last) > ZERO_GAP_LEVEL:
            values[first : last + 1] = np.nan
        elif _level(values) > ZERO_GAP_LEVEL >= _level(values[:first]):
            values[: last + 1] = np.nan  # a thing that grew large has begun after its last small zero
    observed = np.flatnonzero(~np.isnan(values))
    return Clean(values, int(observed[0]) if observed.size else end, end)


def _level(values: Array) -> float:
    """Median of what is above zero, 0 if nothing is."""
    positive = values[values > 0]
    return float(np.median(positive)) if positive.size else 0.0


def _level_beside(values: Array, first: int, last: int) -> float:
    """The lower of the levels before and after a run of months; of the one there is at either end of the series."""
    before, after = values[:first], values[last + 1 :]
    sides = [before[before > 0][-LEVEL_MONTHS:], after[after > 0][:LEVEL_MONTHS]]
    return min((_level(side) for side in sides if side.size), default=0.0)


def _unfinished(series: MonthlySeries) -> int:
    """How many months at the end were not over when the figures were taken; the newest must have been loaded too."""
    if series.as_of is None or not series.months:
        return 0
    ends = [next_month(month) - timedelta(days=1) for month in series.months]
    is_loading = ends[-1] + timedelta(days=LOADING_DAYS) >= series.as_of
    return max(int(is_loading), sum(end >= series.as_of for end in ends))


def partials(series: MonthlySeries, clean: Clean) -> list[Event]:
    """Months that were not over, or not loaded, when the figures were taken."""
    return [Event(series.series_id, "partial", month, month) for month in series.months[clean.end :]]


def gaps(series: MonthlySeries, clean: Clean) -> list[Event]:
    """Runs of missing months after the first value; before it the series had not begun."""
    is_missing = np.isnan(clean.values)
    is_missing[: clean.begin] = is_missing[clean.end :] = False
    return [Event(series.series_id, "gap", series.months[a], series.months[b]) for a, b in runs_of(is_missing)]


def runs_of(flags: Flags) -> list[tuple[int, int]]:
    """First and last index of every run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int)))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def flips(series: MonthlySeries, values: Array) -> list[Event]:
    """Reversals: the year-on-year change (mean of three months) gets the other sign and keeps it for three months."""
    change = np.full(len(values), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        change[12:] = values[12:] / values[:-12] - 1
    change[~np.isfinite(change)] = np.nan
    events, sign = [], 0.0
    for month in range(14, len(values) - 2):
        means = np.array([change[m - 2 : m + 1].mean() for m in range(month, month + 3)])
        new = np.sign(means[0])
        if not (abs(means[0]) >= FLIP_SHARE and (means * new > 0).all()):
            continue
        if new == -sign:
            start = series.months[month]
            events.append(Event(series.series_id, "yoy_flip", start, start, depth=-float(means[0])))
        sign = new
    return events


def untested(series: MonthlySeries, known: KnownBreak) -> Event:
    """A known break of which nothing can be said: the series is too short, or nothing was observed beside it."""
    last = known.last or known.first
    return Event(series.series_id, "level_shift", known.first, last, is_known=True, break_id=known.break_id)
