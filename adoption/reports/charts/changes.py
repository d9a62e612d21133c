"""Changes of one unit on one common axis from zero: a dot for a number, a bar for bounds."""

from __future__ import annotations

from collections.abc import Mapping

from adoption.reports.charts.model import Change, Changes
from adoption.reports.charts.svg import AXIS, GROUND, LETTER, LINE, PALE, SOFT, Scale, Svg, amount, ticks


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
        for bar in (change for change in part.bars if change.row == row):
            ink, middle = colours[bar.entity], y + (LINE / 2) + (LINE if is_slim else 0)
            _whisker(svg, bar, ink, x, middle)
            at = (left, y + 11) if is_slim else (across[1] + 8, middle + 4)
            svg.text(*at, f"{bar.entity} {bar.label}", fill=ink, data_series=bar.entity)
            y += step
        y += 8
    for place, name in enumerate(absent, start=1):
        svg.text(left, bottom + 14 + place * LINE, f"{name}: no data", fill=colours[name], data_series=name)
    return svg.drawn()
