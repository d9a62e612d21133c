"""Charts: rows in, a picture out, the same wherever it is shown.

Belongs here: how a chart looks, and writing it as SVG. Does not belong here: which rows are shown, asking for them, or
where the picture goes.

The rules: bars and linear scales start at zero; a scale is logarithmic where growth is exponential, and says so;
series and bars are labelled where they are, not in a legend; a month that is not known is a gap; breaks in series
and anomalies are shaded and named; the colours can be told apart by people who are colour-blind (Okabe and Ito).

The libraries come with the extra `report`. Without them everything but the pictures works; see `are_installed`.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import altair as alt

    Chart = alt.ConcatChart | alt.VConcatChart
    Layered = alt.LayerChart | alt.FacetChart

PALETTE = ("#0072B2", "#B04D00", "#007A5A", "#A8457E", "#8A6D00", "#555555")
"""Okabe and Ito's colours, darkened so that text in them can be read; more series than these are dashed too."""
BANDS: Mapping[str, str] = {"break": "#777777", "anomaly": "#B04D00", "explained": "#56B4E9"}
INK, PALE = "#222222", "#E4E4E4"
EXPONENTIAL = 20
"""A scale is logarithmic where the largest value is this many times the smallest."""
TITLE, TEXT = 13, 12
"""Sizes of type in pixels: two, as the small print of a page."""
DAYS_OF_QUARTERS = 500
"""Shorter pictures have a tick for each quarter."""
LINE_OF_TEXT = 14
"""Pixels between two labels."""
BAR = 18
"""Pixels between two bars of a row."""
THOUSAND = 1000
LETTER = 6.4
"""Pixels that a letter of a label takes, on average, in the broadest of the fonts that a reader may have."""
BROADER = 0.25
"""How much broader that font may be than the one that the picture was measured with; bold is broader still."""
PLACES = re.compile(r' (?:d|transform)="[^"]*"')
UNSEEN = re.compile(r' (?:class|role|pointer-events|aria-[a-z]+)="[^"]*"')
FINER = re.compile(r"(\.\d)\d+")
MISSING = "No chart: it needs the extra `report` (`.venv/bin/pip install -e '.[report]'`), which is not installed here."


@dataclass(frozen=True)
class Point:
    """One month of a series; `value` is None where it is not known, though it may be known to lie within bounds."""

    series: str
    month: date
    value: float | None
    low: float | None = None
    high: float | None = None

    @property
    def known(self) -> list[float]:
        """The value, or else the bounds."""
        found = (self.low, self.high) if self.value is None else (self.value,)
        return [value for value in found if value is not None]


@dataclass(frozen=True)
class Band:
    """A stretch of time that is shaded and named; `last` is exclusive. A day has `last` = `first`."""

    first: date
    last: date
    label: str
    kind: Literal["break", "anomaly", "explained"]


@dataclass(frozen=True)
class Panel:
    """One set of axes: the series of one unit over time."""

    title: str
    unit: str
    points: Sequence[Point]
    bands: Sequence[Band] = ()

    @property
    def values(self) -> list[float]:
        """The values and bounds that are known."""
        return [value for point in self.points for value in point.known]

    @property
    def is_logarithmic(self) -> bool:
        """Whether growth is exponential: all values above zero, the largest many times the smallest."""
        return min(self.values) > 0 and max(self.values) / min(self.values) >= EXPONENTIAL


@dataclass(frozen=True)
class Change:
    """One bar: how much `entity` changed in `row`, or between what; `label` says it, or why it cannot be said."""

    row: str
    entity: str
    label: str
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Changes:
    """Bars of one unit, such as % or points."""

    title: str
    unit: str
    bars: Sequence[Change]


def minus(text: str) -> str:
    """A text in which a minus is no hyphen; the hyphens of dates and names stay."""
    return re.sub(r"(?<![\w-])-(?=\d)", "\u2212", text)


def are_installed() -> bool:
    """Whether pictures can be made here."""
    return find_spec("altair") is not None and find_spec("vl_convert") is not None


@cache
def _this_code() -> str:
    versions = [f"{name} {version(name)}" for name in ("altair", "vl-convert-python")] if are_installed() else []
    return "\n".join([*versions, Path(__file__).read_text(encoding="utf-8")])


def made_from(parts: Sequence[Panel | Changes]) -> list[str]:
    """All that a chart's picture depends on: the same texts give the same picture."""
    return [json.dumps([asdict(part) for part in parts], default=str), _this_code()]


def lines(panels: Sequence[Panel], width: int = 330, height: int = 130, columns: int = 2) -> Chart:
    """Series over time, one set of axes for each panel that has a value.

    Raises:
        ValueError: when no panel has a value.
    """
    import altair as alt

    drawn = [_panel(panel, width, height) for panel in panels if panel.values]
    if not drawn:
        raise ValueError("no panel has a value")
    beside = [name for panel in panels for name in _named_ends(panel)]
    above = [said for panel in panels if panel.title and len(said := said_of(panel)) * LETTER > width]
    chart = alt.concat(*drawn, columns=columns).resolve_scale(x="independent", y="independent")
    return _styled(chart, right=max(map(len, [*beside, *above]), default=0))


def changes(parts: Sequence[Changes], width: int = 460, is_named: bool = True) -> Chart:
    """Bars from zero, one set of axes for each unit, with intervals drawn and what cannot be said in words.

    Where there is no room, rows are named above their bars, and bars not at all: the colour alone says whose they are,
    and the page says which is whose.
    """
    import altair as alt

    colours = _colours(bar.entity for part in parts for bar in part.bars)
    left = max(len(bar.row) for part in parts for bar in part.bars) if is_named else 0
    return _styled(alt.vconcat(*(_bars(part, colours, width, is_named) for part in parts)), left=left)


def drawn(parts: Sequence[Panel | Changes]) -> str:
    """Panels, or bars, as SVG."""
    panels = [part for part in parts if isinstance(part, Panel)]
    return svg(lines(panels) if panels else changes([part for part in parts if isinstance(part, Changes)]))


def svg(chart: Chart) -> str:
    """A chart as SVG that needs nothing else, half as long as it is written: it is kept with every run."""
    import vl_convert

    text = UNSEEN.sub("", str(vl_convert.vegalite_to_svg(chart.to_dict())))
    return PLACES.sub(lambda place: FINER.sub(r"\1", place[0]), text)


def as_markdown(picture: str, text: str) -> str:
    """An SVG inside Markdown, with what it shows in words for those who do not see it."""
    alternative = text.replace("[", "(").replace("]", ")").replace("\n", " ")
    return f"![{alternative}](data:image/svg+xml;base64,{base64.b64encode(picture.encode()).decode()})"


def _styled(chart: Chart, left: int = 0, right: int = 0) -> Chart:
    """One type scale and one ink; a white ground, so that it can be read on a dark page too.

    At either edge there is room for that many letters to be broader than they were measured.
    """
    room = {
        side: 8 + letters * LETTER * BROADER
        for side, letters in {"left": left, "right": right, "top": 0, "bottom": 0}.items()
    }
    styled: Chart = (
        chart.configure(background="white", padding=room, font="Helvetica, Arial, sans-serif", aria=False)
        .configure_title(
            fontSize=TITLE, fontWeight=600, anchor="start", color=INK, subtitleColor="#555555", subtitleFontSize=TEXT
        )
        .configure_axis(
            labelFontSize=TEXT, labelColor="#555555", gridColor=PALE, domainColor="#999999", ticks=False, labelPadding=5
        )
        .configure_view(stroke=None)
    )
    return styled


def _colours(names: Iterable[str]) -> dict[str, str]:
    return {name: PALETTE[number % len(PALETTE)] for number, name in enumerate(dict.fromkeys(names))}


# Lines


def _panel(panel: Panel, width: int, height: int) -> Layered:
    import altair as alt

    first, last = min(point.month for point in panel.points), _next_month(max(point.month for point in panel.points))
    time = alt.X("month:T", title=None, axis=_months_axis(first, last))
    time = time.scale(domain=[first.isoformat(), last.isoformat()])
    low, high = _domain(panel)
    scale = alt.Scale(type="log" if panel.is_logarithmic else "linear", domain=[low, high], nice=False)
    form = "~s" if high >= THOUSAND else ",~f"
    ticks = alt.Axis(format=form, values=_powers(low, high) if panel.is_logarithmic else alt.Undefined, tickCount=4)
    colours = _colours(point.series for point in panel.points)
    again = {name: number // len(PALETTE) for number, name in enumerate(colours)}
    rows = [
        {**row, "colour": colours[str(row["series"])], "again": again[str(row["series"])]}
        for row in _with_gaps(panel.points)
    ]
    marks = alt.Chart(_data(rows)).encode(
        x=time, y=alt.Y("value:Q", title=None, scale=scale, axis=ticks), detail="series:N", color=_own_colour()
    )
    bands = _placed(panel, first, last, width)
    layers = [
        *_band_layers(bands, height),
        *_bounds(panel, rows, marks),
        marks.transform_filter("datum.again == 0").mark_line(strokeWidth=1.8, strokeJoin="round"),
        *_dashed(marks, rows),
        marks.mark_circle(size=12, opacity=1).transform_filter("datum.alone"),
        *_names(panel, colours, height, width),
    ]
    title = _title(panel.title, said_of(panel))
    return alt.layer(*layers).properties(width=width, height=height, title=title)


def _months_axis(first: date, last: date) -> alt.Axis:
    """A tick for each year; for each quarter, by its month, where there are hardly two."""
    import altair as alt

    axis = alt.Axis(grid=False, format="%Y", tickCount="year", labelOverlap=True, labelFlush=False)
    if (last - first).days >= DAYS_OF_QUARTERS:
        return axis
    quarters = {"interval": "month", "step": 3}
    return alt.Axis(grid=False, format="%b %Y", tickCount=quarters, labelOverlap=True, labelFlush=False)


def _title(text: str, said: str) -> alt.Title:
    """The heading of one set of axes; none where the page around it says it."""
    import altair as alt

    return alt.Title(text, subtitle=said, frame="group", offset=8) if text else alt.Title("")


def _dashed(marks: alt.Chart, rows: Sequence[Mapping[str, Any]]) -> Iterator[alt.Chart]:
    """The series whose colour another has already."""
    if any(row["again"] for row in rows):
        yield marks.transform_filter("datum.again > 0").mark_line(strokeWidth=1.8, strokeDash=[5, 3])


def said_of(panel: Panel) -> str:
    """The unit, the scale, and the series of which bounds are drawn, or nothing can be."""
    drawn = {point.series for point in panel.points if point.value is not None}
    bounded = {point.series for point in panel.points if point.known}
    absent = [name for name in dict.fromkeys(point.series for point in panel.points) if name not in drawn]
    scale = ["logarithmic scale"] if panel.is_logarithmic else []
    said = (f"{name}: {'within bounds' if name in bounded else 'not known as a number'}" for name in absent)
    return "; ".join([panel.unit, *scale, *said])


def _bounds(panel: Panel, rows: Sequence[Mapping[str, Any]], marks: alt.Chart) -> Iterator[alt.Chart]:
    """An area where months are known within bounds only."""
    import altair as alt

    if any(row["value"] is None and row["low"] is not None for row in rows):
        area = marks.transform_filter("!isValid(datum.value)").mark_area(fillOpacity=0.3, strokeWidth=1)
        scale = alt.Scale(type="log" if panel.is_logarithmic else "linear")
        fill = alt.Fill("colour:N", scale=None, legend=None)
        stroke = alt.Stroke("colour:N", scale=None, legend=None)
        yield area.encode(y=alt.Y("low:Q", title=None, scale=scale), y2="high:Q", fill=fill, stroke=stroke)


def _data(rows: Sequence[Mapping[str, Any]]) -> alt.Data:
    import altair as alt

    return alt.Data(values=list(rows))  # type: ignore[no-untyped-call]


def _own_colour() -> alt.Color:
    """The colour that each row names: layers of one chart would otherwise share one scale."""
    import altair as alt

    return alt.Color("colour:N", scale=None, legend=None)


def _domain(panel: Panel) -> tuple[float, float]:
    low, high = min(panel.values), max(panel.values)
    if panel.is_logarithmic:
        return low / 1.15, high * 1.15
    return min(low * 1.05, 0.0), max(high * 1.08, 0.0) or 1.0


def _powers(low: float, high: float) -> list[float]:
    """The powers of ten within a domain; where there are fewer than two, halves and fifths of them too."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    tens = [10.0**exponent for exponent in exponents if low <= 10.0**exponent <= high]
    finer = [factor * 10.0**exponent for exponent in exponents for factor in (1, 2, 5)]
    return tens if len(tens) > 1 else [value for value in finer if low <= value <= high]


def _with_gaps(points: Sequence[Point]) -> Iterator[dict[str, object]]:
    """One row per month and series from its first to its last; a month without a value breaks the line."""
    for series, group in groupby(sorted(points, key=lambda point: (point.series, point.month)), lambda p: p.series):
        held = {point.month.replace(day=1): point for point in group}
        values = {month: point.value for month, point in held.items()}
        month, last = min(values), max(values)
        while month <= last:
            around = (values.get(_next_month(month)), values.get((month - timedelta(days=1)).replace(day=1)))
            yield {
                "series": series,
                "month": month.isoformat(),
                "value": values.get(month),
                "low": held[month].low if month in held else None,
                "high": held[month].high if month in held else None,
                "alone": values.get(month) is not None and around == (None, None),
            }
            month = _next_month(month)


def _next_month(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def _placed(panel: Panel, first: date, last: date, width: int) -> list[dict[str, Any]]:
    """The bands within a panel, each with its name on the first line above the axes where it fits."""
    rows, free = [], dict.fromkeys(range(len(panel.bands)), -math.inf)
    for band in sorted(panel.bands, key=lambda band: band.first):
        start, end = max(band.first, first), min(max(band.last, band.first + timedelta(days=1)), last)
        if start >= end:
            continue
        label = minus(band.label)
        length = len(label) * LETTER
        at = min((start - first) / (last - first) * width, max(width - length, 0.0))
        if len(label) == 1:  # letters stand in one line, beside one another
            at = max(at, free[0])
        line = next(line for line, edge in free.items() if edge <= at)
        free[line] = at + length + LETTER
        rows.append(
            {
                "month": start.isoformat(),
                "until": end.isoformat(),
                "label": label,
                "colour": BANDS[band.kind],
                "at": at,
                "line": line,
                "y": -4 - line * LINE_OF_TEXT,
            }
        )
    return rows


def _band_layers(rows: Sequence[Mapping[str, Any]], height: int) -> Iterator[alt.Chart]:
    """Shaded stretches, with their names above the axes."""
    import altair as alt

    if not rows:
        return
    base = alt.Chart(_data(rows)).encode(color=_own_colour())
    # one stretch with several names is shaded once
    once = {(row["month"], row["until"], row["colour"]): row for row in rows}
    stretch = (
        alt.Chart(_data(list(once.values())))
        .encode(color=_own_colour())
        .encode(x="month:T", y=alt.value(0), y2=alt.value(height))
    )
    yield stretch.mark_rect(opacity=0.18).encode(x2="until:T", fill=alt.Fill("colour:N", scale=None, legend=None))
    yield stretch.mark_rule(opacity=0.6, strokeWidth=0.8)
    name = base.mark_text(align="left", baseline="bottom", fontSize=TEXT).encode(
        text="label:N", color=alt.value("#555555")
    )
    yield name.encode(x=alt.X("at:Q", scale=None, axis=None), y=alt.Y("y:Q", scale=None, axis=None))


def _named_ends(panel: Panel) -> dict[str, float]:
    """Where the line of each series ends, by its name; a series that is alone needs none."""
    known = sorted((point for point in panel.points if point.known), key=lambda point: point.month)
    ends = {point.series: sum(point.known) / len(point.known) for point in known}
    return ends if len({point.series for point in panel.points}) > 1 else {}


def _names(panel: Panel, colours: Mapping[str, str], height: int, width: int) -> Iterator[alt.Chart]:
    """Each series' name beside its last value, moved apart where two would touch."""
    import altair as alt

    ends = _named_ends(panel)
    rows, free = [], -math.inf
    for place, name in sorted((_pixel(end, panel, height), name) for name, end in ends.items()):
        free = max(place, free)
        rows.append({"name": name, "y": free, "colour": colours[name]})
        free += LINE_OF_TEXT
    text = alt.Chart(_data(rows)).mark_text(align="left", baseline="middle", dx=5, fontSize=TEXT, fontWeight=600)
    yield text.encode(text="name:N", x=alt.value(width), y=alt.Y("y:Q", scale=None, axis=None), color=_own_colour())


def _pixel(value: float, panel: Panel, height: int) -> float:
    """How far from the top a value lies."""
    scaled = math.log if panel.is_logarithmic else float
    low, high = map(scaled, _domain(panel))
    return height * (1 - (scaled(value) - low) / (high - low))


# Bars


def _bars(part: Changes, colours: Mapping[str, str], width: int, is_named: bool) -> Layered:
    import altair as alt

    rows = [{**_bar_row(bar, is_named), "colour": colours[bar.entity]} for bar in part.bars]
    order, entities = (list(dict.fromkeys(row[name] for row in rows)) for name in ("row", "entity"))
    across = alt.X("value:Q", title=None, axis=alt.Axis(tickCount=5, format=",~f"))
    base = alt.Chart(_data(rows)).encode(
        x=across.scale(domain=_room(rows, width), nice=False),
        y=_rows(order, len(entities), is_named),
        yOffset=alt.YOffset("entity:N", sort=entities),
        color=_own_colour(),
    )
    interval = base.encode(x="low:Q", x2="high:Q", color=alt.value(INK)).mark_rule(strokeWidth=1)
    layers = [
        base.mark_bar(height={"band": 0.9}).transform_filter("isValid(datum.value)"),
        interval.transform_filter("isValid(datum.low) && isValid(datum.high)"),
    ]
    label = base.encode(text="label:N", x="at:Q")
    layers += [
        label.mark_text(baseline="middle", fontSize=TEXT, align="left", dx=5).transform_filter("datum.at >= 0"),
        label.mark_text(baseline="middle", fontSize=TEXT, align="right", dx=-5).transform_filter("datum.at < 0"),
    ]
    return alt.layer(*layers).properties(width=width, height=alt.Step(BAR), title=_title(part.title, part.unit))


def _rows(order: Sequence[str], bars: int, is_named: bool) -> alt.Y:
    """The rows, each named to the left of its bars; where there is no room for that, above them."""
    import altair as alt

    if is_named:
        return alt.Y("row:N", title=None, sort=order, axis=alt.Axis(labelLimit=260, domain=False, grid=False))
    axis = alt.Axis(
        labelAlign="left",
        labelBaseline="bottom",
        labelOffset=-bars * BAR / 2,
        labelPadding=0,
        labelLimit=260,
        domain=False,
        grid=False,
    )
    return alt.Y("row:N", title=None, sort=order, axis=axis).scale(paddingInner=0.45, paddingOuter=0.35)


def _room(rows: Sequence[Mapping[str, Any]], width: int) -> list[float]:
    """A domain from zero with room for the labels: each takes its pixels out of the width."""
    edges = [0.0, *(row[name] for row in rows for name in ("value", "low", "high") if row[name] is not None)]
    low, high = min(edges), max(edges)
    for _ in range(3):  # room on one side takes some from the other
        for row in rows:
            taken = min(0.6, (len(row["label"]) * LETTER + 14) / width)
            if row["at"] < 0:
                low = min(low, high - (high - row["at"]) / (1 - taken))
            else:
                high = max(high, low + (row["at"] - low) / (1 - taken))
    return [low, high if high > low else low + 1.0]


def _bar_row(bar: Change, is_named: bool) -> dict[str, Any]:
    """A bar with its label behind its end, which is the interval's end where there is one."""
    edges = [edge for edge in (bar.value, bar.low, bar.high) if edge is not None]
    is_fall = bar.value is not None and bar.value < 0
    at = min([0.0, *edges]) if is_fall else max([0.0, *edges])
    # without a name there is no room for what an interval covers either: the table says it
    label = f"{bar.entity} {bar.label}" if is_named else bar.label.partition(" (")[0]
    return {**asdict(bar), "label": minus(label), "at": at}
