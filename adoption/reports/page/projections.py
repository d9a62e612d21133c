"""The picture of projections: a year that lacks months, as far as it is counted and as it may end.

Belongs here: which rows it shows, its text alternative, and the same figures as a table. Does not belong here: any
figure (`adoption.projection`), or how the chart looks (`adoption.reports.charts.projections`).
"""

from __future__ import annotations

from typing import Any

from adoption.reports import charts
from adoption.reports import format as wording
from adoption.reports import projections as projected
from adoption.reports.page.content import Content, Figure, Marts
from adoption.reports.page.figures import Picture, ProjectionChart

Row = dict[str, Any]
SAID = (
    "Totals as multiples of those of {prior}. Filled: counted so far; dashed, with a circle: projected; grey: its 80 % "
    "interval. A projection is no count; grade C or D"
)


def projections_of(marts: Marts, content: Content) -> Picture | None:
    """The picture; None where no total of the year before is there to compare with, or the year lacks no month."""
    pair = [content.entity["entity_id"], content.against["entity_id"]]
    labels = {row["entity_id"]: row["label"] for row in (content.entity, content.against)}
    rows = [row for row in projected.read(marts.connection, content.year, pair) if _is_drawn(row)]
    if not rows:
        return None
    bars = [_bar(row, labels[row["entity_id"]]) for row in rows]
    text = " ".join(projected.sentence(row, labels[row["entity_id"]]) for row in rows)
    headings = ["", "contender", "counted", "projected", "80 % interval", str(content.year - 1), "grade"]
    legend = SAID.format(prior=content.year - 1)
    table = [_cells(marts, row, labels[row["entity_id"]]) for row in rows]
    return Picture(
        "projections", ProjectionChart(bars, content.year - 1, legend), text, headings, table, content.colours
    )


def _is_drawn(row: Row) -> bool:
    known = (row["to_date"], row["projected_value"], row["projected_prior_value"])
    return not row["withheld_because"] and None not in known and row["projected_prior_value"] > 0


def _bar(row: Row, name: str) -> charts.Projection:
    prior = row["projected_prior_value"]
    counted, value, low, high = (
        row[column] / prior for column in ("to_date", "projected_value", "projected_low", "projected_high")
    )
    words = f"{_amount(row, 'projected_value')} ({_amount(row, 'projected_low')} to {_amount(row, 'projected_high')})"
    return charts.Projection(row["metric_label"], name, max(counted, 0.0), value, low, high, words)


def _amount(row: Row, column: str) -> str:
    return wording.number(row[column], row["unit"])


def _cells(marts: Marts, row: Row, name: str) -> list[str | Figure]:
    def of(column: str) -> Figure:
        return marts.figure(_amount(row, column), "fct_projections", row, column)

    interval = f"{_amount(row, 'projected_low')} to {_amount(row, 'projected_high')}"
    return [
        row["metric_label"],
        name,
        of("to_date"),
        of("projected_value"),
        marts.figure(interval, "fct_projections", row, "projected_low", "projected_high"),
        of("projected_prior_value"),
        row["grade"],
    ]
