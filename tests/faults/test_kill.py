"""`kill -9` in the middle of a build, then a build: the same as if nothing had happened."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence

import duckdb
import pytest

from adoption.settings import REPOSITORY
from tests.conftest import World, content_of, run_build
from tests.faults.soak import times

pytestmark = [pytest.mark.slow, pytest.mark.processes, pytest.mark.soak]

BUILD = """
import sys
from pathlib import Path
from rich.console import Console
from orchestration.runner import build
from tests.conftest import world_in
build(world_in(Path(sys.argv[1])), Console(width=200))
"""
LINES = (range(1, 11), range(11, 21)) if times(10) == 10 else ((3, 8), (13, 18))
"""A build prints a line when a stage begins, when a layer is complete, and when the stage is done: twenty-two here."""


def kill_after(world: World, lines: int) -> None:
    """Start a build as a process of its own, and kill it as soon as it has printed so many lines."""
    command = [sys.executable, "-u", "-c", BUILD, str(world.data.parent)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for number in range(lines):
            assert process.stdout.readline(), f"the build ended before line {number + 1}"
        process.kill()
    assert process.returncode == -signal.SIGKILL


@pytest.fixture
def undisturbed(world: World) -> dict[str, object]:
    """What a build of this world says when nobody kills it; its data folder is put aside."""
    assert run_build(world).outcome.exit_code == 0
    content = content_of(world.published)
    world.data.rename(world.data.with_name("undisturbed"))
    return content


@pytest.mark.parametrize("points", LINES, ids=["early", "late"])
def test_a_build_after_a_killed_one_is_like_any_other(
    world: World, undisturbed: dict[str, object], points: Sequence[int]
) -> None:
    """The first point of a row starts from nothing; each later one from what the build after the last kill left."""
    for point in points:
        kill_after(world, point)
        assert not world.published.exists() or content_of(world.published) == undisturbed

        made = run_build(world)

        assert made.outcome.exit_code == 0, (point, made.outcome.summary(world))
        assert content_of(world.published) == undisturbed, point
        assert raw_rows(world) == (1, 2), point


def raw_rows(world: World) -> tuple[int, int]:
    """How many extracts and rows the work file holds."""
    with duckdb.connect(str(world.warehouse), read_only=True) as connection:
        query = "select (select count(*) from raw.extracts), (select count(*) from raw.pypi_tools__months)"
        [counts] = connection.execute(query).fetchall()
    return counts
