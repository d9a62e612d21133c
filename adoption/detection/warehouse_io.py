"""Running the detector on the warehouse: series in, events out; and reading what was found as text.

Belongs here: reading the detection series, telling the detector which breaks in series reach each of them, writing
what it finds to schema `detection`, and the explained events as tables. Does not belong here:
the detector (`adoption.detection.detector`), choosing series or explaining events (dbt does both).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import astuple
from datetime import date, timedelta
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from adoption.detection.detector import FALSE_ALARMS_PER_100_SERIES_YEARS, detect, detectability
from adoption.detection.events import Event, KnownBreak, MonthlySeries, next_month
from adoption.markdown import cell
from adoption.warehouse.cache import digest_of
from ingest.database import fetch_dicts, has_table, insert_values, transaction

if TYPE_CHECKING:
    import duckdb

    from ingest.catalog import Break, Catalog

MOVEMENTS = ("slump", "spike", "level_shift", "collapse", "surge")
DECIMALS = 6
"""Shares and gains are written so exactly: what lies beyond depends on the processor."""

SERIES = """
select series_id, metric_id, source_id, entity_id, segment, basis, family, month_date, value,
       last_value(counted_at) over (partition by series_id order by month_date
           rows between unbounded preceding and unbounded following) as as_of
from intermediate.int_detection__series order by series_id, month_date
"""
TABLES = """
create schema if not exists detection;
create or replace table detection.detected_events (
    series_id varchar, kind varchar, start_date date, end_date date, depth double, trough_date date,
    trough_depth double, shortfall_months double, has_recovered boolean, scope varchar, is_known boolean,
    break_id varchar, is_seen boolean, gain double
);
create or replace table detection.minimum_detectable_effects (series_id varchar, window_months integer, depth double);
create or replace table detection.looked_at (family varchar, made_from varchar);
"""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables of schema `detection`, empty."""
    connection.execute(TABLES)


def detect_events(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> dict[str, int]:
    """Look for events in every detection series and write them; return how many series and events there are.

    A family whose series, breaks and detector are those of the last time keeps what was found then. A family is looked
    at whole: what happened to its members alike is the market's.
    """
    series = list(read_series(connection, catalog))
    families = _families(series)
    made_from = {family: digest_of(_detector(), members) for family, members in families.items()}
    before = _digests_before(connection)
    changed = [family for family in families if before.get(family) != made_from[family]]
    unchanged = {
        member.series_id for family, members in families.items() if family not in changed for member in members
    }
    events, slumps = _unchanged_rows(connection, unchanged)
    for family in changed:
        for event in detect(families[family]):
            events.setdefault(event.series_id, []).append(row_of(event))
        for member in families[family]:
            slumps[member.series_id] = [(member.series_id, *effect) for effect in detectability(member).items()]
    event_rows = [row for member in series for row in events.get(member.series_id, ())]
    sizes = [row for member in series for row in slumps.get(member.series_id, ())]
    _write(connection, event_rows, sizes, made_from)
    return {"series": len(series), "events": len(event_rows), "slumps": len(sizes), "changed": len(changed)}


def _families(series: Sequence[MonthlySeries]) -> dict[str, list[MonthlySeries]]:
    families: dict[str, list[MonthlySeries]] = {}
    for member in series:
        families.setdefault(member.family, []).append(member)
    return families


@cache
def _detector() -> str:
    """The detector's code, and the library that it computes with."""
    code = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("*.py"))]
    return "\n".join([np.__version__, *code])


def _digests_before(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    if not has_table(connection, "detection", "looked_at"):
        return {}
    return dict(connection.execute("from detection.looked_at").fetchall())


Rows = dict[str, list[tuple[Any, ...]]]


def _unchanged_rows(connection: duckdb.DuckDBPyConnection, series: Collection[str]) -> tuple[Rows, Rows]:
    """What was found the last time in these series, table by table."""
    tables: tuple[Rows, Rows] = ({}, {})
    if series:
        for rows, table in zip(tables, ("detected_events", "minimum_detectable_effects"), strict=True):
            for row in connection.execute(f"from detection.{table} order by rowid").fetchall():
                if row[0] in series:
                    rows.setdefault(row[0], []).append(row)
    return tables


def _write(
    connection: duckdb.DuckDBPyConnection,
    events: Sequence[tuple[Any, ...]],
    slumps: Sequence[tuple[Any, ...]],
    made_from: Mapping[str, str],
) -> None:
    """Replace the tables, all or none: a broken-off build must not leave digests without what they stand for."""
    with transaction(connection):
        prepare(connection)
        insert_values(connection, "detection.detected_events", events)
        insert_values(connection, "detection.minimum_detectable_effects", slumps)
        insert_values(connection, "detection.looked_at", list(made_from.items()))


def read_series(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> Iterator[MonthlySeries]:
    """The detection series, contiguous by month, each with the breaks in series that reach it."""
    result = connection.execute(SERIES)
    names = [column[0] for column in result.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    for series_id, group in groupby(rows, key=lambda row: str(row["series_id"])):
        members = list(group)
        values = {row["month_date"]: row["value"] for row in members}
        months = tuple(_months(members[0]["month_date"], members[-1]["month_date"]))
        monthly = [values.get(month) for month in months]
        as_of = members[0]["as_of"]
        yield MonthlySeries(
            series_id,
            members[0]["family"],
            months,
            np.array([np.nan if value is None else value for value in monthly], dtype=float),
            None if as_of is None else as_of.date(),
            tuple(known_break(entry) for entry in catalog.breaks if _reaches(entry, members[0])),
        )


def known_break(entry: Break) -> KnownBreak:
    """A break of the catalog in months: months in which both methods count belong to the transition."""
    first = entry.start.replace(day=1)
    settled = entry.end if entry.end.day == 1 else next_month(entry.end.replace(day=1))
    last = (settled - timedelta(days=1)).replace(day=1)
    return KnownBreak(entry.id, first, last if last >= first else None)


def _reaches(entry: Break, series: dict[str, Any]) -> bool:
    reach = entry.reach
    sides = (
        (reach.sources, series["source_id"]),
        (reach.bases, series["basis"]),
        (reach.metrics, series["metric_id"]),
        (reach.entities, series["entity_id"]),
        (reach.segments, series["segment"]),
    )
    return all(not accepted or value in accepted for accepted, value in sides)


def _months(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = next_month(first)


def row_of(event: Event) -> tuple[Any, ...]:
    """An event as a row of detection.detected_events."""
    return tuple(round(value, DECIMALS) if isinstance(value, float) else value for value in astuple(event))


EVENTS_OF = """
select entity_id, source_id, basis, kind, start_date, end_date, change_pct, shortfall_months, has_recovered, scope,
       explanation_kind, explanation, is_watched
from marts.fct_anomalies where metric_id = ? order by start_date, entity_id, kind, source_id, basis
"""
SERIES_YEARS = "select count(*) / 12.0 as years from intermediate.int_detection__series where metric_id = ?"


def events_of(connection: duckdb.DuckDBPyConnection, metric_id: str) -> list[dict[str, Any]]:
    """The explained events of one metric, by start."""
    return fetch_dicts(connection, EVENTS_OF, [metric_id])


def false_alarms_to_expect(connection: duckdb.DuckDBPyConnection, metric_id: str) -> float:
    """How many movements the detector would report by chance in series as long as these, if nothing had happened."""
    years = float(fetch_dicts(connection, SERIES_YEARS, [metric_id])[0]["years"])
    rate = sum(share for kind, share in FALSE_ALARMS_PER_100_SERIES_YEARS.items() if kind in MOVEMENTS)
    return years / 100 * rate


def summary(events: Sequence[dict[str, Any]]) -> str:
    """Movements in one line, those that nothing explains first: "New: tool surge 2021-11. Covid-19: 6 series down."."""
    moved = [event for event in events if event["kind"] in MOVEMENTS and event["change_pct"] is not None]
    new = [event for event in moved if event["explanation_kind"] == "unexplained"]
    names = ", ".join(f"{event['entity_id']} {event['kind']} {event['start_date']:%Y-%m}" for event in new)
    known = Counter(
        (event["explanation"], "down" if event["change_pct"] < 0 else "up")
        for event in moved
        if event["explanation_kind"] not in ("unexplained", "accepted")
    )
    parts = [f"New: {names}" if new else "Nothing new"]
    parts += [
        f"{why}: {count} {'series' if count > 1 else 'of the series'} {way}" for (why, way), count in known.items()
    ]
    accepted = sum(event["explanation_kind"] == "accepted" for event in moved)
    parts += [f"Accepted after review: {accepted}"] if accepted else []
    return ". ".join(parts) + "."


def as_markdown(events: Sequence[dict[str, Any]]) -> str:
    """Events as a table; what nothing explains stands out in bold."""
    if not events:
        return "none"
    lines = ["| entity | kind | from | to | change | scope | explanation |", "|---|---|---|---|---:|---|---|"]
    for event in events:
        explanation = cell(event["explanation"]) or f"**{cell(event['explanation_kind'])}**"
        change = "" if event["change_pct"] is None else f"{event['change_pct']:+.0f} %"
        lines.append(
            f"| {cell(event['entity_id'])} | {event['kind'].replace('_', ' ')} | {event['start_date']:%Y-%m} "
            f"| {event['end_date']:%Y-%m} | {change} | {cell(event['scope'])} | {explanation} |"
        )
    return "\n".join(lines)
