"""Numbers and marks as people read them, in one way everywhere.

Belongs here: formatting of figures of the marts. Does not belong here: choosing what to show, or layout.
"""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Mapping, Sequence
from math import floor, log10
from typing import Any

NOT_KNOWN = "not known"
INCONCLUSIVE, NOT_COMPARABLE, NO_DATA = "inconclusive", "not comparable", "no data"
UNSAID = (INCONCLUSIVE, NOT_COMPARABLE, NO_DATA)
"""The directions that say none: the interval holds zero, a rule forbids the comparison, nothing is available."""
STOCK_MOVES = {"up": "grew", "down": "shrank"}
"""What is said of a stock, which is never up or down, where bounds of what was added are known only."""
GRADES = {
    "A": "exact and whole",
    "B": "near the calendar year, or a small bias is suspected",
    "C": "estimated, sampled, decoded or mixed",
    "D": "heavily undercounted, incomplete or a proxy",
}
"""What each grade means, where no reason of its own is known."""
SPECIFICATIONS = {
    "with_nightly": "with nightly builds",
    "with_variants": "with the variants of the package",
    "standardised": "with the countries and roles of the year before",
    "common_months": "over the months that both years hold",
    "calendar_year": "over the calendar year",
    "twelve_months": "over twelve months",
    "totals": "by totals",
}
"""Choices that do not say themselves how they differ."""
FOLD = 1000
"""From so many percent on a growth is told as a multiple: of a tiny beginning a percentage tells nothing."""
FRACTIONAL = ("percent", "per ", "index")
READABLE_WHOLE = 1_000_000
Row = Mapping[str, Any]


def words(identifier: str) -> str:
    """An identifier such as a basis, as words."""
    return identifier.replace("_", " ")


def number(value: float | None, unit: str, decimals: int | None = None) -> str:
    """A figure in its unit: counts whole; percentages, rates, indices with one decimal, below one with three digits."""
    if value is None:
        return NOT_KNOWN
    if not unit.startswith(FRACTIONAL):
        return f"{value:,.0f}"
    places = decimals if decimals is not None else _decimals(value, 3)
    return f"{value:,.{places}f} %" if unit.startswith("percent") else f"{value:,.{places}f}"


def _decimals(value: float, digits: int) -> int:
    """How many decimals to show: one, and of a number below one as many as show so many digits of it."""
    return 1 if abs(value) >= 1 or value == 0 else digits - 1 - floor(log10(abs(value)))


def plural(count: int, noun: str) -> str:
    """How many of something."""
    return f"{count:,} {noun if count == 1 else f'{noun}s'}"


def level(row: Row) -> str:
    """The figure of a year: the number, or its bounds, or that it is not known."""
    if row["value"] is None:
        return bounds(row["low"], row["high"], row["interval_kind"], row["unit"]) + _of(row)
    text = number(row["value"], row["unit"])
    return text + _of(row) if row["is_complete"] else f"{text} in {plural(row['months_held'], 'month')}"


def prior_level(row: Row) -> str:
    """The figure of the year before, or its bounds, or that it is not known."""
    if row["prior_value"] is None:
        return bounds(row["prior_low"], row["prior_high"], None, row["unit"])
    text = number(row["prior_value"], row["unit"])
    return text if row["is_prior_complete"] else f"{text} in {plural(row['prior_months_held'], 'month')}"


def known(value: float | None, low: float | None, high: float | None, kind: str | None, unit: str) -> str:
    """What is known of a figure: the number, or its bounds, or that it is not known."""
    if value is not None:
        return number(value, unit)
    if low is not None and low == high:
        return number(low, unit)
    return bounds(low, high, kind, unit)


def of_what(level: str, row: Row) -> str:
    """A level with what it is of: a rate is nothing without it."""
    return f"{level} {row['unit']}" if row["kind"] == "rate" and level != NOT_KNOWN else level


def gain(value: float | None, low: float | None, high: float | None, unit: str) -> str | None:
    """What a stock gained: the number with its sign, or its bounds; None where nothing is known."""
    if value is not None:
        return _signed_count(value, unit)
    if low is None or high is None:
        return None
    return _signed_count(low, unit) if low == high else f"{_signed_count(low, unit)} to {_signed_count(high, unit)}"


def _signed_count(value: float, unit: str) -> str:
    return f"{'-' if value < 0 else '+'}{number(abs(value), unit)}"


def size(change: float, unit: str) -> str:
    """A change without its sign; many times as much as a multiple."""
    if unit == "percent" and change >= FOLD:
        return f"{1 + change / 100:,.0f}-fold"
    return signed(abs(change), unit).removeprefix("+")


def ratio_between(low: float | None, high: float | None) -> str | None:
    """How many times as much, or between which bounds; None where it is not known."""
    if not low:
        return f"at most {times(high)}" if high else None
    if high is None:
        return f"at least {times(low)}"
    return times(low) if times(low) == times(high) else f"{times(low)} to {times(high)}"


def times(number: float) -> str:
    """A ratio with two decimals, below a tenth and next to one with three, from a hundred on with none."""
    if 0 < number < 0.001:
        return f"{number:.{_decimals(number, 1)}f}"
    is_next_to_one = number != 1 and f"{number:.2f}" == "1.00"
    return f"{number:,.{0 if number >= 100 else 3 if number < 0.1 or is_next_to_one else 2}f}"


def months(numbers: Sequence[int] | None) -> str:
    """Months by name, those that follow one another as one stretch; empty for none and for all twelve."""
    if not numbers or len(numbers) == 12:
        return ""
    starts = [month for month in numbers if month - 1 not in numbers]
    ends = [month for month in numbers if month + 1 not in numbers]
    return ", ".join(
        month_name[first] if first == last else f"{month_name[first]} to {month_name[last]}"
        for first, last in zip(starts, ends, strict=True)
    )


def grade(letter: str | None, reason: str | None = None) -> str:
    """A grade as a letter and in words: its own reason, or what the letter means."""
    if letter is None:
        return "no grade"
    clauses = reasons(reason) if reason and letter != "A" else [GRADES[letter]]
    # a clause of a sentence, so that no semicolon stands in it
    return f"grade {letter}: {', '.join(clauses)}"


def reasons(text: str) -> list[str]:
    """The reasons of a grade, each once; one of the year before only if it is not of the year as well."""
    clauses = dict.fromkeys(text.split("; "))
    return [clause for clause in clauses if not re.match(r"\d{4}: ", clause) or clause[6:] not in clauses]


def specification(choice: str) -> str:
    """One way of computing a figure, in words that follow a verdict."""
    named = SPECIFICATIONS.get(choice)
    if named is not None:
        return named
    part, _, value = choice.partition("=")
    if value:
        return f"among those whose {part} is {value}"
    basis, _, source = choice.partition(" by ")
    return f"when counted as {words(basis)}{f' ({words(source)})' if source else ''}"


def specifications(choices: Sequence[str]) -> str:
    """Several ways of computing a figure: of those that differ in their source alone the way is said once."""
    by_way: dict[str, list[str]] = {}
    for choice in choices:
        basis, by, source = choice.partition(" by ")
        by_way.setdefault(specification(basis), []).extend([words(source)] if by else [])
    return ", ".join(f"{way} ({', '.join(sources)})" if sources else way for way, sources in by_way.items())


def _of(row: Row) -> str:
    """Of how many, where that can be read: not for parts of a whole of billions."""
    total = row["denominator"]
    if total is None or total >= READABLE_WHOLE:
        return ""
    if row["numerator"] is not None:
        return f" ({row['numerator']:,.0f} of {total:,.0f})"
    if row["low"] is None or row["high"] is None:
        return f" (of {total:,.0f})"
    scale = 100 if row["kind"] == "share" else 1000
    ends = dict.fromkeys(f"{row[end] * total / scale:,.0f}" for end in ("low", "high"))
    return f" ({' to '.join(ends)} of {total:,.0f})"


def bounds(low: float | None, high: float | None, kind: str | None, unit: str) -> str:
    """An interval where there is no number: below a list's end, at least a part, or between two values."""
    if low is None or high is None:
        return NOT_KNOWN
    if unit == "percent" and high >= 100:
        return f"at least {number(low, unit)}"
    # a share ends at nothing, not at the end of a list
    if low == 0 and (kind == "censoring" or (kind is None and unit != "percent")):
        return f"below {number(high, unit)}"
    shown = number(low, unit), number(high, unit)
    if shown[0] != shown[1]:
        return " to ".join(shown)
    finer = number(low, unit, 2), number(high, unit, 2)
    return shown[0] if finer[0] == finer[1] else " to ".join(finer)


def signed(value: float, unit: str) -> str:
    """A change with its sign: percent without decimals from 10 on, points with one, below one with two digits."""
    if unit == "points":
        return f"{value:+.{_decimals(value, 2)}f} points"
    return f"{value:+,.0f} %" if abs(value) >= 10 else f"{value:+.1f} %"


def change(row: Row) -> str:
    """The change from the year before, in the words that its kind and its bounds allow."""
    if not row["is_comparable"]:
        direction = str(row["direction"] or NOT_COMPARABLE)
        return _in_part(row) or (STOCK_MOVES.get(direction, direction) if row["kind"] == "stock" else direction)
    text = _change(row)
    return f"{text}?" if row["direction"] in UNSAID and row["other_ways"] and row["yoy_interval_kind"] is None else text


def _in_part(row: Row) -> str:
    """The change of two years that are not both whole: over their common months, or at least; empty if neither."""
    if row["compared_on"] == "common months" and row["yoy_common_pct"] is not None:
        return f"{signed(row['yoy_common_pct'], 'percent')} over {row['common_months']} months"
    if row["compared_on"] == "lower bound":
        return f"at least {signed(row['yoy_at_least_pct'], 'percent')}"
    return ""


def _change(row: Row) -> str:
    if row["kind"] == "stock":
        return _additions(row)
    if row["kind"] == "share" and row["yoy_change"] is not None:
        return signed(row["yoy_change"], "points")
    if row["yoy_pct"] is not None:
        return signed(row["yoy_pct"], "percent")
    if row["yoy_change"] is not None:
        return f"+{number(row['yoy_change'], row['unit'])}, from none"
    if row["yoy_high"] is None and row["yoy_low"] is not None and row["yoy_low"] > -100:
        return f"more than {signed(row['yoy_low'], 'percent')}"
    return "within bounds" if row["yoy_low"] is not None else NOT_KNOWN


def _additions(row: Row) -> str:
    if row["net_additions"] is None:
        is_bounded = None not in (row["low"], row["high"]) or row["yoy_low"] is not None
        return "within bounds" if is_bounded else NOT_KNOWN
    text = f"{row['net_additions']:+,.0f} in the year"
    if row["net_additions_pct"] is None or row["net_additions_prior"] is None:
        return text
    return f"{text} ({signed(row['net_additions_pct'], 'percent')} on {row['net_additions_prior']:,.0f})"


def interval(row: Row) -> str:
    """The interval of the change, with what it covers; empty where both years are plain counts."""
    if row["yoy_interval_kind"] is None or row["yoy_low"] is None or row["yoy_high"] is None:
        return ""
    unit = "points" if row["kind"] == "share" else "percent"
    kind = "sampling only" if row["yoy_interval_kind"] == "sampling" else row["yoy_interval_kind"]
    return f"{signed(row['yoy_low'], unit).removesuffix(' points')} to {signed(row['yoy_high'], unit)} ({kind})"


def ratio(value: float) -> str:
    """How many times as much."""
    return f"{value:.2f} x"


def baseline(row: Row) -> str:
    """The growth of all packages beside which this one is read."""
    if row["baseline_growth_pct"] is None:
        return ""
    text = signed(row["baseline_growth_pct"], "percent")
    # where only bounds of the growth are known it has no place among the others
    return text if row["growth_percentile"] is None else f"{text} (at percentile {row['growth_percentile']:.0f})"


def minus(text: str) -> str:
    """A text in which a minus is no hyphen; the hyphens of dates and names stay."""
    return re.sub(r"(?<![\w-])-(?=\d)", "\u2212", text)
