"""Semantic Scholar: works whose title or abstract names a term, by year; the publisher calls its totals estimates.

Belongs here: the raw table, the request, and reading the reply. Only the first page is asked for: it carries the
total, and enough works to see that the year was understood.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import ExtractError, SpentError
from ingest.formats.counts import CountRow
from ingest.formats.csv_file import csv_format
from ingest.formats.json_response import check_by, count_of, json_object, response_format, whole_number
from ingest.model import Connector, Fetch, ParsedRow, Request, Response, Source

if TYPE_CHECKING:
    from ingest.clients.http import Client
    from ingest.clients.response import Reply

NAME, FORM = "semantic_scholar", "bulk"


def total_of(body: bytes, where: str, year: int) -> int:
    """How many works the publisher estimates.

    Raises:
        ExtractError: for an error, a page that does not fit its total, or works of another year.
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
    return total


def ask(request: Request, client: Client) -> Response:
    """The first page of one name and year."""
    year = request.scope.period_start.year
    params = {"query": f'"{request.term}"', "year": str(year), "fields": "paperId,year"}
    key = client.credential()
    check = check_by(partial(total_of, year=year))
    reply = client.get(
        f"{client.url}/paper/search/bulk", params, {"x-api-key": key} if key else None, validate=check, classify=_judge
    )
    return Response(reply.body, f"{request.term}_{year}.json", FORM, reply.request)


def _judge(reply: Reply) -> None:
    """A key that is refused is refused for every request."""
    if reply.status == HTTPStatus.FORBIDDEN:
        raise SpentError(f"status 403, as for a bad key: {reply.quote()}")


def _parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    yield count_of(fetch, total_of(path.read_bytes(), fetch.filename, fetch.scope.period_start.year))


SOURCE = Source(
    name=NAME,
    tables={"counts": CountRow},
    forms=(csv_format(counts=CountRow), response_format(FORM, "a page of the bulk search, as answered", _parse)),
    connector=Connector(table="counts", ask=ask),
)
