"""What all series of one length share, for every model of the grid, and what those share that miss the same months.

Belongs here: matrices that are made once and used for many series. Does not belong here: any series
(`structural_model`), and the effects there are to choose from (`candidates`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np

from adoption.detection.candidates import Array, Candidates, Settings, candidates_of

NOTHING = 1e-12  # squares and information below this are rounding


@dataclass(frozen=True)
class Basis:
    """What all series of one length share, for every model of the grid, the straight line projected out."""

    precision: Array  # models x months x months
    log_det: Array  # models
    candidates: Candidates
    information: Array  # models x candidates

    def project(self, column: Array, added: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
        """A column as each model sees it beside the effects added so far, and what is known of its size."""
        touched = np.flatnonzero(column)
        part = slice(touched[0], touched[-1] + 1)
        pulled = self.precision[:, :, part] @ column[part]
        for other, known in added:
            pulled = pulled - (other @ column / known)[:, None] * other
        return pulled, np.maximum(pulled @ column, NOTHING)

    def information_beside(self, information: Array, added: Sequence[tuple[Array, Array]]) -> Array:
        """What of the information on every candidate is left beside some more effects."""
        for pulled, known in added:
            information = information - np.square(self.candidates.sums(pulled)) / known[:, None]
        return information


@dataclass(frozen=True)
class Observed:
    """The same for series of one length with the same missing months, which are projected out as effects."""

    basis: Basis
    added: tuple[tuple[Array, Array], ...]
    log_det: Array
    information: Array


@lru_cache(maxsize=8)  # series of a family often miss the same months
def observed(months: int, missing: tuple[int, ...], settings: Settings) -> Observed:
    """Project the missing months of a series out; they are counted from 0."""
    basis = basis_of(months, settings)
    added: list[tuple[Array, Array]] = []
    for month in missing:
        added.append(basis.project(np.eye(months)[month], added))
    # dropping a month from the data and giving it an effect of its own differ by this determinant
    log_det = basis.log_det + sum(np.log(known) for _, known in added)
    return Observed(basis, tuple(added), log_det, basis.information_beside(basis.information, added))


@lru_cache(maxsize=8)  # a few MB each; callers go through their series by length
def basis_of(months: int, settings: Settings) -> Basis:
    """Make the matrices of series of so many months."""
    covariance = covariances(months, settings)
    inverse = np.linalg.inv(covariance)
    line = np.column_stack([np.ones(months), np.linspace(-1, 1, months)])
    weighted = inverse @ line
    gram = line.T @ weighted
    precision = inverse - weighted @ np.linalg.solve(gram, np.swapaxes(weighted, 1, 2))
    log_det = np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(gram)[1]
    candidates = candidates_of(months, settings)
    return Basis(precision, log_det, candidates, candidates.squares(precision))


def covariances(months: int, settings: Settings) -> Array:
    """Covariance of a series, noise variance one, for every model of the grid (models x months x months)."""
    t = np.arange(1.0, months + 1)
    earlier, later = np.minimum.outer(t, t), np.maximum.outer(t, t)
    bend = np.square(earlier) * (3 * later - earlier) / 6  # a random walk, summed
    season = (np.subtract.outer(t, t) % 12 == 0) - 1 / 12
    grid = np.array(list(product(settings.walk, settings.bend, settings.season)))
    walks, bends, seasons = grid.T[:, :, None, None]
    return np.asarray(np.eye(months) + walks * earlier + (1 + walks) * (bends * bend + seasons * season))
