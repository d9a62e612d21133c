"""raw/<source>: every landed extract, loaded into the warehouse; raw/catalog: the catalog as tables.

Belongs here: the assets of the schemas `raw` and `meta`, and the checks on loading. Does not belong here: how an
extract is read or a row is judged (`ingest.loader`).

One step loads all sources: a step of its own for each costs more than the loading.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from adoption.logs import log_into
from adoption.settings import Settings
from adoption.warehouse.landing import landing_of
from adoption.warehouse.lock import build_lock
from adoption.warehouse.table_stats import Table, Types, column_types
from ingest.catalog import Catalog, SourceEntry
from ingest.database import connect, discard_damaged
from ingest.errors import shortened
from ingest.inbox import MAX_NOTE, ingest_files, rejected_files, unclaimed_files
from ingest.landing import Landing
from ingest.loader import ExtractReport, load_extracts
from ingest.model import Source
from ingest.raw_tables import load_catalog_tables, prepare
from ingest.surprises import describe_error
from orchestration.asset_keys import OWNERS, asset_key
from orchestration.assets.extracts import report_extracts
from orchestration.check_results import FAILING_ROWS, ROWS, query_table, table
from orchestration.table_metadata import raw_columns

CATALOG = asset_key("raw", "catalog")
LANDING = asset_key("raw", "landing")

FAILED = """
select extract_id, filename, error
from raw.extracts as failed
where source_id = ? and (status = 'refused' or rows_rejected > 0)
    and not exists (
        from raw.extracts as later
        where later.source_id = failed.source_id and later.scope_key = failed.scope_key
            and later.landed_at > failed.landed_at and later.status = 'loaded' and later.rows_rejected = 0
    )
    and extract_id not in (
        select retracts from raw.extracts
        where retracts is not null and extract_id not in (select retracts from raw.extracts where retracts is not null)
    )
"""
"""Extracts that do not speak, unless they were withdrawn or a newer one speaks in their place."""
UNREAD = f"select filename as file, error as reason from ({FAILED}) where error is not null order by all"
REJECTED = f"""
select filename as file, row_number as line, column_name as "column", found, reason
from raw.rejected_rows inner join ({FAILED}) as failed using (extract_id, filename) order by all
"""
SUMMARY = """
select
    count(*) filter (status = 'loaded') as extracts, coalesce(sum(rows_loaded), 0)::bigint as rows,
    coalesce(sum(rows_rejected), 0)::bigint as rejected, min(period_start) as first, max(period_end) as last
from raw.extracts where source_id = ?
"""


@dataclass(frozen=True)
class LoadCheck:
    """A truth that must hold for every loaded source."""

    name: str
    description: str
    severity: dg.AssetCheckSeverity
    blocking: bool = False


READ = LoadCheck(
    "every_landed_extract_is_loaded",
    "No landed extract was refused: each could be read whole, with the documented columns.",
    dg.AssetCheckSeverity.ERROR,
)
RECONCILED = LoadCheck(
    "rows_in_equal_rows_loaded_plus_rejected",
    "Of every extract each row is either in the raw table or among the rejected rows; none is lost, none is double.",
    dg.AssetCheckSeverity.ERROR,
    blocking=True,
)
ACCEPTED = LoadCheck(
    "no_row_is_rejected", "Every row of every extract could be accepted as it stands.", dg.AssetCheckSeverity.ERROR
)
LOAD_CHECKS = (READ, RECONCILED, ACCEPTED)
CLAIMED = LoadCheck(
    "every_dropped_file_lies_with_a_source",
    "Nothing lies in the inbox that no source of the catalog would take.",
    dg.AssetCheckSeverity.ERROR,
)


def raw_assets(settings: Settings, catalog: Catalog, modules: Mapping[str, Source]) -> dg.AssetsDefinition:
    """One step with an asset per source, one for the catalog and one for the landing's bookkeeping."""
    keys = [asset_key("raw", source.id) for source in catalog.sources]

    @dg.multi_asset(
        name="raw",
        specs=[*map(_source_spec, catalog.sources), _catalog_spec(), _landing_spec(keys)],
        check_specs=[
            *(_check_spec(key, check) for key in keys for check in LOAD_CHECKS),
            _check_spec(LANDING, CLAIMED),
        ],
        can_subset=True,
    )
    def raw(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        log_into(settings.logs)
        landing = landing_of(settings)
        landing.check()
        now = datetime.now(UTC)
        with build_lock(settings), _work_file(settings.warehouse, context.log) as connection:
            prepare(connection, modules.values())
            is_asked = CATALOG in context.selected_asset_keys
            counts = load_catalog_tables(connection, catalog) if is_asked else {}
            types = column_types(connection)
            if is_asked:
                yield dg.MaterializeResult(CATALOG, metadata=_catalog(counts, types))
            for source in catalog.sources:
                if asset_key("raw", source.id) in context.selected_asset_keys:
                    load = _Load(connection, landing, settings.inbox, modules[source.id], source, catalog, types)
                    yield load.result(context.instance, now)
            if LANDING in context.selected_asset_keys:
                unclaimed = _unclaimed_check(settings.inbox, catalog)
                yield dg.MaterializeResult(LANDING, metadata=_bookkeeping(connection, types), check_results=[unclaimed])

    return raw


@contextmanager
def _work_file(path: Path, log: dg.DagsterLogManager) -> Iterator[duckdb.DuckDBPyConnection]:
    """The file in which a build makes everything, begun again where a killed build left none that opens."""
    if reason := discard_damaged(path):
        log.warning(f"{path} could not be opened and is made again: {reason}")
    with connect(path) as connection:
        yield connection


def _source_spec(source: SourceEntry) -> dg.AssetSpec:
    return _spec(
        asset_key("raw", source.id),
        f"{source.label}: typed rows of every landed extract, as published. Source: {source.citation}.",
        [asset_key("extracts", source.id)],
    )


def _catalog_spec() -> dg.AssetSpec:
    spec = _spec(CATALOG, "The reviewed catalog as tables of schema meta, replaced whole at every build.", [])
    return spec.replace_attributes(
        group_name="catalog"
    )  # it reaches every stage: in the picture it stands beside the way


def _landing_spec(sources: list[dg.AssetKey]) -> dg.AssetSpec:
    return _spec(LANDING, "Bookkeeping of loading: one row per landed extract, one per row that was rejected.", sources)


def _spec(key: dg.AssetKey, description: str, deps: list[dg.AssetKey]) -> dg.AssetSpec:
    return dg.AssetSpec(
        key, deps=deps, description=description, group_name="raw", owners=OWNERS, kinds={"python", "duckdb"}
    )


def _check_spec(key: dg.AssetKey, check: LoadCheck) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(check.name, asset=key, description=check.description, blocking=check.blocking)


def _catalog(counts: dict[str, int], types: Types) -> dict[str, Any]:
    columns = raw_columns(types, {name: Table("meta", name) for name in counts})
    return {"dagster/row_count": sum(counts.values()), "period": "none: its rows have no period", **columns, **counts}


def _bookkeeping(connection: duckdb.DuckDBPyConnection, types: Types) -> dict[str, Any]:
    query = "select (select count(*) from raw.extracts), (select count(*) from raw.rejected_rows)"
    extracts, rejected = connection.execute(query).fetchall()[0]
    columns = raw_columns(types, {name: Table("raw", name) for name in ("extracts", "rejected_rows")})
    first, last = connection.execute("select min(period_start), max(period_end) from raw.extracts").fetchall()[0]
    period = f"{first} to {last} (exclusive)" if first else "not known: nothing is available"
    return {"dagster/row_count": extracts, "period": period, "rejected_rows": rejected, **columns}


def _unclaimed_check(inbox: Path, catalog: Catalog) -> dg.AssetCheckResult:
    """What lies in the inbox and belongs to nobody."""
    unclaimed = [
        (f"{inbox.name}/{name}", reason)
        for name, reason in unclaimed_files(inbox, [source.id for source in catalog.sources])
    ]
    return dg.AssetCheckResult(
        asset_key=LANDING,
        check_name=CLAIMED.name,
        passed=not unclaimed,
        severity=CLAIMED.severity,
        metadata=table(["file", "reason"], unclaimed, len(unclaimed)),
    )


def _first(source: str, metadata: Mapping[str, Any]) -> str:
    """The first row of a check in one line that names the source."""
    total, rows = metadata[FAILING_ROWS], metadata[ROWS]
    more = f"; and {total - 1} more" if total > 1 else ""
    return f"{source}: failed: {': '.join(str(value) for value in rows.records[0].data.values())}{more}"


@dataclass(frozen=True)
class _Load:
    """Loading one source: its asset's result with the three checks."""

    connection: duckdb.DuckDBPyConnection
    landing: Landing
    inbox: Path
    module: Source
    source: SourceEntry
    catalog: Catalog
    types: Types

    def result(self, instance: dg.DagsterInstance, now: datetime) -> dg.MaterializeResult[None]:
        """Load what is new, tell Dagster of it, and check all that is held. What is bad stops nothing else."""
        reports, damage = self._load(now)
        if reports:
            report_extracts(instance, self.source, self.module, self.landing.events(self.source.id), reports)
        return dg.MaterializeResult(
            asset_key("raw", self.source.id),
            metadata=self._metadata(reports),
            check_results=[
                self._read(damage),
                self._check(RECONCILED, self._reconciliation()),
                self._check(ACCEPTED, REJECTED),
            ],
        )

    def _load(self, now: datetime) -> tuple[list[ExtractReport], str]:
        """Take and load; what was read, and what made it impossible, if anything.

        A source that surprises us, in whatever way, has failed by its name, and every other one goes on.
        """
        try:
            dropped = ingest_files(self.inbox, self.landing, self.module, self.catalog, now)
            left = dict.fromkeys(problem for result in dropped if result.is_left for problem in result.problems)
            reports = load_extracts(self.connection, self.landing, self.module, self.catalog)
            return reports, shortened("; ".join(left), MAX_NOTE)
        except Exception as error:  # noqa: BLE001 - no source may stop another
            return [], describe_error(error, self.source.id)

    def _read(self, damage: str) -> dg.AssetCheckResult:
        """Refused extracts, refused files of the inbox, and a landing that cannot be read at all."""
        problems: list[tuple[str, str]] = self.connection.execute(UNREAD, [self.source.id]).fetchall()
        problems += [
            (f"{self.inbox.name}/{file}", reason) for file, reason in rejected_files(self.inbox, self.source.id)
        ]
        problems += [("landing", damage)] if damage else []
        return self._outcome(READ, table(["file", "reason"], problems, len(problems)))

    def _check(self, check: LoadCheck, sql: str) -> dg.AssetCheckResult:
        return self._outcome(check, query_table(self.connection, sql, [self.source.id]))

    def _outcome(self, check: LoadCheck, metadata: dict[str, Any]) -> dg.AssetCheckResult:
        is_passed = metadata[FAILING_ROWS] == 0
        return dg.AssetCheckResult(
            asset_key=asset_key("raw", self.source.id),
            check_name=check.name,
            passed=is_passed,
            severity=check.severity,
            description=None if is_passed else _first(self.source.id, metadata),
            metadata=metadata,
        )

    def _reconciliation(self) -> str:
        """The extracts whose rows in the tables are not the rows that were read."""
        loaded = " union all ".join(
            f"select extract_id from raw.{self.module.name}__{name}" for name in self.module.tables
        )
        return f"""
            select filename as file, rows_in, rows_loaded, rows_rejected, found.loaded, found.rejected
            from raw.extracts
            cross join lateral (
                select
                    (select count(*) from ({loaded}) as rows where rows.extract_id = extracts.extract_id) as loaded,
                    (select count(*) from raw.rejected_rows as rows where rows.extract_id = extracts.extract_id)
                        as rejected
            ) as found
            where source_id = ? and (rows_in, rows_loaded, rows_rejected)
                is distinct from (found.loaded + found.rejected, found.loaded, found.rejected)
            order by all
        """

    def _metadata(self, reports: list[ExtractReport]) -> dict[str, Any]:
        extracts, rows, rejected, first, last = self.connection.execute(SUMMARY, [self.source.id]).fetchall()[0]
        tables = {name: Table("raw", f"{self.module.name}__{name}") for name in self.module.tables}
        return {
            "dagster/row_count": rows,
            "extracts": extracts,
            "newly_read": len(reports),
            "rejected_rows": rejected,
            "period": f"{first} to {last} (exclusive)" if first else "not known: nothing is available",
            **raw_columns(self.types, tables),
        }
