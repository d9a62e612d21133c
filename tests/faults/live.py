"""A small warehouse that asks a publisher on this machine, for other processes: a command line, a daemon, a web server.

Belongs here: setting it up and starting processes. Does not belong here: assertions.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import yaml

from adoption.settings import REPOSITORY
from adoption.warehouse.dbt import environment
from ingest.landing import Landing
from tests.conftest import World
from tests.ingest.publisher import Heard, Publisher, Say

SOURCE = "stack_exchange"
TAGS = ("anvil", "hammer")
DEFINITIONS = """
from pathlib import Path
from orchestration.definitions import build_defs
from tests.conftest import world_in
defs = build_defs(world_in(Path({folder!r})))
"""


def questions(heard: Heard) -> Say:
    """A count that is another one for each tag and month."""
    return Say({"total": int(heard.params["fromdate"]) // 86_400 + len(heard.params["tagged"])})


class LiveWorld:
    """The small world, in which one source can be asked: questions by tag, 2019 and 2020."""

    configuration = REPOSITORY / "dagster.yaml"

    def __init__(self, world: World, publisher: Publisher) -> None:
        self.world, self.publisher = world, publisher
        publisher.answers("/questions", questions)
        self.names = [*TAGS]
        self.write()

    def write(self, **access: Any) -> None:
        """The shipped catalog with one source that is asked, at this publisher, for these names."""
        path = self.world.catalog / "sources.yaml"
        entries = yaml.safe_load(path.read_text())
        for entry in entries:
            entry.pop("access", None)
            if entry["id"] == SOURCE:
                access_fields = {"urls": [self.publisher.url], "schedule": "* * * * *", "attempts": 1, **access}
                expected = {"grain": "month", "first": date(2019, 1, 1), "last": date(2021, 1, 1), "lag_days": 0}
                entry |= {"names": "tool", "access": access_fields, "expected": expected}
        path.write_text(yaml.safe_dump(entries))
        path = self.world.catalog / "frameworks.yaml"
        people = yaml.safe_load(path.read_text())
        for framework in people["frameworks"]:
            framework["names"].pop("tool", None)
        for name, framework in zip(self.names, people["frameworks"], strict=False):
            framework["names"]["tool"] = [{"name": name, "member": "primary"}]
        path.write_text(yaml.safe_dump(people))

    def request_count(self) -> int:
        """How many questions arrived since the last look."""
        number = len(self.publisher.heard)
        self.publisher.heard.clear()
        return number

    def landed(self) -> set[tuple[str, str]]:
        """Scope and bytes of everything that the source has landed."""
        events = Landing(self.world.landing, self.world.extracts).events(SOURCE)
        return {(event.scope.key, event.sha256) for event in events}

    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.world.environment(), "PYTHONPATH": str(REPOSITORY), "DO_NOT_TRACK": "1"}

    def command(self, *arguments: str) -> list[str]:
        """`adoption` with these arguments on this world."""
        return [sys.executable, "-c", "from adoption.cli.main import main; main()", *arguments]

    def adoption(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `adoption`, wait for its end, and return what it said."""
        variables = {**self.environment(), "COLUMNS": "200"}
        return subprocess.run(
            self.command(*arguments), cwd=REPOSITORY, env=variables, capture_output=True, text=True, check=False
        )

    @contextmanager
    def dagster(self, *command: str, loads: bool = True) -> Iterator[subprocess.Popen[bytes]]:
        """A process of Dagster, until the block ends; unless it asks another one, it loads this world's definitions."""
        home = self.world.dagster_home
        home.mkdir(parents=True, exist_ok=True)
        (home / "dagster.yaml").write_text(self.configuration.read_text())
        definitions = Path(self.world.data.parent) / "live_definitions.py"
        definitions.write_text(DEFINITIONS.format(folder=str(self.world.data.parent)))
        line = [sys.executable, "-m", *command, *(["-f", str(definitions)] if loads else [])]
        with (home / f"{command[0]}.log").open("wb") as log:
            process = subprocess.Popen(line, cwd=REPOSITORY, env=self.environment(), stdout=log, stderr=log)
            try:
                yield process
            finally:
                process.terminate()
                process.wait()

    @contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        """The Dagster instance that the processes share."""
        with environment(self.world), dg.DagsterInstance.from_config(str(self.world.dagster_home)) as instance:
            yield instance


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def wait_until(happened: Callable[[], bool], process: subprocess.Popen[bytes], what: str, most: float = 240) -> None:
    """Look again and again whether something happened in another process; give up when that has ended.

    Raises:
        AssertionError: when the process ended first, or it did not happen in `most` seconds.
    """
    import time

    end = time.monotonic() + most
    while not happened():
        assert process.poll() is None, f"the process ended before {what}"
        assert time.monotonic() < end, f"not in {most} s: {what}"
        time.sleep(0.5)
