"""Collapses, surges and waits: what anybody sees, at the edge of each rule."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from adoption.detection.calendar_rules import clean_series
from adoption.detection.candidates import Array
from adoption.detection.events import Event, MonthlySeries, next_month
from adoption.detection.plain_movements import is_wait, plain_movements

NONE = float("nan")


def found_in(*values: float) -> list[Event]:
    months = [date(2019, 1, 1)]
    while len(months) < len(values):
        months.append(next_month(months[-1]))
    series = MonthlySeries("one", "family", tuple(months), np.array(values, dtype=float))
    return plain_movements(series, clean_series(series))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # commits of Chainer from May 2019 on, by all commits
        ([704, 580, 313, 481, 251, 105, 14, 11, 11, 9, 7, 11], [("collapse", date(2019, 7, 1))]),
        ([100] * 6 + [20] * 6, [("collapse", date(2019, 7, 1))]),
        ([100] * 6 + [21] * 6, []),
        # too few to say, before and after
        ([19] * 6 + [1] * 6, []),
        ([100] * 6 + [1, 1], []),
    ],
)
def test_a_collapse_loses_four_fifths_of_half_a_year(values: list[float], expected: list[tuple[str, date]]) -> None:
    assert [(event.kind, event.start) for event in found_in(*values)] == expected


@pytest.mark.parametrize(
    ("values", "length"),
    [
        ([100] * 6 + [300] + [100] * 6, 1),
        ([100] * 6 + [300, 300, 300] + [100] * 6, 3),
        ([100] * 6 + [299] + [100] * 6, 0),
        ([100] * 6 + [300] + [120] * 6, 0),
        ([100] * 6 + [300, 300, 300, 300] + [100] * 6, 0),
        ([100] * 6 + [300, 100], 0),
        ([100] * 6 + [300, NONE, 100, 100, 100], 1),
        ([19] * 6 + [300] + [19] * 6, 0),
    ],
)
def test_a_surge_is_three_times_what_is_on_both_sides(values: list[float], length: int) -> None:
    surges = [event for event in found_in(*values) if event.kind == "surge"]
    assert [(event.end.month - event.start.month + 1) for event in surges] == ([length] if length else [])
    assert all(event.depth is not None and event.depth < 0 for event in surges)


def array(*values: float) -> Array:
    return np.array(values, dtype=float)


def test_a_slump_that_is_no_lower_than_before_is_a_wait_if_a_jump_follows() -> None:
    assert is_wait(array(10, 10, 10, 10, 10, 20, 20, 20), 3, 4)
    assert not is_wait(array(10, 10, 10, 9, 10, 20, 20, 20), 3, 4)
    assert not is_wait(array(10, 10, 10, 10, 10, 19, 19, 19), 3, 4)
    assert not is_wait(array(10, 10, 10, 10, 20, 20, 20), 1, 3)
