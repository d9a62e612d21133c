"""Indeed Hiring Lab: postings of a country by month.

Belongs here: the raw tables, the publisher's daily files, and the one definition of a month's mean, which the shipped
figures share. They are market context: they speak of no framework and are never added up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from ingest.clients.response import raise_if_missing
from ingest.database import connect
from ingest.errors import BusyError, ExtractError, NotAvailableError
from ingest.formats.csv_file import check_header, csv_format
from ingest.formats.json_response import response_format
from ingest.formats.tabular import header_of
from ingest.model import Connector, Fetch, ParsedRow, Request, Response, Source
from ingest.row_types import Amount, PastDate, RawRow, Text

if TYPE_CHECKING:
    from ingest.clients.http import Client
    from ingest.clients.response import Reply

FORM = "daily"
SHOWN = 300
DAYS = "create temp table days (country varchar, date date not null, figure double not null)"
"""SQL: a figure that is missing is an error."""
HELD = """select count(distinct date), count(*) from days
          group by country, date_trunc('month', date) order by country, min(date)"""
"""SQL: days and rows of each month, in the order of the means."""


class AiShareRow(RawRow):
    """Mean over the days of a month of the share of postings that name artificial intelligence, in percent."""

    key = ("country", "first_date", "last_date")

    country: Text
    first_date: PastDate
    last_date: PastDate
    mean_share_pct: Amount = Field(le=100)

    @model_validator(mode="after")
    def _one_month(self) -> AiShareRow:
        _check_month(self.first_date, self.last_date)
        return self


class SoftwareIndexRow(RawRow):
    """Mean over the days of a month of the index of software postings (2020-02-01 = 100)."""

    key = ("country", "first_date", "last_date")

    country: Text
    first_date: PastDate
    last_date: PastDate
    mean_index: Amount

    @model_validator(mode="after")
    def _one_month(self) -> SoftwareIndexRow:
        _check_month(self.first_date, self.last_date)
        return self


def _check_month(first: date, last: date) -> None:
    """Raise ValueError, which pydantic reports, unless both days are of one month."""
    if not first <= last or (first.year, first.month) != (last.year, last.month):
        raise ValueError(f"expected days of one month, the first before the last; found {first} and {last}")


@dataclass(frozen=True)
class Daily:
    """A daily file of the publisher: its columns, the one with the figure, which rows count, and what they become.

    `place` is the number of its address in the catalog.
    """

    place: int
    columns: Mapping[str, str]
    figure: str
    limit: str
    mean: str


DAILY: Mapping[str, Daily] = {
    "software_index": Daily(
        0,
        {
            "date": "DATE",
            "jobcountry": "VARCHAR",
            "indeed_job_postings_index": "DOUBLE",
            "variable": "VARCHAR",
            "display_name": "VARCHAR",
        },
        "indeed_job_postings_index",
        "variable = 'total postings' and display_name = 'Software Development'",
        "mean_index",
    ),
    "ai_share": Daily(
        1,
        {"date": "DATE", "jobcountry": "VARCHAR", "AI_share_postings": "DOUBLE"},
        "AI_share_postings",
        "true",
        "mean_share_pct",
    ),
}


def monthly_means(days: str, mean: str) -> str:
    """SQL: the mean of each country's month over the days that it has, of rows (country, date, figure) in `days`."""
    return f"""select country, min(date) as first_date, max(date) as last_date, round(avg(figure), 6) as {mean}
               from ({days}) group by country, date_trunc('month', date) order by country, first_date"""


def fetch(request: Request, client: Client) -> Response:
    """The daily file with one country's figures, unless it is still the one that was landed last."""
    daily, country = DAILY[request.scope.table], request.term
    url = client.access.urls[daily.place].format(name=country)
    reply = client.get(
        url, validators=request.validators, validate=partial(_check, daily, country), classify=raise_if_missing
    )
    name = f"{request.scope.table}_{country}.csv"
    return Response(reply.body, name, FORM, reply.request, etag=reply.etag, modified=reply.modified)


def _check(daily: Daily, country: str, reply: Reply) -> None:
    """A page of another kind, a file that ends in the middle of a line, or one without the country."""
    if reply.text.partition("\n")[0].strip().split(",") != list(daily.columns):
        raise BusyError(f"expected the columns {', '.join(daily.columns)}; found {reply.quote()}")
    if not reply.body.endswith(b"\n"):
        raise BusyError(f"the file ends in the middle of a line: {reply.text[-80:]!r}")
    if f",{country}," not in reply.text:
        raise NotAvailableError(f"the file has no figures of {country}")


def _parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    """Means of the months that were asked for, all of which are over.

    A month of which a day between its first and its last is missing or there twice is kept as a rejected row: its mean
    would be of other days than it says.
    """
    import duckdb

    daily = DAILY.get(fetch.scope.table)
    if daily is None or not fetch.scope.terms:
        raise ExtractError(f"{fetch.filename}: the scope names table {fetch.scope.table!r}; expected {sorted(DAILY)}")
    check_header(fetch.filename, header_of(path, fetch.filename), list(daily.columns))
    with connect() as connection:
        try:
            connection.execute(DAYS)
            connection.execute(_fill(daily), {"path": str(path), **_limits(fetch)})
            means = connection.execute(monthly_means("from days", daily.mean)).fetchall()
            days_of_months = connection.execute(HELD).fetchall()
        except duckdb.Error as error:
            raise ExtractError(f"{fetch.filename}: {' '.join(str(error).split())[:SHOWN]}") from error
    if not means:
        raise ExtractError(f"{fetch.filename}: no figures of {', '.join(fetch.scope.terms)} in the period requested")
    for number, ((country, first, last, mean), (days, rows)) in enumerate(
        zip(means, days_of_months, strict=True), start=1
    ):
        is_whole = days == rows == (last - first).days + 1
        defect = "" if is_whole else f"expected each day of {first} to {last} once; found {rows} rows of {days} days"
        fields = {"country": country, "first_date": first, "last_date": last, daily.mean: mean}
        yield ParsedRow(fetch.scope.table, number, fields, defect)


def _limits(fetch: Fetch) -> dict[str, object]:
    scope = fetch.scope
    return {"countries": list(scope.terms or ()), "first": scope.period_start, "end": scope.period_end}


def _fill(daily: Daily) -> str:
    """SQL: what of a landed file is asked for, into the table `days`."""
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in daily.columns.items())
    dates = "dateformat = '%Y-%m-%d'"
    layout = f"header = true, {dates}, auto_detect = false, delim = ',', quote = '\"', columns = {{{columns}}}"
    return f"""insert into days select jobcountry, date, {daily.figure} from read_csv($path, {layout})
               where list_contains($countries, jobcountry) and date >= $first and date < $end and {daily.limit}"""


TABLES: dict[str, type[RawRow]] = {"ai_share": AiShareRow, "software_index": SoftwareIndexRow}
# each file is had whole: all months are one request, and all are asked for again, since history is revised
SOURCE = Source(
    name="indeed",
    tables=TABLES,
    forms=(csv_format(**TABLES), response_format(FORM, "the publisher's daily file", _parse)),
    connector=Connector(
        table="ai_share", also=("software_index",), fetch=fetch, terms="each", most_periods=10_000, of_markets=True
    ),
)
