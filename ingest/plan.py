"""What should be held, and what is still to be fetched: expected - held - settled.

Belongs here: the arithmetic of expected periods, from the catalog alone. Does not belong here: asking a source, or
finding out what is held (the caller says so).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ingest.catalog import SourceEntry


@dataclass(frozen=True)
class Plan:
    """The periods of one source, each by its first day. `never` are those that the publisher does not have."""

    expected: tuple[date, ...]
    held: tuple[date, ...]
    never: tuple[date, ...]

    @property
    def missing(self) -> tuple[date, ...]:
        """Expected, not held, and not settled as never to be had."""
        settled = {*self.held, *self.never}
        return tuple(period for period in self.expected if period not in settled)


def next_period(start: date, grain: str) -> date:
    """The first day of the period after the one that starts on `start`; snapshots are planned by month."""
    if grain == "year":
        return date(start.year + 1, 1, 1)
    return date(start.year + start.month // 12, start.month % 12 + 1, 1)


def expected_periods(source: SourceEntry, today: date) -> Iterator[date]:
    """First days of the periods of a source that should be published by `today`, its usual delay allowed for."""
    wanted = source.expected
    period = wanted.first
    while True:
        after = next_period(period, wanted.grain)
        if after + timedelta(days=wanted.lag_days) > today or (wanted.last and period >= wanted.last):
            return
        yield period
        period = after


def plan(source: SourceEntry, held: Iterable[date], today: date) -> Plan:
    """The plan of one source, given the first days of the periods that are held."""
    expected = tuple(expected_periods(source, today))
    never = tuple(period for period in expected if any(gap.start <= period < gap.end for gap in source.expected.never))
    return Plan(expected, tuple(sorted(set(held))), never)
