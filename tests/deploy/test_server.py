"""Dagster's storage in PostgreSQL: builds by the daemon, one of them killed, and what people see of it in the browser.

`make test-server` runs it; it starts a PostgreSQL of its own. Two builds in CI, twenty with SOAK=1.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import dagster as dg
import pytest

from adoption.cli.serve import PARTS, is_alive
from adoption.settings import REPOSITORY
from adoption.warehouse.dbt import environment_variables
from orchestration.dead_runs import PROCESS, _processes, died, end_dead_runs_of
from orchestration.instance import configure
from orchestration.queue import queued_runs
from orchestration.retention import prune
from tests.conftest import World, run_build
from tests.deploy.postgres import Server, programs, running
from tests.deploy.team import CONFIGURATION, PATIENCE_SECONDS, Team
from tests.faults.live import free_port, wait_until
from tests.faults.soak import times
from tests.faults.test_refresh import is_up
from tests.ingest.publisher import publishing
from tests.orchestration.test_retention import idle_job, run_once

pytestmark = [pytest.mark.server, pytest.mark.soak]

BUILDS = times(20)
SEEN_TO = "published/adoption: nothing_must_be_seen_to"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    folder = programs()
    if folder is None:
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    with running(folder) as server:
        yield server


@pytest.fixture
def team(world: World, postgres: Server) -> Iterator[Team]:
    with publishing() as publisher:
        yield Team(world, publisher, postgres.new_database(world.data.parent.name))


@pytest.fixture
def daemon(team: Team) -> Iterator[subprocess.Popen[bytes]]:
    with team.served() as process:
        yield process


def kill_in_the_middle(team: Team, daemon: subprocess.Popen[bytes]) -> str:
    """Launch a build, and kill its process as soon as it works; its run."""
    run_id = team.launch()
    wait_until(lambda: team.status(run_id) == "STARTED", daemon, "the first run had started", PATIENCE_SECONDS)
    with team.instance() as instance:
        pid, _ = list(_processes(instance, run_id))[-1]
    os.kill(pid, signal.SIGKILL)
    return run_id


def test_builds_by_the_daemon_go_on_after_one_was_killed_and_the_browser_sees_them(
    team: Team, daemon: subprocess.Popen[bytes]
) -> None:
    killed = kill_in_the_middle(team, daemon)
    builds = []
    for _ in range(BUILDS):
        builds.append(team.launch())
        wait_until(partial(team.is_over, builds[-1]), daemon, "a build ended", PATIENCE_SECONDS)
    ended = [team.run(run_id) for run_id in builds]
    wait_until(lambda: team.is_over(killed), daemon, "the killed run was ended", PATIENCE_SECONDS)

    done = sum(run["status"] == "SUCCESS" for run in ended)
    sys.stdout.write(f"builds by daemon on PostgreSQL: {done} of {BUILDS}, and one before them killed and ended\n")
    assert {run["status"] for run in ended} == {"SUCCESS"}
    assert {run["jobName"] for run in ended} == {"warehouse"}
    assert all(run["repositoryOrigin"] and run["endTime"] > run["startTime"] for run in ended), "on the timeline"
    with team.instance() as instance:
        run = instance.get_run_by_id(killed)
        assert run is not None
        assert died(instance, run), "the sensor starts again what it was to build"
    assert team.world.published.exists()
    checks = team.checks(builds[-1])
    assert len(checks) > 5
    # what must be seen to in this small world stops nothing
    assert {name for name, status in checks.items() if status != "SUCCEEDED"} <= {SEEN_TO}
    assert team.schedules() == {"stack_exchange_schedule": "RUNNING"}


def test_old_runs_go_with_all_that_was_recorded_of_them(team: Team) -> None:
    with team.instance() as instance:
        before, last = [run_once(instance, "one") for _ in range(2)], run_once(instance, "one")
        later = datetime.now(UTC) + timedelta(days=91)
        [would] = prune(team.world, instance, later, dry_run=True)
        [done] = prune(team.world, instance, later)

        assert (would.kind, would.count) == (done.kind, done.count) == ("runs of Dagster", 2)
        assert last in {run.run_id for run in instance.get_runs()}
        for run_id in before:
            assert instance.get_run_by_id(run_id) is None
            assert not instance.get_records_for_run(run_id).records
        assert rows(team, "asset_check_executions").isdisjoint(before)
        assert rows(team, "run_tags").isdisjoint(before)
        [check] = instance.event_log_storage.get_latest_asset_check_execution_by_key(
            [dg.AssetCheckKey(dg.AssetKey("made"), "is_whole")]
        ).values()
        assert check.run_id == last


def rows(team: Team, table: str) -> set[str]:
    """The runs that a table of PostgreSQL knows."""
    with team.server.connected() as connection, connection.cursor() as cursor:
        cursor.execute(f"select distinct run_id from {table}")
        return {row[0] for row in cursor.fetchall()}


def test_a_build_and_the_doctor_of_the_command_line_use_the_same_storage(team: Team) -> None:
    """What asks Dagster's files on a laptop asks the server here: dead runs, the queue, prune, migration."""
    with team.instance() as instance:
        dead = instance.create_run_for_job(idle_job(), status=dg.DagsterRunStatus.STARTED, tags={PROCESS: "4194304"})
    settings = replace(team.world, dagster_yaml=CONFIGURATION)
    with environment_variables(team.server.environment()):
        assert configure(settings) is None
        assert end_dead_runs_of(settings) == [f"one {dead.run_id[:8]}"]
        assert end_dead_runs_of(settings) == []
        assert queued_runs(settings) == []
        made = run_build(settings)
    assert made.outcome.exit_code == 0, made.output
    with team.instance() as instance:
        newest = instance.get_runs(limit=1)[0]
    assert newest.job_name == "warehouse"
    assert newest.status is dg.DagsterRunStatus.SUCCESS
    assert not list(settings.dagster_home.rglob("*.db")), "nothing of it lies in files"
    assert (settings.dagster_home / "migrated_to").exists()


HOW_TO = REPOSITORY / "docs" / "how-to" / "deploy.md"


def blocks() -> tuple[str, str]:
    """The two blocks of the how-to that are meant to be followed: what starts the parts, and what looks after them."""
    first, second = re.findall(r"^```sh\n(.*?)^```$", HOW_TO.read_text(), re.MULTILINE | re.DOTALL)
    return first, second


def placed(team: Team, block: str) -> str:
    """A block on this test's folders and ports."""
    folder = team.world.data.parent
    secret = folder / "password"
    secret.write_text(team.server.environment()["ADOPTION_PG_PASSWORD"])
    replacements = {
        "ADOPTION_DATA=data": f"ADOPTION_DATA={team.world.data}",
        "deploy/secrets/postgres_password": str(secret),
        "PG_PORT=5432": f"PG_PORT={team.server.port}",
        "PG_DATABASE=dagster": f"PG_DATABASE={team.server.database}",
        "--port 3000": f"--port {team.port}",
    }
    for old, new in replacements.items():
        block = block.replace(old, new)
    return block


@contextmanager
def following(team: Team) -> Iterator[subprocess.Popen[bytes]]:
    """A shell that follows the how-to: it starts the parts, waits for a line, looks after them, and ends them."""
    folder = team.world.data.parent
    program = folder / "bin" / "adoption"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.join(team.command())} "$@"\n')
    program.chmod(0o755)
    start, look = (placed(team, block) for block in blocks())
    script = f"set -e\n{start}\nread go\n{look}\necho followed\nkill $(jobs -p)\nwait || true"
    own = {name: value for name, value in os.environ.items() if not name.startswith(("ADOPTION_", "DAGSTER_HOME"))}
    world = {"ADOPTION_CATALOG": str(team.world.catalog), "ADOPTION_EXTRACTS": str(team.world.extracts)}
    path = os.pathsep.join([str(program.parent), os.environ["PATH"]])
    with (folder / "said").open("wb") as said:
        shell = subprocess.Popen(
            ["bash", "-c", script],
            cwd=REPOSITORY,
            env={**own, **world, "PYTHONPATH": str(REPOSITORY), "PATH": path},
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            yield shell
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGTERM)
            shell.wait()


def test_the_how_to_can_be_followed_and_its_parts_run_with_schedules_on(team: Team) -> None:
    team.port, said = free_port(), team.world.data.parent / "said"
    with following(team) as shell:
        with environment_variables(team.server.environment()):
            for part in PARTS:
                alive = partial(is_alive, team.world, part, team.port)
                wait_until(alive, shell, f"the part {part} was alive", PATIENCE_SECONDS)
        with urllib.request.urlopen(f"http://127.0.0.1:{team.port}/server_info") as reply:
            assert json.load(reply)["dagster_version"] == dg.__version__
        assert team.schedules() == {"stack_exchange_schedule": "RUNNING"}
        shell.communicate(b"go\n", timeout=PATIENCE_SECONDS)
        assert "followed" in said.read_text(), said.read_text()
        assert "The part daemon is alive." in said.read_text()
        assert not list(team.world.dagster_home.rglob("*.db")), "all of it is in PostgreSQL"
        assert not is_up(team.port)


def test_a_server_without_its_database_says_so_in_a_sentence(team: Team) -> None:
    elsewhere = {"ADOPTION_DAGSTER_YAML": str(CONFIGURATION), "ADOPTION_PG_PORT": str(free_port())}
    variables = {**team.environment(), **elsewhere}
    line = team.command("serve", "daemon")
    refused = subprocess.run(line, cwd=REPOSITORY, env=variables, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "Error: Dagster's database cannot be used: connection to server" in refused.stderr
    assert "Traceback" not in refused.stderr
