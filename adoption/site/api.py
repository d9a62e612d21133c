"""JSON for programs: a file per entity, metric and year, an index, and badges in the form of shields.

Belongs here: which files there are, and what each holds. Does not belong here: any figure (the marts hold them).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from adoption.reports import format as wording
from adoption.reports.scoreboard import compact
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

    from adoption.publish.identity import Identity

Row = dict[str, Any]

VERSION = "v1"
YEARS = """
select
    yoy.entity_id, entities.label as entity, yoy.metric_id, metrics.label as metric, metrics.channel, yoy.year,
    yoy.value, yoy.low, yoy.high, yoy.interval_kind, yoy.unit, yoy.kind, yoy.months_held, yoy.is_complete,
    yoy.net_additions, yoy.net_additions_prior, yoy.prior_value,
    yoy.yoy_change, yoy.yoy_pct, yoy.yoy_low, yoy.yoy_high, yoy.yoy_interval_kind, yoy.net_additions_pct,
    yoy.yoy_common_pct, yoy.common_months, yoy.direction,
    yoy.baseline_growth_pct, yoy.growth_percentile, yoy.grade, yoy.grade_reason,
    yoy.is_comparable, yoy.not_comparable_reason, metrics.reads as interpreted_as, metrics.caveats,
    yoy.source_id, sources.label as source, yoy.basis, sources.publisher, sources.licence, sources.citation
from marts.fct_adoption_yoy as yoy
inner join marts.dim_metrics as metrics using (metric_id)
inner join marts.dim_entities as entities using (entity_type, entity_id)
left join marts.dim_sources as sources using (source_id)
where yoy.entity_type = 'contender' and yoy.segment = 'all' and yoy.is_preferred
    and (yoy.value is not null or yoy.low is not null)
order by yoy.entity_id, yoy.metric_id, yoy.year
"""
COLOURS = {"A": "blue", "B": "blue", "C": "lightgrey", "D": "lightgrey"}
"""A badge says how sure a figure is by its colour."""


def years(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Every year of every contender and metric of which a figure is held, counted as reports prefer."""
    return fetch_dicts(connection, YEARS)


def files(rows: list[Row], built: str, identity: Identity) -> Iterator[tuple[str, str]]:
    """Path and content of every file: the years, the index, and the badge of each newest year."""
    newest: dict[tuple[str, str], Row] = {}
    for row in rows:
        yield path_of(row), dumped({**row, "built_on": built, **identity.fields()})
        newest[row["entity_id"], row["metric_id"]] = row
    index = [{**{name: row[name] for name in ("entity_id", "metric_id", "year")}, "path": path_of(row)} for row in rows]
    yield f"api/{VERSION}/index.json", dumped({"built_on": built, **identity.fields(), "files": index})
    for row in newest.values():
        yield f"badge/{row['entity_id']}/{row['metric_id']}.json", dumped(badge(row))


def path_of(row: Row) -> str:
    """Where the file of a year lies."""
    return f"api/{VERSION}/{row['entity_id']}/{row['metric_id']}/{row['year']}.json"


def badge(row: Row) -> Row:
    """An endpoint badge: a figure with its year, and no change that could not be said."""
    figure = compact(row["value"], row["unit"]) if row["value"] is not None else f"≥ {compact(row['low'], row['unit'])}"
    part = "" if row["is_complete"] or row["kind"] == "stock" else f" in {wording.plural(row['months_held'], 'month')}"
    change = ""
    if row["is_comparable"] and row["kind"] == "flow" and row["yoy_pct"] is not None:
        change = f", {row['yoy_pct']:+.0f} %"
    return {
        "schemaVersion": 1,
        "label": f"{row['entity']}: {row['metric']} {row['year']}",
        "message": f"{figure}{part}{change}",
        "color": COLOURS.get(row["grade"], "lightgrey"),
    }


def dumped(value: object) -> str:
    """JSON with every digit, in one form for equal content."""
    return json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n"
