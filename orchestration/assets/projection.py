"""projection/*: how years that are not over will end, between the series it reads and the mart that shows it.

Belongs here: the projections as a step. Does not belong here: how a year is projected (`adoption.projection`), which
series stands for a metric, and what an alarm withholds (dbt).
"""

from collections.abc import Iterator

import dagster as dg

from adoption.projection import warehouse_io
from adoption.settings import Settings
from adoption.warehouse.lock import build_lock
from adoption.warehouse.table_stats import Table
from ingest.database import connect
from orchestration.asset_keys import asset_key
from orchestration.table_metadata import described, table_specs

PROJECTED = asset_key("projection", "projected_years")
TESTED = asset_key("projection", "tested_years")


def projection_assets(settings: Settings) -> dg.AssetsDefinition:
    """One step: every year that lacks months, and the earlier years on which the same is tested."""
    read = [asset_key("intermediate", name) for name in ("int_projections__series", "int_projections__breaks")]
    descriptions = {
        PROJECTED: "How each year that lacks months will end: an 80 % interval, or the reason why there is none.",
        TESTED: "Earlier years projected from as much of them, and what they came to.",
    }
    specs = table_specs(settings, descriptions, read)

    @dg.multi_asset(name="projection", specs=specs)
    def projection(_: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        with build_lock(settings), connect(settings.warehouse) as connection:
            counts = warehouse_io.project_years(connection)
            metadata = described(connection, [Table(*key.path) for key in descriptions])
        for key in descriptions:
            made = {"series": counts["series"], "series_projected_anew": counts["changed"]} if key == PROJECTED else {}
            yield dg.MaterializeResult(key, metadata={**metadata[Table(*key.path)], **made})

    return projection
