"""Projections of one series: what is shown, what is withheld and why."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from adoption.detection.candidates import Array
from adoption.projection.years import (
    AvailableMonths,
    EarlierYear,
    Interval,
    Series,
    SeriesBreak,
    backtest,
    binomial_p_value,
    interval_of,
    months_of,
    project,
    projections,
    withheld,
)

SEASON = np.array([0.9, 0.95, 1.05, 1.0, 1.0, 0.95, 0.9, 0.85, 1.05, 1.15, 1.15, 1.05])
RUNNING = 2024


def months(count: int, growth: float = 0.01, noise: float = 0.02) -> Array:
    """Counts of so many months that grow, with season and noise."""
    t = np.arange(count)
    return np.asarray(
        np.round(1e6 * np.exp(growth * t + noise * np.random.default_rng(7).standard_normal(count)) * SEASON[t % 12])
    )


def a_flow(values: Array, first_year: int = 2019, **more: object) -> Series:
    return Series("s", False, 12 * first_year, values, **more)  # type: ignore[arg-type]


def only(series: Series) -> dict[int, str | None]:
    """The years that are projected, each with the reason why it is withheld."""
    return {projection.available.year: projection.withheld_because for projection in projections(series, RUNNING)}


def test_the_year_that_is_not_over_is_what_is_held_and_what_is_expected() -> None:
    whole = months(72)
    series = a_flow(whole[:67])
    (projection,) = projections(series, RUNNING)
    assert projection.available == AvailableMonths(2024, 12 * 2024 + 7, (8, 9, 10, 11, 12))
    assert projection.to_date == whole[60:67].sum()
    assert projection.withheld_because is None
    assert projection.interval is not None
    assert projection.interval.low < whole[60:].sum() < projection.interval.high
    assert projection.interval.value == pytest.approx(whole[60:].sum(), rel=0.03)
    assert [test.available.year for test in projection.tested] == [2020, 2021, 2022, 2023]


def test_a_projection_is_the_same_every_time_and_has_four_digits() -> None:
    series = a_flow(months(67))
    first, second = (interval_of(series, AvailableMonths(2024, 12 * 2024 + 7, (8, 9, 10, 11, 12))) for _ in range(2))
    assert first == second
    assert isinstance(first, Interval)
    assert all(float(f"{end:.4g}") == end for end in (first.low, first.value, first.high))


def test_the_fewer_months_are_wanted_the_narrower_is_the_interval() -> None:
    whole = months(72)
    widths = []
    for count in (3, 6, 9, 11):
        (projection,) = projections(a_flow(whole[: 60 + count]), RUNNING)
        assert projection.interval is not None
        widths.append(projection.interval.high / projection.interval.low)
    assert widths == sorted(widths, reverse=True)


def test_a_year_that_is_over_is_projected_if_at_most_three_months_are_missing() -> None:
    values = months(67)
    values[[52, 40, 41, 42, 43]] = np.nan  # May 2023, and four months of 2022
    assert set(only(a_flow(values))) == {2023, 2024}


def test_a_year_whose_total_is_held_in_another_way_is_not_projected() -> None:
    values = months(67)
    values[52] = np.nan
    assert set(only(a_flow(values, totals={2023: 1e7}))) == {2024}


def test_a_series_that_ended_years_ago_has_no_running_year() -> None:
    assert only(a_flow(months(43))) == {}  # seven months of 2022


def test_a_break_in_the_year_withholds_it() -> None:
    entry = SeriesBreak("the log was changed", date(2024, 5, 6), date(2024, 5, 6))
    series = a_flow(months(67), breaks=(entry,))
    assert only(series) == {2024: "a break in its year: the log was changed"}


def test_a_break_after_the_newest_month_but_in_the_year_withholds_it() -> None:
    entry = SeriesBreak("the log was changed", date(2024, 11, 1), date(2024, 11, 1))
    assert only(a_flow(months(67), breaks=(entry,))) == {2024: "a break in its year: the log was changed"}


def test_a_break_at_new_year_lies_in_no_year() -> None:
    entry = SeriesBreak("the log was changed", date(2024, 1, 1), date(2024, 1, 1))
    assert [entry.lies_in(year) for year in (2023, 2024)] == [False, False]


def test_a_known_break_before_the_year_is_a_change_of_level() -> None:
    whole = months(72)
    halved = np.where(np.arange(72) < 46, whole * 2, whole)
    entry = SeriesBreak("mirrors left out", date(2022, 11, 1), date(2022, 11, 1))
    (with_break,) = projections(a_flow(halved[:67], breaks=(entry,)), RUNNING)
    (without_break,) = projections(a_flow(halved[:67]), RUNNING)
    assert with_break.interval is not None
    assert without_break.interval is not None
    assert with_break.interval.low < whole[60:].sum() < with_break.interval.high
    assert with_break.interval.high / with_break.interval.low < without_break.interval.high / without_break.interval.low


def test_months_in_which_both_methods_count_are_no_history() -> None:
    entry = SeriesBreak("slow change", date(2021, 3, 10), date(2021, 6, 20))
    assert entry.months == range(12 * 2021 + 2, 12 * 2021 + 6)
    available = AvailableMonths(2024, 12 * 2024 + 7, (8, 9, 10, 11, 12))
    with_break = interval_of(a_flow(months(67), breaks=(entry,)), available)
    without = interval_of(a_flow(months(67)), available)
    assert isinstance(with_break, Interval)
    assert isinstance(without, Interval)
    assert without.history_months - with_break.history_months == 4


def test_nothing_is_projected_from_months_that_all_lie_before_a_break() -> None:
    entry = SeriesBreak("the log was changed", date(2024, 1, 1), date(2024, 1, 1))
    reason = interval_of(a_flow(months(60), breaks=(entry,)), AvailableMonths(2024, 12 * 2024, tuple(range(1, 13))))
    assert reason == "no month is held since a break: the log was changed"


def test_four_months_of_history_are_too_few() -> None:
    assert only(a_flow(months(4), first_year=2024)) == {2024: "4 months of history; at least 12 are needed"}


def test_zeros_have_no_growth() -> None:
    values = months(67)
    values[50] = 0
    assert only(a_flow(values)) == {
        2024: "in some months nothing was counted, or less than nothing: there is no growth from zero"
    }


def test_an_interval_wider_than_from_half_to_double_is_withheld() -> None:
    (projection,) = projections(a_flow(months(61, noise=1.0)), RUNNING)
    assert projection.interval is not None
    assert projection.interval.is_too_wide
    assert projection.withheld_because == "its 80 % interval is wider than from half to double"


@pytest.mark.parametrize(
    ("low", "value", "high", "is_too_wide"),
    [(50, 100, 200, False), (49, 100, 150, True), (60, 100, 201, True), (99, 100, 101, False)],
)
def test_the_widest_interval(low: float, value: float, high: float, is_too_wide: bool) -> None:
    assert Interval(value, low, high, 24).is_too_wide is is_too_wide


@pytest.mark.parametrize(
    ("covered", "years", "p_value"),
    [
        (0, 0, 1.0),
        (0, 1, 0.2),
        (0, 2, 0.04),
        (1, 3, 0.104),
        (4, 5, 1.0),
        (5, 5, 0.59),
        (14, 14, 0.0880),
        (1, 5, 0.0067),
    ],
)
def test_the_exact_binomial_test(covered: int, years: int, p_value: float) -> None:
    assert binomial_p_value(covered, years) == pytest.approx(p_value, abs=5e-4)


def test_too_much_coverage_is_rejected_too() -> None:
    assert binomial_p_value(20, 20) < 0.05 < binomial_p_value(19, 20)


def an_earlier_year(year: int, actual: float) -> EarlierYear:
    return EarlierYear(AvailableMonths(year, 12 * year + 6, (7, 8, 9, 10, 11, 12)), Interval(100, 90, 110, 48), actual)


def test_a_series_whose_earlier_years_were_missed_is_withheld() -> None:
    interval = Interval(100, 90, 110, 48)
    assert (
        withheld(interval, [an_earlier_year(2020, 100), an_earlier_year(2021, 200), an_earlier_year(2022, 200)]) is None
    )
    assert withheld(interval, [an_earlier_year(2021, 200), an_earlier_year(2022, 200)]) == (
        "its 80 % interval held 0 of 2 earlier years: a binomial test rejects it at the 5 % level"
    )


def test_an_earlier_year_is_projected_from_what_was_held_of_it() -> None:
    whole = months(72)
    available = AvailableMonths(2024, 12 * 2024 + 7, (8, 9, 10, 11, 12))
    known = whole.copy()
    known[48 + 7 :] *= 100  # what came after July 2023
    plain, changed = (
        {test.available.year: test.interval for test in backtest(a_flow(values[:67]), available)}
        for values in (whole, known)
    )
    assert plain[2023] == changed[2023]
    assert (
        next(test for test in backtest(a_flow(known[:67]), available) if test.available.year == 2023).is_covered
        is False
    )


def test_a_stock_is_projected_by_what_it_gains() -> None:
    gains = months(67)
    levels = 5e6 + np.cumsum(gains)
    levels[62] = np.nan  # March 2024: what was gained up to July is known all the same
    (projection,) = projections(Series("s", True, 12 * 2019, levels), RUNNING)
    assert projection.available.missing == (8, 9, 10, 11, 12)
    assert projection.to_date == pytest.approx(gains[60:67].sum())
    assert projection.interval is not None
    assert projection.interval.value == pytest.approx(months(72)[60:].sum(), rel=0.05)


def test_a_stock_whose_year_began_unseen_is_withheld() -> None:
    levels = 5e6 + np.cumsum(months(67))
    levels[59] = np.nan
    assert only(Series("s", True, 12 * 2019, levels))[2024] == (
        "what the total was at the end of the year before is not held"
    )


def test_months_long_after_a_year_do_not_speak_for_it() -> None:
    values = months(67)
    values[17] = np.nan  # June 2020
    first = next(iter(projections(a_flow(values), RUNNING)))
    assert first.available == AvailableMonths(2020, 12 * 2022, (6,))
    assert first.interval is not None
    assert first.interval.value == pytest.approx(months(67)[12:24].sum(), rel=0.01)
    assert list(months_of(2020)) == list(range(24240, 24252))


def test_a_project_of_nothing_held_is_the_next_year() -> None:
    projection = project(a_flow(months(60)), AvailableMonths(2024, 12 * 2024, tuple(range(1, 13))))
    assert projection.interval is not None
    assert projection.to_date == 0
    assert projection.interval.value == pytest.approx(months(72)[60:].sum(), rel=0.15)
