"""Runs that wait for their turn. Out of scope: runs whose process has died (`orchestration.dead_runs`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adoption.reports.health import QueuedRun
from adoption.warehouse.dbt import environment
from orchestration.instance import open_instance

if TYPE_CHECKING:
    import dagster as dg

    from adoption.settings import Settings

REFRESH = "refresh_"
"""What the job begins with that fetches a source."""


def queued_runs(settings: Settings) -> list[QueuedRun]:
    """The runs in the queue, the oldest first; none where Dagster was never started."""
    if not settings.dagster_home.exists():
        return []
    with environment(settings), open_instance(settings) as instance:
        return queued_in(instance)


def queued_in(instance: dg.DagsterInstance) -> list[QueuedRun]:
    """The runs in the queue of an instance, the oldest first."""
    import dagster as dg

    waits = dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])
    queued = [_queued(record) for record in instance.get_run_records(waits)]
    return sorted(queued, key=lambda run: run.since)


def _queued(record: dg.RunRecord) -> QueuedRun:
    job = record.dagster_run.job_name
    return QueuedRun(record.create_timestamp, job, job.removeprefix(REFRESH) if job.startswith(REFRESH) else None)
