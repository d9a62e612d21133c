"""Numbers and marks as people read them, in one way everywhere.

Belongs here: formatting of figures of the marts. Does not belong here: choosing what to show, or layout.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOT_KNOWN = "not known"
CANNOT_BE_SAID = "cannot be said"
Row = Mapping[str, Any]


def words(identifier: str) -> str:
    """An identifier such as a basis, as words."""
    return identifier.replace("_", " ")


def number(value: float | None, unit: str) -> str:
    """A figure in its unit: counts as whole numbers, percentages, rates and indices with one decimal."""
    if value is None:
        return NOT_KNOWN
    if unit.startswith("percent"):
        return f"{value:,.1f} %"
    return f"{value:,.1f}" if unit.startswith(("per ", "index")) else f"{value:,.0f}"


def level(row: Row) -> str:
    """The figure of a year: the number, or its bounds, or that it is not known."""
    if row["value"] is not None:
        text = number(row["value"], row["unit"])
        if row["denominator"] is not None:
            text += f" ({row['numerator']:,.0f} of {row['denominator']:,.0f})"
        return text if row["is_complete"] else f"{text} in {row['months_held']} months"
    return bounds(row["low"], row["high"], row["interval_kind"], row["unit"])


def bounds(low: float | None, high: float | None, kind: str | None, unit: str) -> str:
    """An interval where there is no number: below a list's end, or between two values."""
    if high is None:
        return NOT_KNOWN
    if kind == "censoring" and not low:
        return f"below {number(high, unit)}"
    return f"{number(low, unit)} to {number(high, unit)}"


def signed(value: float, unit: str) -> str:
    """A change with its sign: percent without decimals from 10 on, points with one."""
    if unit == "points":
        return f"{value:+.1f} points"
    return f"{value:+,.0f} %" if abs(value) >= 10 else f"{value:+.1f} %"


def change(row: Row) -> str:
    """The change from the year before, in the words that its kind and its bounds allow."""
    if not row["is_comparable"]:
        return CANNOT_BE_SAID
    if row["kind"] == "stock":
        return _additions(row)
    if row["kind"] == "share":
        return signed(row["yoy_change"], "points")
    if row["yoy_pct"] is not None:
        return signed(row["yoy_pct"], "percent")
    if row["yoy_high"] is None and row["yoy_low"] is not None and row["yoy_low"] > -100:
        return f"more than {signed(row['yoy_low'], 'percent')}"
    return NOT_KNOWN


def _additions(row: Row) -> str:
    text = f"{row['net_additions']:+,.0f} in the year"
    if row["net_additions_pct"] is None:
        return text
    return f"{text} ({signed(row['net_additions_pct'], 'percent')} on {row['net_additions_prior']:,.0f})"


def interval(row: Row) -> str:
    """The interval of the change, with what it covers; empty where both years are plain counts."""
    if row["yoy_interval_kind"] is None or row["yoy_low"] is None or row["yoy_high"] is None:
        return ""
    unit = "points" if row["kind"] == "share" else "percent"
    kind = "sampling only" if row["yoy_interval_kind"] == "sampling" else row["yoy_interval_kind"]
    return f"{signed(row['yoy_low'], unit).removesuffix(' points')} to {signed(row['yoy_high'], unit)} ({kind})"


def tide(row: Row) -> str:
    """The growth of all packages beside which this one is read."""
    if row["tide_pct"] is None:
        return ""
    return f"{signed(row['tide_pct'], 'percent')} (at percentile {row['growth_percentile']:.0f})"
