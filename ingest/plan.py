"""What should be held, and what is still to be asked for: expected - held - settled.

Belongs here: the arithmetic of expected periods and of requests, from the catalog and from what the landing says.
Does not belong here: asking a source (`ingest.refresh`), or reading the landing (the caller does).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ingest.catalog import Name, SourceEntry
from ingest.model import Connector, Fetch, Scope, withdrawn

if TYPE_CHECKING:
    from ingest.landing import RequestNote

Span = tuple[date, date]
"""First day, and the day after the last."""
ALL_TIME = (date.min, date.max)
GRACE_DAYS = 60
"""For so long after a period was due, a publisher that does not have it is asked again."""


@dataclass(frozen=True)
class Plan:
    """The periods of one source, each by its first day. `gaps` are those that the publisher does not have."""

    expected: tuple[date, ...]
    available: tuple[date, ...]
    gaps: tuple[date, ...]

    @property
    def missing(self) -> tuple[date, ...]:
        """Expected, not available, and not settled as never published."""
        settled = {*self.available, *self.gaps}
        return tuple(period for period in self.expected if period not in settled)


def next_period(start: date, grain: str) -> date:
    """The first day of the period after the one that starts on `start`; snapshots are planned by month."""
    if grain == "year":
        return date(start.year + 1, 1, 1)
    return date(start.year + start.month // 12, start.month % 12 + 1, 1)


def months_between(start: date, end: date) -> Iterator[date]:
    """First days of the months from `start`, which is one, until `end`, exclusive."""
    while start < end:
        yield start
        start = next_period(start, "month")


def expected_periods(source: SourceEntry, today: date) -> Iterator[date]:
    """First days of the periods of a source that should be published by `today`, its usual delay allowed for."""
    expected = source.expected
    period = expected.first
    while True:
        after = next_period(period, expected.grain)
        if after + timedelta(days=expected.lag_days) > today or (expected.last and period >= expected.last):
            return
        yield period
        period = after


def plan(source: SourceEntry, available: Iterable[date], today: date) -> Plan:
    """The plan of one source, given the first days of the periods that are held."""
    expected = tuple(expected_periods(source, today))
    gaps = tuple(period for period in expected if _is_gap(source, period))
    return Plan(expected, tuple(sorted(set(available))), gaps)


def _is_gap(source: SourceEntry, period: date) -> bool:
    return any(gap.start <= period < gap.end for gap in source.expected.never)


@dataclass(frozen=True)
class LandingState:
    """What the landing says of one source: its landed events, and what was last asked."""

    events: Sequence[Fetch] = ()
    request_notes: Sequence[RequestNote] = ()

    def answers(self, table: str) -> list[Answered]:
        """Everything that was answered about a table and still stands, also that there is nothing."""
        landed = [Answered(event.scope, event.landed_at.date()) for event in self._standing()]
        noted = [Answered(note.scope, note.asked_at.date(), note.outcome == "absent") for note in self.notes()]
        return [response for response in (*landed, *noted) if response.scope.table == table]

    def notes(self) -> list[RequestNote]:
        """What was asked, without the answers that were withdrawn since: those are asked for again, unconditionally."""
        standing = {event.scope for event in self._standing()}
        return [
            note
            for note in self.request_notes
            if note.outcome == "absent" or note.scope in standing or any(scope.covers(note.scope) for scope in standing)
        ]

    def _standing(self) -> list[Fetch]:
        """The extracts that nobody withdrew."""
        withdrawn_ids = withdrawn(self.events)
        return [event for event in self.events if event.kind == "landed" and event.extract_id not in withdrawn_ids]


@dataclass(frozen=True)
class Answered:
    """A scope that was answered on a day; `is_absent` where the response was that there is nothing."""

    scope: Scope
    day: date
    is_absent: bool = False

    def is_final_for(self, source: SourceEntry, span: Span, term: str | None) -> bool:
        """Whether a period need not be asked for again: the response covers it, and came late enough to last."""
        covers = self.scope.period_start <= span[0] and span[1] <= self.scope.period_end
        if not covers or not (self.scope.terms is None or (term is not None and term in self.scope.terms)):
            return False
        is_snapshot = span[1] - span[0] == timedelta(days=1)
        return is_snapshot or self.day >= span[1] + timedelta(days=self._lasts_after(source))

    def _lasts_after(self, source: SourceEntry) -> int:
        """After how many days from a period's end a response about it is final."""
        revises_days = source.access.revises_days if source.access else 0
        # who changes the past for longer than that may also add to it
        return max(source.expected.lag_days + GRACE_DAYS, revises_days) if self.is_absent else revises_days


def scopes_to_ask(
    source: SourceEntry,
    connector: Connector,
    names: Sequence[Name],
    known: LandingState,
    today: date,
    window: Span = ALL_TIME,
) -> list[Scope]:
    """What is to be asked now, newest first: expected - held - settled, cut into requests.

    Newest first, since a budget may end the asking, and who looks today wants today. A period is settled once it was
    answered after the publisher stopped changing it (`revises_days` after its end). Of a source that shows only today,
    today is the one period. `window` bounds the periods (exclusive end).
    """
    periods = _askable(source, connector, today, window)
    scopes = [
        scope
        for table in (connector.table, *connector.also)
        for scope in _scopes_of(source, connector, table, names, known.answers(table), periods)
    ]
    by_name = sorted(scopes, key=lambda scope: (-scope.period_start.toordinal(), scope.terms or ()))
    return [*by_name, *(_population_scopes(source, connector, known, periods) if names else ())]


def _population_scopes(
    source: SourceEntry, connector: Connector, known: LandingState, periods: Sequence[Span]
) -> list[Scope]:
    """The requests about the largest packages, newest first."""
    if connector.population is None:
        return []
    table = connector.population.table
    answers = known.answers(table)
    open_periods = [span for span in periods if not _is_settled(source, answers, span, None)]
    return [Scope(table, *run) for run in _runs(open_periods, connector.population.most_periods)][::-1]


def _scopes_of(
    source: SourceEntry,
    connector: Connector,
    table: str,
    names: Sequence[Name],
    answers: Sequence[Answered],
    periods: Sequence[Span],
) -> list[Scope]:
    """The requests about one table."""
    if connector.terms == "everything":
        open_periods = [span for span in periods if not _is_settled(source, answers, span, None)]
        return [Scope(table, *run) for run in _runs(open_periods, connector.most_periods)]
    names_by_periods: defaultdict[tuple[Span, ...], list[str]] = defaultdict(list)
    for name in names:
        spans = tuple(span for span in periods if _is_open(source, answers, span, name))
        if spans:
            names_by_periods[spans].append(name.name)
    groups = [
        (spans, group)
        for spans, terms in names_by_periods.items()
        for group in ([tuple(terms)] if connector.terms == "together" else [(term,) for term in terms])
    ]
    return [Scope(table, *run, terms) for spans, terms in groups for run in _runs(spans, connector.most_periods)]


def _askable(source: SourceEntry, connector: Connector, today: date, window: Span) -> list[Span]:
    if not connector.sees_past:
        return [(today, today + timedelta(days=1))]
    grain = source.expected.grain
    spans = ((period, next_period(period, grain)) for period in expected_periods(source, today))
    return [span for span in spans if window[0] < span[1] and span[0] < window[1] and not _is_gap(source, span[0])]


def _is_open(source: SourceEntry, answers: Sequence[Answered], span: Span, name: Name) -> bool:
    is_valid = (name.valid_from or date.min) < span[1] and span[0] < (name.valid_until or date.max)
    return is_valid and not _is_settled(source, answers, span, name.name)


def _is_settled(source: SourceEntry, answers: Sequence[Answered], span: Span, term: str | None) -> bool:
    return any(response.is_final_for(source, span, term) for response in answers)


def _runs(spans: Sequence[Span], most: int) -> Iterator[Span]:
    """Neighbouring periods as one span, none of more than `most` periods."""
    run: list[Span] = []
    for span in spans:
        if run and (run[-1][1] != span[0] or len(run) == most):
            yield run[0][0], run[-1][1]
            run = []
        run.append(span)
    if run:
        yield run[0][0], run[-1][1]
