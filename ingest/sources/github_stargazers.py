"""GitHub's star history: when each of the present stars was given, by month.

Belongs here: the pages of one repository's stars, newest first, and their count by month. Only moments are asked for,
never who. Does not belong here: stars that were withdrawn, which the host has forgotten (`gharchive` saw them come).

A star has no place by date: the only way to a month leads through all later ones. So one request is one walk from the
newest star down to the beginning of the request's months, however many pages that takes; every page is kept in the
workspace as it comes, and a walk that was broken off goes on where it stopped.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from ingest.clients.github import MIN_WAIT, headers_of, judge_limits
from ingest.clients.http import Client
from ingest.clients.response import Reply, wait_hint
from ingest.errors import AskError, BusyError, ExtractError
from ingest.formats.csv_file import csv_format, read_text
from ingest.landing import digest, write_atomically
from ingest.model import Connector, Fetch, FileFormat, ParsedRow, Request, Response, Scope, Source
from ingest.plan import next_period
from ingest.row_types import Count, PastMonth, RawRow, Text

QUERY = """
query($owner: String!, $name: String!, $after: String) {
  rateLimit { cost remaining resetAt }
  repository(owner: $owner, name: $name) {
    databaseId
    nameWithOwner
    stargazers(first: 100, after: $after, orderBy: {field: STARRED_AT, direction: DESC}) {
      totalCount
      pageInfo { endCursor hasNextPage }
      edges { starredAt }
    }
  }
}
"""
FORM = "graphql_stargazers"
TOLERATED_LOSS = 0.01
"""How much of the total may be missing at the end of a whole walk: withdrawn while walking, suspended accounts."""


class MonthRow(RawRow):
    """Stars given to one repository in one month that were still there when it was asked."""

    one_row_for = ("repository", "month_date")

    repository: Text
    repository_id: Count
    month_date: PastMonth
    stars: Count


class _LostError(AskError):
    """The walk cannot go on from where it stopped: the next one begins anew."""


@dataclass(frozen=True)
class _Page:
    """One page of stars, newest first."""

    repository_id: int
    total: int
    cursor: str | None
    has_next: bool
    given_at: tuple[datetime, ...]


def _page_of(document: object) -> _Page:
    """A page as it was answered; raises ValueError, KeyError or TypeError where it is none."""
    if not isinstance(document, Mapping) or document.get("errors"):
        raise ValueError("an error in place of a page")
    repository = document["data"]["repository"]
    stars = repository["stargazers"]
    moments = tuple(datetime.fromisoformat(edge["starredAt"]).astimezone(UTC) for edge in stars["edges"])
    info = stars["pageInfo"]
    page = _Page(
        int(repository["databaseId"]), int(stars["totalCount"]), info["endCursor"], info["hasNextPage"], moments
    )
    if page.has_next and not (page.cursor and page.given_at):
        raise ValueError("an empty page that is not the last one")
    return page


def _ask(request: Request, client: Client) -> Response:
    """All stars from the newest down to the first day that is asked for."""
    folder = client.workspace / digest(request.scope.key.encode())[:16]
    pages = _kept(folder)
    while not pages or not _reaches(pages, request.scope.period_start):
        try:
            reply = _next_page(request.term, pages, client)
        except _LostError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        pages.append(reply.body)
        # at every step: a host that says the same page again would be walked for ever
        _or_anew(partial(_check_order, _read(pages[-2:])), folder)
        write_atomically(folder / f"{len(pages):06}.json", reply.body)
    _or_anew(partial(_check_walk, _read(pages), request.scope), folder)
    body = b"[\n" + b",\n".join(pages) + b"\n]\n"
    sent = {"method": "POST", "url": f"{client.url}/graphql", "body": QUERY, "pages": len(pages)}
    shutil.rmtree(folder)
    return Response(body, f"{request.term.replace('/', '__')}_stars.json", FORM, sent)


def _or_anew(check: Callable[[], None], folder: Path) -> None:
    """Check the pages so far; a walk that went wrong is forgotten, so that the next one begins anew."""
    try:
        check()
    except ValueError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise AskError(str(error)) from error


def _read(pages: Sequence[bytes]) -> list[_Page]:
    return [_page_of(json.loads(page)) for page in pages]


def _kept(folder: Path) -> list[bytes]:
    """The pages of a walk that was broken off."""
    return [path.read_bytes() for path in sorted(folder.glob("*.json"))]


def _reaches(pages: Sequence[bytes], start: date) -> bool:
    """Whether the last page is the last one, or goes back before the first day."""
    page = _page_of(json.loads(pages[-1]))
    return not page.has_next or page.given_at[-1].date() < start


def _next_page(repository: str, pages: Sequence[bytes], client: Client) -> Reply:
    owner, _, name = repository.partition("/")
    after = _page_of(json.loads(pages[-1])).cursor if pages else None
    asked = {"query": QUERY, "variables": {"owner": owner, "name": name, "after": after}}
    check = partial(_check_page, client=client)
    url = f"{client.url}/graphql"
    return client.post(
        url, json.dumps(asked).encode(), headers=headers_of(client), validate=check, classify=judge_limits
    )


def _check_page(reply: Reply, client: Client) -> None:
    """What may go wrong inside a 200: errors, the rate limit among them, or no page."""
    document = reply.json()
    errors = document.get("errors") if isinstance(document, Mapping) else None
    kinds = {error.get("type") for error in errors or () if isinstance(error, Mapping)}
    if "NOT_FOUND" in kinds:
        # not "absent": that would settle all months at once, for a slip in a name
        raise AskError(f"no such repository: {reply.quote()}")
    if "INVALID_CURSOR_ARGUMENTS" in kinds:
        raise _LostError(f"the host no longer knows the place in the walk: {reply.quote()}")
    if "RATE_LIMITED" in kinds or "rate limit" in str(errors).lower():
        raise BusyError(f"the rate limit is reached: {reply.quote()}", wait_hint(reply, client.clock.now()) or MIN_WAIT)
    if kinds & {"FORBIDDEN", "INSUFFICIENT_SCOPES"}:
        raise AskError(f"not allowed: {reply.quote()}")
    try:
        _page_of(document)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise BusyError(f"expected a page of stars, found {error}: {reply.quote()}") from error


def _check_order(pages: Sequence[_Page]) -> None:
    """No page twice, out of order or of another repository; raises ValueError where one is."""
    cursors = [page.cursor for page in pages if page.cursor]
    if len({*cursors}) != len(cursors):
        raise ValueError("a page of stars came twice")
    if len({page.repository_id for page in pages}) != 1:
        raise ValueError("the pages are of different repositories: the name changed hands in the middle")
    moments = [moment for page in pages for moment in page.given_at]
    if any(later > earlier for earlier, later in pairwise(moments)):
        raise ValueError("the pages of stars are not in order")
    if not all(page.has_next for page in pages[:-1]):
        raise ValueError("a page of stars follows the last one")


def _check_walk(pages: Sequence[_Page], scope: Scope) -> None:
    """In order, and none missing down to the first day; raises ValueError or IndexError where one is."""
    _check_order(pages)
    last, stars = pages[-1], sum(len(page.given_at) for page in pages)
    if last.has_next and last.given_at[-1].date() >= scope.period_start:
        raise ValueError(f"the pages of stars end at {last.given_at[-1]}, before the first day {scope.period_start}")
    total = pages[0].total
    if not last.has_next and not total * (1 - TOLERATED_LOSS) <= stars <= total:
        raise ValueError(f"{stars:,} stars came of {total:,}")


def _parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    """Stars by month. The walk is whole, so a month of the scope without a star has none."""
    try:
        pages = [_page_of(page) for page in json.loads(read_text(path, fetch.filename))]
        _check_walk(pages, fetch.scope)
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError) as error:
        raise ExtractError(f"{fetch.filename}: not a whole walk through the stars: {error}") from error
    (repository,) = fetch.scope.terms or ("",)
    stars = Counter(moment.date().replace(day=1) for page in pages for moment in page.given_at)
    for number, month in enumerate(_months(fetch.scope), start=1):
        fields: dict[str, Any] = {
            "repository": repository,
            "repository_id": pages[0].repository_id,
            "month_date": month,
            "stars": stars[month],
        }
        yield ParsedRow(fetch.scope.table, number, fields)


def _months(scope: Scope) -> Iterator[date]:
    month = scope.period_start
    while month < scope.period_end:
        yield month
        month = next_period(month, "month")


GRAPHQL = FileFormat(FORM, "pages of stars as the GraphQL API answers them", lambda _: None, _parse)
# the way to a month leads through all later ones, so all open months are one request
CONNECTOR = Connector(table="months", ask=_ask, terms="each", most_periods=10_000)
TABLES = {"months": MonthRow}
SOURCE = Source("github_stargazers", TABLES, (csv_format(**TABLES), GRAPHQL), CONNECTOR)
