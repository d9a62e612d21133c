"""How a year that is not over will end, in a line per metric and contender: what is held, projected, and tested.

Belongs here: asking marts.fct_projections and saying a row. Does not belong here: any figure (`adoption.projection`
computes them, dbt withholds). A projection is always called one, and stands beside the count that it begins with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from adoption.reports import format as wording
from adoption.reports.to_date import months
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]

HEADING = (
    "Projections: how the year will end, with an 80 % interval. They are no counts, and nothing above rests on them"
)
ROWS = """
select projections.*, metrics.label as metric_label, sources.label as source_label
from marts.fct_projections as projections
inner join marts.dim_metrics as metrics using (metric_id)
inner join marts.dim_sources as sources using (source_id)
where projections.entity_type = 'contender' and projections.segment = 'all' and projections.year = ?
    and list_contains(?, projections.entity_id)
order by metrics.position, list_position(?, projections.entity_id)
"""


def read(connection: duckdb.DuckDBPyConnection, year: int, entities: Sequence[str]) -> list[Row]:
    """A row for each metric and entity of which the year lacks months; none where the file has no projections."""
    return fetch_dicts(connection, ROWS, [year, list(entities), list(entities)])


def print_section(console: Console, rows: Sequence[Row], labels: dict[str, str]) -> None:
    """The section, if the year has one; what is withheld comes last, with its reason."""
    if not rows:
        return
    console.print()
    console.print(Text(HEADING, style="bold"))
    for row in sorted(rows, key=lambda row: row["withheld_because"] is not None):
        console.print(Padding(Text(sentence(row, labels[row["entity_id"]])), (0, 0, 0, 2)))


def sentence(row: Row, name: str) -> str:
    """A row in words: the count of the months held, the projection beside it, its tests, the source and the grade."""
    counted = f"{row['metric_label']}: {name} {_to_date(row)}"
    source = f"{row['source_label']}, {wording.words(row['basis'])}"
    if row["withheld_because"]:
        return f"{counted}; nothing is projected: {row['withheld_because']} ({source})."
    return f"{counted}; projected {_projected(row)}; {_tested(row)}; {source}; grade {row['grade']}."


def _to_date(row: Row) -> str:
    """The count that the year has so far, and over which months."""
    available = [month for month in range(1, 13) if month not in row["missing_months"]]
    if row["to_date"] is None:
        return f"from {months(available)} not known"
    figure = _gain(row, row["to_date"]) if row["kind"] == "stock" else wording.number(row["to_date"], row["unit"])
    return f"{figure} in {months(available)}"


def _projected(row: Row) -> str:
    """The year's total with its interval, and its growth on the year before where the two compare."""
    figure, low, high = (
        _gain(row, row[f"projected_{side}"])
        if row["kind"] == "stock"
        else wording.number(row[f"projected_{side}"], row["unit"])
        for side in ("value", "low", "high")
    )
    text = f"{figure} for {row['year']} (80 % interval {low} to {high})"
    if row["projected_growth_pct"] is None:
        return text
    growth, least, most = (
        wording.signed(row[f"projected_growth_{side}"], "percent") for side in ("pct", "low", "high")
    )
    return f"{text}, {growth} on {row['year'] - 1} ({least} to {most})"


def _gain(row: Row, value: float) -> str:
    return wording.gain(value, None, None, row["unit"]) or wording.NOT_KNOWN


def _tested(row: Row) -> str:
    """How many earlier years the interval held when it was made from as much of them."""
    years = row["years_tested"]
    if not years:
        return "no earlier year tests it"
    return f"the interval held {row['years_covered']} of {years} earlier year{'s' if years > 1 else ''}"
