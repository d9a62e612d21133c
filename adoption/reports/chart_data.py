"""What is shown of the marts beside their names: which rows, and the charts and tables that they become.

Belongs here: asking for rows of the work file, and laying them out for `adoption.reports.charts`. Does not belong
here: how a chart looks, where it is shown, and the published year in review (`adoption.reports.review`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal

from adoption.detection.events import next_month
from adoption.detection.warehouse_io import MOVEMENTS
from adoption.reports import format as wording
from adoption.reports.charts import Band, Change, Changes, Panel, Point
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]

COMPARED = """
select
    yoy.*, metrics.label as metric_label, metrics.position, entities.label as entity_label,
    yoy.entity_id = review.focus as is_focus, []::varchar[] as other_ways
from marts.fct_adoption_yoy as yoy
inner join meta.review on yoy.year = review.review_year and yoy.entity_id in (review.focus, review.benchmark)
inner join meta.metrics using (metric_id)
inner join meta.entities using (entity_type, entity_id)
where yoy.entity_type = 'contender' and yoy.segment = 'all' and yoy.is_preferred
order by metrics.position, is_focus desc
"""
MONTHS = """
with ways as (
    select yoy.metric_id, any_value(yoy.source_id) as source_id, any_value(yoy.basis) as basis
    from marts.fct_adoption_yoy as yoy
    inner join meta.review on yoy.year = review.review_year and yoy.entity_id = review.focus
    where yoy.entity_type = 'contender' and yoy.segment = 'all' and yoy.is_preferred
    group by yoy.metric_id
)
select
    monthly.series_id, metrics.label as metric_label, sources.label as source_label, monthly.basis, monthly.unit,
    entities.label as entity_label, monthly.month_date, monthly.value
from marts.fct_adoption_monthly as monthly
inner join ways using (metric_id, source_id, basis)
inner join meta.review on monthly.entity_id in (review.focus, review.benchmark)
inner join meta.metrics using (metric_id)
inner join meta.sources using (source_id)
inner join meta.entities using (entity_type, entity_id)
where monthly.entity_type = 'contender' and monthly.segment = 'all' and monthly.member = 'primary'
order by metrics.position, monthly.entity_id = review.focus desc, monthly.month_date
"""
BREAKS = (
    "select series_id, label, start_date, end_date from intermediate.int_breaks__by_series order by start_date, label"
)
SERIES = """
select series.entity_id, series.series_id, entities.label as entity_label, series.month_date, series.value,
       sources.label as source_label, series.basis, metrics.unit
from intermediate.int_detection__series as series
inner join meta.metrics using (metric_id)
inner join meta.sources using (source_id)
left join meta.entities as entities
    on series.entity_id = entities.entity_id and split_part(series.series_id, '/', 5) = entities.entity_type
where series.metric_id = ? and series.is_watched order by series.series_id, series.month_date
"""
EVENTS = """
select series_id, kind, start_date, end_date, change_pct, explanation_kind, explanation
from marts.fct_anomalies where metric_id = ? and list_contains(?, kind) order by start_date, kind
"""

KINDS: Mapping[str, Literal["break", "anomaly"]] = {"unexplained": "anomaly", "measurement": "break"}
"""How what is found is shaded, by what explains it; else as explained."""


def compared(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The review year of focus and benchmark, a row per metric and entity, counted as reports prefer."""
    return fetch_dicts(connection, COMPARED)


def changes(rows: Sequence[Row]) -> list[Changes]:
    """The rows of `compared` as bars: growth in percent, shares in points."""
    parts = (
        (
            "Growth against the year before",
            "percent; of a stock, of what it gained in the year",
            [r for r in rows if r["kind"] != "share"],
        ),
        ("Change of shares", "points", [row for row in rows if row["kind"] == "share"]),
    )
    return [Changes(title, unit, [_bar(row) for row in chosen]) for title, unit, chosen in parts if chosen]


def _bar(row: Row) -> Change:
    value = {"share": "yoy_change", "stock": "net_additions_pct"}.get(row["kind"], "yoy_pct")
    has_bounds = row["is_comparable"] and None not in (row["yoy_low"], row["yoy_high"])
    bounds = (row["yoy_low"], row["yoy_high"]) if has_bounds else (None, None)
    known = row[value] if row["is_comparable"] else None
    return Change(row["metric_label"], row["entity_label"], _change_text(row, known), known, *bounds)


def _change_text(row: Row, change: float | None) -> str:
    if change is None:
        return wording.interval(row) if row["is_comparable"] and wording.interval(row) else wording.NOT_COMPARABLE
    is_open = row["direction"] in wording.UNSAID and row["yoy_interval_kind"] is None
    return f"{wording.signed(change, 'points' if row['kind'] == 'share' else 'percent')}{'?' if is_open else ''}"


def compared_cells(rows: Sequence[Row]) -> list[dict[str, str]]:
    """The rows of `compared` as people read them."""
    return [
        {
            "metric": row["metric_label"],
            "entity": row["entity_label"],
            str(row["year"] - 1): wording.prior_level(row),
            str(row["year"]): wording.level(row),
            "change": wording.change(row),
            "interval": wording.interval(row),
            "baseline": wording.baseline(row),
            "grade": row["grade"] or "",
            "not comparable": row["not_comparable_reason"] or "",
        }
        for row in rows
    ]


def months(connection: duckdb.DuckDBPyConnection) -> list[Panel]:
    """Focus and benchmark by month, a panel per metric, with the breaks in series that reach them."""
    breaks: dict[str, list[Row]] = {}
    for row in fetch_dicts(connection, BREAKS):
        breaks.setdefault(row["series_id"], []).append(row)
    panels = []
    for label, group in groupby(fetch_dicts(connection, MONTHS), key=lambda row: str(row["metric_label"])):
        rows = list(group)
        points = [Point(row["entity_label"], row["month_date"], row["value"]) for row in rows]
        reaching = {
            row["label"]: row for series in {row["series_id"] for row in rows} for row in breaks.get(series, ())
        }
        bands = [Band(row["start_date"], row["end_date"], label, "break") for label, row in sorted(reaching.items())]
        panels.append(Panel(label, way(rows[0]), points, bands))
    return panels


def way(row: Row) -> str:
    """The unit of a series, and whose figures it is made of, counted how."""
    return f"{row['unit']} ({row['source_label']}, {wording.words(row['basis'])})"


def watched(connection: duckdb.DuckDBPyConnection, metric_id: str) -> list[Panel]:
    """The series of a metric in which anomalies are looked for, a panel each, what was found shaded and named.

    Series with something unexplained come first, then others with movements, then those in which nothing moved.
    """
    bands: dict[str, list[Band]] = {}
    for event in fetch_dicts(connection, EVENTS, [metric_id, list(MOVEMENTS)]):
        bands.setdefault(event["series_id"], []).append(band(event))
    panels = [
        _watched(list(group), bands.get(series, ()))
        for series, group in groupby(
            fetch_dicts(connection, SERIES, [metric_id]), key=lambda row: str(row["series_id"])
        )
    ]
    return sorted(panels, key=lambda panel: (_urgency(panel), panel.title))


def _watched(rows: Sequence[Row], bands: Sequence[Band]) -> Panel:
    title = rows[0]["entity_label"] or rows[0]["entity_id"]
    return Panel(title, way(rows[0]), [Point(title, row["month_date"], row["value"]) for row in rows], bands)


def _urgency(panel: Panel) -> int:
    kinds = {band.kind for band in panel.bands}
    return 0 if "anomaly" in kinds else 1 if kinds else 2


def band(event: Row) -> Band:
    """An event in the words of the picture."""
    change = event["change_pct"]
    size = "" if change is None else f" {wording.signed(change, 'percent')}"
    why = event["explanation"] or wording.words(event["explanation_kind"])
    return Band(
        event["start_date"],
        max(next_month(event["end_date"]), event["start_date"] + timedelta(days=1)),
        f"{wording.words(event['kind'])}{size}: {why}",
        KINDS.get(event["explanation_kind"], "explained"),
    )
