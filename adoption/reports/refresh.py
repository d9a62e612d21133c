"""What became of a refresh, and when sources are asked, in words."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import get_args

from ingest.catalog import Catalog
from ingest.plan import Span
from ingest.refresh import RequestOutcome, Result, switched_off
from ingest.sources import all_sources

SHOWN_REASONS = 5
"""How many different reasons of one source are printed."""


def summary(outcomes: Sequence[RequestOutcome]) -> str:
    """The number of questions by what became of them."""
    if not outcomes:
        return "nothing to fetch: everything expected is available"
    counts = Counter(outcome.result for outcome in outcomes)
    return ", ".join(f"{counts[result]:,} {result}" for result in get_args(Result) if counts[result])


def reasons(outcomes: Sequence[RequestOutcome]) -> Iterator[str]:
    """Each reason once, with how many questions it concerns and which periods."""
    spans_by_reason: dict[tuple[str, str], list[Span]] = {}
    for outcome in outcomes:
        if outcome.reason:
            spans_by_reason.setdefault((outcome.result, outcome.reason), []).append(
                (outcome.scope.period_start, outcome.scope.period_end)
            )
    for (result, reason), spans in list(spans_by_reason.items())[:SHOWN_REASONS]:
        yield f"{len(spans):,} {result} ({period_text(spans)}): {reason}"
    if len(spans_by_reason) > SHOWN_REASONS:
        yield f"and {len(spans_by_reason) - SHOWN_REASONS:,} other reasons"


def period_text(spans: Sequence[Span]) -> str:
    """From the first day to the last, as people write periods."""
    start, end = min(span[0] for span in spans), max(span[1] for span in spans)
    last = date.fromordinal(end.toordinal() - 1)
    return f"{start:%Y-%m-%d}" if start == last else f"{start:%Y-%m-%d} to {last:%Y-%m-%d}"


def timetable(catalog: Catalog, environment: Mapping[str, str] = os.environ) -> Iterator[tuple[str, list[str]]]:
    """When sources are asked, as headings with lines: by themselves, only on demand and why, not at all and why."""
    modules = all_sources()
    timed, on_demand, off, dropped = [], [], [], []
    for entry in catalog.sources:
        reason = switched_off(modules[entry.id], entry, environment)
        if entry.access is None or modules[entry.id].connector is None:
            dropped.append(entry.id)
        elif reason is not None:
            off.append(f"{entry.id}: {reason}")
        elif entry.access.schedule is None:
            on_demand.append(f"{entry.id}: {entry.access.off}")
        else:
            timed.append(f"{entry.id}: {entry.access.schedule}")
    yield "Fetched on schedule (cron, UTC) while the Dagster daemon runs (`make ui`)", timed
    yield "Fetched only by `adoption refresh SOURCE`", on_demand
    yield "Switched off", off
    yield "Available through the inbox, or shipped", [", ".join(dropped)] if dropped else []
