"""Series over time, month by month, each named where it ends."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from adoption.reports.charts.model import Band, Panel, Point
from adoption.reports.charts.svg import (
    AXIS,
    BANDS,
    LETTER,
    LINE,
    PALE,
    SOFT,
    Scale,
    Svg,
    amount,
    log_ticks,
    short,
    ticks,
    wrapped,
)

BOLD = LETTER * 1.08
"""Pixels of a bold letter."""
YEAR_WIDTH = 4 * LETTER + 6
"""Pixels that the number of a year takes on the axis."""
SLIM = 420
"""Below this width series are named under the picture, not beside it."""


def lines(panel: Panel, colours: Mapping[str, str], width: float, height: float, year: int | None = None) -> str:
    """Series by month, each named at its end or as one without data; the year under review is shaded.

    Names of breaks and movements stand above the axes, on as many lines as they need. A series that shares its colour
    with one before it is dashed.

    Raises:
        ValueError: when the panel has no value.
    """
    if not panel.values:
        raise ValueError("no panel has a value")
    names = list(colours) if panel.order else list(dict.fromkeys(point.series for point in panel.points))
    known = {name: [point for point in panel.points if point.series == name and point.known] for name in names}
    words = {name: name if known[name] else f"{name}: no data" for name in names}
    right = 8.0 if width < SLIM else max(map(len, words.values())) * BOLD + 14
    across = (44.0, width - right)
    named = placed(panel, across)
    top = 8 + LINE * len({line for _, line, _ in named})
    svg = Svg(width, height + top + 24 + (len(names) * LINE if width < SLIM else 0))
    x, y = _axes(svg, panel, across, (height + top, top), year)
    _bands(svg, panel, x, (top, height + top))
    for at, line, label in named:
        svg.text(at, top - 5 - line * LINE, label, fill=SOFT, font_weight=600)
    for place, name in enumerate(names):
        is_again = colours[name] in [colours[other] for other in names[:place]]
        _series(svg, known[name], colours[name], (x, y), is_again)
    ends = {name: known[name][-1] for name in names if known[name]}
    _names(svg, ends, words, colours, (across[1] + 8, y))
    return svg.drawn()


def _names(
    svg: Svg,
    ends: Mapping[str, Point],
    words: Mapping[str, str],
    colours: Mapping[str, str],
    beside: tuple[float, Scale],
) -> None:
    """Each name beside the end of its line, moved apart where two would touch; under the picture where it is slim."""
    left, y = beside
    order = sorted(words, key=lambda name: y(_middle(ends[name])) if name in ends else math.inf)
    free = -math.inf
    for row, name in enumerate(order):
        free = max(y(_middle(ends[name])) if name in ends else y.start, free)
        is_slim = svg.width < SLIM
        at = (44.0, y.start + 36 + row * LINE) if is_slim else (left, free + 4)
        svg.text(*at, words[name], fill=colours[name], font_weight=600, data_series=name)
        free += LINE


def subtitle_of(panel: Panel) -> str:
    """The unit, the scale, and the series of which bounds are drawn, or nothing can be."""
    drawn = {point.series for point in panel.points if point.value is not None}
    bounded = {point.series for point in panel.points if point.known}
    absent = [name for name in dict.fromkeys(point.series for point in panel.points) if name not in drawn]
    scale = ["logarithmic scale"] if panel.is_logarithmic else []
    notes = (f"{name}: {'within bounds' if name in bounded else 'not known as a number'}" for name in absent)
    return "; ".join([panel.unit, *scale, *notes])


def placed(panel: Panel, across: tuple[float, float]) -> list[tuple[float, int, str]]:
    """The name of each band within the picture: its pixel, its line counted from the axes, and its text.

    Letters stand beside one another in the first line; a longer name takes the first line that is free there, and ends
    at a word where it is longer than the axis.
    """
    x = _months(panel, across)
    labels: list[tuple[float, int, str]] = []
    free = dict.fromkeys(range(len(panel.bands)), -math.inf)
    for band, start, _ in _within(panel.bands, x):
        label = _shortened(band.label, across[1] - across[0])
        length = len(label) * BOLD
        at = min(x(start), max(across[1] - max(length, 8), across[0]))
        if len(label) == 1:
            at = max(at, free[0])
        line = next(line for line, edge in free.items() if edge <= at)
        free[line] = at + length + 5
        labels.append((at, line, label))
    return labels


def _shortened(label: str, room: float) -> str:
    """A name that fits so many pixels; a band may have none."""
    first, *more = wrapped(label, max(int(room / BOLD), 2)) or [""]
    return f"{first} …" if more else first


def _within(bands: Sequence[Band], x: Scale) -> list[tuple[Band, float, float]]:
    """The bands that reach into the picture, in time, each with its first and last place in it."""
    spans = [
        (band, max(_place(band.first), x.low), min(_place(band.last), x.high))
        for band in sorted(bands, key=lambda band: band.first)
    ]
    return [span for span in spans if span[1] < x.high and span[2] >= x.low]


def _middle(point: Point) -> float:
    return sum(point.known) / len(point.known)


def _place(month: date) -> float:
    return month.year * 12 + month.month - 1 + (month.day - 1) / 31


def _months(panel: Panel, across: tuple[float, float]) -> Scale:
    first, last = (_place(edge(point.month for point in panel.points)) for edge in (min, max))
    return Scale(first, last + 1, *across)


def _axes(
    svg: Svg, panel: Panel, across: tuple[float, float], down: tuple[float, float], year: int | None
) -> tuple[Scale, Scale]:
    x = _months(panel, across)
    values = panel.values
    if panel.is_logarithmic:
        y = Scale(min(values) / 1.15, max(values) * 1.15, *down, is_log=True)
        marks = log_ticks(y.low, y.high)
    else:
        y = Scale(min(0.0, min(values) * 1.05), max(0.0, max(values) * 1.06) or 1.0, *down)
        marks = ticks(y.low, y.high)
    if year is not None and year * 12 < x.high and (year + 1) * 12 > x.low:
        start, end = x(max(year * 12, x.low)), x(min((year + 1) * 12, x.high))
        svg.add("rect", x=start, y=down[1], width=end - start, height=down[0] - down[1], fill=PALE, opacity=0.45)
    for value in marks:
        svg.add("line", x1=across[0], x2=across[1], y1=y(value), y2=y(value), stroke=PALE)
        svg.text(across[0] - 6, y(value) + 4, amount(value), fill=SOFT, text_anchor="end")
    svg.add("line", x1=across[0], x2=across[1], y1=down[0], y2=down[0], stroke=AXIS)
    every = math.ceil(YEAR_WIDTH / abs(x(12) - x(0)))
    for tick_year in range(math.ceil(x.low / 12), math.floor((x.high - 1) / 12) + 1):
        svg.add("line", x1=x(tick_year * 12), x2=x(tick_year * 12), y1=down[0], y2=down[0] + 4, stroke=AXIS)
        if tick_year % every == 0:
            svg.text(x(tick_year * 12) + 2, down[0] + 16, str(tick_year), fill=SOFT)
    return x, y


def _bands(svg: Svg, panel: Panel, x: Scale, down: tuple[float, float]) -> None:
    """Breaks are shaded, movements ticked."""
    for band, start, end in _within(panel.bands, x):
        left, right = x(start), max(x(end), x(start) + 1.5)
        ink = BANDS[band.kind]
        if band.kind == "break":
            svg.add("rect", x=left, y=down[0], width=right - left, height=down[1] - down[0], fill=ink, opacity=0.2)
        else:
            svg.add("line", x1=left, x2=right, y1=down[0] + 1, y2=down[0] + 1, stroke=ink, stroke_width=3)


def _series(svg: Svg, points: Sequence[Point], ink: str, scales: tuple[Scale, Scale], is_dashed: bool) -> None:
    """Lines through months that follow one another; an area where only bounds are known."""
    x, y = scales
    dashes = {"stroke_dasharray": "5 3"} if is_dashed else {}
    for run in _runs(points):
        bounded = [point for point in run if point.value is None]
        if bounded:
            _area(svg, bounded, ink, x, y)
        for part in _runs([point for point in run if point.value is not None]):
            places = [(x(_place(point.month) + 0.5), y(point.value or 0.0)) for point in part]
            if len(places) == 1:
                svg.add("circle", cx=places[0][0], cy=places[0][1], r=2.5, fill=ink, data_mark="point")
            else:
                path = "M" + "L".join(f"{short(px)} {short(py)}" for px, py in places)
                svg.add("path", d=path, fill="none", stroke=ink, stroke_width=1.8, stroke_linejoin="round", **dashes)


def _area(svg: Svg, points: Sequence[Point], ink: str, x: Scale, y: Scale) -> None:
    for run in _runs(points):
        edges = [
            (_place(run[0].month), run[0]),
            *((_place(p.month) + 0.5, p) for p in run),
            (_place(run[-1].month) + 1, run[-1]),
        ]
        upper = [(x(at), y(point.high or 0.0)) for at, point in edges]
        lower = [(x(at), y(point.low or 0.0)) for at, point in reversed(edges)]
        path = "M" + "L".join(f"{short(px)} {short(py)}" for px, py in [*upper, *lower]) + "Z"
        svg.add("path", d=path, fill=ink, fill_opacity=0.25, stroke=ink)


def _runs(points: Iterable[Point]) -> list[list[Point]]:
    """Points whose months follow one another."""
    runs: list[list[Point]] = []
    for point in sorted(points, key=lambda point: point.month):
        month = point.month.year * 12 + point.month.month
        if runs and month - (runs[-1][-1].month.year * 12 + runs[-1][-1].month.month) == 1:
            runs[-1].append(point)
        else:
            runs.append([point])
    return runs
