"""The public download log in BigQuery: downloads by installer, and by whether a build system said that it was one.

Belongs here: the request in SQL, what it may cost, and the raw table. Google's own client asks it, which the extra
`bigquery` brings. Naming a way of counting is dbt's work.

Reading is paid for by the byte. Every request is estimated first, which is free, and counted against the budget that
the catalog gives one refresh; the server is told to refuse a query that would read more than it estimated.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pydantic import model_validator

from ingest.clients.http import Client
from ingest.errors import BudgetError, BusyError, ExtractError, FetchError, UnreachableError, quoted, why_unreadable
from ingest.formats.csv_file import csv_format
from ingest.formats.population import MIRRORS_IN_SQL, PopulationRow, check_days
from ingest.model import Connector, Fetch, FileFormat, ParsedRow, Population, Request, Response, Scope, Source
from ingest.row_types import Count, ListedName, OptionalCount, PastMonth, RawRow, ordered

if TYPE_CHECKING:
    from google.cloud import bigquery

BUSY = "pip"
"""A package that is downloaded every day: the days on which it was not are days that the log does not hold."""
MIN_BILLED = 10 * 1024**2
"""What every query is billed for at least, in bytes."""
RATE_LIMITS = frozenset({"rateLimitExceeded", "jobRateLimitExceeded", "backendError", "internalError"})
"""Reasons of a refusal after which the same query may succeed."""
IS_ARTIFACT = (
    "(ENDS_WITH(file.filename, '.whl') OR ENDS_WITH(file.filename, '.tar.gz') OR ENDS_WITH(file.filename, '.zip'))"
)
SQL = f"""
SELECT
  DATE_TRUNC(DATE(timestamp), MONTH) AS month_date, project, IFNULL(details.installer.name, '') AS installer,
  IF(details.ci, 'marked', 'not marked') AS automation, COUNT(*) AS downloads,
  COUNTIF({IS_ARTIFACT}) AS artifact_downloads,
  COUNT(DISTINCT DATE(timestamp)) AS days
FROM `bigquery-public-data.pypi.file_downloads`
WHERE project IN UNNEST(@projects) AND timestamp >= TIMESTAMP(@start) AND timestamp < TIMESTAMP(@until)
GROUP BY month_date, project, installer, automation
ORDER BY month_date, project, installer, automation
"""
POPULATION_TABLE = "population"
LIST_LENGTH = 3_000
"""So many packages are in the list of each way of counting."""
BASES = ("pip_only", "without_mirrors", "all_installers", "artifacts_only")
POPULATION = f"""
WITH counted AS (
  SELECT
    project, COUNTIF(details.installer.name = 'pip') AS pip_only,
    COUNTIF(
      IFNULL(details.installer.name, '') NOT IN {MIRRORS_IN_SQL}
    ) AS without_mirrors,
    COUNT(*) AS all_installers, COUNTIF({IS_ARTIFACT}) AS artifacts_only, COUNT(DISTINCT DATE(timestamp)) AS days
  FROM `bigquery-public-data.pypi.file_downloads`
  WHERE timestamp >= TIMESTAMP(@start) AND timestamp < TIMESTAMP(@until) AND project != ''
  GROUP BY project
), ranked AS (
  SELECT
    *, {", ".join(f"ROW_NUMBER() OVER (ORDER BY {basis} DESC, project) AS {basis}_place" for basis in BASES)}
  FROM counted
)
SELECT
  project, days,
  {", ".join(f"IF({basis}_place <= @length AND {basis} > 0, {basis}, NULL) AS {basis}" for basis in BASES)}
FROM ranked
WHERE {" OR ".join(f"({basis}_place <= @length AND {basis} > 0)" for basis in BASES)}
ORDER BY project
"""
POPULATION_COLUMNS = ("project", *BASES, "days")
COLUMNS = ("month_date", "project", "installer", "automation", "downloads", "artifact_downloads", "days")
LATER = frozenset({"artifact_downloads"})
"""Columns that replies of before do not have."""
FORM, POPULATION_FORM = "bigquery_rows", "bigquery_population"
Row = dict[str, Any]


class MonthRow(RawRow):
    """Downloads of one package by one installer in one month: by build systems that say so, or not marked as such.

    The log marks a build system or says nothing: `not marked` is a person, or a machine that does not say so.
    `artifact_downloads` are those of files whose name ends in .whl, .tar.gz or .zip: what the log has held alone since
    2026-08-24; it is empty where it was not asked for. `days_held` is how many days of the month the log holds. An
    installer that the log could not name is empty.
    """

    key = ("project", "month_date", "installer", "automation")

    project: ListedName
    month_date: PastMonth
    installer: str
    automation: Literal["marked", "not marked"]
    downloads: Count
    days_held: Count
    artifact_downloads: OptionalCount = None

    @model_validator(mode="after")
    def _of_the_month(self) -> MonthRow:
        ordered(self, "artifact_downloads", "downloads")
        check_days(self.month_date, self.days_held)
        return self


def sql_of(scope: Scope) -> str:
    """The query about a scope: of some packages by installer, or of the largest packages in every way of counting."""
    return POPULATION if scope.table == POPULATION_TABLE else SQL


class QueryClient(Protocol):
    """Where one request is put: what it would cost, and what the response is."""

    def estimate(self) -> int:
        """How many bytes the query would read at most; the estimate is free."""

    def rows(self, most_bytes: int) -> list[Row]:
        """The rows of the query, which is refused rather than billed for more."""


@dataclass(frozen=True)
class GoogleDesk:
    """Google's client, with the request that is put to it. Both methods raise FetchError in our words."""

    client: Client
    scope: Scope

    @cached_property
    def google(self) -> bigquery.Client:
        """The service, as the account whose file the environment names."""
        from google.cloud import bigquery

        try:
            return bigquery.Client.from_service_account_json(
                self.client.credential(), client_options={"api_endpoint": self.client.url}
            )
        except (OSError, ValueError) as error:
            # what is in it is nobody's to read
            reason = error.strerror if isinstance(error, OSError) else "not the JSON that Google hands out"
            raise FetchError(f"no readable file of a service account: {reason}") from error

    def estimate(self) -> int:
        with _in_our_words(self.client):
            return int(self._query(self._config(dry_run=True)).total_bytes_processed)

    def rows(self, most_bytes: int) -> list[Row]:
        with _in_our_words(self.client):
            config = self._config(maximum_bytes_billed=max(most_bytes, MIN_BILLED))
            job = self._query(config)
            try:
                result = job.result(retry=None, timeout=self._timeout, job_retry=None)
            except TimeoutError as error:
                job.cancel(retry=None, timeout=self._timeout)
                raise FetchError(f"not finished within {self._timeout} s, and cancelled") from error
            rows = [
                {name: str(value) if name == "month_date" else value for name, value in row.items()} for row in result
            ]
        if len(rows) != result.total_rows:
            raise FetchError(f"the server speaks of {result.total_rows} rows and gave {len(rows)}")
        return rows

    def _query(self, config: bigquery.QueryJobConfig) -> bigquery.QueryJob:
        return self.google.query(sql_of(self.scope), config, retry=None, timeout=self._timeout, job_retry=None)

    @property
    def _timeout(self) -> int:
        return self.client.access.timeout_seconds

    def _config(self, **settings: Any) -> bigquery.QueryJobConfig:
        from google.cloud import bigquery

        about = (
            bigquery.ScalarQueryParameter("length", "INT64", LIST_LENGTH)
            if self.scope.table == POPULATION_TABLE
            else bigquery.ArrayQueryParameter("projects", "STRING", sorted({*(self.scope.terms or ()), BUSY}))
        )
        parameters = [
            about,
            bigquery.ScalarQueryParameter("start", "DATE", self.scope.period_start),
            bigquery.ScalarQueryParameter("until", "DATE", self.scope.period_end),
        ]
        return bigquery.QueryJobConfig(query_parameters=parameters, **settings)


@contextmanager
def _in_our_words(client: Client) -> Iterator[None]:
    """What Google's client raises, as what may pass, what is spent, and what is refused."""
    from google.api_core.exceptions import GoogleAPICallError, ServerError, TooManyRequests
    from google.auth.exceptions import GoogleAuthError, TransportError
    from requests import ConnectionError as NoConnectionError
    from requests import RequestException

    try:
        yield
    except (TooManyRequests, ServerError) as error:
        raise BusyError(client.redact(str(error))) from error
    except GoogleAPICallError as error:
        reasons = {detail.get("reason") for detail in error.errors}
        kind = BusyError if reasons & RATE_LIMITS else BudgetError if "quotaExceeded" in reasons else FetchError
        raise kind(client.redact(str(error))) from error
    except (TransportError, NoConnectionError) as error:
        raise UnreachableError(client.redact(f"no connection: {error}")) from error
    except RequestException as error:
        raise BusyError(client.redact(str(error))) from error
    except GoogleAuthError as error:
        raise FetchError(client.redact(str(error))) from error


def fetch(request: Request, client: Client, open_desk: Callable[[Client, Scope], QueryClient] = GoogleDesk) -> Response:
    """All packages of the request in its month, or the largest of all.

    Google's client shows no verbatim reply: its rows are kept as given.

    Raises:
        BudgetError: where the query would read more than is left of the budget, or a quota is spent.
        FetchError: where the account may not ask, or the server refuses.
    """
    scope = request.scope
    desk = open_desk(client, scope)
    estimate = client.with_retries(desk.estimate)
    client.spend_bytes(estimate)
    rows = client.with_retries(lambda: desk.rows(estimate))
    sent = {
        "sql": sql_of(scope),
        "projects": list(scope.terms or ()),
        "from": str(scope.period_start),
        "until": str(scope.period_end),
        "estimated_bytes": estimate,
    }
    if scope.table == POPULATION_TABLE:
        body = json.dumps({"rows": rows, "busy": BUSY, "length": LIST_LENGTH}, sort_keys=True).encode()
        return Response(body, f"population_{scope.period_start:%Y-%m}.json", POPULATION_FORM, sent)
    body = json.dumps({"rows": rows, "busy": BUSY}, sort_keys=True).encode()
    return Response(body, f"{scope.period_start:%Y-%m}.json", FORM, sent)


def parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    """The rows of a response; a package without a row is not known.

    Raises:
        ExtractError: for a response that is none, is about something else, or has a row twice.
    """
    try:
        response = json.loads(path.read_bytes())
        rows, busy = [_columns_of(row) for row in response["rows"]], response["busy"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ExtractError(
            f"{fetch.filename}: expected rows with {', '.join(COLUMNS)}; {why_unreadable(error)}"
        ) from error
    _check_about(fetch, rows, busy)
    days_held = max((int(row["days"]) for row in rows if row["project"] == busy), default=0)
    own = [row for row in rows if row["project"] in (fetch.scope.terms or ())]
    for number, row in enumerate(own, start=1):
        fields = {name: value for name, value in row.items() if name != "days"}
        yield ParsedRow(fetch.scope.table, number, {**fields, "days_held": days_held})


def _columns_of(row: Row) -> Row:
    """The columns of a landed row; one that came later is empty where the reply is older."""
    return {name: row.get(name) if name in LATER else row[name] for name in COLUMNS}


def _check_about(fetch: Fetch, rows: Sequence[Row], busy: str) -> None:
    month = str(fetch.scope.period_start)
    unexpected = {row["project"] for row in rows} - {*(fetch.scope.terms or ()), busy}
    unexpected |= {row["month_date"] for row in rows} - {month}
    if unexpected:
        examples = quoted(sorted(unexpected))
        raise ExtractError(f"{fetch.filename}: expected what was requested, in {month}; found {examples}")
    keys = Counter((row["project"], row["installer"], row["automation"]) for row in rows)
    if duplicates := [" ".join(key) for key, times in keys.items() if times > 1]:
        raise ExtractError(f"{fetch.filename}: expected one row for each package and installer; twice: {duplicates}")


def parse_population(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    """The largest packages of a month, each in the ways of counting in whose list it is.

    Raises:
        ExtractError: for a response that is none, has a package twice, or a list that is too long.
    """
    try:
        response = json.loads(path.read_bytes())
        rows = [{name: row[name] for name in POPULATION_COLUMNS} for row in response["rows"]]
        busy, length = str(response["busy"]), int(response["length"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ExtractError(
            f"{fetch.filename}: expected rows with {', '.join(POPULATION_COLUMNS)}; {why_unreadable(error)}"
        ) from error
    if len({row["project"] for row in rows}) != len(rows):
        raise ExtractError(f"{fetch.filename}: expected one row for each package")
    if long := [basis for basis in BASES if sum(row[basis] is not None for row in rows) > length]:
        raise ExtractError(f"{fetch.filename}: more than {length:,} packages are in the lists {', '.join(long)}")
    days_held = max((int(row["days"]) for row in rows if row["project"] == busy), default=0)
    for number, row in enumerate(rows, start=1):
        fields: Row = {"package": row["project"], "month_date": str(fetch.scope.period_start)}
        counts = {basis: row[basis] for basis in BASES}
        yield ParsedRow(fetch.scope.table, number, {**fields, **counts, "list_length": length, "days_held": days_held})


SOURCE = Source(
    name="bigquery_pypi",
    tables={"months": MonthRow, POPULATION_TABLE: PopulationRow},
    forms=(
        FileFormat(FORM, "the rows of the query, as a connector lands them", lambda _: None, parse),
        FileFormat(
            POPULATION_FORM,
            "the rows of the query about the largest packages, as a connector lands them",
            lambda _: None,
            parse_population,
        ),
        csv_format(months=MonthRow, population=PopulationRow),
    ),
    connector=Connector("months", fetch, terms="together", population=Population(POPULATION_TABLE)),
)
