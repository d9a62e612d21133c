"""The explorer: every series that people can choose, packed into one page that asks nobody for anything.

Belongs here: what the page holds and in which form. Does not belong here: how it is drawn (`assets/explorer.js`), or
any figure (the marts hold them).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adoption.reports.names import chosen
from adoption.reports.page.content import address_of
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]

ASSETS = Path(__file__).parent / "assets"
DIGITS = 5
"""Significant digits of a figure that is drawn; the files for programs hold all of them."""
FIRST_YEAR = 2008
"""Nothing older is drawn: no contender was released before."""

ENTITIES = """
select entities.entity_type as type, entities.entity_id as id, entities.label, coalesce(entities.members, []) as members
from marts.dim_entities as entities
order by entities.entity_id = ? desc, entities.entity_id = ? desc, entities.entity_type, entities.label
"""
METRICS = """
select metrics.metric_id as id, metrics.label, metrics.unit, metrics.kind, metrics.channel, metrics.reads,
    coalesce(metrics.caveats, []) as caveats,
    (
        select coalesce(list(ways.source_id || '.' || ways.basis order by ways.preference), [])
        from meta.metric_sources as ways where ways.metric_id = metrics.metric_id
    ) as ways
from marts.dim_metrics as metrics order by metrics.position
"""
SOURCES = "select source_id, label, publisher, licence, citation, repository as url from marts.dim_sources"
MONTHS = """
select metric_id as m, source_id as s, basis as b, segment as g, entity_type, entity_id as e, month_date,
    value, low, high, grade, grade_reason
from marts.fct_adoption_monthly as monthly inner join marts.dim_metrics as metrics using (metric_id)
where (segment = 'all' or metrics.has_parts_only)
    and (value is not null or low is not null) and year(month_date) >= ? and entity_type <> 'package'
order by all
"""
YEARS = """
select metric_id as m, source_id as s, basis as b, segment as g, entity_type, entity_id as e, year, yoy.kind,
    if(yoy.kind = 'stock', net_additions, value) as value,
    if(yoy.kind = 'stock', net_additions_low, low) as low, if(yoy.kind = 'stock', net_additions_high, high) as high,
    months_held, grade, grade_reason, is_comparable,
    if(is_comparable, if(yoy.kind = 'stock', net_additions_pct, coalesce(yoy_pct, yoy_change)), null) as change,
    if(is_comparable, yoy_low, null) as change_low, if(is_comparable, yoy_high, null) as change_high,
    baseline_growth_pct, growth_percentile, not_comparable_reason,
    if(yoy.kind = 'share', 'points', 'percent') as change_unit
from marts.fct_adoption_yoy as yoy inner join marts.dim_metrics as metrics using (metric_id)
where (segment = 'all' or metrics.has_parts_only) and year >= ?
order by all
"""
BREAKS = """
select label, start_date as start, end_date as end, sources, bases, metrics, entities, reason
from marts.dim_breaks order by start_date, label
"""
EVENTS = """
select label, start_date as start, end_date as end, metrics, entities, reason
from marts.dim_events order by start_date, label
"""


class Texts:
    """Texts that many rows share, each held once; nothing is the first."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {"": 0}

    def place(self, text: str | None) -> int:
        """Where a text stands in the list."""
        return self._places.setdefault(text or "", len(self._places))

    def all(self) -> list[str]:
        """The texts in their order."""
        return list(self._places)


def contents(connection: duckdb.DuckDBPyConnection, built: str) -> Row:
    """All that the page holds."""
    focus, benchmark = (row["entity_id"] for row in chosen(connection, None, None))
    texts = Texts()
    series = _series(connection, texts)
    drawn = {record["e"] for record in series}
    return {
        "built": built,
        "focus": focus,
        "benchmark": benchmark,
        "entities": [row for row in _entities(connection, focus, benchmark) if row["id"] in drawn],
        "metrics": fetch_dicts(connection, METRICS),
        "sources": {
            row.pop("source_id"): {**row, "url": address_of(row["url"])} for row in fetch_dicts(connection, SOURCES)
        },
        "series": series,
        "breaks": [_dated(row) for row in fetch_dicts(connection, BREAKS)],
        "events": [_dated(row) for row in fetch_dicts(connection, EVENTS)],
        "texts": texts.all(),
    }


def _entities(connection: duckdb.DuckDBPyConnection, focus: str, benchmark: str) -> list[Row]:
    """Contenders first; of a framework that is a contender too, the contender."""
    seen: dict[str, Row] = {}
    for row in fetch_dicts(connection, ENTITIES, [focus, benchmark]):
        seen.setdefault(row["id"], row)
    return list(seen.values())


def _dated(row: Row) -> Row:
    return {name: str(value) if name in ("start", "end") else value or [] for name, value in row.items()}


def _series(connection: duckdb.DuckDBPyConnection, texts: Texts) -> list[Row]:
    """Every series with its months and years; a framework that is a contender too has the contender's."""
    types = {row["id"]: row["type"] for row in _entities(connection, "", "")}
    records: dict[tuple[str, ...], Row] = {}
    for name, query, packed in (("t", MONTHS, _months), ("y", YEARS, _years)):
        rows = (
            row for row in fetch_dicts(connection, query, [FIRST_YEAR]) if types.get(row["e"]) == row["entity_type"]
        )
        for key, group in groupby(sorted(rows, key=_key), key=_key):
            record = records.setdefault(key, {"m": key[0], "s": key[1], "b": key[2], "e": key[4]})
            if key[3] != "all":
                record["g"] = key[3]
            record[name] = packed(list(group), texts)
    return [
        record
        for record in records.values()
        if "t" in record or any(row[1] is not None or row[2] is not None for row in record["y"])
    ]


def _key(row: Row) -> tuple[str, ...]:
    return row["m"], row["s"], row["b"], row["g"], row["e"]


def _months(rows: Sequence[Row], texts: Texts) -> Row:
    """Months from the first to the last: values, grades (a blank is a gap), reasons, and bounds by place."""
    places = {row["month_date"].year * 12 + row["month_date"].month - 1: row for row in rows}
    first, last = min(places), max(places)
    monthly = [places.get(place) for place in range(first, last + 1)]
    packed: Row = {
        "first": first,
        "v": [None if row is None else short(row["value"]) for row in monthly],
        "g": "".join(" " if row is None else row["grade"] for row in monthly),
        "r": [0 if row is None else texts.place(row["grade_reason"]) for row in monthly],
    }
    bounds = [
        [i, short(row["low"]), short(row["high"])] for i, row in enumerate(monthly) if row and row["value"] is None
    ]
    return {**packed, "b": bounds} if bounds else packed


def _years(rows: Sequence[Row], texts: Texts) -> list[list[object]]:
    return [
        [
            row["year"],
            *(short(row[name]) for name in ("value", "low", "high")),
            row["months_held"],
            row["grade"] or " ",
            texts.place(row["grade_reason"]),
            *(short(row[name]) for name in ("change", "change_low", "change_high")),
            *(short(row[name]) for name in ("baseline_growth_pct", "growth_percentile")),
            texts.place(row["not_comparable_reason"]),
            row["change_unit"],
        ]
        for row in rows
    ]


def short(value: float | None) -> float | int | None:
    """A figure with the digits that can be seen."""
    if value is None:
        return None
    rounded = float(f"{value:.{DIGITS}g}")
    return int(rounded) if rounded.is_integer() else rounded


def page(content: Row, head: str, years: Iterable[int]) -> str:
    """The page: markup, style, data and script in one file, under a policy that names each by its hash."""
    style, script = ((ASSETS / name).read_text(encoding="utf-8") for name in ("explorer.css", "explorer.js"))
    packed = json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=str).replace("<", "\\u003c")
    links = " ".join(f'<a href="{year}/index.html">{year}</a>' for year in years)
    nav = f'<nav aria-label="Year pages"><span class="soft">Year in review:</span> {links}</nav>' if links else ""
    text = (ASSETS / "explorer.html").read_text(encoding="utf-8")
    filled = {"@POLICY@": policy(style, script), "@HEAD@": head, "@YEARS@": nav, "@BUILT@": str(content["built"])}
    filled |= {"@STYLE@": style, "@DATA@": packed, "@SCRIPT@": script}
    # in one go: what is filled in is never filled itself
    return re.sub("|".join(filled), lambda sign: filled[sign[0]], text)


def policy(style: str, script: str) -> str:
    """The content security policy: nothing from anywhere but what stands in the page."""
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
