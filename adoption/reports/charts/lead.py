"""The lead chart: how many times as much one has as the other, metric by metric, now and a year before."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adoption.reports.charts.svg import AXIS, GROUND, INK, LETTER, PALE, SOFT, Scale, Svg


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
    svg.text(x.end - 2, base, row.words if ":" in row.gap else f"{row.words}, {row.gap}", fill=ink, text_anchor="end")


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
