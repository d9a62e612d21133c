"""Runs that wait for their turn. Out of scope: runs whose process has died (`orchestration.dead_runs`)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from adoption.warehouse.dbt import environment
from orchestration.instance import open_instance

if TYPE_CHECKING:
    from adoption.settings import Settings


def queued_runs(settings: Settings) -> list[datetime]:
    """Since when (UTC) each run in the queue waits, the oldest first; empty where Dagster was never started."""
    if not settings.dagster_home.exists():
        return []
    import dagster as dg

    waits = dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])
    with environment(settings), open_instance(settings) as instance:
        return sorted(record.create_timestamp for record in instance.get_run_records(waits))
