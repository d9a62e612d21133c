"""GH Archive: stars as they were given, by repository and month, from a public ClickHouse copy of its events.

Belongs here: the two queries, and what their replies say about which months are whole. Stars that were withdrawn later
are counted, since nobody saw them go; the present ones by date are those of `github_stargazers`.

A repository is known by its number, so a rename changes nothing. How far the copy goes, and whether a month is in it at
all, is told by a second repository, in which something happens every hour; the catalog's address names it (`busy`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import model_validator

from ingest.clients.clickhouse import Kind, fetch_sql, rows_of
from ingest.clients.http import Client
from ingest.errors import ExtractError, FetchError, giving_up
from ingest.formats.csv_file import csv_format
from ingest.model import Connector, Fetch, FileFormat, ParsedRow, Request, Response, Source
from ingest.plan import next_period
from ingest.row_types import Count, PastMonth, RawRow, Text, ordered

NUMBERS = """
SELECT DISTINCT repo_name, repo_id
FROM repo_name_to_id
WHERE repo_name IN ({name:String}, {busy:String}) AND repo_id != ''
ORDER BY repo_name, repo_id
"""
# the archive holds some events twice, and its copy has no event id: who did what when is an event; its months are those
# of UTC, whatever the zone of the server
MONTHS = """
SELECT
    repo_id,
    toStartOfMonth(toTimeZone(created_at, 'UTC')) AS month,
    uniqExactIf((actor_login, created_at), event_type = 'WatchEvent') AS stars,
    count() AS events,
    max(toTimeZone(created_at, 'UTC')) AS last_at
FROM github_events
WHERE repo_id IN {ids:Array(String)} AND created_at >= toDateTime({from:Date}, 'UTC')
    AND created_at < toDateTime({until:Date}, 'UTC')
GROUP BY repo_id, month
ORDER BY repo_id, month
"""
NUMBER_COLUMNS: Mapping[str, Kind] = {"repo_name": "text", "repo_id": "text"}
MONTH_COLUMNS: Mapping[str, Kind] = {
    "repo_id": "text",
    "month": "text",
    "stars": "number",
    "events": "number",
    "last_at": "text",
}
FORM = "clickhouse_events"
BETWEEN = b",\n"


class MonthRow(RawRow):
    """Stars given to one repository in one month, and how many events of any kind the archive has of that month."""

    one_row_for = ("repository", "month_date")

    repository: Text
    repository_id: Count
    month_date: PastMonth
    stars: Count
    events: Count

    @model_validator(mode="after")
    def _part_of_all(self) -> MonthRow:
        ordered(self, "stars", "events")
        return self


@dataclass(frozen=True)
class _Replies:
    """Both replies: the repository's number, and counts by number and month."""

    number: str
    months: Sequence[dict[str, Any]]

    @property
    def whole_until(self) -> date:
        """The first day of the month of the newest event of either repository: that month may not be whole."""
        newest = max(datetime.fromisoformat(row["last_at"]).date() for row in self.months)
        return newest.replace(day=1)


def _fetch(request: Request, client: Client) -> Response:
    """The months of one repository that the copy holds whole."""
    with giving_up():
        return _answer(request, client)


def _answer(request: Request, client: Client) -> Response:
    scope = request.scope
    numbers = fetch_sql(client, NUMBERS, {"name": request.term})
    rows = rows_of(numbers.body, "numbers", NUMBER_COLUMNS)
    if not any(row["repo_name"] == request.term for row in rows):
        raise FetchError(f"the archive knows no repository by the name {request.term}")
    until = next_period(scope.period_end, "month")
    span = {"from": scope.period_start.isoformat(), "until": until.isoformat()}
    months = fetch_sql(client, MONTHS, {"ids": sorted({row["repo_id"] for row in rows}), **span})
    body = b"[" + numbers.body.strip() + BETWEEN + months.body.strip() + b"]\n"
    replies = _read(body, request.term, request.term)
    if not replies.months or replies.whole_until <= scope.period_start:
        raise FetchError(
            f"the archive's copy has no whole month of {request.term} from {scope.period_start}: it is behind"
        )
    covered = replace(scope, period_end=min(replies.whole_until, scope.period_end))
    filename = f"{request.term.replace('/', '__')}_events.json"
    return Response(body, filename, FORM, {"queries": [numbers.request, months.request]}, scope=covered)


def _read(body: bytes, repository: str, where: str) -> _Replies:
    """Both replies, each checked to be whole; raises ExtractError where one is not."""
    try:
        numbers, months = json.loads(body)
    except (ValueError, TypeError, RecursionError) as error:
        raise ExtractError(f"{where}: expected two replies: {error}") from error
    listed = rows_of(json.dumps(numbers).encode(), f"{where}, numbers", NUMBER_COLUMNS)
    counted = rows_of(json.dumps(months).encode(), f"{where}, months", MONTH_COLUMNS)
    of_name = [row["repo_id"] for row in listed if row["repo_name"] == repository]
    if not of_name or not all(re.fullmatch(r"[0-9]{1,18}", number) for number in of_name):
        raise ExtractError(f"{where}: no number of {repository}; found {of_name}")
    _check_moments(counted, where)
    # a name may have been another repository's before: numbers grow with time, so the newest is the present one
    return _Replies(max(of_name, key=int), counted)


def _check_moments(counted: Sequence[dict[str, Any]], where: str) -> None:
    for row in counted:
        try:
            date.fromisoformat(row["month"])
            datetime.fromisoformat(row["last_at"])
        except ValueError as error:
            raise ExtractError(f"{where}: expected a month and its newest event; found {row!r:.200}") from error


def _parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    """Stars by month. A month in which the archive holds events, but none of this repository, is a true zero.

    A month of which it holds nothing at all is not known, and not stated.
    """
    (repository,) = fetch.scope.terms or ("",)
    replies = _read(path.read_bytes(), repository, fetch.filename)
    own = {row["month"]: row for row in replies.months if row["repo_id"] == replies.number}
    for number, month in enumerate(sorted({row["month"] for row in replies.months}), start=1):
        if month >= fetch.scope.period_end.isoformat():
            continue
        counts = own.get(month, {"stars": 0, "events": 0})
        fields: dict[str, Any] = {
            "repository": repository,
            "repository_id": replies.number,
            "month_date": month,
            "stars": counts["stars"],
            "events": counts["events"],
        }
        yield ParsedRow(fetch.scope.table, number, fields)


EVENTS = FileFormat(FORM, "two replies of a ClickHouse server", lambda _: None, _parse)
CONNECTOR = Connector(table="months", fetch=_fetch, terms="each", most_periods=120)
TABLES = {"months": MonthRow}
SOURCE = Source("gharchive", TABLES, (csv_format(**TABLES), EVENTS), CONNECTOR)
