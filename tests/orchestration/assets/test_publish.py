"""When publishing is allowed: by results of this run, none missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationPlanned
from dagster._core.events import DagsterEvent, DagsterEventType
from dagster._core.utils import make_new_run_id

from adoption.settings import Settings
from adoption.warehouse.lock import build_lock
from orchestration.asset_keys import asset_key
from orchestration.assets import publish
from orchestration.assets.health import KEY as WELL
from orchestration.assets.publish import PUBLISHED
from orchestration.definitions import JOB, build_defs
from tests.conftest import World, content_of

MART = asset_key("marts", "fct_months")


def execute(world: World, instance: dg.DagsterInstance, *keys: dg.AssetKey) -> dg.ExecuteInProcessResult:
    job = build_defs(world).resolve_job_def(JOB)
    return job.execute_in_process(instance=instance, asset_selection=list(keys) or None, raise_on_error=False)


def test_one_run_goes_from_the_landing_to_the_published_file(world: World, instance: dg.DagsterInstance) -> None:
    result = execute(world, instance)

    assert result.success
    content = content_of(world.published)
    assert [row[:3] for row in _rows(content, "marts.fct_months")]
    checks = {(row[0], row[1]): row[2] for row in _rows(content, "meta.check_results")}
    declared = build_defs(world).resolve_asset_graph().asset_check_keys
    # what is checked while a publisher is asked, or between builds, is no part of a build
    assert set(checks) == {
        (key.asset_key.to_user_string(), key.name)
        for key in declared
        if key.asset_key.path[0] != "extracts" and key != WELL
    }
    assert all(checks.values())


def _rows(content: dict[str, object], table: str) -> list[tuple[object, ...]]:
    rows = content[table]
    assert isinstance(rows, list)
    return rows


def test_publishing_alone_needs_every_blocking_check_to_have_passed_before(
    world: World, instance: dg.DagsterInstance
) -> None:
    assert execute(world, instance).success

    assert execute(world, instance, PUBLISHED).success
    with dg.DagsterInstance.ephemeral() as forgetful:
        refused = execute(world, forgetful, PUBLISHED)

    assert not refused.success
    failure = refused.failure_data_for_node("publish")
    assert failure
    assert failure.error
    assert "blocking checks did not pass" in failure.error.to_string()
    assert "marts/fct_months: only_known_packages" in failure.error.to_string()


def test_a_run_that_waits_in_the_queue_keeps_no_other_from_publishing(
    world: World, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has planned every check by the time the running one publishes."""

    @contextmanager
    def with_one_more_queued(settings: Settings) -> Iterator[None]:
        for key in build_defs(world).resolve_asset_graph().asset_check_keys:
            planned = DagsterEvent(
                DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED.value,
                JOB,
                event_specific_data=AssetCheckEvaluationPlanned(asset_key=key.asset_key, check_name=key.name),
            )
            instance.report_dagster_event(planned, run_id=make_new_run_id())
        with build_lock(settings):
            yield

    monkeypatch.setattr(publish, "build_lock", with_one_more_queued)

    assert execute(world, instance).success
    assert all(row[2] for row in _rows(content_of(world.published), "meta.check_results"))


def test_a_failed_blocking_check_leaves_the_published_file_and_fails_the_run(
    world: World, instance: dg.DagsterInstance
) -> None:
    assert execute(world, instance).success
    before = stat_of(world.published)
    world.land("saw,2020-01-01,10,pypinfo,,c1\n")

    result = execute(world, instance)

    assert not result.success
    assert stat_of(world.published) == before
    [check] = [event for event in result.get_asset_check_evaluations() if not event.passed]
    assert (check.asset_key, check.check_name) == (MART, "only_known_packages")
    assert PUBLISHED not in {event.asset_key for event in result.get_asset_materialization_events()}


def stat_of(path: Path) -> tuple[int, int, bytes]:
    return path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes()
