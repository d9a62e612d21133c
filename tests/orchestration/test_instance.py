"""The configuration of the Dagster instance reaches data folders that exist, and no edit of a person is lost."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from adoption.settings import REPOSITORY
from orchestration.instance import MARK, SHIPPED, digest_of, fit_configuration


def configuration(folder: Path, version: int, rest: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "dagster.yaml"
    path.write_text(f"# Version {version}, sha256 of what follows: {digest_of(rest)}\n{rest}")
    return path


def test_the_first_line_of_the_shipped_configuration_is_true() -> None:
    text = SHIPPED.read_text()
    mark = MARK.match(text)

    assert mark is not None
    assert mark[2] == digest_of(text), f"dagster.yaml changed: raise its version, and write {digest_of(text)}"


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
