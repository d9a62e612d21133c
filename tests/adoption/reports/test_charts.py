"""Charts: what a careful reader expects of them, read from the picture's specification and the picture."""

from __future__ import annotations

import base64
import re
from datetime import date
from typing import Any
from xml.etree import ElementTree

import altair as alt
import pytest

from adoption.reports import charts
from adoption.reports.charts import Band, Change, Changes, Panel, Point


def months(values: list[float | None], series: str = "anvil") -> list[Point]:
    return [Point(series, date(2020 + i // 12, i % 12 + 1, 1), value) for i, value in enumerate(values)]


def line_of(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """The layer of the lines, with its rows."""
    whole = chart.to_dict()
    [panel] = whole["concat"]
    return {**whole, **panel, **next(layer for layer in panel["layer"] if layer["mark"]["type"] == "line")}


def texts(svg: str) -> set[str]:
    return {element.text or "" for element in ElementTree.fromstring(svg).iter() if element.tag.endswith("text")}


def test_a_linear_scale_starts_at_zero_and_exponential_growth_has_a_logarithmic_one_that_says_so() -> None:
    flat = line_of(charts.lines([Panel("Tools", "pieces", months([50, 60, 70]))]))["encoding"]["y"]["scale"]
    steep_panel = Panel("Tools", "pieces", months([1, 10, 100]))
    steep = charts.lines([steep_panel])

    assert (flat["type"], flat["domain"][0]) == ("linear", 0)
    assert line_of(steep)["encoding"]["y"]["scale"]["type"] == "log"
    assert "pieces; logarithmic scale" in texts(charts.svg(steep))
    assert not Panel("Tools", "pieces", months([0, 10, 1000])).is_logarithmic


def test_a_month_that_is_not_known_is_a_gap_and_a_month_between_two_gaps_a_dot() -> None:
    rows = line_of(charts.lines([Panel("Tools", "pieces", months([1, 2, None, 4, None, 6, 7]))]))["data"]["values"]

    assert [row["value"] for row in rows] == [1, 2, None, 4, None, 6, 7]
    assert [row["month"] for row in rows if row["alone"]] == ["2020-04-01"]


def test_bands_are_named_and_series_carry_their_own_names() -> None:
    points = [*months([1.0, 2.0, 3.0]), *months([3.0, 2.0, 3.0], "saw"), *months([None] * 3, "plane")]
    bands = [
        Band(date(2020, 1, 1), date(2020, 2, 1), "method replaced", "break"),
        Band(date(2020, 1, 15), date(2020, 2, 1), "slump -20 %: unexplained", "anomaly"),
        Band(date(2030, 1, 1), date(2030, 2, 1), "later than all of it", "break"),
    ]
    svg = charts.svg(charts.lines([Panel("Tools", "pieces", points, bands)]))

    assert {"method replaced", "slump \u221220 %: unexplained", "anvil", "saw"} <= texts(svg)
    assert "pieces; plane: not known as a number" in texts(svg)
    assert "later than all of it" not in texts(svg)
    assert set(charts.PALETTE[:2]) <= set(re.findall(r"#[0-9A-F]{6}", svg))


def test_bars_start_at_zero_say_their_figure_and_what_cannot_be_said() -> None:
    bars = [
        Change("Downloads", "anvil", "+158.25 %", 158.25, 100.0, 200.0),
        Change("Downloads", "saw", "cannot be said", None),
        Change("Stars", "anvil", "-43 %", -43.0),
    ]
    chart = charts.changes([Changes("Growth", "percent", bars)])
    svg = charts.svg(chart)

    low, high = chart.to_dict()["vconcat"][0]["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert low < -43 < 0 < 200 < high
    assert {"anvil +158.25 %", "saw cannot be said", "anvil \u221243 %"} <= texts(svg)


def test_where_there_is_no_room_rows_are_named_above_and_bars_by_their_colours() -> None:
    bars = [Change("Downloads", "anvil", "+4.8 % to +78 % (bound)", None, 4.8, 78.0), Change("Stars", "saw", "+1 %", 1)]
    svg = charts.svg(charts.changes([Changes("", "percent", bars)], 200, is_named=False))

    assert {"Downloads", "Stars", "+4.8 % to +78 %", "+1 %"} <= texts(svg)
    assert not {text for text in texts(svg) if "anvil" in text or "saw" in text}


def test_more_series_than_colours_are_told_apart_by_dashes() -> None:
    names = [f"tool {number}" for number in range(len(charts.PALETTE) + 1)]
    few, many = (
        charts.svg(charts.lines([Panel("Tools", "pieces", [p for name in chosen for p in months([1, 2], name)])]))
        for chosen in (names[:-1], names)
    )

    assert "stroke-dasharray" not in few
    assert "stroke-dasharray" in many


def test_letters_of_stretches_that_begin_together_stand_side_by_side() -> None:
    bands = [Band(date(2020, 1, 1), date(2020, 3, 1), letter, "break") for letter in "abc"]
    placed = charts._placed(Panel("Tools", "pieces", [], bands), date(2020, 1, 1), date(2021, 1, 1), 300)

    assert [row["line"] for row in placed] == [0, 0, 0]
    assert len({row["at"] for row in placed}) == 3


def test_a_picture_in_markdown_has_words_and_needs_nothing_else() -> None:
    svg = charts.drawn([Panel("Tools", "pieces", months([1, 2, 3]))])
    found = re.fullmatch(
        r"!\[Tools \(by month\)\]\(data:image/svg\+xml;base64,(.+)\)", charts.as_markdown(svg, "Tools [by month]")
    )

    assert found
    assert base64.b64decode(found[1]).decode() == svg
    assert not re.search(r'(href|src)="http', svg)


def test_a_picture_depends_on_the_figures_and_nothing_to_draw_is_an_error() -> None:
    panel = Panel("Tools", "pieces", months([1, 2]))
    assert charts.made_from([panel]) == charts.made_from([Panel("Tools", "pieces", months([1, 2]))])
    assert charts.made_from([panel]) != charts.made_from([Panel("Tools", "pieces", months([1, 3]))])
    with pytest.raises(ValueError, match="no panel has a value"):
        charts.lines([Panel("Tools", "pieces", months([None]))])
