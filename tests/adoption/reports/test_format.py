"""How a figure is worded, mark by mark."""

from __future__ import annotations

from typing import Any

import pytest

from adoption.reports import format as wording

FLOW: dict[str, Any] = {
    "kind": "flow",
    "unit": "downloads",
    "value": 1_200.0,
    "low": None,
    "high": None,
    "interval_kind": None,
    "numerator": None,
    "denominator": None,
    "is_complete": True,
    "months_held": 12,
    "prior_value": 800.0,
    "prior_low": None,
    "prior_high": None,
    "is_prior_complete": True,
    "prior_months_held": 12,
    "is_comparable": True,
    "direction": "up",
    "other_ways": [],
    "compared_on": "year",
    "common_months": None,
    "yoy_common_pct": None,
    "yoy_at_least_pct": None,
    "yoy_change": 400.0,
    "yoy_pct": 50.0,
    "yoy_low": None,
    "yoy_high": None,
    "yoy_interval_kind": None,
    "baseline_growth_pct": None,
    "growth_percentile": None,
}
SHARE = {
    **FLOW,
    "kind": "share",
    "unit": "percent",
    "value": 25.0,
    "numerator": 5.0,
    "denominator": 20.0,
    "low": 11.2,
    "high": 46.9,
    "interval_kind": "sampling",
    "yoy_change": 3.9,
    "yoy_pct": None,
}
BOUND = {
    **SHARE,
    "value": None,
    "numerator": None,
    "low": 10.0,
    "high": 20.0,
    "interval_kind": "bound",
    "yoy_change": None,
}
STOCK = {
    **FLOW,
    "kind": "stock",
    "unit": "stars",
    "net_additions": 300.0,
    "net_additions_prior": 400.0,
    "net_additions_pct": -25.0,
}
RATE = {**FLOW, "kind": "rate", "unit": "per 1,000 posts"}


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "downloads", "not known"),
        (0, "downloads", "0"),
        (113_788_105.0, "downloads", "113,788,105"),
        (0, "percent", "0.0 %"),
        (56.49, "percent", "56.5 %"),
        (0.1297, "percent", "0.130 %"),
        (0.002187, "percent", "0.00219 %"),
        (17.017, "per 1,000 posts", "17.0"),
        (0.5, "per 1,000 posts", "0.500"),
        (99.468, "index, 2020-02-01 = 100", "99.5"),
        (1.99, "percent of postings", "2.0 %"),
    ],
)
def test_a_number_has_the_digits_that_its_unit_needs(value: float | None, unit: str, text: str) -> None:
    assert wording.number(value, unit) == text


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (FLOW, "1,200"),
        ({**FLOW, "is_complete": False, "months_held": 11}, "1,200 in 11 months"),
        ({**FLOW, "is_complete": False, "months_held": 1}, "1,200 in 1 month"),
        (SHARE, "25.0 % (5 of 20)"),
        ({**SHARE, "denominator": 5e9}, "25.0 %"),
        (BOUND, "10.0 % to 20.0 % (2 to 4 of 20)"),
        ({**BOUND, "low": 12.481, "high": 12.519, "denominator": None}, "12.48 % to 12.52 %"),
        (
            {**RATE, "value": None, "low": 17.0, "high": 20.5, "interval_kind": "bound", "denominator": 1_000},
            "17.0 to 20.5 (17 to 20 of 1,000)",
        ),
        ({**FLOW, "value": None, "low": 0.0, "high": 168_507.0, "interval_kind": "censoring"}, "below 168,507"),
        ({**FLOW, "value": None, "low": 480.0, "high": 520.0, "interval_kind": "bracket"}, "480 to 520"),
        ({**FLOW, "value": None, "low": 0.0, "high": 520.0, "interval_kind": "bracket"}, "0 to 520"),
        ({**FLOW, "value": None}, "not known"),
    ],
)
def test_the_level_of_a_year(row: wording.Row, text: str) -> None:
    assert wording.level(row) == text


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (FLOW, "800"),
        ({**FLOW, "prior_value": None, "prior_low": 0.0, "prior_high": 168_507.0}, "below 168,507"),
        ({**FLOW, "prior_value": None, "prior_low": 480.0, "prior_high": 520.0}, "480 to 520"),
        ({**FLOW, "prior_value": None}, "not known"),
        ({**FLOW, "is_prior_complete": False, "prior_months_held": 3}, "800 in 3 months"),
    ],
)
def test_the_level_of_the_year_before(row: wording.Row, text: str) -> None:
    assert wording.prior_level(row) == text


OTHERWISE = {"direction": "inconclusive", "other_ways": ["all commits: -9.3 %"]}


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({**FLOW, "is_comparable": False, "compared_on": None, "direction": "not comparable"}, "not comparable"),
        ({**FLOW, "is_comparable": False, "compared_on": None, "direction": "no data"}, "no data"),
        (
            {
                **FLOW,
                "is_comparable": False,
                "compared_on": "common months",
                "yoy_common_pct": 148.2,
                "common_months": 9,
            },
            "+148 % over 9 months",
        ),
        ({**FLOW, "is_comparable": False, "compared_on": "lower bound", "yoy_at_least_pct": 73.3}, "at least +73 %"),
        (FLOW, "+50 %"),
        ({**FLOW, "yoy_pct": -1.44}, "-1.4 %"),
        ({**FLOW, "yoy_pct": 0.0}, "+0.0 %"),
        ({**FLOW, "yoy_pct": 1_234.4}, "+1,234 %"),
        ({**FLOW, "yoy_pct": 0.33, **OTHERWISE}, "+0.3 %?"),
        # an interval says by itself how far a direction can be told
        ({**FLOW, "yoy_pct": 0.33, **OTHERWISE, "yoy_interval_kind": "sampling"}, "+0.3 %"),
        ({**FLOW, "direction": "inconclusive"}, "+50 %"),
        ({**FLOW, "yoy_pct": None, "yoy_change": 72.0, "prior_value": 0.0}, "+72, from none"),
        ({**RATE, "yoy_pct": None, "yoy_change": 0.3, "prior_value": 0.0}, "+0.300, from none"),
        ({**FLOW, "yoy_pct": None, "yoy_change": None, "yoy_low": 307.57}, "more than +308 %"),
        ({**FLOW, "yoy_pct": None, "yoy_change": None, "yoy_low": -100.0}, "within bounds"),
        ({**FLOW, "yoy_pct": None, "yoy_change": None, "yoy_low": 4.8, "yoy_high": 78.3}, "within bounds"),
        ({**FLOW, "yoy_pct": None, "yoy_change": None}, "not known"),
        (SHARE, "+3.9 points"),
        ({**SHARE, "yoy_change": -0.195}, "-0.20 points"),
        ({**SHARE, "yoy_change": 0.0811}, "+0.081 points"),
        ({**BOUND, "yoy_low": -3.0, "yoy_high": 7.0}, "within bounds"),
        (STOCK, "+300 in the year (-25 % on 400)"),
        ({**STOCK, "net_additions": -15_772.0, "net_additions_pct": None}, "-15,772 in the year"),
        ({**STOCK, "net_additions": None, "value": None, "low": 6_200.0, "high": 7_100.0}, "within bounds"),
    ],
)
def test_the_change(row: wording.Row, text: str) -> None:
    assert wording.change(row) == text


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (FLOW, ""),
        (
            {**SHARE, "yoy_interval_kind": "sampling", "yoy_low": 2.72, "yoy_high": 5.06},
            "+2.7 to +5.1 points (sampling only)",
        ),
        ({**FLOW, "yoy_interval_kind": "bound", "yoy_low": 4.81, "yoy_high": 78.3}, "+4.8 % to +78 % (bound)"),
        ({**FLOW, "yoy_interval_kind": "censoring", "yoy_low": 307.57}, ""),
    ],
)
def test_the_interval_of_a_change_says_what_it_covers(row: wording.Row, text: str) -> None:
    assert wording.interval(row) == text


def test_the_baseline() -> None:
    assert wording.baseline(FLOW) == ""
    assert (
        wording.baseline({**FLOW, "baseline_growth_pct": 58.86, "growth_percentile": 81.6})
        == "+59 % (at percentile 82)"
    )


def test_an_identifier_is_read_as_words() -> None:
    assert wording.words("without_mirrors") == "without mirrors"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (wording.known(5.0, 1.0, 9.0, None, "tools"), "5"),
        (wording.known(None, 3.0, 3.0, "bound", "tools"), "3"),
        (wording.known(None, 1.0, 9.0, "bound", "tools"), "1 to 9"),
        (wording.known(None, None, None, None, "tools"), "not known"),
        (wording.gain(-3.0, None, None, "stars"), "-3"),
        (wording.gain(None, -3.0, 4.0, "stars"), "-3 to +4"),
        (wording.gain(None, 4.0, 4.0, "stars"), "+4"),
        (wording.gain(None, None, None, "stars"), None),
        (wording.size(-12.4, "percent"), "12 %"),
        (wording.size(3.92, "points"), "3.9 points"),
        (wording.ratio_between(2.0, 2.0), "2.00"),
        (wording.ratio_between(0.0123, 0.5), "0.012 to 0.50"),
        (wording.ratio_between(0.0, 0.5), "at most 0.50"),
        (wording.ratio_between(2.0, None), "at least 2.00"),
        (wording.ratio_between(None, None), None),
        (wording.months([1, 2, 3, 8, 12]), "January to March, August, December"),
        (wording.months(range(1, 13)), ""),
        (wording.months(None), ""),
        (wording.grade("A", "whatever"), "grade A: exact and whole"),
        (wording.grade("C", "few; few; sampled"), "grade C: few, sampled"),
        (wording.grade("D"), "grade D: heavily undercounted, incomplete or a proxy"),
        (wording.grade(None), "no grade"),
        (wording.grade("C", "few; 2019: few; 2019: sampled"), "grade C: few, 2019: sampled"),
        (wording.times(0.9953), "0.995"),
        (wording.times(1.0), "1.00"),
        (wording.times(1 / 16_143), "0.00006"),
        (wording.ratio_between(0, 0), None),
        (wording.ratio_between(None, 0.5), "at most 0.50"),
        (wording.bounds(7_676, 7_676.2, None, "watchers"), "7,676"),
        (wording.times(1.02), "1.02"),
        (wording.size(3_067.0, "percent"), "32-fold"),
        (wording.size(-99.0, "percent"), "99 %"),
        (wording.bounds(0, 39.1, None, "percent"), "0.0 % to 39.1 %"),
        (wording.bounds(0, 500, None, "downloads"), "below 500"),
        (
            wording.specifications(["pip_only by click", "pip_only by ranking", "twelve_months", "by_hand by guild"]),
            "when counted as pip only (click, ranking), over twelve months, when counted as by hand (guild)",
        ),
        (wording.specification("totals"), "by totals"),
        (wording.specification("role=Student"), "among those whose role is Student"),
        (wording.specification("pip_only by click"), "when counted as pip only (click)"),
        (wording.of_what("3.0", {"kind": "rate", "unit": "per 1,000 posts"}), "3.0 per 1,000 posts"),
    ],
)
def test_the_words_of_a_sentence_for_a_number(text: str | None, expected: str | None) -> None:
    assert text == expected
