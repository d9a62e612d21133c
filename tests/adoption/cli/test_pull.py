"""`adoption pull`, and what commands say of a bucket that cannot be used."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adoption.cli.main import main
from adoption.publish import digest
from adoption.publish.publication import POINTER, place_of, send
from adoption.settings import Settings
from ingest.files import make_private
from tests.adoption.publish.test_publication import publish

NOWHERE = "s3://figures/nowhere"


@pytest.fixture
def there(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A machine that reads what another one sent to the bucket."""
    monkeypatch.setenv("ADOPTION_PUBLISH_TO", bucket)
    here = Settings(data=tmp_path / "here", publish_to=bucket)
    publish(here, 1)
    send(here, "2020.1")
    return Settings(data=tmp_path / "there", publish_to=bucket)


def call(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--data", str(settings.data), *arguments])


def test_pull_says_what_it_took_and_then_that_nothing_is_new(there: Settings) -> None:
    first, second = call(there, "pull"), call(there, "pull")
    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    sha256 = digest.sha256_of(there.published)
    assert first.output.startswith(f"Pulled: {there.published} (edition 2020.1, sha256 {sha256[:12]}, published ")
    assert second.output.startswith(f"Nothing is new (edition 2020.1, sha256 {sha256[:12]}")


def test_doctor_names_a_pointer_whose_file_is_gone(there: Settings) -> None:
    make_private(there.data)
    call(there, "pull")
    place = place_of(there)
    assert place
    assert "ok       buckets" in " ".join(call(there, "doctor").output.splitlines())
    for entry in place.entries("files"):
        place.remove(entry.name)
    said = call(there, "doctor").output
    assert "PROBLEM  buckets" in said
    assert f"{POINTER} names files/" in said


@pytest.mark.parametrize("command", ["pull", "build"])
def test_an_address_that_is_none_is_said_before_the_work(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADOPTION_PUBLISH_TO", "figures/published")
    result = call(Settings(data=tmp_path / "data"), command)
    assert result.exit_code == 2, result.output
    assert "'figures/published' is no address of a bucket; expected s3://BUCKET/PREFIX" in result.output


@pytest.mark.parametrize("variable", ["ADOPTION_PUBLISH_TO", "ADOPTION_LANDING"])
def test_without_the_extra_a_build_says_which_one(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, NOWHERE)
    monkeypatch.setitem(sys.modules, "s3fs", None)
    result = call(Settings(data=tmp_path / "data"), "build")
    assert result.exit_code == 2, result.output
    assert f"{NOWHERE} needs the extra s3" in result.output
