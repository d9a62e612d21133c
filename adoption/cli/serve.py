"""A part of a server, as a service manager or a container starts it: the definitions, the web server, or the daemon.

Belongs here: making the data folder and Dagster's storage ready, and becoming that part. Does not belong here: all of
them for a person at this machine (`adoption.cli.ui`), or keeping them alive, which is the service manager's.

The definitions are loaded once, by the part `code`, whose children the runs are; the others ask it through a socket in
the data folder, which no other account can open. Without it a daemon loads them anew every minute.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NoReturn, get_args

import click
from filelock import FileLock

from adoption.cli.ui import LOCAL, environment
from adoption.warehouse.dbt import environment as environment_of
from ingest.errors import AdoptionError
from ingest.files import write_atomically
from orchestration.automation import SWITCH
from orchestration.dead_runs import end_dead_runs
from orchestration.instance import configure, open_instance, read_variables
from orchestration.runner import LOCATION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adoption.settings import Settings

Part = Literal["code", "web", "daemon"]
PARTS: tuple[Part, ...] = get_args(Part)
ANSWER_SECONDS = 20
PATIENCE_SECONDS = 600
LONGEST_SOCKET = 100
"""Bytes of the path of a socket, with some to spare: no operating system takes many more."""
WORKSPACE = """# Written by `adoption serve`: where the definitions are asked for.
load_from:
  - grpc_server:
      socket: {socket}
      location_name: {location}
"""
LOCATIONS = """
{ workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError { ... on PythonError { message } } } } } }
"""


class LongPathError(AdoptionError):
    """The path of the data folder is too long for a socket in it."""


def serve(settings: Settings, part: Part, host: str, port: int, read_only: bool) -> NoReturn:
    """Bring configuration and storage up to date, and become the part: signals and exit code are its own."""
    notice = configure(settings)
    if notice:
        click.echo(notice, err=True)
    home = settings.dagster_home
    with environment_of(settings), FileLock(home / "starting.lock"), open_instance(settings) as instance:
        workspace = WORKSPACE.format(socket=socket_of(settings), location=LOCATION)
        write_atomically(home / "workspace.yaml", workspace.encode())
        if part == "code":  # runs are its children: of one that was killed nothing goes on
            socket_of(settings).unlink(missing_ok=True)
            for name in end_dead_runs(instance):
                click.echo(f"Ended, its process had died: {name}", err=True)
    if part != "code":
        _wait_for_code(settings)
    # a shell's background has this one ignored, and Dagster handles SIGTERM as it: nothing would end the part
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    line = command(settings, part, host, port, read_only)
    os.execve(line[0], line, variables(settings))  # noqa: S606 - ours, and without a shell


def _wait_for_code(settings: Settings) -> None:
    """The others start when the definitions are loaded; after a while without them, to say what is the matter."""
    end = time.monotonic() + PATIENCE_SECONDS
    problem = _code_problem(settings)
    if problem:
        click.echo(f"Waiting for `adoption serve code`. {problem}", err=True)
    while problem and time.monotonic() < end:
        time.sleep(1)
        problem = _code_problem(settings)


def socket_of(settings: Settings) -> Path:
    """Where the definitions are asked for.

    Raises:
        LongPathError: when no socket can have this path.
    """
    path = settings.dagster_home / "code.sock"
    if len(os.fsencode(path)) > LONGEST_SOCKET:
        raise LongPathError(f"{path} is longer than {LONGEST_SOCKET} bytes, which no socket's path may be.")
    return path


def command(settings: Settings, part: Part, host: str, port: int, read_only: bool = False) -> list[str]:
    """Dagster's own command on the definitions of this installation."""
    workspace = ["-w", str(settings.dagster_home / "workspace.yaml")]
    commands = {
        "code": ["dagster", "api", "grpc", "-s", str(socket_of(settings)), "-m", LOCATION],
        "web": ["dagster_webserver", "-h", host, "-p", str(port), *(["--read-only"] if read_only else []), *workspace],
        "daemon": ["dagster._daemon", "run", *workspace],
    }
    return [sys.executable, "-m", *commands[part]]


def is_alive(settings: Settings, part: Part, port: int) -> bool:
    """Whether a part does its work; say what is the matter."""
    problems = {
        "code": lambda: _code_problem(settings),
        "web": lambda: _web_problem(port),
        "daemon": lambda: _daemon_problem(settings),
    }
    problem = problems[part]()
    click.echo(problem or f"The part {part} is alive.", err=bool(problem))
    return problem is None


def _code_problem(settings: Settings) -> str | None:
    from dagster._core.errors import DagsterUserCodeUnreachableError
    from dagster._grpc.client import DagsterGrpcClient

    path = socket_of(settings)
    try:
        DagsterGrpcClient(socket=str(path)).ping("")
    except DagsterUserCodeUnreachableError:
        return f"Nobody answers at {path}: the definitions are not loaded yet, or cannot be."
    return None


def _web_problem(port: int) -> str | None:
    import requests

    url = f"http://{LOCAL}:{port}/graphql"
    try:
        reply = requests.post(url, json={"query": LOCATIONS}, timeout=ANSWER_SECONDS)
        reply.raise_for_status()
        entries = reply.json()["data"]["workspaceOrError"]["locationEntries"]
    except (requests.RequestException, KeyError, TypeError) as error:
        return f"{url} does not answer: {error}"
    errors = [_load_error(entry["locationOrLoadError"]) for entry in entries]
    return next((f"The web server has no definitions: {error}" for error in errors if error), None)


def _load_error(location: Mapping[str, str] | None) -> str | None:
    """What Dagster says of definitions that are not there; of those that are it was asked for nothing."""
    return "they are being loaded" if location is None else location.get("message")


def _daemon_problem(settings: Settings) -> str | None:
    from dagster._daemon.controller import get_daemon_statuses

    if not settings.dagster_home.exists():
        return f"The daemon was never started: {settings.dagster_home} does not exist."
    with environment_of(settings), open_instance(settings) as instance:
        statuses = get_daemon_statuses(instance, instance.get_required_daemon_types(), ignore_errors=True)
    silent = sorted(name for name, status in statuses.items() if not status.healthy)
    return f"No heartbeat of late from the daemon's {', '.join(silent)}." if silent else None


def variables(settings: Settings) -> dict[str, str]:
    """What its processes read: schedules are on unless the environment says otherwise; secrets in files are read."""
    with_schedules = os.environ.get(SWITCH, "on") != "off"
    return {**os.environ, **environment(settings, with_schedules), **read_variables(settings.dagster_home)}
