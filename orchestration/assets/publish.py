"""published/adoption: the file that people open.

Belongs here: when publishing is allowed, by Dagster's own record of the checks. Does not belong here: how the file is
written (`adoption.publish.writer`).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import dagster as dg
from dagster._core.storage.asset_check_execution_record import (
    AssetCheckExecutionRecord,
    AssetCheckExecutionRecordStatus,
)

from adoption.editions.store import identity
from adoption.publish.macros import PublishedSql
from adoption.publish.on_demand import PairModels
from adoption.publish.publication import send
from adoption.publish.writer import CheckOutcome, Contents, Edge, publish
from adoption.settings import Settings
from adoption.warehouse.dbt import Dbt, declared_tables, unique_keys
from adoption.warehouse.fingerprint import build_inputs
from adoption.warehouse.lock import build_lock
from ingest.catalog.tables import TABLES as CATALOG_TABLES
from orchestration.asset_keys import OWNERS, asset_key
from orchestration.check_results import FAILING_ROWS
from orchestration.notices import note_last

PUBLISHED = asset_key("published", "adoption")
COMPLETED = {AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED}
COUNTS = (FAILING_ROWS, "dagster_dbt/failed_row_count")
"""Metadata entries that hold the number of failing rows: ours, and dagster-dbt's."""


def published_asset(settings: Settings, dbt: Dbt, upstream: Sequence[dg.AssetsDefinition]) -> dg.AssetsDefinition:
    """The published file, made from all marts once every blocking check of `upstream` has passed."""
    marts = sorted(key for assets in upstream for key in assets.keys if key.path[0] in ("marts", "reports"))
    checks = [spec for assets in upstream for spec in assets.check_specs]

    spec = dg.AssetSpec(
        PUBLISHED,
        deps=marts,
        description="The file that people open: marts, catalog, check results and lineage, swapped whole. "
        "Written only when every blocking check of the build has passed.",
        group_name="published",
        owners=OWNERS,
        kinds={"python", "duckdb"},
    )

    @dg.multi_asset(name="publish", specs=[spec])
    def publish_marts(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        with build_lock(settings):
            manifest = dbt.manifest()
            on_demand = PairModels(manifest, settings.dbt_target / "compiled")
            contents = Contents(
                [*declared_tables(manifest), *on_demand.tables(), *(("meta", name) for name in CATALOG_TABLES)],
                _outcomes(context, checks),
                _edges(upstream),
                unique_keys(manifest),
                build_inputs(settings),
                PublishedSql.of(settings.dbt_project, on_demand),
            )
            note_last(settings)
            counts = publish(settings.warehouse, settings.published, contents)
            sent = send(settings, identity(settings).edition) if settings.publish_to else None
        places = {"sent_to": f"{settings.publish_to}: {sent.key}"} if sent else {}
        return dg.MaterializeResult(
            metadata={"tables": len(counts), "dagster/row_count": sum(counts.values()), **counts, **places}
        )

    return publish_marts


def _edges(upstream: Sequence[dg.AssetsDefinition]) -> list[Edge]:
    """Every asset of `upstream` with each asset directly upstream of it: the lineage graph of the UI, as rows."""
    specs = [spec for assets in upstream for spec in assets.specs]
    return sorted({("/".join(spec.key.path), "/".join(dep.asset_key.path)) for spec in specs for dep in spec.deps})


def _outcomes(context: dg.AssetExecutionContext, specs: Sequence[dg.AssetCheckSpec]) -> list[CheckOutcome]:
    """The last result of each declared check; one without a result in this run counts as not passed.

    A run that was asked for some assets only (from the UI) may rest on results of an earlier run.
    """
    storage = context.instance.event_log_storage
    records = storage.get_latest_asset_check_execution_by_key([spec.key for spec in specs])
    selection = context.run.asset_selection
    outcomes = []
    for spec in specs:
        record = records.get(spec.key)
        if record is not None and record.status is AssetCheckExecutionRecordStatus.PLANNED:
            # by a run that waits in the queue, which says nothing of this one
            history = storage.get_asset_check_execution_history(spec.key, limit=1, status=COMPLETED)
            record = next(iter(history), None)
        is_ours = selection is None or spec.asset_key in selection
        is_valid = record is not None and (record.run_id == context.run.run_id or not is_ours)
        outcomes.append(_outcome(spec, record if is_valid else None))
    return outcomes


def _outcome(spec: dg.AssetCheckSpec, record: AssetCheckExecutionRecord | None) -> CheckOutcome:
    evaluation = record.evaluation if record else None
    severity = evaluation.severity.value if evaluation else "ERROR"
    return CheckOutcome(
        asset="/".join(spec.asset_key.path),
        check_name=spec.name,
        passed=bool(evaluation and evaluation.passed),
        severity=severity,
        is_blocking=spec.blocking and severity == "ERROR",
        failing_rows=_failing_rows(evaluation.metadata) if evaluation else None,
        checked_at=datetime.fromtimestamp(record.create_timestamp if record else 0, UTC),
    )


def _failing_rows(metadata: Mapping[str, dg.MetadataValue[Any]]) -> int | None:
    return next((int(str(metadata[name].value)) for name in COUNTS if name in metadata), None)
