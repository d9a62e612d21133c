"""Hugging Face: models on the hub by the tag of a library and the month in which they were created.

Belongs here: the walk through the hub's list, and its count. Only models that are still there are listed, under the
tags that they have today; the list has no place by date, so the way to a month leads through all later ones, newest
first. What is landed is the count by month: the list itself names people.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.errors import BusyError, ExtractError, FetchError, why_unreadable
from ingest.formats.csv_file import csv_format
from ingest.formats.json_response import check_by, json_object, response_format, whole_number
from ingest.model import Connector, Fetch, ParsedRow, Request, Response, Scope, Source
from ingest.plan import months_between, next_period
from ingest.row_types import Count, ListedName, PastMonth, RawRow

if TYPE_CHECKING:
    from ingest.clients.http import Client
    from ingest.clients.response import Reply

FORM = "models_by_month"
PER_PAGE = 1_000
MAX_PAGES = 5_000
NEXT = re.compile(r'<([^<>]+)>;\s*rel="next"')
RESET = re.compile(r"\bt=(\d{1,5})\b")
Created = dict[str, datetime]
"""When each model of a page was created, newest first."""


class MonthRow(RawRow):
    """Models with the tag of a library that were created in one month and were still there when the hub was asked."""

    key = ("library", "month_date")

    library: ListedName
    month_date: PastMonth
    models: Count


def created_of(body: bytes, where: str) -> Created:
    """When each model of a page was created.

    Raises:
        ExtractError: for no list of models, one twice, or one that is newer than the one before it.
    """
    try:
        models = json.loads(body)
        created = {str(model["id"]): datetime.fromisoformat(model["createdAt"]).astimezone(UTC) for model in models}
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ExtractError(f"{where}: expected models with id and createdAt: {why_unreadable(error)}") from error
    if not isinstance(models, list) or len(created) != len(models):
        raise ExtractError(f"{where}: expected a list of models, each once")
    moments = [*created.values()]
    if moments != sorted(moments, reverse=True):
        raise ExtractError(f"{where}: the models are not in the order of their creation")
    return created


def fetch(request: Request, client: Client) -> Response:
    """The models of one library since the first month of the request, counted by month."""
    scope = request.scope
    start = datetime(scope.period_start.year, scope.period_start.month, 1, tzinfo=UTC)
    params: Mapping[str, str] | None = {
        "filter": request.term,
        "sort": "createdAt",
        "direction": "-1",
        "limit": str(PER_PAGE),
        "expand[]": "createdAt",
    }
    url, created, pages = f"{client.url}/api/models", Created(), 0
    token = client.credential()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    while True:
        reply = client.get(url, params, headers, validate=check_by(created_of), classify=_classify)
        page, pages = created_of(reply.body, request.term), pages + 1
        _check_goes_on(created, page)
        created |= page
        following = NEXT.search(reply.headers.get("Link", ""))
        if page and min(page.values()) < start:
            break
        if following is None:
            _check_ends(page, request.term)
            break
        if pages == MAX_PAGES:
            raise FetchError(f"the list of {request.term} does not end within {MAX_PAGES:,} pages")
        url, params = _address(following.group(1), client), None
    covered = _covered(created, scope, request.term)
    body = {"library": request.term, "pages": pages, "months": _by_month(created, covered)}
    filename = f"{request.term}_{covered.period_start:%Y-%m}_{covered.period_end:%Y-%m}.json"
    sent = {"url": f"{client.url}/api/models", "filter": request.term, "pages": pages}
    return Response(json.dumps(body, sort_keys=True).encode(), filename, FORM, sent, scope=covered)


def _check_goes_on(before: Created, page: Created) -> None:
    """Nothing twice, nothing newer: pages move on while models are added, and then a model comes again."""
    if not page and before:
        raise FetchError("an empty page that is not the first one")
    if before and not page.keys() - before.keys():
        raise FetchError("a page of models came twice")
    if before and page and max(page.values()) > min(before.values()):
        raise FetchError("the pages are not in the order of creation")


def _check_ends(page: Created, library: str) -> None:
    """A list ends with a page that is not full: a full one without a next has lost it on the way."""
    if len(page) >= PER_PAGE:
        raise FetchError(f"a full page of models with the tag {library} names no next one")


def _address(link: str, client: Client) -> str:
    """The next page, which must be the same publisher's."""
    if not link.startswith(f"{client.url}/"):
        raise FetchError(f"the next page is elsewhere: {link:.100}")
    return link


def _classify(reply: Reply) -> None:
    """A limit says in a header of its own when it is over."""
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS and "Retry-After" not in reply.headers:
        reset = RESET.search(reply.headers.get("RateLimit", ""))
        raise BusyError(f"status 429: {reply.quote()}", float(reset.group(1)) if reset else None)


def _covered(created: Created, scope: Scope, library: str) -> Scope:
    """The months that are known whole: those after the oldest model's, since nothing else says where the list ends."""
    if not created:
        raise FetchError(f"the hub lists no model with the tag {library}")
    first = next_period(min(created.values()).date().replace(day=1), "month")
    if first >= scope.period_end:
        raise FetchError(f"the list of {library} ends within the newest month: nothing says that it is whole")
    return replace(scope, period_start=max(first, scope.period_start))


def _by_month(created: Created, scope: Scope) -> dict[str, int]:
    counts = Counter(moment.date().replace(day=1) for moment in created.values())
    return {str(month): counts[month] for month in months_between(scope.period_start, scope.period_end)}


def _parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    """One row for each month of the scope."""
    document = json_object(path.read_bytes(), fetch.filename)
    months, (library,) = document.get("months"), fetch.scope.terms or ("",)
    expected = [str(month) for month in months_between(fetch.scope.period_start, fetch.scope.period_end)]
    if document.get("library") != library or not isinstance(months, dict) or sorted(months) != expected:
        raise ExtractError(f"{fetch.filename}: expected the months of {library} from {expected[0]} to {expected[-1]}")
    for number, month in enumerate(expected, start=1):
        fields: dict[str, Any] = {"library": library, "month_date": month}
        models = whole_number(months[month], "models", fetch.filename)
        yield ParsedRow(fetch.scope.table, number, {**fields, "models": models})


SOURCE = Source(
    name="hugging_face",
    tables={"months": MonthRow},
    forms=(csv_format(months=MonthRow), response_format(FORM, "models by month, as a connector counts them", _parse)),
    # the way to a month leads through all later ones
    connector=Connector("months", fetch, most_periods=10_000),
)
