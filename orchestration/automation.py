"""When things happen by themselves: sources are asked at their times, and what is new is built.

Belongs here: the job, schedule and sensor that start a run. Does not belong here: what a run does, or when a source is
asked (`access.schedule` in the catalog says so).
"""

import hashlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from adoption.notices.addresses import is_configured
from adoption.publish.digest import ChangedFileError
from adoption.publish.reader import UnreadableFileError, open_published
from adoption.settings import Settings
from adoption.warehouse.landing import landing_of
from ingest.catalog import Catalog, SourceEntry
from ingest.database import fetch_dicts
from ingest.inbox import DONE, REFUSED
from ingest.model import Source
from ingest.refresh import switched_off
from orchestration.asset_keys import asset_key
from orchestration.assets.extracts import is_live, partitions_of
from orchestration.assets.health import report
from orchestration.dead_runs import died, end_dead_runs
from orchestration.notices import tell_of_runs
from orchestration.queue import REFRESH

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

SWITCH = "ADOPTION_SCHEDULES"
"""The environment variable that says `off` where nothing shall start by itself."""
SETTLED_SECONDS = 5
"""A file of the inbox is left alone until it has not changed for so long: it may still be being copied."""
LOOK_SECONDS = 30
AGAIN = 3
"""A build that is killed each time is started again so often."""
HEALTH_SECONDS = 300
LOOKED_AT = 50
"""So many runs are told of at one look."""
UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


def _are_on() -> bool:
    """Whether schedules and the sensor start running: in a deployment, and not where a person only looks."""
    return os.environ.get(SWITCH, "on") != "off"


def refresh_jobs(catalog: Catalog, modules: Mapping[str, Source]) -> "list[UnresolvedAssetJobDefinition]":
    """One job per source that can be fetched: it fetches what is missing, and lands it."""
    return [
        dg.define_asset_job(
            _job_name(source),
            selection=dg.AssetSelection.assets(asset_key("extracts", source.id)),
            description=f"Fetch what {source.publisher} should have published and is not available. {_when(source)}",
            executor_def=dg.in_process_executor,
        )
        for source in catalog.sources
        if is_live(source, modules)
    ]


def _job_name(source: SourceEntry) -> str:
    return f"{REFRESH}{source.id}"


def _when(source: SourceEntry) -> str:
    access = source.access
    if access is None:
        return ""
    return f"Scheduled at {access.schedule} (UTC)." if access.schedule else f"Not scheduled: {access.off}."


def schedules(catalog: Catalog, modules: Mapping[str, Source]) -> list[dg.ScheduleDefinition]:
    """One schedule per source that the catalog gives a time; it says why where it skips."""
    return [
        _schedule(source, modules[source.id], source.access.schedule)
        for source in catalog.sources
        if is_live(source, modules) and source.access and source.access.schedule
    ]


def _schedule(source: SourceEntry, module: Source, cron: str) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=f"{source.id}_schedule",
        cron_schedule=cron,
        job_name=_job_name(source),
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING if _are_on() else dg.DefaultScheduleStatus.STOPPED,
        description=f"{source.label}: {source.cadence}.",
    )
    def request_run() -> dg.RunRequest | dg.SkipReason:
        off = switched_off(module, source)
        if off is not None:
            return dg.SkipReason(off)
        return dg.RunRequest(tags=_whole_range(source, module))

    return request_run


def _whole_range(source: SourceEntry, module: Source) -> dict[str, str]:
    """All partitions in one run: what is available and settled is not fetched again."""
    partitions = partitions_of(source, module)
    keys = partitions.get_partition_keys() if partitions else []
    if not keys:
        return {}
    return {ASSET_PARTITION_RANGE_START_TAG: keys[0], ASSET_PARTITION_RANGE_END_TAG: keys[-1]}


def sensors(settings: Settings, warehouse: str) -> list[dg.SensorDefinition]:
    """The sensor that builds when a file was dropped or an answer was landed, and those that tell people."""

    @dg.sensor(
        name="new_data_sensor",
        job_name=warehouse,
        minimum_interval_seconds=LOOK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING if _are_on() else dg.DefaultSensorStatus.STOPPED,
        description="Builds when a file lies in the inbox, or an extract is landed that the published file lacks.",
    )
    def new_data_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        end_dead_runs(context.instance)
        news = [*_dropped(settings.inbox), *_unpublished(settings)]
        if not news:
            return dg.SkipReason("Nothing was dropped or landed since the last build.")
        if context.instance.get_runs(dg.RunsFilter(job_name=warehouse, statuses=UNFINISHED), limit=1):
            return dg.SkipReason("A build is running; what is new waits for its end.")
        # the same news start one build only: one that failed waits for a person, one that was killed is started again
        news += _killed(context.instance, warehouse)
        return dg.RunRequest(run_key=hashlib.sha256("\n".join(news).encode()).hexdigest()[:16])

    @dg.sensor(
        name="notices_sensor",
        minimum_interval_seconds=LOOK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING if _are_told() else dg.DefaultSensorStatus.STOPPED,
        description="Tells people what runs came to, and tries again what was not delivered. It starts no run.",
    )
    def notices_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        end_dead_runs(context.instance)
        records = _ended_since(context)
        context.update_cursor(_cursor(context, records))
        problems = tell_of_runs(settings, context.instance, records)
        return dg.SkipReason("; ".join(problems) or f"{len(records)} runs have ended since the last look.")

    @dg.sensor(
        name="health_sensor",
        minimum_interval_seconds=HEALTH_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING if _are_on() else dg.DefaultSensorStatus.STOPPED,
        description="Says on the published file what `adoption status --check` says: a failed source, a stale file, a "
        "full queue. It starts no run.",
    )
    def health_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        return dg.SkipReason(report(settings, context.instance))

    return [new_data_sensor, notices_sensor, health_sensor]


def _are_told() -> bool:
    """Whether the sensor of notices runs: where somebody wants them, and wherever schedules run."""
    return _are_on() or is_configured(os.environ)


def _ended_since(context: dg.SensorEvaluationContext) -> list[dg.RunRecord]:
    """The runs that ended since the last look, the first first; at the first look none."""
    if not context.cursor:
        return []
    ended = dg.RunsFilter(
        statuses=[dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE],
        updated_after=datetime.fromtimestamp(float(context.cursor), UTC),
    )
    return list(context.instance.get_run_records(ended, LOOKED_AT, order_by="update_timestamp", ascending=True))


def _cursor(context: dg.SensorEvaluationContext, records: Sequence[dg.RunRecord]) -> str:
    if records:
        return str(records[-1].update_timestamp.timestamp())
    return context.cursor or str(time.time())


def _killed(instance: dg.DagsterInstance, job: str) -> list[str]:
    """What tells a build from those before it that were killed; after some it is the same each time."""
    newest = instance.get_runs(dg.RunsFilter(job_name=job), limit=AGAIN)
    killed = [run.run_id for run in takewhile(partial(died, instance), newest)]
    return killed if len(killed) < AGAIN else ["killed again and again"]


def _dropped(inbox: Path) -> Iterator[str]:
    """Files that lie in the inbox and are no longer being written."""
    for path in sorted(inbox.glob("*/*")):
        if path.parent.name in (DONE, REFUSED) or path.name.startswith(".") or not path.is_file():
            continue
        changed = path.stat().st_mtime
        if time.time() - changed > SETTLED_SECONDS:
            yield f"{path.parent.name}/{path.name} {changed}"


def _unpublished(settings: Settings) -> Iterator[str]:
    """Landed extracts that the published file does not know."""
    landed = landing_of(settings).extract_ids()
    if landed and settings.published.exists():
        try:
            with open_published(settings) as connection:
                known = fetch_dicts(connection, "select extract_id from meta.extracts")
        except (ChangedFileError, UnreadableFileError) as error:  # a build heals it
            yield str(error)
        else:
            landed -= {row["extract_id"] for row in known}
    yield from sorted(landed)
