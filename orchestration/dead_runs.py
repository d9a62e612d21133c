"""Runs whose process has died: ended in Dagster's record, and their places in pools given to others.

Belongs here: finding them, of any origin (command line, daemon, web server). Does not belong here: when it is done
(a build, the sensor, `adoption doctor`).

Power may fail, or a process be killed, between any two events. Nobody then says in Dagster's record that the run is
over: the UI shows it as running, and whoever waits for its end waits for ever.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from adoption.warehouse.dbt import environment
from adoption.warehouse.processes import is_alive
from orchestration.instance import keeps_files, open_instance

if TYPE_CHECKING:
    import dagster as dg

    from adoption.settings import Settings

PROCESS = "adoption/process"
"""The tag with the number of the process that a command line's run is in; Dagster notes that of a daemon's run."""
START_SECONDS = 180
"""A run without a process may be about to get one; after so long it will not."""
FINISHED = ("SUCCESS", "FAILURE", "CANCELED")
UNFINISHED = "select 1 from runs where status not in (?, ?, ?) limit 1"
REASON = "The process of this run has ended without a word: it was killed, or the power failed."


def process_tag() -> dict[str, str]:
    """The tag of a run in this process."""
    return {PROCESS: str(os.getpid())}


def end_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """End every run whose process has died, free its slots, and return the names of the runs."""
    return [_end(instance, record) for record in dead_runs(instance)] + free_slots(instance)


def end_dead_runs_of(settings: Settings) -> list[str]:
    """The same for a data folder in which nothing else is done: Dagster is started only where a run is not over."""
    home = settings.dagster_home
    if not home.exists() or (keeps_files(home) and not _has_unfinished(home / "history" / "runs.db")):
        return []
    with environment(settings), open_instance(settings) as instance:
        return end_dead_runs(instance)


def _has_unfinished(runs: Path) -> bool:
    if not runs.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{runs.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(UNFINISHED, FINISHED).fetchone() is not None
    except sqlite3.Error:  # another form of the storage, or one that is written: Dagster knows
        return True


def dead_runs(instance: dg.DagsterInstance) -> Iterator[dg.RunRecord]:
    """The runs that count as running, and whose process has died."""
    import dagster as dg

    statuses = [
        dg.DagsterRunStatus.NOT_STARTED,
        dg.DagsterRunStatus.STARTING,
        dg.DagsterRunStatus.STARTED,
        dg.DagsterRunStatus.CANCELING,
    ]
    for record in instance.get_run_records(dg.RunsFilter(statuses=statuses)):
        if not _has_process(instance, record):
            yield record


def _has_process(instance: dg.DagsterInstance, record: dg.RunRecord) -> bool:
    run = record.dagster_run
    tag = run.tags.get(PROCESS, "")
    if tag.isdecimal():
        return is_alive(int(tag), record.create_timestamp.timestamp())
    processes = list(_processes(instance, run.run_id))
    if processes:
        return is_alive(*processes[-1])
    return time.time() - record.update_timestamp.timestamp() < START_SECONDS


def _processes(instance: dg.DagsterInstance, run_id: str) -> Iterator[tuple[int, float]]:
    """The processes that Dagster started for a run, and when."""
    import dagster as dg

    events = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.ENGINE_EVENT).records
    for event in (record.event_log_entry for record in events):
        engine_event = event.dagster_event
        pid = engine_event.engine_event_data.metadata.get("pid") if engine_event else None
        if pid is not None and str(pid.value).isdecimal():
            yield int(str(pid.value)), event.timestamp


def died(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether a run failed although none of its steps did: its process was gone, whoever noticed first."""
    import dagster as dg

    if run.status is not dg.DagsterRunStatus.FAILURE:
        return False
    return not instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE, limit=1).records


def _end(instance: dg.DagsterInstance, record: dg.RunRecord) -> str:
    import dagster as dg

    run = record.dagster_run
    if run.status is dg.DagsterRunStatus.CANCELING:
        instance.report_run_canceled(run, REASON)
    else:
        instance.report_run_failed(run, REASON)
    instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return f"{run.job_name} {run.run_id[:8]}"


def free_slots(instance: dg.DagsterInstance) -> list[str]:
    """Free the slots of runs that are over or were deleted; their names."""
    holders = instance.event_log_storage.get_concurrency_run_ids()
    stale = []
    for run_id in holders:
        run = instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            instance.event_log_storage.free_concurrency_slots_for_run(run_id)
            stale.append(f"slot of {run_id[:8]}")
    return stale
