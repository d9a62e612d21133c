"""Finds and sizes events in monthly series: slumps, spikes, level shifts, gaps, unfinished months and reversals.

Belongs here: the vocabulary of events, the rules of the calendar, what a fitted effect is called, the scope of an
event within its family, and how deep a slump would have to be to be seen at all.
Does not belong here: the statistics (`event_model.py`), where series come from, what explains an event, how events
are stored or shown.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

import numpy as np

from adoption.detection.structural_model import (
    LONGEST_SPIKE,
    Array,
    Effect,
    Fitted,
    Flags,
    Place,
    Settings,
    Step,
    fit_effects,
)

__all__ = ["FALSE_ALARMS_PER_100_SERIES_YEARS", "Event", "KnownBreak", "MonthlySeries", "Settings"]
__all__ += ["detect", "detect_one", "detectability", "next_month"]

Kind = Literal["slump", "spike", "level_shift", "gap", "partial", "yoy_flip"]
Scope = Literal["market", "specific"]

DEFAULTS = Settings()
MODELLED: tuple[Kind, ...] = ("slump", "spike", "level_shift")
FEWEST_MONTHS = 24  # shorter series get the rules of the calendar only
FEWEST_OBSERVED = 18
YOUNG_MONTHS = 12  # a drop that lasts to the end is a slump up to this age, then a level shift
ZERO_GAP_LEVEL = 20.0  # zeros in a series above this level are missing months
LEVEL_MONTHS = 6  # a level is the median of so many months
LOADING_DAYS = 5  # the newest month counts as loaded only this many days after its end
FLIP_SHARE = 0.05
SMALLEST_DROP = 0.05  # a slump reaches as far as it is this deep, and a quarter of its trough
FEWEST_MEMBERS = 3  # a smaller family cannot tell the market from its members
MONTH_DAYS = 31  # events so far apart are at most a month apart
DETECTABLE_MONTHS = (3, 6, 9)
DETECTABLE_PLACES = 0.8
# Alarms where nothing happened, by `python bench/anomaly.py --data DIR --out pred.csv` and the benchmark's `score.py`:
# 4 slumps, 4 spikes and 1 level shift in the 246 quiet series of its folders synthetic and real (1,511 series-years);
# 34 reversals that its labels do not know in the 209 synthetic ones (1,156).
FALSE_ALARMS_PER_100_SERIES_YEARS: Mapping[Kind, float] = {
    "slump": 0.26,
    "spike": 0.26,
    "level_shift": 0.07,
    "gap": 0.0,
    "partial": 0.0,
    "yoy_flip": 2.9,
}


@dataclass(frozen=True)
class KnownBreak:
    """A break in series: first month of the new level and, where it crept in, the last month of the transition.

    Months of a transition belong to neither level: each has an effect of its own.
    """

    break_id: str
    first: date
    last: date | None = None


@dataclass(frozen=True, eq=False)
class MonthlySeries:
    """One series: contiguous first-of-months and as many values (NaN = missing); as_of = day the figures were taken.

    The values must not be changed later: fits are remembered.
    Raises ValueError, naming series and month, where the months are not contiguous first days or the lengths differ.
    """

    series_id: str
    family: str
    months: tuple[date, ...]
    values: Array
    as_of: date | None = None
    known_breaks: tuple[KnownBreak, ...] = ()

    def __post_init__(self) -> None:
        """Check the months."""
        if len(self.months) != len(self.values):
            raise ValueError(f"{self.series_id}: {len(self.months)} months but {len(self.values)} values")
        if self.months and self.months[0].day != 1:
            raise ValueError(f"{self.series_id}: {self.months[0]}, expected the first day of a month")
        for before, month in zip(self.months, self.months[1:], strict=False):
            if month != next_month(before):
                raise ValueError(f"{self.series_id}: {month} after {before}, expected {next_month(before)}")


@dataclass(frozen=True)
class Event:
    """One event; start and end are first and last month, of a level shift the first month of the new level.

    depth and trough_depth: mean and largest 1 - actual/expected (negative = a rise; of a yoy_flip minus the new
    year-on-year change). shortfall: the sum of the same, in expected months. Of a known break depth is the lasting
    change; trough and shortfall are of its transition. gain: what the criterion loses without the event. A known break
    is seen if its gain reaches known_penalty x ln(months) for itself and for every month of its transition.
    None = does not apply, or cannot be said.
    """

    series_id: str
    kind: Kind
    start: date
    end: date
    depth: float | None = None
    trough: date | None = None
    trough_depth: float | None = None
    shortfall: float | None = None
    recovered: bool | None = None
    scope: Scope = "specific"
    is_known: bool = False
    break_id: str | None = None
    is_seen: bool | None = None
    gain: float | None = None


def next_month(month: date) -> date:
    """First day of the month after the given first day of a month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def detect(series: Sequence[MonthlySeries], settings: Settings = DEFAULTS) -> list[Event]:
    """Events of all series, in their order, each with its scope within the family.

    Where several other members of the family have the same event, its place counts as known: there is a second look.
    Raises ValueError where a series_id occurs twice.
    """
    doubled = [series_id for series_id, times in Counter(one.series_id for one in series).items() if times > 1]
    if doubled:
        raise ValueError(f"series_id more than once: {', '.join(doubled)}")
    by_length = sorted(series, key=lambda one: len(one.months))  # series of one length share their matrices
    found = {one.series_id: detect_one(one, settings) for one in by_length}
    families = _families(series)
    hints = {one.series_id: _hints(one, families[one.family], found, settings) for one in series}
    for one in by_length:
        if hints[one.series_id]:
            found[one.series_id] = _detect(one, settings, hints[one.series_id])
    return [
        replace(event, scope=_scope(event, families[one.family], found))
        for one in series
        for event in found[one.series_id]
    ]


def detect_one(series: MonthlySeries, settings: Settings = DEFAULTS) -> list[Event]:
    """Events of one series by start; scope stays specific. Short series get the rules of the calendar only."""
    return _detect(series, settings, ())


def detectability(series: MonthlySeries, settings: Settings = DEFAULTS) -> dict[int, float | None]:
    """For slumps of 3, 6 and 9 months the smallest depth, a share, that would be found in 80 % of their places.

    Taken from the contrast such a slump would have in the fitted model, beside the events it holds; no new search.
    None where the series is too short or too noisy for any depth.
    """
    fitted = _fitted(series, settings, ())
    if fitted is None:
        return dict.fromkeys(DETECTABLE_MONTHS)
    return fitted.smallest_drops(DETECTABLE_MONTHS, DETECTABLE_PLACES)


def _detect(series: MonthlySeries, settings: Settings, hints: tuple[Event, ...]) -> list[Event]:
    clean = _clean(series)
    fitted = _fitted(series, settings, hints)
    events = [*_partials(series, clean), *_gaps(series, clean)]
    if fitted is None:
        events += _flips(series, clean.values)
    else:
        events += [*_flips(series, _signal(clean, fitted)), *_modelled_events(series, clean, fitted)]
    tested = {event.break_id for event in events}
    events += [_untested(series, b) for b in _breaks_inside(series, clean) if b.break_id not in tested]
    return sorted(events, key=lambda event: (event.start, event.kind))


# -------------------------------------------------------------------------------------------- the rules of the calendar


@dataclass(frozen=True)
class _Clean:
    """The usable part of a series: NaN where missing or unfinished; `begin` is the first month that is neither."""

    values: Array
    begin: int
    end: int  # exclusive: first unfinished month


def _clean(series: MonthlySeries) -> _Clean:
    values = np.array(series.values, dtype=float)
    values[~np.isfinite(values)] = np.nan
    end = len(values) - _unfinished(series)
    values[end:] = np.nan
    for first, last in _runs(values == 0):
        if _level_beside(values, first, last) > ZERO_GAP_LEVEL:
            values[first : last + 1] = np.nan
        elif _level(values) > ZERO_GAP_LEVEL >= _level(values[:first]):
            values[: last + 1] = np.nan  # a thing that grew large has begun after its last small zero
    held = np.flatnonzero(~np.isnan(values))
    return _Clean(values, int(held[0]) if held.size else end, end)


def _level(values: Array) -> float:
    """Median of what is above zero, 0 if nothing is."""
    positive = values[values > 0]
    return float(np.median(positive)) if positive.size else 0.0


def _level_beside(values: Array, first: int, last: int) -> float:
    """The lower of the levels before and after a run of months; of the one there is at either end of the series."""
    before, after = values[:first], values[last + 1 :]
    sides = [before[before > 0][-LEVEL_MONTHS:], after[after > 0][:LEVEL_MONTHS]]
    return min((_level(side) for side in sides if side.size), default=0.0)


def _unfinished(series: MonthlySeries) -> int:
    """How many months at the end were not over when the figures were taken; the newest must have been loaded too."""
    if series.as_of is None or not series.months:
        return 0
    ends = [next_month(month) - timedelta(days=1) for month in series.months]
    is_loading = ends[-1] + timedelta(days=LOADING_DAYS) >= series.as_of
    return max(int(is_loading), sum(end >= series.as_of for end in ends))


def _partials(series: MonthlySeries, clean: _Clean) -> list[Event]:
    return [Event(series.series_id, "partial", month, month) for month in series.months[clean.end :]]


def _gaps(series: MonthlySeries, clean: _Clean) -> list[Event]:
    """Runs of missing months after the first value; before it the series had not begun."""
    is_missing = np.isnan(clean.values)
    is_missing[: clean.begin] = is_missing[clean.end :] = False
    return [Event(series.series_id, "gap", series.months[a], series.months[b]) for a, b in _runs(is_missing)]


def _runs(flags: Flags) -> list[tuple[int, int]]:
    """First and last index of every run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int)))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _flips(series: MonthlySeries, values: Array) -> list[Event]:
    """Reversals: the year-on-year change (mean of three months) gets the other sign and keeps it for three months."""
    change = np.full(len(values), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        change[12:] = values[12:] / values[:-12] - 1
    change[~np.isfinite(change)] = np.nan
    events, sign = [], 0.0
    for month in range(14, len(values) - 2):
        means = np.array([change[m - 2 : m + 1].mean() for m in range(month, month + 3)])
        new = np.sign(means[0])
        if not (abs(means[0]) >= FLIP_SHARE and (means * new > 0).all()):
            continue
        if new == -sign:
            start = series.months[month]
            events.append(Event(series.series_id, "yoy_flip", start, start, depth=-float(means[0])))
        sign = new
    return events


def _untested(series: MonthlySeries, known: KnownBreak) -> Event:
    """A known break of which nothing can be said: the series is too short, or nothing was observed beside it."""
    last = known.last or known.first
    return Event(series.series_id, "level_shift", known.first, last, is_known=True, break_id=known.break_id)


# ----------------------------------------------------------------------------------------------- from effects to events


@lru_cache(maxsize=512)  # detect and detectability ask for the same fit
def _fitted(series: MonthlySeries, settings: Settings, hints: tuple[Event, ...]) -> Fitted | None:
    """The fitted series from its first value on, or None where it is too short, constant, or has no positive level."""
    clean = _clean(series)
    values = clean.values[clean.begin : clean.end]
    held = values[~np.isnan(values)]
    if len(series.months) - clean.begin < FEWEST_MONTHS or held.size < FEWEST_OBSERVED:
        return None
    if np.median(held) <= 0 or held.min() == held.max():
        return None
    floor = min(0.5, held[held > 0].min() / 2)  # zeros of small counts, and shares below one, have logs too
    logs = np.log(np.maximum(values, floor))
    return fit_effects(logs, list(_steps(series, clean).values()), _places(series, clean, hints), settings)


def _breaks_inside(series: MonthlySeries, clean: _Clean) -> list[KnownBreak]:
    """Known breaks after the first usable month and not after the last, by time."""
    inside = series.months[clean.begin + 1 : clean.end]
    return sorted((b for b in series.known_breaks if b.first in inside), key=lambda b: b.first)


def _steps(series: MonthlySeries, clean: _Clean) -> dict[KnownBreak, Step]:
    """Known breaks that can be told apart: something was observed before, between and after them."""
    place = {month: i - clean.begin for i, month in enumerate(series.months)}
    is_held = ~np.isnan(clean.values[clean.begin : clean.end])
    steps, previous = {}, 0
    for known in _breaks_inside(series, clean):
        first = place[known.first]
        settled = first if known.last is None else place.get(known.last, len(is_held)) + 1
        if is_held[previous:first].any() and is_held[settled:].any():
            steps[known] = Step(first, settled)
            previous = settled
    return steps


def _places(series: MonthlySeries, clean: _Clean, hints: Sequence[Event]) -> list[Place]:
    place = {month: i - clean.begin for i, month in enumerate(series.months)}
    final = clean.end - clean.begin - 1
    return [
        Place(place[e.start], final if e.kind == "level_shift" else place[e.end], (e.depth or 0) > 0)
        for e in hints
        if e.start in place and e.end in place
    ]


def _is_spike(effect: Effect) -> bool:
    return effect.months <= LONGEST_SPIKE


def _signal(clean: _Clean, fitted: Fitted) -> Array:
    """The series without noise, spikes and known breaks, in its own unit; NaN where missing."""
    apart = [*fitted.known, *(effect for effect in fitted.found if _is_spike(effect))]
    logs = fitted.logs - fitted.noise - sum((e.curve for e in apart), np.zeros(len(fitted.logs)))
    values = np.full(len(clean.values), np.nan)
    values[clean.begin : clean.end] = np.exp(logs)
    return values


def _modelled_events(series: MonthlySeries, clean: _Clean, fitted: Fitted) -> list[Event]:
    """Known breaks, level shifts, spikes and slumps; drops that overlap or touch are one event.

    A rise of three months or more that ends again has no name: it is fitted, so that it hides nothing, and not told.
    """
    known = zip(_steps(series, clean), fitted.known, strict=True)
    seen_from = fitted.price(fitted.settings.known_penalty)
    events = [_known_event(series, clean, b, effect, seen_from) for b, effect in known]
    drops = []
    for effect in sorted(fitted.found, key=lambda effect: effect.first):
        if effect.is_tail and not _is_spike(effect) and (effect.size > 0 or effect.months > YOUNG_MONTHS):
            events.append(_shift_event(series, clean, effect))
        elif -np.expm1(effect.size) >= SMALLEST_DROP:
            drops.append(effect)
        elif _is_spike(effect) and effect.size > 0:
            events.append(_window_event(series, clean, [effect]))
    return events + [_window_event(series, clean, group) for group in _touching(drops)]


def _known_event(series: MonthlySeries, clean: _Clean, known: KnownBreak, effect: Effect, seen_from: float) -> Event:
    event = replace(
        _untested(series, known),
        depth=-float(np.expm1(effect.size)),
        is_seen=effect.gain >= seen_from * len(effect.columns),
        gain=effect.gain,
    )
    lost = -np.expm1(effect.curve[effect.first : effect.last + 1])
    if not lost.size:
        return event
    worst = int(np.argmax(np.abs(lost)))
    trough = series.months[clean.begin + effect.first + worst]
    return replace(event, trough=trough, trough_depth=float(lost[worst]), shortfall=float(lost.sum()))


def _shift_event(series: MonthlySeries, clean: _Clean, effect: Effect) -> Event:
    start = series.months[clean.begin + effect.first]
    return Event(series.series_id, "level_shift", start, start, depth=-float(np.expm1(effect.size)), gain=effect.gain)


def _touching(drops: Sequence[Effect]) -> list[list[Effect]]:
    """Drops, ordered by their first month, in groups without a month between them."""
    groups: list[list[Effect]] = []
    for drop in drops:
        if groups and drop.first <= max(other.last for other in groups[-1]) + 1:
            groups[-1].append(drop)
        else:
            groups.append([drop])
    return groups


def _window_event(series: MonthlySeries, clean: _Clean, group: Sequence[Effect]) -> Event:
    """The spike or slump that touching drops make, or a spike upwards."""
    drop = -np.expm1(np.sum([effect.curve for effect in group], axis=0))
    is_spike = all(_is_spike(effect) for effect in group)
    months = np.flatnonzero(drop != 0 if is_spike else drop >= max(SMALLEST_DROP, drop.max() / 4))
    first, last = int(months[0]), int(months[-1])
    inside = drop[first : last + 1]
    worst = int(np.argmax(np.abs(inside)))
    calendar = series.months[clean.begin :]
    return Event(
        series.series_id,
        "spike" if last - first < LONGEST_SPIKE else "slump",
        calendar[first],
        calendar[last],
        depth=float(inside.mean()),
        trough=calendar[first + worst],
        trough_depth=float(inside[worst]),
        shortfall=float(inside.sum()),
        recovered=last < len(drop) - 1,
        gain=max(effect.gain for effect in group),
    )


# ----------------------------------------------------------------------------------------------------------- the family


def _families(series: Sequence[MonthlySeries]) -> dict[str, list[MonthlySeries]]:
    families: dict[str, list[MonthlySeries]] = defaultdict(list)
    for one in series:
        families[one.family].append(one)
    return families


def _hints(
    one: MonthlySeries, family: Sequence[MonthlySeries], found: Mapping[str, Sequence[Event]], settings: Settings
) -> tuple[Event, ...]:
    """Events that enough other members have in one place, and this one does not."""
    own = found[one.series_id]
    others = [[e for e in found[other.series_id] if _is_unexplained(e)] for other in family if other is not one]
    return tuple(
        event
        for events in others
        for event in events
        if not any(_is_alike(event, mine) for mine in own)
        and sum(any(_is_alike(event, e) for e in theirs) for theirs in others) >= settings.siblings
    )


def _is_unexplained(event: Event) -> bool:
    return event.kind in MODELLED and not event.is_known


def _is_alike(one: Event, other: Event) -> bool:
    """Same kind and sign, each edge at most a month apart."""
    edges = (abs((one.start - other.start).days), abs((one.end - other.end).days))
    return one.kind == other.kind and _sign(one) == _sign(other) and max(edges) <= MONTH_DAYS


def _sign(event: Event) -> int:
    """1 for a drop (and for what has no depth: a gap is one), -1 for a rise."""
    return -1 if event.depth is not None and event.depth < 0 else 1


def _scope(event: Event, family: Sequence[MonthlySeries], found: Mapping[str, Sequence[Event]]) -> Scope:
    """Market where at least half of a family moved alike, of three members or more observed at that time."""
    there = [one for one in family if one.months and one.months[0] <= event.start <= one.months[-1]]
    same = sum(any(_overlaps(event, other) for other in found[one.series_id]) for one in there)
    return "market" if len(there) >= FEWEST_MEMBERS and 2 * same >= len(there) else "specific"


def _overlaps(one: Event, other: Event) -> bool:
    """Whether two events share a month and a sign; a level shift may be a month off."""
    is_comparable = one.kind == other.kind or (one.kind in MODELLED and other.kind in MODELLED)
    slack = timedelta(days=MONTH_DAYS if "level_shift" in (one.kind, other.kind) else 0)
    is_together = one.start <= other.end + slack and other.start <= one.end + slack
    return is_comparable and is_together and _sign(one) == _sign(other)
