"""Reducing a publisher's survey file to counts: the traps of the real files, in a small one."""

from __future__ import annotations

import io
from datetime import date

import pandas as pd
import pytest

from ingest.catalog import Edition, EditionColumns, Fieldwork
from ingest.errors import ExtractError
from ingest.sources.kaggle_survey import choice_columns, reduce_responses

EDITION = Edition(
    year=2020,
    fieldwork=Fieldwork(start=date(2020, 10, 7), end=date(2020, 10, 31)),
    file="responses.csv",
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


def frame(text: str = FILE) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)


def rows_of(table: str, text: str = FILE) -> list[dict[str, object]]:
    return [dict(row.fields) for row in reduce_responses(frame(text), EDITION) if row.table == table]


def test_options_are_numbered_by_column_and_trimmed() -> None:
    question = "Which do you use? - Selected Choice"
    assert rows_of("options") == [
        {"edition": 2020, "option_number": "1", "option_label": "Anvil", "question": question},
        {"edition": 2020, "option_number": "2", "option_label": "Bellows", "question": question},
        {"edition": 2020, "option_number": "3", "option_label": "None", "question": question},
    ]


def test_respondents_are_counted_by_exact_set_country_and_role() -> None:
    found = [tuple(row.values())[1:] for row in rows_of("option_sets")]
    assert found == [
        ("France", "", "", 1),
        ("France", "Smith", "1|2", 2),
        ("France", "Smith", "3", 1),
        ("Peru", "Smith", "2", 1),
    ]


def test_every_respondent_is_counted_once_and_the_question_row_is_none() -> None:
    assert sum(int(str(row["respondents"])) for row in rows_of("option_sets")) == 5


def test_rows_are_numbered_within_their_table() -> None:
    numbers = [(row.table, row.number) for row in reduce_responses(frame(), EDITION)]
    assert numbers == [("options", n) for n in (1, 2, 3)] + [("option_sets", n) for n in (1, 2, 3, 4)]


def test_free_text_and_other_questions_are_no_options() -> None:
    assert choice_columns(EDITION, list(frame().columns)) == ["Q16_Part_1", "Q16_Part_2", "Q16_Part_3"]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (["Q5", "Q16_1"], "responses.csv, line 1: columns missing: Q3"),
        (["Q16_1"], "responses.csv, line 1: columns missing: Q3, Q5"),
        (["Q3", "Q5", "Q16_OTHER_TEXT"], "responses.csv, line 1: columns missing: Q16_…"),
    ],
)
def test_a_file_of_another_form_is_refused(columns: list[str], said: str) -> None:
    with pytest.raises(ExtractError, match=said):
        choice_columns(EDITION, columns)
