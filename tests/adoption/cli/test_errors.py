"""Errors: one root, one place that tells them, and nothing decided by their text.

Belongs here: what a person reads when a command cannot do its work. Does not belong here: when that is so.
"""

from __future__ import annotations

import ast
import builtins
import errno
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from adoption.cli import main as cli
from adoption.cli import reading
from adoption.cli.errors import Failure, failure_of
from adoption.settings import REPOSITORY, Settings
from ingest.errors import AdoptionError, UnknownNameError, did_you_mean
from ingest.files import DiskFullError, replacing, write_atomically

PACKAGES = ("ingest", "adoption", "orchestration")
FULL = Path("/dev/full")
"""A device of Linux on whose disk no space is left."""
needs_full = pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full, a device of Linux")


def classes() -> Iterator[ast.ClassDef]:
    for package in PACKAGES:
        for path in (REPOSITORY / package).rglob("*.py"):
            yield from (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef))


def test_every_error_has_the_one_root_and_a_name_of_its_own() -> None:
    errors = {
        name
        for name, builtin in vars(builtins).items()
        if isinstance(builtin, type) and issubclass(builtin, BaseException)
    }
    rootless = [node.name for node in classes() for base in node.bases if ast.unparse(base) in errors]
    named = Counter(node.name for node in classes() if node.name.endswith(("Error", "Refused", "Running")))

    assert rootless == ["AdoptionError"]
    assert len(named) > 20
    assert [name for name, times in named.items() if times > 1] == []


def test_no_command_handles_an_error_by_itself() -> None:
    for module in (cli, reading):
        tree = ast.parse(Path(str(module.__file__)).read_text())
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.Try)]


def chained(inner: BaseException) -> Exception:
    """An error of a library around one of the system."""
    outer = RuntimeError("(sqlite3.OperationalError) (Background on this error at ...)")
    outer.__cause__ = inner
    return outer


def passed_on(inner: BaseException, outer: AdoptionError | None = None) -> AdoptionError:
    """One of our errors around one of the system."""
    outer = outer or AdoptionError("It could not be written")
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AdoptionError("Nothing is published yet."), Failure("Nothing is published yet.", 1)),
        (UnknownNameError("no source 'x'"), Failure("no source 'x'", 2)),
        (
            OSError(errno.ENOSPC, "x", "a/b"),
            Failure("No space is left on the disk of a/b. What was published before stays."),
        ),
        (OSError(errno.ENOSPC, "x"), Failure("No space is left on the disk of data. What was published before stays.")),
        (
            AdoptionError("dbt: [Errno 28] No space left on device"),
            Failure("No space is left on the disk of data. What was published before stays."),
        ),
        (
            passed_on(OSError(errno.ENOSPC, "x", "a/b")),
            Failure("No space is left on the disk of a/b. What was published before stays."),
        ),
        (
            passed_on(OSError(errno.ENOSPC, "x", "a/b"), DiskFullError("c")),
            Failure("No space is left on the disk of c. What was published before stays."),
        ),
        (OSError(errno.EACCES, "Denied", "a"), Failure("a cannot be written or read by this user: Denied.")),
        (
            OSError(errno.EROFS, "Read-only file system", b"a"),
            Failure("a cannot be written or read by this user: Read-only file system."),
        ),
        (OSError(errno.EXDEV, "Other disk", "a", None, "b"), Failure("b: Other disk.")),
        (OSError("odd"), Failure("data: odd.")),
        (duckdb.IOException("IO Error: damaged"), Failure("IO Error: damaged")),
        (chained(sqlite3.OperationalError("disk is full")), Failure("data/dagster_home cannot be used: disk is full.")),
        (chained(OSError(errno.EACCES, "Denied", "a")), Failure("a cannot be written or read by this user: Denied.")),
        (KeyError("a mistake of ours"), None),
        (BrokenPipeError(errno.EPIPE, "head has enough"), None),
    ],
    ids=lambda case: repr(case)[:40],
)
def test_an_error_is_one_sentence_that_names_its_place(error: Exception, expected: Failure | None) -> None:
    assert failure_of(error, Settings(data=Path("data"))) == expected


@pytest.mark.parametrize(
    ("name", "hint"),
    [("PyTroch", "; did you mean pytorch?"), ("PYTORCH", "; did you mean pytorch?"), ("quill", "")],
)
def test_a_name_is_recognised_by_its_spelling(name: str, hint: str) -> None:
    assert did_you_mean(name, ["jax", "pytorch"]) == hint


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A folder with what commands may stumble over."""
    (tmp_path / "damaged" / "published").mkdir(parents=True)
    (tmp_path / "damaged" / "published" / "adoption.duckdb").write_text("no database")
    (tmp_path / "empty" / "published").mkdir(parents=True)
    (tmp_path / "empty" / "published" / "adoption.duckdb").touch()
    (tmp_path / "file").touch()
    return tmp_path


READERS = (
    ["review"],
    ["brief"],
    ["status"],
    ["anomalies"],
    ["claims"],
    ["sql", "select 1"],
    ["ready", "2020"],
    ["report"],
)
WRITERS = (["build"], ["freeze", "2020"], ["docs"], ["dbt", "ls"])


@pytest.mark.parametrize("data", ["damaged", "empty"])
@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_a_damaged_published_file_is_named(command: list[str], data: str, damaged: Path) -> None:
    result = CliRunner().invoke(cli.main, ["--data", str(damaged / data), *command])

    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {damaged / data / 'published' / 'adoption.duckdb'} cannot be opened: ")
    assert result.output.endswith("Run `adoption build`.\n")


@pytest.mark.parametrize("command", WRITERS, ids=" ".join)
def test_a_data_folder_that_cannot_be_is_named(command: list[str], damaged: Path) -> None:
    result = CliRunner().invoke(cli.main, ["--data", str(damaged / "file" / "data"), *command])

    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {damaged / 'file'}")
    assert result.output.count("\n") == 1


@pytest.mark.parametrize("year", ["99999", "0", "-5"])
@pytest.mark.parametrize("command", ["review", "brief", "report", "ready", "freeze"])
def test_a_year_that_no_calendar_has_is_refused(command: str, year: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.main, ["--data", str(tmp_path), command, "--", year])

    assert result.exit_code == 2
    assert f"{year} is not in the range" in result.output


@needs_full
def test_a_full_disk_names_the_folder_that_was_to_be_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left") as full, replacing(tmp_path / "made", "report"):
        FULL.write_text("page")

    failure = failure_of(full.value, Settings())
    assert failure
    assert failure.message.startswith(f"No space is left on the disk of {tmp_path / 'made'}.")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_names_the_file_that_was_to_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def is_full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", is_full)
    with pytest.raises(OSError, match="No space left") as full:
        write_atomically(tmp_path / "event.json", b"{}")

    assert full.value.filename == str(tmp_path / "event.json")
    assert list(tmp_path.iterdir()) == []


def test_a_date_that_no_calendar_has_is_named_with_its_line(tmp_path: Path) -> None:
    for path in Settings().catalog.glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text())
    (tmp_path / "breaks.yaml").write_text("- id: x\n  until: 2022-02-30\n")

    result = CliRunner().invoke(cli.main, ["--catalog", str(tmp_path), "inbox", "forms"])

    assert result.exit_code == 1
    assert result.output.startswith("Error: breaks.yaml:2: not readable as YAML: 2022-02-30 is not a date: ")


@pytest.mark.parametrize("field", ["source", "filename", "sha256", "licence", "reason"])
def test_a_sidecar_with_a_number_for_a_text_is_named(field: str, tmp_path: Path) -> None:
    [sidecar] = sorted((Settings().extracts / "indeed").glob("*.fetch.json"))[:1]
    (tmp_path / "indeed").mkdir()
    changed = {**json.loads(sidecar.read_text()), field: 5}
    (tmp_path / "indeed" / sidecar.name).write_text(json.dumps(changed))

    arguments = ["--extracts", str(tmp_path), "--data", str(tmp_path / "data"), "refresh", "--dry-run", "indeed"]
    result = CliRunner().invoke(cli.main, arguments)

    assert result.exit_code == 1
    assert sidecar.name in result.output
    assert f"{field} must be a text, found 5" in result.output
