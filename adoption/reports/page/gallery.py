"""The pictures of one report, drawn once.

Belongs here: keeping pictures until what they show, or the code that draws them, changes. Does not belong here: what
they show (`adoption.reports.page.figures`), or how they look (`adoption.reports.charts`).
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adoption.reports import charts

if TYPE_CHECKING:
    from adoption.reports.charts import Changes, Chart, Panel
    from adoption.warehouse.cache import Kept

PIXELS = 2
"""How many pixels of a PNG stand for one of the chart."""


@dataclass(frozen=True)
class Gallery:
    """Pictures by name, kept in a folder of their own for each year and pair."""

    kept: Kept
    folder: str

    def svg(self, name: str, draw: Callable[..., Chart], parts: Sequence[Panel | Changes], **how: object) -> str:
        """What `draw` makes of the parts."""
        made_from = [*charts.made_from(parts), draw.__name__, repr(sorted(how.items()))]
        return self.kept.get(f"{self.folder}/{name}.svg", made_from, lambda: charts.picture(draw, parts, **how))

    def png(self, name: str, svg: str) -> bytes:
        """A picture in pixels."""

        def converted() -> str:
            import vl_convert

            return b64encode(vl_convert.svg_to_png(svg, scale=PIXELS)).decode()

        return b64decode(self.kept.get(f"{self.folder}/{name}.png.txt", [charts.code(), str(PIXELS), svg], converted))
