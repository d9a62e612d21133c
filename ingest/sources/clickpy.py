"""ClickPy: downloads by installer and month, asked of a public ClickHouse server.

Belongs here: the question in SQL, the raw table, and what an answer must hold. What servers of this kind do alike is in
`ingest.clickhouse`; naming a way of counting is dbt's work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ingest.clickhouse import ask_sql, rows_of
from ingest.errors import ExtractError
from ingest.http import Client
from ingest.model import (
    Answer,
    Connector,
    Count,
    Fetch,
    Form,
    ListedName,
    ParsedRow,
    PastDate,
    Question,
    RawRow,
    Source,
)
from ingest.parsing import csv_form

SQL = """
SELECT toStartOfMonth(date) AS month_date, project, installer, sum(count) AS downloads, uniqExact(date) AS days
FROM pypi.pypi_downloads_per_day_by_version_by_installer_by_type
WHERE project = {project:String} AND date >= {from:Date} AND date < {until:Date}
GROUP BY month_date, project, installer ORDER BY month_date, installer
"""
COLUMNS = ("month_date", "project", "installer", "downloads", "days")


class DownloadRow(RawRow):
    """Downloads of one package by one installer in one calendar month, and on how many of its days there were any.

    An installer that the log could not name is empty.
    """

    key = ("project", "month_date", "installer")

    project: ListedName
    month_date: PastDate
    installer: str
    downloads: Count
    days: Count


def ask(question: Question, client: Client) -> Answer:
    """Downloads of one package in the months of the question.

    Raises:
        AskError: for an answer that is refused, cut short, or might be a part of the whole.
    """
    scope = question.scope
    params = {"project": question.term, "from": str(scope.period_start), "until": str(scope.period_end)}
    reply = ask_sql(client, SQL, params)
    filename = f"{question.term}_{scope.period_start:%Y-%m}_{scope.period_end:%Y-%m}.json"
    return Answer(reply.body, filename, "clickhouse_json", reply.request)


def parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    """The rows of an answer. A month without a row is not known: it is no zero.

    Raises:
        ExtractError: for an answer of other packages or months than were asked for, or with a row twice.
    """
    rows = rows_of(path.read_bytes(), fetch.filename, COLUMNS)
    months = {str(row["month_date"]) for row in rows}
    asked = fetch.scope
    strange = {row["project"] for row in rows} - set(asked.terms or ())
    outside = sorted(
        month for month in months if not asked.period_start <= date.fromisoformat(month) < asked.period_end
    )
    if strange or outside:
        raise ExtractError(
            f"{fetch.filename}: expected {asked.terms} from {asked.period_start} until {asked.period_end}; "
            f"found {[*sorted(strange), *outside]}"
        )
    twice = [key for key, times in Counter((row["month_date"], row["installer"]) for row in rows).items() if times > 1]
    if twice:
        raise ExtractError(f"{fetch.filename}: expected one row for each month and installer; twice: {twice}")
    for number, row in enumerate(rows, start=1):
        yield ParsedRow("downloads", number, row)


SOURCE = Source(
    name="clickpy",
    tables={"downloads": DownloadRow},
    forms=(
        Form("clickhouse_json", "the server's answer, as a connector lands it", lambda _: None, parse),
        csv_form(downloads=DownloadRow),
    ),
    connector=Connector("downloads", ask, most_periods=24),
)
