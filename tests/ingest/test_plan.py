"""The arithmetic of expected periods."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ingest.catalog import SourceEntry
from ingest.plan import expected_periods, next_period, plan
from tests.ingest.made_up import catalog_files


def source(**expected: Any) -> SourceEntry:
    (entry,) = catalog_files()["sources"]
    fields = {"grain": "month", "first": date(2020, 11, 1), "lag_days": 5, **expected}
    return SourceEntry.model_validate({**entry, "expected": fields})


@pytest.mark.parametrize(
    ("start", "grain", "after"),
    [
        (date(2020, 1, 1), "month", date(2020, 2, 1)),
        (date(2020, 12, 1), "month", date(2021, 1, 1)),
        (date(2020, 12, 1), "snapshot", date(2021, 1, 1)),
        (date(2020, 1, 1), "year", date(2021, 1, 1)),
    ],
)
def test_the_next_period(start: date, grain: str, after: date) -> None:
    assert next_period(start, grain) == after


@pytest.mark.parametrize(
    ("today", "months"),
    [
        (date(2020, 12, 5), []),
        (date(2020, 12, 6), [11]),
        (date(2021, 1, 5), [11]),
        (date(2021, 1, 6), [11, 12]),
    ],
)
def test_a_period_is_expected_once_it_is_over_and_the_usual_delay_has_passed(today: date, months: list[int]) -> None:
    assert [period.month for period in expected_periods(source(), today)] == months


def test_a_source_that_has_ended_is_expected_to_its_end() -> None:
    ended = source(grain="year", first=date(2017, 1, 1), last=date(2020, 1, 1), lag_days=0)
    assert [period.year for period in expected_periods(ended, date(2026, 1, 1))] == [2017, 2018, 2019]


def test_missing_is_expected_less_held_less_never() -> None:
    never = [{"from": date(2021, 1, 1), "until": date(2021, 3, 1), "reason": "the book burned"}]
    available = [date(2020, 12, 1), date(2020, 11, 1), date(2020, 12, 1), date(2019, 5, 1)]
    made = plan(source(never=never), available, date(2021, 5, 10))
    assert made.available == (date(2019, 5, 1), date(2020, 11, 1), date(2020, 12, 1))
    assert made.gaps == (date(2021, 1, 1), date(2021, 2, 1))
    assert made.missing == (date(2021, 3, 1), date(2021, 4, 1))


def test_what_is_held_although_it_was_never_to_be_had_is_held() -> None:
    never = [{"from": date(2020, 11, 1), "until": date(2020, 12, 1), "reason": "the book burned"}]
    made = plan(source(never=never), [date(2020, 11, 1)], date(2020, 12, 10))
    assert (made.available, made.missing) == ((date(2020, 11, 1),), ())
