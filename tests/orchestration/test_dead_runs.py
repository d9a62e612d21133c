"""Runs whose process has died are ended, whoever started them; the others are left alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import EngineEventData

from adoption.settings import Settings
from adoption.warehouse.dbt import environment
from orchestration import dead_runs
from orchestration.dead_runs import PROCESS, REASON, end_dead_runs, end_dead_runs_of, free_slots
from orchestration.instance import fit_configuration, open_instance


@pytest.fixture
def dead() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    return process.pid


def started(instance: dg.DagsterInstance, pid: int | None = None, tagged: bool = True, **more: object) -> dg.DagsterRun:
    """A run that counts as running, of a process that is noted by us or by Dagster."""

    @dg.op
    def nothing() -> None: ...

    @dg.job
    def some() -> None:
        nothing()

    tags = {PROCESS: str(pid)} if pid and tagged else {}
    status = more.get("status", dg.DagsterRunStatus.STARTED)
    run = instance.create_run_for_job(some, tags=tags, status=status)  # type: ignore[arg-type]
    if pid and not tagged:
        instance.report_engine_event("Started process for run.", run, EngineEventData.in_process(pid))
    return run


def status(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRunStatus:
    run_now = instance.get_run_by_id(run.run_id)
    assert run_now
    return run_now.status


@pytest.mark.parametrize("tagged", [True, False], ids=["command line", "daemon"])
def test_a_run_of_a_dead_process_is_ended(instance: dg.DagsterInstance, dead: int, tagged: bool) -> None:
    run = started(instance, dead, tagged)
    alive = started(instance, os.getpid(), tagged)

    assert end_dead_runs(instance) == [f"some {run.run_id[:8]}"]
    assert status(instance, run) is dg.DagsterRunStatus.FAILURE
    assert status(instance, alive) is dg.DagsterRunStatus.STARTED
    assert REASON in [entry.message for entry in instance.all_logs(run.run_id)][-1]
    assert end_dead_runs(instance) == []


def test_of_a_folder_dagster_is_asked_only_where_a_run_is_not_over(
    tmp_path: Path, dead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data=tmp_path / "data")
    assert end_dead_runs_of(settings) == []
    assert not settings.data.exists()
    settings.data.mkdir()
    fit_configuration(settings.dagster_home)
    with environment(settings), open_instance(settings) as instance:
        run = started(instance, dead)

    assert end_dead_runs_of(settings) == [f"some {run.run_id[:8]}"]

    monkeypatch.setattr(dead_runs, "open_instance", None)
    assert end_dead_runs_of(settings) == []


def test_a_run_that_was_to_be_cancelled_is_cancelled(instance: dg.DagsterInstance, dead: int) -> None:
    run = started(instance, dead, status=dg.DagsterRunStatus.CANCELING)
    end_dead_runs(instance)
    assert status(instance, run) is dg.DagsterRunStatus.CANCELED


def test_a_run_without_a_process_has_time_to_get_one(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started(instance)
    assert end_dead_runs(instance) == []
    monkeypatch.setattr(dead_runs, "START_SECONDS", -1)
    assert end_dead_runs(instance) == [f"some {run.run_id[:8]}"]


def test_slots_of_the_dead_and_of_runs_that_are_over_are_freed(instance: dg.DagsterInstance, dead: int) -> None:
    run, over = started(instance, dead), started(instance, status=dg.DagsterRunStatus.SUCCESS)
    storage = instance.event_log_storage
    for pool, holder in (("ask_one", run), ("ask_other", over), ("ask_third", None)):
        storage.set_concurrency_slots(pool, 1)
        assert storage.claim_concurrency_slot(pool, holder.run_id if holder else "deleted", "ask").is_claimed

    assert end_dead_runs(instance)[0] == f"some {run.run_id[:8]}"
    assert storage.get_concurrency_run_ids() == set()
    assert free_slots(instance) == []
