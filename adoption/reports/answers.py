"""How much can be answered of each year: in how many channels a direction, and in how many who leads.

Belongs here: counting what the brief answers. Does not belong here: any answer (the brief's), or what is held
(`adoption status`, marts.fct_coverage).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from adoption.publish.reader import open_published
from adoption.reports.names import chosen
from adoption.reports.pairs import relation
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

    from adoption.settings import Settings

Row = dict[str, Any]

DIRECTIONS = frozenset({"up", "down", "flat", "faster", "slower", "steady"})
LEADS = frozenset({"leads", "trails"})
"""What is an answer; mixed, inconclusive and no data are none."""
# of a year that is not over, what its months say where the brief has nothing to compare
CHANNELS = """
with to_date as (
    select
        years.year, metrics.channel,
        if(min(years.direction) = max(years.direction), min(years.direction), null) as direction
    from marts.fct_year_to_date as years
    inner join marts.dim_metrics as metrics using (metric_id)
    where years.entity_type = 'contender' and years.entity_id = $entity and years.segment = 'all'
    group by years.year, metrics.channel
)
select
    brief.year, brief.channel, brief.lead,
    -- what piles up counts under its pace: that something was added is no answer
    if(brief.move = 'no data', coalesce(to_date.direction, 'no data'), brief.move) as direction
from {brief} as brief
left join to_date using (year, channel)
where brief.entity_id = $entity and brief.against_entity_id = $against and brief.line_kind = 'channel'
order by brief.year, brief.line_number
"""


@dataclass(frozen=True)
class Answers:
    """The channels of one year that have an answer, by name."""

    year: int
    directions: tuple[str, ...] = field(default=())
    leads: tuple[str, ...] = field(default=())

    @property
    def counts(self) -> tuple[int, int]:
        """How many channels have a direction, and how many a leader."""
        return len(self.directions), len(self.leads)


def read(connection: duckdb.DuckDBPyConnection, entity: str, against: str) -> list[Answers]:
    """The answers about `entity` against another contender, year by year."""
    query = CHANNELS.format(brief=relation(connection, "rpt_brief", entity, against))
    rows = fetch_dicts(connection, query, {"entity": entity, "against": against})
    return [_of_year(year, channels) for year, channels in groupby(rows, key=lambda row: row["year"])]


def _of_year(year: int, channels: Iterable[Row]) -> Answers:
    rows = list(channels)
    return Answers(
        year,
        tuple(row["channel"] for row in rows if row["direction"] in DIRECTIONS),
        tuple(row["channel"] for row in rows if row["lead"] in LEADS),
    )


def show(
    settings: Settings, entity: str | None = None, against: str | None = None, console: Console | None = None
) -> None:
    """Print the table; who is not given is the catalog's review. It goes to the terminal, or to `console`.

    Raises:
        NotPublishedError: when nothing is published.
        UnknownContenderError: when the catalog has no such contender, or both are the same.
    """
    with open_published(settings) as connection:
        focus, other = chosen(connection, entity, against)
        answers = read(connection, focus["entity_id"], other["entity_id"])
    console = console or Console(highlight=False)
    console.print(Text(f"Channels with an answer: {focus['label']} against {other['label']}", style="bold"))
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in ("year", "direction", "lead", "direction of", "lead in"):
        table.add_column(name, justify="left" if " " in name else "right", overflow="fold")
    for line in answers:
        directions, led = line.counts
        table.add_row(str(line.year), str(directions), str(led), ", ".join(line.directions), ", ".join(line.leads))
    console.print(table)
    console.print("Mixed, inconclusive and no data are no answers. A year that is not over counts what it has.")
