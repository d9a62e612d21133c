"""The pictures of a report: which rows each shows, its text alternative, and the same figures as a table.

Belongs here: asking for the months, breaks and anomalies of a metric, and laying them out for
`adoption.reports.charts`. Does not belong here: how a chart looks (`adoption.reports.charts`), or the page around it
(`templates/`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from string import ascii_lowercase
from typing import Any

from adoption.detection.detector import next_month
from adoption.detection.warehouse_io import MOVEMENTS
from adoption.reports import chart_data, charts
from adoption.reports import format as wording
from adoption.reports.charts import Band, Change, Changes, Panel, Point, said_of
from adoption.reports.page.content import ALL, Content, Figure, Marts, Section
from adoption.reports.page.gallery import Gallery
from ingest.database import fetch_dicts

Row = dict[str, Any]

YEARS_BEFORE = 2
"""A picture by month begins this many years before the year under review."""
WIDE, NARROW = 440, 190
"""Width of the axes in pixels: for a screen, and for a phone."""
HEIGHT = 190
BARS_WIDE, BARS_NARROW = 540, 290
NAMES = 2
"""Names of shaded stretches that find room above a picture; more of them are letters there, and named below."""
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
with shown as (
    select $kind as entity_type, unnest($pair) as entity_id
    union
    select 'framework', framework_id from meta.members where list_contains($pair, contender_id)
)

select anomalies.*, entities.label as entity_label
from marts.fct_anomalies as anomalies
inner join meta.entities as entities using (entity_type, entity_id)
left join shown using (entity_type, entity_id)
where anomalies.metric_id = $metric and anomalies.source_id = $source and anomalies.basis = $basis
    and anomalies.segment = 'all' and list_contains($movements, anomalies.kind)
    and anomalies.start_date < $after and anomalies.end_date >= $first
    and (shown.entity_id is not null or (anomalies.entity_type = 'market' and $kind = 'market'))
order by anomalies.start_date, entities.label, anomalies.kind
"""


@dataclass(frozen=True)
class Named:
    """A shaded stretch, and its name as a figure."""

    band: Band
    figure: Figure

    @property
    def says_more(self) -> bool:
        """Whether it says more than its name above the picture."""
        return self.figure.text != self.band.label


@dataclass(frozen=True)
class Picture:
    """A chart, by what it shows; `marks` is how many lines, areas, bars or intervals it must have at least."""

    name: str
    parts: Sequence[Panel | Changes]
    text: str
    headings: Sequence[str]
    table: Sequence[Sequence[str | Figure]]
    named: Sequence[Named] = ()

    @property
    def marks(self) -> int:
        return sum(map(_marks, self.parts))

    @property
    def is_by_month(self) -> bool:
        return any(isinstance(part, Panel) for part in self.parts)

    @property
    def is_lettered(self) -> bool:
        """Whether shaded stretches are letters on a screen too."""
        return len(self.named) > NAMES

    def drawings(self, gallery: Gallery) -> list[Drawing]:
        """Each part by itself, for a page that says in words of its own what each is."""
        return [
            _drawing(gallery, f"{self.name}_{number}", part, self.is_lettered) for number, part in enumerate(self.parts)
        ]

    def poster(self, gallery: Gallery, title: str) -> str:
        """All parts as one SVG that says what it is, for a place where nothing stands around it."""
        panels = [replace(part, title=title) for part in self.parts if isinstance(part, Panel)]
        if panels:
            return gallery.svg(f"{self.name}_poster", charts.lines, panels, width=WIDE, height=HEIGHT, columns=1)
        bars = [replace(p, title=f"{title}: {p.title}") for p in self.parts if isinstance(p, Changes)]
        return gallery.svg(f"{self.name}_poster", charts.changes, bars, width=BARS_WIDE)


@dataclass(frozen=True)
class Drawing:
    """One set of axes as SVG, for a screen and for a phone, and what stands above it."""

    title: str
    said: str
    marks: int
    wide: str
    narrow: str


def _marks(part: Panel | Changes) -> int:
    if isinstance(part, Panel):
        return len({point.series for point in part.points if point.known})
    return sum((bar.value, bar.low) != (None, None) for bar in part.bars)


def _drawing(gallery: Gallery, name: str, part: Panel | Changes, is_lettered: bool) -> Drawing:
    """On a phone the names of shaded stretches are letters, and bars are told apart by their colours alone."""
    wide, narrow = f"{name}_wide", f"{name}_narrow"
    if isinstance(part, Panel):
        bare = replace(part, title="")
        broad = gallery.svg(wide, charts.lines, [_lettered(bare, is_lettered)], width=WIDE, height=HEIGHT)
        slim = gallery.svg(narrow, charts.lines, [_lettered(bare, True)], width=NARROW, height=HEIGHT)
        return Drawing(part.title, said_of(part), _marks(part), broad, slim)
    bars = [replace(part, title="")]
    broad = gallery.svg(wide, charts.changes, bars, width=BARS_WIDE)
    slim = gallery.svg(narrow, charts.changes, bars, width=BARS_NARROW, is_named=False)
    return Drawing(part.title, part.unit, _marks(part), broad, slim)


def _lettered(panel: Panel, is_lettered: bool) -> Panel:
    if not is_lettered:
        return panel
    letters = [replace(band, label=ascii_lowercase[i % len(ascii_lowercase)]) for i, band in enumerate(panel.bands)]
    return replace(panel, bands=letters)


def overview(content: Content) -> Picture | None:
    """The change of every metric that is held, contender beside contender."""
    rows = [row for row in content.pair if row["is_known"] and row["is_comparable"]]
    parts = chart_data.changes(rows)
    if not parts:
        return None
    table = [[row["metric_label"], row["entity_label"], _found(content, row)] for row in rows]
    said = "; ".join(f"{bar.row}, {bar.entity} {bar.label}" for part in parts for bar in part.bars)
    told = f"Bars from zero: the change of {content.year} against {content.year - 1}, metric by metric: {said}."
    return _in_colours_of_the_pair(Picture("change", parts, told, ["metric", "", "change"], table), content)


def _found(content: Content, row: Row) -> Figure:
    """The change of a row as its section shows it."""
    for section in content.sections:
        if section.metric["metric_id"] == row["metric_id"]:
            place = section.headings.index("change")
            return section.table[[shown["entity_id"] for shown in section.rows].index(row["entity_id"])][place]
    raise KeyError(row["metric_id"])


def of_section(marts: Marts, content: Content, section: Section) -> Picture | None:
    """A metric month by month where months are held, else its two years as bars; None where there is nothing."""
    way = _way(content, section)
    picture = (_months(marts, content, section, way) if way else None) or _levels(content, section)
    return _in_colours_of_the_pair(picture, content) if picture and section.is_pair else picture


def _in_colours_of_the_pair(picture: Picture, content: Content) -> Picture:
    """The picture in which focus and benchmark have the colours of the page's key, even if one of them is missing."""
    order = (content.entity["label"], content.against["label"])
    return replace(picture, parts=[replace(part, order=order) for part in picture.parts])


def _way(content: Content, section: Section) -> tuple[str, str] | None:
    """The source and basis that are shown: the one that holds both contenders, if there is one."""
    line = content.briefs.get(section.metric["metric_id"])
    if line and line["lead_source_id"]:
        return line["lead_source_id"], line["lead_basis"]
    return next(((row["source_id"], row["basis"]) for row in section.rows if row["source_id"]), None)


def _months(marts: Marts, content: Content, section: Section, way: tuple[str, str]) -> Picture | None:
    asked = {
        "metric": section.metric["metric_id"],
        "source": way[0],
        "basis": way[1],
        "kind": section.metric["entity_type"],
        "pair": [content.entity["entity_id"], content.against["entity_id"]],
        "first": date(content.year - YEARS_BEFORE, 1, 1),
        "after": date(content.year + 1, 1, 1),
    }
    rows = fetch_dicts(marts.connection, MONTHS, asked)
    points = [Point(row["entity_label"], row["month_date"], row["value"], row["low"], row["high"]) for row in rows]
    if not any(point.known for point in points):
        return None
    named = [_break(marts, row) for row in fetch_dicts(marts.connection, BREAKS, asked)]
    named += [
        _anomaly(marts, row) for row in fetch_dicts(marts.connection, ANOMALIES, {**asked, "movements": MOVEMENTS})
    ]
    first, last = _span(points)
    named = [one for one in named if one.band.first <= last and max(one.band.first, one.band.last) > first]
    named.sort(key=lambda one: (one.band.first, one.band.label))
    panel = Panel("Month by month", chart_data.way(rows[0]), points, [one.band for one in named])
    headings, table = _month_table(marts, rows)
    return Picture(section.metric["metric_id"], [panel], _told(panel, rows), headings, table, named)


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
    columns = ("depth_pct", "start_date", "end_date", "explanation")
    return Named(band, marts.figure(band.label, "fct_anomalies", row, *columns))


def _month_table(marts: Marts, rows: Sequence[Row]) -> tuple[list[str], list[list[str | Figure]]]:
    """A row for each month, a column for each entity."""
    labels = list(dict.fromkeys(row["entity_label"] for row in rows))
    months: dict[date, dict[str, Figure]] = {}
    for row in rows:
        text = _level(row["value"], row)
        figure = marts.figure(text, "fct_adoption_monthly", row, "value", "low", "high")
        months.setdefault(row["month_date"], {})[row["entity_label"]] = figure
    nothing = wording.NOT_KNOWN
    table = [[f"{month:%Y-%m}", *(held.get(label, nothing) for label in labels)] for month, held in months.items()]
    return ["month", *labels], sorted(table, key=lambda cells: str(cells[0]))


def _level(value: float | None, row: Row, prefix: str = "") -> str:
    if value is not None:
        return wording.number(value, row["unit"])
    return wording.bounds(row[f"{prefix}low"], row[f"{prefix}high"], row["interval_kind"], row["unit"])


def _told(panel: Panel, rows: Sequence[Row]) -> str:
    """The picture in words: from where to where each line goes, and what is shaded."""
    lines = []
    for label, group in groupby(rows, key=lambda row: row["entity_label"]):
        known = [row for row in group if row["value"] is not None or row["low"] is not None]
        if known:
            first, last = ((_level(row["value"], row), f"{row['month_date']:%Y-%m}") for row in (known[0], known[-1]))
            lines.append(f"{label}: {first[0]} in {first[1]}, {last[0]} in {last[1]}.")
    scale = ", on a logarithmic scale" if panel.is_logarithmic else ""
    shaded = f" Shaded: {'; '.join(band.label for band in panel.bands)}." if panel.bands else ""
    return f"Lines by month, {panel.unit}{scale}. {' '.join(lines)}{shaded}"


def _levels(content: Content, section: Section) -> Picture | None:
    """The year and the one before as bars from zero, with the bounds where they are known."""
    bars = [bar for row in section.rows for bar in _bars(content.year, row)]
    if not any(bar.value is not None or bar.low is not None for bar in bars):
        return None
    bars.sort(key=lambda bar: bar.row)
    part = Changes("Level", section.metric["unit"], bars)
    table = [list(cells[: section.headings.index("change")]) for cells in section.table]
    told = f"Bars from zero, {section.metric['unit']}, {content.year - 1} and {content.year}: "
    said = "; ".join(f"{bar.row}, {bar.entity} {bar.label}" for bar in bars)
    return Picture(section.metric["metric_id"], [part], f"{told}{said}.", section.headings[: len(table[0])], table)


def _bars(year: int, row: Row) -> Iterable[Change]:
    part = "" if row["segment"] == ALL else f"{row['segment'].partition('=')[2]} "
    for shown, prefix in ((year - 1, "prior_"), (year, "")):
        value, low, high = (row[f"{prefix}{name}"] for name in ("value", "low", "high"))
        bounds = (low, high) if None not in (low, high) else (None, None)
        yield Change(f"{part}{shown}", row["entity_label"], _level(value, row, prefix), value, *bounds)
