"""Stack Overflow's developer survey: how many respondents named each technology, and which they named together.

Belongs here: the raw tables, what becomes of counted respondents, and how the publisher is asked for an edition.
`options` holds counts of single options, `subset_options` those of a part of the people who answered; `option_sets`
counts by exact set of options, where respondents could be counted; `unions` what a published figure says about
respondents who chose at least one of several, as bounds with their evidence. Does not belong here: reading a file of
respondents (`ingest.formats.survey_responses`), or combining (dbt).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from ingest.formats.csv_file import csv_format
from ingest.formats.survey_archive import edition_from, edition_of
from ingest.formats.survey_responses import Counts, holds_of, reading_of, responses_format, split_options
from ingest.model import Connector, ParsedRow, Request, Response, Source
from ingest.row_types import Count, PastYear, RawRow, Text, TextList, ordered

if TYPE_CHECKING:
    from ingest.catalog import Catalog, Survey
    from ingest.clients.http import Client

NAME = "stackoverflow_survey"
EVIDENCE = "counted in the publisher's file of respondents"


class OptionRow(RawRow):
    """Respondents who named one option, of those who answered the question and of all."""

    one_row_for = ("edition", "option_label")

    edition: PastYear
    option_label: Text
    respondents: Count
    answering: Count = Field(gt=0)
    all_respondents: Count
    evidence: Text

    @model_validator(mode="after")
    def _part_of_all(self) -> OptionRow:
        ordered(self, "respondents", "answering", "all_respondents")
        return self


class SubsetOptionRow(RawRow):
    """Respondents who named one option, of a part of those who answered: who answered other questions too.

    How many they are is known exactly where both bounds are one number.
    """

    edition: PastYear
    option_label: Text
    respondents: Count
    population: Literal["answering_all_five", "answering_with_years_of_coding"]
    population_low: Count
    population_high: Count
    all_respondents: Count
    evidence: Text


class UnionRow(RawRow):
    """Bounds on the respondents who named at least one of the options; `narrowed_by` is how the bounds were had."""

    one_row_for = ("edition", "option_labels", "narrowed_by")

    edition: PastYear
    option_labels: TextList
    respondents_low: Count
    respondents_high: Count
    answering: Count = Field(gt=0)
    narrowed_by: Literal["decoded", "printed_label"]
    evidence: Text

    @model_validator(mode="after")
    def _in_order(self) -> UnionRow:
        ordered(self, "respondents_low", "respondents_high", "answering")
        return self


class OptionSetRow(RawRow):
    """How many respondents of one country and set of roles chose exactly these options; an empty set did not answer.

    Until 2022 a respondent may have several roles.
    """

    one_row_for = ("edition", "country", "roles", "option_labels")

    edition: PastYear
    country: str
    roles: TextList
    option_labels: TextList
    respondents: Count


def rows_of(counts: Counts) -> Iterator[ParsedRow]:
    """The rows of `options` and `option_sets`."""
    edition, totals = counts.edition, {"answering": counts.answering, "all_respondents": counts.all_respondents}
    choosing = [0] * len(counts.options)
    for (_, _, chosen), respondents in counts.sets.items():
        for number in chosen:
            choosing[number - 1] += respondents
    for line, (label, respondents) in enumerate(zip(counts.options, choosing, strict=True), start=1):
        fields = {"edition": edition.year, "option_label": label, "respondents": respondents, **totals}
        yield ParsedRow("options", line, {**fields, "evidence": EVIDENCE})
    roles_of = lru_cache(maxsize=None)(partial(split_options, separator=edition.columns.separator or "\n"))
    for line, ((country, role, chosen), respondents) in enumerate(sorted(counts.sets.items()), start=1):
        sets = {
            "edition": edition.year,
            "country": country,
            "roles": roles_of(role),
            "option_labels": [counts.options[number - 1] for number in chosen],
            "respondents": respondents,
        }
        yield ParsedRow("option_sets", line, sets)


def given_by(rows: Sequence[RawRow]) -> Iterator[Mapping[str, int]]:
    """What the rows of one edition give, as far as they say; each row of options and unions says it again."""
    sets = [row for row in rows if isinstance(row, OptionSetRow)]
    options = [row for row in rows if isinstance(row, OptionRow)]
    if sets:
        answering = sum(row.respondents for row in sets if row.option_labels)
        yield {"respondents": sum(row.respondents for row in sets), "answering": answering}
    if options:
        yield {"options": len(options)}
    for row in rows:
        if isinstance(row, OptionRow):
            yield {"respondents": row.all_respondents, "answering": row.answering}
        elif isinstance(row, UnionRow):
            yield {"answering": row.answering}


def fetch(survey: Survey | None, request: Request, client: Client) -> Response:
    """The archive of one edition, from the first of the documented addresses that still has it."""
    edition = edition_of(survey, request)
    urls = [url.format(base=client.url, year=edition.year) for url in (*client.access.urls, *edition.urls)]
    return edition_from(urls, survey, edition, client)


def _source(survey: Survey | None, reading: str = "") -> Source:
    tables: dict[str, type[RawRow]] = {
        "options": OptionRow,
        "subset_options": SubsetOptionRow,
        "unions": UnionRow,
        "option_sets": OptionSetRow,
    }
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
