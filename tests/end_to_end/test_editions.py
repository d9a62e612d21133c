"""Freezing a year, restating one shipped extract, freezing again; and the warehouse of a day in the past.

Two builds: one after the revision, one as of 2021-01-05. Belongs here: what editions, their differences and an as-of
build say of the shipped figures. Does not belong here: tracing in every case (tests/adoption/test_diff).
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
import yaml

from adoption.editions.diff import ORDER, TURNING, Comparison, compare, keys_of
from adoption.editions.store import EditionError, Frozen, database_of, editions, freeze, identity, manifest_of
from adoption.publish.identity import Identity
from adoption.settings import Settings
from ingest.database import fetch_dicts
from ingest.landing import Landing, digest
from ingest.model import Fetch
from tests.conftest import altered, run_build
from tests.end_to_end.asking import YOY, ask_file

pytestmark = pytest.mark.slow

THE_DAY = date(2021, 1, 5)
PAPERS = ("ICML,2020-06-01,1084,papers_pytorch_only,142", "ICML,2020-06-01,1084,papers_pytorch_only,152")
STUDENTS = ("2020,India,Student,1|2,73", "2020,Nowhere,Student,1|2,73")
Number = tuple[str, str, str]
"""A mart, a key as text, and a column."""


def restate(
    settings: Settings,
    source: str,
    filename: str,
    lines: tuple[str, str],
    landed_at: datetime,
    available_at: datetime | None = None,
) -> Fetch:
    """Land a shipped file again, for the same scope, with one line changed."""
    landing = Landing(settings.landing, settings.extracts)
    (fetch,) = [event for event in landing.events(source) if event.filename == filename]
    text = landing.path_of(fetch).read_text(encoding="utf-8")
    assert text.count(f"{lines[0]}\n") == 1
    data = text.replace(f"{lines[0]}\n", f"{lines[1]}\n").encode()
    return landing.land(replace(fetch, sha256=digest(data), landed_at=landed_at, available_at=available_at), data)


@dataclass
class World:
    """The shipped warehouse, frozen, restated and frozen again; `refusal` is what freezing said in between."""

    settings: Settings
    first: Frozen
    again: Frozen
    restated: Fetch
    refusal: str
    second: Frozen

    def compare(self) -> Comparison:
        return compare(self.settings, self.first.name, self.second.name)


@pytest.fixture(scope="module")
def world(built: Settings, tmp_path_factory: pytest.TempPathFactory) -> World:
    settings = Settings(data=tmp_path_factory.mktemp("editions") / "data")
    shutil.copytree(built.data, settings.data)
    first, again = freeze(settings, 2020), freeze(settings, 2020)
    day = datetime(2026, 11, 28, 1, tzinfo=UTC)
    restated = restate(settings, "conference_papers", "editions.csv", PAPERS, landed_at=day)
    with pytest.raises(EditionError) as refused:
        freeze(settings, 2020)
    made = run_build(settings)
    assert made.outcome.exit_code == 0, "\n".join([made.output, *made.outcome.failures])
    return World(settings, first, again, restated, str(refused.value), freeze(settings, 2020))


def test_unchanged_inputs_make_no_new_edition(world: World) -> None:
    assert (world.first.name, world.first.is_new) == ("2020.1", True)
    assert (world.again.name, world.again.is_new) == ("2020.1", False)
    assert editions(world.settings) == ["2020.1", "2020.2"]


def test_two_freezes_of_the_same_inputs_have_equal_contents(world: World, built: Settings, tmp_path: Path) -> None:
    elsewhere = Settings(data=tmp_path)
    shutil.copytree(built.published.parent, elsewhere.published.parent)
    with altered(elsewhere.published) as connection:
        connection.execute("update meta.check_results set checked_at = checked_at + interval 1 day")
        connection.execute("create table shuffled as from marts.fct_claims order by random()")
        connection.execute(
            "delete from marts.fct_claims; insert into marts.fct_claims from shuffled; drop table shuffled"
        )
    killed = elsewhere.editions / ".2020.1.4711"
    killed.mkdir(parents=True)
    (killed / "adoption.duckdb").write_bytes(b"half")
    theirs = elsewhere.editions / ".DS_Store"
    theirs.write_bytes(b"not ours")
    freeze(elsewhere, 2020, now=datetime(2027, 1, 1, tzinfo=UTC))

    assert {path.name for path in elsewhere.editions.iterdir()} == {"2020.1", theirs.name}
    here, there = manifest_of(world.settings, "2020.1"), manifest_of(elsewhere, "2020.1")
    assert here["content_sha256"] == there["content_sha256"]
    assert here["tables"] == there["tables"]
    assert here["files"] != there["files"]


def test_what_was_landed_and_not_built_is_not_frozen(world: World) -> None:
    assert world.refusal == "The published file lacks 1 landed extracts (editions.csv). Run `adoption build` first."


def test_an_edition_holds_file_text_and_manifest(world: World, built: Settings) -> None:
    manifest = manifest_of(world.settings, "2020.1")
    assert {path.name for path in world.first.folder.iterdir()} == {
        "CITATION.cff",
        "adoption.duckdb",
        "brief.txt",
        "manifest.json",
        "review.txt",
    }
    assert (world.first.folder / "adoption.duckdb").read_bytes() == built.published.read_bytes()
    assert "leads" in (world.first.folder / "brief.txt").read_text(encoding="utf-8")
    assert "2020 in review" in (world.first.folder / "review.txt").read_text(encoding="utf-8")
    extracts = ask_file(built.published, "select extract_id, sha256 from meta.extracts")
    assert {row["extract_id"]: row["sha256"] for row in extracts} == {
        row["extract_id"]: row["sha256"] for row in manifest["extracts"]
    }
    surveys = [row for row in manifest["extracts"] if row["filename"] == "option_sets_2020.csv"]
    assert [row["available_at"] for row in surveys] == ["2020-11-17 17:04:00"]
    assert set(manifest["build_inputs"]["rules_sha256"]) == {"catalog", "dbt_project", "code"}
    assert manifest["build_inputs"]["packages"]["duckdb"] == duckdb.__version__
    assert manifest["checks"]["passed"] > 140


def test_an_edition_says_how_it_is_cited(world: World) -> None:
    cited = yaml.safe_load((world.first.folder / "CITATION.cff").read_text(encoding="utf-8"))
    manifest = manifest_of(world.settings, "2020.1")
    assert (cited["cff-version"], cited["type"], cited["version"]) == ("1.2.0", "dataset", "2020.1")
    assert cited["date-released"].isoformat() == manifest["frozen_at"][:10]
    assert [identifier["value"] for identifier in cited["identifiers"]] == [f"sha256:{manifest['content_sha256']}"]
    source_ids = {extract["source_id"] for extract in manifest["extracts"]}
    assert len(cited["references"]) == len(source_ids) > 10
    assert all(
        reference["notes"].startswith("licence: ") and reference["authors"][0]["name"]
        for reference in cited["references"]
    )


def test_what_is_published_is_named_as_its_edition_also_when_it_was_built_again(
    world: World, built: Settings, tmp_path: Path
) -> None:
    elsewhere = Settings(data=tmp_path)
    shutil.copytree(world.settings.editions / "2020.1", elsewhere.editions / "2020.1")
    shutil.copytree(built.published.parent, elsewhere.published.parent)
    sha256 = manifest_of(elsewhere, "2020.1")["content_sha256"]
    assert identity(elsewhere) == Identity("2020.1", sha256)

    with altered(elsewhere.published) as connection:
        connection.execute("update meta.check_results set checked_at = checked_at + interval 1 day")
    unknown = identity(elsewhere)
    assert (unknown.edition, unknown.sha256) == (None, digest(elsewhere.published.read_bytes()))
    assert not freeze(elsewhere, 2020).is_new
    assert identity(elsewhere, 2020) == Identity("2020.1", sha256)


def test_an_edition_is_never_rewritten(world: World) -> None:
    files = {path: path.read_bytes() for path in world.first.folder.iterdir()}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o444}
    assert {digest(data) for path, data in files.items() if path.name != "manifest.json"} == set(
        manifest_of(world.settings, "2020.1")["files"].values()
    )
    # made before the revision, and not touched by the edition after it
    before, after = (manifest_of(world.settings, name) for name in ("2020.1", "2020.2"))
    assert before["content_sha256"] != after["content_sha256"]
    assert world.second.folder != world.first.folder
    assert [path for path in world.settings.editions.iterdir() if path.name.startswith(".")] == []


def test_an_altered_edition_is_refused(world: World, tmp_path: Path) -> None:
    copied = Settings(data=tmp_path)
    shutil.copytree(world.settings.editions, copied.editions)
    review = copied.editions / "2020.1" / "review.txt"
    review.chmod(0o644)
    review.write_text("better figures", encoding="utf-8")
    with pytest.raises(EditionError, match=r"The edition 2020\.1 was altered: review\.txt should have sha256 "):
        database_of(copied, "2020.1")
    (copied.editions / "2020.2" / "manifest.json").unlink()
    with pytest.raises(EditionError, match=r"The edition 2020\.2 was altered: it has no manifest\.json"):
        manifest_of(copied, "2020.2")
    with pytest.raises(EditionError, match=r"No edition 2020\.7; there are: 2020\.1, 2020\.2\."):
        database_of(copied, "2020.7")


def numbers(path: Path, other: Path, table: str, key: list[str]) -> dict[Number, object]:
    """Every number and turning word of the rows that `other` does not have alike, read one by one.

    This is what `compare` must agree with, found in another way.
    """
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute(f"attach '{other}' as other (read_only)")
        rows = fetch_dicts(connection, f"from marts.{table} except all from other.marts.{table}")
    keys = [column for column in (rows[0] if rows else ()) if any(re.search(rf"\b{column}\b", part) for part in key)]
    return {
        (table, json.dumps({column: row[column] for column in keys}, default=str), column): value
        for row in rows
        for column, value in row.items()
        if column not in keys
        and not ORDER.fullmatch(column)
        and (column in TURNING or (isinstance(value, int | float) and not isinstance(value, bool)))
    }


def test_the_difference_names_exactly_the_numbers_that_moved(world: World) -> None:
    actual = {
        (difference.table, json.dumps(dict(difference.key), default=str), difference.column): (
            difference.before,
            difference.after,
        )
        for difference in world.compare().differences
    }
    first, second = (database_of(world.settings, name) for name in ("2020.1", "2020.2"))
    expected: dict[Number, tuple[object, object]] = {}
    for table, key in keys_of(world.settings.dbt_project).items():
        if not table.startswith("dim_"):
            sides = [numbers(first, second, table, key), numbers(second, first, table, key)]
            for number in sides[0] | sides[1]:
                values = (sides[0].get(number), sides[1].get(number))
                if values[0] != values[1]:
                    expected[number] = values
    assert actual == expected != {}


def test_every_difference_is_traced_to_the_restated_extract(world: World) -> None:
    comparison = world.compare()
    assert {difference.why.kind for difference in comparison.differences} == {"revision"}
    assert {difference.why.extracts for difference in comparison.differences} == {(world.restated.extract_id,)}
    assert comparison.rules == comparison.unmatched == ()
    named = {difference.key["metric_id"] for difference in comparison.differences if "metric_id" in difference.key}
    assert named == {"conference_papers"}


def test_the_restated_share_moved_as_far_as_its_papers(world: World) -> None:
    (moved,) = [
        difference
        for difference in world.compare().differences
        if difference.table == "fct_observations"
        and difference.column == "value"
        and "/framework/" in difference.key["series_id"]
    ]
    assert (moved.before, moved.after) == pytest.approx((100 * 142 / 1084, 100 * 152 / 1084))
    assert moved.difference == pytest.approx(100 * 10 / 1084)
    assert moved.difference_pct == pytest.approx(100 * 10 / 142)


@pytest.fixture(scope="module")
def that_day(world: World) -> Settings:
    """The warehouse as of 2021-01-05, after a survey was restated in June 2021: other countries, the same totals."""
    published, work = world.settings.published.read_bytes(), world.settings.warehouse.read_bytes()
    released = datetime(2021, 6, 1, tzinfo=UTC)
    restate(
        world.settings,
        "kaggle_survey",
        "option_sets_2020.csv",
        STUDENTS,
        landed_at=datetime(2026, 11, 28, 2, tzinfo=UTC),
        available_at=released,
    )
    settings = replace(world.settings, as_of=THE_DAY)
    made = run_build(settings)
    assert made.outcome.exit_code == 0, "\n".join([made.output, *made.outcome.failures])
    assert world.settings.published.read_bytes() == published
    assert world.settings.warehouse.read_bytes() == work
    assert settings.published == world.settings.data / "as_of" / "2021-01-05.duckdb"
    return settings


def test_as_of_a_day_the_year_is_there_in_pip_only(that_day: Settings, built: Settings) -> None:
    query = f"""
        select entity_id, value, yoy_pct, baseline_growth_pct, basis, method from {YOY}
        where metric_id = 'pypi_downloads' and year = 2020 and entity_type = 'contender' and is_preferred
            and entity_id in ('tf_keras', 'pytorch') order by entity_id
    """
    rows = ask_file(that_day.published, query)
    assert rows == ask_file(built.published, query)
    assert [(row["basis"], row["method"]) for row in rows] == [("pip_only", "exact_year")] * 2
    bases = "select distinct basis from marts.fct_adoption_yoy where metric_id = 'pypi_downloads' and year = 2020"
    assert ask_file(that_day.published, bases) == [{"basis": "pip_only"}]


def test_as_of_a_day_nothing_is_held_that_was_not_out(that_day: Settings) -> None:
    tables = ask_file(
        that_day.published,
        "select table_name from duckdb_columns() where schema_name = 'marts' and column_name = 'available_at'",
    )
    assert len(tables) >= 4
    for row in tables:
        late = f"from marts.{row['table_name']} where available_at is null or available_at::date > date '{THE_DAY}'"
        assert ask_file(that_day.published, f"select count(*) as rows {late}") == [{"rows": 0}]
    sources = ask_file(that_day.published, "select distinct source_id from marts.fct_observations order by all")
    assert [row["source_id"] for row in sources] == [
        "awesome_python",
        "best_of_ml_python",
        "github_ranking",
        "kaggle_survey",
        "top_pypi_packages",
    ]
    last = "select max(period_end) as last from marts.fct_observations"
    assert ask_file(that_day.published, last)[0]["last"] <= date(2021, 1, 6)


def test_as_of_a_day_a_restatement_of_later_does_not_speak(that_day: Settings, built: Settings) -> None:
    query = (
        f"select entity_id, segment, value from {YOY} where metric_id = 'kaggle_survey' and year = 2020 order by all"
    )
    assert ask_file(that_day.published, query) == ask_file(built.published, query) != []


def test_a_day_and_today_compare_and_each_difference_has_a_reason(that_day: Settings) -> None:
    comparison = compare(replace(that_day, as_of=None), str(THE_DAY), "2020.1")
    assert {difference.why.kind for difference in comparison.differences} == {"release"}
