"""Who leads: the clause of a metric, with the figures of both, their ratio, and what became of it in a year."""

from __future__ import annotations

from typing import Final

from adoption.reports import format as wording
from adoption.reports.sentences.words import Row, specifications, way

ANOTHER_WAY: Final = "Both counted in one way"
"""How a sentence begins whose figures are counted in another way than those before it."""
NARROW: Final = 1.05
"""A lead of less than this many times is called narrow."""
CHANGES: Final = {
    ("leads", "gained"): "its lead widened",
    ("leads", "lost"): "its lead shrank",
    ("trails", "gained"): "it made up ground",
    ("trails", "lost"): "it fell further behind",
}


def lead(row: Row) -> str:
    """Who leads, by which figures and in which specifications."""
    against_label = row["against_label"]
    if row["lead"] is None:
        return f"no comparable figure of both it and {against_label}"
    if row["lead_parts"] and row["parts"]:
        return _in_parts(row)
    clause = {"leads": f"it leads {against_label}", "trails": f"it trails {against_label}"}.get(row["lead"])
    clause = clause or f"whether it leads {against_label} is inconclusive"
    text = f"{clause}{narrowly(row)}, {against(row)}{_total(row)}{ratio(row)}{_specifications(row)}"
    own, of_both = (row["source_label"], row["basis"]), (row["lead_source_label"], row["lead_basis"])
    return text if own == of_both or not row["is_level_known"] else f"{ANOTHER_WAY}{way(row, 'lead_')}, {text}"


def narrowly(row: Row) -> str:
    """That a lead is hardly one: both ends of the ratio lie next to one."""
    low, high = row["ratio_low"], row["ratio_high"]
    is_narrow = bool(low and high) and low > 1 / NARROW and high < NARROW
    return " narrowly" if is_narrow and row["lead"] in ("leads", "trails") else ""


def _in_parts(row: Row) -> str:
    led, trailed, parts = row["parts_led"], row["parts_trailed"], row["lead_parts"]
    counts = [f"{verb} in {count}" for verb, count in (("leads", led), ("trails", trailed)) if count]
    tied = parts - led - trailed
    counts += [f"is level or inconclusive in {tied}"] if tied else []
    return f"against {row['against_label']} it {', '.join(counts)} of {wording.plural(parts, row['part_name'])}"


def against(row: Row, counted: str = "") -> str:
    """The two figures, the months that they are of, and how they were counted where nothing before said so."""
    unit = row["unit"]
    if row["kind"] == "stock":
        mine = wording.gain(row["lead_value"], row["lead_low"], row["lead_high"], unit)
        its = wording.gain(row["against_value"], row["against_low"], row["against_high"], unit)
        figures = f"{mine} {_added(row)} against {its}"
    else:
        mine = wording.known(row["lead_value"], row["lead_low"], row["lead_high"], None, unit)
        its = wording.known(row["against_value"], row["against_low"], row["against_high"], None, unit)
        # a list that ends above it knows no more
        figures = f"{wording.of_what(mine, row)} against {its}".replace("below", "less than")
    months = row["lead_common_months"]
    if months is None:
        return f"{figures} ({counted})" if counted else figures
    details = "; ".join(filter(None, (wording.months(row["lead_month_numbers"]), counted)))
    return f"{figures} over the {months} months available of both{f' ({details})' if details else ''}"


def _added(row: Row) -> str:
    """What was added; where one of the two lost, the net of it."""
    lowest = [
        row[f"{side}_low"] if row[f"{side}_value"] is None else row[f"{side}_value"] for side in ("lead", "against")
    ]
    return "net" if any(number is not None and number < 0 for number in lowest) else "added"


def _total(row: Row) -> str:
    if row["kind"] != "stock" or (row["lead_total"] is None and row["lead_total_low"] is None):
        return ""
    mine = wording.known(row["lead_total"], row["lead_total_low"], row["lead_total_high"], None, row["unit"])
    its = wording.known(row["against_total"], row["against_total_low"], row["against_total_high"], None, row["unit"])
    return f" (in total {mine} against {its})"


def ratio(row: Row) -> str:
    """How many times as much, last year as well, and what that makes of the lead."""
    now = _ratio_of_the_year(row)
    before = wording.ratio_between(row["prior_ratio_low"], row["prior_ratio_high"])
    if now is None:
        return ""
    if before is None:
        return f", {now} times"
    changed = _changed(row)
    return f", {now} times after {before} in {row['year'] - 1}{f' ({changed})' if changed else ''}"


def _ratio_of_the_year(row: Row) -> str | None:
    """The ratio, or its bounds; a share that is only known from below bounds it on one side."""
    low, high = row["ratio_low"], row["ratio_high"]
    if low is not None and _is_open(row, "lead_high"):
        return f"at least {wording.times(low)}"
    if high is not None and _is_open(row, "against_high"):
        return f"at most {wording.times(high)}"
    return wording.ratio_between(low, high)


def _is_open(row: Row, bound: str) -> bool:
    """Whether a share is known from below only: it may be all."""
    return row["unit"] == "percent" and row[bound] is not None and row[bound] >= 100


def _changed(row: Row) -> str:
    low, high = row["prior_ratio_low"], row["prior_ratio_high"]
    if row["lead"] == "trails" and low is not None and low > 1:
        return f"{row['against_label']} passed it"
    if row["lead"] == "leads" and high is not None and high < 1:
        return f"it passed {row['against_label']}"
    return CHANGES.get((row["lead"], row["ground"]), "")


def _specifications(row: Row) -> str:
    agreeing, exceptions, inconclusive = (
        row["lead_agreeing"],
        row["lead_exceptions"] or [],
        row["lead_inconclusive"] or [],
    )
    if (
        agreeing is None
        or agreeing + len(exceptions) + len(inconclusive) == 1
        or row["lead"] not in ("leads", "trails")
    ):
        return ""
    answers = zip(exceptions, row["lead_exception_answers"], strict=True)
    texts = [f"{answer} {wording.specification(specification)}" for specification, answer in answers]
    return f", {specifications(agreeing, texts, inconclusive)}"


def turned(row: Row) -> Row:
    """The same lead, told of the other contender."""
    other = {**row, "entity_label": row["against_label"], "against_label": row["entity_label"], "lead": "leads"}
    for end in ("value", "low", "high"):
        other[f"lead_{end}"], other[f"against_{end}"] = row[f"against_{end}"], row[f"lead_{end}"]
    for name in ("ratio", "prior_ratio"):
        other[f"{name}_low"], other[f"{name}_high"] = _inverse(row[f"{name}_high"]), _inverse(row[f"{name}_low"])
    other["ground"] = {"gained": "lost", "lost": "gained"}.get(row["ground"], row["ground"])
    return other


def _inverse(number: float | None) -> float | None:
    return 1 / number if number else None
