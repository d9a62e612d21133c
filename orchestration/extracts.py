"""extracts/<source>: what a source published and the landing holds.

Belongs here: one asset per source of the catalog, and telling Dagster of every landed extract, once.
Does not belong here: asking sources (ingest) and loading what was landed (`orchestration.raw`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.keys import OWNERS, asset_key

if TYPE_CHECKING:
    from ingest.catalog import Catalog, SourceEntry
    from ingest.loader import ExtractReport
    from ingest.model import Fetch

RECENT = 1000
"""How many reports of one source are looked through for extracts that Dagster already knows."""


def extract_specs(catalog: Catalog) -> list[dg.AssetSpec]:
    """One external asset per source: nothing here fetches, but everything landed is shown."""
    return [_spec(source) for source in catalog.sources]


def _spec(source: SourceEntry) -> dg.AssetSpec:
    return dg.AssetSpec(
        asset_key("extracts", source.id),
        description=f"{source.label}: verbatim bytes as {source.publisher} published them. {source.how_to_get}.",
        group_name="extracts",
        owners=OWNERS,
        kinds={"file"},
        metadata={"publisher": source.publisher, "licence": source.licence, "cadence": source.cadence},
    )


def report_extracts(
    instance: dg.DagsterInstance, source: SourceEntry, events: Iterable[Fetch], reports: Iterable[ExtractReport]
) -> list[str]:
    """Tell Dagster of the extracts that were just read, each only once ever; return their ids."""
    rows = {report.extract_id: report.rows_in for report in reports}
    if not rows:
        return []
    key = asset_key("extracts", source.id)
    known = _known(instance, key)
    news = [event for event in events if event.extract_id in rows and event.extract_id not in known]
    for event in news:
        instance.report_runless_asset_event(_materialization(key, source, event, rows[event.extract_id]))
    return [event.extract_id for event in news]


def _known(instance: dg.DagsterInstance, key: dg.AssetKey) -> set[object]:
    records = instance.fetch_materializations(key, limit=RECENT).records
    return {
        record.asset_materialization.metadata["extract_id"].value
        for record in records
        if record.asset_materialization and "extract_id" in record.asset_materialization.metadata
    }


def _materialization(key: dg.AssetKey, source: SourceEntry, event: Fetch, rows: int) -> dg.AssetMaterialization:
    return dg.AssetMaterialization(
        key,
        description=f"{event.filename}, {event.kind} {event.landed_at.date()}",
        metadata={
            "extract_id": event.extract_id,
            "rows": rows,
            "period": f"{event.scope.period_start} to {event.scope.period_end} (exclusive)",
            "licence": event.licence,
            "publisher": source.publisher,
            "sha256": event.sha256,
            "landed_at": event.landed_at.isoformat(),
            "available_at": event.available_at.isoformat() if event.available_at else "not known",
        },
    )
