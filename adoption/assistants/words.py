"""Rows of the file's macros in words: a figure, a change, who is ahead, and what is known of neither.

Belongs here: wording one row. Does not belong here: formatting of numbers (`adoption.reports.format`), or which rows
are asked for (`adoption.assistants.questions`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from adoption.assistants.answer import clauses, clipped
from adoption.reports import format as wording
from adoption.reports.sentences.words import capital

Row = Mapping[str, Any]

REASON: Final = 260
"""So long may a reason be that stands in a line among others."""
NOTHING_KNOWN: Final = "not known"


def ahead(row: Row, labels: Mapping[str, str]) -> str:
    """Who of two is ahead in a metric, by which figures, counted how; or why nobody can say."""
    name = _name(row)
    if row["ahead"] == NOTHING_KNOWN:
        return f"{name}: {wording.NOT_COMPARABLE} ({clauses(row['no_data_reason'], REASON)})"
    leader = f"{labels[row['ahead']]} ahead" if row["ahead"] in labels else str(row["ahead"])
    mine, its = (of_side(row, side) for side in "ab")
    leader = f"{leader}, gained" if row["kind"] == "stock" else f"{leader},"
    ratio = f", {wording.ratio(row['ratio'])}" if row["ratio"] else ""
    months = f" over the {row['common_months']} months that both hold" if row["common_months"] else ""
    return f"{name}: {leader} {mine} against {its}{unit_of(row)}{ratio}{months} ({counted(row)})"


def changes(row: Row, labels: Mapping[str, str], ids: tuple[str, str]) -> Iterator[str]:
    """What became of each of two since the year before, counted as beside each other."""
    for side, entity in zip("ab", ids, strict=True):
        percent, difference = row[f"{side}_yoy_pct"], row[f"{side}_yoy_change"]
        if row["unit"] == "percent" and difference is not None:
            yield f"{labels[entity]}: {wording.signed(difference, 'points')} on {row['year'] - 1}"
        elif percent is not None:
            yield f"{labels[entity]}: {wording.signed(percent, 'percent')} on {row['year'] - 1}"
        else:
            yield f"{labels[entity]}: change on {row['year'] - 1} {wording.NOT_COMPARABLE}"


def of_side(row: Row, side: str) -> str:
    """The figure of one of two; of a stock what it gained in the year."""
    value, low, high = row[f"{side}_value"], row[f"{side}_low"], row[f"{side}_high"]
    if row["kind"] == "stock":
        return wording.gain(value, low, high, row["unit"]) or NOTHING_KNOWN
    return wording.known(value, low, high, row["interval_kind"], row["unit"])


def of_year(row: Row) -> str:
    """A year of an entity in a metric: the figure, what became of it since the year before, and how surely."""
    name = str(row["year"]) + ("" if row["segment"] in (None, "all") else f", {row['segment']}")
    if row["value"] is None and row["low"] is None:
        return f"{name}: {wording.NO_DATA} ({clauses(row['not_comparable_reason'], REASON)})"
    figure = wording.known(row["value"], row["low"], row["high"], row["interval_kind"], row["unit"])
    return f"{name}: {figure}; {change(row)}{beside(row)} ({counted(row)})"


def change(row: Row) -> str:
    """The change of a year, or why none can be said."""
    reached = {"year": _of_a_year, "common months": _of_common_months, "lower bound": _at_least}.get(row["compared_on"])
    text = reached(row) if reached else _gained(row)
    if not text:
        reason = row["not_comparable_reason"] or f"nothing is known of {row['year'] - 1}"
        return f"change {wording.NOT_COMPARABLE}: {clauses(reason, REASON)}"
    direction = row["pace"] if row["kind"] == "stock" else row["direction"]
    return f"{text}, {direction or 'no direction'}"


def _of_a_year(row: Row) -> str:
    if row["kind"] == "stock":
        return _gained(row)
    if row["kind"] == "share" and row["yoy_change"] is not None:
        return wording.signed(row["yoy_change"], "points")
    if row["yoy_pct"] is not None:
        return wording.signed(row["yoy_pct"], "percent")
    unit = "points" if row["kind"] == "share" else "percent"
    ends = [wording.signed(end, unit) for end in (row["yoy_low"], row["yoy_high"]) if end is not None]
    return f"change between {' and '.join(ends)}" if len(ends) == 2 else "change within bounds"


def _of_common_months(row: Row) -> str:
    if row["yoy_common_pct"] is None:
        return ""
    figures = f"{wording.signed(row['yoy_common_pct'], 'percent')} over the {row['periods_compared']} months of both"
    return f"{figures} years ({row['not_comparable_reason']})" if row["not_comparable_reason"] else f"{figures} years"


def _at_least(row: Row) -> str:
    return f"at least {wording.signed(row['yoy_at_least_pct'], 'percent')}"


def _gained(row: Row) -> str:
    """What a stock gained; nothing of any other kind."""
    if row["kind"] != "stock" or row["net_additions"] is None:
        return ""
    percent = row["net_additions_pct"]
    beside = f" ({wording.signed(percent, 'percent')} on what it gained the year before)" if percent is not None else ""
    return f"{wording.gain(row['net_additions'], None, None, row['unit'])} in the year{beside}"


def beside(row: Row) -> str:
    """The median of all packages, where it is known."""
    if row["baseline_growth_pct"] is None:
        return ""
    text = f"; median package {wording.signed(row['baseline_growth_pct'], 'percent')}"
    return text if row["growth_percentile"] is None else f"{text}, at percentile {row['growth_percentile']:.0f}"


def counted(row: Row) -> str:
    """Whose figure it is, counted how, and its grade."""
    basis = wording.words(row["basis"]) if row["basis"] else NOTHING_KNOWN
    return f"{row['source_label']}, {basis}; {graded(row)}"


def graded(row: Row) -> str:
    """The grade alone."""
    return f"grade {row['grade']}" if row["grade"] else "no grade"


def why_graded(row: Row) -> str:
    """The grade with its reason."""
    return capital(clipped(wording.grade(row["grade"], row["grade_reason"]), REASON))


def _name(row: Row) -> str:
    return str(row["label"]) if row["segment"] in (None, "all") else f"{row['label']}, {row['segment']}"


def unit_of(row: Row) -> str:
    """The unit of a count; a share has its own sign."""
    return "" if row["unit"].startswith("percent") else f" {row['unit']}"
