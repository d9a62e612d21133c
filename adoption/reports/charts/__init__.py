"""Charts: rows in, a picture out, the same wherever it is shown.

Belongs here: how a chart looks, and writing it as SVG. Does not belong here: which rows are shown, asking for them, or
where the picture goes.

The rules: changes and linear scales start at zero; a scale is logarithmic where growth is exponential, and says so;
series and changes are labelled where they are, not in a legend; a month that is not known is a gap; breaks in series
and anomalies are marked and named; the colours can be told apart by people who are colour-blind (Okabe and Ito).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from adoption import markdown
from adoption.reports.charts import inks
from adoption.reports.charts.changes import whiskers
from adoption.reports.charts.lead import Lead, lead
from adoption.reports.charts.model import Band, Change, Changes, Panel, Point
from adoption.reports.charts.poster import poster, size_of
from adoption.reports.charts.projections import Projection, projections
from adoption.reports.charts.svg import INK, LINE, SOFT, Svg
from adoption.reports.charts.time_series import lines, subtitle_of

WIDE, HIGH, GAP = 480.0, 150.0, 24.0
BROAD = 860.0
"""In pixels: the width of a panel (two fit where Dagster shows a picture), the height of its axes, the room around it,
and the width of changes."""


@cache
def code() -> str:
    """The code that draws."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("*.py")))


def made_from(parts: Sequence[Panel | Changes]) -> list[str]:
    """All that a chart's picture depends on: the same texts give the same picture."""
    return [repr(list(parts)), code()]


def coloured(names: Iterable[str]) -> dict[str, str]:
    """The colour of each name, in the order of the palette."""
    return {name: inks.LIGHT[number % len(inks.LIGHT)] for number, name in enumerate(dict.fromkeys(names))}


def drawn(parts: Sequence[Panel | Changes], columns: int = 2) -> str:
    """Panels side by side, or changes one below the other, each under its title and unit, as SVG.

    Raises:
        ValueError: when a panel has no value, or there is no part.
    """
    pictures = [_under_its_title(part) for part in parts]
    columns = 1 if any(isinstance(part, Changes) for part in parts) else columns
    width = max(size_of(picture)[0] for picture in pictures)
    rows = [pictures[at : at + columns] for at in range(0, len(pictures), columns)]
    heights = [max(size_of(picture)[1] for picture in row) + GAP for row in rows]
    whole = Svg(columns * (width + GAP) + GAP, sum(heights) + GAP)
    for number, row in enumerate(rows):
        for column, picture in enumerate(row):
            whole.inset(GAP + column * (width + GAP), GAP + sum(heights[:number]), picture)
    return whole.drawn()


def _under_its_title(part: Panel | Changes) -> str:
    if isinstance(part, Panel):
        names = [*part.order, *(point.series for point in part.points)]
        picture, subtitle = lines(part, coloured(names), WIDE, HIGH), subtitle_of(part)
    else:
        names = [*part.order, *(bar.entity for bar in part.bars)]
        picture, subtitle = whiskers(part, coloured(names), BROAD), part.unit
    width, height = size_of(picture)
    svg = Svg(width, height + LINE * 3)
    svg.text(0, LINE, part.title, fill=INK, font_size=13, font_weight=600)
    svg.text(0, LINE * 2, subtitle, fill=SOFT)
    svg.inset(0, LINE * 3, picture)
    return svg.drawn()


def as_markdown(picture: str, text: str) -> str:
    """An SVG inside Markdown, with what it shows in words for those who do not see it."""
    return f"![{markdown.plain(text)}](data:image/svg+xml;base64,{base64.b64encode(picture.encode()).decode()})"


__all__ = [
    "Band",
    "Change",
    "Changes",
    "Lead",
    "Panel",
    "Point",
    "Projection",
    "as_markdown",
    "code",
    "coloured",
    "drawn",
    "inks",
    "lead",
    "lines",
    "made_from",
    "poster",
    "projections",
    "size_of",
    "subtitle_of",
    "whiskers",
]
