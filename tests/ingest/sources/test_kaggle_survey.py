"""Kaggle's survey: the traps of the real files in small ones, the real ones where they are, and the connector."""

from __future__ import annotations

import csv
import io
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.catalog import Access, Catalog, Edition, EditionColumns, Fieldwork, Survey, load_catalog
from ingest.errors import ExtractError
from ingest.formats.survey_files import choice_columns, find
from ingest.formats.survey_responses import count
from ingest.inbox import ingest_files, try_file
from ingest.landing import Landing
from ingest.model import ParsedRow
from ingest.refresh import RefreshContext, RequestOutcome, refresh
from ingest.sources.kaggle_survey import SOURCE, rows_of
from tests.ingest.extracts.conftest import EXTRACTS
from tests.ingest.publisher import PatientClock, Publisher, Say, publishing
from tests.ingest.survey_files import of_any_size, zipped

REAL = load_catalog(EXTRACTS.parent / "catalog")
SURVEY = of_any_size(REAL.surveys["kaggle_survey"])
CATALOG = replace(REAL, surveys={**REAL.surveys, "kaggle_survey": SURVEY})
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
EDITION = Edition(
    year=2020,
    fieldwork=Fieldwork(start=date(2020, 10, 7), end=date(2020, 10, 31)),
    file="responses.csv",
    recognised_by=("Q16_Part_3",),
    columns=EditionColumns(country="Q3", role="Q5", choices="Q16_"),
)
FILE = """Time,Q3,Q5,Q16_Part_1,Q16_Part_2,Q16_Part_3,Q16_OTHER_TEXT,Q160_Part_1
Duration,In which country?,Your title?,Which do you use? - Selected Choice -   Anvil ,\
Which do you use? - Selected Choice - Bellows ,Which do you use? - Selected Choice - None,Which? - Text,Other question
1, France ,Smith,  Anvil , Bellows ,,,x
2,France,Smith ,Anvil,Bellows,,7,
3,France,Smith,,,None,,
4,France,,,, ,-1,y
5,Peru,Smith,,Bellows,,,
"""


def rows_in(path: Path, edition: Edition = EDITION) -> list[ParsedRow]:
    file = find(path, path.name, [edition])
    assert file is not None
    return list(rows_of(count(path, path.name, file, ())))


@pytest.fixture
def rows(tmp_path: Path) -> list[ParsedRow]:
    path = tmp_path / "responses.csv"
    path.write_text(FILE, encoding="utf-8")
    return rows_in(path)


def of(table: str, rows: list[ParsedRow]) -> list[dict[str, Any]]:
    return [dict(row.fields) for row in rows if row.table == table]


def test_options_are_numbered_by_column_and_trimmed(rows: list[ParsedRow]) -> None:
    question = "Which do you use? - Selected Choice"
    assert of("options", rows) == [
        {"edition": 2020, "option_number": "1", "option_label": "Anvil", "question": question},
        {"edition": 2020, "option_number": "2", "option_label": "Bellows", "question": question},
        {"edition": 2020, "option_number": "3", "option_label": "None", "question": question},
    ]


def test_respondents_are_counted_by_exact_set_country_and_role(rows: list[ParsedRow]) -> None:
    assert [tuple(row.values())[1:] for row in of("option_sets", rows)] == [
        ("France", "", "", 1),
        ("France", "Smith", "1|2", 2),
        ("France", "Smith", "3", 1),
        ("Peru", "Smith", "2", 1),
    ]


def test_every_respondent_is_counted_once_and_the_question_row_is_none(rows: list[ParsedRow]) -> None:
    assert sum(row["respondents"] for row in of("option_sets", rows)) == 5


def test_rows_are_numbered_within_their_table(rows: list[ParsedRow]) -> None:
    numbers = [(row.table, row.number) for row in rows]
    assert numbers == [("options", n) for n in (1, 2, 3)] + [("option_sets", n) for n in (1, 2, 3, 4)]


def test_free_text_and_other_questions_are_no_options() -> None:
    header = FILE.split("\n", 1)[0].split(",")
    assert choice_columns(EDITION, header, "x") == ["Q16_Part_1", "Q16_Part_2", "Q16_Part_3"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["Q5", "Q16_1"], "responses.csv, line 1: columns missing: Q3"),
        (["Q16_1"], "responses.csv, line 1: columns missing: Q3, Q5"),
        (["Q3", "Q5", "Q16_OTHER_TEXT"], "responses.csv, line 1: columns missing: Q16_…"),
        (["Q3", "Q5", *(f"Q16_{n}" for n in range(70))], "70 columns begin with Q16_; expected options"),
    ],
)
def test_a_file_of_another_form_is_refused(columns: list[str], message: str) -> None:
    with pytest.raises(ExtractError, match=message):
        choice_columns(EDITION, columns, "responses.csv")


# --- the layouts of the editions that do not ship ---------------------------------------------------------------------

ONE_COLUMN = """GenderSelect,Country,StudentStatus,CurrentJobTitleSelect,WorkToolsSelect,WorkToolsFrequencyTensorFlow
Male,United States,,Data Scientist,"Jupyter notebooks,Python,TensorFlow",Often
Female,Côte d'Ivoire,Yes,Statistician,R,
,France,Yes,,,
Male,France,No,Statistician,"R,TensorFlow",Rarely
,France,No,,,
"""


def test_2017_has_one_column_of_tools_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "multipleChoiceResponses.csv").write_bytes(ONE_COLUMN.encode("latin-1"))
    path = zipped(tmp_path, "k.zip", {"multipleChoiceResponses.csv": tmp_path / "multipleChoiceResponses.csv"})
    trial = try_file(path, SOURCE, CATALOG, NOW)
    assert trial.problems == ()
    edition = next(candidate for candidate in SURVEY.editions if candidate.year == 2017)
    actual = rows_in(path, edition)
    assert [row["option_label"] for row in of("options", actual)] == ["Jupyter notebooks", "Python", "R", "TensorFlow"]
    assert {row["question"] for row in of("options", actual)} == {edition.question}
    assert [tuple(row.values())[1:] for row in of("option_sets", actual)] == [
        ("Côte d'Ivoire", "Statistician", "3", 1),
        ("France", "", "", 1),
        ("France", "Statistician", "3|4", 1),
        # who studies was asked for no title; who has one keeps it
        ("France", "Student", "", 1),
        ("United States", "Data Scientist", "1|2|4", 1),
    ]


def choices(year: int) -> tuple[list[str], list[str]]:
    """The option columns of an edition with their labels, as its file has them."""
    labels = {
        2018: "Scikit-Learn,TensorFlow,Keras,PyTorch,Spark MLlib,H20,Fastai,Mxnet,Caret,Xgboost,mlr,Prophet,"
        "randomForest,lightgbm,catboost,CNTK,Caffe,None,Other",
        2022: "  Scikit-learn ,  TensorFlow , Keras , PyTorch , Fast.ai , Xgboost , LightGBM , CatBoost , Caret ,"
        " Tidymodels , JAX , PyTorch Lightning , Huggingface ,None,Other",
    }[year].split(",")
    columns = [f"{'Q19_Part' if year == 2018 else 'Q17'}_{n}" for n in range(1, len(labels) + 1)]
    return columns, labels


def option_file(year: int) -> bytes:
    """Three respondents: all options, one, and none at all."""
    columns, labels = choices(year)
    place = {2018: ["Q3", "Q6", "Q12_MULTIPLE_CHOICE"], 2022: ["Q4", "Q23", "Q5"]}[year]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*place, *columns])
    writer.writerow(["Where?", "Title?", "x", *(f"Which? - Selected Choice - {label}" for label in labels)])
    writer.writerow(["Peru", "Smith", "", *labels])
    writer.writerow(["Peru", "", "", *(label if n == 1 else "" for n, label in enumerate(labels))])
    writer.writerow(["Peru", "Smith", "", *("" for _ in labels)])
    return out.getvalue().encode()


@pytest.mark.parametrize("year", [2018, 2022])
def test_other_editions_have_columns_of_their_own(tmp_path: Path, year: int) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(option_file(year))
    fetch = try_file(path, SOURCE, CATALOG, NOW).fetch
    assert fetch is not None
    assert fetch.scope.period_start == date(year, 1, 1)
    edition = next(candidate for candidate in SURVEY.editions if candidate.year == year)
    actual = rows_in(path, edition)
    labels = [label.strip() for label in choices(year)[1]]
    everything = "|".join(str(n) for n in range(1, len(labels) + 1))
    assert [row["option_label"] for row in of("options", actual)] == labels
    assert [tuple(row.values())[2:] for row in of("option_sets", actual)] == [
        ("", "2", 1),
        ("Smith", "", 1),
        ("Smith", everything, 1),
    ]


def test_spellings_of_2018_mean_the_names_of_the_catalog() -> None:
    aliases = SURVEY.aliases.option
    known_names = {aliases.get(label, label) for label in choices(2018)[1]}
    assert CATALOG.names("kaggle_survey") - known_names == {"JAX", "PyTorch Lightning"}


# --- the real archives ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [2017, 2018, 2019, 2020, 2021, 2022])
def test_the_publishers_archive_through_the_inbox_gives_the_shipped_counts(
    shared: Path, tmp_path: Path, year: int
) -> None:
    publisher = shared / "raw" / "kaggle" / str(year)
    archive = next(iter(publisher.glob("*.zip")), None)
    if archive is None:
        pytest.skip(f"the publisher's archive is not here: {publisher}")
    folder = tmp_path / "inbox"
    (folder / SOURCE.name).mkdir(parents=True)
    (folder / SOURCE.name / archive.name).write_bytes(archive.read_bytes())
    landing = Landing(tmp_path / "landing", tmp_path / "shipped")
    (result,) = ingest_files(folder, landing, SOURCE, REAL, NOW)
    assert result.problems == ()
    (event,) = landing.events()
    actual = list(SOURCE.for_catalog(REAL).parse(event, landing.path_of(event)))
    for table in ("option_sets", "options"):
        with (EXTRACTS / SOURCE.name / f"{table}_{year}.csv").open(encoding="utf-8", newline="") as handle:
            shipped = list(csv.DictReader(handle))
        assert [{name: str(value) for name, value in row.items()} for row in of(table, actual)] == shipped
    assert event.available_at is not None
    assert event.available_at.year == year


# --- the connector ----------------------------------------------------------------------------------------------------

KEYS = {"KAGGLE_USERNAME": "smith", "KAGGLE_KEY": "anvil-7"}


class World:
    """The survey with a publisher on this machine."""

    def __init__(self, folder: Path, publisher: Publisher) -> None:
        shipped_access = CATALOG.source(SOURCE.name).access
        assert shipped_access
        assert shipped_access.credential
        credential = shipped_access.credential.model_copy(update={"gives": "it"})
        access = Access(urls=(publisher.url,), off="a test", credential=credential, attempts=2)
        entry = CATALOG.source(SOURCE.name).model_copy(update={"access": access})
        sources = tuple(entry if source.id == entry.id else source for source in CATALOG.sources)
        self.catalog: Catalog = replace(CATALOG, sources=sources)
        self.publisher = publisher
        self.landing = Landing(folder / "landing", folder / "shipped")
        path = folder / "x.csv"
        path.write_bytes(option_file(2022))
        self.archive = zipped(folder, "x.zip", {"kaggle_survey_2022_responses.csv": path}).read_bytes()

    def fetch(self, environment: dict[str, str] | None = None) -> RequestOutcome:
        """Ask for 2022."""
        window = (date(2022, 1, 1), date(2023, 1, 1))
        context = RefreshContext(PatientClock(NOW), KEYS if environment is None else environment)
        (outcome,) = refresh(SOURCE, self.catalog, self.landing, window, context)
        return outcome


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with publishing() as publisher:
        yield World(tmp_path, publisher)


ADDRESS = "/competitions/data/download-all/kaggle-survey-2022"


def test_an_edition_is_had_with_account_and_key_from_where_kaggle_points(world: World) -> None:
    with publishing() as storage:
        world.publisher.answers(ADDRESS, Say("", 302, {"Location": f"{storage.url}/store.zip"}))
        storage.answers("/store.zip", Say(world.archive))
        assert world.fetch().result == "landed"
        (request,) = world.publisher.heard
        (fetched,) = storage.heard
    assert request.headers["authorization"] == f"Basic {b64encode(b'smith:anvil-7').decode()}"
    assert "authorization" not in fetched.headers
    (event,) = world.landing.events()
    assert "anvil-7" not in str(event)
    rows = list(SOURCE.for_catalog(world.catalog).parse(event, world.landing.path_of(event)))
    assert sum(row["respondents"] for row in of("option_sets", rows)) == 3


@pytest.mark.parametrize("also", [{}, KEYS])
def test_the_token_that_kaggle_gives_today_is_enough_and_goes_first(world: World, also: dict[str, str]) -> None:
    with publishing() as storage:
        world.publisher.answers(ADDRESS, Say("", 302, {"Location": f"{storage.url}/store.zip"}))
        storage.answers("/store.zip", Say(world.archive))
        assert world.fetch({"KAGGLE_API_TOKEN": "t0ken", **also}).result == "landed"
        (request,), (fetched,) = world.publisher.heard, storage.heard
    assert request.headers["authorization"] == "Bearer t0ken"
    assert "authorization" not in fetched.headers
    assert "t0ken" not in str(world.landing.events())


def test_the_token_is_in_no_error(world: World) -> None:
    world.publisher.answers(ADDRESS, Say("no: t0ken is not known", 403))
    outcome = world.fetch({"KAGGLE_API_TOKEN": "t0ken"})
    assert outcome.result == "failed"
    assert "t0ken" not in outcome.reason


def test_rules_that_were_not_accepted_are_said(world: World) -> None:
    world.publisher.answers(ADDRESS, Say({"code": 403, "message": "You must accept the rules"}, 403))
    outcome = world.fetch()
    assert outcome.result == "failed"
    assert "status 403" in outcome.reason
    assert "the account must have accepted the rules of this competition once, on its page" in outcome.reason
    assert world.landing.events() == []


@pytest.mark.parametrize("missing", sorted(KEYS))
def test_without_account_or_key_nothing_is_asked(world: World, missing: str) -> None:
    outcome = world.fetch({name: value for name, value in KEYS.items() if name != missing})
    assert (outcome.result, outcome.reason) == (
        "not fetched",
        f"needs KAGGLE_API_TOKEN, or {missing} in the environment: it",
    )
    assert world.publisher.heard == []


def test_a_busy_kaggle_is_waited_for_and_a_page_is_no_archive(world: World) -> None:
    world.publisher.answers(
        ADDRESS, Say("later", 429, {"Retry-After": "3"}), Say("<html>", headers={"Content-Type": "text/html"})
    )
    outcome = world.fetch()
    assert "expected a zip archive or a CSV file, found text/html: <html>" in outcome.reason
    assert len(world.publisher.heard) == 2


def test_shipped_editions_are_held_and_not_asked_for(tmp_path: Path) -> None:
    def requested_years(extracts: Path) -> list[int]:
        outcomes = refresh(
            SOURCE, REAL, Landing(Path("nowhere"), extracts), context=RefreshContext(PatientClock(NOW), {})
        )
        return [outcome.scope.period_start.year for outcome in outcomes]

    assert requested_years(EXTRACTS) == []
    assert sorted(requested_years(tmp_path)) == [2017, 2018, 2019, 2020, 2021, 2022]


def test_a_survey_that_the_catalog_does_not_know_has_its_counts_only(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(option_file(2018))
    stranger = replace(CATALOG, surveys={})
    (problem,) = try_file(path, SOURCE, stranger, NOW).problems
    assert "none of the documented forms" in problem


def test_two_editions_of_one_year_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"editions of one year: \[2020\]"):
        Survey(editions=(EDITION, EDITION))
