"""`kill -9` in the middle of a build, then a build: the same as if nothing had happened."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from adoption.settings import REPOSITORY, Settings
from tests.conftest import content_of, run_build

pytestmark = pytest.mark.slow

LINES = range(1, 11)
"""A build prints ten lines and more: when it begins, and for each layer and stage that is done."""


def kill_after(settings: Settings, lines: int) -> str:
    """Start a build of its own process, kill it as soon as it has printed so many lines, and return the last one."""
    command = [sys.executable, "-u", "-c", "from adoption.cli import main; main()", "build"]
    line = ""
    with subprocess.Popen(
        command, cwd=REPOSITORY, env={"PATH": "", **settings.environment()}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for number in range(lines):
            line = process.stdout.readline()
            assert line, f"the build ended before line {number + 1}"
        process.kill()
    assert process.returncode == -signal.SIGKILL
    return line


def world_at(point: int, built: Settings, folder: Path) -> Settings:
    """Every other point starts from nothing, so that loading is broken off too; the others from a built warehouse."""
    if point % 2 == 0:
        shutil.copytree(built.data, folder / "data")
    return Settings(data=folder / "data")


@pytest.mark.parametrize("point", LINES)
def test_a_build_after_a_killed_one_is_like_any_other(point: int, built: Settings, tmp_path: Path) -> None:
    settings = world_at(point, built, tmp_path)
    before = content_of(settings.published) if settings.published.exists() else None
    kill_after(settings, point)
    assert (content_of(settings.published) if settings.published.exists() else None) in (before, content_of(built.published))

    made = run_build(settings)

    assert made.outcome.exit_code == 0, made.outcome.summary(settings)
    assert content_of(settings.published) == content_of(built.published)
    assert extracts_of(settings) == extracts_of(built)


def extracts_of(settings: Settings) -> list[tuple[object, ...]]:
    """What the work file holds of each extract."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute("select extract_id, status, rows_in, rows_loaded from raw.extracts order by all").fetchall()
