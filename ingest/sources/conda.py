"""Anaconda's package data: conda downloads by package, channel and month.

Belongs here: the question, the raw table, and reading the published Parquet. A file holds every package; only those the
catalog names are kept. What channels mean is dbt's work.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.errors import AskError, ExtractError, NotPublishedError
from ingest.http import Client, Reply
from ingest.model import Answer, Connector, Count, Fetch, Form, ParsedRow, PastDate, Question, RawRow, Source, Text
from ingest.parsing import csv_form

NAME = "conda"
MAGIC = b"PAR1"
COLUMNS = ("time", "data_source", "pkg_name", "counts")
QUERY = """
select pkg_name::varchar as package, data_source::varchar as channel, time::varchar as month, sum(counts)::hugeint as n
from read_parquet(?) where list_contains(?, pkg_name::varchar) group by all order by all
"""


class MonthRow(RawRow):
    """Downloads of one package from one channel in one calendar month, all versions and platforms together."""

    key = ("package", "channel", "month_date")

    package: Text
    channel: Text
    month_date: PastDate
    downloads: Count


def ask(question: Question, client: Client) -> Answer:
    """The file of one month.

    Raises:
        NotPublishedError: the publisher does not have the month, or not yet; it says so by 403 too.
    """
    month = question.scope.period_start
    try:
        reply = client.get(
            f"{client.url}/conda/monthly/{month:%Y}/{month:%Y-%m}.parquet", check=_check_whole, question=question
        )
    except AskError as error:
        if "status 403" in str(error):
            raise NotPublishedError(str(error)) from error
        raise
    return Answer(
        reply.body, f"{month:%Y-%m}.parquet", "parquet", reply.request, etag=reply.etag, modified=reply.modified
    )


def _check_whole(reply: Reply) -> None:
    if not (reply.body.startswith(MAGIC) and reply.body.endswith(MAGIC)):
        raise AskError(f"expected a Parquet file; found {len(reply.body):,} bytes: {reply.quote()[:80]}")


def _parse(fetch: Fetch, path: Path, names: frozenset[str]) -> Iterator[ParsedRow]:
    """The rows of the packages that the catalog names; the many others are never read.

    Raises:
        ExtractError: for a file that is no whole Parquet file, has other columns, or speaks of another month.
    """
    month = f"{fetch.scope.period_start:%Y-%m}"
    rows = _read(path, fetch.filename, names)
    strange = sorted({said for _, _, said, _ in rows if not said.startswith(month)})
    if strange:
        raise ExtractError(f"{fetch.filename}: expected {month} only; found {', '.join(strange)}")
    for number, (package, channel, _, downloads) in enumerate(rows, start=1):
        fields = {"package": package, "channel": channel, "month_date": f"{month}-01", "downloads": str(downloads)}
        yield ParsedRow("months", number, fields)


def _read(path: Path, where: str, names: frozenset[str]) -> list[tuple[str, str, str, int]]:
    import duckdb

    try:
        with duckdb.connect() as connection:
            described = connection.execute("describe select * from read_parquet(?)", [str(path)]).fetchall()
            missing = sorted(set(COLUMNS) - {row[0] for row in described})
            if missing:
                raise ExtractError(f"{where}: columns missing: {', '.join(missing)}; expected {', '.join(COLUMNS)}")
            return connection.execute(QUERY, [str(path), sorted(names)]).fetchall()
    except duckdb.Error as error:
        raise ExtractError(f"{where}: not readable as Parquet: {error}") from error


def _source(names: frozenset[str]) -> Source:
    parquet = Form(
        "parquet",
        "a monthly Parquet file of the publisher, as a connector lands it",
        lambda _: None,
        lambda fetch, path: _parse(fetch, path, names),
    )
    return Source(
        name=NAME,
        tables={"months": MonthRow},
        forms=(parquet, csv_form(months=MonthRow)),
        connector=Connector("months", ask, terms="everything"),
        reads_with=lambda catalog: _source(catalog.names(catalog.source(NAME).names)),
    )


SOURCE = _source(frozenset())
