"""Tests the projections on earlier years: made from the first months of each, set beside what the year came to.

    python -m bench.projection            the table, from the warehouse that `adoption build` made

Chosen on the years up to 2021 (the grid of models, the months used, the least history); tested on 2022 to 2025, which
nothing was chosen on. Every series of contenders is there that adds up to years, in each way of counting that
reports may use, as of each month: what came later is hidden. A figure that was revised since is the revised one.

The interval score (Gneiting and Raftery, 2007) is taken of logarithms: the width, and ten times what lies beyond.
The naive projection says that last year's growth repeats: each month to come is the same one of last year times the
growth of last year's total. Its interval is where four fifths of its errors lay up to 2021, by months held.

Belongs here: the backtest. Does not belong here: the projections (`adoption.projection`).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # so that CPU seconds are those of one thread
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that a checkout runs without being installed

import numpy as np

from adoption.projection.warehouse_io import read_series
from adoption.projection.years import (
    COVERED,
    REJECTED,
    AvailableMonths,
    EarlierYear,
    Interval,
    Series,
    backtest_of,
    binomial_p_value,
    months_of,
)
from adoption.settings import Settings
from ingest.catalog import load_catalog
from ingest.catalog.entries.entities import Review
from ingest.database import connect

TUNED = range(1900, 2022)
TESTED = range(2022, 2026)
SHOWN = ("pypi_downloads/top_pypi_packages/pip_only/all/contender/{focus}", 9)
"""Downloads of whom the catalog reviews, as of this month of its year."""


@dataclass(frozen=True)
class Case:
    """A year of a series as of one of its months; `years` are those before it, as of the same month."""

    series_id: str
    year: int
    months: int
    test: EarlierYear
    naive: float | None
    years: tuple[bool, ...] = ()

    @property
    def is_selected(self) -> bool:
        """Whether it would have been shown then."""
        p_value = binomial_p_value(sum(self.years), len(self.years))
        return not self.test.interval.is_too_wide and p_value >= REJECTED


def main(argv: Sequence[str] | None = None) -> int:
    """Print the backtest; 1 where the pooled coverage or the score misses its target."""
    parser = argparse.ArgumentParser(description="Backtest the projections of years that are not over.")
    parser.add_argument("--data", type=Path, help="data folder of a built warehouse; by default ADOPTION_DATA, or data")
    data = parser.parse_args(argv).data
    settings = Settings(data=data) if data else Settings.from_environment()
    if not settings.warehouse.exists():
        print("There is no warehouse yet; make one with: adoption build", file=sys.stderr)
        return 2
    with connect(settings.warehouse, read_only=True) as connection:
        cases = with_years([case for series in read_series(connection) for case in cases_of(series)])
    errors = naive_errors([case for case in cases if case.year in TUNED])
    print_example(cases, load_catalog(settings.catalog).review)
    tested = [case for case in cases if case.year in TESTED]
    everything = print_table("before any selection", cases, tested, errors)
    selected = [case for case in tested if case.is_selected]
    chosen = print_table("after selection", [case for case in cases if case.is_selected], selected, errors)
    return 0 if everything and chosen else 1


def cases_of(series: Series) -> Iterator[Case]:
    """Every year of a series whose total is held, as of each of its months that is held, and as of none."""
    for year in series.years:
        months = months_of(year)
        flows = series.levels(months) if series.is_stock else series.counted(months)
        for count in range(12):
            if count and np.isnan(flows[count - 1]):
                continue
            unseen = {m + 1 for m in range(12) if m >= count or (not series.is_stock and np.isnan(flows[m]))}
            available = AvailableMonths(year, 12 * year + count, tuple(sorted(unseen)))
            for test in backtest_of(series, available):
                yield Case(series.series_id, year, count, test, naive(series, available))


def with_years(cases: Sequence[Case]) -> list[Case]:
    """The cases, each with whether the intervals of the years before it held, as of the same month."""
    before: defaultdict[tuple[str, int], dict[int, bool]] = defaultdict(dict)
    for case in cases:
        before[case.series_id, case.months][case.year] = case.test.is_covered
    return [
        replace(
            case,
            years=tuple(
                is_covered for year, is_covered in before[case.series_id, case.months].items() if year < case.year
            ),
        )
        for case in cases
    ]


def naive(series: Series, available: AvailableMonths) -> float | None:
    """Last year's growth repeats: None where two years before are not held, or add up to nothing."""
    last, before = series.total(available.year - 1), series.total(available.year - 2)
    if not last or not before or last < 0 or before < 0:
        return None
    unknown = [12 * (available.year - 1) + month - 1 for month in available.missing]
    to_come = float(np.sum(series.counted(unknown))) * last / before
    year = months_of(available.year)
    if series.is_stock:
        start, newest = series.levels([year.start - 1, available.end - 1])
        so_far = float(newest - start)
    else:
        so_far = float(np.nansum(np.delete(series.counted(year), [month - 1 for month in available.missing])))
    total = so_far + to_come
    return total if np.isfinite(total) and total > 0 else None


def naive_errors(cases: Sequence[Case]) -> dict[int, tuple[float, float]]:
    """Between which logarithms four fifths of the naive projections missed, by months held."""
    errors: defaultdict[int, list[float]] = defaultdict(list)
    for case in cases:
        if case.naive:
            errors[case.months].append(float(np.log(case.test.actual / case.naive)))
    ends = [(1 - COVERED) / 2, (1 + COVERED) / 2]
    return {months: (float(low), float(high)) for months, (low, high) in _quantiles(errors, ends)}


def _quantiles(errors_by_months: dict[int, list[float]], ends: list[float]) -> list[tuple[int, tuple[float, float]]]:
    return [(months, tuple(np.quantile(errors, ends))) for months, errors in errors_by_months.items()]


def score(low: float, high: float, actual: float) -> float:
    """Interval score of logarithms: smaller is better."""
    least, most, reached = np.log([low, high, actual])
    beyond = max(least - reached, 0.0) + max(reached - most, 0.0)
    return float(most - least + 2 / (1 - COVERED) * beyond)


def own(case: Case) -> Interval:
    """The interval that is projected."""
    return case.test.interval


def of_naive(errors: dict[int, tuple[float, float]]) -> Callable[[Case], Interval]:
    """The interval of the naive projection."""

    def interval(case: Case) -> Interval:
        low, high = (float(np.exp(end)) for end in errors[case.months])
        value = case.naive or float("nan")
        return Interval(value, value * low, value * high, 0)

    return interval


def scores(cases: Sequence[Case], interval: Callable[[Case], Interval]) -> float:
    """Mean interval score."""
    values = [score(bounds.low, bounds.high, case.test.actual) for case in cases for bounds in [interval(case)]]
    return float(np.mean(values)) if values else float("nan")


def coverage(cases: Sequence[Case]) -> float:
    """Share of the cases in percent whose interval held what came."""
    return 100 * float(np.mean([case.test.is_covered for case in cases])) if cases else float("nan")


def print_table(
    title: str, cases: Sequence[Case], tested: Sequence[Case], errors: dict[int, tuple[float, float]]
) -> bool:
    """Coverage and scores by months held, then pooled; returns whether both targets are met."""
    print(f"\n{title}: 80 % intervals, tuned on the years to 2021, tested on 2022 to 2025")
    print("months held | years tuned on  covered | years tested  covered  years behind | score  naive (same years)")
    for months in range(12):
        now = [case for case in tested if case.months == months]
        then = [case for case in cases if case.months == months and case.year in TUNED]
        _print_row(str(months), then, now, errors)
    _print_row("all", [case for case in cases if case.year in TUNED], tested, errors)
    both = [case for case in tested if case.naive]
    ours, theirs, covered = scores(both, own), scores(both, of_naive(errors)), coverage(tested)
    met = 70 <= covered <= 90 and ours < theirs
    print(f"{len({case.series_id for case in tested})} series; coverage {covered:.1f} % (target 70 to 90), "
          f"score {ours:.3f} against {theirs:.3f} of the naive: {'met' if met else 'MISSED'}")  # fmt: skip
    return met


def _print_row(label: str, then: Sequence[Case], now: Sequence[Case], errors: dict[int, tuple[float, float]]) -> None:
    both = [case for case in now if case.naive]
    behind = float(np.mean([len(case.years) for case in now])) if now else float("nan")
    print(
        f"{label:>11} | {len(then):>14} {coverage(then):>7.1f}% | {len(now):>12} {coverage(now):>7.1f}% {behind:>13.1f}"
        f" | {scores(now, own):.3f}  {scores(both, own):.3f} against {scores(both, of_naive(errors)):.3f} ({len(both)})"
    )


def print_example(cases: Sequence[Case], review: Review) -> None:
    """The year that the project began with, as it looked in September."""
    series, months = SHOWN
    for case in cases:
        if (case.series_id, case.year, case.months) == (series.format(focus=review.focus), review.review_year, months):
            interval, actual = case.test.interval, case.test.actual
            verdict = "held by the interval" if case.test.is_covered else "not held by the interval"
            print(
                f"{case.series_id}, {case.year} as of September: projected {interval.value:,.0f} "
                f"({interval.low:,.0f} to {interval.high:,.0f}); it came to {actual:,.0f}, {verdict}"
            )


if __name__ == "__main__":
    sys.exit(main())
