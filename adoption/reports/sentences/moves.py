"""How a metric moved: the figure and its year before, beside all packages and the other one, and how surely."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from adoption.reports import format as wording
from adoption.reports.sentences.words import Row, level, prior_level, specifications, way

PACES: Final = {
    "faster": "grew faster",
    "slower": "grew more slowly",
    "steady": "grew at the same pace",
}
"""What is said of a stock, which piles up: it is never up or down."""

MONTHS: Final = 12

CHANCE: Final = "before chance is allowed for"
"""What bounds of small counts are, that hold no zero and say no direction all the same."""


def moves(row: Row) -> Iterator[str]:
    """The clauses on the contender itself."""
    yield _moved(row) + _baseline(row)
    yield from filter(None, (_members(row), _beside(row), own_count(row), _specifications(row), _standardised(row)))


def _moved(row: Row) -> str:
    """How it moved, with the figure, its year before, and how it was counted."""
    if not row["is_level_known"]:
        return (
            f"no figure of {row['entity_label']} at the end of {row['year']}"
            if row["kind"] == "stock"
            else (f"no figure of {row['entity_label']} for {row['year']}")
        )
    if row["parts"]:
        return _in_parts(row) + way(row)
    worded = _of_a_stock if row["kind"] == "stock" else ON[row["compared_on"]]
    return worded(row)


def _in_parts(row: Row) -> str:
    label, compared, prior = row["entity_label"], row["parts_compared"], row["year"] - 1
    if not compared:
        return f"not comparable with {prior} ({row['not_comparable_reason']})"
    up, down = row["parts_up"], row["parts_down"]
    counts = [f"{move} in {count}" for move, count in (("up", up), ("down", down)) if count]
    open_ones = compared - up - down
    counts += [f"inconclusive in {open_ones}"] if open_ones else []
    return f"{label} is {', '.join(counts)} of {wording.plural(compared, row['part_name'])}"


def _of_a_stock(row: Row) -> str:
    """By what it gained, and at which pace."""
    label, prior, unit = row["entity_label"], row["year"] - 1, row["unit"]
    gained = wording.gain(row["change"], row["change_low"], row["change_high"], unit)
    ends = f"{row['year']} at {level(row)}{way(row)}"
    if gained is None:
        return f"{label} ends {ends}, not comparable with {prior} ({_why(row)})"
    shrank = (row["change"] if row["change"] is not None else row["change_high"]) < 0
    verb = "shrank" if shrank else PACES.get(row["move"], "grew" if _surely_grew(row) else "changed")
    return f"{label} {verb}, {gained}{_after(row)}, and ends {ends}{_pace_unsaid(row, shrank)}"


def _surely_grew(row: Row) -> bool:
    """Whether the number, or the lower end of what is known of it, is no loss."""
    return bool((row["change"] if row["change"] is not None else row["change_low"]) >= 0)


def _after(row: Row) -> str:
    """What a stock gained in the year before, and how much less or more that is."""
    before = wording.gain(row["change_prior"], row["change_prior_low"], row["change_prior_high"], row["unit"])
    percent = row["change_of_change_pct"]
    growth = f" ({wording.signed(percent, 'percent')})" if percent is not None else ""
    return "" if before is None else f" after {before} in {row['year'] - 1}{growth}"


def _pace_unsaid(row: Row, shrank: bool) -> str:
    """Why no pace is said of a stock; empty where one is, or where it lost."""
    if not _after(row):
        verb = "shrank" if shrank else "grew"
        return f"; whether it {verb} faster is not comparable (what was added in {row['year'] - 1} is not known)"
    return "; whether that is faster is inconclusive" if row["move"] not in PACES and not shrank else ""


def _on_a_year(row: Row) -> str:
    """Of two whole years."""
    label, prior, now, before = row["entity_label"], row["year"] - 1, level(row), prior_level(row)
    change = row["change"] if row["change_unit"] in ("percent", "points") else None
    if row["move"] == "flat":
        return f"{label} is flat at {now}{way(row)}"
    if row["move"] in ("up", "down"):
        return f"{label} is {row['move']}{_size(row, change)}, to {now} from {before} in {prior}{way(row)}"
    change_text = f" ({wording.signed(change, row['change_unit'])})" if change is not None else ""
    return f"{label} {_stands(row)}, after {before} in {prior}{change_text}{way(row)}: inconclusive{_doubt(row)}"


def _size(row: Row, change: float | None) -> str:
    """By how much, or by how much at least."""
    unit = row["change_unit"]
    if change is not None:
        return f" {wording.size(change, unit)}"
    if row["change"] is not None:
        return " from none"
    bound = row["change_low"] if row["move"] == "up" else row["change_high"]
    return "" if bound is None else f" at least {wording.size(bound, unit)}"


def _doubt(row: Row) -> str:
    """Why two years that compare do not say a direction."""
    if row["direction_exceptions"]:
        return ", as the ways of counting disagree"
    low, high, unit = row["change_low"], row["change_high"], row["change_unit"]
    if low is not None and high is not None:
        between = _between(low, high, unit)
        return (
            f", as the change lies {between}" if low <= 0 <= high else f", as the counts are small ({between} {CHANCE})"
        )
    if low is not None:
        return ", as the year before may be next to nothing"
    return ", as it is no more than the method moves by itself" if row["change"] is not None else ""


def _between(low: float, high: float, unit: str) -> str:
    """Two ends of a change, or the one that both are."""
    ends = wording.signed(low, unit), wording.signed(high, unit)
    return ends[0] if ends[0] == ends[1] else f"between {ends[0]} and {ends[1]}"


def _on_common_months(row: Row) -> str:
    """Of the months that both years hold."""
    label, unit, months = row["entity_label"], row["unit"], row["common_months"]
    change = row["yoy_common_pct"]
    over = f"over the {months} months that are available of both years"
    figures = ""
    if row["common_value"] is not None and row["common_prior_value"] is not None:
        now, before = (wording.number(row[name], unit) for name in ("common_value", "common_prior_value"))
        figures = f", {wording.of_what(now, row)} after {before}"
    if row["move"] in ("up", "down"):
        bound = row["yoy_common_low"] if row["move"] == "up" else row["yoy_common_high"]
        least = f" at least {wording.size(bound, 'percent')}" if bound is not None else ""
        size = f" {wording.size(change, 'percent')}" if change is not None else least
        text = f"{label} is {row['move']}{size} {over}{figures}"
    else:
        low, high = row["yoy_common_low"], row["yoy_common_high"]
        change_text = wording.signed(change, "percent") if change is not None else "not known as a number"
        if low is not None and high is not None:
            change_text = _between(low, high, "percent")
            change_text += "" if low <= 0 <= high else f" {CHANCE}, as the counts are small"
        text = f"whether {label} is up {over} is inconclusive ({change_text}{figures})"
    least = row["yoy_at_least_pct"]
    more = f", and up at least {wording.size(least, 'percent')} on the whole year before, as counted" if least else ""
    return f"{text}{more}{way(row)}"


def _on_a_lower_bound(row: Row) -> str:
    return (
        f"{row['entity_label']} is up at least {wording.size(row['yoy_at_least_pct'], 'percent')}, as counted: "
        f"{level(row)} in {_available_months(row)}, after {prior_level(row)} in all of {row['year'] - 1}{way(row)}"
    )


def _on_nothing(row: Row) -> str:
    part = "" if row["is_complete"] or row["months_held"] is None else f" in {_available_months(row)}"
    figure = f"{row['entity_label']} {_stands(row)}{part}{way(row)}"
    return f"{figure}, not comparable with {row['year'] - 1} ({_why(row)})"


ON: Final[dict[str | None, Callable[[Row], str]]] = {
    "year": _on_a_year,
    "common months": _on_common_months,
    "lower bound": _on_a_lower_bound,
    None: _on_nothing,
}
"""How a change is said, by what it rests on."""


def _available_months(row: Row) -> str:
    months = row["months_held"]
    return f"the {wording.plural(months, 'month')} of {row['year']} that {'is' if months == 1 else 'are'} available"


def _why(row: Row) -> str:
    return row["not_comparable_reason"] or f"nothing is available of {row['year'] - 1}"


def _stands(row: Row) -> str:
    """The figure with its verb: what is counted one has, at a share or a rate one stands."""
    figure = level(row)
    if row["kind"] == "flow":
        return f"has {figure.replace('below', 'less than')}"
    return f"is {figure}" if figure.startswith(("below", "at least")) else f"is at {figure}"


def _baseline(row: Row) -> str:
    """Where the growth stands among all packages of the same list."""
    percentile = row["growth_percentile"]
    if percentile is None:
        return ""
    median, other = row["baseline_growth_pct"], row["against_percentile"]
    grew = row["yoy_common_pct"] if row["compared_on"] == "common months" else row["change"]
    comparison = (
        ", but less than the median package" if row["move"] == "up" and grew is not None and grew < median else ""
    )
    text = f"{comparison}, at percentile {percentile:.0f} of all packages (median {wording.signed(median, 'percent')})"
    if other is None:
        return text
    # five points of a hundred are no difference
    against = row["against_label"]
    beside = f"level with {against} at" if abs(percentile - other) < 5 else f"where {against} is at"
    return f"{text}, {beside} {other:.0f}"


def _members(row: Row) -> str:
    """The members, where they moved alike and the contender as a whole says nothing; one that stayed, alone."""
    labels, move = row["member_labels"], row["member_direction"]
    if not labels:
        return ""
    unit = "points" if row["kind"] == "share" else "percent"
    sizes = [f" {wording.size(change, unit)}" if change is not None else "" for change in row["member_changes"]]
    if len(labels) == 1:
        return f"{labels[0]} alone is {move}{sizes[0]}"
    each = ", ".join(f"{label} {move}{size}" for label, size in zip(labels, sizes, strict=True))
    return f"its parts moved alike, {each}"


def _beside(row: Row) -> str:
    """How the other one moved, counted in the same way and over the same time."""
    change = row["against_change_pct"]
    if change is None or row["compared_on"] not in ("year", "common months") or row["kind"] in ("stock", "share"):
        return ""
    return f"{row['against_label']} {wording.signed(change, 'percent')}"


def own_count(row: Row) -> str:
    """The contender's own best figure, where the two are shown in another way."""
    if row["own_basis"] is None:
        return ""
    known = wording.known(row["own_value"], row["own_low"], row["own_high"], None, row["unit"])
    change = row["own_change_pct"]
    # a total grows nearly always: of a stock the change is that of what was added
    added = " additions" if row["kind"] == "stock" else ""
    growth = "" if change is None else f",{added} {wording.signed(change, 'percent')}"
    months, common = row["own_months_held"], row["own_common_months"]
    part = f" in {wording.plural(months, 'month')}" if row["kind"] == "flow" and months and months < MONTHS else ""
    over = f" over the {common} months that are available of both years" if growth and common else ""
    return f"by its own preferred count {wording.of_what(known, row)}{part}{growth}{over}{way(row, 'own_')}"


def _specifications(row: Row) -> str:
    """In how many ways of computing it the answer is the same, and which say another one."""
    agreeing, exceptions = row["direction_agreeing"], row["direction_exceptions"] or []
    open_ones = row["direction_inconclusive"] or []
    if agreeing is None or row["parts"] or row["compared_on"] != "year" or row["move"] == "not comparable":
        return ""
    if agreeing + len(exceptions) + len(open_ones) == 1:
        return "no other specification can be computed"
    answers = zip(exceptions, row["direction_exception_answers"], strict=True)
    other = [f"{_direction(row, answer)} {wording.specification(specification)}" for specification, answer in answers]
    answer = _direction(row, row["direction_answer"])
    return f"{answer} {specifications(agreeing, other, open_ones)}"


def _direction(row: Row, answer: str) -> str:
    """A direction in the words of the metric's kind."""
    return (
        {"up": "faster", "down": "slower", "flat": "steady"}.get(answer, answer) if row["kind"] == "stock" else answer
    )


def _standardised(row: Row) -> str:
    if row["yoy_standardised"] is None or row["compared_on"] != "year":
        return ""
    return f"{wording.signed(row['yoy_standardised'], 'points')} with the countries and roles of {row['year'] - 1}"
