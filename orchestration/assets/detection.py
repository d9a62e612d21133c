"""detection/*: the events that the detector finds, between the marts it reads and the marts that explain them.

Belongs here: the detector as a step, and one check per metric on the explained events. Does not belong here: the
detector (`adoption.detection.detector`), how it is run on the warehouse (`adoption.detection.warehouse_io`),
explaining (dbt).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb

from adoption.detection import warehouse_io
from adoption.reports import chart_data
from adoption.settings import Settings
from adoption.warehouse.cache import RenderCache
from adoption.warehouse.lock import build_lock
from adoption.warehouse.table_stats import Table
from ingest.catalog import Catalog, Metric
from ingest.database import connect
from orchestration.asset_keys import asset_key
from orchestration.chart_metadata import picture
from orchestration.check_results import query_table
from orchestration.table_metadata import described, table_specs

EVENTS = asset_key("detection", "detected_events")
SLUMPS = asset_key("detection", "minimum_detectable_effects")
EXPLAINED = asset_key("marts", "fct_anomalies")

UNEXPLAINED = """
select entity_id as entity, source_id as source, basis, kind, start_date as start, end_date as "end",
       round(change_pct, 1) as change_pct, scope, has_recovered as recovered
from marts.fct_anomalies
where metric_id = ? and explanation_kind = 'unexplained' and kind not in ('gap', 'partial', 'yoy_flip')
order by start, entity
"""


def detection_assets(settings: Settings, catalog: Catalog) -> dg.AssetsDefinition:
    """One step: every detection series through the detector, what it finds and what it could have found."""
    series = asset_key("intermediate", "int_detection__series")
    descriptions = {
        EVENTS: "Slumps, spikes, level shifts, collapses, surges, gaps, unfinished months and reversals in every "
        "series; known breaks in series are fitted first and sized.",
        SLUMPS: "The smallest depth of a slump of 3, 6 or 9 months that would be found in 80 % of its places.",
    }
    specs = table_specs(settings, descriptions, [series])

    @dg.multi_asset(name="detection", specs=specs)
    def detection(_: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        with build_lock(settings), connect(settings.warehouse) as connection:
            counts = warehouse_io.detect_events(connection, catalog)
            metadata = described(connection, [Table(*key.path) for key in (EVENTS, SLUMPS)])
        for key in (EVENTS, SLUMPS):
            made = {"series": counts["series"], "families_looked_at": counts["changed"]} if key == EVENTS else {}
            yield dg.MaterializeResult(key, metadata={**metadata[Table(*key.path)], **made})

    return detection


def anomaly_checks(settings: Settings, catalog: Catalog) -> dg.AssetChecksDefinition:
    """One warning per metric in which anomalies are looked for: no movement is left unexplained."""
    metrics = {f"{metric.id}_movements_are_explained": metric for metric in catalog.metrics if metric.detect != "none"}
    specs = [
        dg.AssetCheckSpec(
            name,
            asset=EXPLAINED,
            description=f"{metric.label}: every movement is explained by a break in series or an event in the world, "
            "or accepted in the register.",
            blocking=True,  # a warning stops nothing, but publishing waits for the result
        )
        for name, metric in metrics.items()
    ]

    @dg.multi_asset_check(name="anomaly_checks", specs=specs)
    def check() -> Iterator[dg.AssetCheckResult]:
        with build_lock(settings), connect(settings.warehouse, read_only=True) as connection:
            for name, metric in metrics.items():
                metadata = _metadata(connection, metric, RenderCache(settings.render_cache))
                yield dg.AssetCheckResult(
                    asset_key=EXPLAINED,
                    check_name=name,
                    passed=metadata["failing_rows"] == 0,
                    severity=dg.AssetCheckSeverity.WARN,
                    description=warehouse_io.summary(warehouse_io.events_of(connection, metric.id)),
                    metadata=metadata,
                )

    return check


def _metadata(connection: duckdb.DuckDBPyConnection, metric: Metric, cache: RenderCache) -> dict[str, Any]:
    """The unexplained movements as a table, the series with what was found, and the false alarms to expect."""
    events = warehouse_io.events_of(connection, metric.id)
    expected = warehouse_io.false_alarms_to_expect(connection, metric.id)
    panels = chart_data.watched(connection, metric.id)
    moved = [panel for panel in panels if panel.bands]
    quiet = [panel.title for panel in panels if not panel.bands]
    description = (
        f"{metric.label}: the series in which something moved, each slump, spike and level shift shaded and named"
    )
    return {
        **query_table(connection, UNEXPLAINED, [metric.id]),
        "chart": picture(
            cache, f"anomalies_{metric.id}", moved, description, "No chart: no slump, spike or level shift"
        ),
        "without_a_movement": ", ".join(quiet) or "none",
        "events": dg.MetadataValue.md(warehouse_io.as_markdown(events)),
        "movements_found": sum(event["kind"] in warehouse_io.MOVEMENTS for event in events),
        "false_alarms_to_expect": round(expected, 1),
    }
