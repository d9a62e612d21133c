"""`adoption doctor` says what is wrong with a data folder and how to fix it; `adoption prune` removes what may go."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from click.testing import CliRunner, Result

from adoption.cli.main import main
from adoption.publish import digest
from adoption.settings import Settings
from adoption.warehouse.dbt import environment
from ingest.files import make_private
from ingest.landing import Landing
from orchestration.dead_runs import PROCESS
from orchestration.instance import fit_configuration, open_instance
from tests.adoption.cli.test_withdrawal import land


@pytest.fixture(scope="module")
def dagster_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dagster's storage, made once: it takes some thirty waits for the disk."""
    made = Settings(data=tmp_path_factory.mktemp("dagster"))
    with environment(made):
        fit_configuration(made.dagster_home)
        with open_instance(made):
            return made.dagster_home


@pytest.fixture
def settings(tmp_path: Path, dagster_home: Path) -> Settings:
    """A data folder that is in order: an extract is landed, a small file is published, Dagster has its storage."""
    made = Settings(data=tmp_path / "data", extracts=tmp_path / "shipped")
    made.extracts.mkdir()
    make_private(made.data)
    land(made, b"one", 0)
    for file in (made.published, made.warehouse):
        file.parent.mkdir(exist_ok=True)
        with duckdb.connect(str(file)) as connection:
            connection.execute("create schema meta; create table sold as select 1 as pieces")
    digest.write(made.published, [digest.sha256_of(made.published)])
    shutil.copytree(dagster_home, made.dagster_home)
    return made


def call(settings: Settings, *arguments: str) -> Result:
    places = ["--data", str(settings.data), "--extracts", str(settings.extracts)]
    return CliRunner().invoke(main, [*places, *arguments])


@pytest.mark.parametrize("put", [Path.mkdir, lambda path: path.symlink_to("build.lock")], ids=["a folder", "a loop"])
def test_what_lies_in_place_of_the_lock_is_to_be_removed(settings: Settings, put: Callable[[Path], object]) -> None:
    lock = settings.data / "build.lock"
    lock.unlink(missing_ok=True)
    put(lock)
    output = call(settings, "doctor").output
    assert "PROBLEM  lock" in output
    assert f"{lock}: " in output
    assert "fix: remove what lies there" in output
    assert "Errno" not in output


def test_a_folder_in_order_is_said_to_be(settings: Settings) -> None:
    result = call(settings, "doctor")
    assert result.exit_code == 0, result.output
    assert {line[:7] for line in result.output.splitlines()} == {"ok     "}


def spoil_published(settings: Settings) -> None:
    with duckdb.connect(str(settings.published)) as connection:
        connection.execute("update sold set pieces = 2")


def spoil_edition(settings: Settings) -> None:
    folder = settings.editions / "2020.1"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text('{"files": {"adoption.duckdb": "0"}}')


def spoil_inbox(settings: Settings) -> None:
    folder = settings.inbox / "refused" / "linkedin"
    folder.mkdir(parents=True)
    (folder / "posts.csv").write_text("name\n")
    (folder / "posts.csv.txt").write_text("posts.csv, line 3: no number\n")


def spoil_blob(settings: Settings) -> None:
    [blob] = (path for path in (settings.landing / "blobs").rglob("*") if path.is_file())
    blob.unlink()


def spoil_event(settings: Settings) -> None:
    [event] = (settings.landing / "events").rglob("*.json")
    event.write_text("{")


SPOILT: dict[str, tuple[Callable[[Settings], object], str, str]] = {
    "mode": (lambda settings: settings.data.chmod(0o755), "can be read by other accounts", "chmod 700 "),
    "published": (spoil_published, "was changed after it was published", "adoption build"),
    "nothing published": (lambda settings: settings.published.unlink(), "nothing is published", "adoption build"),
    "work file": (
        lambda settings: settings.warehouse.write_bytes(b"x" * 9999),
        "cannot be opened",
        "adoption build --force: ",
    ),
    "blob": (spoil_blob, "is missing", "land it again"),
    "event": (spoil_event, "guild", "restore it from a backup"),
    "inbox": (spoil_inbox, "line 3: no number", "drop a corrected posts.csv"),
    "edition": (spoil_edition, "was altered", "freeze the year again"),
    "configuration": (
        lambda settings: (settings.dagster_home / "dagster.yaml").write_text("run_retries:\n  enabled: false\n"),
        "was edited and is kept",
        "as said",
    ),
}


@pytest.mark.parametrize("what", SPOILT)
def test_what_is_wrong_is_said_with_its_fix_and_all_else_is_looked_at(settings: Settings, what: str) -> None:
    spoil, text, fix = SPOILT[what]
    spoil(settings)

    result = call(settings, "doctor")

    assert result.exit_code == 3, result.output
    assert result.output.count("PROBLEM") == 1
    assert result.output.count("ok     ") == 10
    assert text in result.output
    assert f"fix: {fix}" in result.output or fix in result.output.partition("fix: ")[2]


def test_a_dead_run_is_ended_and_named(settings: Settings) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass

    @dg.op
    def nothing() -> None: ...

    @dg.job
    def warehouse() -> None:
        nothing()

    with environment(settings), open_instance(settings) as instance:
        tags = {PROCESS: str(process.pid)}
        run = instance.create_run_for_job(warehouse, tags=tags, status=dg.DagsterRunStatus.STARTED)

    result = call(settings, "doctor")
    assert result.exit_code == 0, result.output
    assert f"ended, its process had died: warehouse {run.run_id[:8]}" in result.output
    assert "ended" not in call(settings, "doctor").output


def test_without_a_data_folder_nothing_is_wrong_and_nothing_is_made(tmp_path: Path) -> None:
    result = call(Settings(data=tmp_path / "data", extracts=tmp_path), "doctor")
    assert (result.exit_code, "Run `adoption build`" in result.output) == (0, True)
    assert list(tmp_path.iterdir()) == []


def test_prune_says_what_it_would_remove_and_then_removes_it(settings: Settings) -> None:
    draft = settings.published.with_name(".adoption.duckdb.4711")
    draft.write_bytes(b"x" * 2**20)

    assert call(settings, "prune", "--dry-run").output == "Would remove: drafts, 1, 1.0 MB\n"
    assert draft.exists()
    assert call(settings, "prune").output == "Removed: drafts, 1, 1.0 MB\n"
    assert not draft.exists()
    assert call(settings, "prune").output == "Nothing is to be removed.\n"
    assert Landing(settings.landing, settings.extracts).events()


def test_prune_leaves_a_running_build_alone(settings: Settings) -> None:
    script = (
        "import filelock, sys; lock = filelock.FileLock(sys.argv[1]); lock.acquire(); print(1, flush=True); input()"
    )
    command = [sys.executable, "-c", script, str(settings.data / "build.lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline()
        result = call(settings, "prune")
        assert "a build is running" in call(settings, "doctor").output
        holder.kill()
    assert (result.exit_code, "Another build is running" in result.output) == (1, True)


@pytest.mark.parametrize("command", [["prune"], ["dbt", "ls", "--help"]])
def test_a_data_folder_is_made_for_this_account_only(tmp_path: Path, command: list[str]) -> None:
    settings = Settings(data=tmp_path / "new" / "data", extracts=tmp_path)
    call(settings, *command)
    assert settings.data.stat().st_mode & 0o777 == 0o700
