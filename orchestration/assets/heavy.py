"""heavy/*: a raw download log by month, counted where it lies, and landed like any extract.

Belongs here: the three heavy models as assets with a partition for each month. The warehouse never waits for them: they
stand before the landing, and a build takes what was landed. Does not belong here: counting and landing
(`adoption.raw_log`).

`ADOPTION_RAW_LOG` names the log, a folder or a bucket; `ADOPTION_RAW_LOG_ENGINE` what counts it, by default DuckDB.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import dagster as dg

from adoption.logs import log_into
from adoption.raw_log.counting import SOURCE, Counter, Outcome
from adoption.raw_log.engines import ENGINES, MODELS, PROJECT, EngineName, engine_of
from adoption.settings import Settings
from ingest.catalog import Catalog
from ingest.raw_log import open_log
from orchestration.asset_keys import OWNERS, asset_key
from orchestration.assets.dbt import leading_comment
from orchestration.check_results import as_table

LOG, ENGINE = "ADOPTION_RAW_LOG", "ADOPTION_RAW_LOG_ENGINE"
NAMES = [model.removeprefix("heavy_downloads__") for model in MODELS]
KEYS = [asset_key("heavy", name) for name in NAMES]
COUNTED: Mapping[str, Sequence[dg.AssetKey]] = {SOURCE: KEYS[1:]}
"""The source whose extracts are counted by these assets."""
PARENTS: Mapping[str, Sequence[dg.AssetKey]] = {"months": (), "bases": KEYS[:1], "population": KEYS[1:2]}


def month_partitions(catalog: Catalog) -> dg.TimeWindowPartitionsDefinition:
    """Every month since the first that the catalog expects of a log."""
    first = catalog.source(SOURCE).expected.first
    return dg.TimeWindowPartitionsDefinition(start=f"{first:%Y-%m}", fmt="%Y-%m", cron_schedule="0 0 1 * *")


def heavy_assets(settings: Settings, catalog: Catalog) -> dg.AssetsDefinition:
    """The three models in one step, for any months: a month that is wrong fails the run after the others are landed."""
    partitions = month_partitions(catalog)

    @dg.multi_asset(
        name="count_raw_log",
        specs=[_spec(name, partitions) for name in NAMES],
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool="count_raw_log",
    )
    def count(context: dg.AssetExecutionContext) -> Iterator[dg.Output[None]]:
        log_into(settings.logs)
        location, engine = _where()
        requested = {date.fromisoformat(f"{key}-01") for key in context.partition_keys}
        counter = Counter(settings, catalog, engine_of(engine, settings))
        outcomes = []
        yield from ()  # months are reported one by one, as they are landed
        for outcome in counter.count(open_log(location), requested.__contains__):
            outcomes.append(outcome)
            context.log.info(_description(outcome))
            for key in KEYS if outcome.result != "refused" else ():
                context.log_event(_materialized(key, outcome))
        missing = sorted(requested - {outcome.month for outcome in outcomes})
        refused = [_description(outcome) for outcome in outcomes if outcome.result == "refused"]
        refused += [f"{month:%Y-%m}: the log has no file of this month" for month in missing]
        if refused:
            raise dg.Failure(
                "; ".join(refused),
                metadata={"months": as_table(_rows(outcomes))} if outcomes else {},
                allow_retries=False,
            )

    return count


def _spec(name: str, partitions: dg.TimeWindowPartitionsDefinition) -> dg.AssetSpec:
    model = PROJECT.parent / "models" / "heavy" / f"heavy_downloads__{name}.sql"
    return dg.AssetSpec(
        asset_key("heavy", name),
        deps=PARENTS[name],
        description=leading_comment(model.read_text(encoding="utf-8")),
        group_name="heavy",
        owners=OWNERS,
        kinds={"dbt", "table"},
        partitions_def=partitions,
        # a month that could not be counted is not reported as materialized
        skippable=True,
    )


def _where() -> tuple[str, EngineName]:
    """The log and the engine that the environment names; raises Failure where it names none."""
    location, configured = os.environ.get(LOG, ""), os.environ.get(ENGINE, "duckdb")
    engine = next((name for name in ENGINES if name == configured), None)
    if not location:
        raise dg.Failure(f"No log: set {LOG} to the folder or bucket of its Parquet files", allow_retries=False)
    if engine is None:
        raise dg.Failure(f"{ENGINE} is {configured!r}; expected one of {', '.join(ENGINES)}", allow_retries=False)
    return location, engine


def _materialized(key: dg.AssetKey, outcome: Outcome) -> dg.AssetMaterialization:
    return dg.AssetMaterialization(
        key,
        partition=f"{outcome.month:%Y-%m}",
        metadata={"result": outcome.result, "log_rows": outcome.rows, "extracts": ", ".join(outcome.extracts)},
    )


def _description(outcome: Outcome) -> str:
    reasons = f": {'; '.join(outcome.reasons)}" if outcome.reasons else ""
    return f"{outcome.month:%Y-%m}: {outcome.result}, {outcome.rows:,} rows{reasons}"


def _rows(outcomes: Sequence[Outcome]) -> list[dict[str, object]]:
    return [
        {
            "month": f"{outcome.month:%Y-%m}",
            "result": outcome.result,
            "rows": outcome.rows,
            "reasons": "; ".join(outcome.reasons),
        }
        for outcome in outcomes
    ]
