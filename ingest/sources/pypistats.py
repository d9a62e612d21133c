"""PyPI Stats: downloads by day of the last 180 days, with and without mirrors.

Belongs here: the request, the raw table, and what a response must hold. It is a cross-check of recent months; making
months of days is dbt's work.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from ingest.clients.http import Client
from ingest.clients.response import Reply, raise_if_missing
from ingest.errors import BusyError, ExtractError
from ingest.formats.csv_file import csv_format
from ingest.model import Connector, Fetch, FileFormat, ParsedRow, Request, Response, Source
from ingest.row_types import Count, ListedName, PastDate, RawRow

SERIES = "overall_downloads"


class DayRow(RawRow):
    """Downloads of one package on one day (UTC), all of them or without those by four known mirrors."""

    key = ("package", "day_date", "category")

    package: ListedName
    day_date: PastDate
    category: Literal["with_mirrors", "without_mirrors"]
    downloads: Count


def fetch(request: Request, client: Client) -> Response:
    """The days that the publisher still has of one package.

    Raises:
        NotAvailableError: for a package that it does not know.
    """

    def check(reply: Reply) -> None:
        try:
            _days(reply.json(), request.term, "reply")
        except ExtractError as error:
            raise BusyError(str(error)) from error

    reply = client.get(f"{client.url}/packages/{request.term}/overall", validate=check, classify=raise_if_missing)
    return Response(reply.body, f"{request.term}_{request.scope.period_start}.json", "json", reply.request)


def parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    """The rows of a response; the package is the one that was asked for.

    Raises:
        ExtractError: for a response about another package, or without days.
    """
    (package,) = fetch.scope.terms or ("",)
    try:
        reply = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ExtractError(f"{fetch.filename}: not readable as JSON: {error}") from error
    for number, day in enumerate(_days(reply, package, fetch.filename), start=1):
        fields = {"package": package, "day_date": day.get("date"), "category": day.get("category")}
        yield ParsedRow("days", number, {**fields, "downloads": day.get("downloads")})


def _days(reply: Any, package: str, where: str) -> list[dict[str, Any]]:  # noqa: ANN401 - as it was answered
    echo = (reply.get("package"), reply.get("type")) if isinstance(reply, dict) else None
    if echo != (package, SERIES):
        raise ExtractError(f"{where}: expected {SERIES} of {package}; found {echo}")
    days = reply.get("data")
    if not isinstance(days, list) or not days or not all(isinstance(day, dict) for day in days):
        raise ExtractError(f"{where}: no days of {package}; expected up to 180 for each category")
    keys = Counter((str(day.get("date")), str(day.get("category"))) for day in days)
    if duplicates := [" ".join(key) for key, times in keys.items() if times > 1]:
        raise ExtractError(f"{where}: expected one row for each day and category; twice: {', '.join(duplicates)}")
    return days


SOURCE = Source(
    name="pypistats",
    tables={"days": DayRow},
    forms=(
        FileFormat("json", "the publisher's answer, as a connector lands it", lambda _: None, parse),
        csv_format(days=DayRow),
    ),
    connector=Connector("days", fetch, sees_past=False),
)
