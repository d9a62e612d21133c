"""Running the detector on the warehouse: series in, events out; and reading what was found as text.

Belongs here: reading the detection series, telling the detector which breaks in series reach each of them, writing
what it finds to schema `detection`, and the explained events as tables. Does not belong here:
the detector (`adoption.detection.detector`), choosing series or explaining events (dbt does both).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, fields
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from adoption.detection.detector import (
    FALSE_ALARMS_PER_100_SERIES_YEARS,
    Event,
    KnownBreak,
    MonthlySeries,
    detect,
    detectability,
    next_month,
)
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

    from ingest.catalog import Break, Catalog

MOVEMENTS = ("slump", "spike", "level_shift")

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
"""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables of schema `detection`, empty."""
    connection.execute(TABLES)


def detect_events(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> dict[str, int]:
    """Look for events in every detection series and write them; return how many series and events there are."""
    series = list(read_series(connection, catalog))
    events = detect(series)
    slumps = [(one.series_id, months, depth) for one in series for months, depth in detectability(one).items()]
    prepare(connection)
    width = len(fields(Event))
    _insert(connection, "detection.detected_events", width, [astuple(event) for event in events])
    _insert(connection, "detection.minimum_detectable_effects", 3, slumps)
    return {"series": len(series), "events": len(events), "slumps": len(slumps)}


def read_series(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> Iterator[MonthlySeries]:
    """The detection series, contiguous by month, each with the breaks in series that reach it."""
    result = connection.execute(SERIES)
    names = [column[0] for column in result.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    for series_id, group in groupby(rows, key=lambda row: str(row["series_id"])):
        members = list(group)
        values = {row["month_date"]: row["value"] for row in members}
        months = tuple(_months(members[0]["month_date"], members[-1]["month_date"]))
        found = [values.get(month) for month in months]
        as_of = members[0]["as_of"]
        yield MonthlySeries(
            series_id,
            members[0]["family"],
            months,
            np.array([np.nan if value is None else value for value in found], dtype=float),
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
    return all(not wanted or value in wanted for wanted, value in sides)


def _months(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = next_month(first)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, width: int, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        connection.executemany(f"insert into {table} values ({', '.join('?' * width)})", rows)


EVENTS_OF = """
select entity_id, kind, start_date, end_date, depth_pct, shortfall_months, has_recovered, scope, explanation_kind,
       explanation
from marts.fct_anomalies where metric_id = ? order by start_date, entity_id, kind
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


def as_markdown(events: Sequence[dict[str, Any]]) -> str:
    """Events as a table; what nothing explains stands out in bold."""
    if not events:
        return "none"
    lines = ["| entity | kind | from | to | depth | scope | explanation |", "|---|---|---|---|---:|---|---|"]
    for event in events:
        explanation = event["explanation"] or f"**{event['explanation_kind']}**"
        depth = "" if event["depth_pct"] is None else f"{event['depth_pct']:+.0f} %"
        lines.append(
            f"| {event['entity_id']} | {event['kind'].replace('_', ' ')} | {event['start_date']:%Y-%m} "
            f"| {event['end_date']:%Y-%m} | {depth} | {event['scope']} | {explanation} |"
        )
    return "\n".join(lines)
