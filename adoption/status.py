"""What is held of each source, what is missing, and what is wrong.

Belongs here: asking the published file and laying the answer out. Does not belong here: what should be held
(`ingest.plan`) or whether a figure is right (checks).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from adoption.published import ask, open_published
from adoption.refresh import timetable
from ingest.catalog import SourceEntry, load_catalog
from ingest.inbox import refusals, strays
from ingest.plan import Plan, plan

if TYPE_CHECKING:
    from adoption.settings import Settings

Row = dict[str, Any]

HELD = """
select source_id, month_date as period from marts.fct_adoption_monthly where kind <> 'stock'
union
select source_id, date_trunc('month', period_start)::date from marts.fct_observations where grain = 'snapshot'
union
select source_id, date_trunc('year', period_start)::date from marts.fct_observations where grain = 'year'
"""
EXTRACTS = """
select source_id, count(*) filter (kind = 'landed') as extracts, max(landed_at) as newest,
       coalesce(sum(rows_loaded), 0) as rows_loaded, coalesce(sum(rows_rejected), 0) as rows_rejected,
       list(filename || ': ' || error order by filename) filter (status = 'refused') as refused
from catalog.extracts group by source_id
"""
NO_EXTRACT: Row = {"extracts": 0, "newest": None, "rows_loaded": 0, "rows_rejected": 0, "refused": None}


def show(settings: Settings, today: date | None = None) -> bool:
    """Print one line per source of the catalog; return whether no source is red.

    Raises:
        NotPublishedError: when nothing is published.
        CatalogError: when the catalog is not valid.
    """
    catalog = load_catalog(settings.catalog)
    with open_published(settings) as connection:
        extracts = {row["source_id"]: row for row in ask(connection, EXTRACTS)}
        periods = ask(connection, HELD)
    console = Console(highlight=False)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in ("source", "state", "newest extract", "rows", "held", "missing", "not to be had"):
        table.add_column(name, justify="right" if name == "rows" else "left", no_wrap=name in ("source", "state"))
    day = today or datetime.now(UTC).date()
    problems, advice = [], []
    for source in catalog.sources:
        extract = extracts.get(source.id, NO_EXTRACT)
        refused = [*(extract["refused"] or ()), *(reasons for _, reasons in refusals(settings.inbox, source.id))]
        extract = {**extract, "refused": refused}
        held = [row["period"] for row in periods if row["source_id"] == source.id]
        table.add_row(*_cells(source, extract, plan(source, held, day)))
        problems += [f"{source.id}: {text}" for text in refused]
        advice += [] if extract["extracts"] else [f"{source.id}: {source.how_to_get}"]
    known = [source.id for source in catalog.sources]
    problems += [f"{settings.inbox.name}/{name}: {reason}" for name, reason in strays(settings.inbox, known)]
    console.print(table)
    for heading, lines in (("Not held, and how to get it", advice), *timetable(catalog)):
        if lines:
            console.print(Text(f"\n{heading}", style="bold"))
        for line in lines:
            console.print(f"  {line}", markup=False)
    for problem in problems:
        console.print(Text(problem, style="red"))
    return not problems


def _cells(source: SourceEntry, extract: Row, periods: Plan) -> tuple[str | Text, ...]:
    newest = "none" if extract["newest"] is None else f"{extract['newest']:%Y-%m-%d}"
    rows = f"{extract['rows_loaded']:,}" + (
        f" ({extract['rows_rejected']:,} rejected)" if extract["rows_rejected"] else ""
    )
    grain = source.expected.grain
    missing = listing(periods.missing, grain) if extract["extracts"] else ""
    return (
        source.id,
        _state(extract, periods),
        newest,
        rows,
        span(periods.held, grain),
        missing,
        listing(periods.never, grain),
    )


def _state(extract: Row, periods: Plan) -> Text:
    if extract["refused"]:
        return Text("red", style="red")
    if not extract["extracts"]:
        return Text("not held", style="yellow")
    if periods.missing:
        return Text("behind", style="yellow")
    return Text("complete", style="green")


def label(period: date, grain: str) -> str:
    """A period as people write it: the year, or year and month."""
    return f"{period:%Y}" if grain == "year" else f"{period:%Y-%m}"


def span(periods: Sequence[date], grain: str) -> str:
    """How many periods, from the first to the last."""
    if not periods:
        return "none"
    return f"{len(periods)}: {label(periods[0], grain)} to {label(periods[-1], grain)}"


def listing(periods: Sequence[date], grain: str, most: int = 3) -> str:
    """The periods by name, or their number and the last ones when they are many."""
    if not periods:
        return ""
    names = [label(period, grain) for period in periods]
    return ", ".join(names) if len(names) <= most else f"{len(names)}, last {', '.join(names[-most:])}"
