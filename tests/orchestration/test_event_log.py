"""Our event log against Dagster's own: the same events give the same answers, and two threads may speak at once."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage

from orchestration.event_log import EventStorage

KEY = dg.AssetKey(["raw", "thing"])
STORAGES = [ConsolidatedSqliteEventLogStorage, EventStorage]
CONFIGURATION = """
event_log_storage:
  module: {module}
  class: {name}
  config: {{base_dir: {folder}}}
telemetry: {{enabled: false}}
"""


@dg.asset(key=KEY, check_specs=[dg.AssetCheckSpec("is_good", asset=KEY)])
def thing(context: dg.AssetExecutionContext) -> Iterator[Any]:
    context.log.info("a line of the log")
    yield dg.MaterializeResult(
        metadata={"rows": 3, "text": dg.MetadataValue.md("**bold**")},
        check_results=[dg.AssetCheckResult(passed=False, check_name="is_good", severity=dg.AssetCheckSeverity.WARN)],
    )


@dg.asset(deps=[thing])
def broken() -> None:
    raise dg.Failure("it broke")


def instance_with(storage: type[ConsolidatedSqliteEventLogStorage], folder: Path) -> dg.DagsterInstance:
    folder.mkdir()
    module = "dagster._core.storage.event_log" if storage is ConsolidatedSqliteEventLogStorage else storage.__module__
    (folder / "dagster.yaml").write_text(
        CONFIGURATION.format(module=module, name=storage.__name__, folder=folder / "events")
    )
    return dg.DagsterInstance.from_config(str(folder))


def answers(storage: type[ConsolidatedSqliteEventLogStorage], folder: Path) -> list[object]:
    """What Dagster can say after one run and one report, in a form that holds no ids, times or durations."""
    with instance_with(storage, folder) as instance:
        assert type(instance.event_log_storage) is storage
        run = dg.materialize([thing, broken], instance=instance, raise_on_error=False)
        report = dg.AssetMaterialization(KEY, metadata={"rows": 4}, tags={"of": "person"})
        instance.report_runless_asset_event(report)
    with dg.DagsterInstance.from_config(str(folder)) as instance:  # opened again: what was said has reached the file
        log: Any = instance.event_log_storage
        events = instance.all_logs(run.run_id)
        checks = log.get_latest_asset_check_execution_by_key([dg.AssetCheckKey(KEY, "is_good")])
        records = instance.fetch_materializations(KEY, limit=10).records
        return [
            sorted((str(event.dagster_event_type), event.step_key or "") for event in events),
            [record.asset_materialization.metadata for record in records if record.asset_materialization],
            [record.asset_materialization.tags for record in records[:1] if record.asset_materialization],
            [record.event and record.status.value for record in checks.values()],
            log.get_stats_for_run(run.run_id).steps_failed,
            [step.status for step in log.get_step_stats_for_run(run.run_id)],
            sorted(key.to_user_string() for key in log.all_asset_keys()),
            log.has_table("asset_keys"),
            log.has_table("no_such_table"),
            log.supports_global_concurrency_limits,
        ]


def test_it_answers_as_the_stock_storage_does(tmp_path: Path) -> None:
    stock, ours = (answers(storage, tmp_path / storage.__name__) for storage in STORAGES)

    assert ours == stock
    assert ("DagsterEventType.ASSET_MATERIALIZATION", "raw__thing") in ours[0]  # type: ignore[operator]


def test_each_opens_what_the_other_wrote(tmp_path: Path) -> None:
    for writer, reader in (STORAGES, STORAGES[::-1]):
        folder = tmp_path / writer.__name__
        with instance_with(writer, folder) as instance:
            dg.materialize([thing], instance=instance)
        other: Any = reader(str(folder / "events"))
        assert KEY in other.all_asset_keys()
        other.dispose()


def test_many_threads_lose_no_event(tmp_path: Path) -> None:
    with instance_with(EventStorage, tmp_path / "home") as instance:

        def report(number: int) -> None:
            instance.report_runless_asset_event(dg.AssetMaterialization(KEY, metadata={"number": number}))

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(report, range(40)))
        records = instance.fetch_materializations(KEY, limit=100).records

    numbers = [
        record.asset_materialization.metadata["number"].value for record in records if record.asset_materialization
    ]
    assert sorted(numbers) == list(range(40))  # type: ignore[type-var]


def test_what_failed_leaves_nothing_behind(tmp_path: Path) -> None:
    storage: Any = EventStorage(str(tmp_path))

    def half() -> None:
        with storage.index_connection() as connection:
            connection.exec_driver_sql("insert into asset_keys (asset_key) values ('half')")
            raise RuntimeError("broken off")

    with pytest.raises(RuntimeError, match="broken off"):
        half()
    with storage.index_connection() as connection:
        count = connection.exec_driver_sql("select count(*) from asset_keys").scalar()
    storage.dispose()

    assert count == 0


def test_one_thread_keeps_one_connection_which_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    storage: Any = EventStorage(str(tmp_path))
    seen = set()
    for _ in range(5):
        with storage.index_connection() as connection:
            seen.add(id(connection.connection.driver_connection))
            assert connection.exec_driver_sql("pragma synchronous").scalar() == 1
            assert connection.exec_driver_sql("pragma journal_mode").scalar() == "wal"
    storage.dispose()

    assert len(seen) == 1


def test_metadata_are_stored_once(tmp_path: Path) -> None:
    with instance_with(EventStorage, tmp_path / "home") as instance:
        run = dg.materialize([thing], instance=instance)
        events = {event.dagster_event_type: event for event in instance.all_logs(run.run_id)}
    with sqlite3.connect(tmp_path / "home" / "events" / "event_log.db") as connection:
        rows = connection.execute("select dagster_event_type from event_logs where event like '%**bold**%'").fetchall()

    assert rows == [("ASSET_MATERIALIZATION",)]
    assert dg.DagsterEventType.STEP_OUTPUT in events
