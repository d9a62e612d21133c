"""The public download log in BigQuery: downloads by installer, and by whether a build system said that it was one.

Belongs here: the question in SQL, its bound on cost, and the raw table. Google's own client asks it, which the extra
`bigquery` brings. Naming a way of counting is dbt's work.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

from ingest.errors import AskError, BusyError, ExtractError, SpentError
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

MOST_BYTES = 400_000_000_000
"""A query that would read more is refused by the server, so that none costs more than a few dollars."""
SQL = """
SELECT
  DATE_TRUNC(DATE(timestamp), MONTH) AS month_date, project, IFNULL(details.installer.name, '') AS installer,
  IF(details.ci, 'marked', 'not marked') AS automation, COUNT(*) AS downloads, COUNT(DISTINCT DATE(timestamp)) AS days
FROM `bigquery-public-data.pypi.file_downloads`
WHERE project IN UNNEST(@projects) AND timestamp >= TIMESTAMP(@start) AND timestamp < TIMESTAMP(@until)
GROUP BY month_date, project, installer, automation
"""
Row = dict[str, Any]
Run = Callable[[Client, Sequence[str], date, date], list[Row]]
"""Runs the query for some projects from one day until another; returns its rows."""


class MonthRow(RawRow):
    """Downloads of one package by one installer in one month: by build systems that say so, or not marked as such.

    The log marks a build system or says nothing: `not marked` is a person or a machine.
    """

    key = ("project", "month_date", "installer", "automation")

    project: ListedName
    month_date: PastDate
    installer: str
    automation: Literal["marked", "not marked"]
    downloads: Count
    days: Count


def run_query(client: Client, projects: Sequence[str], start: date, until: date) -> list[Row]:
    """Run the query as the account that the environment names; what passes is asked again.

    Raises:
        SpentError: where the query would cost more than is allowed, or a quota is spent.
        AskError: where the account may not ask.
    """
    return client.patiently(lambda: _once(client, projects, start, until))


def _once(client: Client, projects: Sequence[str], start: date, until: date) -> list[Row]:
    from google.api_core.exceptions import Forbidden, GoogleAPICallError, ServerError, TooManyRequests
    from google.auth.exceptions import GoogleAuthError, TransportError
    from google.cloud import bigquery

    parameters = [
        bigquery.ArrayQueryParameter("projects", "STRING", list(projects)),
        bigquery.ScalarQueryParameter("start", "DATE", start),
        bigquery.ScalarQueryParameter("until", "DATE", until),
    ]
    config = bigquery.QueryJobConfig(query_parameters=parameters, maximum_bytes_billed=MOST_BYTES)
    try:
        asking = bigquery.Client(client_options={"api_endpoint": client.url})
        found = asking.query(SQL, job_config=config).result(timeout=client.access.timeout_seconds)
        return [{**row, "month_date": str(row["month_date"])} for row in map(dict, found)]
    except (TooManyRequests, ServerError, TransportError) as error:
        raise BusyError(client.scrub(str(error))) from error
    except Forbidden as error:
        kind = SpentError if "quota" in str(error).lower() else AskError
        raise kind(client.scrub(str(error))) from error
    except (GoogleAPICallError, GoogleAuthError) as error:
        raise AskError(client.scrub(str(error))) from error


def ask(question: Question, client: Client, run: Run = run_query) -> Answer:
    """All packages of the question in its month. The library shows no verbatim reply: its rows are kept as given."""
    scope = question.scope
    rows = run(client, question.terms, scope.period_start, scope.period_end)
    body = json.dumps({"rows": rows}, sort_keys=True).encode()
    request = {
        "sql": SQL,
        "projects": list(question.terms),
        "from": str(scope.period_start),
        "until": str(scope.period_end),
    }
    return Answer(body, f"{scope.period_start:%Y-%m}.json", "json", request)


def parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    """The rows of an answer; a package without a row is not known.

    Raises:
        ExtractError: for an answer that is none, or speaks of another month.
    """
    try:
        rows = json.loads(path.read_bytes())["rows"]
    except (ValueError, KeyError, TypeError) as error:
        raise ExtractError(f"{fetch.filename}: expected JSON with rows; {error!r}") from error
    strange = sorted({row["month_date"] for row in rows} - {str(fetch.scope.period_start)})
    if strange:
        raise ExtractError(f"{fetch.filename}: expected {fetch.scope.period_start} only; found {', '.join(strange)}")
    for number, row in enumerate(rows, start=1):
        yield ParsedRow("months", number, row)


SOURCE = Source(
    name="bigquery_pypi",
    tables={"months": MonthRow},
    forms=(
        Form("json", "the rows of the query, as a connector lands them", lambda _: None, parse),
        csv_form(months=MonthRow),
    ),
    connector=Connector("months", ask, terms="together"),
)
