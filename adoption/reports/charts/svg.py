"""What every chart is drawn with: an SVG that grows by elements, scales, ticks, inks and type.

Belongs here: drawing without a library, quick to make and small. Does not belong here: any kind of chart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from adoption.reports.format import minus

GROUND, INK, SOFT, AXIS, PALE = "#FFFFFF", "#222222", "#555555", "#999999", "#E4E4E4"
BANDS: Mapping[str, str] = {"break": "#777777", "anomaly": "#B04D00", "explained": "#56B4E9"}
FONT = "Helvetica, Arial, sans-serif"
LETTER = 6.6
"""Pixels of a letter of 12 pixels, on average."""
LINE = 15


class Svg:
    """A drawing that grows by elements."""

    def __init__(self, width: float, height: float, size: int = 12) -> None:
        self.width, self.height = width, height
        self._parts: list[str] = []
        self._size = size

    def add(self, name: str, text: str | None = None, **attributes: object) -> None:
        """One element; underscores of a name are hyphens, numbers are rounded to what can be seen."""
        markup = "".join(f" {key.replace('_', '-')}={quoteattr(short(value))}" for key, value in attributes.items())
        inside = "/>" if text is None else f">{escape(minus(text))}</{name}>"
        self._parts.append(f"<{name}{markup}{inside}")

    def text(self, x: float, y: float, text: str, **attributes: object) -> None:
        """A text, in ink unless told otherwise."""
        self.add("text", text, x=x, y=y, **{"fill": INK, **attributes})

    def inset(self, x: float, y: float, svg: str) -> None:
        """Another drawing at a place within this one."""
        self._parts.append(f'<g transform="translate({short(x)},{short(y)})">{svg}</g>')

    def drawn(self) -> str:
        """The SVG, on a white ground."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{short(self.width)}" height="{short(self.height)}" '
            f'viewBox="0 0 {short(self.width)} {short(self.height)}" font-family="{FONT}" font-size="{self._size}">'
            f'<rect width="100%" height="100%" fill="{GROUND}"/>{"".join(self._parts)}</svg>'
        )


def short(value: object) -> str:
    """A number rounded to what can be seen; anything else as it is."""
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return str(value)


@dataclass(frozen=True)
class Scale:
    """From values to pixels; `is_log` where growth is exponential."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False

    def __call__(self, value: float) -> float:
        turn = math.log if self.is_log else float
        low, high = turn(self.low), turn(self.high)
        inside = min(max(value, self.low), self.high) if self.is_log else value
        return self.start + (self.end - self.start) * (turn(inside) - low) / (high - low)


def ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Round values within a linear domain."""
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
    first = math.ceil(low / step)
    return [round(place * step, 10) for place in range(first, math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten within a domain, with twos and fives where there are few."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    fine = [factor * 10.0**power for power in powers for factor in (1, 2, 5)]
    inside = [value for value in fine if low <= value <= high]
    tens = [value for value in inside if math.isclose(math.log10(value) % 1, 0, abs_tol=1e-9)]
    return tens if len(tens) > 2 else inside


def amount(value: float) -> str:
    """A tick: 20M, 1.5k, 0.2."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def wrapped(text: str, letters: int) -> list[str]:
    """A text in lines of at most so many letters."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + len(word) < letters:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
