"""The statistical model of one series, and the search for effects in it.

Belongs here: numbers without a calendar. Months are counted from 0, values are logarithms, NaN is a missing month.
Does not belong here: dates, families, what an effect is called, what explains it (`detector`), and which effects
there are to choose from (`candidates`).

The model: straight line + random walk + slow bend + season + white noise + effects. How strong walk, bend and season
are is not known, so every figure is a mean over a small grid of such models, weighted by their likelihood. Effects
are added one by one while the best one lowers the criterion (the deviance averaged over the grid) by more than
a price for having looked in so many places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np

from adoption.detection.candidates import Array, Index, Settings
from adoption.detection.model_grid import NOTHING, observed

DEPTH_STEP = 0.005  # how exactly a detectable depth is told
LARGEST_DROP = 0.95  # a deeper slump is a gap by another name: no detectability is claimed beyond
COVERED = 1e-6  # what is left of the information on a place that other effects explain already
GAIN_DECIMALS = 6  # gains closer than this are equal: the rest is rounding


@dataclass(frozen=True)
class Step:
    """A known change of level from month `first` on; before `settled` each month has an effect of its own, too."""

    first: int
    settled: int

    def columns(self, logs: Array) -> tuple[Array, ...]:
        """The lasting change, then the observed months that were still settling."""
        months = np.arange(len(logs))
        settling = [m for m in range(self.first, self.settled) if not np.isnan(logs[m])]
        return ((months >= self.first).astype(float), *((months == m).astype(float) for m in settling))


@dataclass(frozen=True)
class Place:
    """Where like series have an event: its price is lower here. `last` is the last month of the series for a step."""

    first: int
    last: int
    is_drop: bool


@dataclass(frozen=True)
class Effect:
    """One fitted effect: sizes (in logs) times columns, one each but for a known step that took time to settle.

    `gain` is what the criterion loses without it.
    """

    columns: tuple[Array, ...]
    sizes: tuple[float, ...]
    first: int
    last: int
    is_tail: bool  # even, and lasting to the end of the series
    gain: float

    @property
    def size(self) -> float:
        """Its size in logs: of a step the lasting change."""
        return self.sizes[0]

    @property
    def curve(self) -> Array:
        """What it does to each month, in logs."""
        return np.asarray(np.column_stack(self.columns) @ np.array(self.sizes))

    @property
    def months(self) -> int:
        """Its length."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class Fitted:
    """A series and its effects: the known steps, what the search found, and what is left as noise in each month."""

    logs: Array
    known: tuple[Effect, ...]
    effects: tuple[Effect, ...]
    noise: Array
    settings: Settings

    def price(self, penalty: float) -> float:
        """What an effect must gain in this series."""
        return _price(int(np.sum(~np.isnan(self.logs))), penalty)

    def smallest_drops(self, lengths: Sequence[int], share: float) -> dict[int, float | None]:
        """For each length the smallest depth of an even drop that would be found in `share` of its places, if any.

        Only effects that would be found beside the drop, too, are taken as given: those that pay their price twice.
        """
        clear = 2 * self.price(self.settings.penalty)
        effects = [*self.known, *(effect for effect in self.effects if effect.gain >= clear)]
        rest = _with(Fit(self.logs, self.settings), [column for effect in effects for column in effect.columns])
        return {length: self._smallest_drop(rest, length, share) for length in lengths}

    def _smallest_drop(self, rest: Fit, length: int, share: float) -> float | None:
        gains_at = rest.gains_of_drops(length)
        needed = self.price(self.settings.penalty)

        def is_found(depth: float) -> bool:
            gains = gains_at(depth).round(GAIN_DECIMALS)
            return bool(gains.size) and float(np.mean(gains >= round(needed, GAIN_DECIMALS))) >= share

        low, high = self.settings.least_window, LARGEST_DROP
        if not is_found(high):
            return None
        while high - low > DEPTH_STEP:
            middle = (low + high) / 2
            low, high = (low, middle) if is_found(middle) else (middle, high)
        return high


def _price(months: int, penalty: float) -> float:
    return float(penalty * np.log(months))


def fit_effects(logs: Array, steps: Sequence[Step], places: Sequence[Place], settings: Settings) -> Fitted:
    """Fit known steps first, then search for further effects.

    More than three months must be observed, and some before, between and after the steps.
    """
    bare = Fit(logs, settings)
    steps = [_placed(bare, logs, step) for step in steps]
    known = [(step.columns(logs), step.first, step.settled - 1, True) for step in steps]
    chosen = _search(_with(bare, _columns(known)), _prices(bare, places))
    c = bare.basis.candidates
    selected = [((c.column(k),), int(c.first[k]), int(c.last[k]), bool(c.is_tail[k])) for k in chosen]
    parts = [*known, *selected]
    whole = _with(bare, _columns(parts))
    effects = [_effect(bare, part, _columns(parts[:i] + parts[i + 1 :]), whole) for i, part in enumerate(parts)]
    return Fitted(logs, tuple(effects[: len(steps)]), tuple(effects[len(steps) :]), whole.noise(), settings)


def _placed(bare: Fit, logs: Array, step: Step) -> Step:
    """The step, or one a month earlier or later if the data say so plainly: periods need not begin with the month."""
    if step.settled > step.first:
        return step

    def deviance(other: Step) -> float:
        return round(_with(bare, other.columns(logs)).deviance(), GAIN_DECIMALS)

    moved = min((Step(step.first + by, step.first + by) for by in (-1, 1)), key=deviance)
    needed = _price(bare.observed, bare.settings.known_penalty)
    return moved if deviance(step) - deviance(moved) >= needed else step


_Part = tuple[tuple[Array, ...], int, int, bool]  # columns, first and last month, is_tail


def _columns(parts: Sequence[_Part]) -> list[Array]:
    return [column for part in parts for column in part[0]]


def _effect(bare: Fit, part: _Part, others: Sequence[Array], whole: Fit) -> Effect:
    """One part beside all the others: the size of each of its columns, and what the criterion loses without it."""
    columns, first, last, is_tail = part
    sizes = [_with(bare, [*others, *columns[:i], *columns[i + 1 :]]).size(column) for i, column in enumerate(columns)]
    gain = _with(bare, others).deviance() - whole.deviance()
    return Effect(columns, tuple(sizes), first, last, is_tail, gain)


# ------------------------------------------------------------------------------------------------------------ the model


class Fit:
    """One series under every model of the grid, with effects projected out one after another.

    Arrays are replaced, never changed, so that copies may share them.
    """

    def __init__(self, logs: Array, settings: Settings) -> None:
        """Start without effects; missing months (NaN) are projected out as effects of their own."""
        is_missing = np.isnan(logs)
        bare = observed(len(logs), tuple(int(month) for month in np.flatnonzero(is_missing)), settings)
        self.settings, self.basis = settings, bare.basis
        self.observed = int(np.sum(~is_missing))
        filled = np.where(is_missing, np.nanmean(logs), logs)
        self._log_det, self._information = bare.log_det, bare.information
        self._pull = self.basis.precision @ filled  # what each model takes for noise in each month
        self._squares = self._pull @ filled
        self._added = list(bare.added)
        self._counted = len(self._added)  # effects the information allows for
        for month, (pulled, known) in zip(np.flatnonzero(is_missing), bare.added, strict=True):
            self._take_out(self._pull[:, month] / known, pulled, known)

    def copy(self) -> Fit:
        """A fit that can grow on its own."""
        self._information_left()  # once here rather than in every copy
        twin = copy(self)
        twin._added = list(self._added)
        return twin

    def add(self, column: Array) -> Array:
        """Project an effect out; returns what each model knows about its size."""
        pulled, known = self.basis.project(column, self._added)
        self._take_out(self._pull @ column / known, pulled, known)
        self._added.append((pulled, known))
        return known

    def _take_out(self, size: Array, pulled: Array, known: Array) -> None:
        self._squares = self._squares - np.square(size) * known
        self._pull = self._pull - size[:, None] * pulled

    def size(self, column: Array) -> float:
        """Size in logs of one more effect."""
        known = self.basis.project(column, self._added)[1][:, None]
        return float(self._size((self._pull @ column)[:, None], known)[0])

    def deviance(self) -> float:
        """The criterion."""
        return float(_deviance(self._squares, self._log_det, self.observed))

    def gains(self) -> Array:
        """What the criterion would lose by each candidate, added alone; 0 where it is already covered."""
        information = self._information_left()
        usable = (information > COVERED * self.basis.information).all(axis=0)
        contrast = self.basis.candidates.sums(self._pull)
        squares = self._squares[:, None] - np.square(contrast) / np.where(usable, information, np.inf)
        return np.asarray(self.deviance() - _deviance(squares, self._log_det[:, None], self.observed))

    def sizes(self, which: Index) -> Array:
        """Size in logs of some candidates, each added alone."""
        contrast = self.basis.candidates.sums(self._pull)
        return self._size(contrast[:, which], self._information_left()[:, which])

    def gains_of_drops(self, length: int) -> Callable[[float], Array]:
        """For a depth, the gain of an even drop of so many months, had it happened here too, in each of its places.

        Places that events or missing months cover already are left out.
        """
        candidates = self.basis.candidates
        boxes = np.flatnonzero((candidates.shape == 0) & (candidates.length == length))
        information = self._information_left()[:, boxes]
        usable = (information > COVERED * self.basis.information[:, boxes]).all(axis=0)
        information = information[:, usable]
        contrast = self._pull @ candidates.columns[:, boxes[usable]]
        observed_deviance = _deviance(
            self._squares[:, None] - np.square(contrast) / information, self._log_det[:, None], self.observed
        )

        def gains(depth: float) -> Array:
            size = np.log1p(-depth)
            squares = self._squares[:, None] + 2 * size * contrast + size**2 * information
            return np.asarray(_deviance(squares, self._log_det[:, None], self.observed) - observed_deviance)

        return gains

    def noise(self) -> Array:
        """What the models take for noise in each month, in logs."""
        return np.asarray(_weights(self._squares, self._log_det, self.observed) @ self._pull)

    def _information_left(self) -> Array:
        """What each model would know about every candidate beside the effects added so far."""
        self._information = self.basis.information_beside(self._information, self._added[self._counted :])
        self._counted = len(self._added)
        return self._information

    def _size(self, contrast: Array, information: Array) -> Array:
        squares = self._squares[:, None] - np.square(contrast) / information
        weights = _weights(squares, self._log_det[:, None], self.observed)
        return np.asarray(np.sum(weights * contrast / information, axis=0))


def _each_deviance(squares: Array, log_det: Array, months: int) -> Array:
    """Deviance of each model, restricted to what the straight line leaves."""
    return np.asarray((months - 2) * np.log(np.maximum(squares, NOTHING)) + log_det)


def _deviance(squares: Array, log_det: Array, months: int) -> Array:
    """Deviance averaged over the models (axis 0) by their likelihood."""
    each = _each_deviance(squares, log_det, months)
    best = each.min(axis=0)
    return np.asarray(best - 2 * np.log(np.mean(np.exp((best - each) / 2), axis=0)))


def _weights(squares: Array, log_det: Array, months: int) -> Array:
    """How much each model (axis 0) is believed, summing to one."""
    each = _each_deviance(squares, log_det, months)
    weights = np.exp((each.min(axis=0) - each) / 2)
    return np.asarray(weights / weights.sum(axis=0))


# ----------------------------------------------------------------------------------------------------------- the search


def _search(start: Fit, prices: Array) -> list[int]:
    """Candidates that pay their price beside what the fit holds: greedily chosen, then each one chosen again."""
    column = start.basis.candidates.column
    fits: dict[tuple[int, ...], Fit] = {(): start}

    def fit_with(effects: tuple[int, ...]) -> Fit:
        """Made from the fit with all but the last of them, so that none is projected out twice in one order."""
        if effects not in fits:
            fits[effects] = _with(fit_with(effects[:-1]), [column(effects[-1])])
        return fits[effects]

    def choose(others: list[int]) -> list[int]:
        best = _best(fit_with(tuple(others)), prices)
        return others if best is None else [*others, best]

    def grow(chosen: list[int]) -> list[int]:
        while len(chosen) < start.settings.most_effects and (more := choose(chosen)) != chosen:
            chosen = more
        return chosen

    chosen = grow([])
    for candidate in list(chosen) if len(chosen) > 1 else []:
        chosen = choose([other for other in chosen if other != candidate])
    return grow(chosen)


def _with(start: Fit, columns: Sequence[Array]) -> Fit:
    fit = start.copy()
    for column in columns:
        fit.add(column)
    return fit


def _prices(fit: Fit, places: Sequence[Place]) -> Array:
    """The price of every candidate as a rise and as a drop (2 x candidates)."""
    candidates, settings = fit.basis.candidates, fit.settings
    prices = np.full((2, len(candidates.first)), _price(fit.observed, settings.penalty))
    for place in places:
        near = (np.abs(candidates.first - place.first) <= 1) & (np.abs(candidates.last - place.last) <= 1)
        prices[int(place.is_drop), near] = _price(fit.observed, settings.known_penalty)
    return prices


def _best(fit: Fit, prices: Array) -> int | None:
    """The candidate of the largest gain beyond its price, if large enough to matter. Only boxes may rise.

    Every choice is made between rounded figures, and of several that gain the same the first counts, in the order of
    `Candidates`: two windows that differ by a missing month explain the same figures, and what rounding leaves between
    them depends on the processor and its threads.
    """
    candidates = fit.basis.candidates
    gains = fit.gains().round(GAIN_DECIMALS)
    payable = np.flatnonzero(gains > prices.min(axis=0).round(GAIN_DECIMALS))
    if not payable.size:
        return None
    sizes = fit.sizes(payable).round(GAIN_DECIMALS)
    is_drop = sizes < 0
    profit = (gains[payable] - np.where(is_drop, prices[1, payable], prices[0, payable])).round(GAIN_DECIMALS)
    is_small = np.abs(np.expm1(np.minimum(sizes, 20))) < candidates.smallest_sizes(fit.settings)[payable]
    profit[is_small | (~is_drop & (candidates.shape[payable] > 0))] = 0.0
    best = int(np.argmax(profit))
    return int(payable[best]) if profit[best] > 0 else None
