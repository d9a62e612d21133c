"""Every effect that the search may add to a series, and what it believes before it sees one.

Belongs here: sizes, lengths and shapes. Does not belong here: fitting them (`structural_model`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Flags = NDArray[np.bool_]
Grid = tuple[float, ...]

LONGEST_SPIKE = 2


@dataclass(frozen=True)
class Settings:
    """What the search believes before it sees a series. Sizes are shares, lengths are months."""

    penalty: float = 5.0  # times ln(months): the price of an effect whose place was searched for
    known_penalty: float = 2.0  # times ln(months): the price where the place was known before looking
    least_window: float = 0.08
    least_step: float = 0.12
    least_spike: float = 0.15
    longest_window: int = 14
    most_effects: int = 6
    siblings: int = 2  # so many other members of a family with like events make their place known
    walk: Grid = (0.0, 0.2, 1.0, 10.0)  # variance of a month's step of the level; noise = 1
    bend: Grid = (0.0, 0.001)  # variance of a month's change of slope; noise and walk = 1
    season: Grid = (0.0, 0.5, 5.0, 100.0)  # variance of the season; noise and walk = 1


@dataclass(frozen=True)
class Candidates:
    """Every effect the search may add to a series of so many months, in blocks of one length and shape.

    A block holds its shape at every first month but the series' own: an effect needs a month before it.
    """

    months: int
    blocks: tuple[Array, ...]  # the shapes of one length: length x shapes
    first: Index
    last: Index
    shape: Index  # its number in the block; 0 is the box
    tails: int  # steps: one for each first month that leaves more than the longest window
    columns: Array  # months x candidates: one product with all of them costs less than windows of each length

    @property
    def is_tail(self) -> Flags:
        """Boxes that last to the end of the series."""
        return np.asarray((self.shape == 0) & (self.last == self.months - 1))

    @property
    def length(self) -> Index:
        """Months of each candidate."""
        return self.last - self.first + 1

    def smallest_sizes(self, settings: Settings) -> Array:
        """The smallest size worth reporting, a share, for every candidate."""
        window = np.where(self.length > settings.longest_window, settings.least_step, settings.least_window)
        return np.where(self.length <= LONGEST_SPIKE, settings.least_spike, window)

    def sums(self, rows: Array) -> Array:
        """Each row (models x months) multiplied with every candidate (models x candidates)."""
        return rows @ self.columns

    def squares(self, matrices: Array) -> Array:
        """The quadratic form of every candidate in each matrix (models x months x months)."""
        parts = []
        for block in self.blocks:
            size = (len(block), len(block))
            windows = sliding_window_view(matrices, size, axis=(1, 2)).diagonal(axis1=1, axis2=2)
            parts += [np.einsum("gabp,a,b->gp", windows, shape, shape)[:, 1:] for shape in block.T]
        corner = np.cumsum(np.cumsum(matrices[:, ::-1, ::-1], axis=1), axis=2)[:, ::-1, ::-1]
        return np.concatenate([*parts, corner.diagonal(axis1=1, axis2=2)[:, 1 : 1 + self.tails]], axis=1)

    def column(self, candidate: int) -> Array:
        """One candidate as a column of the model."""
        return self.columns[:, candidate].copy()


def _shapes(length: int) -> Array:
    """Shapes of depth one, a column each: even; from three months on also an arch, or sudden and then healing."""
    month = np.arange(length)
    arch = 1 - np.square((month - (length - 1) / 2) / ((length + 1) / 2))
    shapes = [np.ones(length), arch, 1 - month / length]
    return np.column_stack(shapes if length > LONGEST_SPIKE else shapes[:1])


def candidates_of(months: int, settings: Settings) -> Candidates:
    """Every window, arch, healing drop and step that fits into a series of so many months."""
    longest = min(settings.longest_window, months - 1)
    blocks = tuple(_shapes(length) for length in range(1, longest + 1))
    places = [
        (first, first + len(block) - 1, shape)
        for block in blocks
        for shape in range(block.shape[1])
        for first in range(1, months - len(block) + 1)
    ]
    tails = months - 1 - longest
    places += [(first, months - 1, 0) for first in range(1, tails + 1)]
    columns = np.zeros((months, len(places)))
    for place, (first, last, shape) in enumerate(places):
        columns[first : last + 1, place] = 1.0 if last - first >= longest else blocks[last - first][:, shape]
    first, last, shape = np.array(places, dtype=np.int64).T
    return Candidates(months, blocks, first, last, shape, tails, columns)
