"""extracts/<source>: what a source published and the landing holds.

Belongs here: one asset per source of the catalog, asking those that can be asked, and telling Dagster of every landed
extract, once. Does not belong here: what is asked and how (`ingest.refresh`), when (`orchestration.automation`), and
loading what was landed (`orchestration.assets.raw`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import dagster as dg

from adoption.logs import log_into
from adoption.reports.refresh import reasons, summary
from adoption.settings import Settings
from adoption.warehouse.landing import landing_of
from ingest.catalog import Catalog, SourceEntry
from ingest.loader import ExtractReport
from ingest.model import Fetch, Scope, Source
from ingest.plan import ALL_TIME, Span
from ingest.refresh import RequestOutcome, missing_scopes, refresh
from orchestration.asset_keys import OWNERS, asset_key
from orchestration.check_results import SHOWN, as_table, table
from orchestration.notices import FAILED_REQUESTS, FETCH_STEP

RECENT = 1000
"""How many reports of one source are looked through for extracts that Dagster knows, where nothing lists them."""
ID = "extract_id"
FORMATS = {"month": "%Y-%m", "year": "%Y"}
CRONS = {"month": "0 0 1 * *", "year": "0 0 1 1 *"}
HELD = "every_expected_period_is_held"


def is_live(source: SourceEntry, modules: Mapping[str, Source]) -> bool:
    """Whether a source can be asked by a machine."""
    return source.access is not None and modules[source.id].connector is not None


def extract_assets(
    settings: Settings,
    catalog: Catalog,
    modules: Mapping[str, Source],
    counted: Mapping[str, Sequence[dg.AssetKey]] | None = None,
) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """One asset per source: those that can be asked do so when materialized, the others are only shown.

    `counted` are sources that are counted here, each with the assets that it is counted by.
    """
    deps = counted or {}
    return [
        _live_asset(settings, catalog, source, modules[source.id])
        if is_live(source, modules)
        else _spec(source, None).replace_attributes(deps=deps.get(source.id, ()))
        for source in catalog.sources
    ]


def partitions_of(source: SourceEntry, module: Source) -> dg.TimeWindowPartitionsDefinition | None:
    """Months or years, where the past can still be asked for; None where the day is data."""
    if source.access is None or module.connector is None or not module.connector.sees_past:
        return None
    expected = source.expected
    form = FORMATS[expected.grain]
    end = expected.last.strftime(form) if expected.last else None
    return dg.TimeWindowPartitionsDefinition(
        start=expected.first.strftime(form), end=end, fmt=form, cron_schedule=CRONS[expected.grain]
    )


def _spec(source: SourceEntry, partitions: dg.TimeWindowPartitionsDefinition | None) -> dg.AssetSpec:
    return dg.AssetSpec(
        asset_key("extracts", source.id),
        description=f"{source.label}: verbatim bytes as {source.publisher} published them. {source.how_to_get}.",
        group_name="extracts",
        owners=OWNERS,
        kinds={"file"},
        metadata={"publisher": source.publisher, "licence": source.licence, "cadence": source.cadence},
        partitions_def=partitions,
        # a period that could not be had is not reported as materialized
        skippable=True,
    )


def _live_asset(settings: Settings, catalog: Catalog, source: SourceEntry, module: Source) -> dg.AssetsDefinition:
    partitions = partitions_of(source, module)
    spec = _spec(source, partitions)

    @dg.multi_asset(
        name=f"{FETCH_STEP}{source.id}",
        specs=[spec],
        check_specs=[_check_spec(spec.key)],
        backfill_policy=dg.BackfillPolicy.single_run() if partitions else None,
        pool=f"{FETCH_STEP}{source.id}",
    )
    def fetch(context: dg.AssetExecutionContext) -> Iterator[dg.AssetCheckResult]:
        log_into(settings.logs)
        landing = landing_of(settings)
        window = _window(context)
        outcomes = []
        for outcome in refresh(module, catalog, landing, window):
            outcomes.append(outcome)
            context.log.info(_description(outcome))
        missing = missing_scopes(module, source, catalog, landing, datetime.now(UTC), window)
        for partition in _complete_partitions(partitions, window, missing):
            context.log_event(_materialized(spec.key, source, outcomes, partition))
        yield _completeness_check(spec.key, missing)
        failed = [outcome for outcome in outcomes if outcome.result in ("failed", "not fetched")]
        if failed:
            count = sum(outcome.result == "failed" for outcome in outcomes)
            raise dg.Failure("; ".join(reasons(failed)), {"asked": summary(outcomes), FAILED_REQUESTS: count})

    return fetch


def _description(outcome: RequestOutcome) -> str:
    scope = outcome.scope
    names = "everything" if scope.terms is None else ", ".join(scope.terms)
    end = f"{scope.period_start} to {scope.period_end} (exclusive)"
    return f"{names}, {end}: {outcome.result}{f': {outcome.reason}' if outcome.reason else ''}"


def _window(context: dg.AssetExecutionContext) -> Span:
    """The periods of the partitions that were asked for; all where nobody named any."""
    if not (context.has_partition_key or context.has_partition_key_range):
        return ALL_TIME
    window = context.partition_time_window
    return window.start.date(), window.end.date()


def _complete_partitions(
    partitions: dg.TimeWindowPartitionsDefinition | None, window: Span, missing: Sequence[Scope]
) -> Iterator[str | None]:
    """The partitions of the window of which nothing is missing; None for the whole of an asset without partitions."""
    if partitions is None:
        yield from [] if missing else [None]
        return
    for key in partitions.get_partition_keys():
        span = _days(partitions, key)
        is_within = window[0] < span[1] and span[0] < window[1]
        if is_within and not any(scope.period_start < span[1] and span[0] < scope.period_end for scope in missing):
            yield key


def _days(partitions: dg.TimeWindowPartitionsDefinition, key: str) -> Span:
    window = partitions.time_window_for_partition_key(key)
    return window.start.date(), window.end.date()


def _materialized(
    key: dg.AssetKey, source: SourceEntry, outcomes: Sequence[RequestOutcome], partition: str | None
) -> dg.AssetMaterialization:
    extracts = sorted({outcome.extract_id for outcome in outcomes if outcome.extract_id})
    return dg.AssetMaterialization(
        key,
        partition=partition,
        metadata={
            "asked": summary(outcomes),
            "extracts_of_this_run": len(extracts),
            "licence": source.licence,
            "publisher": source.publisher,
        },
    )


def _check_spec(key: dg.AssetKey) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        HELD,
        asset=key,
        description="Every period that should be published by now is available, for every name.",
    )


def _completeness_check(key: dg.AssetKey, missing: Sequence[Scope]) -> dg.AssetCheckResult:
    rows = [
        (str(scope.period_start), str(scope.period_end), ", ".join(scope.terms) if scope.terms else "everything")
        for scope in missing
    ]
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=HELD,
        passed=not rows,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=table(["from", "until", "names"], rows, len(rows)),
    )


def report_extracts(
    instance: dg.DagsterInstance,
    source: SourceEntry,
    module: Source,
    events: Iterable[Fetch],
    reports: Iterable[ExtractReport],
) -> list[str]:
    """Tell Dagster of the extracts that were just read, in one report, each only once ever; return their ids.

    Of an asset with partitions those are reported that an extract covers and Dagster does not know yet.
    """
    rows = {report.extract_id: report.rows_in for report in reports}
    if not rows:
        return []
    key = asset_key("extracts", source.id)
    partitions = partitions_of(source, module) if is_live(source, {source.id: module}) else None
    news = [event for event in events if event.extract_id in rows]
    if partitions is None:
        known = _known(instance, key)
        news = [event for event in news if event.extract_id not in known]
        materializations = [_materialization(key, source, news, rows, None)] if news else []
        _remember(instance, key, {*known, *(event.extract_id for event in news)})
    else:
        covered = _covered(partitions, news, instance.get_materialized_partitions(key))
        materializations = [_materialization(key, source, [event], rows, partition) for partition, event in covered]
    for materialization in materializations:
        instance.report_runless_asset_event(materialization)
    return [event.extract_id for event in news]


def _covered(
    partitions: dg.TimeWindowPartitionsDefinition, events: Sequence[Fetch], known: Collection[str]
) -> Iterator[tuple[str, Fetch]]:
    """The partitions that Dagster does not know yet, each with the first of the extracts that covers it."""
    unknown = {name: _days(partitions, name) for name in partitions.get_partition_keys() if name not in known}
    for event in events:
        first, after = event.scope.period_start, event.scope.period_end
        covered = [name for name, span in unknown.items() if first <= span[0] and span[1] <= after]
        for name in covered:
            del unknown[name]
            yield name, event
        if not unknown:
            return


def _known(instance: dg.DagsterInstance, key: dg.AssetKey) -> set[str]:
    """The extracts that Dagster was told of, by their ids.

    A data folder of before there was a list of them has a report for each extract.
    """
    listed = instance.daemon_cursor_storage.get_cursor_values({_list_of(key)}).get(_list_of(key))
    if listed is not None:
        return set(listed.split())
    records = instance.fetch_materializations(key, limit=RECENT).records
    ids = [record.asset_materialization.metadata.get(ID) for record in records if record.asset_materialization]
    return {str(extract_id.value) for extract_id in ids if extract_id}


def _remember(instance: dg.DagsterInstance, key: dg.AssetKey, known: Iterable[str]) -> None:
    instance.daemon_cursor_storage.set_cursor_values({_list_of(key): " ".join(sorted(known))})


def _list_of(key: dg.AssetKey) -> str:
    return f"adoption/reported/{key.to_user_string()}"


def _materialization(
    key: dg.AssetKey, source: SourceEntry, events: Sequence[Fetch], rows: Mapping[str, int], partition: str | None
) -> dg.AssetMaterialization:
    """One report of all the extracts; the newest stands in it whole, several are listed."""
    newest = events[-1]
    first, after = min(event.scope.period_start for event in events), max(event.scope.period_end for event in events)
    more = f", and {len(events) - 1} more" if len(events) > 1 else ""
    return dg.AssetMaterialization(
        key,
        partition=partition,
        description=f"{newest.filename}, {newest.kind} {newest.landed_at.date()}{more}",
        metadata={
            ID: newest.extract_id,
            "rows": sum(rows[event.extract_id] for event in events),
            "period": f"{first} to {after} (exclusive)",
            "licence": newest.licence,
            "publisher": source.publisher,
            "sha256": newest.sha256,
            "landed_at": newest.landed_at.isoformat(),
            "available_at": newest.available_at.isoformat() if newest.available_at else "not known",
            **({"extracts": len(events), "newest": as_table(_listed(events, rows))} if more else {}),
        },
    )


def _listed(events: Sequence[Fetch], rows: Mapping[str, int]) -> list[dict[str, object]]:
    """The newest extracts, newest first."""
    return [
        {
            "file": event.filename,
            "rows": rows[event.extract_id],
            "from": event.scope.period_start,
            "until": event.scope.period_end,
            "landed_at": event.landed_at.isoformat(),
            ID: event.extract_id,
        }
        for event in reversed(events[-SHOWN:])
    ]
