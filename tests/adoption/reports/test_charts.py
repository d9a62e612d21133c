"""Charts: what a careful reader expects of them, read from the picture."""

from __future__ import annotations

import base64
import re
from datetime import date
from xml.etree import ElementTree

import pytest

from adoption.reports import charts
from adoption.reports.charts import Band, Change, Changes, Panel, Point, inks, time_series
from adoption.reports.charts.svg import Scale, log_ticks, ticks

SVG = "{http://www.w3.org/2000/svg}"


def months(values: list[float | None], series: str = "anvil") -> list[Point]:
    return [Point(series, date(2020 + i // 12, i % 12 + 1, 1), value) for i, value in enumerate(values)]


def elements(svg: str, name: str) -> list[ElementTree.Element]:
    return [element for element in ElementTree.fromstring(svg).iter() if element.tag == f"{SVG}{name}"]


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in elements(svg, "text")]


def paths(svg: str) -> list[list[tuple[float, ...]]]:
    """The points of each line."""
    drawn = [element.attrib["d"] for element in elements(svg, "path") if element.attrib["fill"] == "none"]
    return [[tuple(map(float, point.split())) for point in path.removeprefix("M").split("L")] for path in drawn]


def test_a_linear_scale_starts_at_zero_and_exponential_growth_has_a_logarithmic_one_that_says_so() -> None:
    steep = Panel("Tools", "pieces", months([1, 10, 100]))
    [flat_path] = paths(charts.drawn([Panel("Tools", "pieces", months([50, 60, 70]))]))
    [steep_path] = paths(charts.drawn([steep]))

    assert "0" in texts(charts.drawn([Panel("Tools", "pieces", months([50, 60, 70]))]))
    # of a linear scale, 50 lies five times as far from the ground as 60 from 50; of the other, each step is as high
    assert (flat_path[0][1] - flat_path[1][1]) == pytest.approx(flat_path[1][1] - flat_path[2][1], abs=0.2)
    assert (steep_path[0][1] - steep_path[1][1]) == pytest.approx(steep_path[1][1] - steep_path[2][1], abs=0.2)
    assert "pieces; logarithmic scale" in texts(charts.drawn([steep]))
    assert not Panel("Tools", "pieces", months([0, 10, 1000])).is_logarithmic


def test_a_month_that_is_not_known_is_a_gap_and_a_month_between_two_gaps_a_dot() -> None:
    svg = charts.drawn([Panel("Tools", "pieces", months([1, 2, None, 4, None, 6, 7]))])

    assert [len(path) for path in paths(svg)] == [2, 2]
    assert len(elements(svg, "circle")) == 1


def test_bands_are_named_and_series_carry_their_own_names() -> None:
    points = [*months([1.0, 2.0, 3.0]), *months([3.0, 2.0, 3.0], "saw"), *months([None] * 3, "plane")]
    bands = [
        Band(date(2020, 1, 1), date(2020, 2, 1), "method replaced", "break"),
        Band(date(2020, 1, 15), date(2020, 2, 1), "slump -20 %: unexplained", "anomaly"),
        Band(date(2030, 1, 1), date(2030, 2, 1), "later than all of it", "break"),
    ]
    svg = charts.drawn([Panel("Tools", "pieces", points, bands)])

    assert {"method replaced", "slump \u221220 %: unexplained", "anvil", "saw", "plane: no data"} <= {*texts(svg)}
    assert "pieces; plane: not known as a number" in texts(svg)
    assert "later than all of it" not in texts(svg)
    assert set(inks.LIGHT[:2]) <= set(re.findall(r"#[0-9A-F]{6}", svg))


def test_names_of_bands_never_stand_on_one_another() -> None:
    bands = [
        Band(date(2020, month, 1), date(2020, month + 1, 1), f"movement {month}", "anomaly") for month in (1, 2, 3)
    ]
    names = time_series.placed(Panel("Tools", "pieces", months([1.0] * 6), bands), (40.0, 200.0))

    assert [label for _, _, label in names] == ["movement 1", "movement 2", "movement 3"]
    assert len({line for _, line, _ in names}) == 3


def test_the_name_of_a_band_ends_at_a_word_where_the_axis_ends() -> None:
    band = Band(date(2020, 1, 1), date(2020, 2, 1), "a reason that says much more than there is room for", "anomaly")
    [(_, _, name)] = time_series.placed(Panel("Tools", "pieces", months([1.0] * 6), (band,)), (40.0, 200.0))
    assert name == "a reason that says …"


def test_a_band_without_a_name_has_none() -> None:
    band = Band(date(2020, 1, 1), date(2020, 2, 1), "", "break")
    [(_, _, name)] = time_series.placed(Panel("Tools", "pieces", months([1.0] * 6), (band,)), (40.0, 200.0))
    assert name == ""


def test_years_of_the_axis_never_stand_on_one_another() -> None:
    for width, expected in ((200.0, "2010 2013 2016 2019"), (900.0, "2009 2010 2011 2012")):
        points = tuple(Point("anvil", date(year, 1, 1), 1.0) for year in range(2009, 2022))
        years = [
            text
            for text in texts(charts.lines(Panel("Tools", "pieces", points), {"anvil": "#000"}, width, 90))
            if text[:2] == "20"
        ]
        assert " ".join(years).startswith(expected)


def test_changes_start_at_zero_say_their_figure_and_what_cannot_be_said() -> None:
    bars = [
        Change("Downloads", "anvil", "+158.25 %", 158.25, 100.0, 200.0),
        Change("Downloads", "saw", "not comparable", None),
        Change("Stars", "anvil", "-43 %", -43.0),
    ]
    svg = charts.drawn([Changes("Growth", "percent", bars)])

    assert {"anvil +158.25 %", "saw not comparable", "anvil \u221243 %", "0", "Growth", "percent"} <= {*texts(svg)}
    assert len(elements(svg, "circle")) == 2


def test_more_series_than_colours_are_told_apart_by_dashes() -> None:
    names = [f"tool {number}" for number in range(len(inks.LIGHT) + 1)]
    few, many = (
        charts.drawn([Panel("Tools", "pieces", [p for name in chosen for p in months([1, 2], name)])])
        for chosen in (names[:-1], names)
    )

    assert "stroke-dasharray" not in few
    assert many.count("stroke-dasharray") == 1


def test_letters_of_stretches_that_begin_together_stand_side_by_side() -> None:
    bands = [Band(date(2020, 1, 1), date(2020, 3, 1), letter, "break") for letter in "abc"]
    names = time_series.placed(Panel("Tools", "pieces", months([1.0] * 12), bands), (0.0, 300.0))

    assert [line for _, line, _ in names] == [0, 0, 0]
    assert len({at for at, _, _ in names}) == 3


def test_panels_stand_side_by_side_and_changes_below_one_another() -> None:
    panel, change = (
        Panel("Tools", "pieces", months([1.0, 2.0])),
        Changes("Growth", "%", [Change("a", "b", "+1 %", 1.0)]),
    )
    single, triple = (charts.size_of(charts.drawn([panel] * count)) for count in (1, 3))

    assert single[0] == triple[0]
    assert triple[1] > single[1]
    assert charts.size_of(charts.drawn([change, change]))[0] < single[0]


def test_a_picture_in_markdown_has_words_and_needs_nothing_else() -> None:
    svg = charts.drawn([Panel("Tools", "pieces", months([1, 2, 3]))])
    match = re.fullmatch(
        r"!\[Tools \\\[by month\\\]\]\(data:image/svg\+xml;base64,(.+)\)", charts.as_markdown(svg, "Tools [by month]")
    )

    assert match
    assert base64.b64decode(match[1]).decode() == svg
    assert not re.search(r'(href|src)="http', svg)


def test_what_is_drawn_cannot_become_markup() -> None:
    svg = charts.drawn([Panel("<b>Tools</b>", '"&', months([1.0, 2.0], "</text><script>"))])

    assert not elements(svg, "script")
    assert {
        "<b>Tools</b>",
        '"&',
    } <= {*texts(svg)}


def test_a_picture_depends_on_the_figures_and_nothing_to_draw_is_an_error() -> None:
    panel = Panel("Tools", "pieces", months([1, 2]))
    assert charts.made_from([panel]) == charts.made_from([Panel("Tools", "pieces", months([1, 2]))])
    assert charts.made_from([panel]) != charts.made_from([Panel("Tools", "pieces", months([1, 3]))])
    with pytest.raises(ValueError, match="no panel has a value"):
        charts.drawn([Panel("Tools", "pieces", months([None]))])


def test_a_colour_belongs_to_a_series_wherever_it_is_drawn() -> None:
    pair = ("anvil", "saw")
    line = charts.drawn([Panel("Tools", "pieces", months([1.0, 2.0], "saw"), order=pair)])
    bars = charts.drawn([Changes("Tools", "%", [Change("sales", "saw", "+1 %", 1.0)], order=pair)])

    for svg, word in ((line, "saw"), (bars, "saw +1 %")):
        [named] = [element for element in elements(svg, "text") if element.text == word]
        assert named.attrib["fill"] == inks.LIGHT[1]


@pytest.mark.parametrize(("low", "high"), [(0, 3), (-20, 80), (0.001, 0.009), (0, 123_456_789)])
def test_ticks_are_few_round_and_within(low: float, high: float) -> None:
    values = ticks(low, high)

    assert 2 <= len(values) <= 11
    assert all(low <= value <= high for value in values)


def test_a_logarithmic_scale_has_powers_of_ten_or_what_lies_between() -> None:
    assert log_ticks(1, 1000) == [1, 10, 100, 1000]
    assert log_ticks(3, 70) == [5, 10, 20, 50]
    assert Scale(1, 100, 0, 10, is_log=True)(10) == pytest.approx(5)


def test_a_projection_is_hollow_and_ends_where_it_says_beside_what_is_counted() -> None:
    rows = [
        charts.Projection("Downloads", "anvil", 0.9, 1.2, 1.1, 1.4, "projected 120 (110 to 140)"),
        charts.Projection("Stars", "saw", 0.5, 0.5, 0.5, 0.6, "projected 50 (50 to 60)"),
    ]
    for width in (1060.0, 328.0):
        svg = charts.projections(rows, {"anvil": "#0072B2", "saw": "#B04D00"}, 2020, width)
        bars = [element for element in elements(svg, "rect") if "data-mark" in element.attrib]
        drawn = {(bar.attrib["data-mark"], bar.attrib["fill"]) for bar in bars}
        assert drawn == {("projected", "none"), ("now", "#0072B2"), ("now", "#B04D00")}
        widths = [float(bar.attrib["width"]) for bar in bars]
        # dashed first, then filled: of one scale
        assert widths[0] / widths[1] == pytest.approx(1.2 / 0.9, abs=0.01)
        assert {"all of 2020", "projected 120 (110 to 140)", "projected 50 (50 to 60)"} <= set(texts(svg))
        assert all(0 <= float(text.attrib["x"]) <= width for text in elements(svg, "text"))
