"""Bad copies of shipped extracts, up to the raw tables: refused or rejected in plain words, and everything else loads.

Each copy is damaged in one of two ways: behind the sidecar's back (the digest tells), or together with it, as if the
publisher had sent it like that (then only the content can tell).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from ingest.catalog import load_catalog
from ingest.errors import LandingError
from ingest.landing import SIDECAR_SUFFIX, Landing, digest
from ingest.loader import ExtractReport, load_extracts
from ingest.raw_tables import prepare
from ingest.sources import load_source

pytestmark = pytest.mark.slow

INGEST = Path(__file__).parents[2] / "ingest"
VICTIM = Path("github_ranking", "month_edges.csv")
BYSTANDERS = [Path("kaggle_survey", f"options_{year}.csv") for year in (2019, 2020, 2021)]
SOURCES = ("github_ranking", "kaggle_survey")


class World:
    """Copies of a few shipped extracts, and a warehouse that loads them."""

    def __init__(self, folder: Path) -> None:
        self.landing = Landing(folder / "landing", folder / "shipped")
        self.connection = duckdb.connect()
        self.catalog = load_catalog(INGEST / "catalog")
        for path in (VICTIM, *BYSTANDERS):
            self.restore(path)
        prepare(self.connection, [load_source(name) for name in SOURCES])

    def restore(self, path: Path) -> None:
        """Put the shipped file and its sidecar back."""
        target = self.landing.shipped / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(INGEST / "extracts" / path, target)
        shutil.copyfile(INGEST / "extracts" / f"{path}{SIDECAR_SUFFIX}", f"{target}{SIDECAR_SUFFIX}")

    def damage(self, change: Callable[[bytes], bytes], *, sidecar_too: bool, path: Path = VICTIM) -> None:
        """Change a file, and have its sidecar name the new digest or not."""
        target = self.landing.shipped / path
        before = target.read_bytes()
        data = change(before)
        assert data != before
        target.write_bytes(data)
        if sidecar_too:
            sidecar = target.with_name(target.name + SIDECAR_SUFFIX)
            sidecar.write_text(json.dumps({**json.loads(sidecar.read_text()), "sha256": digest(data)}))

    def load(self, source: str) -> list[ExtractReport]:
        """Load one source."""
        return load_extracts(self.connection, self.landing, load_source(source), self.catalog)

    def count(self, table: str) -> int:
        """Rows of a raw table."""
        ((rows,),) = self.connection.execute(f"select count(*) from raw.{table}").fetchall()
        return int(rows)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def lines_of(path: Path) -> list[bytes]:
    return (INGEST / "extracts" / path).read_bytes().splitlines(keepends=True)


ROWS = len(lines_of(VICTIM)) - 1
OPTIONS = sum(len(lines_of(path)) - 1 for path in BYSTANDERS)


def assert_only_the_victim_suffers(world: World, error: str) -> None:
    (report,) = world.load("github_ranking")
    assert report.status == "refused"
    assert error in report.error
    assert report.error.startswith("month_edges.csv")
    assert {other.status for other in world.load("kaggle_survey")} == {"loaded"}
    assert (world.count("github_ranking__snapshots"), world.count("kaggle_survey__options")) == (0, OPTIONS)
    world.restore(VICTIM)
    (report,) = world.load("github_ranking")
    assert (report.status, report.rows_loaded, world.count("github_ranking__snapshots")) == ("loaded", ROWS, ROWS)


def after_row(number: int, line: bytes) -> Callable[[bytes], bytes]:
    """Replace the line of a row (the first data row is 1) by another."""

    def change(data: bytes) -> bytes:
        lines = data.splitlines(keepends=True)
        return b"".join([*lines[:number], line + b"\n", *lines[number + 1 :]])

    return change


BEHIND_ITS_BACK: dict[str, Callable[[bytes], bytes]] = {
    "cut in the middle of a row": lambda data: data[: len(data) // 2],
    "cut after a row": lambda data: b"".join(data.splitlines(keepends=True)[:-1]),
    "the last newline lost": lambda data: data[:-1],
    "empty": lambda _: b"",
    "one digit other": lambda data: data.replace(b"26556", b"26557"),
    "Windows line ends": lambda data: data.replace(b"\n", b"\r\n"),
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "a byte order mark": lambda data: b"\xef\xbb\xbf" + data,
}


@pytest.mark.parametrize("change", BEHIND_ITS_BACK.values(), ids=BEHIND_ITS_BACK)
def test_a_file_that_changed_behind_its_sidecar_is_refused(world: World, change: Callable[[bytes], bytes]) -> None:
    world.damage(change, sidecar_too=False)
    assert_only_the_victim_suffers(world, "the bytes were altered or cut short: expected sha256 ")


def test_a_file_that_is_missing_is_refused(world: World) -> None:
    (world.landing.shipped / VICTIM).unlink()
    assert_only_the_victim_suffers(world, "is missing; expected sha256 ")


UNREADABLE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "the file is empty; expected a header line"),
    "UTF-32": (lambda data: data.decode().encode("utf-32"), "this is text in UTF-32; expected a table"),
    "UTF-16 without a mark": (lambda data: data.decode().encode("utf-16-le"), "UTF-16 without its mark; save it as"),
    "latin-1": (after_row(7, "2018-12-31,café/café,1,1".encode("latin-1")), "line 8: byte "),
    "a compressed file": (lambda data: b"\x1f\x8b" + data, "packed by gzip, and broken"),
    "a page instead of a table": (lambda _: b"<html><p>Not found</p>", "line 1: columns missing: 'snapshot_date'"),
    "no header": (lambda data: data.split(b"\n", 1)[1], "line 1: columns missing: "),
    "a column renamed": (
        lambda data: data.replace(b"stars", b"stargazers", 1),
        "line 1: columns missing: 'stars'; unknown: 'stargazers'; expected snapshot_date, repository, stars, forks",
    ),
    "a column lost": (lambda data: data.replace(b",forks", b"", 1), "line 1: columns missing: 'forks'; expected"),
    "a column more": (lambda data: data.replace(b"forks", b"forks,watchers", 1), "unknown: 'watchers'; expected"),
    "a column twice": (lambda data: data.replace(b"forks", b"forks,stars", 1), "repeated: 'stars'; expected"),
    "bars": (lambda data: data.replace(b",", b"|"), "columns missing: 'snapshot_date', 'repository', 'stars'"),
}


@pytest.mark.parametrize(("change", "error"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_of_another_form_is_refused_with_the_place(
    world: World, change: Callable[[bytes], bytes], error: str
) -> None:
    world.damage(change, sidecar_too=True)
    (world.landing.shipped / VICTIM.with_name("old")).write_bytes(b"a file without a sidecar is nothing")
    assert_only_the_victim_suffers(world, error)


BAD_ROWS: dict[str, tuple[bytes, str, str, str]] = {
    "negative": (b"2020-12-31,a/b,-5,1", "stars", "-5", "greater than or equal to 0"),
    "no number": (b"2020-12-31,a/b,5,many", "forks", "many", "valid integer"),
    "a fraction": (b"2020-12-31,a/b,5.5,1", "stars", "5.5", "valid integer"),
    "empty, which is no zero": (b"2020-12-31,a/b,,1", "stars", "", "valid integer"),
    "in the future": (b"2031-01-01,a/b,5,1", "snapshot_date", "2031-01-01", "lies in the future"),
    "no day": (b"2020-02-30,a/b,5,1", "snapshot_date", "2020-02-30", "valid date"),
    "without a name": (b"2020-12-31,  ,5,1", "repository", "  ", "at least 1 character"),
    "cut": (b"2020-12-31,a/b", "(row)", "", "expected 4 fields, found 2"),
    "too long": (b"2020-12-31,a/b,5,1,1", "(row)", "", "expected 4 fields, found 5"),
}


@pytest.mark.parametrize(("line", "column", "value", "reason"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_bad_row_is_kept_with_its_reason_and_the_others_are_loaded(
    world: World, line: bytes, column: str, value: str, reason: str
) -> None:
    world.damage(after_row(100, line), sidecar_too=True)
    (report,) = world.load("github_ranking")
    assert (report.status, report.rows_in, report.rows_loaded, report.rows_rejected) == ("loaded", ROWS, ROWS - 1, 1)
    query = "select filename, row_number, column_name, found, reason from raw.rejected_rows"
    ((*place, why),) = world.connection.execute(query).fetchall()
    assert place == ["month_edges.csv", 101, column, value]
    assert reason in why


def test_every_row_of_a_file_cut_anywhere_is_accounted_for(world: World) -> None:
    whole = (INGEST / "extracts" / VICTIM).read_bytes()
    for length in range(len(whole) - 40, len(whole), 3):
        world.restore(VICTIM)
        world.damage(lambda data, length=length: data[:length], sidecar_too=True)  # type: ignore[misc]
        report = world.load("github_ranking")[-1]
        assert report.status == "loaded"
        assert (
            report.rows_in
            == report.rows_loaded + report.rows_rejected
            == whole[:length].count(b"\n") - whole[:length].endswith(b"\n")
        )


def test_a_bad_copy_does_not_touch_what_is_held(world: World) -> None:
    world.load("github_ranking")
    world.load("kaggle_survey")
    world.damage(lambda data: data[:50], sidecar_too=False)
    world.damage(lambda data: data[:50], sidecar_too=False, path=BYSTANDERS[0])
    assert world.load("github_ranking") == world.load("kaggle_survey") == []
    assert (world.count("github_ranking__snapshots"), world.count("kaggle_survey__options")) == (ROWS, OPTIONS)


def test_one_bad_file_does_not_hold_up_the_others_of_its_source(world: World) -> None:
    world.damage(lambda data: data.replace(b"question", b"text", 1), sidecar_too=True, path=BYSTANDERS[1])
    statuses = {report.filename: report.status for report in world.load("kaggle_survey")}
    assert statuses == {"options_2019.csv": "loaded", "options_2020.csv": "refused", "options_2021.csv": "loaded"}


def test_a_damaged_sidecar_stops_its_source_by_name_and_no_other(world: World) -> None:
    sidecar = world.landing.shipped / f"{VICTIM}{SIDECAR_SUFFIX}"
    sidecar.write_text(sidecar.read_text()[:100])
    with pytest.raises(LandingError, match=r"month_edges\.csv\.fetch\.json: not a readable fetch event"):
        world.load("github_ranking")
    world.load("kaggle_survey")
    assert (world.count("github_ranking__snapshots"), world.count("kaggle_survey__options")) == (0, OPTIONS)
