"""Asking from processes: killed in the middle, without a network, from the web server, by the daemon.

Belongs here: what only shows across processes. Does not belong here: the arithmetic (tests/ingest) or one run in this
process (tests/orchestration).
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Iterator

import dagster as dg
import duckdb
import pytest

from adoption.settings import REPOSITORY
from tests.conftest import World, run_build
from tests.faults.live import SOURCE, LiveWorld, free_port, questions, wait_until
from tests.ingest.publisher import Heard, Publisher, Say, publishing

pytestmark = [pytest.mark.slow, pytest.mark.processes]

MONTHS = [f"{year}-{month:02}" for year in (2019, 2020) for month in range(1, 13)]
RANGE = ("refresh", SOURCE, "--from", "2019-01", "--to", "2020-12", "--no-build")


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        yield made


@pytest.fixture
def live(world: World, publisher: Publisher) -> LiveWorld:
    return LiveWorld(world, publisher)


def test_who_is_killed_in_the_middle_asks_only_for_the_rest(live: LiveWorld) -> None:
    reached, gone = threading.Event(), threading.Event()

    def until_killed(heard: Heard) -> Say:
        if len(live.publisher.heard) == 20:
            reached.set()
            gone.wait(60)
        return questions(heard)

    live.publisher.answers("/questions", until_killed)
    with subprocess.Popen(live.command(*RANGE), cwd=REPOSITORY, env=live.environment()) as process:
        assert reached.wait(60)
        process.send_signal(signal.SIGKILL)
    gone.set()
    landed = len(live.landed())
    assert 0 < landed < 20
    live.request_count()
    live.publisher.answers("/questions", questions)

    again = live.adoption(*RANGE)
    assert again.returncode == 0, again.stdout + again.stderr
    assert live.request_count() == 48 - landed
    assert len(live.landed()) == 48

    live.names.append("tongs")
    live.write()
    assert live.adoption(*RANGE).returncode == 0
    assert {heard.params["tagged"] for heard in live.publisher.heard} == {"tongs"}
    assert live.request_count() == 24


def test_without_a_network_each_source_says_why_and_the_published_file_stays(live: LiveWorld) -> None:
    assert run_build(live.world).outcome.published
    before = live.world.published.read_bytes()
    live.write(urls=[f"http://127.0.0.1:{free_port()}"])
    output = live.adoption("refresh")
    assert output.returncode == 3, output.stdout + output.stderr
    assert "1 failed, 47 not fetched" in output.stdout
    assert "no connection" in output.stdout
    assert "the published file stays" in output.stdout
    assert live.world.published.read_bytes() == before


def test_a_refresh_builds_what_it_landed(live: LiveWorld) -> None:
    output = live.adoption("refresh", SOURCE)
    assert "48 landed" in output.stdout, output.stdout + output.stderr
    assert live.world.published.exists(), output.stdout + output.stderr
    with duckdb.connect(str(live.world.published), read_only=True) as connection:
        built = connection.execute("select extract_id from meta.extracts where source_id = ?", [SOURCE]).fetchall()
    assert len(built) == 48


BACKFILL = """
mutation Backfill($assets: [AssetKeyInput!]!, $names: [String!]!) {
  launchPartitionBackfill(backfillParams: {assetSelection: $assets, partitionNames: $names}) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message }
  }
}
"""


def ask_web_server(port: int, query: str, **variables: object) -> dict[str, object]:
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as reply:
        answer: dict[str, object] = json.load(reply)
    return answer


def is_up(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def runs(live: LiveWorld, job: str | None = None) -> list[dg.DagsterRun]:
    """The finished runs, newest first."""
    ended = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
    with live.instance() as instance:
        return list(instance.get_runs(dg.RunsFilter(job_name=job, statuses=ended)))


def test_a_backfill_of_the_web_server_is_one_run_and_lands_what_the_command_line_lands(live: LiveWorld) -> None:
    live.write(schedule=None, off="a test")
    port = free_port()
    with (
        live.dagster("dagster_webserver", "-p", str(port)) as server,
        live.dagster("dagster._daemon", "run") as daemon,
    ):
        wait_until(lambda: is_up(port), server, "the web server answered")
        assets = [{"path": ["extracts", SOURCE]}]
        answer = ask_web_server(port, BACKFILL, assets=assets, names=MONTHS)
        assert "LaunchBackfillSuccess" in str(answer), answer
        wait_until(lambda: len(runs(live)) > 0, daemon, "the backfill's run ended")
    (run,) = runs(live)
    assert run.status is dg.DagsterRunStatus.SUCCESS
    assert live.request_count() == 48
    by_web_server = live.landed()
    live.world.landing.rename(live.world.landing.with_name("landing_of_the_web_server"))

    assert live.adoption(*RANGE).returncode == 0
    assert live.request_count() == 48
    assert live.landed() == by_web_server
    with live.instance() as instance:
        key = dg.AssetKey(["extracts", SOURCE])
        assert set(instance.get_materialized_partitions(key)) == set(MONTHS)


def test_the_daemon_asks_in_time_and_builds_what_is_new(live: LiveWorld) -> None:
    assert run_build(live.world).outcome.published
    before = live.world.published.read_bytes()
    with live.dagster("dagster._daemon", "run") as daemon:
        wait_until(lambda: len(live.landed()) == 48, daemon, "the schedule's run landed every month")
        wait_until(lambda: live.world.published.read_bytes() != before, daemon, "the sensor's run published")
        wait_until(lambda: len(runs(live, "warehouse")) > 1, daemon, "that run ended")
        after = live.world.published.read_bytes()
        dropped = live.world.inbox / "linkedin"
        dropped.mkdir(parents=True)
        (dropped / "posts.csv").write_text("name,period_start,period_end,count\nno such name,2020-01-01,2020-01-02,1\n")
        wait_until(lambda: not (dropped / "posts.csv").exists(), daemon, "the inbox sensor's run took the file")
        wait_until(lambda: live.world.published.read_bytes() != after, daemon, "and published")
    assert (live.world.inbox / "refused" / "linkedin" / "posts.csv.txt").exists()
