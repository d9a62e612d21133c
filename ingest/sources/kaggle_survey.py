"""Kaggle's yearly survey: respondents, counted by the exact set of options they chose, country and role.

Belongs here: the raw tables, and the reduction of a publisher's file to them. Persons are never kept. Shares,
denominators and unions are dbt's work. Which columns an edition uses stands in the catalog.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest.errors import ExtractError
from ingest.model import Count, ParsedRow, PastYear, RawRow, Text, TextList
from ingest.parsing import csv_source

if TYPE_CHECKING:
    import pandas as pd

    from ingest.catalog import Edition


class OptionSetRow(RawRow):
    """How many respondents of one country and role chose exactly these options; an empty set did not answer."""

    edition: PastYear
    country: str
    role: str
    option_numbers: TextList
    respondents: Count


class OptionRow(RawRow):
    """An option that the edition offered, numbered in the order of its columns, and the question's text."""

    edition: PastYear
    option_number: Text
    option_label: Text
    question: Text


SOURCE = csv_source("kaggle_survey", option_sets=OptionSetRow, options=OptionRow)


def choice_columns(edition: Edition, columns: list[str]) -> list[str]:
    """The columns that hold the choices of the edition's question, free text left out.

    Raises:
        ExtractError: when the file has no such column, or lacks country or role.
    """
    wanted = edition.columns
    choices = [name for name in columns if name.startswith(wanted.choices) and not name.endswith("_TEXT")]
    missing = [name for name in (wanted.country, wanted.role) if name not in columns]
    if missing or not choices:
        raise ExtractError(f"{edition.file}, line 1: columns missing: {', '.join(missing) or wanted.choices + '…'}")
    return choices


def reduce_responses(frame: pd.DataFrame, edition: Edition) -> Iterator[ParsedRow]:
    """Yield the rows of both tables for a publisher's file.

    `frame` holds the file as text with nothing read as missing; its first row repeats the question texts. The answer
    "None" is an answer. Options are trimmed, since the file has stray blanks around them.

    Raises:
        ExtractError: when the documented columns are missing.
    """
    choices = choice_columns(edition, list(frame.columns))
    texts, answers = frame.iloc[0], frame.iloc[1:]
    for number, column in enumerate(choices, start=1):
        question, _, label = str(texts[column]).rpartition(" - ")
        yield ParsedRow(
            "options",
            number,
            {
                "edition": edition.year,
                "option_number": str(number),
                "option_label": label.strip(),
                "question": question.strip(),
            },
        )
    ticked = answers[choices].apply(lambda column: column.str.strip() != "")
    sets = ticked.apply(lambda row: "|".join(str(i) for i, tick in enumerate(row, start=1) if tick), axis=1)
    keys = [answers[edition.columns.country].str.strip(), answers[edition.columns.role].str.strip(), sets]
    for number, ((country, role, chosen), count) in enumerate(sets.groupby(keys).size().items(), start=1):
        yield ParsedRow(
            "option_sets",
            number,
            {
                "edition": edition.year,
                "country": country,
                "role": role,
                "option_numbers": chosen,
                "respondents": int(count),
            },
        )
