"""Whose a folder is: what a user has put there is never replaced or removed, and there is no moment without the folder.

Belongs here: layouts of folders, and kills of the swap. Does not belong here: what is written into a folder.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from adoption.cli.main import main
from adoption.settings import REPOSITORY, Settings
from ingest.files import MARKER, SIGN, FolderRefused, check_target, replacing

OURS = {"index.html": "page", "posts/01.txt": "post"}
Lay = Callable[[Path, str], object]
"""What makes a layout: in this folder, ours being of this kind."""


def make(folder: Path, kind: str = "report", files: Mapping[str, str] = OURS) -> None:
    """Write a folder as a command does."""
    with replacing(folder, kind) as draft:
        for name, text in files.items():
            (draft / name).parent.mkdir(exist_ok=True)
            (draft / name).write_text(text)


def put(name: str, text: str = "mine", ours: bool = False) -> Lay:
    """A layout with one file of the user, in a folder of its own or among ours."""

    def lay(folder: Path, kind: str) -> None:
        if ours:
            make(folder, kind)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)

    return lay


def marked(text: str) -> Lay:
    """A layout in which the marker is replaced by this text."""

    def lay(folder: Path, kind: str) -> None:
        make(folder, kind)
        (folder / MARKER).write_text(text)

    return lay


def linked(name: str, to: str, ours: bool) -> Lay:
    """A layout with a link of the user; in place of our file if there is one."""

    def lay(folder: Path, kind: str) -> None:
        if ours:
            make(folder, kind)
        folder.mkdir(exist_ok=True)
        (folder.parent / "elsewhere").write_text("page")
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(to)

    return lay


def piped(folder: Path, kind: str) -> None:
    make(folder, kind)
    os.mkfifo(folder / "pipe")


def emptied(folder: Path, kind: str) -> None:
    make(folder, kind)
    (folder / "drafts").mkdir()


def repository_of_ours(folder: Path, kind: str) -> None:
    """Somebody keeps our report in git, and lists even that."""
    make(folder, kind, {**OURS, ".git/HEAD": "ref"})


LAYOUTS: dict[str, tuple[Lay, str]] = {
    "one page of a web site": (put("index.html"), "index.html"),
    "a page and its posts": (put("posts/post1.html"), "posts"),
    "another data package": (put("datapackage.json", "{}"), "datapackage.json"),
    "a dictionary": (put("dictionary.md"), "dictionary.md"),
    "a thesis": (put("thesis.txt"), "thesis.txt"),
    "a hidden file": (put(".env"), ".env"),
    "an empty folder in it": (lambda folder, _: (folder / "later").mkdir(parents=True), "later"),
    "a repository": (put(".git/HEAD", "ref"), ".git"),
    "a work tree": (put(".git", "gitdir: x"), ".git"),
    "a repository around ours": (put(".git/HEAD", "ref", ours=True), ".git"),
    "a repository that the marker lists": (repository_of_ours, ".git"),
    "a note beside ours": (put("mine.txt", ours=True), "mine.txt"),
    "a note among our posts": (put("posts/mine.txt", ours=True), "posts/mine.txt"),
    "an empty folder beside ours": (emptied, "drafts"),
    "our page, edited": (put("index.html", "page, edited", ours=True), "index.html"),
    "our page, replaced by a link": (linked("index.html", "../elsewhere", ours=True), "index.html"),
    "a link that leads nowhere": (linked("link", "nowhere", ours=False), "link"),
    "a pipe": (piped, "pipe"),
    "a marker of nobody": (marked("mine"), MARKER),
    "a marker without files": (marked('{"format": 1, "kind": "report", "files": 5}'), MARKER),
    "a marker of a later format": (marked('{"format": 2, "kind": "report", "files": {}}'), MARKER),
    "a folder of another kind": (lambda folder, kind: make(folder, f"other {kind}"), MARKER),
    "a file": (lambda folder, _: folder.write_text("mine"), ""),
}


def state(folder: Path) -> dict[str, object]:
    """Every path below a folder with what it is and holds, and when it was last written."""
    content_by_path: dict[str, object] = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        about = path.lstat()
        is_file = path.is_file() and not path.is_symlink()
        content = path.read_bytes() if is_file else str(path.readlink()).encode() if path.is_symlink() else b""
        content_by_path[str(path)] = (about.st_mode, about.st_ino, about.st_mtime_ns, content)
    return content_by_path


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_folder_of_a_user_is_untouched_and_refused(name: str, tmp_path: Path) -> None:
    lay, offending = LAYOUTS[name]
    lay(tmp_path / "theirs", "report")
    before = state(tmp_path)

    with pytest.raises(FolderRefused) as at_first:
        check_target(tmp_path / "theirs", "report")
    with pytest.raises(FolderRefused) as refused, replacing(tmp_path / "theirs", "report"):
        pytest.fail("the work began")

    assert str(refused.value).startswith(str(tmp_path / "theirs" / offending))
    assert str(refused.value) == str(at_first.value)
    assert state(tmp_path) == before


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("command", [["report", "--out"], ["export"], ["docs"]], ids=" ".join)
def test_each_command_looks_at_its_folder_before_it_works(
    command: list[str], name: str, built: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for work in (
        "adoption.reports.page.render.make",
        "adoption.export.writer._write",
        "adoption.warehouse.dbt.Dbt.invoke",
    ):
        monkeypatch.setattr(work, lambda *_: pytest.fail("the work began"))
    lay, offending = LAYOUTS[name]
    lay(tmp_path / "theirs", command[0])
    before = state(tmp_path)

    result = CliRunner().invoke(main, ["--data", str(built.data), *command, str(tmp_path / "theirs")])

    assert result.exit_code in (1, 2), result.output
    assert str(tmp_path / "theirs" / offending) in result.output
    assert state(tmp_path) == before


@pytest.mark.parametrize("place", ["/dev/null", "/dev/null/below"])
def test_what_can_hold_no_folder_is_refused_before_the_work(place: str) -> None:
    with pytest.raises(FolderRefused, match=r"^/dev/null is not a folder"):
        check_target(Path(place), "report")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, _: path != tmp_path)  # root may write anywhere
    with pytest.raises(FolderRefused, match=f"^{tmp_path} cannot be written by this user"):
        check_target(tmp_path / "new" / "report", "report")


def contents(folder: Path) -> dict[str, str]:
    """The files of a folder that are no marker."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != MARKER]
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


NEW = {"index.html": "new page", "review.md": "new"}


@pytest.fixture(params=["exchanged", "in two steps"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of swapping: by one call, and where a file system has none."""
    if request.param == "in two steps":
        monkeypatch.setattr("ingest.files.exchange", lambda *_: False)
    return str(request.param)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("before", ["missing", "empty", "ours", "ours, a file missing", "deep"])
def test_what_is_ours_or_empty_is_replaced_whole(before: str, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "er" if before == "deep" else tmp_path / "made"
    if before == "empty":
        folder.mkdir()
    elif before.startswith("ours"):
        make(folder)
    if before == "ours, a file missing":
        (folder / "index.html").unlink()

    make(folder, files=NEW)

    assert contents(folder) == NEW
    listed = json.loads((folder / MARKER).read_text())
    assert (listed["format"], listed["kind"], set(listed["files"])) == (1, "report", set(NEW))
    assert list(folder.parent.iterdir()) == [folder]


def test_a_file_that_comes_during_the_work_stops_the_swap(tmp_path: Path, way: str) -> None:
    make(tmp_path / "made")
    started = replacing(tmp_path / "made", "report")
    (started.__enter__() / "index.html").write_text("new page")
    (tmp_path / "made" / "mine.txt").write_text("mine")

    with pytest.raises(FolderRefused, match=f"^{tmp_path / 'made' / 'mine.txt'} was not"):
        started.__exit__(None, None, None)

    assert contents(tmp_path / "made") == {**OURS, "mine.txt": "mine"}, way
    assert list(tmp_path.iterdir()) == [tmp_path / "made"]


@pytest.mark.usefixtures("way")
def test_work_that_fails_leaves_the_old_folder_and_no_draft(tmp_path: Path) -> None:
    make(tmp_path / "made")
    with pytest.raises(IsADirectoryError), replacing(tmp_path / "made", "report") as draft:
        draft.write_text("a folder takes no text")

    assert contents(tmp_path / "made") == OURS
    assert list(tmp_path.iterdir()) == [tmp_path / "made"]


def test_what_a_kill_between_two_steps_left_is_put_back_by_the_next_run(tmp_path: Path) -> None:
    make(tmp_path / "made")
    (tmp_path / "made").rename(tmp_path / f".made.{SIGN}-0")
    (tmp_path / f".made.{SIGN}-1").mkdir()
    (tmp_path / f".made.{SIGN}-1" / "index.html").write_text("half a")

    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "made", "report"):
        _ = 1 / 0

    assert contents(tmp_path / "made") == OURS
    assert list(tmp_path.iterdir()) == [tmp_path / "made"]


def test_a_draft_that_is_worked_on_is_left_alone_by_another_run(tmp_path: Path) -> None:
    with replacing(tmp_path / "made", "report") as draft:
        (draft / "index.html").write_text("first")
        make(tmp_path / "made", files=NEW)
        assert contents(draft) == {"index.html": "first"}
    assert contents(tmp_path / "made") == {"index.html": "first"}


def test_a_leftover_that_holds_a_file_of_a_user_is_not_removed(tmp_path: Path) -> None:
    left = tmp_path / f".made.{SIGN}-0"
    make(tmp_path / "made")
    make(left)
    (left / "mine.txt").write_text("mine")

    make(tmp_path / "made", files=NEW)

    assert contents(tmp_path / "made") == NEW
    assert contents(left) == {**OURS, "mine.txt": "mine"}


DYING = """
import itertools, json, os, sys
from pathlib import Path
import ingest.files as files
folder, how = Path(sys.argv[1]), sys.argv[2]
if how == "in two steps":
    files.exchange = lambda *_: False

def replace(text):
    with files.replacing(folder, "report") as draft:
        for name in "ab":
            (draft / name).write_text(text)

def die_at(point):
    left = itertools.count(point, -1)
    def trace(frame, event, _):
        if frame.f_code.co_filename == files.__file__ and event == "line" and not next(left):
            os._exit(9)
        return trace
    sys.settrace(trace)
    replace("new")
    os._exit(0)

seen = []
replace("old")
for point in itertools.count(1):
    child = os.fork() or die_at(point)
    is_done = os.waitpid(child, 0)[1] == 0
    was_there = folder.exists()
    if not is_done:
        try:
            with files.replacing(folder, "report"):
                raise KeyError
        except KeyError:
            pass
    texts = [(folder / name).read_text() for name in "ab"]
    beside = [path.name for path in folder.parent.iterdir()]
    seen.append([was_there, texts, beside])
    if is_done:
        break
    replace("old")
print(json.dumps(seen))
"""


@pytest.mark.parametrize("how", ["exchanged", "in two steps"])
def test_a_run_that_dies_at_any_line_leaves_a_complete_folder_or_one_that_the_next_run_puts_back(
    how: str, tmp_path: Path
) -> None:
    """A process that forks one that dies at each line of the module in turn, as if it were killed there."""
    command = [sys.executable, "-c", DYING, str(tmp_path / "made"), how]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)

    assert len(seen) > 50
    assert all(texts in (["old", "old"], ["new", "new"]) for _, texts, _ in seen)
    assert all(beside == ["made"] for _, _, beside in seen)
    assert [texts for _, texts, _ in seen][:1] + [texts for _, texts, _ in seen][-1:] == [["old"] * 2, ["new"] * 2]
    assert all(was_there for was_there, _, _ in seen) == (how == "exchanged")
