"""Is a year ready: which metrics have it, what will still come and when, what never will, and how to get the rest.

Belongs here: holding the published review of a year to what the catalog expects of each source. Does not belong here:
the arithmetic of periods (`ingest.plan`), what is held source by source (`adoption.reports.status`), or any figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from adoption.publish.reader import open_published
from adoption.reports import format as wording
from adoption.reports.console import print_json
from adoption.reports.review import UnknownYearError
from ingest.catalog import Catalog, Metric, SourceEntry, load_catalog
from ingest.database import fetch_dicts
from ingest.plan import next_period

if TYPE_CHECKING:
    from adoption.settings import Settings

Row = dict[str, Any]
State = Literal["held", "to come", "missing", "never"]
CONTEXT = "context"
HEADINGS: dict[State, str] = {
    "held": "Held",
    "to come": "Will still come",
    "missing": "Published, not available, and how to get it",
    "never": "Never will",
}

HELD = """
select metric_id, entity_label, source_id, basis, grade, value is null as is_bounded, is_complete
from marts.rpt_year_in_review
where year = ? and is_known and (is_focus or is_benchmark or entity_type = 'market')
order by is_focus desc, is_benchmark desc, entity_label, segment
"""
COMPARED = """
select label from meta.entities cross join meta.review
where entity_type = 'contender' and entity_id in (focus, benchmark) order by entity_id = focus desc
"""


@dataclass(frozen=True)
class Prospect:
    """What can be expected of one source for one year: whether it will come, is to be got, or never will, and why."""

    source: str
    state: State
    text: str


@dataclass(frozen=True)
class Readiness:
    """One metric and one year: what is held of it, and, if that is not all, what each of its sources can still give."""

    metric: Metric
    complete: Sequence[Row]
    in_part: Sequence[str]
    lacking: Sequence[str]
    prospects: Sequence[Prospect]

    @property
    def state(self) -> State:
        """The best that is or can be."""
        if not self.lacking:
            return "held"
        states = {prospect.state for prospect in self.prospects}
        order: tuple[State, ...] = ("to come", "missing", "never")
        return next(state for state in order if state in states)

    @property
    def is_open(self) -> bool:
        """Whether there is still something to wait for or to get; market context is never waited for."""
        return self.metric.channel != CONTEXT and self.state in ("to come", "missing")


def show(settings: Settings, year: int, today: date | None = None, as_json: bool = False) -> bool:
    """Print how far a year is, metric by metric; return whether there is nothing more to wait for or to get.

    Raises:
        NotPublishedError: when nothing is published.
        UnknownYearError: when no source of the catalog covers the year.
        CatalogError: when the catalog is not valid.
    """
    catalog = load_catalog(settings.catalog)
    with open_published(settings) as connection:
        rows = fetch_dicts(connection, HELD, [year])
        compared = [row["label"] for row in fetch_dicts(connection, COMPARED)]
    statuses = list(readiness(catalog, year, rows, compared, today or datetime.now(UTC).date()))
    if not rows and all(status.state == "never" for status in statuses):
        raise UnknownYearError(f"No source of the catalog covers {year}.")
    is_ready = not any(status.is_open for status in statuses)
    if as_json:
        print_json({"year": year, "is_ready": is_ready, "metrics": [_record(status) for status in statuses]})
    else:
        _print(Console(highlight=False), year, statuses)
    return is_ready


def _record(status: Readiness) -> Row:
    """A metric as a program reads it."""
    return {
        "metric_id": status.metric.id,
        "label": status.metric.label,
        "channel": status.metric.channel,
        "state": status.state,
        "is_open": status.is_open,
        "held": list(status.complete),
        "in_part": list(status.in_part),
        "lacking": list(status.lacking),
        "prospects": [
            {"source": source.source, "state": source.state, "text": source.text} for source in status.prospects
        ],
    }


def readiness(
    catalog: Catalog, year: int, available: Sequence[Row], compared: Sequence[str], today: date
) -> Iterator[Readiness]:
    """Each metric of the catalog, given the known rows of the year and the two contenders that must have it whole."""
    for metric in catalog.metrics:
        known = [row for row in available if row["metric_id"] == metric.id]
        rows = [row for row in known if row["is_complete"]]
        labels = {row["entity_label"] for row in rows}
        in_part = dict.fromkeys(row["entity_label"] for row in known if row["entity_label"] not in labels)
        is_context = metric.channel == CONTEXT
        lacking = (
            ([] if labels else ["every market"]) if is_context else [label for label in compared if label not in labels]
        )
        sources = dict.fromkeys(way.source for way in metric.sources)
        prospects = (
            [prospect(catalog.source(source), metric.kind, year, today) for source in sources] if lacking else []
        )
        yield Readiness(metric, rows, list(in_part), lacking, prospects)


def prospect(source: SourceEntry, kind: str, year: int, today: date) -> Prospect:
    """What one source, of which a year is not complete, can still give for it by what the catalog expects of it."""
    expected = source.expected
    periods = _periods(expected.grain, kind, year)
    after = next_period(periods[-1], expected.grain)
    due = after + timedelta(days=expected.lag_days)
    gap = next((gap for gap in expected.never for period in periods if gap.start <= period < gap.end), None)
    if expected.first >= after or expected.first > periods[0]:
        return Prospect(source.label, "never", f"begins with {expected.first:%Y-%m}")
    if expected.last and expected.last <= periods[-1]:
        return Prospect(source.label, "never", f"ended: nothing from {expected.last:%Y-%m} on")
    if gap:
        return Prospect(source.label, "never", gap.reason)
    if due > today:
        return Prospect(source.label, "to come", f"by {due} ({source.cadence})")
    hint = f"; fetch it: adoption refresh {source.id}" if source.access else ""
    return Prospect(source.label, "missing", f"{source.how_to_get}{hint}")


def _periods(grain: str, kind: str, year: int) -> list[date]:
    """The periods that make the year: all its months; of a stock, which is what it is at the end, the last."""
    if grain == "year":
        return [date(year, 1, 1)]
    return [date(year, month, 1) for month in ((12,) if kind == "stock" else range(1, 13))]


def _print(console: Console, year: int, statuses: Sequence[Readiness]) -> None:
    counted = [status for status in statuses if status.metric.channel != CONTEXT]
    whole = sum(status.state == "held" for status in counted)
    console.print()
    console.rule(Text(f"{year}: {whole} of {len(counted)} metrics have their year", style="bold"), align="left")
    for state, heading in HEADINGS.items():
        rows = [status for status in statuses if status.state == state]
        if rows:
            console.print(Text(f"\n{heading}", style="bold"))
            if state == "held":
                console.print(_complete(rows))
            else:
                _print_open(console, rows)
    waiting = {state: sum(status.is_open and status.state == state for status in statuses) for state in HEADINGS}
    verdict = (
        f"Not ready: {waiting['to come']} still to come, {waiting['missing']} to be got."
        if any(waiting.values())
        else "Ready: nothing more is to come or to be got."
    )
    console.print(Text(f"\n{verdict}", style="bold"))


def _name(status: Readiness) -> str:
    return f"{status.metric.label} (context)" if status.metric.channel == CONTEXT else status.metric.label


def _complete(statuses: Sequence[Readiness]) -> Table:
    """Each metric with its sources, ways of counting and grades; where the contenders differ, each for itself."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    for _ in range(4):
        table.add_column(overflow="fold")
    for status in statuses:
        ways: dict[tuple[str, str, str], list[str]] = {}
        for row in status.complete:
            bounded = ", within bounds" if row["is_bounded"] else ""
            way = (row["source_id"], wording.words(row["basis"]) + bounded, f"grade {row['grade']}")
            labels = ways.setdefault(way, [])
            labels += [] if row["entity_label"] in labels else [row["entity_label"]]
        for number, (way, labels) in enumerate(ways.items()):
            entities = "" if len(ways) == 1 else f": {', '.join(labels)}"
            table.add_row(_name(status) if number == 0 else "", f"{way[0]}{entities}", way[1], way[2])
    return table


def _print_open(console: Console, statuses: Sequence[Readiness]) -> None:
    """Each metric with what each of its sources can give, as lines that a narrow page still holds."""
    for status in statuses:
        lacks = (
            f"  lacks {', '.join(status.lacking)}" if status.complete else "  held in part" if status.in_part else ""
        )
        console.print(Text.assemble(_name(status), (lacks, "dim")))
        for source in status.prospects:
            state = "" if source.state == status.state else f"{source.state}: "
            console.print(Padding(Text.assemble((f"{source.source}: ", "dim"), f"{state}{source.text}"), (0, 0, 0, 4)))
