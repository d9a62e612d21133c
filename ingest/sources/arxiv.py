"""arXiv: papers whose title or abstract names a term, by month of their first version.

Belongs here: the raw table, the request that the search API is asked, and reading its feed. Which names can be asked
for honestly is a matter of the catalog: a term that is also an ordinary word is not among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus
from xml.etree import ElementTree

from ingest.errors import BudgetError, ExtractError, FetchError, TurnedAwayError
from ingest.formats.counts import CountRow
from ingest.formats.csv_file import csv_format
from ingest.formats.json_response import check_by, count_of, quote, response_format, whole_number
from ingest.model import Connector, Fetch, ParsedRow, Request, Response, Scope, Source

if TYPE_CHECKING:
    from ingest.clients.http import Client
    from ingest.clients.response import Reply

NAME, FORM = "arxiv", "atom"
ATOM, SEARCH = "{http://www.w3.org/2005/Atom}", "{http://a9.com/-/spec/opensearch/1.1/}"
ERRORS = "/api/errors"
STAMP = re.compile(r"(?<!\d)\d{12}(?!\d)")


def total_of(body: bytes, where: str, scope: Scope) -> int:
    """How many papers a feed speaks of.

    The number is read last: an error is a feed too, and says 1. One paper of the feed is looked at, since it shows
    whether the response is about the period that was asked for.

    Raises:
        ExtractError: for no feed, an error, an empty page, a response about another period, or about another name or
            none: a zero that nobody asked for is no zero.
    """
    feed = _feed(body, where)
    entries = feed.findall(f"{ATOM}entry")
    if error := _error_in(feed):
        raise ExtractError(f"{where}: arXiv says: {error}")
    total = whole_number((feed.findtext(f"{SEARCH}totalResults") or "").strip(), "totalResults", where)
    if (total > 0) != bool(entries):
        raise ExtractError(f"{where}: the feed speaks of {total} papers and lists {len(entries)}: an empty page")
    echo = _echo(feed)
    if (term := _term(scope)) and term.casefold() not in echo.casefold():
        raise ExtractError(f"{where}: the response does not say that it is about {term}; it says {echo!r:.200}")
    echoed = sorted({*STAMP.findall(echo)})
    if echoed and echoed != sorted(_stamps(scope)):
        raise ExtractError(f"{where}: the response is about {' to '.join(echoed)}, not {' to '.join(_stamps(scope))}")
    for entry in entries:
        _check_period(entry, where, scope)
    return total


def _echo(feed: ElementTree.Element) -> str:
    """What was asked, as the feed repeats it: in its title, or in the address of itself."""
    links = [link.get("href") or "" for link in feed.findall(f"{ATOM}link")]
    return " ".join([feed.findtext(f"{ATOM}title") or "", *(unquote_plus(link) for link in links)])


def _term(scope: Scope) -> str:
    return scope.terms[0] if scope.terms and len(scope.terms) == 1 else ""


def _feed(body: bytes, where: str) -> ElementTree.Element:
    try:
        feed = ElementTree.fromstring(body)  # noqa: S314 - expat itself stops entities that grow
    except ElementTree.ParseError as error:
        raise ExtractError(f"{where}: expected an Atom feed; found {quote(body)}") from error
    if feed.tag != f"{ATOM}feed":
        raise ExtractError(f"{where}: expected an Atom feed; found {quote(body)}")
    return feed


def _error_in(feed: ElementTree.Element) -> str:
    """What went wrong in arXiv's words, empty where nothing did."""
    for entry in feed.findall(f"{ATOM}entry"):
        if ERRORS in (entry.findtext(f"{ATOM}id") or ""):
            return " ".join((entry.findtext(f"{ATOM}summary") or "an error without words").split())
    return ""


def _check_period(entry: ElementTree.Element, where: str, scope: Scope) -> None:
    published = (entry.findtext(f"{ATOM}published") or "").strip()
    try:
        day = datetime.fromisoformat(published).date()
    except ValueError as error:
        raise ExtractError(f"{where}: expected the day of a paper's first version; found {published!r}") from error
    if not scope.period_start <= day < scope.period_end:
        raise ExtractError(f"{where}: a paper of {day} in a response about {scope.period_start} to {scope.period_end}")


def _stamps(scope: Scope) -> tuple[str, str]:
    """First and last minute of the period, as arXiv writes them."""
    return f"{scope.period_start:%Y%m%d}0000", f"{scope.period_end - timedelta(days=1):%Y%m%d}2359"


def fetch(request: Request, client: Client) -> Response:
    """The total of one name and month; `max_results` 0 is refused, so one paper comes with it.

    Raises:
        BudgetError: where arXiv turns us away, however long the waits: since 2026 it does so to some who keep to its
            terms, and asking for the next month at once would be no better.
    """
    term, scope = request.term, request.scope
    first, last = _stamps(scope)
    params = {
        # not all fields: some names are people's names too
        "search_query": f'(ti:"{term}" OR abs:"{term}") AND submittedDate:[{first} TO {last}]',
        "start": "0",
        "max_results": "1",
        "sortBy": "submittedDate",
        "sortOrder": "ascending",
    }
    check = check_by(partial(total_of, scope=scope))
    try:
        reply = client.get(f"{client.url}/query", params, validate=check, classify=_classify)
    except TurnedAwayError as error:
        raise BudgetError(f"arXiv turns us away for now: {error}") from error
    return Response(reply.body, f"{term}_{scope.period_start:%Y-%m}.xml", FORM, reply.request)


def _classify(reply: Reply) -> None:
    """A request that arXiv refuses is answered by a feed with its reason."""
    if reply.status == HTTPStatus.BAD_REQUEST:
        try:
            message = _error_in(_feed(reply.body, "the reply"))
        except ExtractError as error:
            raise FetchError(f"status 400: {error}") from error
        raise FetchError(f"status 400: arXiv says: {message}")


def _parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    yield count_of(fetch, total_of(path.read_bytes(), fetch.filename, fetch.scope))


SOURCE = Source(
    name=NAME,
    tables={"counts": CountRow},
    forms=(csv_format(counts=CountRow), response_format(FORM, "a feed of arXiv's search, as answered", _parse)),
    connector=Connector(table="counts", fetch=fetch),
)
