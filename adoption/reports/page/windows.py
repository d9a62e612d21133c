"""Pictures of the windows of time that claims name: each metric against a month that is 100.

Belongs here: which rows a window shows. Does not belong here: how a chart looks (`adoption.reports.charts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from adoption.reports import format as wording
from adoption.reports.charts import Band, Panel, Point
from adoption.reports.page.content import Content, Marts
from adoption.reports.page.figures import FEWEST, Picture, Row, colours_of, monthly_additions
from ingest.database import fetch_dicts

WINDOWS = """
select distinct claims.window_id, windows.window_label, windows.period_start, windows.period_end,
    windows.reference_start, windows.reference_end,
    claims.metric_id, claims.source_id, claims.basis, claims.entity_id as claimed, claims.entity_type,
    metrics.label as metric_label, metrics.position, metrics.kind, sources.label as source_label
from marts.fct_claims as claims
inner join marts.fct_named_windows as windows using (window_id, metric_id, source_id, basis)
inner join marts.dim_metrics as metrics using (metric_id)
left join marts.dim_sources as sources on claims.source_id = sources.source_id
where list_contains($claims, claims.claim_id) and windows.period_start < $after and windows.period_end > $first
order by claims.window_id, metrics.position, claims.basis
"""
AROUND = """
select entities.label as entity_label, monthly.month_date, monthly.value, monthly.unit
from marts.fct_adoption_monthly as monthly
inner join meta.entities as entities using (entity_type, entity_id)
where monthly.metric_id = $metric and monthly.source_id = $source and monthly.basis = $basis
    and monthly.segment = 'all' and monthly.value is not null
    and ((monthly.entity_type = 'contender' and list_contains($pair, monthly.entity_id))
        or (monthly.entity_type = 'market' and list_contains($markets, monthly.entity_id)))
    and monthly.month_date >= $first and monthly.month_date < $after
order by entities.label, monthly.month_date
"""
MULTIPLES = 6


@dataclass(frozen=True)
class Window:
    """A stretch of months that a claim speaks of, and each metric against the reference."""

    label: str
    description: str
    pictures: Sequence[Picture]


def windows_of(marts: Marts, content: Content) -> list[Window]:
    """The named windows of the claims on the page, the reference as 100 and the window marked."""
    claims = [claim.claim["claim_id"] for claim in content.claims]
    span = {"first": date(content.year, 1, 1), "after": date(content.year + 1, 1, 1)}
    windows: list[Window] = []
    rows = fetch_dicts(marts.connection, WINDOWS, {"claims": claims, **span})
    for label, group in groupby(rows, key=lambda row: str(row["window_label"])):
        rows_of_window = list(group)
        ways = {(row["metric_id"], row["source_id"], row["basis"]): row for row in rows_of_window}
        pictures = [
            picture
            for row in list(ways.values())[:MULTIPLES]
            if (picture := _against_reference(marts, content, row, [market["claimed"] for market in rows_of_window]))
            is not None
        ]
        if pictures:
            reference = f"{rows_of_window[0]['reference_start']:%B %Y}"
            windows.append(Window(label, f"{reference} is 100; the window is marked.", pictures))
    return windows[:1]


def _against_reference(marts: Marts, content: Content, way: Row, markets: Sequence[str]) -> Picture | None:
    parameters = {
        "metric": way["metric_id"],
        "source": way["source_id"],
        "basis": way["basis"],
        "pair": [content.entity["entity_id"], content.against["entity_id"]],
        "markets": list(markets),
        "first": (way["reference_start"] - timedelta(days=40)).replace(day=1),
        "after": date(content.year + 1, 1, 1),
    }
    rows = fetch_dicts(marts.connection, AROUND, parameters)
    points: list[Point] = []
    for label, group in groupby(rows, key=lambda row: str(row["entity_label"])):
        members = list(group)
        months = (
            monthly_additions(members)
            if way["kind"] == "stock"
            else [Point(label, r["month_date"], r["value"]) for r in members]
        )
        base = [p.value for p in months if way["reference_start"] <= p.month < way["reference_end"] and p.value]
        if base:
            scale = 100 * len(base) / sum(base)
            points += [Point(label, p.month, None if p.value is None else p.value * scale) for p in months]
    if len([point for point in points if point.known]) < FEWEST:
        return None
    names = list(dict.fromkeys(point.series for point in points))
    colours = colours_of(content, names)
    what = "gained" if way["kind"] == "stock" else wording.words(way["basis"])
    band = Band(way["period_start"], way["period_end"], "", "break")
    panel = Panel(f"{way['metric_label']}, {what}", way["source_label"], points, [band], order=tuple(colours))
    lines = "; ".join(f"{name} from {min(p.month for p in points if p.series == name):%Y-%m}" for name in names)
    text = (
        f"{way['metric_label']} against {way['reference_start']:%B %Y}, which is 100: {lines}. {way['window_label']}."
    )
    return Picture(f"window-{way['metric_id']}-{way['basis']}", panel, text, ["", *names], [], colours)
