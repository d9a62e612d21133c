"""Surveys saved again by other programs: read right, or refused with both numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from ingest.catalog import Survey, load_catalog
from ingest.errors import ExtractError
from ingest.formats.survey_files import find
from ingest.formats.survey_responses import Counts, count
from tests.ingest.survey_files import write_open

REAL = load_catalog(Path(__file__).parents[3] / "ingest" / "catalog").surveys
OPTIONS = ("Anvil", "Hammer", "None")
ANSWERS = [("Anvil", "", ""), ("Anvil", "Hammer", ""), ("", "", "None"), ("", "", ""), ("", "", "None")]


def ticked(folder: Path) -> tuple[Path, Survey]:
    """A file in which each option has a column of its own, and what its edition must give."""
    columns = ["Q3", "Q5", *(f"Q16_Part_{number}" for number in (1, 2, 15)), "Q23_Part_1"]
    texts = ["country?", "role?", *(f"Which? - Selected Choice - {option}" for option in OPTIONS), "other?"]
    people = [["India", "Student", *chosen, ""] for chosen in ANSWERS]
    path = folder / "ticked.csv"
    pd.DataFrame([texts, *people], columns=columns).to_csv(path, index=False)
    return path, _held(REAL["kaggle_survey"], 2020, len(ANSWERS), 4, 3)


def listed(folder: Path) -> tuple[Path, Survey]:
    """A file in which one column holds all that a respondent chose."""
    path = folder / "listed.csv"
    truth = write_open(path, 2020, REAL["stackoverflow_survey"], 60)
    return path, _held(REAL["stackoverflow_survey"], 2020, 60, truth.answering, len(truth.using))


def _held(survey: Survey, year: int, respondents: int, answering: int, options: int) -> Survey:
    numbers = {"respondents": respondents, "answering": answering, "options": options}
    editions = tuple(edition.model_copy(update=numbers) for edition in survey.editions if edition.year == year)
    return survey.model_copy(update={"editions": editions})


def counted(path: Path, survey: Survey) -> Counts:
    file = find(path, path.name, survey.editions)
    assert file
    return count(path, path.name, file, survey.missing)


def frame(path: Path, **how: object) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, **how)  # type: ignore[call-overload,no-any-return]


def _between_bars(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(";", "|"), encoding="utf-8")


AS_IT_WAS: dict[str, Callable[[Path], None]] = {
    "the same": lambda path: frame(path, keep_default_na=False).to_csv(path, index=False),
    "with its index": lambda path: frame(path, keep_default_na=False).to_csv(path),
    "semicolons": lambda path: frame(path, keep_default_na=False).to_csv(path, index=False, sep=";"),
    "tabs": lambda path: frame(path, keep_default_na=False).to_csv(path, index=False, sep="\t"),
    "every field quoted": lambda path: frame(path, keep_default_na=False).to_csv(path, index=False, quoting=1),
    "a byte order mark": lambda path: frame(path, keep_default_na=False).to_csv(
        path, index=False, encoding="utf-8-sig"
    ),
    "a column more": lambda path: frame(path, keep_default_na=False).assign(mine="x").to_csv(path, index=False),
    "other line ends": lambda path: frame(path, keep_default_na=False).to_csv(path, index=False, lineterminator="\r\n"),
}
OF_TICKED: dict[str, tuple[Callable[[Path], None], str]] = {
    "None read as missing": (lambda path: frame(path).to_csv(path, index=False), "2 respondents answered .* says 4"),
    "ticks as 0 and 1": (
        lambda path: _ticks(path, "1", "0"),
        "expected 'Anvil' where it was chosen, and blank where not; found '0', '1'",
    ),
    "ticks as crosses": (lambda path: _ticks(path, "x", ""), "found 'x'"),
    "doubled rows": (lambda path: _doubled(path, 1), "rows are there twice: 10 respondents; the publisher says 5"),
    "rows lost": (lambda path: frame(path, keep_default_na=False)[:-1].to_csv(path, index=False), "cut short: 4 .* 5"),
}
OF_LISTED: dict[str, tuple[Callable[[Path], None], str]] = {
    "options between bars": (_between_bars, "options"),
    "doubled rows": (lambda path: _doubled(path, 0), "rows are there twice: 120 respondents; the publisher says 60"),
    "rows lost": (
        lambda path: frame(path, keep_default_na=False)[:-9].to_csv(path, index=False),
        "cut short: 51 .* 60",
    ),
}


def _ticks(path: Path, yes: str, no: str) -> None:
    table = frame(path, keep_default_na=False)
    for column in [name for name in table.columns if name.startswith("Q16_")]:
        answers = table[column][1:].map(lambda text: yes if text else no)
        table[column] = pd.concat([table[column][:1], answers])
    table.to_csv(path, index=False)


def _doubled(path: Path, texts: int) -> None:
    table = frame(path, keep_default_na=False)
    pd.concat([table, table[texts:]]).to_csv(path, index=False)


@pytest.mark.parametrize("make", [ticked, listed])
@pytest.mark.parametrize("save", AS_IT_WAS.values(), ids=AS_IT_WAS)
def test_what_holds_the_same_answers_is_read_right(
    tmp_path: Path, make: Callable[[Path], tuple[Path, Survey]], save: Callable[[Path], None]
) -> None:
    path, survey = make(tmp_path)
    before = counted(path, survey)
    save(path)
    after = counted(path, survey)
    assert (after.sets, after.options) == (before.sets, before.options)


@pytest.mark.parametrize(("save", "message"), OF_TICKED.values(), ids=OF_TICKED)
def test_ticks_that_were_changed_are_refused_with_both_numbers(
    tmp_path: Path, save: Callable[[Path], None], message: str
) -> None:
    path, survey = ticked(tmp_path)
    save(path)
    with pytest.raises(ExtractError, match=message):
        counted(path, survey)


@pytest.mark.parametrize(("save", "message"), OF_LISTED.values(), ids=OF_LISTED)
def test_lists_that_were_changed_are_refused_with_both_numbers(
    tmp_path: Path, save: Callable[[Path], None], message: str
) -> None:
    path, survey = listed(tmp_path)
    save(path)
    with pytest.raises(ExtractError, match=message):
        counted(path, survey)
