"""The months of a series that are not held, given those that are: draws from what a structural model believes.

Belongs here: numbers without a calendar. Months are counted from 0, values are logarithms, NaN is a month that is not
held. Does not belong here: years, breaks, what is withheld (`adoption.projection.years`).

The model is the detector's (level + random walk + slow bend + season + white noise; Harvey, Forecasting, Structural
Time Series Models and the Kalman Filter, 1989), without its straight line: a slope is believed only as far as the bend
has shown it. How strong walk, bend and season are is not known, so every figure is a mixture over a small grid of such
models, weighted by their restricted likelihood (Patterson and Thompson, 1971); the level, and the lasting change at
each known break, are estimated with a flat prior, and so is the size of the noise: draws have Student's tails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from adoption.detection.candidates import Array, Settings
from adoption.detection.model_grid import NOTHING, covariances

GRID = Settings(walk=(0.0, 0.1, 0.5), bend=(0.0, 0.001), season=(0.1, 0.5, 2.0))
"""Chosen on the years up to 2021 (`bench/projection.py`)."""
DRAWS = 1000
SEED = 2021  # draws are the same in every build


@dataclass(frozen=True)
class _Pattern:
    """What all series share that hold the same months, lack the same ones and have the same breaks.

    Arrays have the models of the grid first.
    """

    weights: Array  # months known x months known: the precision, level and breaks projected out
    log_det: Array
    effects: Array  # effects x months known: what makes level and breaks of the logs
    spread: Array  # months unknown x months known: how what is left of a month reaches those that are unknown
    design: Array  # months unknown x effects
    root: Array  # months unknown x months unknown: a root of their covariance, noise variance one
    freedom: int


def draw(logs: Array, unknown: Sequence[int], steps: Sequence[int] = ()) -> Array:
    """Draws of the `unknown` months of a series (draws x months); `steps` are the months from which a break lasts.

    Each break needs a month held on either side, and more months must be held than there are breaks, by two at least.
    """
    known = np.flatnonzero(~np.isnan(logs))
    pattern = _pattern(len(logs), tuple(map(int, known)), tuple(unknown), tuple(steps))
    seen = logs[known]
    squares = np.einsum("n,gnm,m->g", seen, pattern.weights, seen)
    likelihood = -0.5 * (pattern.log_det + pattern.freedom * np.log(np.maximum(squares, NOTHING)))
    believed = np.exp(likelihood - likelihood.max())
    middle = np.einsum("gwe,ge->gw", pattern.design, pattern.effects @ seen) + pattern.spread @ seen
    uniform, normal, chi_square = _noise(pattern.freedom, len(pattern.design[0]))
    model = np.searchsorted(np.cumsum(believed / believed.sum()), uniform).clip(max=len(believed) - 1)
    scale = np.sqrt(np.maximum(squares, NOTHING)[model] / chi_square)
    return np.asarray(middle[model] + np.einsum("dwv,dv->dw", pattern.root[model], normal) * scale[:, None])


@lru_cache(maxsize=32)
def _noise(freedom: int, months: int) -> tuple[Array, Array, Array]:
    """The same chance for every series: which model, the months, and the size of the noise."""
    chance = np.random.default_rng(SEED)
    uniform = chance.permutation((np.arange(DRAWS) + 0.5) / DRAWS)
    return uniform, chance.standard_normal((DRAWS, 12))[:, :months], chance.chisquare(freedom, DRAWS)


@lru_cache(maxsize=8)
def _covariances(months: int) -> Array:
    return covariances(months, GRID)


@lru_cache(maxsize=64)  # series of one source often hold the same months
def _pattern(months: int, known: tuple[int, ...], unknown: tuple[int, ...], steps: tuple[int, ...]) -> _Pattern:
    covariance = _covariances(months)
    effects = np.column_stack([np.arange(months) >= first for first in (0, *steps)]).astype(float)
    seen, unseen = np.array(known), np.array(unknown)
    among = covariance[:, seen[:, None], seen]
    between = covariance[:, unseen[:, None], seen]
    inverse = np.linalg.inv(among)
    weighted = inverse @ effects[seen]
    gram = effects[seen].T @ weighted
    solved = np.linalg.solve(gram, np.swapaxes(weighted, 1, 2))
    precision = inverse - weighted @ solved
    design = effects[unseen] - between @ weighted
    spread = covariance[:, unseen[:, None], unseen] - between @ inverse @ np.swapaxes(between, 1, 2)
    spread = spread + design @ np.linalg.solve(gram, np.swapaxes(design, 1, 2))
    root = np.linalg.cholesky(spread + NOTHING * np.eye(len(unseen)))
    log_det = np.linalg.slogdet(among)[1] + np.linalg.slogdet(gram)[1]
    # design holds what is left of level and breaks beside the months that are near, `spread` those months themselves
    return _Pattern(precision, log_det, solved, between @ inverse, design, root, len(known) - effects.shape[1])
