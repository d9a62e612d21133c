"""deploy/publish.sh against a publisher on this machine: twice, and killed in the middle and started again.

Belongs here: what the script leaves behind. Does not belong here: what its steps do (their own tests), or the workflow
around it (tests/test_front_door.py).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import frictionless
import pytest
import yaml

from adoption.settings import REPOSITORY, Settings
from ingest.files import MARKER
from tests.faults.live import questions, wait_until
from tests.ingest.publisher import Publisher, publishing

pytestmark = [pytest.mark.slow, pytest.mark.processes]

FIELD = REPOSITORY / "tests" / "fixtures" / "another_field"
SCRIPT = REPOSITORY / "deploy" / "publish.sh"
STEPS = ["restore", "refresh", "check", "build", "ready", "freeze", "diff", "export", "site", "edition"]
URL = "https://adoption.test/"
COMMAND = """#!/bin/sh
exec {python} -c "from adoption.cli.main import main; main()" "$@"
"""


@dataclass(frozen=True)
class Place:
    """A machine that publishes: its data folder, what it keeps, what it publishes."""

    folder: Path
    publisher: Publisher

    @property
    def settings(self) -> Settings:
        return Settings(self.folder / "catalog", FIELD / "extracts", self.folder / "data")

    @property
    def site(self) -> Path:
        return self.folder / "out" / "site"

    def started(self) -> subprocess.Popen[bytes]:
        command = self.folder / "adoption"
        command.write_text(COMMAND.format(python=sys.executable))
        command.chmod(0o755)
        environment = {
            **os.environ,
            **self.settings.environment(),
            "PYTHONPATH": str(REPOSITORY),
            "DO_NOT_TRACK": "1",
            "ADOPTION": str(command),
        }
        line = [str(SCRIPT), "2020", str(self.folder / "store"), str(self.folder / "out"), URL]
        return subprocess.Popen(
            line,
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def published(self) -> str:
        """Run the script to its end; what it printed."""
        with self.started() as process:
            output = process.communicate()[0].decode()
        assert process.returncode == 0, output
        return output

    def summary(self) -> dict[str, str]:
        lines = (self.folder / "out" / "summary.txt").read_text().splitlines()
        return dict(re.split(r" +", line, maxsplit=1) for line in lines)

    def editions(self) -> list[str]:
        return sorted(path.name for path in self.settings.editions.iterdir() if path.is_dir())


def place_in(folder: Path, publisher: Publisher) -> Place:
    """The invented field, with one source more that is asked: questions by tag."""
    shutil.copytree(FIELD / "catalog", folder / "catalog")
    path = folder / "catalog" / "sources.yaml"
    [shipped] = [entry for entry in yaml.safe_load(path.read_text()) if entry["id"] == "stackoverflow_trends"]
    requested = {
        **shipped,
        "id": "stack_exchange",
        "label": "Questions, asked",
        "observations": ["stg_stack_exchange__counts"],
        "access": {"urls": [publisher.url], "schedule": "0 5 6 * *", "attempts": 1},
        "expected": {"grain": "month", "first": date(2020, 1, 1), "last": date(2021, 1, 1), "lag_days": 0},
    }
    path.write_text(path.read_text() + yaml.safe_dump([requested]))
    path = folder / "catalog" / "metrics.yaml"
    metrics = yaml.safe_load(path.read_text())
    for metric in metrics:
        if metric["id"] == "stackoverflow_questions":
            metric["sources"].append({"source": "stack_exchange", "basis": "tagged"})
    path.write_text(yaml.safe_dump(metrics))
    return Place(folder, publisher)


@pytest.fixture(scope="module")
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        made.answers("/questions", questions)
        yield made


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, publisher: Publisher) -> Place:
    """Published once, in one go."""
    place = place_in(tmp_path_factory.mktemp("whole"), publisher)
    place.published()
    return place


def content(site: Path) -> dict[str, str]:
    """The digest of each file that people see; the marker holds a digest of files with moments of their own."""
    return {
        path.relative_to(site).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(site.rglob("*"))
        if path.is_file() and path.name != MARKER
    }


def test_it_publishes_what_was_asked_for_with_one_summary(whole: Place) -> None:
    summary = whole.summary()
    assert list(summary) == STEPS
    manifest = json.loads((whole.settings.editions / "2020.1" / "manifest.json").read_text())
    assert summary["edition"] == f"2020.1, content sha256 {manifest['content_sha256']}"
    assert "stack_exchange" in {extract["source_id"] for extract in manifest["extracts"]}
    assert {path.name for path in (whole.folder / "out").iterdir() if path.name[0] != "."} == {
        "adoption.duckdb",
        "CITATION.cff",
        "export",
        "site",
        "summary.txt",
    }
    assert frictionless.validate(str(whole.folder / "out" / "export" / "datapackage.json")).valid
    named = json.loads((whole.site / "edition.json").read_text())
    assert named["edition"] == "2020.1"
    assert named["content_sha256"] == manifest["content_sha256"]


def test_a_second_time_nothing_is_asked_built_or_frozen(whole: Place) -> None:
    before, requests = content(whole.site), len(whole.publisher.heard)
    output = whole.published()
    assert whole.editions() == ["2020.1"]
    assert "Nothing is new" in output
    assert "Nothing changed since 2020.1" in output
    assert content(whole.site) == before
    assert len(whole.publisher.heard) == requests
    assert output.count("==> summary") == 1


def test_on_another_machine_what_is_kept_makes_no_new_edition(whole: Place, tmp_path: Path) -> None:
    other = place_in(tmp_path, whole.publisher)
    (tmp_path / "store").mkdir()
    shutil.copyfile(whole.folder / "store" / "kept.tar", tmp_path / "store" / "kept.tar")
    requests = len(whole.publisher.heard)
    other.published()
    assert other.editions() == ["2020.1"]
    assert len(whole.publisher.heard) == requests
    named = json.loads((other.site / "edition.json").read_text())
    assert named["edition"] == "2020.1"


def killed_when(place: Place, happened: Callable[[], bool], what: str) -> None:
    """Start the script, and kill it and all that it started as soon as something happened."""
    with place.started() as process:
        wait_until(happened, process, what)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_killed_in_the_middle_it_ends_with_the_same_site(whole: Place, tmp_path: Path) -> None:
    place = place_in(tmp_path, whole.publisher)
    # the same answers: asked again they would have come at another moment, which is content
    shutil.copytree(whole.settings.landing, place.settings.landing)
    requests = len(whole.publisher.heard)
    killed_when(place, place.settings.warehouse.exists, "it builds")
    assert not place.settings.published.exists()
    killed_when(place, place.settings.published.exists, "it has built")
    assert not place.site.exists()
    place.published()
    assert place.editions() == ["2020.1"]
    assert len(whole.publisher.heard) == requests
    assert content(place.site) == content(whole.site)


def test_what_stops_it_stands_in_the_summary(tmp_path: Path, publisher: Publisher) -> None:
    place = place_in(tmp_path, publisher)
    (place.folder / "catalog" / "review.yaml").write_text("focus: nobody\n")
    with place.started() as process:
        output = process.communicate()[0].decode()
    assert process.returncode == 1
    assert "STOPPED with exit code 1" in list(place.summary().values())[-1]
    assert output.count("==> summary") == 1
