"""The shape of surveys.yaml: the editions of surveys, and which labels mean the same.

Belongs here: how an edition's file is recognised and read, as data. Does not belong here: reading it
(`ingest.formats.survey_responses`).
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from datetime import date

from pydantic import Field, field_validator, model_validator

from ingest.catalog.entries.base import Entry, Sentence, Year, check_order

SAID = {"respondents": "respondents", "answering": "respondents answered the question", "options": "options"}


class Fieldwork(Entry):
    """The days on which a survey was open; `end` is exclusive."""

    start: date
    end: date

    @model_validator(mode="after")
    def _ordered(self) -> Fieldwork:
        check_order("start", self.start, "end", self.end)
        return self


class StudentColumn(Entry):
    """The column that says who studies, the answer that says so, and the role of those who were asked for no title."""

    column: Sentence
    answer: Sentence
    role: Sentence


class EditionColumns(Entry):
    """Where an edition's file holds country, role and choices, and whether a student is told by another column.

    `choices` is the one column that holds them all, with `separator` between them, or, without a separator, what the
    names of the columns begin with of which each stands for one option.
    """

    country: Sentence
    role: Sentence
    choices: Sentence
    separator: Sentence | None = None
    student: StudentColumn | None = None


class Edition(Entry):
    """One edition of a survey: a label, its fieldwork, how its file is recognised and read, and where it is had.

    `recognised_by` are columns that only this edition's file has together. `question` is the question's text where the
    file does not carry it in its second row. `urls` may name `{base}`, the first address of the source, and `{year}`.
    `respondents`, `answering` (who chose anything, the answer "none" too) and `options` are what the publisher's file
    gives: any other file is another one, or was changed. Without `respondents` nothing is available.
    """

    year: Year
    fieldwork: Fieldwork
    file: Sentence
    columns: EditionColumns
    recognised_by: tuple[Sentence, ...] = ()
    encoding: Sentence = "utf-8"
    question: Sentence | None = None
    urls: tuple[Sentence, ...] = ()
    respondents: int | None = Field(default=None, gt=0)
    answering: int | None = Field(default=None, gt=0)
    options: int | None = Field(default=None, gt=0)

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            return codecs.lookup(value).name
        except LookupError as error:
            raise ValueError("is not an encoding that Python knows") from error

    def differences(self, counts: Mapping[str, int]) -> list[str]:
        """What a file gives otherwise than the publisher, with both numbers; `counts` names what it gives."""
        published = {"respondents": self.respondents, "answering": self.answering, "options": self.options}
        if self.respondents is None:
            return []
        return [
            f"{_why(name, count, expected)}: {count:,} {SAID[name]}; the publisher says {expected:,}"
            for name, count in counts.items()
            if (expected := published[name]) is not None and count != expected
        ]


def _why(name: str, count: int, expected: int) -> str:
    if name != "respondents":
        return "the answers were changed when it was saved"
    return "cut short" if count < expected else "rows are there twice"


class Aliases(Entry):
    """Labels that mean the same, by what they label."""

    country: Mapping[str, str] = Field(default_factory=dict)
    role: Mapping[str, str] = Field(default_factory=dict)
    option: Mapping[str, str] = Field(default_factory=dict)


class Survey(Entry):
    """The file surveys.yaml maps a source to one of these. `missing` are texts that mean no answer, as blanks do."""

    editions: tuple[Edition, ...] = Field(min_length=1)
    missing: tuple[str, ...] = ()
    none_options: tuple[str, ...] = ()
    aliases: Aliases = Aliases()

    @model_validator(mode="after")
    def _one_edition_a_year(self) -> Survey:
        years = [edition.year for edition in self.editions]
        if repeated := sorted({year for year in years if years.count(year) > 1}):
            raise ValueError(f"editions of one year: {repeated}; expected one each")
        return self
