"""`adoption ui` as a process: it serves the definitions, and ends when it is interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from adoption.settings import REPOSITORY, Settings
from tests.faults.live import free_port, wait_until
from tests.faults.test_refresh import ask_web_server, is_up

pytestmark = [pytest.mark.slow, pytest.mark.processes]
SCHEDULES = "{ workspaceOrError { ... on Workspace { locationEntries { loadStatus } } } }"


def test_the_ui_serves_the_definitions_and_ends_when_it_is_interrupted(tmp_path: Path) -> None:
    port, settings = free_port(), Settings(data=tmp_path / "data")
    line = [sys.executable, "-c", "from adoption.cli.main import main; main()", "ui", "--port", str(port)]
    variables = {**os.environ, **settings.environment(), "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(line, cwd=tmp_path, env=variables, stdout=subprocess.PIPE, start_new_session=True) as process:
        try:
            wait_until(lambda: is_up(port), process, "the web server answered")
            assert "LOADED" in str(ask_web_server(port, SCHEDULES))
        finally:
            os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C in a terminal, which the whole group hears
        assert process.wait(60) == 0
        assert process.stdout
        assert f"http://127.0.0.1:{port}, schedules and sensor off" in process.stdout.read().decode()
    assert not is_up(port)
