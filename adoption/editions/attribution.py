"""Why a number differs between two warehouses: the extracts behind it, or the rules.

Belongs here: what is new among the extracts of two published files, and which of it is behind a row. Does not belong
here: finding the rows that differ (`adoption.editions.diff`).

A row that names its extracts is traced to them. A row that compares or sums up is traced to the extracts behind the
observations of its metric and source that differ; failing that to its source, its metric, a change of the rules, or
anything that is new at all. A difference that none of this explains is called unexplained: it should not exist.

As of a day an extract may be landed and silent, as nothing of it was out by then. What is silent explains nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard

from adoption.warehouse import fingerprint
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

Row = Mapping[str, Any]
NAMED = 3
"""How many extracts a reason names; the record lists all of them."""

EXTRACTS = """
select
    extract_id, source_id, scope_key, filename, kind, retracts, reason, landed_at,
    -- a withdrawal counts on every day; where the whole has no moment of its own, its rows have
    day is null or kind = 'retracted' or coalesce(
        available_at::date <= day, extract_id in (select extract_id from {0}.marts.fct_observations)
    ) as speaks
from {0}.meta.extracts
cross join (select ?::date as day)
where status <> 'refused'
order by landed_at, extract_id
"""
CHANGED = """
select distinct
    coalesce(after.metric_id, before.metric_id) as metric_id, coalesce(after.source_id, before.source_id) as source_id,
    before.extract_id as before_id, after.extract_id as after_id
from before.marts.fct_observations as before
full join after.marts.fct_observations as after using (series_id, period_start, period_end)
where (before.value, before.numerator, before.denominator, before.low, before.high)
    is distinct from (after.value, after.numerator, after.denominator, after.low, after.high)
    or before.extract_id is null or after.extract_id is null
order by all
"""


@dataclass(frozen=True)
class Why:
    """A reason: its kind, in words, and the extracts that it rests on.

    The kind is `new extract`, `revision`, `withdrawal`, `release` (as of two different days), `rule` or
    `unexplained`; of several kinds all are named.
    """

    kind: str
    text: str
    extracts: tuple[str, ...] = ()


UNEXPLAINED = Why("unexplained", "no extract and no rule differs that could explain it")


@dataclass(frozen=True)
class Causes:
    """What differs between two files, attached as `before` and `after`, that can move a number.

    `rules` are the kinds of rules that changed, in words. `events` are reasons by the extract that counts in one file
    only; `released` are those by extract where the files were built as of different days.
    """

    rules: tuple[str, ...]
    events: Mapping[str, Why]
    released: Mapping[str, Why]
    by_source: Mapping[str, frozenset[Why]]
    by_way: Mapping[tuple[str, str], frozenset[Why]] = field(default_factory=dict)

    def of(self, before: Row | None, after: Row | None) -> Why:
        """Why a row differs, given what it says of itself in both files (None where it is not there)."""
        reasons = next((whys for whys in self._candidates(before, after) if whys), frozenset({UNEXPLAINED}))
        return together(reasons)

    def _candidates(self, before: Row | None, after: Row | None) -> Iterator[AbstractSet[Why]]:
        """What may explain a row, the nearest first."""
        row = after or before or {}
        way = (str(row.get("metric_id")), str(row.get("source_id")))
        yield self.behind(_extracts(before), _extracts(after))
        yield self.by_way.get(way, frozenset())
        yield self.by_source.get(way[1], frozenset())
        yield {why for (metric, _), whys in self.by_way.items() if metric == way[0] for why in whys}
        yield {Why("rule", f"{', '.join(self.rules)} changed")} if self.rules else set()
        yield {why for whys in self.by_way.values() for why in whys}
        yield {why for whys in self.by_source.values() for why in whys}

    def behind(self, before: set[str], after: set[str]) -> set[Why]:
        """The reasons why the extracts behind a row are others, if they are."""
        changed = before ^ after
        reasons = {self.events[extract] for extract in changed if extract in self.events}
        return reasons or {self.released[extract] for extract in changed if extract in self.released}


NOT_ASKED = Causes((), {}, {}, {})
"""Where nobody asks why."""


def causes(connection: duckdb.DuckDBPyConnection) -> Causes:
    """Look for what differs between the files attached as `before` and `after`."""
    rules = {side: fingerprint.read(connection, side) for side in SIDES}
    days = [rules[side].get(fingerprint.AS_OF) for side in SIDES]
    extracts = {
        side: {row["extract_id"]: row for row in fetch_dicts(connection, EXTRACTS.format(side), [day])}
        for side, day in zip(SIDES, days, strict=True)
    }
    events = _events(extracts["before"], extracts["after"], is_same_day=days[0] == days[1])
    by_source: defaultdict[str, set[Why]] = defaultdict(set)
    for extract, why in events.items():
        by_source[(extracts["after"].get(extract) or extracts["before"][extract])["source_id"]].add(why)
    partial = Causes(
        tuple(
            label for rule, label in fingerprint.RULES.items() if rules["before"].get(rule) != rules["after"].get(rule)
        ),
        events,
        _released(extracts["before"] | extracts["after"], *days),
        {source: frozenset(whys) for source, whys in by_source.items()},
    )
    by_way: defaultdict[tuple[str, str], set[Why]] = defaultdict(set)
    for row in fetch_dicts(connection, CHANGED):
        ids = {row["before_id"]} - {None}, {row["after_id"]} - {None}
        same = {partial.released[extract] for extract in ids[1] if extract in partial.released}
        by_way[row["metric_id"], row["source_id"]] |= partial.behind(*ids) or same
    return Causes(
        partial.rules,
        partial.events,
        partial.released,
        partial.by_source,
        {way: frozenset(whys) for way, whys in by_way.items()},
    )


SIDES = ("before", "after")


def _events(before: Mapping[str, Row], after: Mapping[str, Row], is_same_day: bool) -> dict[str, Why]:
    """By extract: the event that made it count in one file only. What it withdrew or replaced is moved by it too.

    As of a day an event may be landed and not speak yet, so that of two days it says nothing of what it would replace.
    """
    events: dict[str, Why] = {}
    for own, other in ((before, after), (after, before)):
        landed = [row for row in own.values() if row["kind"] == "landed"]
        spoke = {_scope(row): False for row in landed} | {_scope(row): True for row in landed if row["speaks"]}
        for extract, row in other.items():
            if extract in own or not row["speaks"]:
                continue
            withdrawal = {**own, **other}.get(row["retracts"] or "")
            why = _undone(row, withdrawal) if _is_retraction(withdrawal) else _why(row, spoke.get(_scope(row)))
            events[extract] = why
            if row["kind"] == "retracted":
                events |= dict.fromkeys((row["retracts"], *why.extracts), why)
            elif is_same_day:
                events |= dict.fromkeys(
                    (old for old, candidate in own.items() if _scope(candidate) == _scope(row)), why
                )
    return events


def _scope(extract: Row) -> tuple[str, str]:
    return extract["source_id"], extract["scope_key"]


def _is_retraction(event: Row | None) -> TypeGuard[Row]:
    return event is not None and event["kind"] == "retracted"


def _undone(event: Row, withdrawal: Row) -> Why:
    """The reason that an event is which undoes a withdrawal."""
    name = f"{event['filename']} of {event['source_id']}"
    return Why("withdrawal", f"withdrawal of {name} undone: {event['reason']}", (withdrawal["retracts"],))


def _why(event: Row, scope_spoke: bool | None) -> Why:
    """The reason that an event is, given whether an extract of its scope spoke in the other file; None without any."""
    name = f"{event['filename']} of {event['source_id']}"
    landed = f"landed {event['landed_at']:%Y-%m-%d}"
    if event["kind"] == "retracted":
        return Why("withdrawal", f"{name} withdrawn: {event['reason']}", (event["retracts"],))
    kind = {None: "new extract", False: "release", True: "revision"}[scope_spoke]
    return Why(kind, f"{kind}: {name}, {landed}", (event["extract_id"],))


def _released(extracts: Mapping[str, Row], before: str | None, after: str | None) -> dict[str, Why]:
    """By extract: that its rows became available between two days, where the files were built as of different ones."""
    if before == after:
        return {}
    day = min(day for day in (before, after) if day)
    return {
        extract: Why(
            "release", f"rows of {row['filename']} of {row['source_id']} not known to be out on {day}", (extract,)
        )
        for extract, row in extracts.items()
    }


def _extracts(row: Row | None) -> set[str]:
    """The extracts that a row names."""
    if row is None:
        return set()
    named = row.get("extract_ids") or [row.get("extract_id")]
    return {extract for extract in named if extract}


def together(whys: Iterable[Why]) -> Why:
    """Several reasons as one."""
    listed = sorted(whys, key=lambda why: (why.kind, why.text))
    kinds = sorted({why.kind for why in listed})
    texts = [why.text for why in listed]
    text = "; ".join(texts[:NAMED]) + (f"; and {len(texts) - NAMED} more" if len(texts) > NAMED else "")
    return Why(", ".join(kinds), text, tuple(sorted({extract for why in listed for extract in why.extracts})))
