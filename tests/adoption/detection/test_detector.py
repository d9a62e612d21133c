"""What the detector finds, names and sizes, on seeded series whose truth is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import get_args

import numpy as np
import pytest

from adoption.detection.candidates import Array
from adoption.detection.detector import (
    FALSE_ALARMS_PER_100_SERIES_YEARS,
    MODELLED,
    detect,
    detect_one,
    detectability,
)
from adoption.detection.events import Event, Kind, KnownBreak, MonthlySeries, next_month

BEGIN = date(2018, 1, 1)


def months(count: int) -> tuple[date, ...]:
    """So many months from BEGIN on."""
    series_months = [BEGIN]
    while len(series_months) < count:
        series_months.append(next_month(series_months[-1]))
    return tuple(series_months[:count])


def month(place: int) -> date:
    """The month at a place, counted from 0."""
    return months(place + 1)[-1]


def values(seed: int = 0, count: int = 72, noise: float = 0.04, walk: float = 0.0) -> Array:
    """Growing, seasonal figures around a hundred thousand."""
    rng = np.random.default_rng(seed)
    t = np.arange(count)
    season = 0.1 * np.sin(2 * np.pi * t / 12)
    drift = np.cumsum(rng.normal(0, walk, count)) if walk else 0.0
    return np.asarray(1e5 * np.exp(0.02 * t + season + drift + rng.normal(0, noise, count)))


def dropped(figures: Array, first: int, last: int, depth: float) -> Array:
    """The same with the months first..last lower by a share (negative: higher)."""
    changed = figures.copy()
    changed[first : last + 1] *= 1 - depth
    return changed


def series(figures: Array, name: str = "a", family: str = "f", as_of: date | None = None) -> MonthlySeries:
    """A series from BEGIN on."""
    return MonthlySeries(name, family, months(len(figures)), figures, as_of)


def of_kind(events: list[Event], *kinds: str) -> list[Event]:
    """Events of some kinds."""
    return [event for event in events if event.kind in kinds]


def modelled(figures: Array) -> list[Event]:
    """Slumps, spikes and level shifts."""
    return of_kind(detect_one(series(figures)), *MODELLED)


# ------------------------------------------------------------------------------------------------------------ the model


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("walk", [0.0, 0.05])
def test_nothing_is_found_where_nothing_happened(seed: int, walk: float) -> None:
    assert modelled(values(seed, walk=walk)) == []


def test_a_slump_is_found_and_sized() -> None:
    [event] = modelled(dropped(values(), 30, 36, 0.3))
    assert (event.kind, event.start, event.end) == ("slump", month(30), month(36))
    assert event.depth == pytest.approx(0.3, abs=0.04)
    assert event.shortfall == pytest.approx(2.1, abs=0.3)
    assert event.trough is not None
    assert event.start <= event.trough <= event.end
    assert event.trough_depth == pytest.approx(0.3, abs=0.06)
    assert event.recovered is True
    assert event.is_known is False


def test_a_sudden_fall_that_heals_is_one_slump_deepest_at_its_start() -> None:
    figures = values(3)
    figures[30:40] *= 1 - 0.5 * (1 - np.arange(10) / 10)
    [event] = modelled(figures)
    assert (event.kind, event.start, event.trough) == ("slump", month(30), month(30))
    assert event.trough_depth == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize("depth", [0.5, -1.0])
def test_one_month_far_off_is_a_spike_with_its_sign(depth: float) -> None:
    [event] = modelled(dropped(values(1), 40, 40, depth))
    assert (event.kind, event.start, event.end) == ("spike", month(40), month(40))
    assert event.depth == pytest.approx(depth, abs=0.15)


@pytest.mark.parametrize("depth", [0.35, -0.6])
def test_a_lasting_change_is_a_level_shift(depth: float) -> None:
    [event] = modelled(dropped(values(2), 36, 71, depth))
    assert (event.kind, event.start, event.end) == ("level_shift", month(36), month(36))
    assert event.depth == pytest.approx(depth, abs=0.1)


@pytest.mark.parametrize(("first", "kind"), [(64, "slump"), (56, "level_shift")])
def test_a_drop_that_lasts_is_a_slump_while_it_is_young(first: int, kind: str) -> None:
    [event] = modelled(dropped(values(4), first, 71, 0.4))
    assert (event.kind, event.start) == (kind, month(first))
    assert event.recovered is (False if kind == "slump" else None)


def test_a_short_rise_of_some_months_has_no_name_but_hides_nothing() -> None:
    [event] = modelled(dropped(dropped(values(5), 20, 25, -0.8), 45, 51, 0.35))
    assert (event.kind, event.start, event.end) == ("slump", month(45), month(51))


def test_drops_that_touch_are_one_slump() -> None:
    [event] = modelled(dropped(dropped(values(), 24, 35, 0.5), 36, 47, 0.3))
    assert (event.kind, event.start, event.end) == ("slump", month(24), month(47))
    assert event.depth == pytest.approx(0.4, abs=0.05)


def test_the_unit_does_not_matter() -> None:
    figures = dropped(values(), 30, 36, 0.3)
    [large], [small] = modelled(figures), modelled(figures / 1e7)
    assert (large.start, large.end) == (small.start, small.end)
    assert large.depth == pytest.approx(small.depth)


# -------------------------------------------------------------------------------------------- the rules of the calendar


def test_missing_months_are_gaps_and_not_slumps() -> None:
    figures = values()
    figures[20:23] = np.nan
    figures[50] = 0
    events = detect_one(series(figures))
    gaps = [(event.start, event.end) for event in of_kind(events, "gap")]
    assert gaps == [(month(20), month(22)), (month(50), month(50))]
    assert of_kind(events, *MODELLED) == []


def test_zeros_of_small_counts_are_values() -> None:
    figures = np.random.default_rng(0).poisson(2.0, 60).astype(float)
    assert (figures == 0).any()
    assert of_kind(detect_one(series(figures)), "gap") == []


@pytest.mark.parametrize("start", [np.nan, 0.0])
def test_months_before_the_beginning_are_no_gap(start: float) -> None:
    figures = values()
    figures[:5] = start
    assert of_kind(detect_one(series(figures)), "gap") == []


def test_what_grew_large_has_begun_after_its_last_small_zero() -> None:
    figures = np.concatenate([[0, 1, 2, 0, 0, 1, 3, 2, 0], values(count=48)])
    assert of_kind(detect_one(series(figures)), "gap", *MODELLED) == []


@pytest.mark.parametrize(
    ("as_of", "partial"),
    [(date(2023, 12, 12), [71]), (date(2024, 1, 5), [71]), (date(2024, 1, 6), []), (date(2023, 11, 20), [70, 71])],
)
def test_unfinished_months_are_partial_and_never_an_alarm(as_of: date, partial: list[int]) -> None:
    figures = values()
    for place in partial:
        figures[place] *= 0.4
    events = detect_one(series(figures, as_of=as_of))
    assert [event.start for event in of_kind(events, "partial")] == [month(place) for place in partial]
    assert of_kind(events, *MODELLED) == []


def turning(noise: float = 0.0, seed: int = 0) -> Array:
    """Grows by 2 % a month for three years, then shrinks as fast."""
    t = np.arange(72)
    return np.asarray(1e4 * np.exp(-0.02 * np.abs(t - 36) + np.random.default_rng(seed).normal(0, noise, 72)))


def test_a_reversal_is_reported_once_at_the_first_month_of_the_new_sign() -> None:
    [event] = of_kind(detect_one(series(turning(0.02))), "yoy_flip")
    # the change over a year is nil in month 42, and -5 % (as a mean of three months) about two months later
    assert month(43) <= event.start <= month(46)
    assert event.depth is not None
    assert 0.05 <= event.depth < 0.12


def test_a_spike_is_no_reversal() -> None:
    assert of_kind(detect_one(series(dropped(values(), 40, 40, -4.0))), "yoy_flip") == []


@pytest.mark.parametrize(
    ("later", "flips"),
    [((-0.3, -0.3, -0.3, -0.3, -0.3, -0.3), [18]), ((-0.3, -0.1, 0.5, 0.5, 0.1, 0.1), []), ((-0.02,) * 6, [])],
)
def test_a_reversal_is_large_and_lasts_three_months(later: tuple[float, ...], flips: list[int]) -> None:
    figures = 100 * np.concatenate([np.ones(12), 1 + np.array([0.1] * 5 + list(later))])
    reversals = of_kind(detect_one(series(figures)), "yoy_flip")
    assert [event.start for event in reversals] == [month(place) for place in flips]


@pytest.mark.parametrize(("breaks", "flips"), [((), 2), ((KnownBreak("table", month(36)),), 0)])
def test_a_break_in_series_is_no_reversal(breaks: tuple[KnownBreak, ...], flips: int) -> None:
    broken = replace(series(dropped(values(), 36, 71, 0.5)), known_breaks=breaks)
    assert len(of_kind(detect_one(broken), "yoy_flip")) == flips


@pytest.mark.parametrize(
    "figures",
    [
        np.array([]),
        np.array([3.0, 1.0, 4.0, 1.0]),
        np.full(40, np.nan),
        np.zeros(40),
        np.full(40, 7.0),
        -np.arange(40.0),
        np.array([np.inf, 5.0] * 20),
        np.array([np.nan] * 39 + [4.0]),
        np.array([100.0, -5.0, 120.0, 90.0] * 10),
    ],
)
def test_odd_series_do_not_crash(figures: Array) -> None:
    extreme = replace(series(figures, as_of=date(2018, 4, 12)), known_breaks=(KnownBreak("b", month(2), month(3)),))
    assert {event.kind for event in detect([extreme])} <= set(get_args(Kind))
    assert set(detectability(extreme)) == {3, 6, 9}


def test_four_months_get_the_rules_only() -> None:
    events = detect_one(series(np.array([900.0, np.nan, 950.0, 20.0]), as_of=date(2018, 4, 12)))
    assert [(event.kind, event.start) for event in events] == [("gap", month(1)), ("partial", month(3))]


# --------------------------------------------------------------------------------------------------------- known breaks


def test_a_known_break_is_sized_and_not_reported_twice() -> None:
    broken = replace(series(dropped(values(), 36, 71, -0.5)), known_breaks=(KnownBreak("table", month(36)),))
    [event] = of_kind(detect_one(broken), *MODELLED)
    assert (event.kind, event.start, event.break_id, event.is_known) == ("level_shift", month(36), "table", True)
    assert event.is_seen is True
    assert event.depth == pytest.approx(-0.5, abs=0.1)


@pytest.mark.parametrize("place", [35, 37])
def test_a_break_that_shows_a_month_off_is_not_reported_twice(place: int) -> None:
    broken = replace(series(dropped(values(), place, 71, -0.5)), known_breaks=(KnownBreak("table", month(36)),))
    [event] = of_kind(detect_one(broken), *MODELLED)
    assert (event.start, event.break_id, event.is_seen) == (month(36), "table", True)


def test_a_break_that_the_data_do_not_bear_is_not_seen() -> None:
    unbroken = replace(series(values()), known_breaks=(KnownBreak("table", month(36)),))
    [event] = of_kind(detect_one(unbroken), *MODELLED)
    assert event.is_seen is False
    assert event.gain is not None
    assert event.gain < 2 * np.log(72)


def test_months_of_a_transition_are_part_of_the_break() -> None:
    figures = dropped(dropped(values(), 36, 71, -0.5), 36, 38, 0.7)
    broken = replace(series(figures), known_breaks=(KnownBreak("table", month(36), month(38)),))
    [event] = of_kind(detect_one(broken), *MODELLED)
    assert (event.start, event.end, event.is_seen) == (month(36), month(38), True)
    assert event.depth == pytest.approx(-0.5, abs=0.12)
    assert event.trough_depth == pytest.approx(0.55, abs=0.1)


def test_a_break_hides_no_slump_elsewhere() -> None:
    figures = dropped(dropped(values(), 40, 71, -0.5), 15, 21, 0.3)
    broken = replace(series(figures), known_breaks=(KnownBreak("table", month(40)),))
    actual = {(event.kind, event.start, event.is_known) for event in of_kind(detect_one(broken), *MODELLED)}
    assert actual == {("slump", month(15), False), ("level_shift", month(40), True)}


def test_of_a_break_in_a_short_series_nothing_can_be_said() -> None:
    short = replace(series(values(count=12)), known_breaks=(KnownBreak("table", month(6)),))
    [event] = of_kind(detect_one(short), "level_shift")
    assert (event.is_known, event.is_seen, event.depth) == (True, None, None)


def test_a_break_outside_the_series_is_not_reported() -> None:
    unbroken = replace(
        series(values()), known_breaks=(KnownBreak("early", BEGIN), KnownBreak("late", date(2031, 1, 1)))
    )
    assert of_kind(detect_one(unbroken), *MODELLED) == []


# ----------------------------------------------------------------------------------------------------------- the family


def family(hit: int, of: int, depth: float = 0.3) -> list[MonthlySeries]:
    """So many series of one family, the first of them with a slump in months 30..36."""
    whole = [values(seed) for seed in range(of)]
    return [series(dropped(v, 30, 36, depth) if i < hit else v, f"s{i}") for i, v in enumerate(whole)]


@pytest.mark.parametrize(
    ("hit", "of", "scope"), [(2, 4, "market"), (1, 4, "specific"), (2, 2, "specific"), (3, 3, "market")]
)
def test_scope_is_market_for_half_of_a_family_of_three(hit: int, of: int, scope: str) -> None:
    slumps = of_kind(detect(family(hit, of)), "slump")
    assert [(event.series_id, event.scope) for event in slumps] == [(f"s{i}", scope) for i in range(hit)]


def test_events_of_the_other_sign_do_not_make_a_market() -> None:
    ups = [series(dropped(values(seed), 33, 33, -2.0), f"u{seed}") for seed in (7, 8)]
    events = detect([*family(1, 1), *ups])
    assert {(event.kind, event.scope) for event in of_kind(events, *MODELLED)} == {
        ("slump", "specific"),
        ("spike", "market"),
    }


def test_a_weak_slump_is_found_where_siblings_have_it() -> None:
    weak = series(dropped(values(13, noise=0.08), 30, 36, 0.15), "weak")
    assert of_kind(detect([weak]), *MODELLED) == []
    [event] = [event for event in of_kind(detect([*family(3, 3), weak]), *MODELLED) if event.series_id == "weak"]
    assert (event.kind, event.scope) == ("slump", "market")
    assert abs((event.start - month(30)).days) <= 31


def test_neither_the_order_nor_other_families_change_what_is_found() -> None:
    mine = family(2, 4)
    others = [replace(member, series_id=f"o{i}", family="g") for i, member in enumerate(family(0, 3))]
    forward = [event for event in detect([*mine, *others]) if event.series_id.startswith("s")]
    backward = [event for event in detect([*reversed(mine)]) if event.series_id.startswith("s")]
    assert sorted(forward, key=repr) == sorted(backward, key=repr)


def test_a_series_may_not_come_twice() -> None:
    with pytest.raises(ValueError, match="more than once: s0"):
        detect([*family(0, 1), *family(0, 1)])


# ----------------------------------------------------------------------------------------------------- what can be seen


def test_noise_hides_deeper_slumps() -> None:
    calm, loud = (detectability(series(values(1, noise=noise)))[6] for noise in (0.04, 0.16))
    assert calm is not None
    assert loud is not None
    assert calm < 0.2 < loud < 0.6


def test_a_slump_as_deep_as_stated_is_found_in_most_places_and_a_third_of_it_in_few() -> None:
    figures = values(6, noise=0.08)
    depth = detectability(series(figures))[6]
    assert depth is not None

    def share(part: float) -> float:
        starts = range(4, 62, 6)
        hits = [of_kind(modelled(dropped(figures, s, s + 5, depth * part)), "slump") for s in starts]
        return float(np.mean([bool(hit) for hit in hits]))

    assert share(1.1) >= 0.7
    assert share(0.33) <= 0.3


def test_of_a_short_series_no_depth_can_be_stated() -> None:
    assert detectability(series(values(count=20))) == {3: None, 6: None, 9: None}


def test_false_alarms_are_stated_for_every_kind() -> None:
    assert set(FALSE_ALARMS_PER_100_SERIES_YEARS) == set(get_args(Kind))


# ------------------------------------------------------------------------------------------------------------ the input


@pytest.mark.parametrize(
    ("calendar", "message"),
    [
        ((date(2020, 1, 1), date(2020, 3, 1)), "2020-03-01 after 2020-01-01, expected 2020-02-01"),
        ((date(2020, 1, 15), date(2020, 2, 15)), "2020-01-15, expected the first day"),
        ((date(2020, 1, 1),), "1 months but 2 values"),
    ],
)
def test_months_must_be_contiguous_first_days(calendar: tuple[date, ...], message: str) -> None:
    with pytest.raises(ValueError, match=f"a: .*{message}|a: {message}"):
        MonthlySeries("a", "f", calendar, np.array([1.0, 2.0]))


def test_next_month_passes_the_year() -> None:
    assert (next_month(date(2020, 11, 1)), next_month(date(2020, 12, 1))) == (date(2020, 12, 1), date(2021, 1, 1))
