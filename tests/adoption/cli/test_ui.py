"""What Dagster's processes are started with."""

from __future__ import annotations

from pathlib import Path

from adoption.cli.ui import command, environment
from adoption.settings import Settings
from orchestration.automation import SWITCH


def test_dagster_serves_this_data_folder_on_this_machine_only_and_schedules_are_asked_for(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)

    assert command(3001)[1:] == [
        "-m",
        "dagster",
        "dev",
        "-m",
        "orchestration.definitions",
        "-h",
        "127.0.0.1",
        "-p",
        "3001",
    ]
    environments = {name: environment(settings, is_on) for name, is_on in (("off", False), ("on", True))}
    assert {name: values[SWITCH] for name, values in environments.items()} == {"off": "off", "on": "on"}
    assert environments["off"]["DAGSTER_HOME"] == str(settings.dagster_home)
    assert environments["off"]["DAGSTER_DISABLE_TELEMETRY"] == "yes"
