"""Charts of a page, drawn as SVG without a library: quick to make, small, and in the colours of the contenders.

Belongs here: how they look. Does not belong here: which rows are shown (`adoption.reports.page.figures`).

A colour belongs to a contender: every function takes the colour of each name, and none chooses one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape, quoteattr

from adoption.reports.charts.model import Change, Changes, Panel, Point
from adoption.reports.charts.style import BANDS, INK, PALE, minus

GROUND, SOFT, AXIS = "#FFFFFF", "#555555", "#999999"
FONT = "Helvetica, Arial, sans-serif"
LETTER = 6.6
"""Pixels of a letter of 12 pixels, on average."""
LINE = 15


class Svg:
    """A drawing that grows by elements."""

    def __init__(self, width: float, height: float, size: int = 12) -> None:
        self.width, self.height = width, height
        self._parts: list[str] = []
        self._size = size

    def add(self, name: str, text: str | None = None, **attributes: object) -> None:
        """One element; underscores of a name are hyphens, numbers are rounded to what can be seen."""
        said = "".join(f" {key.replace('_', '-')}={quoteattr(_short(value))}" for key, value in attributes.items())
        inside = "/>" if text is None else f">{escape(minus(text))}</{name}>"
        self._parts.append(f"<{name}{said}{inside}")

    def text(self, x: float, y: float, text: str, **attributes: object) -> None:
        """A text, in ink unless told otherwise."""
        self.add("text", text, x=x, y=y, **{"fill": INK, **attributes})

    def inset(self, x: float, y: float, svg: str) -> None:
        """Another drawing at a place within this one."""
        self._parts.append(f'<g transform="translate({_short(x)},{_short(y)})">{svg}</g>')

    def drawn(self) -> str:
        """The SVG, on a white ground."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_short(self.width)}" height="{_short(self.height)}" '
            f'viewBox="0 0 {_short(self.width)} {_short(self.height)}" font-family="{FONT}" font-size="{self._size}">'
            f'<rect width="100%" height="100%" fill="white"/>{"".join(self._parts)}</svg>'
        )


def _short(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return str(value)


@dataclass(frozen=True)
class Scale:
    """From values to pixels; `is_log` where growth is exponential."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False

    def __call__(self, value: float) -> float:
        turn = math.log if self.is_log else float
        low, high = turn(self.low), turn(self.high)
        return self.start + (self.end - self.start) * (turn(max(value, self.low) if self.is_log else value) - low) / (
            high - low
        )


def ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Round values within a linear domain."""
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
    first = math.ceil(low / step)
    return [round(place * step, 10) for place in range(first, math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten within a domain, with twos and fives where there are few."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    fine = [factor * 10.0**power for power in powers for factor in (1, 2, 5)]
    inside = [value for value in fine if low <= value <= high]
    tens = [value for value in inside if math.isclose(math.log10(value) % 1, 0, abs_tol=1e-9)]
    return tens if len(tens) > 2 else inside


def amount(value: float) -> str:
    """A tick: 20M, 1.5k, 0.2."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def lines(panel: Panel, colours: Mapping[str, str], width: float, height: float, year: int | None = None) -> str:
    """Series by month, each named at its end or as one without data; the year under review is shaded."""
    names = list(colours) if panel.order else list(dict.fromkeys(point.series for point in panel.points))
    known = {name: [point for point in panel.points if point.series == name and point.known] for name in names}
    words = {name: name if known[name] else f"{name}: no data" for name in names}
    is_slim = width < 420
    right = 8.0 if is_slim else max(map(len, words.values())) * LETTER * 1.08 + 14
    top = 20 if panel.bands else 8
    below = len(names) * LINE if is_slim else 0
    svg = Svg(width, height + top + 24 + below)
    left = 44.0
    x, y = _axes(svg, panel, (left, width - right), (height + top, top), year)
    _bands(svg, panel, x, (top, height + top))
    for name in names:
        _series(svg, known[name], colours[name], x, y)
    ends = {name: known[name][-1] for name in names if known[name]}
    free = -math.inf
    for row, name in enumerate(sorted(names, key=lambda name: y(_middle(ends[name])) if name in ends else math.inf)):
        place = y(_middle(ends[name])) if name in ends else height + top
        free = max(place, free)
        at = (left, height + top + 36 + row * LINE) if is_slim else (width - right + 8, free + 4)
        svg.text(*at, words[name], fill=colours[name], font_weight=600, data_series=name)
        free += LINE
    return svg.drawn()


def _middle(point: Point) -> float:
    return sum(point.known) / len(point.known)


def _place(month: date) -> float:
    return month.year * 12 + month.month - 1 + (month.day - 1) / 31


def _axes(
    svg: Svg, panel: Panel, across: tuple[float, float], down: tuple[float, float], year: int | None
) -> tuple[Scale, Scale]:
    first, last = (_place(edge(point.month for point in panel.points)) for edge in (min, max))
    x = Scale(first, last + 1, *across)
    values = panel.values
    if panel.is_logarithmic:
        y = Scale(min(values) / 1.15, max(values) * 1.15, *down, is_log=True)
        marks = log_ticks(y.low, y.high)
    else:
        y = Scale(min(0.0, min(values) * 1.05), max(0.0, max(values) * 1.06) or 1.0, *down)
        marks = ticks(y.low, y.high)
    if year is not None and year * 12 < last + 1 and (year + 1) * 12 > first:
        start, end = x(max(year * 12, first)), x(min((year + 1) * 12, last + 1))
        svg.add("rect", x=start, y=down[1], width=end - start, height=down[0] - down[1], fill=PALE, opacity=0.45)
    for value in marks:
        svg.add("line", x1=across[0], x2=across[1], y1=y(value), y2=y(value), stroke=PALE)
        svg.text(across[0] - 6, y(value) + 4, amount(value), fill=SOFT, text_anchor="end")
    svg.add("line", x1=across[0], x2=across[1], y1=down[0], y2=down[0], stroke=AXIS)
    for one in range(math.ceil(first / 12), math.floor(last / 12) + 1):
        svg.add("line", x1=x(one * 12), x2=x(one * 12), y1=down[0], y2=down[0] + 4, stroke=AXIS)
        svg.text(x(one * 12) + 2, down[0] + 16, str(one), fill=SOFT)
    return x, y


def _bands(svg: Svg, panel: Panel, x: Scale, down: tuple[float, float]) -> None:
    """Breaks are shaded, movements ticked; a letter above each names it below the picture."""
    free = -math.inf
    for band in panel.bands:
        start, end = max(_place(band.first), x.low), min(_place(band.last), x.high)
        if start >= x.high or end < x.low:
            continue
        left, right = x(start), max(x(end), x(start) + 1.5)
        if band.kind == "break":
            svg.add(
                "rect",
                x=left,
                y=down[0],
                width=right - left,
                height=down[1] - down[0],
                fill=BANDS["break"],
                opacity=0.2,
            )
        else:
            svg.add("line", x1=left, x2=right, y1=down[0] + 1, y2=down[0] + 1, stroke=BANDS[band.kind], stroke_width=3)
        place = min(max(left, free), x.end - 8)
        svg.text(place, down[0] - 5, band.label, fill=SOFT, font_weight=600)
        free = place + len(band.label) * LETTER + 5


def _series(svg: Svg, points: Sequence[Point], ink: str, x: Scale, y: Scale) -> None:
    """Lines through months that follow one another; an area where only bounds are known."""
    for run in _runs(points):
        bounded = [point for point in run if point.value is None]
        if bounded:
            _area(svg, bounded, ink, x, y)
        for part in _runs([point for point in run if point.value is not None]):
            places = [(x(_place(point.month) + 0.5), y(point.value or 0.0)) for point in part]
            if len(places) == 1:
                svg.add("circle", cx=places[0][0], cy=places[0][1], r=2.5, fill=ink, data_mark="point")
            else:
                path = "M" + "L".join(f"{_short(px)} {_short(py)}" for px, py in places)
                svg.add("path", d=path, fill="none", stroke=ink, stroke_width=1.8, stroke_linejoin="round")


def _area(svg: Svg, points: Sequence[Point], ink: str, x: Scale, y: Scale) -> None:
    for run in _runs(points):
        edges = [
            (_place(run[0].month), run[0]),
            *((_place(p.month) + 0.5, p) for p in run),
            (_place(run[-1].month) + 1, run[-1]),
        ]
        upper = [(x(at), y(point.high or 0.0)) for at, point in edges]
        lower = [(x(at), y(point.low or 0.0)) for at, point in reversed(edges)]
        path = "M" + "L".join(f"{_short(px)} {_short(py)}" for px, py in [*upper, *lower]) + "Z"
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


def _whisker(svg: Svg, bar: Change, ink: str, x: Scale, middle: float) -> None:
    """A filled dot for a number; for bounds alone a hollow one between them, however near they are."""
    if bar.low is not None and bar.high is not None:
        svg.add("line", x1=x(bar.low), x2=x(bar.high), y1=middle, y2=middle, stroke=ink, stroke_width=6, opacity=0.35)
        for edge in (bar.low, bar.high):
            svg.add("line", x1=x(edge), x2=x(edge), y1=middle - 4, y2=middle + 4, stroke=ink, stroke_width=1.5)
    if bar.value is not None:
        svg.add("circle", cx=x(bar.value), cy=middle, r=4.5, fill=ink)
    elif bar.low is not None and bar.high is not None:
        svg.add("circle", cx=x((bar.low + bar.high) / 2), cy=middle, r=4.5, fill=GROUND, stroke=ink, stroke_width=2)


def whiskers(part: Changes, colours: Mapping[str, str], width: float) -> str:
    """A dot for a number, a bar for bounds, each row on one common axis, its words beside it."""
    rows = list(dict.fromkeys(bar.row for bar in part.bars))
    values = [value for bar in part.bars for value in (bar.value, bar.low, bar.high) if value is not None]
    low, high = min(0.0, *values), max(0.0, *values) or 1.0
    left = max(len(row) for row in rows) * LETTER + 14
    words = max(len(f"{bar.entity} {bar.label}") for bar in part.bars) * LETTER * 1.05 + 12
    is_slim = width < left + words + 120
    across = (left, width - (8 if is_slim else words))
    x = Scale(low, high * 1.04, *across)
    step = LINE * 2 if is_slim else LINE + 1
    absent = [name for name in colours if name not in {bar.entity for bar in part.bars}]
    bottom = sum(len([b for b in part.bars if b.row == row]) * step + 8 for row in rows) + 6.0
    svg = Svg(width, bottom + 18 + len(absent) * LINE)
    y = 6.0
    for value in ticks(low, high * 1.04):
        svg.add("line", x1=x(value), x2=x(value), y1=2, y2=bottom, stroke=AXIS if value == 0 else PALE)
        svg.text(x(value), bottom + 14, amount(value), fill=SOFT, text_anchor="middle")
    for row in rows:
        svg.text(left - 8, y + 12, row, text_anchor="end", fill=SOFT)
        for bar in (one for one in part.bars if one.row == row):
            ink, middle = colours[bar.entity], y + (LINE / 2) + (LINE if is_slim else 0)
            _whisker(svg, bar, ink, x, middle)
            at = (left, y + 11) if is_slim else (across[1] + 8, middle + 4)
            svg.text(*at, f"{bar.entity} {bar.label}", fill=ink, data_series=bar.entity)
            y += step
        y += 8
    for place, name in enumerate(absent, start=1):
        svg.text(left, bottom + 14 + place * LINE, f"{name}: no data", fill=colours[name], data_series=name)
    return svg.drawn()


@dataclass(frozen=True)
class Lead:
    """One row of the lead chart: the ratio of the two now and a year before, and what is said beside it."""

    name: str
    under: str
    low: float
    high: float
    before: tuple[float, float] | None
    is_sure: bool
    words: str
    gap: str

    @property
    def middle(self) -> float:
        return math.sqrt(self.low * self.high)


def lead(
    rows: Sequence[Lead], pair: tuple[str, str], colours: Mapping[str, str], width: float, step: float = 34
) -> str:
    """How many times as much one has as the other: this year large, last year small, on a logarithmic axis."""
    is_slim = width < 620
    left, right = (8.0, 8.0) if is_slim else (220.0, 140.0)
    step = step + 20 if is_slim else step
    top = 30.0
    svg = Svg(width, top + len(rows) * step + 30)
    edges = [value for row in rows for value in (row.low, row.high, *(row.before or ()))]
    far = min(max(2.2, *(max(value, 1 / value) for value in edges)) * 1.15, 64)
    both = [min(edges) < 1 / 1.05, max(edges) > 1.05]
    x = Scale(1 / (far if both[0] else 1.6), far if both[1] else 1.6, left, width - right, is_log=True)
    bottom = top + len(rows) * step
    for side, name in ((-1, pair[1]), (1, pair[0])):
        edge = x.start if side < 0 else x.end
        span = sorted((x(1), edge))
        svg.add(
            "rect", x=span[0], y=top, width=span[1] - span[0], height=bottom - top, fill=colours[name], opacity=0.07
        )
        if abs(span[1] - span[0]) > (len(name) + 8) * LETTER:
            text = f"\u25c0 {name} ahead" if side < 0 else f"{name} ahead \u25b6"
            anchor = "end" if side < 0 else "start"
            svg.text(x(1) + side * 6, top - 10, text, fill=colours[name], font_weight=700, text_anchor=anchor)
    _lead_axis(svg, x, top, bottom)
    for number, row in enumerate(rows):
        ink = colours[pair[0]] if row.middle >= 1 else colours[pair[1]]
        middle = top + number * step + step / 2 + (9 if is_slim else 0)
        if is_slim:
            _lead_words_slim(svg, row, x, middle - 18, ink)
        else:
            _lead_words(svg, row, x, middle, ink)
        _lead_marks(svg, row, x, middle, ink)
    return svg.drawn()


def _lead_axis(svg: Svg, x: Scale, top: float, bottom: float) -> None:
    free = -math.inf
    for value in (1 / 50, 1 / 20, 1 / 10, 1 / 5, 1 / 2, 1, 2, 5, 10, 20, 50):
        if not x.low <= value <= x.high:
            continue
        svg.add("line", x1=x(value), x2=x(value), y1=top, y2=bottom, stroke=INK if value == 1 else PALE)
        if x(value) > free or value == 1:
            text = "level" if value == 1 else f"{max(value, 1 / value):.0f}\u00d7"
            svg.text(x(value), bottom + 16, text, fill=SOFT, text_anchor="middle")
            free = x(value) + 34


def _lead_words(svg: Svg, row: Lead, x: Scale, middle: float, ink: str) -> None:
    svg.text(8, middle - 1, row.name, font_weight=600, font_size=13)
    svg.text(8, middle + 13, row.under, fill=SOFT, font_size=11)
    svg.text(x.end + 10, middle - 1, row.words, fill=ink, font_weight=700, font_size=13)
    svg.text(x.end + 10, middle + 13, row.gap, fill=SOFT, font_size=11)


def _lead_words_slim(svg: Svg, row: Lead, x: Scale, base: float, ink: str) -> None:
    svg.text(x.start + 2, base, row.name, font_weight=600)
    svg.text(x.end - 2, base, row.words if ":" in row.gap else f"{row.words} {row.gap}", fill=ink, text_anchor="end")


def _lead_marks(svg: Svg, row: Lead, x: Scale, middle: float, ink: str) -> None:
    if row.before:
        before = math.sqrt(row.before[0] * row.before[1])
        if not math.isclose(*row.before):
            svg.add(
                "line",
                x1=x(row.before[0]),
                x2=x(row.before[1]),
                y1=middle - 6,
                y2=middle - 6,
                stroke=AXIS,
                stroke_width=3,
            )
        svg.add("line", x1=x(before), x2=x(row.middle), y1=middle, y2=middle, stroke=AXIS, stroke_width=1.5)
        svg.add("circle", cx=x(before), cy=middle, r=4, fill=GROUND, stroke=AXIS, stroke_width=1.5)
    if not math.isclose(row.low, row.high):
        svg.add("line", x1=x(row.low), x2=x(row.high), y1=middle, y2=middle, stroke=ink, stroke_width=7, opacity=0.3)
    fill = ink if row.is_sure else GROUND
    svg.add("circle", cx=x(row.middle), cy=middle, r=6.5, fill=fill, stroke=ink, stroke_width=2.5, data_mark="now")


def wrapped(text: str, letters: int) -> list[str]:
    """A text in lines of at most so many letters."""
    found: list[str] = []
    for word in text.split():
        if found and len(found[-1]) + len(word) < letters:
            found[-1] += f" {word}"
        else:
            found.append(word)
    return found


def poster(title: str, under: str, foot: str, chart: str, chart_size: tuple[float, float]) -> str:
    """A picture of 1200 by 675: the finding, what was measured, the chart, and whose figures they are."""
    svg = Svg(1200, 675)
    y = 62.0
    for line in wrapped(title, 58):
        svg.text(48, y, line, font_size=36, font_weight=700)
        y += 44
    for line in wrapped(under, 118):
        svg.text(48, y - 4, line, font_size=19, fill=SOFT)
        y += 26
    room = (1104.0, 675 - y - 62)
    scale = min(room[0] / chart_size[0], room[1] / chart_size[1])
    svg.inset(48 + (room[0] - chart_size[0] * scale) / 2, y, f'<g transform="scale({scale:.4f})">{_inner(chart)}</g>')
    for place, line in enumerate(wrapped(foot, 150)[:2]):
        svg.text(48, 675 - 38 + place * 19, line, font_size=15, fill=SOFT)
    return svg.drawn()


def _inner(svg: str) -> str:
    """A drawing as a group: its first rectangle is its ground."""
    return f'<g font-family="{FONT}" font-size="12">{svg[svg.index("/>") + 2 : svg.rindex("</svg>")]}</g>'


def size_of(svg: str) -> tuple[float, float]:
    """Width and height of a drawing."""
    numbers = svg.split('width="', 1)[1].split('"', 1)[0], svg.split('height="', 1)[1].split('"', 1)[0]
    return float(numbers[0]), float(numbers[1])


__all__ = ["Lead", "lead", "lines", "poster", "size_of", "whiskers"]
