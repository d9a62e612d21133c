"""ClickPy: downloads by installer and month, asked of a public ClickHouse server.

Belongs here: the requests in SQL, the raw tables, and what a response must hold. What servers of this kind do alike is
in `ingest.clients.clickhouse`; naming a way of counting is dbt's work.

Whether a month is whole is told by a second package, which is downloaded every day (`busy` in the catalog's address):
the days on which it was not are days that the copy does not hold.

The population is the packages downloaded most of all time: which they are is read in a moment, while a list of one
month would read more than the public user may. Whoever had more in a year than the last of them ever had is among them,
so that a cohort can be chosen by earlier figures alone. By installer the first of them are asked for, in parts; a part
that the server refuses to read is not known.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import model_validator

from ingest.clients.clickhouse import Kind, TooMuchError, fetch_sql, rows_of
from ingest.clients.http import Client
from ingest.errors import ExtractError, NotAvailableError, giving_up, quoted
from ingest.formats.csv_file import csv_format
from ingest.formats.json_response import whole_number
from ingest.formats.population import MIRRORS_IN_SQL, check_days
from ingest.model import Connector, Fetch, FileFormat, ParsedRow, Population, Request, Response, Scope, Source
from ingest.row_types import Count, ListedName, OptionalCount, PastMonth, RawRow, Text, TextList

SQL = """
SELECT
    toStartOfMonth(date) AS month_date, project, installer, sum(count) AS downloads, uniqExact(date) AS days,
    {busy:String} AS busy
FROM pypi.pypi_downloads_per_day_by_version_by_installer_by_type
WHERE project IN ({project:String}, {busy:String}) AND date >= {from:Date} AND date < {until:Date}
GROUP BY month_date, project, installer
ORDER BY month_date, project, installer
"""
FIRST, MONTHS = 5_000, 12
"""So many packages, and so many months at most, are one population."""
PART, MAX_PARTS = 250, 4
"""Of so many packages at once, and so many times, the table by installer is read."""
LARGEST = """
SELECT project, sum(count) AS total, {first:UInt32} AS first
FROM pypi.pypi_downloads
WHERE project != ''
GROUP BY project
ORDER BY total DESC, project
"""
IN_MONTH = "toStartOfMonth(date) = addMonths({from:Date}, %d)"


def _each_month(column: str, name: str) -> str:
    """A column for each month, counted from the first; `%s` in its expression is the condition that a row is of it."""
    return ",\n    ".join(f"{column % (IN_MONTH % month)} AS {name}_{month}" for month in range(MONTHS))


POPULATION = f"""
SELECT
    project,
    {{busy:String}} AS busy,
    {_each_month("sumIf(count, %s)", "downloads")},
    {_each_month("uniqExactIf(date, project = {busy:String} AND %s)", "days")}
FROM pypi.pypi_downloads_per_day
WHERE
    (project = {{busy:String}} OR project IN (SELECT project FROM ({LARGEST} LIMIT {{first:UInt32}})))
    AND date >= {{from:Date}} AND date < {{until:Date}}
GROUP BY project
ORDER BY project
"""
BY_INSTALLER = f"""
SELECT
    project,
    {_each_month("sumIf(count, installer = 'pip' AND %s)", "pip_only")},
    {_each_month(f"sumIf(count, installer NOT IN {MIRRORS_IN_SQL} AND %s)", "without_mirrors")}
FROM pypi.pypi_downloads_per_day_by_version_by_installer_by_type
WHERE
    project IN (SELECT project FROM ({LARGEST} LIMIT {{part:UInt32}} OFFSET {{skipped:UInt32}}))
    AND date >= {{from:Date}} AND date < {{until:Date}}
GROUP BY project
ORDER BY project
"""


def _numbers(*names: str) -> dict[str, Kind]:
    return {f"{name}_{month}": "number" for name in names for month in range(MONTHS)}


LARGEST_COLUMNS: Mapping[str, Kind] = {"project": "text", "total": "number", "first": "number"}
POPULATION_COLUMNS: Mapping[str, Kind] = {"project": "text", "busy": "text", **_numbers("downloads", "days")}
PART_COLUMNS: Mapping[str, Kind] = {"project": "text", **_numbers("pip_only", "without_mirrors")}
COLUMNS: Mapping[str, Kind] = {
    "month_date": "text",
    "project": "text",
    "installer": "text",
    "downloads": "number",
    "days": "number",
    "busy": "text",
}
FORM, POPULATION_FORM = "clickhouse_json", "clickhouse_population"
BETWEEN = b",\n"
COUNTED = re.compile(r"[0-9]{1,18}")


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
        check_days(self.month_date, self.days_held)
        return self


class PopulationRow(RawRow):
    """One of the packages downloaded most of all time, with what it had in each of some months from `month_date` on.

    The lists have a number for each month. `smallest_total` is what the last of the packages had of all time, 0 where
    there is no other package; `smallest_total_by_installer` the same of those that were counted by installer, and empty
    where none was. `days_held` is how many days of each month the publisher holds.
    """

    one_row_for = ("package", "month_date")

    package: Text
    month_date: PastMonth
    total: Count
    all_installers: TextList
    pip_only: TextList
    without_mirrors: TextList
    days_held: TextList
    smallest_total: Count
    smallest_total_by_installer: OptionalCount

    @model_validator(mode="after")
    def _of_the_months(self) -> PopulationRow:
        months = len(self.all_installers)
        for name in ("all_installers", "days_held", "pip_only", "without_mirrors"):
            texts: list[str] = getattr(self, name)
            if len(texts) not in ({months} if name in ("all_installers", "days_held") else {0, months}):
                raise ValueError(f"{name} has {len(texts)} months, all_installers {months}")
            if malformed := [text for text in texts if not COUNTED.fullmatch(text)]:
                raise ValueError(f"{name}: {malformed[0]!r:.40} is no count")
        return self


def fetch(request: Request, client: Client) -> Response:
    """What is asked for: the months of one package, or the population of some months."""
    return (_fetch_population if request.scope.table == "population" else _fetch_package)(request, client)


def _fetch_package(request: Request, client: Client) -> Response:
    """Downloads of one package in the months of the request.

    Raises:
        FetchError: for a response that is refused, cut short, might be a part of the whole, or is about something else.
    """
    scope = request.scope
    params = {"project": request.term, "from": str(scope.period_start), "until": str(scope.period_end)}
    reply = fetch_sql(client, SQL, params)
    filename = f"{request.term}_{scope.period_start:%Y-%m}_{scope.period_end:%Y-%m}.json"
    with giving_up():
        _rows(reply.body, scope, filename)
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
    days_by_month: dict[str, int] = {}
    for row in rows:
        if row["project"] == row["busy"]:
            days_by_month[row["month_date"]] = max(days_by_month.get(row["month_date"], 0), int(row["days"]))
    return days_by_month


def _rows(body: bytes, scope: Scope, where: str) -> list[dict[str, Any]]:
    """The rows of a whole response to this request; raises ExtractError for any other, or a row that is repeated."""
    rows = rows_of(body, where, COLUMNS)
    terms = scope.terms or ()
    for row in rows:
        whole_number(row["days"], "days", where)
    if len({row["busy"] for row in rows}) > 1:
        raise ExtractError(f"{where}: expected one package that is downloaded every day; found several")
    unexpected = {row["project"] for row in rows} - {*terms, *(row["busy"] for row in rows)}
    unexpected |= {
        row["month_date"] for row in rows if not str(scope.period_start) <= row["month_date"] < str(scope.period_end)
    }
    if unexpected:
        requested = f"{', '.join(terms)} from {scope.period_start} until {scope.period_end}"
        raise ExtractError(f"{where}: expected {requested}; found {quoted(sorted(unexpected))}")
    keys = Counter((row["month_date"], row["project"], row["installer"]) for row in rows)
    if duplicates := [" ".join(key) for key, times in keys.items() if times > 1]:
        raise ExtractError(f"{where}: expected one row for each month and installer; twice: {', '.join(duplicates)}")
    return rows


def _fetch_population(request: Request, client: Client) -> Response:
    """The largest packages in the months of the request, and the first of them by installer as far as that is answered.

    Raises:
        NotAvailableError: where the server refuses to read so much.
        FetchError: for a response that is cut short, might be a part of the whole, or is about something else.
    """
    scope = request.scope
    span = {"from": str(scope.period_start), "until": str(scope.period_end)}
    try:
        largest = fetch_sql(client, f"{LARGEST}LIMIT {{first:UInt32}}", {"first": str(FIRST)})
        replies = [largest, fetch_sql(client, POPULATION, {"first": str(FIRST), **span})]
    except TooMuchError as error:
        raise NotAvailableError(str(error)) from error
    refused = ""
    for part in range(MAX_PARTS):
        try:
            params = {"first": str(FIRST), "part": str(PART), "skipped": str(part * PART), **span}
            replies.append(fetch_sql(client, BY_INSTALLER, params))
        except TooMuchError as error:
            refused = str(error)
            break
    body = b"[" + BETWEEN.join(reply.body.strip() for reply in replies) + b"]\n"
    filename = f"population_{scope.period_start:%Y-%m}_{scope.period_end:%Y-%m}.json"
    with giving_up():
        _population_of(body, scope, filename)
    sent = {**replies[1].request, "replies": len(replies), **({"refused": refused} if refused else {})}
    return Response(body, filename, POPULATION_FORM, sent)


@dataclass(frozen=True)
class _Population:
    """The replies about some months: the packages in the order of their totals, and what was counted of each."""

    totals: Mapping[str, int]
    first: int
    busy: str
    months: int
    counted: Mapping[str, Mapping[str, Any]]
    by_installer: Mapping[str, Mapping[str, Any]]
    parts: int

    def numbers(self, package: str, name: str) -> list[str]:
        """A number for each month; a package without a row is among those that were asked for, and truly has none."""
        rows = self.counted if name in ("downloads", "days") else self.by_installer
        row = rows.get(package, {})
        return [str(row.get(f"{name}_{month}", 0)) for month in range(self.months)]

    @property
    def smallest(self) -> int:
        """What the last package had of all time; 0 where the list is not full, so that it leaves nobody out."""
        return min(self.totals.values(), default=0) if len(self.totals) >= self.first else 0

    @property
    def smallest_by_installer(self) -> int | None:
        """The same of the packages that were counted by installer; None where no part was answered."""
        requested = self.parts * PART
        if not self.parts:
            return None
        return self.smallest if requested >= len(self.totals) else [*self.totals.values()][requested - 1]


def _population_of(body: bytes, scope: Scope, where: str) -> _Population:
    """The replies, each checked to be whole and about what was asked for; raises ExtractError where one is not."""
    try:
        documents = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ExtractError(f"{where}: expected some replies: {error}") from error
    if not isinstance(documents, list) or not 2 <= len(documents) <= 2 + MAX_PARTS:
        raise ExtractError(f"{where}: expected the largest packages, their months, and parts by installer")
    forms = [LARGEST_COLUMNS, POPULATION_COLUMNS, *[PART_COLUMNS] * (len(documents) - 2)]
    largest, counted, *parts = (
        rows_of(json.dumps(document).encode(), where, columns)
        for document, columns in zip(documents, forms, strict=True)
    )
    months = (scope.period_end.year - scope.period_start.year) * 12 + scope.period_end.month - scope.period_start.month
    for rows in (counted, *parts):
        _check_counts(rows, months, where)
    totals = {row["project"]: whole_number(row["total"], "total", where) for row in largest}
    if len(totals) != len(largest) or [*totals.values()] != sorted(totals.values(), reverse=True) or not totals:
        raise ExtractError(f"{where}: expected each of the largest packages once, the largest first")
    busy = {row["busy"] for row in counted}
    _check_about(counted, {*totals} | busy, where)
    for number, rows in enumerate(parts):
        _check_about(rows, {*[*totals][number * PART : (number + 1) * PART]}, where)
    first = {whole_number(row["first"], "first", where) for row in largest}
    if len(busy) > 1 or len(first) > 1 or len(totals) > max(first):
        raise ExtractError(f"{where}: expected one list and one busy package; found {quoted(sorted(busy))}, {first}")
    by_installer = {row["project"]: row for rows in parts for row in rows}
    by_name = {row["project"]: row for row in counted}
    return _Population(totals, max(first), next(iter(busy), ""), months, by_name, by_installer, len(parts))


def _months_of(scope: Scope) -> int:
    start, end = scope.period_start, scope.period_end
    return (end.year - start.year) * 12 + end.month - start.month


def _check_about(rows: Sequence[Mapping[str, Any]], packages: Set[str], where: str) -> None:
    """One row for each of these packages at most; raises ExtractError for any other."""
    names = [row["project"] for row in rows]
    if unexpected := {*names} - packages:
        raise ExtractError(f"{where}: expected the largest packages; found {quoted(sorted(unexpected)[:5])}")
    if len({*names}) != len(names):
        raise ExtractError(f"{where}: expected one row for each package")


def _check_counts(rows: Sequence[Mapping[str, Any]], months: int, where: str) -> None:
    """Counts in every month of the request, and none after it."""
    for row in rows:
        for column in row.keys() - {"project", "busy"}:
            if whole_number(row[column], column, where) and int(column.rpartition("_")[2]) >= months:
                raise ExtractError(f"{where}: {column} counts a month that was not asked for")


def _parse_population(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    """One row for each of the largest packages."""
    population = _population_of(path.read_bytes(), fetch.scope, fetch.filename)
    days, requested = population.numbers(population.busy, "days"), population.parts * PART
    for place, (package, total) in enumerate(population.totals.items()):
        is_by_installer = place < requested
        fields: dict[str, Any] = {
            "package": package,
            "month_date": str(fetch.scope.period_start),
            "total": total,
            "all_installers": population.numbers(package, "downloads"),
            "pip_only": population.numbers(package, "pip_only") if is_by_installer else [],
            "without_mirrors": population.numbers(package, "without_mirrors") if is_by_installer else [],
            "days_held": days,
            "smallest_total": population.smallest,
            "smallest_total_by_installer": population.smallest_by_installer,
        }
        yield ParsedRow(fetch.scope.table, place + 1, fields)


SOURCE = Source(
    name="clickpy",
    tables={"downloads": DownloadRow, "population": PopulationRow},
    forms=(
        FileFormat(FORM, "the server's answer, as a connector lands it", lambda _: None, parse),
        FileFormat(
            POPULATION_FORM,
            "the server's answers about the largest packages, as a connector lands them",
            lambda _: None,
            _parse_population,
        ),
        csv_format(downloads=DownloadRow, population=PopulationRow),
    ),
    # a request reads a package's whole history, however few months it is about: few requests, each about many months
    connector=Connector("downloads", fetch, most_periods=60, population=Population("population", MONTHS)),
)
