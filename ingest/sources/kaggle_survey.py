"""Kaggle's yearly survey: respondents, counted by the exact set of options they chose, country and role.

Belongs here: the raw tables, what becomes of counted respondents, and how Kaggle is asked for an edition. Persons are
never kept. Does not belong here: reading a file of respondents (`ingest.formats.survey_responses`), which columns an
edition uses (the catalog), or shares, denominators and unions (dbt).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ingest.formats.csv_file import csv_format
from ingest.formats.survey_archive import edition_from, edition_of
from ingest.formats.survey_responses import Counts, holds_of, reading_of, responses_format
from ingest.model import Connector, ParsedRow, Request, Response, Source
from ingest.row_types import Count, PastYear, RawRow, Text, TextList

if TYPE_CHECKING:
    from ingest.catalog import Catalog, Survey
    from ingest.clients.http import Client

NAME = "kaggle_survey"
RULES = "the account must have accepted the rules of this competition once, on its page"


class OptionSetRow(RawRow):
    """How many respondents of one country and role chose exactly these options; an empty set did not answer."""

    one_row_for = ("edition", "country", "role", "option_numbers")

    edition: PastYear
    country: str
    role: str
    option_numbers: TextList
    respondents: Count


class OptionRow(RawRow):
    """An option that the edition offered, numbered in the order of its columns, and the question's text."""

    one_row_for = ("edition", "option_number")

    edition: PastYear
    option_number: Text
    option_label: Text
    question: Text


def rows_of(counts: Counts) -> Iterator[ParsedRow]:
    """The rows of both tables."""
    edition = counts.edition.year
    for number, label in enumerate(counts.options, start=1):
        fields = {"edition": edition, "option_number": str(number), "option_label": label, "question": counts.question}
        yield ParsedRow("options", number, fields)
    written = ((country, role, "|".join(map(str, chosen)), n) for (country, role, chosen), n in counts.sets.items())
    for line, (country, role, chosen, respondents) in enumerate(sorted(written), start=1):
        fields = {
            "edition": edition,
            "country": country,
            "role": role,
            "option_numbers": chosen,
            "respondents": respondents,
        }
        yield ParsedRow("option_sets", line, fields)


def given_by(rows: Sequence[RawRow]) -> Iterator[Mapping[str, int]]:
    """What the rows of one edition give, as far as they say."""
    sets = [row for row in rows if isinstance(row, OptionSetRow)]
    options = [row for row in rows if isinstance(row, OptionRow)]
    if sets:
        answering = sum(row.respondents for row in sets if row.option_numbers)
        yield {"respondents": sum(row.respondents for row in sets), "answering": answering}
    if options:
        yield {"options": len(options)}


def fetch(survey: Survey | None, request: Request, client: Client) -> Response:
    """The archive of one edition, with an account of Kaggle.

    Raises:
        FetchError: when Kaggle refuses; a competition's rules must have been accepted once by the account.
    """
    edition = edition_of(survey, request)
    urls = [url.format(base=client.url, year=edition.year) for url in edition.urls]
    return edition_from(urls, survey, edition, client, client.authorization(), RULES)


def _source(survey: Survey | None, reading: str = "") -> Source:
    tables: dict[str, type[RawRow]] = {"option_sets": OptionSetRow, "options": OptionRow}
    return Source(
        name=NAME,
        tables=tables,
        forms=(responses_format(survey, "option_sets", rows_of), csv_format(**tables)),
        connector=Connector(table="option_sets", fetch=partial(fetch, survey), terms="everything"),
        configure=_of_catalog,
        reading=reading,
        holds=lambda rows: holds_of(survey, rows, given_by),
    )


def _of_catalog(catalog: Catalog) -> Source:
    return _source(catalog.surveys.get(NAME), reading_of(catalog, NAME))


SOURCE = _source(None)
