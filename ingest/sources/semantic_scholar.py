"""Semantic Scholar: works whose title or abstract names a term, by year; the publisher calls its totals estimates.

Belongs here: the raw table, the request, and reading the reply. Only the first page is asked for: it carries the
total, and enough works to see that year and name were understood, which the reply does not repeat.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.errors import BudgetError, ExtractError
from ingest.formats.counts import CountRow
from ingest.formats.csv_file import csv_format
from ingest.formats.json_response import check_by, count_of, json_object, response_format, whole_number
from ingest.model import Connector, Fetch, ParsedRow, Request, Response, Source

if TYPE_CHECKING:
    from ingest.clients.http import Client
    from ingest.clients.response import Reply

NAME, FORM = "semantic_scholar", "bulk"


def total_of(body: bytes, where: str, year: int, term: str = "") -> int:
    """How many works the publisher estimates.

    Raises:
        ExtractError: for an error, a page that does not fit its total, or works of another year, or none of which names
            the term.
    """
    reply = json_object(body, where)
    works = reply.get("data")
    if not isinstance(works, list) or not all(isinstance(work, dict) for work in works):
        said = reply.get("error") or reply.get("message") or f"no list of works but {', '.join(sorted(reply))}"
        raise ExtractError(f"{where}: Semantic Scholar says: {said}")
    total = whole_number(reply.get("total"), "total", where)
    is_whole = len(works) == total if not reply.get("token") else 0 < len(works) <= total
    if not is_whole or len({str(work.get("paperId")) for work in works}) != len(works):
        raise ExtractError(f"{where}: a total of {total:,} does not fit the {len(works):,} works of the page")
    if strangers := sorted({str(work.get("year", "no year")) for work in works if work.get("year") != year}):
        raise ExtractError(f"{where}: works of {', '.join(strangers)} in a response about {year}")
    _check_about(works, where, term)
    return total


def _check_about(works: Sequence[Mapping[str, Any]], where: str, term: str) -> None:
    """Some work must name the term: a response to another question has a total too. Older ones have no titles."""
    texts = [f"{work.get('title')} {work.get('abstract')}".casefold() for work in works if "title" in work]
    if texts and not any(term.casefold() in text for text in texts):
        raise ExtractError(f"{where}: none of {len(works):,} works names {term}: a response to another question")


def _check_reply(body: bytes, where: str, year: int, term: str) -> None:
    """A new reply, which must hold what was asked for."""
    total_of(body, where, year, term)
    if any("title" not in work for work in json_object(body, where)["data"]):
        raise ExtractError(f"{where}: works without a title, which was asked for")


def fetch(request: Request, client: Client) -> Response:
    """The first page of one name and year."""
    year = request.scope.period_start.year
    params = {"query": f'"{request.term}"', "year": str(year), "fields": "paperId,year,title,abstract"}
    key = client.credential()
    check = check_by(partial(_check_reply, year=year, term=request.term))
    reply = client.get(
        f"{client.url}/paper/search/bulk",
        params,
        {"x-api-key": key} if key else None,
        validate=check,
        classify=_classify,
    )
    return Response(reply.body, f"{request.term}_{year}.json", FORM, reply.request)


def _classify(reply: Reply) -> None:
    """A key that is refused is refused for every request."""
    if reply.status == HTTPStatus.FORBIDDEN:
        raise BudgetError(f"status 403, as for a bad key: {reply.quote()}")


def _parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    (term,) = fetch.scope.terms or ("",)
    yield count_of(fetch, total_of(path.read_bytes(), fetch.filename, fetch.scope.period_start.year, term))


SOURCE = Source(
    name=NAME,
    tables={"counts": CountRow},
    forms=(csv_format(counts=CountRow), response_format(FORM, "a page of the bulk search, as answered", _parse)),
    connector=Connector(table="counts", fetch=fetch),
)
