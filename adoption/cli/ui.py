"""Dagster's web server and daemon on the data folder of these settings."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adoption.logs import is_json, say_error
from orchestration.automation import SWITCH
from orchestration.instance import configure, read_variables

if TYPE_CHECKING:
    from adoption.settings import Settings

LOCAL = "127.0.0.1"


def serve(settings: Settings, port: int, with_schedules: bool) -> int:
    """Serve until it is interrupted; return the exit code of Dagster."""
    edited = configure(settings)
    if edited:
        say_error(edited)
    state = "on" if with_schedules else "off (start them with --schedules)"
    click.echo(f"Dagster: http://{LOCAL}:{port}, schedules and sensor {state}. Ctrl-C ends it.")
    variables = {**environment(settings, with_schedules), **read_variables(settings.dagster_home)}
    process = subprocess.Popen(command(port), env={**os.environ, **variables})
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # Dagster hears it too, and ends its daemon: it is waited for
            continue


def command(port: int) -> list[str]:
    """Dagster on the definitions of this installation, for this machine only."""
    dagster = [sys.executable, "-m", "dagster", "dev", "-m", "orchestration.definitions"]
    lines = ["--log-format", "json"] if is_json() else []
    return [*dagster, "-h", LOCAL, "-p", str(port), *lines]


def environment(settings: Settings, with_schedules: bool) -> Mapping[str, str]:
    """What Dagster's processes read: the folders, whether schedules run, and no telemetry."""
    return {
        **settings.environment(),
        SWITCH: "on" if with_schedules else "off",
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "DO_NOT_TRACK": "1",
        # dbt is looked up beside this interpreter
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        "PYTHONWARNINGS": "ignore:Function `dev_command` is superseded",
    }
