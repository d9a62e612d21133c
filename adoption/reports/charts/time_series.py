"""Series over time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from adoption.reports.charts.model import Panel, Point
from adoption.reports.charts.style import (
    BANDS,
    LETTER,
    PALETTE,
    TEXT,
    THOUSAND,
    colours_of,
    data_of,
    minus,
    own_colour,
    styled,
    title_of,
)

if TYPE_CHECKING:
    import altair as alt

    from adoption.reports.charts.style import Chart, Layered

DAYS_OF_QUARTERS = 500
"""Shorter pictures have a tick for each quarter."""
LINE_OF_TEXT = 14
"""Pixels between two labels."""


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
    return styled(chart, right=max(map(len, [*beside, *above]), default=0))


def _panel(panel: Panel, width: int, height: int) -> Layered:
    import altair as alt

    first, last = min(point.month for point in panel.points), _next_month(max(point.month for point in panel.points))
    time = alt.X("month:T", title=None, axis=_months_axis(first, last))
    time = time.scale(domain=[first.isoformat(), last.isoformat()])
    low, high = _domain(panel)
    scale = alt.Scale(type="log" if panel.is_logarithmic else "linear", domain=[low, high], nice=False)
    form = "~s" if high >= THOUSAND else ",~f"
    ticks = alt.Axis(format=form, values=_powers(low, high) if panel.is_logarithmic else alt.Undefined, tickCount=4)
    colours = colours_of([*panel.order, *(point.series for point in panel.points)])
    again = {name: number // len(PALETTE) for number, name in enumerate(colours)}
    rows = [
        {**row, "colour": colours[str(row["series"])], "again": again[str(row["series"])]}
        for row in _with_gaps(panel.points)
    ]
    marks = alt.Chart(data_of(rows)).encode(
        x=time, y=alt.Y("value:Q", title=None, scale=scale, axis=ticks), detail="series:N", color=own_colour()
    )
    bands = placed(panel, first, last, width)
    layers = [
        *_band_layers(bands, height),
        *_bounds(panel, rows, marks),
        marks.transform_filter("datum.again == 0").mark_line(strokeWidth=1.8, strokeJoin="round"),
        *_dashed(marks, rows),
        marks.mark_circle(size=12, opacity=1).transform_filter("datum.alone"),
        *_names(panel, colours, height, width),
    ]
    title = title_of(panel.title, said_of(panel))
    return alt.layer(*layers).properties(width=width, height=height, title=title)


def _months_axis(first: date, last: date) -> alt.Axis:
    """A tick for each year; for each quarter, by its month, where there are hardly two."""
    import altair as alt

    axis = alt.Axis(grid=False, format="%Y", tickCount="year", labelOverlap=True, labelFlush=False)
    if (last - first).days >= DAYS_OF_QUARTERS:
        return axis
    quarters = {"interval": "month", "step": 3}
    return alt.Axis(grid=False, format="%b %Y", tickCount=quarters, labelOverlap=True, labelFlush=False)


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


def placed(panel: Panel, first: date, last: date, width: int) -> list[dict[str, Any]]:
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
    base = alt.Chart(data_of(rows)).encode(color=own_colour())
    # one stretch with several names is shaded once
    once = {(row["month"], row["until"], row["colour"]): row for row in rows}
    stretch = (
        alt.Chart(data_of(list(once.values())))
        .encode(color=own_colour())
        .encode(x="month:T", y=alt.value(0), y2=alt.value(height))
    )
    yield stretch.mark_rect(opacity=0.18).encode(x2="until:T", fill=alt.Fill("colour:N", scale=None, legend=None))
    yield stretch.mark_rule(opacity=0.6, strokeWidth=0.8)
    name = base.mark_text(align="left", baseline="bottom", fontSize=TEXT).encode(
        text="label:N", color=alt.value("#555555")
    )
    yield name.encode(x=alt.X("at:Q", scale=None, axis=None), y=alt.Y("y:Q", scale=None, axis=None))


def _named_ends(panel: Panel) -> dict[str, float]:
    """Where the line of each series ends, by its name; alone it needs none, unless its colour says who it is."""
    known = sorted((point for point in panel.points if point.known), key=lambda point: point.month)
    ends = {point.series: sum(point.known) / len(point.known) for point in known}
    return ends if panel.order or len({point.series for point in panel.points}) > 1 else {}


def _names(panel: Panel, colours: Mapping[str, str], height: int, width: int) -> Iterator[alt.Chart]:
    """Each series' name beside its last value, moved apart where two would touch."""
    import altair as alt

    ends = _named_ends(panel)
    rows, free = [], -math.inf
    for place, name in sorted((_pixel(end, panel, height), name) for name, end in ends.items()):
        free = max(place, free)
        rows.append({"name": name, "y": free, "colour": colours[name]})
        free += LINE_OF_TEXT
    text = alt.Chart(data_of(rows)).mark_text(align="left", baseline="middle", dx=5, fontSize=TEXT, fontWeight=600)
    yield text.encode(text="name:N", x=alt.value(width), y=alt.Y("y:Q", scale=None, axis=None), color=own_colour())


def _pixel(value: float, panel: Panel, height: int) -> float:
    """How far from the top a value lies."""
    scaled = math.log if panel.is_logarithmic else float
    low, high = map(scaled, _domain(panel))
    return height * (1 - (scaled(value) - low) / (high - low))
