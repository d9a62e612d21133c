"""GitHub's star history: when each of the present stars was given, by month.

Belongs here: the weeks of one repository, and their count by month. The host tells counts by day and names nobody; its
lists of who starred what are closed since July 2026. Does not belong here: stars that were withdrawn, which the host
has forgotten (`gharchive` saw them come), or the form that the old lists were landed in
(`ingest.formats.stargazer_pages`).

Every request is for a repository's whole history, since stars that were withdrawn are gone from every month: months of
two days of asking are not of one count. That the weeks are whole is known because they add up to the present stars.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ingest.clients.github import classify_limits, headers_of
from ingest.clients.http import Client
from ingest.errors import ExtractError, giving_up
from ingest.formats import stargazer_pages
from ingest.formats.csv_file import csv_format, read_text
from ingest.formats.json_response import check_by, json_object, response_format, whole_number
from ingest.model import Connector, Fetch, ParsedRow, Request, Response, Scope, Source
from ingest.plan import months_between
from ingest.row_types import Count, PastMonth, RawRow, Text

if TYPE_CHECKING:
    from ingest.catalog import Catalog

NAME, FORM = "github_stargazers", "star_history"
PER_PAGE = 30
"""As many weeks as the host gives at once."""
MAX_PAGES = 100
"""As many pages as the host has; its own history has a fifth of them."""
DAYS = 7
Days = tuple[int, ...]
"""The stars of each day of a week."""
FULL_NAME = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
TOLERATED_LOSS, TOLERATED_STARS = 0.01, 3
"""By how much the days may differ from the present stars: some are given and withdrawn while the pages are read."""


class MonthRow(RawRow):
    """Stars given to one repository in one month that were still there when it was asked."""

    one_row_for = ("repository", "month_date")

    repository: Text
    repository_id: Count
    month_date: PastMonth
    stars: Count


def _fetch(first: date, request: Request, client: Client) -> Response:
    """The whole star history of one repository since `first`: its present stars, then its weeks, newest first."""
    scope = replace(request.scope, period_start=min(first, request.scope.period_start))
    get = partial(client.get, headers=headers_of(client), classify=classify_limits)
    about = get(f"{client.url}/repos/{request.term}", validate=check_by(_repository_of))
    # by its present name: whether a redirect keeps the number of a page is not documented
    url = f"{client.url}/repos/{_repository_of(about.body, request.term).name}/stargazers/history"
    replies, weeks = [about], dict[date, Days]()
    for page in range(1, MAX_PAGES + 1):
        replies.append(get(url, {"per_page": str(PER_PAGE), "page": str(page)}, validate=check_by(_page_of_body)))
        page_weeks = _page_of_body(replies[-1].body, request.term)
        if not page_weeks:
            break
        with giving_up():
            _join(weeks, page_weeks, request.term)
    body = b"[\n" + b",\n".join(reply.body for reply in replies) + b"\n]\n"
    filename = f"{request.term.replace('/', '__')}_stars.json"
    with giving_up():
        _history_of(json.loads(body), filename, scope)
    return Response(body, filename, FORM, {**replies[-1].request, "replies": len(replies)}, scope=scope)


class _Repository(NamedTuple):
    number: int
    name: str
    stars: int


def _repository_of(body: bytes, where: str) -> _Repository:
    return _repository(json_object(body, where), where)


def _repository(document: object, where: str) -> _Repository:
    """The repository of a document; raises ExtractError where it is none."""
    if not isinstance(document, Mapping) or not FULL_NAME.fullmatch(str(document.get("full_name"))):
        raise ExtractError(f"{where}: expected one repository; found {document!r:.80}")
    number, stars = (whole_number(document.get(field), field, where) for field in ("id", "stargazers_count"))
    return _Repository(number, str(document["full_name"]), stars)


def _page_of_body(body: bytes, where: str) -> dict[date, Days]:
    return _page_of(_document_of(body, where), where)


def _document_of(text: str | bytes, where: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ExtractError(f"{where}: expected weeks of stars: {error}") from error


def _page_of(document: object, where: str) -> dict[date, Days]:
    """The days of each week of one page, newest week first.

    Raises:
        ExtractError: for no list of weeks, a week whose days are not seven counts or do not add up to its total, or
            weeks that do not follow one another.
    """
    if not isinstance(document, list) or len(document) > PER_PAGE:
        raise ExtractError(f"{where}: expected at most {PER_PAGE} weeks of stars; found {document!r:.80}")
    weeks = [_week_of(week, where) for week in document]
    _check_run([begins for begins, _ in weeks], where)
    return dict(weeks)


def _week_of(document: object, where: str) -> tuple[date, Days]:
    """The first day of one week, and the stars of its days."""
    if not isinstance(document, Mapping) or not isinstance(document.get("days"), list):
        raise ExtractError(f"{where}: expected a week with its days; found {document!r:.80}")
    days = tuple(whole_number(stars, "the stars of a day", where) for stars in document["days"])
    total = whole_number(document.get("total"), "total", where)
    if len(days) != DAYS or sum(days) != total:
        raise ExtractError(f"{where}: {len(days)} days add up to {sum(days):,}; the week says 7 and {total:,}")
    begins = whole_number(document.get("week"), "week", where)
    try:
        return datetime.fromtimestamp(begins, UTC).date(), days
    except (ValueError, OverflowError, OSError) as error:
        raise ExtractError(f"{where}: expected the first moment of a week; found {begins}") from error


def _check_run(begins: Sequence[date], where: str) -> None:
    """Each week is the one before the last: none is missing, and none comes twice."""
    for later, earlier in itertools.pairwise(begins):
        if later - earlier != timedelta(days=DAYS):
            raise ExtractError(f"{where}: the week of {earlier} follows that of {later}: weeks are missing or repeated")


def _join(weeks: dict[date, Days], page: Mapping[date, Days], where: str) -> None:
    """Add the weeks of the next page to those before it.

    Where a week begins while the pages are read, a page begins with weeks that are here already.

    Raises:
        ExtractError: for a page that does not go on where the last one ended.
    """
    older = {begins: days for begins, days in page.items() if begins not in weeks}
    if not older:
        raise ExtractError(f"{where}: a page of weeks came twice")
    weeks |= older
    _check_run([*weeks], where)


def _history_of(documents: object, where: str, scope: Scope) -> tuple[int, Counter[date]]:
    """The repository's number, and its stars by month.

    Raises:
        ExtractError: for a history that is not whole: pages missing or repeated, no empty page at its end, or days
            that do not add up to the present stars.
    """
    if not isinstance(documents, list) or len(documents) < 2 or documents[-1] != []:
        raise ExtractError(f"{where}: expected a repository, its weeks of stars, and an empty page at their end")
    repository, weeks = _repository(documents[0], where), dict[date, Days]()
    for document in documents[1:-1]:
        _join(weeks, _page_of(document, where), where)
    counted, present = sum(map(sum, weeks.values())), repository.stars
    if abs(counted - present) > max(present * TOLERATED_LOSS, TOLERATED_STARS) or (present and not weeks):
        raise ExtractError(f"{where}: the days add up to {counted:,} stars; the repository has {present:,}")
    if weeks and max(weeks) + timedelta(days=DAYS) < scope.period_end:
        raise ExtractError(f"{where}: the newest week is that of {max(weeks)}, before {scope.period_end}")
    return repository.number, _by_month(weeks)


def _by_month(weeks: Mapping[date, Days]) -> Counter[date]:
    months: Counter[date] = Counter()
    for begins, days in weeks.items():
        for place, stars in enumerate(days):
            months[(begins + timedelta(days=place)).replace(day=1)] += stars
    return months


def _parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    """Stars by month of a landed history."""
    documents = _document_of(read_text(path, fetch.filename), fetch.filename)
    return _rows(fetch, *_history_of(documents, fetch.filename, fetch.scope))


def _parse_pages(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    """Stars by month of a landed walk through single stars."""
    stars = stargazer_pages.stars_by_month(read_text(path, fetch.filename), fetch.filename, fetch.scope)
    return _rows(fetch, *stars)


def _rows(fetch: Fetch, repository_id: int, stars: Counter[date]) -> Iterator[ParsedRow]:
    """One row for each month of the scope: the history is whole, so a month without a star has none."""
    (repository,) = fetch.scope.terms or ("",)
    for number, month in enumerate(months_between(fetch.scope.period_start, fetch.scope.period_end), start=1):
        fields: dict[str, Any] = {
            "repository": repository,
            "repository_id": repository_id,
            "month_date": month,
            "stars": stars[month],
        }
        yield ParsedRow(fetch.scope.table, number, fields)


FORMS = (
    csv_format(months=MonthRow),
    response_format(FORM, "a repository and its weeks of stars as the REST API answers them", _parse),
    response_format(
        stargazer_pages.FORM, "pages of single stars as the GraphQL API answered them until July 2026", _parse_pages
    ),
)


def _source(first: date) -> Source:
    return Source(
        name=NAME,
        tables={"months": MonthRow},
        forms=FORMS,
        # all open months are one request, and its answer holds all others too
        connector=Connector(table="months", fetch=partial(_fetch, first), terms="each", most_periods=10_000),
        configure=_of_catalog,
    )


def _of_catalog(catalog: Catalog) -> Source:
    return _source(catalog.source(NAME).expected.first)


SOURCE = _source(date.max)
