"""npm: downloads of the JavaScript builds by month, summed from the publisher's days.

Belongs here: the request, the raw table, and what a response must hold. A range that is too long is cut by the
publisher without a word, so a response counts only if it repeats the range and the name that were asked for, and has
each day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote as in_address

from pydantic import model_validator

from ingest.errors import ExtractError
from ingest.formats.csv_file import csv_format
from ingest.formats.json_response import check_by, json_object, response_format, whole_number
from ingest.formats.population import check_days
from ingest.model import Connector, Fetch, ParsedRow, Request, Response, Scope, Source
from ingest.plan import months_between, next_period
from ingest.row_types import Count, ListedName, PastMonth, RawRow

if TYPE_CHECKING:
    from ingest.clients.http import Client

FORM = "range"
MAX_MONTHS = 11
"""The publisher answers up to 365 days of one package at once; twelve months may have 366."""


class MonthRow(RawRow):
    """Downloads of one package in one calendar month, and on how many of its days the publisher counted any.

    A day without a download is one on which the counter stood, or on which nobody fetched: which of them is not told.
    """

    key = ("package", "month_date")

    package: ListedName
    month_date: PastMonth
    downloads: Count
    days_held: Count

    @model_validator(mode="after")
    def _of_the_month(self) -> MonthRow:
        check_days(self.month_date, self.days_held)
        return self


def days_of(body: bytes, where: str, scope: Scope) -> dict[date, int]:
    """Downloads by day, of every day of the scope.

    Raises:
        ExtractError: for an error, another package, another range than was asked for, or days missing or repeated.
    """
    reply = json_object(body, where)
    if "error" in reply:
        raise ExtractError(f"{where}: npm says: {reply['error']!s:.200}")
    expected = [scope.period_start + timedelta(days=day) for day in range((scope.period_end - scope.period_start).days)]
    (package,) = scope.terms or ("",)
    echoed = [reply.get(name) for name in ("package", "start", "end")]
    if echoed != [package, str(expected[0]), str(expected[-1])]:
        raise ExtractError(f"{where}: expected {package} from {expected[0]} to {expected[-1]}; found {echoed}")
    rows = reply.get("downloads")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ExtractError(f"{where}: expected a list of days; found {rows!r:.80}")
    if [row.get("day") for row in rows] != [str(day) for day in expected]:
        raise ExtractError(f"{where}: expected each of {len(expected)} days once, in order; found {len(rows)}")
    counts = (whole_number(row.get("downloads"), "the downloads of a day", where) for row in rows)
    return dict(zip(expected, counts, strict=True))


def fetch(request: Request, client: Client) -> Response:
    """The days of one package; its name is one part of the address, whatever is in it."""
    scope = request.scope
    span = f"{scope.period_start}:{scope.period_end - timedelta(days=1)}"
    url = f"{client.url}/downloads/range/{span}/{in_address(request.term, safe='@')}"
    reply = client.get(url, validate=check_by(partial(days_of, scope=scope)))
    filename = f"{request.term.replace('/', '__')}_{scope.period_start:%Y-%m}_{scope.period_end:%Y-%m}.json"
    return Response(reply.body, filename, FORM, reply.request)


def _parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    """One row for each month. One in which no day has a download is not known."""
    days = days_of(path.read_bytes(), fetch.filename, fetch.scope)
    (package,) = fetch.scope.terms or ("",)
    number = 0
    for month in months_between(fetch.scope.period_start, fetch.scope.period_end):
        after = next_period(month, "month")
        counts = [count for day, count in days.items() if month <= day < after]
        if any(counts):
            number += 1
            fields: dict[str, Any] = {"package": package, "month_date": str(month), "downloads": sum(counts)}
            yield ParsedRow(fetch.scope.table, number, {**fields, "days_held": sum(count > 0 for count in counts)})


SOURCE = Source(
    name="npm",
    tables={"months": MonthRow},
    forms=(csv_format(months=MonthRow), response_format(FORM, "the days of a range, as answered", _parse)),
    connector=Connector("months", fetch, most_periods=MAX_MONTHS),
)
