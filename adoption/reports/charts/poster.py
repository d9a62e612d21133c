"""A picture to post: the finding above a chart, and whose figures they are below it."""

from __future__ import annotations

from adoption.reports.charts.svg import FONT, SOFT, Svg, wrapped


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
