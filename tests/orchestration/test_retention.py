"""Old runs go with all that was recorded of them; the last run of each job stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from adoption.settings import Settings
from adoption.warehouse.dbt import environment
from orchestration.instance import fit_configuration, open_instance
from orchestration.retention import prune

EVENTS, RUNS = Path("event_log.db"), Path("history/runs.db")
LATER = datetime.now(UTC) + timedelta(days=91)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    made = Settings(data=tmp_path / "data", extracts=tmp_path)
    with environment(made):
        fit_configuration(made.dagster_home)
        yield made


def run_once(instance: dg.DagsterInstance, job: str) -> str:
    """Run a job of one checked asset; the run."""

    @dg.multi_asset(specs=[dg.AssetSpec("made")], check_specs=[dg.AssetCheckSpec("is_whole", asset="made")])
    def asset() -> Iterator[dg.MaterializeResult[None]]:
        check = dg.AssetCheckResult(passed=True, metadata={"text": dg.MetadataValue.text("x" * 50_000)})
        yield dg.MaterializeResult("made", check_results=[check])

    definitions = dg.Definitions([asset], jobs=[dg.define_asset_job(job, executor_def=dg.in_process_executor)])
    return definitions.resolve_job_def(job).execute_in_process(instance=instance).run_id


def rows(settings: Settings, file: Path, query: str) -> set[str]:
    with closing(sqlite3.connect(settings.dagster_home / file)) as connection:
        return {row[0] for row in connection.execute(query)}


def test_of_old_runs_the_last_of_each_job_stays_and_nothing_of_the_others(settings: Settings) -> None:
    with open_instance(settings) as instance:
        before, last = [run_once(instance, "one") for _ in range(3)], run_once(instance, "one")
        other = run_once(instance, "other")

        assert prune(settings, instance, datetime.now(UTC) + timedelta(days=89)) == []
        [would] = prune(settings, instance, LATER, dry_run=True)
        assert (would.kind, would.count, would.bytes) == ("runs of Dagster", 3, 0)
        [done] = prune(settings, instance, LATER)
        assert (done.kind, done.count) == ("runs of Dagster", 3)
        assert done.bytes > 0

        assert {run.run_id for run in instance.get_runs()} == {last, other}
        assert instance.get_latest_materialization_event(dg.AssetKey("made"))
        [check] = instance.event_log_storage.get_latest_asset_check_execution_by_key(
            [dg.AssetCheckKey(dg.AssetKey("made"), "is_whole")]
        ).values()
        assert check.run_id == other
    for file, table in ((EVENTS, "event_logs"), (EVENTS, "asset_check_executions"), (RUNS, "run_tags")):
        assert rows(settings, file, f"select run_id from {table}").isdisjoint(before), table


def test_an_unfinished_run_stays(settings: Settings) -> None:
    with open_instance(settings) as instance:
        run = run_once(instance, "one")
        unfinished = instance.create_run_for_job(idle_job(), status=dg.DagsterRunStatus.STARTED).run_id
        run_once(instance, "one")
        prune(settings, instance, LATER)
        assert unfinished in {run.run_id for run in instance.get_runs()}
        assert run not in {run.run_id for run in instance.get_runs()}


def idle_job() -> dg.JobDefinition:
    @dg.op
    def nothing() -> None: ...

    @dg.job
    def one() -> None:
        nothing()

    return one


def test_the_size_of_the_storage_is_bounded(settings: Settings) -> None:
    sizes = []
    with open_instance(settings) as instance:
        for number in range(12):
            run_once(instance, "one")
            prune(settings, instance, LATER)
            if number in (3, 11):
                sizes.append(sum(path.stat().st_size for path in settings.dagster_home.rglob("*.db*")))
    assert sizes[1] < 1.2 * sizes[0]


def test_storage_of_another_version_of_dagster_is_migrated(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    migrated = []
    monkeypatch.setattr(dg.DagsterInstance, "upgrade", lambda _: migrated.append(1))
    with open_instance(settings) as instance:
        run_once(instance, "one")
    with open_instance(settings):
        assert migrated == []
    (settings.dagster_home / "migrated_to").write_text("1.2.3\n")
    with open_instance(settings):
        assert migrated == [1]
    with open_instance(settings):
        assert migrated == [1]
