"""What a chart shows: panels of series over time, and bars of change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

EXPONENTIAL = 20
"""A scale is logarithmic where the largest value is this many times the smallest."""


@dataclass(frozen=True)
class Point:
    """One month of a series; `value` is None where it is not known, though it may be known to lie within bounds."""

    series: str
    month: date
    value: float | None
    low: float | None = None
    high: float | None = None

    @property
    def known(self) -> list[float]:
        """The value, or else the bounds."""
        values = (self.low, self.high) if self.value is None else (self.value,)
        return [value for value in values if value is not None]


@dataclass(frozen=True)
class Band:
    """A stretch of time that is shaded and named; `last` is exclusive. A day has `last` = `first`."""

    first: date
    last: date
    label: str
    kind: Literal["break", "anomaly", "explained"]


@dataclass(frozen=True)
class Panel:
    """One set of axes: the series of one unit over time.

    `order` names the series that have the first colours of the palette, whether this panel holds them or not: a
    colour belongs to a series wherever it is drawn. Series of an ordered panel are always named.
    """

    title: str
    unit: str
    points: Sequence[Point]
    bands: Sequence[Band] = ()
    order: Sequence[str] = ()

    @property
    def values(self) -> list[float]:
        """The values and bounds that are known."""
        return [value for point in self.points for value in point.known]

    @property
    def is_logarithmic(self) -> bool:
        """Whether growth is exponential: all values above zero, the largest many times the smallest."""
        return min(self.values) > 0 and max(self.values) / min(self.values) >= EXPONENTIAL


@dataclass(frozen=True)
class Change:
    """One bar: how much `entity` changed in `row`, or between what; `label` says it, or that it is not comparable."""

    row: str
    entity: str
    label: str
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Changes:
    """Bars of one unit, such as % or points; `order` as that of a `Panel`."""

    title: str
    unit: str
    bars: Sequence[Change]
    order: Sequence[str] = ()
