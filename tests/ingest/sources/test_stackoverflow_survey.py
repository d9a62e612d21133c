"""The developer survey: files of every edition's real layout through the inbox and through the connector."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.catalog import Access, Catalog, Edition, load_catalog
from ingest.inbox import ingest_files, try_file
from ingest.landing import Landing
from ingest.loader import load_extracts
from ingest.raw_tables import prepare
from ingest.refresh import RefreshContext, RequestOutcome, refresh
from ingest.sources.stackoverflow_survey import SOURCE
from tests.ingest.publisher import PatientClock, Publisher, Say, publishing
from tests.ingest.survey_files import LAYOUTS, OFFERED, Truth, of_any_size, write_open, zipped

REAL = load_catalog(Path(__file__).parents[3] / "ingest" / "catalog")
SURVEY = of_any_size(REAL.surveys["stackoverflow_survey"])
CATALOG = replace(REAL, surveys={**REAL.surveys, "stackoverflow_survey": SURVEY})
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
YEARS = sorted(LAYOUTS)
PEOPLE = 1_500
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4b2e\nsize 196592730\n"


class Workspace:
    """A landing and a warehouse in memory."""

    def __init__(self, folder: Path, catalog: Catalog = CATALOG) -> None:
        self.inbox = folder / "inbox"
        self.catalog = catalog
        self.landing = Landing(folder / "landing", folder / "shipped")
        self.connection = duckdb.connect()
        prepare(self.connection, [SOURCE])

    def drop(self) -> Path:
        folder = self.inbox / SOURCE.name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def load(self) -> list[tuple[str, int, int]]:
        reports = load_extracts(self.connection, self.landing, SOURCE, self.catalog)
        return [(report.status, report.rows_in - report.rows_loaded, report.rows_rejected) for report in reports]

    def one(self, query: str) -> tuple[Any, ...]:
        (row,) = self.connection.execute(query).fetchall()
        return tuple(row)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()


def check(workspace: Workspace, truth: Truth) -> None:
    """Everything that is known of the file is what the raw tables say."""
    sets = "raw.stackoverflow_survey__option_sets"
    family = "list_has_any(option_labels, ['TensorFlow', 'Keras'])"
    assert workspace.one(
        f"""select sum(respondents), sum(respondents) filter (len(option_labels) > 0),
                   coalesce(sum(respondents) filter ({family}), 0) from {sets}"""
    ) == (truth.respondents, truth.answering, truth.family)
    options = workspace.rows(
        "select option_label, respondents, answering, all_respondents from raw.stackoverflow_survey__options"
    )
    assert {label: n for label, n, _, _ in options} == dict(truth.using)
    assert {row[2:] for row in options} == {(truth.answering, truth.respondents)}
    roles = f"select role, sum(respondents) from (select unnest(roles) as role, * from {sets})"
    assert dict(workspace.rows(f"{roles} group by 1")) == dict(truth.by_role)
    assert dict(workspace.rows(f"{roles} where {family} group by 1")) == dict(truth.family_by_role)
    countries = f"select country, coalesce(sum(respondents) filter ({family}), 0) from {sets} group by 1"
    assert dict(workspace.rows(countries)) == dict(truth.family_by_country)


def archive_is_counted(folder: Path, year: int, catalog: Catalog, people: int) -> None:
    """A generated archive of so many people goes through the inbox, and everything known of it comes out."""
    workspace = Workspace(folder, catalog)
    truth = write_open(folder / "survey_results_public.csv", year, SURVEY, people)
    members: dict[str, Path | bytes] = {
        "README_2.txt": b"about",
        "survey_results_schema.csv": b"Column,QuestionText\nCountry,Where?\n",
        "survey_results_public.csv": folder / "survey_results_public.csv",
    }
    zipped(workspace.drop(), f"developer_survey_{year}.zip", members)
    (result,) = ingest_files(workspace.inbox, workspace.landing, SOURCE, catalog, NOW)
    assert result.problems == ()
    assert workspace.load() == [("loaded", 0, 0)]
    (event,) = workspace.landing.events()
    assert (event.scope.period_start, event.scope.period_end) == (date(year, 1, 1), date(year + 1, 1, 1))
    assert (event.scope.table, event.scope.terms, event.form) == ("option_sets", None, "responses")
    assert workspace.one("select distinct edition from raw.stackoverflow_survey__option_sets") == (year,)
    check(workspace, truth)


@pytest.mark.parametrize("year", YEARS)
def test_every_editions_archive_through_the_inbox_is_counted(tmp_path: Path, year: int) -> None:
    archive_is_counted(tmp_path, year, CATALOG, PEOPLE)


@pytest.mark.large
@pytest.mark.parametrize("edition", REAL.surveys["stackoverflow_survey"].editions, ids=lambda edition: edition.year)
def test_every_editions_archive_of_its_real_size_is_counted(tmp_path: Path, edition: Edition) -> None:
    assert edition.respondents
    # as many people as there were, but invented: how many of them answered is not what the publisher counted
    survey = REAL.surveys[SOURCE.name]
    invented = tuple(edition.model_copy(update={"answering": None, "options": None}) for edition in survey.editions)
    catalog = replace(REAL, surveys={SOURCE.name: survey.model_copy(update={"editions": invented})})
    archive_is_counted(tmp_path, edition.year, catalog, edition.respondents)


def test_the_open_file_is_the_same_as_the_archive_and_is_known_by_its_columns(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    truth = write_open(workspace.drop() / "whatever it is called.csv", 2019, SURVEY, PEOPLE)
    (result,) = ingest_files(workspace.inbox, workspace.landing, SOURCE, CATALOG, NOW)
    assert result.problems == ()
    workspace.load()
    check(workspace, truth)
    (event,) = workspace.landing.events()
    assert event.available_at == NOW


def test_the_date_inside_the_archive_says_since_when_it_was_known(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    write_open(path, 2020, SURVEY, 10)
    archive = zipped(tmp_path, "x.zip", {"survey_results_public.csv": path.read_bytes()})
    fetch = try_file(archive, SOURCE, CATALOG, NOW).fetch
    assert fetch is not None
    assert fetch.available_at == datetime(2021, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert "date inside the dropped file" in fetch.available_evidence


def test_no_person_is_kept() -> None:
    columns = {name for model in SOURCE.tables.values() for name in model.model_fields}
    assert columns.isdisjoint({"Respondent", "ResponseId", "respondent", "Age", "Gender"})


def broken_files(folder: Path) -> dict[str, Path]:
    path = folder / "survey_results_public.csv"
    write_open(path, 2019, SURVEY, 60)
    data = path.read_bytes()
    whole = zipped(folder, "whole.zip", {"survey_results_public.csv": data}).read_bytes()
    other = folder / "other.csv"
    write_open(other, 2020, SURVEY, 5)
    made = {
        "pointer.csv": POINTER,
        "pointer.zip": zipped(folder, "p.zip", {"survey_results_public.csv": POINTER}).read_bytes(),
        "cut.zip": whole[: len(whole) // 2],
        "cut.csv": data + b"21," + b"NA," * 83 + b'"and so on\n',
        "short.csv": data + b"21,I am,NA\n",
        "latin.csv": data.replace("Côte".encode(), "Côte".encode("latin-1")),
        "surplus.csv": data + b'1,"a secret answer",3' + b",x" * 200 + b"\n",
        "two.zip": zipped(folder, "t.zip", {"a.csv": data, "b.csv": other.read_bytes()}).read_bytes(),
        "none.zip": zipped(folder, "n.zip", {"survey_results_schema.csv": b"Column\nx\n"}).read_bytes(),
        "both.csv": b",".join([data.splitlines()[0].strip(), b"NEWPurpleLink"]) + b"\n",
        "no_country.csv": data.replace(b",Country,", b",Land,", 1),
    }
    for name, content in made.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in made}


BROKEN = {
    "pointer.csv": "a git-LFS pointer, not the file of 196,592,730 bytes that it stands for",
    "pointer.zip": "pointer.zip/survey_results_public.csv: a git-LFS pointer",
    "cut.zip": "cut.zip: not a whole zip archive",
    "cut.csv": "cut.csv: a quote is never closed: the file is cut short, or not CSV",
    "short.csv": "Expected 85 columns, got 3",
    "latin.csv": "not readable as 2019's file: ",
    "surplus.csv": "Expected 85 columns, got 203",
    "two.zip": r"expected one file of respondents inside (survey_results_public.csv); found a.csv (2019), b.csv (2020)",
    "none.zip": "expected one file of respondents inside (survey_results_public.csv); found survey_results_schema.csv",
    "both.csv": "the columns are those of several editions (2019, 2020); expected one",
    "no_country.csv": "no_country.csv, line 1: columns missing: Country",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_not_the_whole_file_is_refused_and_nobody_is_quoted(tmp_path: Path, name: str) -> None:
    (problem,) = try_file(broken_files(tmp_path)[name], SOURCE, CATALOG, NOW).problems
    assert BROKEN[name] in problem
    assert "secret" not in problem


def test_a_file_with_fewer_people_than_the_publisher_says_is_cut_short(tmp_path: Path) -> None:
    write_open(tmp_path / "x.csv", 2019, SURVEY, 20)
    (problem,) = try_file(tmp_path / "x.csv", SOURCE, REAL, NOW).problems
    assert problem == "x.csv: cut short: 20 respondents; the publisher says 88,883"


def test_a_dropped_file_speaks_for_the_edition_again_when_the_catalog_reads_it_otherwise(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    write_open(workspace.drop() / "x.csv", 2020, SURVEY, 50)
    ingest_files(workspace.inbox, workspace.landing, SOURCE, CATALOG, NOW)
    assert len(workspace.load()) == 1
    assert workspace.load() == []
    silent = SURVEY.model_copy(update={"missing": ("NA", "Germany")})
    workspace.catalog = replace(CATALOG, surveys={**CATALOG.surveys, SOURCE.name: silent})
    assert len(workspace.load()) == 1
    countries = {country for (country,) in workspace.rows("select country from raw.stackoverflow_survey__option_sets")}
    assert "Germany" not in countries
    assert "India" in countries


# --- the connector --------------------------------------------------------------------------------------------------


class World(Workspace):
    """The survey with its publisher on this machine: two addresses for all editions, and one of 2019 alone."""

    def __init__(self, folder: Path, publisher: Publisher) -> None:
        access = Access(
            urls=(f"{publisher.url}/first/{{year}}.zip", f"{publisher.url}/second/{{year}}.zip"),
            off="a test",
            attempts=2,
        )
        entry = CATALOG.source(SOURCE.name).model_copy(update={"access": access})
        editions = [self._edition(edition, publisher) for edition in SURVEY.editions]
        survey = SURVEY.model_copy(update={"editions": tuple(editions)})
        sources = tuple(entry if source.id == entry.id else source for source in CATALOG.sources)
        super().__init__(folder, replace(CATALOG, sources=sources, surveys={SOURCE.name: survey}))
        self.folder = folder
        self.publisher = publisher
        self.truth = write_open(folder / "2019.csv", 2019, SURVEY, 300)
        self.open = (folder / "2019.csv").read_bytes()
        self.archive = zipped(folder, "2019.zip", {"survey_results_public.csv": self.open}).read_bytes()

    @staticmethod
    def _edition(edition: Edition, publisher: Publisher) -> Edition:
        urls = (f"{publisher.url}/third",) if edition.year == 2019 else ()
        return edition.model_copy(update={"urls": urls})

    def fetch(self) -> RequestOutcome:
        """Ask for 2019."""
        window = (date(2019, 1, 1), date(2020, 1, 1))
        (outcome,) = refresh(SOURCE, self.catalog, self.landing, window, RefreshContext(PatientClock(NOW), {}))
        return outcome

    def paths(self) -> list[str]:
        return [heard.path for heard in self.publisher.heard]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with publishing() as publisher:
        yield World(tmp_path, publisher)


def test_an_edition_is_asked_for_landed_parsed_and_then_settled(world: World) -> None:
    world.publisher.answers("/first/2019.zip", Say(world.archive))
    assert world.fetch().result == "landed"
    assert world.load() == [("loaded", 0, 0)]
    check(world, world.truth)
    (event,) = world.landing.events()
    assert event.request["url"] == f"{world.publisher.url}/first/2019.zip"
    assert event.available_at == datetime(2021, 2, 3, 4, 5, 6, tzinfo=UTC)
    again = refresh(SOURCE, world.catalog, world.landing, context=RefreshContext(PatientClock(NOW), {}))
    years = {outcome.scope.period_start.year for outcome in again}
    assert years == set(YEARS) - {2019}


FAULTS: dict[str, Say] = {
    "404": Say("gone", 404),
    "403": Say("no", 403),
    "500": Say("oops", 500),
    "a page in its place": Say(
        "<!DOCTYPE html><title>Virus scan warning</title>", headers={"Content-Type": "text/html"}
    ),
    "a pointer in its place": Say(POINTER),
    "nothing": Say(b""),
    "an error inside": Say({"error": "moved"}),
    "cut": Say(b"PK\x03\x04" + b"x" * 500, fault="cut"),
    "hung up": Say(b"", fault="hang up"),
    "broken archive": Say(b"PK\x03\x04" + b"x" * 500),
    "another table": Say(b"a,b\n1,2\n"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_after_an_address_that_does_not_have_the_file_the_next_is_asked(world: World, fault: Say) -> None:
    world.publisher.answers("/first/2019.zip", fault)
    world.publisher.answers("/second/2019.zip", fault)
    world.publisher.answers("/third", Say("moved", 302, {"Location": "/store"}))
    world.publisher.answers("/store", Say(world.archive))
    assert world.fetch().result == "landed"
    paths = list(dict.fromkeys(world.paths()))
    assert paths == ["/first/2019.zip", "/second/2019.zip", "/third", "/store"]
    world.load()
    check(world, world.truth)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_where_no_address_has_the_file_nothing_is_landed_and_the_edition_stays_wanted(world: World, fault: Say) -> None:
    world.publisher.answers("*", fault)
    outcome = world.fetch()
    assert outcome.result == "failed"
    assert "/first/2019.zip" in outcome.reason
    assert "/third" in outcome.reason
    assert world.landing.events() == []
    world.publisher.answers("/first/2019.zip", Say(world.archive))
    assert world.fetch().result == "landed"


def test_another_edition_under_the_address_is_not_taken(world: World) -> None:
    write_open(world.folder / "2020.csv", 2020, SURVEY, 20)
    wrong = zipped(world.folder, "w.zip", {"survey_results_public.csv": world.folder / "2020.csv"}).read_bytes()
    world.publisher.answers("*", Say(wrong))
    assert "expected one file of respondents inside" in world.fetch().reason
    world.publisher.answers("*", Say((world.folder / "2020.csv").read_bytes()))
    assert "its columns are not those of the edition of 2019" in world.fetch().reason
    assert world.landing.events() == []


def test_the_open_file_will_do_where_it_is_published_so(world: World) -> None:
    world.publisher.answers("/second/2019.zip", Say(world.open, headers={"Content-Type": "text/plain"}))
    assert world.fetch().result == "landed"
    (event,) = world.landing.events()
    assert event.filename == "survey_results_public_2019.csv"
    world.load()
    check(world, world.truth)


def test_a_busy_publisher_is_waited_for(world: World) -> None:
    world.publisher.answers("/first/2019.zip", Say("slow", 429, {"Retry-After": "7"}), Say(world.archive))
    assert world.fetch().result == "landed"
    assert world.paths() == ["/first/2019.zip"] * 2


def test_every_option_that_is_looked_for_was_offered_under_its_name() -> None:
    names = CATALOG.names("stackoverflow_survey")
    for year in YEARS[2:]:
        assert {"TensorFlow", "Keras", "Torch/PyTorch"} <= names & set(OFFERED[year])
