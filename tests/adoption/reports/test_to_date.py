"""The lines of a year that is not over."""

from __future__ import annotations

from datetime import date

import pytest

from adoption.reports.to_date import heading, months, sentence

ROW = {
    "metric_label": "Package downloads",
    "kind": "flow",
    "unit": "downloads",
    "value": 108_983_964.0,
    "low": None,
    "high": None,
    "prior_value": 109_103_040.0,
    "change": -0.109,
    "change_unit": "percent",
    "direction": "inconclusive",
    "other_value": 401_243_392.0,
    "other_low": None,
    "other_high": None,
    "other_prior_value": 220_156_478.0,
    "other_change": 82.25,
    "other_change_low": None,
    "other_change_high": None,
    "other_direction": "up",
    "year": 2026,
    "running_year": 2026,
    "baseline_growth_pct": 76.6,
    "month_numbers": [1, 2, 3, 4, 6],
    "newest_month_date": date(2026, 6, 1),
    "source_label": "Top PyPI Packages",
    "basis": "all_installers",
    "grade": "D",
}


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([1, 2, 3, 4, 6], "January to April and June"),
        ([7], "July"),
        ([1, 3, 5], "January, March and May"),
        ([1, 2], "January to February"),
    ],
)
def test_months_that_follow_one_another_are_said_from_the_first_to_the_last(numbers: list[int], text: str) -> None:
    assert months(numbers) == text


def test_both_and_the_median_package_stand_in_one_sentence_with_its_months_and_source() -> None:
    assert sentence(ROW, "A", "B") == (
        "Package downloads: A 108,983,964 after 109,103,040 (-0.1 %, inconclusive), "
        "B 401,243,392 after 220,156,478 (+82 %), the median package +77 %, over January to April and June; "
        "newest month June 2026, Top PyPI Packages, all installers; grade D."
    )


def test_a_stock_says_what_it_gained_and_its_pace() -> None:
    row = {
        **ROW,
        "kind": "stock",
        "unit": "stars",
        "value": 3_486.0,
        "prior_value": 4_000.0,
        "direction": "slower",
        "other_value": None,
        "baseline_growth_pct": None,
    }
    assert "A +3,486 after +4,000 (slower), over" in sentence(row, "A", "B")


def test_a_rate_has_its_unit_and_a_number_within_chance_says_so() -> None:
    rate = {**ROW, "kind": "rate", "unit": "per 1,000 posts", "value": 7.6, "prior_value": 4.3, "change": 76.0,
            "other_value": None}  # fmt: skip
    assert "A 7.6 per 1,000 posts after 4.3 (+76 %, inconclusive), the median" in sentence(rate, "A", "B")


def test_a_year_that_is_over_is_none_to_date() -> None:
    assert heading(ROW).startswith("Year to date")
    assert heading({**ROW, "year": 2021}) == "What ends within 2021, on the same months of the year before"
