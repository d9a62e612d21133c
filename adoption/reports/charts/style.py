"""Colours, type and room, the same in every chart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

    Layered = alt.LayerChart | alt.FacetChart
    Chart = alt.ConcatChart | alt.VConcatChart

PALETTE = ("#0072B2", "#B04D00", "#007A5A", "#A8457E", "#8A6D00", "#555555")
"""Okabe and Ito's colours, darkened so that text in them can be read; more series than these are dashed too."""
BANDS: Mapping[str, str] = {"break": "#777777", "anomaly": "#B04D00", "explained": "#56B4E9"}
INK, PALE = "#222222", "#E4E4E4"
TITLE, TEXT = 13, 12
"""Sizes of type in pixels: two, as the small print of a page."""
THOUSAND = 1000
LETTER = 6.4
"""Pixels that a letter of a label takes, on average, in the broadest of the fonts that a reader may have."""
BROADER = 0.25
"""How much broader that font may be than the one that the picture was measured with; bold is broader still."""


def minus(text: str) -> str:
    """A text in which a minus is no hyphen; the hyphens of dates and names stay."""
    return re.sub(r"(?<![\w-])-(?=\d)", "\u2212", text)


def styled(chart: Chart, left: int = 0, right: int = 0) -> Chart:
    """One type scale and one ink; a white ground, so that it can be read on a dark page too.

    At either edge there is room for that many letters to be broader than they were measured.
    """
    room = {
        side: 8 + letters * LETTER * BROADER
        for side, letters in {"left": left, "right": right, "top": 0, "bottom": 0}.items()
    }
    styled: Chart = (
        chart.configure(background="white", padding=room, font="Helvetica, Arial, sans-serif", aria=False)
        .configure_title(
            fontSize=TITLE, fontWeight=600, anchor="start", color=INK, subtitleColor="#555555", subtitleFontSize=TEXT
        )
        .configure_axis(
            labelFontSize=TEXT, labelColor="#555555", gridColor=PALE, domainColor="#999999", ticks=False, labelPadding=5
        )
        .configure_view(stroke=None)
    )
    return styled


def colours_of(names: Iterable[str]) -> dict[str, str]:
    """The colour of each name, in the order of the palette."""
    return {name: PALETTE[number % len(PALETTE)] for number, name in enumerate(dict.fromkeys(names))}


def title_of(text: str, said: str) -> alt.Title:
    """The heading of one set of axes; none where the page around it says it."""
    import altair as alt

    return alt.Title(text, subtitle=said, frame="group", offset=8) if text else alt.Title("")


def data_of(rows: Sequence[Mapping[str, Any]]) -> alt.Data:
    """Rows as the data of a chart."""
    import altair as alt

    return alt.Data(values=list(rows))  # type: ignore[no-untyped-call]


def own_colour() -> alt.Color:
    """The colour that each row names: layers of one chart would otherwise share one scale."""
    import altair as alt

    return alt.Color("colour:N", scale=None, legend=None)
