"""The chart of projections: what a year holds so far, and how it may end, as multiples of the year before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adoption.reports.charts.svg import AXIS, GROUND, INK, PALE, SOFT, Scale, Svg, ticks


@dataclass(frozen=True)
class Projection:
    """One row: of one series what is counted, projected and its interval, as multiples of the year before."""

    name: str
    series: str
    counted: float
    projected: float
    low: float
    high: float
    words: str


def projections(rows: Sequence[Projection], colours: Mapping[str, str], prior_year: int, width: float) -> str:
    """A bar for each row: filled as far as it is counted, dashed as far as it is projected, with its interval."""
    is_slim = width < 620
    left, right = (8.0, 16.0) if is_slim else (270.0, 230.0)
    step, top = (56.0 if is_slim else 34.0), 24.0
    svg = Svg(width, top + len(rows) * step + 30)
    x = Scale(0, max(1.1, *(row.high for row in rows)) * 1.04, left, width - right)
    bottom = top + len(rows) * step
    _axis(svg, x, top, bottom, prior_year)
    for number, row in enumerate(rows):
        middle = top + number * step + (step - 14 if is_slim else step / 2)
        if is_slim:
            svg.text(8, middle - 26, f"{row.name}, {row.series}", font_weight=600)
            svg.text(8, middle - 12, row.words, fill=SOFT, font_size=11)
        else:
            svg.text(8, middle - 2, row.name, font_weight=600)
            svg.text(8, middle + 12, row.series, fill=colours[row.series], font_size=11)
            svg.text(width - right + 10, middle + 4, row.words, font_size=11)
        _bar(svg, row, x, middle, colours[row.series])
    return svg.drawn()


def _axis(svg: Svg, x: Scale, top: float, bottom: float, prior_year: int) -> None:
    for value in ticks(x.low, x.high):
        svg.add("line", x1=x(value), x2=x(value), y1=top, y2=bottom, stroke=PALE)
        if value != 1:
            svg.text(x(value), bottom + 16, f"{value:g}\u00d7", fill=SOFT, text_anchor="middle")
    svg.add("line", x1=x(1), x2=x(1), y1=top, y2=bottom, stroke=INK)
    svg.text(x(1), top - 8, f"all of {prior_year}", fill=SOFT, text_anchor="middle")


def _bar(svg: Svg, row: Projection, x: Scale, middle: float, ink: str) -> None:
    """The projection is hollow and dashed, so that nobody takes it for a count."""
    low, high = x(row.low), x(row.high)
    svg.add("line", x1=low, x2=high, y1=middle, y2=middle, stroke=AXIS, stroke_width=9, opacity=0.5)
    svg.add(
        "rect", x=x(0), y=middle - 6, width=max(1.0, x(row.projected) - x(0)), height=12, fill="none", stroke=ink,
        stroke_dasharray="3 2", data_mark="projected",
    )  # fmt: skip
    svg.add("rect", x=x(0), y=middle - 6, width=max(1.0, x(row.counted) - x(0)), height=12, fill=ink, data_mark="now")
    svg.add("circle", cx=x(row.projected), cy=middle, r=4.5, fill=GROUND, stroke=ink, stroke_width=2)
