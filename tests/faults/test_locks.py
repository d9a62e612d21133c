"""Builds of the command line beside runs of the daemon: nobody waits for ever, whoever is killed or ended.

Belongs here: what only shows across processes. Does not belong here: who is dead (tests/orchestration/test_dead_runs).
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from tempfile import NamedTemporaryFile

import dagster as dg
import duckdb
import pytest

from adoption.settings import REPOSITORY
from adoption.warehouse.dbt import environment
from tests.conftest import World, run_build
from tests.faults.soak import times

pytestmark = [pytest.mark.slow, pytest.mark.processes, pytest.mark.soak]

PATIENCE_SECONDS = 600
DAEMON = """
import sys
from pathlib import Path
import dagster as dg
from adoption.warehouse.dbt import environment
from orchestration.definitions import JOB, build_defs
from orchestration.instance import fit_configuration, open_instance
from tests.conftest import world_in
world = world_in(Path(sys.argv[1]))
fit_configuration(world.dagster_home)
with environment(world), open_instance(world) as instance:
    job = build_defs(world).resolve_job_def(JOB)
    print("started", flush=True)
    sys.exit(not job.execute_in_process(instance=instance, raise_on_error=False).success)
"""
"""A run as the daemon's process makes it: step by step, without the lock around the whole."""
BUILD = """
import sys
from pathlib import Path
from rich.console import Console
from adoption.warehouse.lock import BuildRunning
from adoption.warehouse.processes import ended_by_signals
from orchestration.runner import build
from tests.conftest import world_in
with ended_by_signals("Nothing is lost."):
    print("started", flush=True)
    try:
        outcome = build(world_in(Path(sys.argv[1])), Console(width=200), wait=sys.argv[2] == "wait")
    except BuildRunning:
        sys.exit(75)
    sys.exit(outcome.exit_code)
"""


@dataclass(frozen=True)
class Started:
    """A process that has started its work, and the file with what it complains about."""

    process: subprocess.Popen[str]
    errors: Path

    def wait(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Its exit code. What it prints is read, or a full pipe would stop one that holds the lock."""
        self.process.communicate(timeout=seconds)
        return self.process.returncode


@contextmanager
def started(script: str, world: World, *arguments: str) -> Iterator[Started]:
    command = [sys.executable, "-u", "-c", script, str(world.data.parent), *arguments]
    with NamedTemporaryFile() as errors:
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=REPOSITORY, stdout=pipe, stderr=errors.file, text=True) as process:
            assert process.stdout
            assert process.stdout.readline() == "started\n"
            yield Started(process, Path(errors.name))


def statuses(world: World) -> set[str]:
    with environment(world), dg.DagsterInstance.from_config(str(world.dagster_home)) as instance:
        return {run.status.value for run in instance.get_runs()}


def test_a_build_and_a_run_of_the_daemon_never_wait_for_each_other(world: World) -> None:
    run_build(world)
    ended = []
    for number in range(times(20)):
        how = ("wait", "refuse")[number % 2]
        with started(DAEMON, world) as daemon, started(BUILD, world, how) as build:
            ended.append((how, build.wait(), daemon.wait()))

    sys.stdout.write(f"builds beside a daemon's run: {len(ended)}, no deadlock\n")
    assert {daemon for _, _, daemon in ended} == {0}
    assert {build for how, build, _ in ended if how == "wait"} <= {0}
    assert {build for how, build, _ in ended if how == "refuse"} <= {0, 75}


def test_after_a_killed_run_of_the_daemon_the_next_build_goes_on_and_the_run_is_ended(world: World) -> None:
    run_build(world)
    with started(DAEMON, world) as daemon:
        while "STARTED" not in statuses(world):
            assert daemon.process.poll() is None
        daemon.process.kill()
        daemon.wait()

    assert "STARTED" in statuses(world)
    with started(BUILD, world, "wait") as build:
        assert build.wait() == 0
    assert statuses(world) == {"SUCCESS", "FAILURE"}


def test_a_signal_ends_a_build_in_every_stage_and_the_next_one_goes_on(world: World) -> None:
    """A build prints a line when a stage begins, when a layer is complete, and when the stage is done."""
    lines = range(20) if times(10) == 10 else range(1, 20, 6)
    for number, line in zip(cycle((signal.SIGINT, signal.SIGTERM)), lines, strict=False):
        with started(BUILD, world, "wait") as build:
            assert build.process.stdout
            for _ in range(line):
                build.process.stdout.readline()
            build.process.send_signal(number)
            code, errors = build.wait(60), build.errors.read_text()
        assert code == 128 + number, errors
        assert errors.strip().splitlines()[-1].endswith("Nothing is lost.")
        assert "Traceback" not in errors

    assert run_build(world).outcome.exit_code == 0
    assert "STARTED" not in statuses(world)
    with duckdb.connect(str(world.published), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.fct_months").fetchall() == [(2,)]
