"""Movements that anybody sees in a chart, found without a model: a collapse, a surge, and a wait that is no slump.

Belongs here: levels of half a year beside each other. Does not belong here: movements beside a trend and a season
(`detector`): a series that wanders as far as it likes hides there what nobody would overlook.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from adoption.detection.calendar_rules import LEVEL_MONTHS, Clean, runs_of
from adoption.detection.candidates import Array
from adoption.detection.events import Event, MonthlySeries

SMALLEST_LEVEL = 20.0  # of less, a few more or fewer are a collapse or a surge
COLLAPSE = 0.8  # what is lost of the level of half a year, at least
SURGE = 3.0  # times the levels before and after
LONGEST_SURGE = 3
FEWEST_BESIDE = 3  # months that a level needs
WAIT_SHARE = 0.05  # a slump lies this far below what was before it
JUMP = 2.0  # times the level before: what comes after a wait


def plain_movements(series: MonthlySeries, clean: Clean) -> list[Event]:
    """Collapses and surges of one series, by start."""
    values = clean.values[: clean.end]
    before = np.array([_level(values[max(0, month - LEVEL_MONTHS) : month]) for month in range(len(values) + 1)])
    after = np.array([_level(values[month : month + LEVEL_MONTHS]) for month in range(len(values) + 1)])
    events = [*_collapses(series, values, before, after), *_surges(series, values, before, after)]
    return sorted(events, key=lambda event: (event.start, event.kind))


def is_wait(values: Array, first: int, last: int) -> bool:
    """Whether months that the model takes for a slump are a wait before a jump.

    None of them lies lower than what was before, and what comes after is a multiple of it.
    """
    before, after = _level(values[max(0, first - LEVEL_MONTHS) : first]), _level(values[last + 1 :][:LEVEL_MONTHS])
    lowest = float(np.nanmin(values[first : last + 1]))
    return lowest > (1 - WAIT_SHARE) * before and after >= JUMP * before


def _level(values: Array) -> float:
    """The median, NaN where too few months are known."""
    observed = values[~np.isnan(values)]
    return float(np.median(observed)) if observed.size >= FEWEST_BESIDE else float("nan")


def _collapses(series: MonthlySeries, values: Array, before: Array, after: Array) -> Iterator[Event]:
    """Of months whose half year lies below a fifth of the half year before, the one that fell most."""
    falls = np.zeros(len(values))
    is_known = ((before >= SMALLEST_LEVEL) & ~np.isnan(after))[:-1]
    falls[is_known] = (1 - after[:-1][is_known] / before[:-1][is_known]).round(6)
    for first, last in runs_of(falls >= COLLAPSE):
        steps = [
            (values[month] / values[month - 1], month) for month in range(first, last + 1) if values[month - 1] > 0
        ]
        step, month = min((pair for pair in steps if not np.isnan(pair[0])), default=(1.0, first))
        if step < 1:
            start = series.months[month]
            yield Event(series.series_id, "collapse", start, start, depth=float(falls[month]))


def _surges(series: MonthlySeries, values: Array, before: Array, after: Array) -> Iterator[Event]:
    """Up to three months that are three times as high as the half years before and after them."""
    is_used = np.zeros(len(values), dtype=bool)
    for length in range(LONGEST_SURGE, 0, -1):
        for first in range(1, len(values) - length + 1):
            stretch = slice(first, first + length)
            level = np.maximum(before[first], after[first + length])  # NaN where one is not known
            is_high = values >= SURGE * level
            is_apart = not (is_high[first - 1] or is_high[first + length : first + length + 1].any())
            if level >= SMALLEST_LEVEL and is_apart and is_high[stretch].all() and not is_used[stretch].any():
                is_used[stretch] = True
                months = series.months[first], series.months[first + length - 1]
                rise = float(np.round(1 - values[stretch].mean() / level, 6))
                yield Event(series.series_id, "surge", *months, depth=rise, recovered=True)
