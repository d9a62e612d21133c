"""The printed review of every year says what the marts say, and nothing more.

Belongs here: reading the page back, number by number. Does not belong here: whether a figure is right (test_figures),
or how a single figure is worded (tests/adoption/reports/test_format.py).
"""

from __future__ import annotations

import re
from itertools import pairwise

import duckdb
import pytest

from adoption.reports.review import UnknownYearError, show
from adoption.settings import Settings
from ingest.database import fetch_dicts
from tests.end_to_end.asking import Row, find
from tests.end_to_end.side_by_side import side_by_side

YEARS = range(2016, 2026)
NOT_KNOWN, NO_DATA = "not known", "no data"
SHOWN = """
select * from marts.rpt_year_in_review
where year = ? and (is_focus or is_benchmark or entity_type = 'market')
order by position, segment, is_focus desc, is_benchmark desc
"""
NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal on which no cell is cut."""
    monkeypatch.setenv("COLUMNS", "600")


def page(settings: Settings, capsys: pytest.CaptureFixture[str], year: int | None, everyone: bool = False) -> str:
    show(settings, year, everyone)
    return capsys.readouterr().out


def sections(text: str, labels: list[str]) -> dict[str, list[str]]:
    """The lines of the page by metric, whose label begins a line that follows an empty one."""
    lines = [line.rstrip() for line in text.splitlines()]
    starts = [
        number
        for number, (before, line) in enumerate(pairwise(lines), start=1)
        if not before and line.split("  ")[0] in labels
    ]
    return {lines[start].split("  ")[0]: lines[start + 1 : end] for start, end in pairwise([*starts, len(lines)])}


def cells(lines: list[str], row: Row) -> list[str]:
    """The cells of a row of the mart on the page: who, last year, this year, change, and whatever else is said."""
    part = "" if row["segment"] == "all" else f", {row['segment'].partition('=')[2]}"
    (line,) = [line for line in lines if line.startswith(f"  {row['entity_label']}{part}  ")]
    return re.split(r" {2,}", line.strip())


def assert_says(text: str, *values: float | None) -> None:
    """Each value stands in the text, in this order, rounded to the digits that are shown there."""
    numbers = NUMBER.findall(text)
    assert len(numbers) >= len(values), (text, values)
    for number, value in zip(numbers, values, strict=False):
        assert value is not None, (text, values)
        digits = len(number.partition(".")[2])
        assert float(number.replace(",", "")) == pytest.approx(value, abs=0.5 * 10**-digits + 1e-9), (text, values)


def assert_level(text: str, value: float | None, low: float | None, high: float | None) -> None:
    if value is not None:
        assert_says(text, value)
    elif low is None or high is None:
        assert text == NOT_KNOWN
    elif text.startswith("below "):
        assert low == 0
        assert_says(text, high)
    elif text.startswith("at least "):
        assert high == 100
        assert_says(text, low)
    elif " to " in text.partition(" (")[0]:
        assert_says(text, low, high)
    else:  # two ends that are one number
        assert_says(text, low)
        assert_says(text, high)


def assert_change_in_part(text: str, row: Row) -> None:
    """What is said of two years that are not both whole, or do not compare."""
    if not row["is_known"]:
        assert text == NO_DATA
    elif row["compared_on"] == "common months" and row["yoy_common_pct"] is not None:
        assert_says(text, row["yoy_common_pct"], row["common_months"])
    elif row["compared_on"] == "lower bound":
        assert text.startswith("at least ")
        assert_says(text, row["yoy_at_least_pct"])
    else:
        # what piles up is never up or down
        stocks = {"up": "grew", "down": "shrank"} if row["kind"] == "stock" else {}
        assert text == stocks.get(row["direction"], row["direction"])


def assert_change(text: str, row: Row) -> None:
    if not row["is_comparable"]:
        assert_change_in_part(text, row)
    elif row["kind"] == "stock":
        assert_says(text, row["net_additions"])
    elif row["kind"] == "share" and row["yoy_change"] is not None:
        assert text.removesuffix("?").endswith("points")
        assert_says(text, row["yoy_change"])
    elif row["yoy_pct"] is not None:
        assert_says(text, row["yoy_pct"])
    elif text.startswith("more than"):
        assert row["yoy_high"] is None
        assert_says(text, row["yoy_low"])
    elif row["prior_value"] == 0:
        assert text.endswith(", from none")
        assert_says(text, row["yoy_change"])
    else:
        assert text == "within bounds"


def assert_row(lines: list[str], row: Row) -> None:
    """Every number of the row's line is that of the mart, and what is not known is said to be so."""
    _, prior, level, change, *rest = cells(lines, row)
    assert_level(prior, row["prior_value"], row["prior_low"], row["prior_high"])
    assert_level(level, row["value"], row["low"], row["high"])
    assert_change(change, row)
    if not row["is_known"]:
        assert (level, change, rest) == (NOT_KNOWN, NO_DATA, [])
        return
    assert rest[-1] == row["grade"]
    text = "  ".join(rest[:-1])
    baseline = re.search(r"([-+]\S+) % \(at percentile (\d+)\)", text)
    assert (baseline is not None) == (row["baseline_growth_pct"] is not None)
    if baseline:
        assert_says(baseline.group(), row["baseline_growth_pct"], row["growth_percentile"])
    interval = re.search(r"[-+][^%(]*(?:%)? to .* \((?:sampling only|bound|censoring)\)", text)
    if interval:
        assert_says(interval.group(), row["yoy_low"], row["yoy_high"])
    ratio = re.search(r"([\d,.]+) x", text)
    assert (ratio is not None) == (row["is_focus"] and row["ratio_to_benchmark"] is not None)
    if ratio:
        assert_says(ratio.group(), row["ratio_to_benchmark"])


def is_shown(row: Row, rows: list[Row]) -> bool:
    """Of a metric that has parts only those are shown that are known."""
    return row["segment"] == "all" or row["is_known"] or not any(other["is_known"] for other in rows)


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.usefixtures("wide")
def test_the_page_of_a_year_says_what_the_mart_says(
    built: Settings, published: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str], year: int
) -> None:
    rows = side_by_side(published, year, fetch_dicts(published, SHOWN, [year]))
    expected = {
        row["metric_label"]
        for row in rows
        if row["is_known"] or (row["segment"] == "all" and (row["prior_value"], row["prior_low"]) != (None, None))
    }
    labels = [label for label in dict.fromkeys(row["metric_label"] for row in rows) if label in expected]
    text = page(built, capsys, year)
    actual = sections(text, labels)
    assert list(actual) == labels
    left = [label for label in dict.fromkeys(row["metric_label"] for row in rows) if label not in expected]
    assert (f"No data: {', '.join(left)}." in text) == bool(left)
    for label, lines in actual.items():
        of_metric = [row for row in rows if row["metric_label"] == label]
        if not any(row["is_known"] for row in of_metric):
            assert any("Not available." in line or "No source covers this year." in line for line in lines), lines
            of_metric = of_metric[:1] if of_metric[0]["segment"] != "all" else of_metric
        for row in of_metric:
            if is_shown(row, of_metric):
                assert_row(lines, row)


@pytest.mark.usefixtures("wide")
def test_two_contenders_stand_side_by_side_in_one_way_of_counting(
    built: Settings, published: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each one's own preferred figure is a remark, whole where the other's is not."""
    (mart,) = find(published, "marts.rpt_year_in_review", year=2021, metric_id="pypi_downloads", is_focus=True)
    text = page(built, capsys, 2021)
    lines = sections(text, ["Package downloads", "Conda downloads"])["Package downloads"]
    (remark,) = [line for line in lines if "by its own preferred count" in line]

    assert cells(lines, {"entity_label": "TensorFlow/Keras", "segment": "all"})[2] == "112,668,782"
    assert "Top PyPI Packages" in next(
        line for line in page(built, capsys, 2021).splitlines() if "Package downl" in line
    )
    assert mart["value"] == 131_341_482
    assert_says(remark.partition("count ")[2], mart["value"])
    assert remark.startswith("  TensorFlow/Keras: ")


@pytest.mark.usefixtures("wide")
def test_a_direction_on_which_two_ways_of_counting_differ_cannot_be_said(
    built: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = sections(page(built, capsys, 2020), ["GitHub commits", "GitHub watchers"])["GitHub commits"]
    (remark,) = [line for line in lines if "inconclusive; " in line]
    assert remark == "  TensorFlow/Keras: inconclusive; otherwise counted, all commits: -9.3 %"
    assert cells(lines, {"entity_label": "TensorFlow/Keras", "segment": "all"})[3] == "+0.3 %?"
    assert cells(lines, {"entity_label": "PyTorch", "segment": "all"})[3] == "+18 %"


@pytest.mark.usefixtures("wide")
def test_a_comparison_that_is_refused_names_its_rule(
    built: Settings, published: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    for year in (2018, 2019, 2021, 2025):
        text = page(built, capsys, year)
        for row in side_by_side(published, year, fetch_dicts(published, SHOWN, [year])):
            if row["is_known"] and not row["is_comparable"] and row["segment"] == "all":
                assert f"ot comparable with {year - 1}: {row['not_comparable_reason']}" in text


@pytest.mark.usefixtures("wide")
def test_every_contender_is_on_the_page_when_all_are_asked_for(
    built: Settings, published: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    everyone = fetch_dicts(published, "select label from marts.dim_entities where entity_type = 'contender'")
    lines = sections(page(built, capsys, 2020, everyone=True), ["Package downloads", "Stack Overflow survey"])
    names = {re.split(r" {2,}", line.strip())[0] for line in lines["Package downloads"]}
    assert {row["label"] for row in everyone} <= names


@pytest.mark.usefixtures("wide")
def test_the_default_year_is_that_of_the_brief_and_says_why(
    built: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    text = page(built, capsys, None)
    year, _, reason = text.splitlines()[2].partition(" is ")
    assert reason == "the newest year with 3 or more channels of both."
    assert text.replace(f"{year} is {reason}\n", "") == page(built, capsys, int(year))


def test_a_year_that_nothing_covers_names_the_years_that_can_be_asked_for(built: Settings) -> None:
    with pytest.raises(UnknownYearError, match=r"No source covers 1999; ask for a year from 20\d\d to 20\d\d\."):
        show(built, 1999)


@pytest.mark.parametrize("year", [2020, 2024])
def test_nothing_of_the_page_is_cut_on_a_narrow_terminal(
    built: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, year: int
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    narrow = page(built, capsys, year)
    assert max(map(len, narrow.splitlines())) <= 80
    assert "…" not in narrow
