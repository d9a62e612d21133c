"""The pictures of a report: which rows each shows, its text alternative, and the same figures as a table.

Belongs here: asking for the months, breaks and anomalies of a metric, and laying them out for
`adoption.reports.charts`. Does not belong here: how a chart looks (`adoption.reports.charts`), or the page around it
(`templates/`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from string import ascii_lowercase
from typing import Any

from adoption.detection.events import next_month
from adoption.detection.warehouse_io import MOVEMENTS
from adoption.reports import chart_data, charts
from adoption.reports import format as wording
from adoption.reports.charts import Band, Change, Changes, Panel, Point
from adoption.reports.page.content import ALL, Content, Figure, Marts, Section
from adoption.reports.score_words import standing
from adoption.reports.scoreboard import Ratio
from ingest.database import fetch_dicts

Row = dict[str, Any]

YEARS_BEFORE = 2
"""A picture by month begins this many years before the year under review."""
LEAD_WIDE, WIDE, NARROW = 1060.0, 620.0, 328.0
"""Width in pixels: of the picture below the headline, of the others, and of all on a phone."""
HEIGHT = 140.0
SMALL = 100.0
"""Height of a small multiple."""
FEWEST = 4
"""A picture by month has at least so many months; fewer are shown as years."""
MONTHS = """
select monthly.*, entities.label as entity_label, sources.label as source_label
from marts.fct_adoption_monthly as monthly
inner join meta.entities as entities using (entity_type, entity_id)
inner join marts.dim_sources as sources using (source_id)
where monthly.metric_id = $metric and monthly.source_id = $source and monthly.basis = $basis
    and monthly.segment = 'all' and monthly.member = 'primary'
    and monthly.entity_type = $kind and ($kind = 'market' or list_contains($pair, monthly.entity_id))
    and monthly.month_date >= $first and monthly.month_date < $after
order by monthly.entity_id = $pair[1] desc, entities.label, monthly.month_date
"""
BREAKS = """
with reaching as (
    select distinct unnest(break_ids) as break_id
    from marts.fct_adoption_yoy
    where metric_id = $metric and source_id = $source and basis = $basis and segment = 'all' and entity_type = $kind
        and ($kind = 'market' or list_contains($pair, entity_id)) and year >= year($first) and year < year($after)
)

select breaks.* from marts.dim_breaks as breaks inner join reaching using (break_id)
where breaks.start_date < $after and breaks.end_date >= $first
order by breaks.start_date, breaks.label
"""
ANOMALIES = """
select anomalies.*, entities.label as entity_label
from marts.fct_anomalies as anomalies
inner join meta.entities as entities using (entity_type, entity_id)
where anomalies.metric_id = $metric and anomalies.source_id = $source and anomalies.basis = $basis
    and anomalies.segment = 'all' and list_contains($movements, anomalies.kind)
    and anomalies.start_date < $after and anomalies.end_date >= $first
    and anomalies.entity_type = $kind and ($kind = 'market' or list_contains($pair, anomalies.entity_id))
order by anomalies.start_date, entities.label, anomalies.kind
"""


@dataclass(frozen=True)
class Named:
    """A shaded stretch, and its name as a figure."""

    band: Band
    figure: Figure


@dataclass(frozen=True)
class Picture:
    """A chart, by what it shows; `marks` is how many lines, areas, dots or bars it must have at least.

    `colours` has every series that the chart is about, also one of which nothing is available.
    """

    name: str
    part: Panel | Changes | LeadChart | ProjectionChart
    text: str
    headings: Sequence[str]
    table: Sequence[Sequence[str | Figure]]
    colours: Mapping[str, str]
    named: Sequence[Named] = ()
    year: int | None = None

    @property
    def marks(self) -> int:
        match self.part:
            case Panel():
                return len({point.series for point in self.part.points if point.known})
            case Changes():
                return sum((bar.value, bar.low) != (None, None) for bar in self.part.bars)
        return len(self.part.rows)

    @property
    def is_by_month(self) -> bool:
        return isinstance(self.part, Panel)

    @property
    def description(self) -> str:
        """The unit and the scale."""
        match self.part:
            case Panel():
                scale = "; logarithmic scale" if self.part.is_logarithmic else ""
                return f"{self.part.title}, {self.part.unit}{scale}"
            case Changes():
                return f"{self.part.title}, {self.part.unit}"
        return self.part.description

    def drawn(self, width: float, height: float = HEIGHT) -> str:
        """The chart as SVG."""
        match self.part:
            case Panel():
                return charts.lines(self.part, self.colours, width, height, self.year)
            case Changes():
                return charts.whiskers(self.part, self.colours, width)
            case ProjectionChart():
                return charts.projections(self.part.rows, self.colours, self.part.prior_year, width)
        return charts.lead(self.part.rows, self.part.pair, self.colours, width)

    @property
    def wide(self) -> str:
        return self.drawn(LEAD_WIDE if isinstance(self.part, LeadChart | ProjectionChart) else WIDE)

    @property
    def narrow(self) -> str:
        return self.drawn(NARROW, SMALL if self.name.startswith("window") else HEIGHT)


@dataclass(frozen=True)
class LeadChart:
    """How many times as much one has as the other, metric by metric."""

    rows: Sequence[charts.Lead]
    pair: tuple[str, str]
    description: str


@dataclass(frozen=True)
class ProjectionChart:
    """What a year holds so far and how it may end, metric by metric, as multiples of the year before."""

    rows: Sequence[charts.Projection]
    prior_year: int
    description: str


def lead_of(content: Content) -> Picture | None:
    """The picture below the headline; None where there is no data of both."""
    rows, table = [], []
    for score in content.ratios:
        now, before = score.ratio, score.before
        if now is None:
            continue
        months = f", {score.row['lead_common_months']} months" if score.row.get("lead_common_months") else ""
        gap = score.gap if before else f"{content.year - 1}: {score.gap}"
        under = f"grade {score.ratio_grade}{months}"
        is_sure = score.ratio_grade < "C"
        known = (before.low, before.high) if before else None
        rows.append(charts.Lead(score.label, under, now.low, now.high, known, is_sure, standing(score), gap))
        table.append([score.label, ratio_words(before), ratio_words(now), gap, score.ratio_grade])
    if not rows:
        return None
    entity, other = content.entity["label"], content.against["label"]
    legend = (
        f"How many times as much as the other in {content.year} (large) and {content.year - 1} (small). Filled: grade "
        "A or B; hollow: C or D; bars: known within bounds"
    )
    text = f"{entity} against {other}. {'; '.join(f'{row.name}: {row.words}, {row.gap}' for row in rows)}."
    headings = ["", str(content.year - 1), str(content.year), "gap", "grade"]
    return Picture("lead", LeadChart(rows, (entity, other), legend), text, headings, table, content.colours)


def ratio_words(ratio: Ratio | None) -> str:
    """A ratio as a number, or between which two it lies."""
    if ratio is None:
        return ""
    return f"{ratio.low:.2f}" if ratio.is_number else f"{ratio.low:.2f} to {ratio.high:.2f}"


def of_section(marts: Marts, content: Content, section: Section) -> Picture | None:
    """A metric month by month where months are held, else its two years as dots; None where there is nothing."""
    way = _way(content, section)
    return (_months(marts, content, section, way) if way else None) or _levels(content, section)


def colours_of(content: Content, names: Sequence[str]) -> Mapping[str, str]:
    """The colours of the two contenders, or of each market."""
    return content.colours if set(names) <= set(content.colours) else charts.coloured(names)


def _way(content: Content, section: Section) -> tuple[str, str] | None:
    """The source and basis that are shown: the one that holds both contenders, if there is one."""
    line = content.briefs.get(section.metric["metric_id"])
    if line and line["lead_source_id"]:
        return line["lead_source_id"], line["lead_basis"]
    return next(((row["source_id"], row["basis"]) for row in section.rows if row["source_id"]), None)


def _months(marts: Marts, content: Content, section: Section, way: tuple[str, str]) -> Picture | None:
    parameters = {
        "metric": section.metric["metric_id"],
        "source": way[0],
        "basis": way[1],
        "kind": section.metric["entity_type"],
        "pair": [content.entity["entity_id"], content.against["entity_id"]],
        "first": date(content.year - YEARS_BEFORE, 1, 1),
        "after": date(content.year + 1, 1, 1),
    }
    rows = fetch_dicts(marts.connection, MONTHS, parameters)
    is_stock = section.metric["kind"] == "stock"
    points = (
        monthly_additions(rows)
        if is_stock
        else [Point(row["entity_label"], row["month_date"], row["value"], row["low"], row["high"]) for row in rows]
    )
    if len([point for point in points if point.known]) < FEWEST:
        return None
    named = [_break(marts, row) for row in fetch_dicts(marts.connection, BREAKS, parameters)]
    moved = {**parameters, "movements": MOVEMENTS}
    if is_stock:  # what a break moved was not gained
        points = [replace(point, value=None) if _is_broken(point.month, named) else point for point in points]
    named += [_anomaly(marts, row) for row in fetch_dicts(marts.connection, ANOMALIES, moved)]
    first, last = _span(points)
    named = [mark for mark in named if mark.band.first <= last and max(mark.band.first, mark.band.last) > first]
    named.sort(key=lambda mark: (mark.band.first, mark.band.label))
    letters = [replace(mark.band, label=ascii_lowercase[i % len(ascii_lowercase)]) for i, mark in enumerate(named)]
    title = "Added by month" if is_stock else "By month"
    panel = Panel(title, chart_data.way(rows[0]), points, letters, order=tuple(content.colours))
    headings, table = _month_table(marts, rows, ", total" if is_stock else "")
    colours = colours_of(content, [row["entity_label"] for row in rows])
    description = _description(panel, rows, named, "in total " if is_stock else "")
    return Picture(section.metric["metric_id"], panel, description, headings, table, colours, named, content.year)


def _is_broken(month: date, breaks: Sequence[Named]) -> bool:
    return any(mark.band.first < next_month(month) and max(mark.band.last, mark.band.first) >= month for mark in breaks)


def monthly_additions(rows: Sequence[Row]) -> list[Point]:
    """What a stock gained from one month to the next; a month without its predecessor is unknown."""
    totals = {(row["entity_label"], row["month_date"]): row["value"] for row in rows}
    points = []
    for (label, month), total in totals.items():
        before = totals.get((label, (month - timedelta(days=1)).replace(day=1)))
        gained = None if total is None or before is None else total - before
        points.append(Point(label, month, gained))
    return points


def _span(points: Sequence[Point]) -> tuple[date, date]:
    """The first and the last day that a picture by month covers: what lies outside cannot be shaded."""
    months = [point.month for point in points]
    return min(months), next_month(max(months)) - timedelta(days=1)


def _break(marts: Marts, row: Row) -> Named:
    text = f"{row['label']}: {row['reason']}"
    band = Band(row["start_date"], row["end_date"], row["label"], "break")
    return Named(band, marts.figure(text, "dim_breaks", row, "label", "reason"))


def _anomaly(marts: Marts, row: Row) -> Named:
    band = chart_data.band(row)
    band = replace(band, label=f"{row['entity_label']}: {band.label}")
    columns = ("change_pct", "start_date", "end_date", "explanation")
    return Named(band, marts.figure(band.label, "fct_anomalies", row, *columns))


def _month_table(marts: Marts, rows: Sequence[Row], of: str) -> tuple[list[str], list[list[str | Figure]]]:
    """A row for each month, a column for each entity; `of` says of what, where the picture shows another thing."""
    labels = list(dict.fromkeys(row["entity_label"] for row in rows))
    months: dict[date, dict[str, Figure]] = {}
    for row in rows:
        text = _level(row["value"], row)
        figure = marts.figure(text, "fct_adoption_monthly", row, "value", "low", "high")
        months.setdefault(row["month_date"], {})[row["entity_label"]] = figure
    nothing = wording.NOT_KNOWN
    table = [[f"{month:%Y-%m}", *(values.get(label, nothing) for label in labels)] for month, values in months.items()]
    return ["month", *(f"{label}{of}" for label in labels)], sorted(table, key=lambda cells: str(cells[0]))


def _level(value: float | None, row: Row, prefix: str = "") -> str:
    if value is not None:
        return wording.number(value, row["unit"])
    return wording.bounds(row[f"{prefix}low"], row[f"{prefix}high"], row["interval_kind"], row["unit"])


def _description(panel: Panel, rows: Sequence[Row], named: Sequence[Named], of: str) -> str:
    """The picture in words: from where to where each series goes, and what is shaded."""
    lines = []
    for label, group in groupby(rows, key=lambda row: row["entity_label"]):
        known = [row for row in group if row["value"] is not None or row["low"] is not None]
        if known:
            first, last = ((_level(row["value"], row), f"{row['month_date']:%Y-%m}") for row in (known[0], known[-1]))
            lines.append(f"{label}: {of}{first[0]} in {first[1]}, {last[0]} in {last[1]}.")
    scale = ", on a logarithmic scale" if panel.is_logarithmic else ""
    shaded = f" Marked: {'; '.join(mark.band.label for mark in named)}." if named else ""
    return f"{panel.title}, {panel.unit}{scale}. {' '.join(lines)}{shaded}"


def _levels(content: Content, section: Section) -> Picture | None:
    """The year and the one before as bars from zero, with the bounds where they are known."""
    bars = [bar for row in section.rows for bar in _bars(content.year, row)]
    if not any(bar.value is not None or bar.low is not None for bar in bars):
        return None
    bars.sort(key=lambda bar: bar.row)
    part = Changes("By year", section.metric["unit"], bars)
    table = [list(cells[: section.headings.index("change")]) for cells in section.table]
    intro = f"Dots and bounds, {section.metric['unit']}, {content.year - 1} and {content.year}: "
    bars_text = "; ".join(f"{bar.row}, {bar.entity} {bar.label}" for bar in bars)
    colours = colours_of(content, [bar.entity for bar in bars])
    headings = section.headings[: len(table[0])]
    return Picture(section.metric["metric_id"], part, f"{intro}{bars_text}.", headings, table, colours)


def _bars(year: int, row: Row) -> Iterable[Change]:
    part = "" if row["segment"] == ALL else f"{row['segment'].partition('=')[2]} "
    for shown, prefix in ((year - 1, "prior_"), (year, "")):
        value, low, high = (row[f"{prefix}{name}"] for name in ("value", "low", "high"))
        bounds = (low, high) if None not in (low, high) else (None, None)
        yield Change(f"{part}{shown}", row["entity_label"], _level(value, row, prefix), value, *bounds)
