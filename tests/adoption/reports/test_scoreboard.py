"""The ratio of two contenders, what became of it, and figures in three digits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adoption.reports.scoreboard import Gap, Ratio, Score, compact, in_words, ratio_of

COMPARABLE: dict[str, Any] = {"are_ratios_comparable": True}


def gap(before: tuple[float, float] | None, now: tuple[float, float] | None, is_comparable: bool = True) -> Gap:
    row = {"are_ratios_comparable": is_comparable}
    return Score(row, Ratio(*now) if now else None, Ratio(*before) if before else None).gap


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ((2.0, 2.0), (3.0, 3.0), "widened"),
        ((3.0, 3.0), (2.0, 2.0), "narrowed"),
        ((0.5, 0.5), (0.25, 0.25), "widened"),
        ((2.0, 2.0), (2.02, 2.02), "unchanged"),
        ((0.8, 0.8), (1.2, 1.2), "overtook"),
        ((1.2, 1.2), (0.8, 0.8), "fell behind"),
        ((1.5, 2.5), (2.0, 3.0), "unclear"),
        ((1.5, 1.9), (2.0, 3.0), "widened"),
        ((0.8, 1.1), (1.2, 1.4), "widened"),
        (None, (2.0, 2.0), "no data"),
        ((2.0, 2.0), None, "no data"),
    ],
)
def test_what_became_of_a_gap(
    before: tuple[float, float] | None, now: tuple[float, float] | None, expected: Gap
) -> None:
    assert gap(before, now) == expected


@pytest.mark.parametrize(
    ("ground", "before", "now", "expected"),
    [
        ("gained", 2.0, 3.0, "widened"),
        ("gained", 0.25, 0.5, "narrowed"),
        ("lost", 3.0, 2.0, "narrowed"),
        ("lost", 0.5, 0.25, "widened"),
        ("gained", 0.8, 1.2, "overtook"),
        ("lost", 1.2, 0.8, "fell behind"),
        ("steady", 2.0, 3.0, "unchanged"),
        ("inconclusive", 2.0, 3.0, "unclear"),
        (None, 2.0, 3.0, "no data"),
    ],
)
def test_the_gap_is_the_verdict_of_the_brief(ground: str | None, before: float, now: float, expected: Gap) -> None:
    row = {"are_ratios_comparable": True, "ground": ground}
    assert Score(row, Ratio(now, now), Ratio(before, before)).gap == expected


def test_a_gap_is_not_compared_across_a_break() -> None:
    assert gap(None, (2.0, 2.0), is_comparable=False) == "not comparable"


POSITIVE = st.floats(min_value=1e-3, max_value=1e9)


@given(POSITIVE, POSITIVE, POSITIVE, POSITIVE)
def test_the_ratio_of_bounds_holds_the_ratio_of_all_within_and_turns_over(
    one: float, two: float, three: float, four: float
) -> None:
    (low, high), (other_low, other_high) = sorted((one, two)), sorted((three, four))
    ratio, turned = ratio_of(low, high, other_low, other_high), ratio_of(other_low, other_high, low, high)

    assert ratio is not None
    assert turned is not None
    assert ratio.low <= low / other_low <= ratio.high
    assert ratio.low <= high / other_high <= ratio.high
    assert turned.low == pytest.approx(1 / ratio.high)


@pytest.mark.parametrize("figures", [(None, 1.0, 1.0, 1.0), (1.0, 1.0, None, None), (0.0, 1.0, 1.0, 1.0)])
def test_what_may_be_nothing_has_no_ratio(
    figures: tuple[float | None, float | None, float | None, float | None],
) -> None:
    assert ratio_of(*figures) is None


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (None, ""),
        (Ratio(6.16, 6.16), "6.2x ahead"),
        (Ratio(0.5, 0.5), "2.0x behind"),
        (Ratio(1.02, 1.02), "just ahead"),
        (Ratio(0.9953, 0.9953), "just behind"),
        (Ratio(3.5, 5.7), "\u22653.5x ahead"),
        (Ratio(0.1, 0.25), "\u22654.0x behind"),
        (Ratio(0.9, 1.2), "too close"),
        (Ratio(12.4, 12.4), "12x ahead"),
    ],
)
def test_who_is_ahead_in_words(ratio: Ratio | None, words: str) -> None:
    assert in_words(ratio) == words


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (113_788_105, "downloads", "113.8M"),
        (20_720, "commits", "20.7k"),
        (4_306, "forks", "4,306"),
        (2_300_000_000, "downloads", "2.3G"),
        (56.48, "percent of respondents", "56.5 %"),
        (-12_494, "stars", "-12.5k"),
        (None, "stars", ""),
    ],
)
def test_a_figure_in_three_digits(value: float | None, unit: str, text: str) -> None:
    assert compact(value, unit) == text
