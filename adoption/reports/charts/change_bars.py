"""Bars of change, from zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from adoption.reports.charts.model import Change, Changes
from adoption.reports.charts.style import (
    INK,
    LETTER,
    TEXT,
    colours_of,
    data_of,
    minus,
    own_colour,
    styled,
    title_of,
)

if TYPE_CHECKING:
    import altair as alt

    from adoption.reports.charts.style import Chart, Layered

BAR = 18
"""Pixels between two bars of a row."""


def changes(parts: Sequence[Changes], width: int = 460, is_named: bool = True) -> Chart:
    """Bars from zero, one set of axes for each unit, with intervals drawn and what cannot be said in words.

    Where there is no room, rows are named above their bars, and bars not at all: the colour alone says whose they are,
    and the page says which is whose.
    """
    import altair as alt

    ordered = [name for part in parts for name in part.order]
    colours = colours_of([*ordered, *(bar.entity for part in parts for bar in part.bars)])
    left = max(len(bar.row) for part in parts for bar in part.bars) if is_named else 0
    return styled(alt.vconcat(*(_bars(part, colours, width, is_named) for part in parts)), left=left)


def _bars(part: Changes, colours: Mapping[str, str], width: int, is_named: bool) -> Layered:
    import altair as alt

    rows = [{**_bar_row(bar, is_named), "colour": colours[bar.entity]} for bar in part.bars]
    order, entities = (list(dict.fromkeys(row[name] for row in rows)) for name in ("row", "entity"))
    across = alt.X("value:Q", title=None, axis=alt.Axis(tickCount=5, format=",~f"))
    base = alt.Chart(data_of(rows)).encode(
        x=across.scale(domain=_room(rows, width), nice=False),
        y=_rows(order, len(entities), is_named),
        yOffset=alt.YOffset("entity:N", sort=entities),
        color=own_colour(),
    )
    interval = base.encode(x="low:Q", x2="high:Q", color=alt.value(INK)).mark_rule(strokeWidth=1)
    layers = [
        base.mark_bar(height={"band": 0.9}).transform_filter("isValid(datum.value)"),
        interval.transform_filter("isValid(datum.low) && isValid(datum.high)"),
    ]
    label = base.encode(text="label:N", x="at:Q")
    layers += [
        label.mark_text(baseline="middle", fontSize=TEXT, align="left", dx=5).transform_filter("datum.at >= 0"),
        label.mark_text(baseline="middle", fontSize=TEXT, align="right", dx=-5).transform_filter("datum.at < 0"),
    ]
    return alt.layer(*layers).properties(width=width, height=alt.Step(BAR), title=title_of(part.title, part.unit))


def _rows(order: Sequence[str], bars: int, is_named: bool) -> alt.Y:
    """The rows, each named to the left of its bars; where there is no room for that, above them."""
    import altair as alt

    if is_named:
        return alt.Y("row:N", title=None, sort=order, axis=alt.Axis(labelLimit=260, domain=False, grid=False))
    axis = alt.Axis(
        labelAlign="left",
        labelBaseline="bottom",
        labelOffset=-bars * BAR / 2,
        labelPadding=0,
        labelLimit=260,
        domain=False,
        grid=False,
    )
    return alt.Y("row:N", title=None, sort=order, axis=axis).scale(paddingInner=0.45, paddingOuter=0.35)


def _room(rows: Sequence[Mapping[str, Any]], width: int) -> list[float]:
    """A domain from zero with room for the labels: each takes its pixels out of the width."""
    edges = [0.0, *(row[name] for row in rows for name in ("value", "low", "high") if row[name] is not None)]
    low, high = min(edges), max(edges)
    for _ in range(3):  # room on one side takes some from the other
        for row in rows:
            taken = min(0.6, (len(row["label"]) * LETTER + 14) / width)
            if row["at"] < 0:
                low = min(low, high - (high - row["at"]) / (1 - taken))
            else:
                high = max(high, low + (row["at"] - low) / (1 - taken))
    return [low, high if high > low else low + 1.0]


def _bar_row(bar: Change, is_named: bool) -> dict[str, Any]:
    """A bar with its label behind its end, which is the interval's end where there is one."""
    edges = [edge for edge in (bar.value, bar.low, bar.high) if edge is not None]
    is_fall = bar.value is not None and bar.value < 0
    at = min([0.0, *edges]) if is_fall else max([0.0, *edges])
    # without a name there is no room for what an interval covers either: the table says it
    label = f"{bar.entity} {bar.label}" if is_named else bar.label.partition(" (")[0]
    return {**asdict(bar), "label": minus(label), "at": at}
