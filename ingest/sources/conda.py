"""Anaconda's package data: conda downloads by package, channel and month.

Belongs here: the request, the raw table, and reading the published Parquet. A file holds every package; only those the
catalog names are kept. What channels mean is dbt's work.
"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.clients.http import Client
from ingest.clients.response import Reply, raise_if_missing
from ingest.database import connect
from ingest.errors import BusyError, ExtractError, NotAvailableError, quoted
from ingest.formats.csv_file import csv_format
from ingest.model import Connector, Fetch, FileFormat, ParsedRow, Request, Response, Source
from ingest.row_types import Count, PastMonth, RawRow, Text

if TYPE_CHECKING:
    import duckdb

NAME = "conda"
FORM = "parquet"
MAGIC = b"PAR1"
MEMORY = "1GB"
"""A month has some hundred thousand rows; what asks for more memory is no month."""
COLUMNS = ("time", "data_source", "pkg_name", "counts")
QUERY = """
select pkg_name::varchar as package, data_source::varchar as channel, sum(counts)::hugeint as downloads
from read_parquet(?)
where list_contains(?, pkg_name::varchar)
group by all
order by all
"""
MONTHS = "select distinct left(time::varchar, 7) as month from read_parquet(?) order by month"


class MonthRow(RawRow):
    """Downloads of one package from one channel in one calendar month, all versions and platforms together."""

    key = ("package", "channel", "month_date")

    package: Text
    channel: Text
    month_date: PastMonth
    downloads: Count


def fetch(request: Request, client: Client) -> Response:
    """The file of one month.

    Raises:
        NotAvailableError: the publisher does not have the month, or not yet.
        NotChangedError: the file is still the one that was landed last.
    """
    month = request.scope.period_start
    url = f"{client.url}/conda/monthly/{month:%Y}/{month:%Y-%m}.parquet"
    reply = client.get(url, validate=_check_whole, validators=request.validators, classify=_classify)
    filename = f"{month:%Y-%m}.parquet"
    return Response(reply.body, filename, FORM, reply.request, etag=reply.etag, modified=reply.modified)


def _classify(reply: Reply) -> None:
    """The store says of a file that it does not have that access is denied: nobody may list its files."""
    raise_if_missing(reply)
    if reply.status == HTTPStatus.FORBIDDEN and "<Code>AccessDenied</Code>" in reply.text:
        raise NotAvailableError(f"status {reply.status}: {reply.quote()}")


def _check_whole(reply: Reply) -> None:
    if not (reply.body.startswith(MAGIC) and reply.body.endswith(MAGIC)):
        raise BusyError(f"expected a whole Parquet file; found {len(reply.body):,} bytes: {reply.quote()[:80]}")


def _parse(fetch: Fetch, path: Path, names: frozenset[str]) -> Iterator[ParsedRow]:
    """The rows of the packages that the catalog names; the many others are never taken in.

    A package without a row is not known: the file does not say which packages exist.

    Raises:
        ExtractError: for a file that is no whole Parquet file, has other columns, or speaks of another month.
    """
    rows = _read(path, fetch, names)
    for number, (package, channel, downloads) in enumerate(rows, start=1):
        fields = {"package": package, "channel": channel, "month_date": str(fetch.scope.period_start)}
        yield ParsedRow(fetch.scope.table, number, {**fields, "downloads": str(downloads)})


def _read(path: Path, fetch: Fetch, names: frozenset[str]) -> list[tuple[str, str, int]]:
    import duckdb

    try:
        with connect(config={"memory_limit": MEMORY}) as connection:
            _check_about(connection, path, fetch)
            return connection.execute(QUERY, [str(path), sorted(names)]).fetchall()
    except duckdb.Error as error:
        # Of a damaged file DuckDB may say that it could not be read, as of a broken disk: the cause is not passed on.
        raise ExtractError(f"{fetch.filename}: not readable as Parquet: {error}") from None


def _check_about(connection: duckdb.DuckDBPyConnection, path: Path, fetch: Fetch) -> None:
    """Refuse a file with other columns, and one that is not about the month alone, whichever packages it names."""
    described = connection.execute("describe select * from read_parquet(?)", [str(path)]).fetchall()
    if missing := sorted(set(COLUMNS) - {row[0] for row in described}):
        raise ExtractError(f"{fetch.filename}: columns missing: {', '.join(missing)}; expected {', '.join(COLUMNS)}")
    months = [month for (month,) in connection.execute(MONTHS, [str(path)]).fetchall()]
    expected = f"{fetch.scope.period_start:%Y-%m}"
    if months != [expected]:
        raise ExtractError(f"{fetch.filename}: expected {expected} only; found {quoted(months) or 'no row'}")


def _source(names: frozenset[str]) -> Source:
    parquet = FileFormat(
        FORM,
        "a monthly Parquet file of the publisher, as a connector lands it",
        lambda _: None,
        lambda fetch, path: _parse(fetch, path, names),
    )
    return Source(
        name=NAME,
        tables={"months": MonthRow},
        forms=(parquet, csv_format(months=MonthRow)),
        connector=Connector("months", fetch, terms="everything"),
        configure=lambda catalog: _source(catalog.names(catalog.source(NAME).names)),
    )


SOURCE = _source(frozenset())
