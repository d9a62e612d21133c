"""The headline: who leads in how many channels and by how much, what became of the lead, and what moved which way."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Sequence
from typing import Final

from adoption.reports import format as wording
from adoption.reports.sentences.leads import against, narrowly, ratio, turned
from adoption.reports.sentences.words import Row, counted, counted_as, named

MOVES: Final = ("up", "down", "faster", "slower", "flat", "steady", "mixed", "inconclusive")
"""Every verdict of a change that is counted, in the order of the sentence."""
LEADS: Final = (
    ("leads", "leads", "led"),
    ("trails", "trails", "trailed"),
    ("is mixed", "is mixed against", "mixed"),
    ("is inconclusive", "is inconclusive against", "undecided"),
)
"""How a lead is said, how it is said with whom, and the columns that count it."""
GROUNDS: Final = (
    ("lead_shrank_in", "lost some of its lead"),
    ("lead_widened_in", "widened its lead"),
    ("fell_behind_in", "lost ground"),
    ("caught_up_in", "made up ground"),
)
THIN: Final = 3
"""With fewer channels of both than this a headline says first what is missing."""


def headline(row: Row) -> str:
    """The first line of a brief."""
    missing = row["channels_not_measured"] or []
    summary = "; ".join(
        part for part in (_leads(row), _foremost(row), _growth(row), _grounds(row), _moves(row)) if part
    )
    if unreleased := _unreleased(row):
        return f"{_when(row)} {unreleased}: {summary}."
    if row["channels_measured"] < THIN and missing:
        return f"{_thin(row, missing)}: {summary}."
    unmeasured = f"; no data of both: {', '.join(missing)}" if missing else ""
    return f"{_when(row)} {summary}{unmeasured}."


def _when(row: Row) -> str:
    """The year; of one that is not over, how far it is known at most."""
    newest = row["newest_month_of_year"]
    return f"In {row['year']}{f', up to {month_name[newest.month]},' if newest else ''}"


def _unreleased(row: Row) -> str:
    """Who was not released in that year, where nothing can therefore be compared; empty where both were."""
    if row["channels_measured"]:
        return ""
    both = ((row["entity_label"], row["released"]), (row["against_label"], row["against_released"]))
    later = [f"{label} (released {day})" for label, day in both if day is not None and day.year > row["year"]]
    return f"{' and '.join(later)} cannot be compared" if later else ""


def _thin(row: Row, missing: Sequence[str]) -> str:
    """What is missing, where too little is there to speak of the whole."""
    measured, channels = row["channels_measured"], row["channels_measured"] + len(missing)
    some = f"only {measured} of {channels} channels {'has' if measured == 1 else 'have'}"
    some = some if measured else f"none of {channels} channels has"
    return f"{_when(row)} {some} data of both {row['entity_label']} and {row['against_label']}{_no_data(missing)}"


def _no_data(missing: Sequence[str]) -> str:
    return f" (no data: {', '.join(missing)})"


def _leads(row: Row) -> str:
    """In how many channels it leads, trails, and neither."""
    groups = [(verb, with_name, row[f"{name}_in"]) for verb, with_name, name in LEADS if row[f"{name}_in"]]
    if not groups:
        return ""
    (_, with_name, channels), *rest = groups
    of = f"of {wording.plural(row['channels_measured'], 'channel')} with data of both"
    first = f"{row['entity_label']} {with_name} {row['against_label']} in {len(channels)} {of}{named(channels)}"
    return ", ".join([first, *(f"{verb} in {counted(others)}" for verb, _, others in rest)])


def _foremost(row: Row) -> str:
    """The lead that is said in numbers: whose, by how much, over which months."""
    if row["metric_label"] is None:
        return ""
    leader = row if row["lead"] == "leads" else turned(row)
    figures = against(leader, counted_as(row, "lead_"))
    return f"{leader['entity_label']} is{narrowly(leader)} ahead in {row['metric_label']}, {figures}{ratio(leader)}"


def _grounds(row: Row) -> str:
    """What became of the lead, metric by metric that compares with the year before."""
    compared = row["leads_compared"]
    if not compared:
        return ""
    of = f"{wording.plural(compared, 'metric')} compared with {row['year'] - 1}"
    moves = ", ".join(f"{verb} in {counted(row[name])}" for name, verb in GROUNDS if row[name])
    if moves:
        return f"{row['entity_label']} {moves}, of {of}"
    return f"who gained on whom is inconclusive in {'all ' if compared > 1 else ''}{of}"


def _moves(row: Row) -> str:
    """In how many channels it is up, down, slower or faster, and inconclusive, of those that compare."""
    label, compared, prior = row["entity_label"], row["channels_compared"], row["year"] - 1
    if not compared:
        return f"no channel of {label} compares with {prior}"
    moves = ", ".join(f"{move} in {counted(row[f'moves_{move}_in'])}" for move in MOVES if row[f"moves_{move}_in"])
    compare = "compares" if compared == 1 else "compare"
    return f"{label} is {moves}, of {wording.plural(compared, 'channel')} that {compare} with {prior}"


def _growth(row: Row) -> str:
    """What it grew by in the first metric that has all packages beside it: up alone may mean less than everyone."""
    if row["growth_metric_label"] is None:
        return ""
    months = row["growth_months"]
    over = "" if months is None else f" over {wording.plural(months, 'month')} of both years"
    beside = [f"the median package {wording.signed(row['baseline_growth_pct'], 'percent')}"]
    if row["against_change_pct"] is not None:
        beside.append(f"{row['against_label']} {wording.signed(row['against_change_pct'], 'percent')}")
    own = f"{row['entity_label']} {wording.signed(row['growth_pct'], 'percent')}"
    return f"{row['growth_metric_label']}{over}: {', '.join([own, *beside])}"
