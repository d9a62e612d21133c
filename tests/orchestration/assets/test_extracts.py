"""Asking through Dagster: partitions, one run for a range, what is reported, and what a failure looks like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import pytest
import yaml

from ingest.catalog import load_catalog
from ingest.clients.http import Client
from ingest.model import Connector, Request, Response, Source
from ingest.sources import all_sources
from orchestration.asset_keys import asset_key
from orchestration.assets.extracts import HELD, extract_assets
from orchestration.automation import refresh_jobs, schedules, sensors
from orchestration.dead_runs import PROCESS
from tests.conftest import MONTHS_HEADER, World
from tests.ingest.publisher import Heard, Publisher, Say, publishing

KEY = asset_key("extracts", "pypi_tools")


def ask(request: Request, client: Client) -> Response:
    scope = request.scope
    reply = client.get(f"{client.url}/months", {"package": request.term, "month": f"{scope.period_start:%Y-%m}"})
    return Response(reply.body, f"{request.term}.csv", "csv", reply.request)


def month(heard: Heard) -> Say:
    package, start = heard.params["package"], f"{heard.params['month']}-01"
    return Say(f"{MONTHS_HEADER}\n{package},{start},10,pypinfo,,c1\n")


class Live:
    """The small world with a source that can be asked, of two packages, 2020-01 to 2020-06; two months are shipped."""

    def __init__(self, world: World, publisher: Publisher, instance: dg.DagsterInstance) -> None:
        self.world, self.publisher, self.instance = world, publisher, instance
        self.access: dict[str, Any] = {"urls": [publisher.url], "schedule": "0 5 2 * *", "attempts": 1}
        self.connector = Connector("months", ask)
        publisher.answers("/months", month)

    @property
    def sources(self) -> dict[str, Source]:
        modules = all_sources()
        return {**modules, "pypi_tools": replace(modules["pypi_tools"], connector=self.connector)}

    def write_catalog(self) -> None:
        """The shipped catalog, with two names and six months."""
        path = self.world.catalog / "sources.yaml"
        entries = yaml.safe_load(path.read_text())
        for entry in entries:
            entry.pop("access", None)
            if entry["id"] == "pypi_tools":
                entry |= {"access": self.access, "names": "tool"}
                entry["expected"] = {
                    "grain": "month", "first": datetime(2020, 1, 1, tzinfo=UTC).date(),
                    "last": datetime(2020, 7, 1, tzinfo=UTC).date(), "lag_days": 5,
                }  # fmt: skip
        path.write_text(yaml.safe_dump(entries))
        path = self.world.catalog / "frameworks.yaml"
        people = yaml.safe_load(path.read_text())
        for name, framework in zip(("anvil", "hammer"), people["frameworks"], strict=False):
            framework["names"]["tool"] = [{"name": name, "member": "primary"}]
        path.write_text(yaml.safe_dump(people))

    def defs(self) -> dg.Definitions:
        self.write_catalog()
        catalog = load_catalog(self.world.catalog)
        return dg.Definitions(
            assets=extract_assets(self.world, catalog, self.sources),
            jobs=[*refresh_jobs(catalog, self.sources), dg.define_asset_job("warehouse", "*")],
            schedules=schedules(catalog, self.sources),
            sensors=sensors(self.world, "warehouse"),
        )

    def run(self, **tags: str) -> dg.ExecuteInProcessResult:
        job = self.defs().resolve_job_def("refresh_pypi_tools")
        return job.execute_in_process(instance=self.instance, tags=tags, raise_on_error=False)

    def backfill(self, first: str, last: str) -> dg.ExecuteInProcessResult:
        """One run for a range of months, as the UI launches it."""
        return self.run(**{"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last})

    def requested_months(self) -> list[str]:
        months = [request.params["month"] for request in self.publisher.heard]
        self.publisher.heard.clear()
        return months

    def materialized(self) -> set[str]:
        return set(self.instance.get_materialized_partitions(KEY))


@pytest.fixture
def live(world: World, instance: dg.DagsterInstance) -> Iterator[Live]:
    with publishing() as publisher:
        yield Live(world, publisher, instance)


def test_a_range_is_one_run_that_asks_for_its_months_only(live: Live) -> None:
    assert live.backfill("2020-03", "2020-04").success
    assert live.requested_months() == ["2020-04", "2020-04", "2020-03", "2020-03"]
    assert live.materialized() == {"2020-03", "2020-04"}
    assert live.backfill("2020-03", "2020-05").success
    assert live.requested_months() == ["2020-05", "2020-05"]
    assert live.materialized() == {"2020-03", "2020-04", "2020-05"}


def test_what_is_held_is_not_asked_for_and_shows_as_held(live: Live) -> None:
    live.backfill("2020-01", "2020-06")
    assert sorted(set(live.requested_months())) == [f"2020-0{number}" for number in (3, 4, 5, 6)]
    assert live.materialized() == {f"2020-0{number}" for number in range(1, 7)}
    live.backfill("2020-01", "2020-06")
    assert live.requested_months() == []


def test_a_month_that_could_not_be_had_is_red_and_the_others_are_kept(live: Live) -> None:
    live.publisher.answers(
        "/months", lambda heard: Say("out of paper", 500) if heard.params["month"] == "2020-04" else month(heard)
    )
    result = live.backfill("2020-03", "2020-05")
    assert not result.success
    assert live.materialized() == {"2020-03", "2020-05"}
    [failure] = [event for event in result.all_events if event.is_step_failure]
    data = failure.step_failure_data.user_failure_data
    assert data is not None
    assert data.description is not None
    assert "status 500: out of paper" in data.description
    [check] = result.get_asset_check_evaluations()
    assert (check.check_name, check.passed, check.metadata["failing_rows"].value) == (HELD, False, 2)


def test_where_only_today_can_be_seen_there_are_no_partitions(live: Live) -> None:
    live.connector = Connector("months", lambda request, _: ask_today(request), sees_past=False)
    result = live.run()
    assert result.success
    assert live.materialized() == set()
    assert live.instance.get_latest_materialization_event(KEY) is not None


def ask_today(request: Request) -> Response:
    body = f"{MONTHS_HEADER}\n{request.term},2020-01-01,10,pypinfo,,c1\n".encode()
    return Response(body, "today.csv", "csv", {})


def test_the_schedule_asks_for_everything_that_is_missing(live: Live) -> None:
    schedule = live.defs().get_schedule_def("pypi_tools_schedule")
    assert schedule.cron_schedule == "0 5 2 * *"
    [request] = schedule.evaluate_tick(dg.build_schedule_context(instance=live.instance)).run_requests or []
    assert live.run(**request.tags).success
    assert sorted(set(live.requested_months())) == [f"2020-0{number}" for number in (3, 4, 5, 6)]


def test_a_schedule_without_its_key_says_so(live: Live) -> None:
    live.access["credential"] = {"variable": "NOBODY_HAS_THIS_KEY", "is_required": True, "gives": "ask the guild"}
    schedule = live.defs().get_schedule_def("pypi_tools_schedule")
    tick = schedule.evaluate_tick(dg.build_schedule_context(instance=live.instance))
    assert tick.skip_message == "needs NOBODY_HAS_THIS_KEY in the environment: ask the guild"


def test_a_source_that_is_off_has_a_job_and_no_schedule(live: Live) -> None:
    live.access = {"urls": [live.publisher.url], "off": "paid for by the call"}
    defs = live.defs()
    assert [schedule.name for schedule in defs.schedules or []] == []
    assert "paid for by the call" in str(defs.resolve_job_def("refresh_pypi_tools").description)


def test_the_sensor_builds_what_is_new_and_only_once(live: Live) -> None:
    sensor = live.defs().get_sensor_def("new_data_sensor")
    tick = sensor.evaluate_tick(dg.build_sensor_context(instance=live.instance))
    assert tick.skip_message == "Nothing was dropped or landed since the last build."
    live.backfill("2020-03", "2020-03")
    first = sensor.evaluate_tick(dg.build_sensor_context(instance=live.instance)).run_requests or []
    again = sensor.evaluate_tick(dg.build_sensor_context(instance=live.instance)).run_requests or []
    assert [request.run_key for request in first] == [request.run_key for request in again] != []


def test_a_build_that_was_killed_is_started_again_but_not_for_ever(live: Live) -> None:
    live.backfill("2020-03", "2020-03")
    sensor, keys = live.defs().get_sensor_def("new_data_sensor"), []
    for _ in range(6):
        requests = sensor.evaluate_tick(dg.build_sensor_context(instance=live.instance)).run_requests or []
        keys += [request.run_key for request in requests]
        killed = live.instance.create_run_for_job(
            live.defs().resolve_job_def("warehouse"), status=dg.DagsterRunStatus.STARTED, tags={PROCESS: "4194304"}
        )
        sensor.evaluate_tick(dg.build_sensor_context(instance=live.instance))
        ended = live.instance.get_run_by_id(killed.run_id)
        assert ended is not None
        assert ended.is_finished
    assert len(keys) == 6, "a killed one does not count as running"
    assert len(set(keys)) == 4, "the first, one after each of two kills, and a last one"


def test_a_file_that_is_still_being_copied_is_left_alone(live: Live) -> None:
    import os
    import time

    folder = live.world.inbox / "linkedin"
    folder.mkdir(parents=True)
    (folder / "posts.csv").write_text("name")
    sensor = live.defs().get_sensor_def("new_data_sensor")
    context = dg.build_sensor_context(instance=live.instance)
    assert sensor.evaluate_tick(context).skip_message
    old = time.time() - 60
    os.utime(folder / "posts.csv", (old, old))
    assert sensor.evaluate_tick(context).run_requests
