"""Two contenders side by side, counted in one way: the review holds each of them in its own preferred way.

Belongs here: which way of counting holds both, and the rows of the two in it. Does not belong here: how rows are laid
out (`adoption.reports.review`), who leads (the brief), or any figure (`marts.fct_adoption_yoy` holds them).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adoption.reports.pairs import relation
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

Row = dict[str, Any]

OWN = ("source_label", "basis", "value", "low", "high", "months_held", "change_pct", "common_months")
"""What is kept of a contender's own preferred figure, in columns that are called `own_...`, as in the brief."""
IN_ONE_WAY = """
with lines as (
    select metric_id, lead_source_id as source_id, lead_basis as basis, true as is_compared
    from {brief}
    where year = $year and entity_id = $entity and against_entity_id = $against and lead_source_id is not null
),

series as (
    select yoy.*, ways.preference, lines.is_compared
    from marts.fct_adoption_yoy as yoy
    inner join meta.metric_sources as ways using (metric_id, source_id, basis)
    left join lines using (metric_id, source_id, basis)
    where yoy.year = $year and yoy.entity_type = 'contender' and yoy.segment = 'all'
        and yoy.entity_id in ($entity, $against) and list_contains($metrics, yoy.metric_id)
        and coalesce(yoy.value, yoy.low) is not null
),

-- the way in which the brief compares the two; of a metric that it does not compare, the one that tells most of both
chosen as (
    select metric_id, source_id, basis
    from series
    group by metric_id, source_id, basis
    having count(*) = 2
    qualify
        row_number() over (
            partition by metric_id
            order by
                count(is_compared) desc, bool_and(is_complete) desc, min(months_held) desc, max(grade), min(preference)
        )
        = 1
)

select series.* exclude (preference, is_compared), sources.label as source_label
from series
inner join chosen using (metric_id, source_id, basis)
inner join marts.dim_sources as sources using (source_id)
"""


def in_one_way(connection: duckdb.DuckDBPyConnection, year: int, rows: Sequence[Row]) -> list[Row]:
    """The rows of a review, those of its two contenders counted in one way where each was in its own.

    A row that is counted otherwise than the contender's own preferred figure has its `series_id`, and keeps that figure
    in columns that are called `own_...` and are None elsewhere. Where no way of counting holds both, the rows stay as
    they are.
    """
    pair = {role: next(row["entity_id"] for row in rows if row[role]) for role in ("is_focus", "is_benchmark")}
    metrics = _counted_apart(rows)
    series_by_key: dict[tuple[str, str], Row] = {}
    if metrics:
        entity, against = pair["is_focus"], pair["is_benchmark"]
        query = IN_ONE_WAY.format(brief=relation(connection, "rpt_brief", entity, against))
        parameters = {"year": year, "entity": entity, "against": against, "metrics": metrics}
        series_by_key = {
            (one["metric_id"], one["entity_id"]): one for one in fetch_dicts(connection, query, parameters)
        }
    return [_counted_as(row, series_by_key) for row in rows]


def _is_of_pair(row: Row) -> bool:
    return bool((row["is_focus"] or row["is_benchmark"]) and row["segment"] == "all" and row["is_known"])


def _counted_apart(rows: Sequence[Row]) -> list[str]:
    """The metrics of which both are known, each counted in another way."""
    ways: dict[str, list[tuple[str, str]]] = {}
    for row in filter(_is_of_pair, rows):
        ways.setdefault(row["metric_id"], []).append((row["source_id"], row["basis"]))
    return [metric for metric, counted in ways.items() if len(set(counted)) > 1]


def _counted_as(row: Row, series_by_key: Mapping[tuple[str, str], Row]) -> Row:
    """The row as the way that holds both has it, if that is another than its own."""
    series = series_by_key.get((row["metric_id"], row["entity_id"])) if _is_of_pair(row) else None
    if series is None or (series["source_id"], series["basis"]) == (row["source_id"], row["basis"]):
        return {**row, **no_own()}
    figures = {name: value for name, value in series.items() if name in row}
    # the ratio of the mart is to the catalog's benchmark, and already without basis where the two are others
    is_ratio = row["ratio_to_benchmark"] is not None
    ratio = {
        "ratio_to_benchmark": series["ratio_to_benchmark"] if is_ratio else None,
        "ratio_basis": series["basis"] if is_ratio else None,
        "ratio_source_id": series["source_id"] if is_ratio else None,
    }
    return {**row, **figures, **ratio, **_own(row), "other_ways": [], "series_id": series["series_id"]}


def _own(row: Row) -> Row:
    """What is kept of the figure that the row had; of a stock, which piles up, the change of what was added."""
    is_common = row["compared_on"] == "common months"
    change = "net_additions_pct" if row["kind"] == "stock" else "yoy_common_pct" if is_common else "yoy_pct"
    columns = {**row, "change_pct": row[change], "common_months": row["common_months"] if is_common else None}
    return {f"own_{name}": columns[name] for name in OWN}


def no_own() -> Row:
    """The same columns of a row that is the contender's own preferred figure."""
    return dict.fromkeys(f"own_{name}" for name in OWN)
