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
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from adoption.reports.charts import inks, plain
from adoption.reports.charts.change_bars import changes
from adoption.reports.charts.model import Band, Change, Changes, Panel, Point
from adoption.reports.charts.style import INK, PALE, PALETTE, minus
from adoption.reports.charts.time_series import lines, said_of

if TYPE_CHECKING:
    from adoption.reports.charts.style import Chart

MISSING = "No chart: it needs the extra `report` (`.venv/bin/pip install -e '.[report]'`), which is not installed here."
PLACES = re.compile(r' (?:d|transform)="[^"]*"')
UNSEEN = re.compile(r' (?:class|role|pointer-events|aria-[a-z]+)="[^"]*"')
FINER = re.compile(r"(\.\d)\d+")


def are_installed() -> bool:
    """Whether pictures can be made here."""
    return find_spec("altair") is not None and find_spec("vl_convert") is not None


@cache
def code() -> str:
    """The code that draws, and the versions of its libraries."""
    versions = [f"{name} {version(name)}" for name in ("altair", "vl-convert-python")] if are_installed() else []
    modules = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("*.py"))]
    return "\n".join([*versions, *modules])


def made_from(parts: Sequence[Panel | Changes]) -> list[str]:
    """All that a chart's picture depends on: the same texts give the same picture."""
    return [json.dumps([asdict(part) for part in parts], default=str), code()]


def drawn(parts: Sequence[Panel | Changes]) -> str:
    """Panels, or bars, as SVG."""
    panels = [part for part in parts if isinstance(part, Panel)]
    return picture(lines, panels) if panels else picture(changes, [one for one in parts if isinstance(one, Changes)])


def picture(draw: Callable[..., Chart], parts: Sequence[Panel | Changes], **how: object) -> str:
    """What `draw` makes of the parts, as SVG, without Altair's validation: it takes a third of the time.

    Altair holds each step to the schema of Vega-Lite, which depends on our code only: tests draw with it.
    """
    from altair.utils.schemapi import debug_mode

    with debug_mode(False):
        return svg(draw(parts, **how))


def svg(chart: Chart) -> str:
    """A chart as SVG that needs nothing else, half as long as it is written: it is kept with every run."""
    import vl_convert

    text = UNSEEN.sub("", str(vl_convert.vegalite_to_svg(chart.to_dict())))
    return PLACES.sub(lambda place: FINER.sub(r"\1", place[0]), text)


def as_markdown(picture: str, text: str) -> str:
    """An SVG inside Markdown, with what it shows in words for those who do not see it."""
    alternative = text.replace("[", "(").replace("]", ")").replace("\n", " ")
    return f"![{alternative}](data:image/svg+xml;base64,{base64.b64encode(picture.encode()).decode()})"


__all__ = [
    "INK",
    "MISSING",
    "PALE",
    "PALETTE",
    "Band",
    "Change",
    "Changes",
    "Panel",
    "Point",
    "are_installed",
    "as_markdown",
    "changes",
    "code",
    "drawn",
    "inks",
    "lines",
    "made_from",
    "minus",
    "picture",
    "plain",
    "said_of",
    "svg",
]
