"""What changes when a publisher changes its mind: restated, withdrawn, contradicted and retracted figures.

Three builds of the invented field, each after some news; every test reads what the marts said after each of them.
Belongs here: the way from a landed event to the marts. Does not belong here: the landing alone (tests/ingest).
"""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from adoption.cli.main import main
from adoption.settings import Settings
from ingest.landing import Landing, digest
from ingest.model import Fetch, Scope
from tests.conftest import run_build
from tests.end_to_end.asking import Row, ask_file, differences, parts

pytestmark = pytest.mark.slow

DOWNLOADS = "package,month_date,downloads,source_format,available_at,source_commit"
QUESTIONS = "tag,month_date,questions,available_at,source_commit"
STARS = "snapshot_date,repository,stars,forks"
WRONG = "wrong.csv"
MISTAKE = "the stars of another day"
RESTATED = "fct_revisions"


class World:
    """The invented field with a landing that gets news; `states` are the published files after each build."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        self.landing = Landing(settings.landing, settings.extracts)
        self.states: list[Path] = []

    def land(self, source: str, header: str, lines: list[str], start: date, day: datetime) -> Fetch:
        """Land what `source` says of the year that begins on `start`."""
        data = "\n".join([header, *lines, ""]).encode()
        scope = Scope("months", start, date(start.year + 1, 1, 1), ("nib", "quillmark"), "news")
        return self.landing.land(Fetch(source, scope, "news.csv", digest(data), day, "none stated", day), data)

    def january(self, downloads: int, day: datetime) -> Fetch:
        """Land another count for January 2019, of which the shipped extract says 100."""
        line = f"quillmark,2019-01-01,{downloads},pypistats,2022-01-05T00:00:00+00:00,invented"
        return self.land("pypi_tools", DOWNLOADS, [line], date(2019, 1, 1), day)

    def autumn(self, months: list[int], day: datetime) -> Fetch:
        """Land the months of 2018 in which questions about the companion were counted, three in each."""
        lines = [f"nib,2018-{month:02}-01,3,2022-01-05T00:00:00+00:00,invented" for month in months]
        return self.land("stackoverflow_trends", QUESTIONS, lines, date(2018, 1, 1), day)

    def build(self) -> None:
        """Build, and keep what was published."""
        made = run_build(self.settings)
        assert made.outcome.exit_code == 0, "\n".join([made.output, *made.outcome.failures, *made.outcome.red])
        copy = self.folder / f"state_{len(self.states) + 1}.duckdb"
        shutil.copyfile(self.settings.published, copy)
        self.states.append(copy)

    def command(self, *arguments: str) -> str:
        """`adoption` with these arguments on this warehouse."""
        places = (
            "--catalog",
            self.settings.catalog,
            "--extracts",
            self.settings.extracts,
            "--data",
            self.settings.data,
        )
        result = CliRunner().invoke(main, [*map(str, places), *arguments])
        assert result.exit_code == 0, result.output
        return result.output


def day(month: int) -> datetime:
    return datetime(2026, month, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(other_field: Settings, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("restated")
    settings = Settings(other_field.catalog, other_field.extracts, folder / "data")
    shutil.copytree(other_field.data, settings.data)
    world = World(settings, folder)

    world.january(111, day(1))
    world.autumn([10, 11, 12], day(1))
    dropped = settings.inbox / "github_ranking" / WRONG
    dropped.parent.mkdir(parents=True)
    dropped.write_text(f"{STARS}\n2020-12-31,inkwell-org/inkwell,505,51\n", encoding="utf-8")
    world.build()

    world.january(122, day(2))
    world.autumn([10, 12], day(2))
    (wrong,) = ask_file(settings.published, f"select extract_id from meta.extracts where filename = '{WRONG}'")
    assert "Withdrawn: " in world.command("inbox", "retract", wrong["extract_id"], "--reason", MISTAKE)
    world.build()

    world.january(111, day(3))
    world.build()
    return world


def year(state: Path, entity: str, metric: str, number: int) -> Row:
    (row,) = ask_file(
        state,
        "from marts.fct_adoption_yoy where entity_type = 'framework' and (entity_id, metric_id, year) = (?, ?, ?)",
        [entity, metric, number],
    )
    return row


def test_a_value_restated_from_a_to_b_and_back_ends_at_a(world: World) -> None:
    totals = [year(state, "quillmark", "pypi_downloads", 2019)["value"] for state in world.states]
    assert totals == [1_211, 1_222, 1_211]
    changes = [year(state, "quillmark", "pypi_downloads", 2020)["yoy_pct"] for state in world.states]
    assert changes == pytest.approx([100 * (1_800 / total - 1) for total in totals])


def test_each_restatement_is_an_event_of_its_own_and_only_the_newest_speaks(world: World) -> None:
    query = "from meta.extracts where source_id = 'pypi_tools' and filename = 'news.csv' order by landed_at"
    events = ask_file(world.states[-1], query)
    assert [event["landed_at"].month for event in events] == [1, 2, 3]
    assert events[0]["sha256"] == events[2]["sha256"] != events[1]["sha256"]
    (speaking,) = ask_file(
        world.states[-1],
        "select distinct extract_id from marts.fct_observations where metric_id = 'pypi_downloads' and value = 111",
    )
    assert speaking["extract_id"] == events[2]["extract_id"]


def test_a_withdrawn_row_stays_withdrawn(world: World) -> None:
    query = (
        "from marts.fct_adoption_monthly where entity_id = 'nib' and metric_id = 'stackoverflow_questions' "
        "and year(month_date) = 2018 order by month_date"
    )
    months = [[row["month_date"].month for row in ask_file(state, query)] for state in world.states]
    assert months == [[10, 11, 12], [10, 12], [10, 12]]


def test_two_extracts_that_disagree_are_both_shown_and_the_later_one_counts(world: World) -> None:
    for state, counts in zip(world.states, (111, 122, 111), strict=True):
        rows = ask_file(
            state, "from marts.fct_disagreements where entity_type = 'framework' and entity_id = 'quillmark'"
        )
        (row,) = [row for row in rows if row["metric_id"] == "pypi_downloads"]
        expected = {"period_start": date(2019, 1, 1), "value": counts, "other_value": 100, "difference": 100 - counts}
        assert parts(row, expected) == expected
        files = "select extract_id, filename from meta.extracts"
        names = {extract["extract_id"]: extract["filename"] for extract in ask_file(state, files)}
        assert (names[row["extract_id"]], names[row["other_extract_id"]]) == ("news.csv", "months.csv")


def test_a_dropped_file_counts_until_it_is_retracted(world: World) -> None:
    before, *after = (year(state, "inkwell", "github_stars", 2020) for state in world.states)
    assert parts(before, {"value": 505, "is_complete": True}) == {"value": 505, "is_complete": True}
    for row in after:
        expected = {"value": None, "low": 480, "high": 520, "is_complete": False}
        assert parts(row, expected) == expected


def test_a_retraction_is_an_event_with_its_reason_and_deletes_nothing(world: World) -> None:
    query = f"from meta.extracts where filename = '{WRONG}' order by landed_at"
    landed, retracted = ask_file(world.states[-1], query)
    assert (landed["kind"], landed["rows_loaded"]) == ("landed", 1)
    assert parts(retracted, {"kind": "retracted", "reason": MISTAKE}) == {"kind": "retracted", "reason": MISTAKE}
    assert retracted["retracts"] == landed["extract_id"]
    assert (world.settings.inbox / "done" / "github_ranking" / WRONG).exists()


def test_every_restatement_and_every_withdrawn_row_is_kept(world: World) -> None:
    query = "select * from marts.fct_revisions where source_id = ? and fact like ? order by landed_at"
    restated = ask_file(world.states[-1], query, ["pypi_tools", "%quillmark%2019-01-01%"])
    changes = [(row["kind"], row["value_before"], row["value"]) for row in restated]
    assert changes == [("restated", 100, 111), ("restated", 111, 122), ("restated", 122, 111)]
    (withdrawn,) = ask_file(world.states[-1], query, ["stackoverflow_trends", "%nib%2018-11-01%"])
    expected = {"kind": "withdrawn", "column_name": "questions", "value_before": 3, "value": None}
    assert parts(withdrawn, expected) == expected
    wrong = "select * from marts.fct_revisions where value = 505 or value_before = 505"
    assert len(ask_file(world.states[0], wrong)) == 0
    assert ask_file(world.states[-1], wrong) == []


def moved(before: Path, after: Path, where: str) -> dict[str, list[Row]]:
    """What differs, except where one contender is set against another: who stands still may be passed."""
    differing = differences(before, after, where)
    alone = {mart: [row for row in rows if not row.get("against_entity_id")] for mart, rows in differing.items()}
    return {mart: rows for mart, rows in alone.items() if rows}


def test_other_facts_never_move(other_field: Settings, world: World) -> None:
    assert moved(other_field.published, world.states[-1], "entity_id = 'inkwell'").keys() == {RESTATED}
    moved_facts = moved(world.states[1], world.states[2], "entity_id <> 'quill_family'")
    assert all("quillmark" in row["fact"] for row in moved_facts.pop(RESTATED))
    assert {row["entity_id"] for rows in moved_facts.values() for row in rows} == {"quillmark"}


def test_what_is_said_of_a_contender_alone_does_not_move_with_the_other(other_field: Settings, world: World) -> None:
    # of the briefs only the part about the other may differ
    query = "select year, metric_id, line_number, value, direction from marts.rpt_brief where entity_id = 'inkwell'"
    assert ask_file(other_field.published, f"{query} order by all") == ask_file(
        world.states[-1], f"{query} order by all"
    )
