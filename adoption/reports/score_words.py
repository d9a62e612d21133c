"""A score in a few letters, as the screen and the page show it.

Belongs here: words of one row. Does not belong here: which rows there are (`adoption.reports.scoreboard`), or layout.
"""

from __future__ import annotations

from adoption.reports import format as wording
from adoption.reports.format import minus
from adoption.reports.scoreboard import TOO_CLOSE, Row, Score, compact, in_words

PART = "*"
NOT_COMPARABLE, UNCLEAR, NO_DATA = "n/c", "unclear", "no data"
UNSAID = {"not comparable": NOT_COMPARABLE, "inconclusive": UNCLEAR, "mixed": UNCLEAR, "no data": NO_DATA}
"""The verdicts that say no direction."""
GRADES = {"A": "A, exact", "B": "B, nearly exact", "C": "C, estimated", "D": "D, rough"}


def prior(score: Score) -> str:
    """The year before; of a stock, what it gained."""
    return _level(score, "prior_")


def level(score: Score) -> str:
    """The year; of a stock, what it gained."""
    return _level(score, "")


def _level(score: Score, year: str) -> str:
    """What a year held, by the names of its columns: the year's own, or those of the year before."""
    row = score.row
    if row["kind"] == "stock":
        return added(row[f"level_{year}additions"])
    text = _figure(row[f"level_{year}value"], row[f"level_{year}low"], row["unit"] or "")
    return text if row[f"level_is_{year}complete"] or not text else f"{text}{PART}"


def _figure(value: float | None, low: float | None, unit: str) -> str:
    """The number, or the least that it is."""
    if value is not None:
        return compact(value, unit)
    return f"\u2265{compact(low, unit)}" if low else ""


def added(value: float | None) -> str:
    """What a stock gained."""
    return "" if value is None else f"{'+' if value >= 0 else ''}{compact(value, '')}"


def levels_in_full(row: Row) -> tuple[str, str]:
    """The year before and the year, with every digit; of a stock, what it gained."""
    if row["kind"] == "stock":
        gained = (row["level_prior_additions"], row["level_additions"])
        before, now = ("" if value is None else f"{value:+,.0f}" for value in gained)
        return before, now
    unit = row["unit"] or ""
    texts = []
    for year in ("prior_", ""):
        value, low, high = (row[f"level_{year}{name}"] for name in ("value", "low", "high"))
        is_known = value is not None or (low is not None and high is not None)
        text = wording.number(value, unit) if value is not None else wording.bounds(low, high, None, unit)
        texts.append("" if not is_known else text if row[f"level_is_{year}complete"] else f"{text}{PART}")
    return texts[0], texts[1]


def change(score: Score) -> str:
    """The change in a few letters; the direction alone where a percentage would mislead."""
    row = score.row
    move = str(row["move"])
    if move in UNSAID:
        return UNSAID[move]
    if row["kind"] == "stock":
        return move
    change, unit = row["change"], row["change_unit"]
    if row["compared_on"] == "common months" and row["yoy_common_pct"] is not None:
        change, unit = row["yoy_common_pct"], "percent"
    if change is None or unit not in ("percent", "points"):
        return move
    return minus(wording.signed(change, unit)).replace(" points", " pt")


def baseline(score: Score) -> str:
    """The growth of the median package."""
    value = score.row["baseline_growth_pct"]
    return "" if value is None else minus(wording.signed(value, "percent"))


def standing(score: Score) -> str:
    """Who is ahead, and how many times, or in how many parts."""
    words = in_words(score.ratio)
    if words and score.row["lead"] == "inconclusive":
        return TOO_CLOSE  # the ratio of the figures alone knows nothing of chance
    if words or not score.row["lead"]:
        return words or NO_DATA
    parts = {"leads": score.row["parts_led"], "trails": score.row["parts_trailed"]}
    side = {"leads": "ahead", "trails": "behind"}.get(score.row["lead"]) or str(score.row["lead"])
    count, of = parts.get(score.row["lead"]), score.row["lead_parts"]
    return f"{side} {count}/{of}" if count and of and of > 1 else side
