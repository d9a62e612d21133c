"""What is held of each source, what is missing, and what is wrong.

Belongs here: asking the published file and laying the answer out. Does not belong here: what should be held
(`ingest.plan`) or whether a figure is right (checks).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from adoption.publish.reader import open_published
from adoption.reports.console import print_json
from adoption.reports.refresh import timetable
from ingest.catalog import Catalog, SourceEntry, load_catalog
from ingest.database import fetch_dicts
from ingest.inbox import rejected_files, unclaimed_files
from ingest.plan import Plan, plan

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

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
from meta.extracts group by source_id
"""
NO_EXTRACT: Row = {"extracts": 0, "newest": None, "rows_loaded": 0, "rows_rejected": 0, "refused": None}


@dataclass(frozen=True)
class Line:
    """What is known of one source."""

    source: SourceEntry
    extract: Row
    periods: Plan

    @property
    def is_held(self) -> bool:
        """Whether anything of it was ever landed."""
        return bool(self.extract["extracts"])

    def listing(self, periods: Sequence[date]) -> str:
        """These periods as people write them, after the name of the source."""
        return f"{self.source.id}: {listing(periods, self.source.expected.grain)}"


def show(settings: Settings, today: date | None = None, as_json: bool = False) -> bool:
    """Print one line per source of the catalog, and below what is missing; return whether no source has failed.

    Raises:
        NotPublishedError: when nothing is published.
        CatalogError: when the catalog is not valid.
    """
    catalog = load_catalog(settings.catalog)
    with open_published(settings) as connection:
        lines = lines_of(connection, settings, catalog, today or datetime.now(UTC).date())
    problems = [f"{line.source.id}: {text}" for line in lines for text in line.extract["refused"]]
    problems += unclaimed(settings, catalog)
    if as_json:
        print_json({"sources": [_record(line) for line in lines], "problems": problems})
        return not problems
    console = Console(highlight=False)
    console.print(_table(lines))
    for heading, entries in (*_notes(lines), *timetable(catalog)):
        if entries:
            console.print(Text(f"\n{heading}", style="bold"))
            console.print(_entries(entries))
    for problem in problems:
        console.print(Text(problem, style="red"))
    return not problems


def _record(line: Line) -> Row:
    """A source as a program reads it."""
    grain, source = line.source.expected.grain, line.source
    return {
        "source_id": source.id,
        "label": source.label,
        "state": str(_state(line.extract, line.periods)),
        "newest_landed_at": line.extract["newest"],
        "rows_loaded": line.extract["rows_loaded"],
        "rows_rejected": line.extract["rows_rejected"],
        "refused": list(line.extract["refused"]),
        "held": [label(period, grain) for period in line.periods.available],
        "missing": [label(period, grain) for period in line.periods.missing],
        "never": [label(period, grain) for period in line.periods.gaps],
        "how_to_get": source.how_to_get,
        "schedule": source.access.schedule if source.access else None,
    }


def unclaimed(settings: Settings, catalog: Catalog) -> list[str]:
    """Files of the inbox that no source reads, each with the reason."""
    known = [source.id for source in catalog.sources]
    return [f"{settings.inbox.name}/{name}: {reason}" for name, reason in unclaimed_files(settings.inbox, known)]


def lines_of(connection: DuckDBPyConnection, settings: Settings, catalog: Catalog, today: date) -> list[Line]:
    """What the published file has of each source of the catalog, and what the inbox refused."""
    extracts = {row["source_id"]: row for row in fetch_dicts(connection, EXTRACTS)}
    periods = fetch_dicts(connection, HELD)
    lines = []
    for source in catalog.sources:
        extract = extracts.get(source.id, NO_EXTRACT)
        refused = [*(extract["refused"] or ()), *(reasons for _, reasons in rejected_files(settings.inbox, source.id))]
        available = [row["period"] for row in periods if row["source_id"] == source.id]
        lines.append(Line(source, {**extract, "refused": refused}, plan(source, available, today)))
    return lines


def _table(lines: Sequence[Line]) -> Table:
    """No wider than 80 columns: periods that are missing stand below it."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in ("source", "state", "newest", "rows", "available"):
        table.add_column(name, justify="right" if name == "rows" else "left", no_wrap=True)
    for line in lines:
        table.add_row(*_cells(line))
    return table


def _notes(lines: Sequence[Line]) -> Iterator[tuple[str, list[str]]]:
    """What of the sources is missing, as headings with lines."""
    with_data = [line for line in lines if line.is_held]
    yield "Missing", [line.listing(line.periods.missing) for line in with_data if line.periods.missing]
    yield "Not published", [line.listing(line.periods.gaps) for line in lines if line.periods.gaps]
    yield (
        "Rejected rows, in raw.rejected_rows",
        [f"{line.source.id}: {line.extract['rows_rejected']:,}" for line in with_data if line.extract["rows_rejected"]],
    )
    yield (
        "Method known to be unchanged until",
        [_verified(line.source) for line in with_data if line.source.verified_until],
    )
    yield (
        "Not available, and how to get it",
        [f"{line.source.id}: {line.source.how_to_get}" for line in lines if not line.is_held],
    )


def _verified(source: SourceEntry) -> str:
    """The day up to which the publisher's method was checked, and where a change of it would be told."""
    where = f"; {', '.join(source.trackers)}" if source.trackers else ""
    return f"{source.id}: {source.verified_until}{where}"


def _entries(entries: Sequence[str]) -> Table:
    """Names before texts that keep to their own column, however often they wrap."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for entry in entries:
        name, colon, text = entry.partition(": ")
        grid.add_row(*(Text(f"  {name}:"), Text(text)) if colon else (Text(""), Text(entry)))
    return grid


def _cells(line: Line) -> tuple[str | Text, ...]:
    extract = line.extract
    newest = "none" if extract["newest"] is None else f"{extract['newest']:%Y-%m-%d}"
    available = span(line.periods.available, line.source.expected.grain)
    return line.source.id, _state(extract, line.periods), newest, f"{extract['rows_loaded']:,}", available


def _state(extract: Row, periods: Plan) -> Text:
    if extract["refused"]:
        return Text("failed", style="red")
    if not extract["extracts"]:
        return Text("not available", style="yellow")
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
