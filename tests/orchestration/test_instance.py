"""The configuration of the Dagster instance reaches data folders that exist, and no edit of a person is lost."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from adoption.settings import REPOSITORY, Settings
from orchestration.definitions import WRITES
from orchestration.instance import (
    MARK,
    SHIPPED,
    StorageError,
    configure,
    digest_of,
    fit_configuration,
    keeps_files,
    read_variables,
)


def configuration(folder: Path, version: int, rest: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "dagster.yaml"
    path.write_text(f"# Version {version}, sha256 of what follows: {digest_of(rest)}\n{rest}")
    return path


def test_the_first_line_of_the_shipped_configuration_is_true() -> None:
    text = SHIPPED.read_text()
    mark = MARK.match(text)

    assert mark is not None
    assert mark[3] == digest_of(text), f"dagster.yaml changed: raise its version, and write {digest_of(text)}"


def test_a_new_data_folder_gets_the_shipped_configuration(tmp_path: Path) -> None:
    assert fit_configuration(tmp_path / "home") is None

    assert (tmp_path / "home" / "dagster.yaml").read_bytes() == SHIPPED.read_bytes()


def test_an_older_copy_that_nobody_edited_is_replaced(tmp_path: Path) -> None:
    shipped = configuration(tmp_path / "shipped", 8, "telemetry: {enabled: false}\n")
    own = configuration(tmp_path / "home", 7, "telemetry: {enabled: true}\n")

    assert fit_configuration(own.parent, shipped) is None

    assert own.read_bytes() == shipped.read_bytes()


@pytest.mark.parametrize("commit", ["03a862a", "b777523"])
def test_copies_of_the_versions_without_a_version_line_are_known(commit: str, tmp_path: Path) -> None:
    shown = subprocess.run(["git", "show", f"{commit}:dagster.yaml"], cwd=REPOSITORY, capture_output=True, check=False)
    if shown.returncode:
        pytest.skip("not a clone with its history")
    (tmp_path / "dagster.yaml").write_bytes(shown.stdout)

    assert fit_configuration(tmp_path) is None

    assert (tmp_path / "dagster.yaml").read_bytes() == SHIPPED.read_bytes()


@pytest.mark.parametrize("line", ["", "# Version 1, sha256 of what follows: 0123\n"], ids=["no line", "with a line"])
def test_an_older_copy_that_was_edited_stays_and_is_named(line: str, tmp_path: Path) -> None:
    own = tmp_path / "dagster.yaml"
    own.write_text(f"{line}run_retries: {{enabled: true}}\n")

    message = fit_configuration(tmp_path)

    assert message is not None
    assert message.startswith(f"{own} was edited and is kept")
    assert own.read_text() == f"{line}run_retries: {{enabled: true}}\n"


def test_an_edited_copy_of_the_newest_version_is_left_alone_in_silence(tmp_path: Path) -> None:
    own = tmp_path / "dagster.yaml"
    own.write_text(SHIPPED.read_text() + "# mine\n")

    assert fit_configuration(tmp_path) is None
    assert own.read_text().endswith("# mine\n")


SERVER = REPOSITORY / "deploy" / "dagster.yaml"


def deployed(folder: Path, named: Path = SERVER) -> Settings:
    return Settings(data=folder, dagster_yaml=named)


def test_the_first_line_of_the_configuration_of_a_server_is_true() -> None:
    text = SERVER.read_text()
    mark = MARK.match(text)

    assert mark is not None
    assert mark[2] == "server"
    assert mark[3] == digest_of(text), f"deploy/dagster.yaml changed: raise its version, and write {digest_of(text)}"


def test_a_server_differs_from_a_laptop_in_its_storage_its_patience_and_its_queue_only() -> None:
    server, laptop = (yaml.safe_load(path.read_text()) for path in (SERVER, SHIPPED))

    assert server.pop("storage")
    assert server.pop("code_servers")
    [limit] = server["concurrency"].pop("runs")["tag_concurrency_limits"]
    assert {limit["key"]: limit["value"]} == WRITES
    assert laptop.pop("event_log_storage")
    assert server == laptop


def test_a_deployment_names_its_configuration_and_a_command_without_its_environment_leaves_it(tmp_path: Path) -> None:
    settings, own = deployed(tmp_path), tmp_path / "dagster_home" / "dagster.yaml"
    assert configure(Settings(data=tmp_path)) is None
    assert keeps_files(own.parent)

    assert configure(settings) is None, "nobody edited the copy: nothing is to be said"
    assert own.read_bytes() == SERVER.read_bytes()
    assert not keeps_files(own.parent)

    assert configure(Settings(data=tmp_path)) is None
    assert own.read_bytes() == SERVER.read_bytes()


def test_an_edited_copy_is_put_aside_for_the_one_that_is_named(tmp_path: Path) -> None:
    named, own = tmp_path / "ours.yaml", tmp_path / "data" / "dagster_home" / "dagster.yaml"
    named.write_text("telemetry: {enabled: false}\n")
    own.parent.mkdir(parents=True)
    own.write_text("run_retries: {enabled: true}\n")

    message = configure(deployed(tmp_path / "data", named))

    assert message is not None
    assert own.read_text() == named.read_text()
    assert own.with_name("dagster.yaml.before").read_text() == "run_retries: {enabled: true}\n"
    assert configure(deployed(tmp_path / "data", named)) is None


def test_a_build_as_of_a_day_keeps_its_runs_to_itself(tmp_path: Path) -> None:
    settings = replace(deployed(tmp_path), as_of=date(2024, 1, 1))

    assert configure(settings) is None
    assert keeps_files(settings.dagster_home)


def test_what_the_configuration_asks_the_environment_for_may_lie_in_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, secret = deployed(tmp_path / "data"), tmp_path / "password"
    secret.write_text("from a file\n")
    configure(settings)
    values = {"HOST": "db", "PORT": "5432", "USER": "me", "DATABASE": "dagster"}
    for name, value in values.items():
        monkeypatch.setenv(f"ADOPTION_PG_{name}", value)
    with pytest.raises(StorageError, match=r"not set: ADOPTION_PG_PASSWORD "):
        read_variables(settings.dagster_home)

    monkeypatch.setenv("ADOPTION_PG_PASSWORD_FILE", str(secret))
    assert read_variables(settings.dagster_home)["ADOPTION_PG_PASSWORD"] == "from a file"
    monkeypatch.setenv("ADOPTION_PG_PASSWORD", "from the environment")
    assert read_variables(settings.dagster_home)["ADOPTION_PG_PASSWORD"] == "from the environment"


def test_a_file_that_keeps_its_runs_in_files_asks_for_nothing(tmp_path: Path) -> None:
    fit_configuration(tmp_path / "home")

    assert read_variables(tmp_path / "home") == {}
    assert read_variables(tmp_path / "no such home") == {}
