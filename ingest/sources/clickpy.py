"""ClickPy: downloads by installer and month, asked of a public ClickHouse server.

Belongs here: the request in SQL, the raw table, and what a response must hold. What servers of this kind do alike is in
`ingest.clients.clickhouse`; naming a way of counting is dbt's work.

Whether a month is whole is told by a second package, which is downloaded every day (`busy` in the catalog's address):
the days on which it was not are days that the copy does not hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import model_validator

from ingest.clients.clickhouse import Kind, ask_sql, rows_of
from ingest.clients.http import Client
from ingest.errors import AskError, ExtractError, quoted
from ingest.formats.csv_file import csv_format
from ingest.formats.json_response import whole_number
from ingest.model import Connector, Fetch, FileFormat, ParsedRow, Request, Response, Scope, Source
from ingest.plan import next_period
from ingest.row_types import Count, ListedName, PastMonth, RawRow

SQL = """
SELECT
    toStartOfMonth(date) AS month_date, project, installer, sum(count) AS downloads, uniqExact(date) AS days,
    {busy:String} AS busy
FROM pypi.pypi_downloads_per_day_by_version_by_installer_by_type
WHERE project IN ({project:String}, {busy:String}) AND date >= {from:Date} AND date < {until:Date}
GROUP BY month_date, project, installer
ORDER BY month_date, project, installer
"""
COLUMNS: Mapping[str, Kind] = {
    "month_date": "text",
    "project": "text",
    "installer": "text",
    "downloads": "number",
    "days": "number",
    "busy": "text",
}
FORM = "clickhouse_json"


class DownloadRow(RawRow):
    """Downloads of one package by one installer in one calendar month, and how many of its days the publisher holds.

    An installer that the log could not name is empty.
    """

    key = ("project", "month_date", "installer")

    project: ListedName
    month_date: PastMonth
    installer: str
    downloads: Count
    days_held: Count

    @model_validator(mode="after")
    def _days_of_month(self) -> DownloadRow:
        days = (next_period(self.month_date, "month") - self.month_date).days
        if self.days_held > days:
            raise ValueError(f"days_held {self.days_held} is more than the {days} days of the month")
        return self


def ask(request: Request, client: Client) -> Response:
    """Downloads of one package in the months of the request.

    Raises:
        AskError: for a response that is refused, cut short, might be a part of the whole, or is about something else.
    """
    scope = request.scope
    params = {"project": request.term, "from": str(scope.period_start), "until": str(scope.period_end)}
    reply = ask_sql(client, SQL, params)
    filename = f"{request.term}_{scope.period_start:%Y-%m}_{scope.period_end:%Y-%m}.json"
    try:
        _rows(reply.body, scope, filename)
    except ExtractError as error:
        raise AskError(str(error)) from error
    return Response(reply.body, filename, FORM, reply.request)


def parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    """The rows of a response.

    A month without a row is not known and no zero: the server answers alike for a package that nobody fetched and for a
    name that it never heard of.

    Raises:
        ExtractError: for a response about other packages or months than were asked for, or with a row twice.
    """
    rows = _rows(path.read_bytes(), fetch.scope, fetch.filename)
    days_held = _days_held(rows)
    own = [row for row in rows if row["project"] in (fetch.scope.terms or ())]
    for number, row in enumerate(own, start=1):
        fields = {name: row[name] for name in ("project", "month_date", "installer", "downloads")}
        yield ParsedRow(fetch.scope.table, number, {**fields, "days_held": days_held.get(row["month_date"], 0)})


def _days_held(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """On how many days of each month the busy package was downloaded by its usual installer."""
    held: dict[str, int] = {}
    for row in rows:
        if row["project"] == row["busy"]:
            held[row["month_date"]] = max(held.get(row["month_date"], 0), int(row["days"]))
    return held


def _rows(body: bytes, scope: Scope, where: str) -> list[dict[str, Any]]:
    """The rows of a whole response to this request; raises ExtractError for any other, or a row that is repeated."""
    rows = rows_of(body, where, COLUMNS)
    terms = scope.terms or ()
    for row in rows:
        whole_number(row["days"], "days", where)
    if len({row["busy"] for row in rows}) > 1:
        raise ExtractError(f"{where}: expected one package that is downloaded every day; found several")
    strange = {row["project"] for row in rows} - {*terms, *(row["busy"] for row in rows)}
    strange |= {
        row["month_date"] for row in rows if not str(scope.period_start) <= row["month_date"] < str(scope.period_end)
    }
    if strange:
        asked = f"{', '.join(terms)} from {scope.period_start} until {scope.period_end}"
        raise ExtractError(f"{where}: expected {asked}; found {quoted(sorted(strange))}")
    keys = Counter((row["month_date"], row["project"], row["installer"]) for row in rows)
    if twice := [" ".join(key) for key, times in keys.items() if times > 1]:
        raise ExtractError(f"{where}: expected one row for each month and installer; twice: {', '.join(twice)}")
    return rows


SOURCE = Source(
    name="clickpy",
    tables={"downloads": DownloadRow},
    forms=(
        FileFormat(FORM, "the server's answer, as a connector lands it", lambda _: None, parse),
        csv_format(downloads=DownloadRow),
    ),
    # a request reads a package's whole history, however few months it is about: few requests, each about many months
    connector=Connector("downloads", ask, most_periods=60),
)
