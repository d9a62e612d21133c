"""Finds and sizes events in monthly series: slumps, spikes, level shifts, gaps, unfinished months and reversals.

Belongs here: what a fitted effect is called, the scope of an event within its family, and how deep a slump would have
to be to be seen at all. Does not belong here: the vocabulary (`events`), the rules of the calendar (`calendar_rules`),
the statistics (`structural_model`), where series come from, what explains an event, how events are stored or shown.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache

import numpy as np

from adoption.detection.calendar_rules import Clean, clean_series, flips, gaps, partials, untested
from adoption.detection.candidates import LONGEST_SPIKE, Array, Settings
from adoption.detection.events import Event, Kind, KnownBreak, MonthlySeries, Scope
from adoption.detection.plain_movements import is_wait, plain_movements
from adoption.detection.structural_model import Effect, Fitted, Place, Step, fit_effects

DEFAULTS = Settings()
MODELLED: tuple[Kind, ...] = ("slump", "spike", "level_shift")
FEWEST_MONTHS = 24  # shorter series get the rules of the calendar only
FEWEST_OBSERVED = 18
YOUNG_MONTHS = 12  # a drop that lasts to the end is a slump up to this age, then a level shift
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
    "collapse": 0.0,
    "surge": 0.0,
}


def detect(series: Sequence[MonthlySeries], settings: Settings = DEFAULTS) -> list[Event]:
    """Events of all series, in their order, each with its scope within the family.

    Where several other members of the family have the same event, its place counts as known: there is a second look.
    Raises ValueError where a series_id occurs twice.
    """
    doubled = [series_id for series_id, times in Counter(member.series_id for member in series).items() if times > 1]
    if doubled:
        raise ValueError(f"series_id more than once: {', '.join(doubled)}")
    by_length = sorted(series, key=lambda member: len(member.months))  # series of one length share their matrices
    events = {member.series_id: detect_one(member, settings) for member in by_length}
    families = _families(series)
    hints = {member.series_id: _hints(member, families[member.family], events, settings) for member in series}
    for member in by_length:
        if hints[member.series_id]:
            events[member.series_id] = _detect(member, settings, hints[member.series_id])
    return [
        replace(event, scope=_scope(event, families[member.family], events))
        for member in series
        for event in events[member.series_id]
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
    clean = clean_series(series)
    fitted = _fitted(series, settings, hints)
    events = [*partials(series, clean), *gaps(series, clean)]
    plain = plain_movements(series, clean)
    if fitted is None:
        events += flips(series, clean.values)
    else:
        events += [*flips(series, _signal(clean, fitted)), *_modelled_events(series, clean, fitted)]
    events += [event for event in plain if not any(_is_same(event, other) for other in events)]
    tested = {event.break_id for event in events}
    events += [untested(series, b) for b in _breaks_inside(series, clean) if b.break_id not in tested]
    return sorted(events, key=lambda event: (event.start, event.kind))


# ----------------------------------------------------------------------------------------------- from effects to events


@lru_cache(maxsize=512)  # detect and detectability ask for the same fit
def _fitted(series: MonthlySeries, settings: Settings, hints: tuple[Event, ...]) -> Fitted | None:
    """The fitted series from its first value on, or None where it is too short, constant, or has no positive level."""
    clean = clean_series(series)
    values = clean.values[clean.begin : clean.end]
    observed = values[~np.isnan(values)]
    if len(series.months) - clean.begin < FEWEST_MONTHS or observed.size < FEWEST_OBSERVED:
        return None
    if np.median(observed) <= 0 or observed.min() == observed.max():
        return None
    floor = min(0.5, observed[observed > 0].min() / 2)  # zeros of small counts, and shares below one, have logs too
    logs = np.log(np.maximum(values, floor))
    return fit_effects(logs, list(_steps(series, clean).values()), _places(series, clean, hints), settings)


def _breaks_inside(series: MonthlySeries, clean: Clean) -> list[KnownBreak]:
    """Known breaks after the first usable month and not after the last, by time."""
    inside = series.months[clean.begin + 1 : clean.end]
    return sorted((b for b in series.known_breaks if b.first in inside), key=lambda b: b.first)


def _steps(series: MonthlySeries, clean: Clean) -> dict[KnownBreak, Step]:
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


def _places(series: MonthlySeries, clean: Clean, hints: Sequence[Event]) -> list[Place]:
    place = {month: i - clean.begin for i, month in enumerate(series.months)}
    final = clean.end - clean.begin - 1
    return [
        Place(place[e.start], final if e.kind == "level_shift" else place[e.end], (e.depth or 0) > 0)
        for e in hints
        if e.start in place and e.end in place
    ]


def _is_spike(effect: Effect) -> bool:
    return effect.months <= LONGEST_SPIKE


def _signal(clean: Clean, fitted: Fitted) -> Array:
    """The series without noise, spikes and known breaks, in its own unit; NaN where missing."""
    apart = [*fitted.known, *(effect for effect in fitted.effects if _is_spike(effect))]
    logs = fitted.logs - fitted.noise - sum((e.curve for e in apart), np.zeros(len(fitted.logs)))
    values = np.full(len(clean.values), np.nan)
    values[clean.begin : clean.end] = np.exp(logs)
    return values


def _modelled_events(series: MonthlySeries, clean: Clean, fitted: Fitted) -> list[Event]:
    """Known breaks, level shifts, spikes and slumps; drops that overlap or touch are one event.

    A rise of three months or more that ends again has no name: it is fitted, so that it hides nothing, and not told.
    """
    known = zip(_steps(series, clean), fitted.known, strict=True)
    seen_from = fitted.price(fitted.settings.known_penalty)
    events = [_known_event(series, clean, b, effect, seen_from) for b, effect in known]
    drops = []
    for effect in sorted(fitted.effects, key=lambda effect: effect.first):
        if effect.is_tail and not _is_spike(effect) and (effect.size > 0 or effect.months > YOUNG_MONTHS):
            events.append(_shift_event(series, clean, effect))
        elif -np.expm1(effect.size) >= SMALLEST_DROP:
            drops.append(effect)
        elif _is_spike(effect) and effect.size > 0:
            events.append(_window_event(series, clean, [effect]))
    falls = [_window_event(series, clean, group) for group in _touching(drops)]
    return events + [fall for fall in falls if not _is_wait(series, clean, fall)]


def _is_wait(series: MonthlySeries, clean: Clean, fall: Event) -> bool:
    return is_wait(clean.values, series.months.index(fall.start), series.months.index(fall.end))


def _known_event(series: MonthlySeries, clean: Clean, known: KnownBreak, effect: Effect, seen_from: float) -> Event:
    event = replace(
        untested(series, known),
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


def _shift_event(series: MonthlySeries, clean: Clean, effect: Effect) -> Event:
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


def _window_event(series: MonthlySeries, clean: Clean, group: Sequence[Effect]) -> Event:
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
    for member in series:
        families[member.family].append(member)
    return families


def _hints(
    member: MonthlySeries,
    family: Sequence[MonthlySeries],
    events_by_series: Mapping[str, Sequence[Event]],
    settings: Settings,
) -> tuple[Event, ...]:
    """Events that enough other members have in one place, and this one does not."""
    own = events_by_series[member.series_id]
    others = [
        [e for e in events_by_series[other.series_id] if _is_unexplained(e)] for other in family if other is not member
    ]
    return tuple(
        event
        for events in others
        for event in events
        if not any(_is_alike(event, mine) for mine in own)
        and sum(any(_is_alike(event, e) for e in theirs) for theirs in others) >= settings.siblings
    )


def _is_same(plain: Event, other: Event) -> bool:
    """Whether the model has found a plain movement, too: the same sign, and close to it in time."""
    near = timedelta(days=3 * MONTH_DAYS if plain.kind == "collapse" else 0)
    is_near = plain.start - near <= other.end and other.start <= plain.end + near
    return other.kind in MODELLED and other.depth is not None and is_near and _sign(plain) == _sign(other)


def _is_unexplained(event: Event) -> bool:
    return event.kind in MODELLED and not event.is_known


def _is_alike(event: Event, other: Event) -> bool:
    """Same kind and sign, each edge at most a month apart."""
    edges = (abs((event.start - other.start).days), abs((event.end - other.end).days))
    return event.kind == other.kind and _sign(event) == _sign(other) and max(edges) <= MONTH_DAYS


def _sign(event: Event) -> int:
    """1 for a drop (and for what has no depth: a gap is one), -1 for a rise."""
    return -1 if event.depth is not None and event.depth < 0 else 1


def _scope(event: Event, family: Sequence[MonthlySeries], events: Mapping[str, Sequence[Event]]) -> Scope:
    """Market where at least half of a family moved alike, of three members or more observed at that time."""
    there = [member for member in family if member.months and member.months[0] <= event.start <= member.months[-1]]
    same = sum(any(_overlaps(event, other) for other in events[member.series_id]) for member in there)
    return "market" if len(there) >= FEWEST_MEMBERS and 2 * same >= len(there) else "specific"


def _overlaps(event: Event, other: Event) -> bool:
    """Whether two events share a month and a sign; a level shift may be a month off."""
    is_comparable = event.kind == other.kind or (event.kind in MODELLED and other.kind in MODELLED)
    slack = timedelta(days=MONTH_DAYS if "level_shift" in (event.kind, other.kind) else 0)
    is_together = event.start <= other.end + slack and other.start <= event.end + slack
    return is_comparable and is_together and _sign(event) == _sign(other)
