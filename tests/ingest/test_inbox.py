"""Dropped files: accepted whole, or refused whole with reasons."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import ingest.inbox
from ingest.catalog import load_catalog
from ingest.inbox import (
    MAX_PROBLEMS,
    IngestResult,
    ValidationResult,
    ingest_files,
    rejected_files,
    try_file,
    unclaimed_files,
)
from ingest.sources import load_source
from tests.ingest.made_up import GOOD_ROW, GUILD, LANDED_AT, Warehouse, file_of

CATALOG = Path(__file__).parents[2] / "ingest" / "catalog"
OTHER_ROW = GOOD_ROW.replace("anvil", "bellows")


class Inbox:
    """An inbox beside a made-up warehouse."""

    def __init__(self, warehouse: Warehouse, folder: Path) -> None:
        self.warehouse = warehouse
        self.folder = folder

    def drop(self, data: bytes, name: str = "sales.csv") -> None:
        path = self.folder / "guild_counts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def ingest_files(self, now: datetime = LANDED_AT) -> list[IngestResult]:
        return ingest_files(self.folder, self.warehouse.landing, GUILD, self.warehouse.catalog, now)

    def problems(self, data: bytes) -> tuple[str, ...]:
        """The reasons for which a file is refused."""
        self.drop(data)
        (result,) = self.ingest_files()
        assert result.extract_id is None
        assert self.warehouse.landing.events() == []
        return result.problems

    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
def inbox(warehouse: Warehouse, tmp_path: Path) -> Inbox:
    return Inbox(warehouse, tmp_path / "inbox")


def test_an_empty_or_missing_inbox_is_no_news(inbox: Inbox) -> None:
    assert inbox.ingest_files() == []
    (inbox.folder / "guild_counts").mkdir(parents=True)
    assert inbox.ingest_files() == []


def test_an_accepted_file_is_landed_as_it_is_and_moved(inbox: Inbox) -> None:
    data = file_of(GOOD_ROW, OTHER_ROW.replace("2020-12-31", "2020-11-01"))
    inbox.drop(data)
    (result,) = inbox.ingest_files()
    (event,) = inbox.warehouse.landing.events()
    assert result == IngestResult("guild_counts", "sales.csv", event.extract_id, ())
    assert inbox.warehouse.landing.path_of(event).read_bytes() == data
    assert inbox.files() == ["done/guild_counts/sales.csv"]
    assert (event.landed_at, event.available_at, event.licence) == (LANDED_AT, LANDED_AT, "none stated")
    assert (event.scope.table, event.scope.period_start, event.scope.period_end) == (
        "counts",
        date(2020, 11, 1),
        date(2021, 1, 1),
    )
    assert event.scope.terms == ("anvil", "bellows")
    (report,) = inbox.warehouse.load()
    assert (report.status, report.rows_loaded, report.rows_rejected) == ("loaded", 2, 0)


REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "sales.csv: the file is empty; expected a header line"),
    "header only": (file_of(), "sales.csv: the file has no rows; expected at least one below the header"),
    "not UTF-8": (file_of(GOOD_ROW) + b"caf\xe9", "sales.csv, line 3: byte "),
    "a broken archive": (b"PK\x03\x04\xff\xfe", "this is a zip archive that is cut short or broken; expected a table"),
    "bytes": (b"\x00\xff\xfe", "is not UTF-8; expected UTF-8 text"),
    "other columns": (
        b"tool,sold\nanvil,1\n",
        "none of the documented forms, found columns 'sold', 'tool'; expected a CSV file with the columns of counts",
    ),
    "a stray carriage return": (file_of(GOOD_ROW) + b"x\ry\n", "sales.csv, line 3: not readable as CSV"),
    "cut row": (file_of("anvil,2020-12-31"), "sales.csv, line 2: expected 10 fields, found 2"),
    "negative": (
        file_of(GOOD_ROW.replace(",7,", ",-7,")),
        "sales.csv, line 2, column sold: Input should be greater than or equal to 0; found '-7'",
    ),
    "unknown name": (
        file_of(GOOD_ROW.replace("anvil", "saw")),
        "line 2, column tool: is not a name that the catalog lists for this source; found 'saw'",
    ),
    "future": (
        file_of(GOOD_ROW.replace("2020-12-31", "2021-01-06")),
        "column day: lies in the future: the extract was landed on 2021-01-05",
    ),
    "no zero": (file_of(GOOD_ROW.replace(",7,", ",,")), "line 2, column sold: should be a valid integer"),
}


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_refused_file_lies_beside_its_reasons(inbox: Inbox, data: bytes, reason: str) -> None:
    (problem,) = inbox.problems(data)
    assert reason in problem
    assert inbox.files() == ["refused/guild_counts/sales.csv", "refused/guild_counts/sales.csv.txt"]
    folder = inbox.folder / "refused" / "guild_counts"
    assert (folder / "sales.csv").read_bytes() == data
    assert (folder / "sales.csv.txt").read_text(encoding="utf-8") == f"{problem}\n"
    assert rejected_files(inbox.folder, "guild_counts") == [("sales.csv", problem)]


def test_one_bad_row_refuses_the_whole_file_and_every_problem_is_named(inbox: Inbox) -> None:
    bad = GOOD_ROW.replace("anvil", "saw").replace(",7,", ",-7,")
    problems = inbox.problems(file_of(GOOD_ROW, bad, GOOD_ROW.replace("hand", "eye")))
    assert [problem.partition(":")[0] for problem in problems] == [
        "sales.csv, line 3, column tool",
        "sales.csv, line 3, column sold",
        "sales.csv, line 4, column counted_by",
    ]
    assert inbox.warehouse.load() == []


def test_a_file_with_very_many_problems_names_the_first(inbox: Inbox) -> None:
    reasons = inbox.problems(file_of(*("," * number for number in range(1, 700) if number != 9)))
    assert (len(reasons), reasons[-1]) == (MAX_PROBLEMS + 1, f"and {698 - MAX_PROBLEMS:,} more problems")


def test_one_mistake_on_many_lines_is_said_once(inbox: Inbox) -> None:
    assert inbox.problems(file_of(*["saw"] * 48)) == (
        "sales.csv, lines 2, 3, 4, 5, 6 and 43 more: expected 10 fields, found 1",
    )


def test_an_unknown_name_is_refused_with_the_nearest_one(inbox: Inbox) -> None:
    (problem,) = inbox.problems(file_of(GOOD_ROW.replace("anvil", "anvill")))
    assert problem.endswith("found 'anvill'; did you mean anvil?")


def test_a_mended_file_of_the_same_name_clears_the_refusal(inbox: Inbox) -> None:
    inbox.problems(file_of(GOOD_ROW.replace("anvil", "saw")))
    assert inbox.ingest_files() == []
    assert len(rejected_files(inbox.folder, "guild_counts")) == 1
    inbox.drop(file_of(GOOD_ROW))
    (result,) = inbox.ingest_files()
    assert result.problems == ()
    assert rejected_files(inbox.folder, "guild_counts") == []
    assert inbox.files() == ["done/guild_counts/sales.csv"]


def test_the_same_file_again_is_no_news(inbox: Inbox) -> None:
    inbox.drop(file_of(GOOD_ROW))
    (first,) = inbox.ingest_files()
    inbox.drop(file_of(GOOD_ROW), "copy.csv")
    (again,) = inbox.ingest_files(LANDED_AT + timedelta(days=1))
    assert again.extract_id == first.extract_id
    assert len(inbox.warehouse.landing.events()) == 1
    assert inbox.files() == ["done/guild_counts/copy.csv", "done/guild_counts/sales.csv"]


def test_the_same_file_after_a_retraction_is_news(inbox: Inbox) -> None:
    inbox.drop(file_of(GOOD_ROW))
    (first,) = inbox.ingest_files()
    assert first.extract_id is not None
    inbox.warehouse.landing.retract(first.extract_id, "a mistake", LANDED_AT + timedelta(days=1))
    inbox.drop(file_of(GOOD_ROW))
    (again,) = inbox.ingest_files(LANDED_AT + timedelta(days=2))
    assert again.extract_id not in (None, first.extract_id)


def test_a_corrected_file_of_the_same_names_and_dates_replaces_the_first(inbox: Inbox) -> None:
    inbox.drop(file_of(GOOD_ROW))
    inbox.ingest_files()
    inbox.drop(file_of(GOOD_ROW.replace(",7,", ",8,")))
    inbox.ingest_files(LANDED_AT + timedelta(days=1))
    first, second = inbox.warehouse.landing.events()
    assert first.scope.key == second.scope.key


def test_files_about_other_things_stand_side_by_side(inbox: Inbox) -> None:
    inbox.drop(file_of(GOOD_ROW), "anvil.csv")
    inbox.drop(file_of(OTHER_ROW), "bellows.csv")
    assert [result.filename for result in inbox.ingest_files()] == ["anvil.csv", "bellows.csv"]
    first, second = inbox.warehouse.landing.events()
    assert {first.scope.terms, second.scope.terms} == {("anvil",), ("bellows",)}
    assert first.scope.key != second.scope.key


def test_one_bad_file_does_not_hold_up_another(inbox: Inbox) -> None:
    inbox.drop(file_of("saw"), "bad.csv")
    inbox.drop(file_of(GOOD_ROW), "good.csv")
    (inbox.folder / "guild_counts" / ".hidden").write_bytes(b"not a drop")
    assert [(result.filename, bool(result.problems)) for result in inbox.ingest_files()] == [
        ("bad.csv", True),
        ("good.csv", False),
    ]


SHIPPED_FORMS = [
    ("github_ranking", "snapshots", "snapshot_date,repository,stars,forks", "2020-12-31,a/b,1,1"),
    ("indeed", "ai_share", "country,first_date,last_date,mean_share_pct", "US,2020-01-01,2020-01-31,1.5"),
    ("indeed", "software_index", "mean_index,country,first_date,last_date", "99.5,US,2020-01-01,2020-01-31"),
    ("kaggle_survey", "options", "edition,option_number,option_label,question", "2016,1,Other,Which?"),
    ("kaggle_survey", "option_sets", "edition,country,role,option_numbers,respondents", "2016,X,Y,1|2,3"),
    ("colab", "counts", "name,period_start,period_end,count,total", "JAX,2020-01-01,2020-02-01,1,9"),
]


@pytest.mark.parametrize(("source", "table", "header", "row"), SHIPPED_FORMS)
def test_the_columns_say_which_table_a_file_is_of(
    tmp_path: Path, source: str, table: str, header: str, row: str
) -> None:
    path = tmp_path / "dropped.csv"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    trial = try_file(path, load_source(source), load_catalog(CATALOG), LANDED_AT)
    assert trial.problems == ()
    assert trial.fetch is not None
    assert (trial.fetch.scope.table, trial.fetch.scope.label) == (table, "inbox")


def test_an_edition_covers_its_year(tmp_path: Path) -> None:
    path = tmp_path / "dropped.csv"
    path.write_text("edition,option_number,option_label,question\n2016,1,Other,Which?\n", encoding="utf-8")
    fetch = try_file(path, load_source("kaggle_survey"), load_catalog(CATALOG), LANDED_AT).fetch
    assert fetch is not None
    assert (fetch.scope.period_start, fetch.scope.period_end) == (date(2016, 1, 1), date(2017, 1, 1))


@pytest.mark.parametrize(
    ("edition", "reason"),
    [("20200", "lies in the future"), ("2022", "lies in the future"), ("0", "greater than or equal to 1")],
)
def test_an_edition_that_cannot_be_is_refused(tmp_path: Path, edition: str, reason: str) -> None:
    path = tmp_path / "dropped.csv"
    path.write_text(f"edition,option_number,option_label,question\n{edition},1,Other,Which?\n", encoding="utf-8")
    (problem,) = try_file(path, load_source("kaggle_survey"), load_catalog(CATALOG), LANDED_AT).problems
    assert "line 2, column edition" in problem
    assert reason in problem


def test_of_two_files_of_one_scope_dropped_together_the_later_name_counts(inbox: Inbox) -> None:
    for name, sold in (("b.csv", 8), ("a.csv", 7), ("c.csv", 9)):
        inbox.drop(file_of(GOOD_ROW.replace(",7,", f",{sold},")), name)
    assert [result.filename for result in inbox.ingest_files()] == ["a.csv", "b.csv", "c.csv"]
    events = inbox.warehouse.landing.events()
    assert [event.filename for event in events] == ["a.csv", "b.csv", "c.csv"]
    assert len({event.scope.key for event in events}) == 1
    assert events[0].landed_at < events[1].landed_at < events[2].landed_at


def test_what_lies_in_the_inbox_and_belongs_to_nobody_is_named(inbox: Inbox) -> None:
    for name in ("done/x", "refused/x", ".hidden", "guild_count", "elsewhere", "guild_counts/unpacked"):
        (inbox.folder / name).mkdir(parents=True)
    (inbox.folder / "loose.csv").write_text("x", encoding="utf-8")
    assert unclaimed_files(inbox.folder, ["guild_counts"]) == [
        ("elsewhere", "no source of the catalog has this name: expected inbox/<source>/<file>"),
        (
            "guild_count",
            "no source of the catalog has this name: expected inbox/<source>/<file>; did you mean guild_counts?",
        ),
        ("guild_counts/unpacked", "a folder; expected files: drop what is inside"),
        ("loose.csv", "not in the folder of a source: expected inbox/<source>/<file>"),
    ]


def test_an_inbox_that_is_not_there_has_no_strays(inbox: Inbox) -> None:
    assert unclaimed_files(inbox.folder, ["guild_counts"]) == []


ODD_NAMES: dict[str, bytes] = {
    "not UTF-8": b"caf\xe9.csv",
    "of two lines": b"a\nb\tc.csv",
    "a terminal's orders": b"\x1b[31mred.csv",
    "as long as a name can be": b"x" * 251 + b".csv",
    "as long, and not UTF-8": b"\xff" * 251 + b".csv",
    "a dash": b"-rf.csv",
    "markup": b"[b].csv",
    "a picture": "\N{BUG}.csv".encode(),
    "a note's ending": b"x.csv.txt",
}


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
def test_a_file_is_taken_or_refused_whatever_its_name_is(inbox: Inbox, name: bytes) -> None:
    for data, is_good in ((file_of("saw"), False), (file_of(GOOD_ROW), True)):
        inbox.drop(data, os.fsdecode(name))
        inbox.drop(file_of(OTHER_ROW), "zz_another.csv")
        other, odd = sorted(inbox.ingest_files(), key=lambda result: result.filename != "zz_another.csv")
        assert (odd.extract_id is not None, odd.is_left, other.problems) == (is_good, False, ())
        assert odd.filename.isprintable()
        events = {event.filename for event in inbox.warehouse.landing.events()}
        assert (odd.filename in events) == is_good
        assert [(file, bool(reason)) for file, reason in rejected_files(inbox.folder, "guild_counts")] == (
            [] if is_good else [(odd.filename, True)]
        )
    assert {report.status for report in inbox.warehouse.load()} == {"loaded"}


IN_THE_WAY = ("done", "done/guild_counts", "done/guild_counts/odd.csv/", "refused/guild_counts/odd.csv.txt/")


@pytest.mark.parametrize("data", [file_of(GOOD_ROW), file_of("saw")], ids=["good", "bad"])
@pytest.mark.parametrize("obstacle", [*IN_THE_WAY, *(place.replace("done", "refused") for place in IN_THE_WAY[:3])])
def test_what_is_in_the_way_of_one_file_holds_up_no_other(inbox: Inbox, obstacle: str, data: bytes) -> None:
    inbox.drop(data, "odd.csv")
    inbox.drop(file_of("saw", OTHER_ROW), "wrong.csv")
    inbox.drop(file_of(OTHER_ROW), "right.csv")
    good = {"right.csv"} | ({"odd.csv"} if data == file_of(GOOD_ROW) else set())
    path = inbox.folder / obstacle
    if obstacle.endswith("/"):
        path.mkdir(parents=True)
    else:
        path.parent.mkdir(exist_ok=True)
        path.write_text("a file where a folder should be", encoding="utf-8")
    results = inbox.ingest_files()
    assert [result.filename for result in results] == ["odd.csv", "right.csv", "wrong.csv"]
    for result in results:
        is_there = (inbox.folder / "guild_counts" / result.filename).exists()
        assert result.is_left == is_there
        if is_there:
            (problem,) = result.problems
            judged, folder = ("taken", "done") if result.filename in good else ("refused", "refused")
            assert problem.startswith(
                f"{result.filename}: {judged}, but it cannot be moved to {folder}/guild_counts/: "
            )
    assert {event.filename for event in inbox.warehouse.landing.events()} == good


def test_a_file_that_changes_while_it_is_taken_waits_for_the_next_time(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.drop(file_of(GOOD_ROW), "growing.csv")
    inbox.drop(file_of(OTHER_ROW), "still.csv")
    trial = ingest.inbox.try_file

    def growing(path: Path, *rest: Any) -> ValidationResult:
        found = trial(path, *rest)
        if path.name == "growing.csv":
            path.write_bytes(file_of(GOOD_ROW, OTHER_ROW))
        return found

    monkeypatch.setattr(ingest.inbox, "try_file", growing)
    grown, still = inbox.ingest_files()
    assert (grown.is_left, still.is_left) == (True, False)
    assert "growing.csv: the event names sha256" in grown.problems[0]
    monkeypatch.undo()
    (grown,) = inbox.ingest_files()
    assert (grown.is_left, grown.problems) == (False, ())
