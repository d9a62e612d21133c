"""Stack Exchange: questions on Stack Overflow by tag and month, those that still exist today.

Belongs here: the raw table, the question, and reading the total. A name of two tags with `;` between them is asked for
as it stands: the publisher counts questions with both, from which dbt makes the exact count of either.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import BusyError, ExtractError
from ingest.formats.counts import CountRow
from ingest.formats.csv_file import csv_format
from ingest.formats.json_response import check_by, count_of, json_object, response_format, whole_number
from ingest.model import Connector, Fetch, ParsedRow, Request, Response, Source

if TYPE_CHECKING:
    from ingest.clients.http import Client
    from ingest.clients.response import Reply

NAME, FORM, SITE = "stack_exchange", "total", "stackoverflow"
THROTTLED, UNAVAILABLE = 502, 503
SECONDS = re.compile(r"(\d+) seconds")


def total_of(body: bytes, where: str) -> int:
    """How many questions: 0 is a count, since the catalog lists tags that exist.

    Raises:
        ExtractError: for an error, or no total.
    """
    reply = json_object(body, where)
    if "error_id" in reply:
        raise ExtractError(f"{where}: Stack Exchange says: {reply.get('error_name')}: {reply.get('error_message')}")
    return whole_number(reply.get("total"), "total", where)


def fetch(request: Request, client: Client) -> Response:
    """The total of one name and month; both ends belong to it."""
    term, scope = request.term, request.scope
    params = {
        "site": SITE,
        "tagged": term,
        "fromdate": str(_seconds(scope.period_start)),
        "todate": str(_seconds(scope.period_end) - 1),
        "filter": "total",
    }
    if key := client.credential():
        params["key"] = key
    reply = client.get(f"{client.url}/questions", params, validate=check_by(total_of), classify=_classify)
    if pause := json_object(reply.body, NAME).get("backoff"):
        # the next question is of the same method: it must wait for so long
        client.pause(whole_number(pause, "backoff", NAME))
    return Response(reply.body, f"{term}_{scope.period_start:%Y-%m}.json", FORM, reply.request)


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _classify(reply: Reply) -> None:
    """A throttled question comes back as a status 400, with the seconds to wait in its words."""
    try:
        reply_fields = json.loads(reply.body)
    except (ValueError, RecursionError):
        return
    if isinstance(reply_fields, dict) and reply_fields.get("error_id") in (THROTTLED, UNAVAILABLE):
        words = str(reply_fields.get("error_message"))
        seconds = SECONDS.search(words)
        raise BusyError(f"{reply_fields.get('error_name')}: {words}", float(seconds.group(1)) if seconds else None)


def _parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    yield count_of(fetch, total_of(path.read_bytes(), fetch.filename))


SOURCE = Source(
    name=NAME,
    tables={"counts": CountRow},
    forms=(csv_format(counts=CountRow), response_format(FORM, "a total, as answered", _parse)),
    connector=Connector(table="counts", fetch=fetch),
)
