"""What a part of a server becomes, and what it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from adoption.cli.serve import PARTS, LongPathError, command, is_alive, socket_of, variables
from adoption.settings import Settings
from orchestration.automation import SWITCH
from tests.faults.live import free_port


def test_the_parts_are_dagsters_own_commands_and_one_of_them_loads_the_definitions(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    socket, workspace = (str(settings.dagster_home / name) for name in ("code.sock", "workspace.yaml"))
    lines = {part: command(settings, part, "0.0.0.0", 3001)[2:] for part in PARTS}
    assert lines["code"] == ["dagster", "api", "grpc", "-s", socket, "-m", "orchestration.definitions"]
    assert lines["web"] == ["dagster_webserver", "-h", "0.0.0.0", "-p", "3001", "-w", workspace]
    assert command(settings, "web", "::1", 1, read_only=True)[-3:] == ["--read-only", "-w", workspace]
    assert lines["daemon"] == ["dagster._daemon", "run", "-w", workspace]


def test_a_data_folder_whose_path_is_too_long_for_a_socket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LongPathError, match="longer than 100 bytes"):
        socket_of(Settings(data=tmp_path / ("a" * 100)))


def test_a_part_that_does_not_answer_is_said_not_to_be_alive(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data=tmp_path)
    assert not any(is_alive(settings, part, free_port()) for part in PARTS)
    said = capsys.readouterr().err
    assert "Nobody answers at" in said
    assert "does not answer" in said
    assert "never started" in said


def test_schedules_are_on_unless_the_environment_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data=tmp_path, dagster_yaml=tmp_path / "dagster.yaml")
    monkeypatch.delenv(SWITCH, raising=False)
    assert variables(settings)[SWITCH] == "on"
    assert variables(settings)["ADOPTION_DAGSTER_YAML"] == str(tmp_path / "dagster.yaml")
    monkeypatch.setenv(SWITCH, "off")
    assert variables(settings)[SWITCH] == "off"
