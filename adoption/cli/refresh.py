"""Asking sources for what is missing, at a terminal: what was asked, what came of it, and why not.

Belongs here: going through the sources, and telling people. Does not belong here: asking (`ingest.refresh`) or
building from what was landed (`orchestration.runner`).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from adoption.notices.conditions import tell_of_refresh
from adoption.reports.names import matching_id
from adoption.reports.refresh import period_text, reasons, summary
from adoption.warehouse.landing import landing_of
from ingest.catalog import Catalog, load_catalog
from ingest.errors import AdoptionError, UnknownNameError, did_you_mean
from ingest.landing import Landing
from ingest.model import Scope
from ingest.plan import ALL_TIME, Span, next_period
from ingest.refresh import RefreshContext, RequestOutcome, missing_scopes, refresh, switched_off
from ingest.sources import all_sources
from ingest.surprises import describe_error

if TYPE_CHECKING:
    from adoption.settings import Settings
    from ingest.model import Source


LOGGER = logging.getLogger("adoption")


class UnknownSourceError(UnknownNameError):
    """A source was named that the catalog does not have, or that cannot be asked; the text says which there are."""


class UnreadablePeriodError(AdoptionError):
    """A text is no year or month, or the last one lies before the first."""

    exit_code = 2


@dataclass
class Refreshed:
    """What became of every request of one refresh."""

    outcomes: list[RequestOutcome] = field(default_factory=list)
    failed: dict[str, str | None] = field(default_factory=dict)
    """Each source with the reasons of what failed, None where nothing did."""

    @property
    def has_news(self) -> bool:
        """Whether anything was landed that the warehouse does not hold yet."""
        return any(outcome.result == "landed" for outcome in self.outcomes)

    @property
    def has_failures(self) -> bool:
        """Whether a request that should have been answered was not."""
        return any(outcome.result in ("failed", "not fetched") for outcome in self.outcomes)


def window_of(first: str | None, last: str | None) -> Span:
    """The days from `first` to the end of `last`, each a year, a month or a day; open where not given.

    Raises:
        UnreadablePeriodError: for a text that is none of these, or when `last` lies before `first`.
    """
    start = ALL_TIME[0] if first is None else _span_of(first)[0]
    end = ALL_TIME[1] if last is None else _span_of(last)[1]
    if start >= end:
        raise UnreadablePeriodError(f"--from {first} must not lie after --to {last}")
    return start, end


def _span_of(text: str) -> Span:
    for form, grain in (("%Y", "year"), ("%Y-%m", "month")):
        try:
            start = datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
        return start, next_period(start, grain)
    raise UnreadablePeriodError(f"{text!r} is not a period; expected a year such as 2020 or a month such as 2020-03")


def chosen(catalog: Catalog, names: Sequence[str]) -> list[Source]:
    """The sources to ask: those that are named, or all that can be asked.

    Raises:
        UnknownSourceError: for a name that the catalog does not have, or a source that has no connector.
    """
    modules = all_sources()
    live = [entry.id for entry in catalog.sources if entry.access and modules[entry.id].connector]
    labels = {entry.id: entry.label for entry in catalog.sources}
    requested = [matching_id(name, labels) or name for name in names]
    for name in requested:
        if name not in live:
            why = f"{catalog.source(name).how_to_get}" if name in labels else "no source of the catalog"
            hint = "" if name in labels else did_you_mean(name, [*live, *(labels[source_id] for source_id in live)])
            raise UnknownSourceError(f"{name}: {why}. Sources that can be fetched: {', '.join(live) or 'none'}{hint}")
    return [modules[name] for name in (requested or live)]


def fetch_all(
    settings: Settings, names: Sequence[str], window: Span, console: Console, context: RefreshContext | None = None
) -> Refreshed:
    """Ask every chosen source in turn and print one line for each, with the reasons of what failed.

    Raises:
        UnknownSourceError: see `chosen`.
        CatalogError: when the catalog is wrong.
    """
    catalog = load_catalog(settings.catalog)
    landing = landing_of(settings)
    refreshed = Refreshed()
    sources = chosen(catalog, names)
    width = max((len(source.name) for source in sources), default=0)
    for source in sources:
        with console.status(f"fetching {source.name}"):
            outcomes = _refresh_one(source, catalog, landing, window, context)
        refreshed.outcomes += outcomes
        failed = [outcome for outcome in outcomes if outcome.result == "failed"]
        refreshed.failed[source.name] = "; ".join(reasons(failed)) or None
        console.print(Text.assemble((source.name.ljust(width + 2), "bold"), summary(outcomes)))
        LOGGER.info("%s", summary(outcomes), extra={"source": source.name})
        for line in reasons(outcomes):
            LOGGER.warning("%s", line, extra={"source": source.name})
            console.print(Text(f"  {line}", style="red"))
    for problem in tell_of_refresh(settings, catalog, refreshed.failed):
        console.print(Text(f"A notice was not delivered: {problem}. The next build tries again."))
    return refreshed


def _refresh_one(
    source: Source, catalog: Catalog, landing: Landing, window: Span, context: RefreshContext | None
) -> list[RequestOutcome]:
    """What became of the requests to one source; whatever stopped it stops no other."""
    outcomes: list[RequestOutcome] = []
    try:
        outcomes += refresh(source, catalog, landing, window, context)
    except Exception as error:  # noqa: BLE001 - no source may stop another
        everything = Scope(source.name, *window)
        outcomes.append(RequestOutcome(everything, "failed", describe_error(error, source.name)))
    return outcomes


def show_plan(settings: Settings, names: Sequence[str], window: Span, console: Console) -> None:
    """Print what a refresh would ask, without asking.

    Raises:
        UnknownSourceError: see `chosen`.
    """
    catalog = load_catalog(settings.catalog)
    landing = landing_of(settings)
    for source in chosen(catalog, names):
        entry = catalog.source(source.name)
        scopes = missing_scopes(source, entry, catalog, landing, datetime.now(UTC), window)
        off = switched_off(source, entry)
        span = period_text([(scope.period_start, scope.period_end) for scope in scopes])
        planned = f"{len(scopes):,} requests, {span}" if scopes else "nothing to fetch"
        console.print(Text.assemble((source.name, "bold"), f"  {planned}", f"; {off}" if off else ""))
