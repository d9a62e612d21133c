"""Indeed Hiring Lab: daily files to monthly means, sent again only when they changed, and files that are not whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingest.catalog import Catalog, Market, Name
from ingest.landing import Landing
from tests.ingest.one_source import OneSource, shipped_catalog
from tests.ingest.publisher import Heard, Publisher, Say, publishing

TODAY = datetime(2020, 4, 20, 12, tzinfo=UTC)
MEANS = """select 'index' as what, country, first_date, last_date, mean_index as mean from raw.indeed__software_index
           union all select 'share', country, first_date, last_date, mean_share_pct from raw.indeed__ai_share
           order by all"""
SECTOR, SHARE = "/US/job_postings_by_sector_US.csv", "/AI_posting.csv"
SECTOR_HEADER = "date,jobcountry,indeed_job_postings_index,variable,display_name"
SHARE_HEADER = "date,jobcountry,AI_share_postings"


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


FEBRUARY, MARCH = days(date(2020, 2, 1), date(2020, 2, 29)), days(date(2020, 3, 1), date(2020, 3, 31))
APRIL = days(date(2020, 4, 1), date(2020, 4, 10))


def sector(*of: date) -> str:
    """The figure of a day is its day of the month; other sectors and new postings stand beside it."""
    rows = [
        f"{day},US,{figure},{variable},{name}"
        for day in of
        for figure, variable, name in [
            (day.day, "total postings", "Software Development"),
            (900, "new postings", "Software Development"),
            (700, "total postings", "Accounting"),
        ]
    ]
    return "\n".join([SECTOR_HEADER, *rows, ""])


def share(*of: date) -> str:
    rows = [f"{day},{country},{figure}" for day in of for country, figure in (("AU", 50), ("US", day.day / 10))]
    return "\n".join([SHARE_HEADER, *rows, ""])


class Indeed(OneSource):
    """The source with two countries that the publisher is asked for, and its two addresses."""

    countries: tuple[str, ...] = ("US",)

    def __init__(self, folder: Path, publisher: Publisher) -> None:
        super().__init__(folder, "indeed", publisher.url, today=TODAY)
        self.access["urls"] = (
            f"{publisher.url}/{{name}}/job_postings_by_sector_{{name}}.csv",
            f"{publisher.url}{SHARE}",
        )

    @property
    def catalog(self) -> Catalog:
        markets = tuple(
            Market(id=f"in_{c.lower()}", label=c, names={"postings_country": (Name(name=c, member="primary"),)})
            for c in self.countries
        )
        return replace(super().catalog, markets=markets)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        made.answers(SECTOR, Say(sector(*FEBRUARY, *MARCH, *APRIL), headers={"ETag": '"s1"'}))
        made.answers(SHARE, Say(share(*MARCH, *APRIL), headers={"ETag": '"a1"'}))
        yield made


@pytest.fixture
def world(tmp_path: Path, publisher: Publisher) -> Indeed:
    return Indeed(tmp_path, publisher)


GOOD = [
    ("index", "US", date(2020, 2, 1), date(2020, 2, 29), 15.0),
    ("index", "US", date(2020, 3, 1), date(2020, 3, 31), 16.0),
    ("share", "US", date(2020, 3, 1), date(2020, 3, 31), 1.6),
]


def test_daily_files_become_means_of_the_months_that_are_over(world: Indeed, publisher: Publisher) -> None:
    assert sorted(outcome.result for outcome in world.refresh()) == ["landed", "landed"]
    assert sorted(heard.path for heard in publisher.heard) == sorted([SECTOR, SHARE])
    assert world.load() == ["", ""]
    assert world.rows(MEANS) == GOOD
    assert world.rows("from raw.rejected_rows") == []


def test_a_file_that_did_not_change_is_not_sent_again(world: Indeed, publisher: Publisher) -> None:
    world.refresh()
    publisher.heard.clear()

    def unless_known(heard: Heard) -> Say:
        known = heard.headers.get("if-none-match") in ('"s1"', '"a1"')
        return Say(status=304) if known else Say("sent again", 500)

    publisher.answers(SECTOR, unless_known)
    publisher.answers(SHARE, unless_known)
    assert [outcome.result for outcome in world.refresh()] == ["unchanged", "unchanged"]
    assert len(world.events()) == 2


def test_history_that_was_revised_replaces_what_was_held(world: Indeed, publisher: Publisher) -> None:
    world.refresh()
    world.later(days=1)
    publisher.answers(SECTOR, Say(sector(*FEBRUARY, *MARCH).replace(",29,total", ",58,total")))
    publisher.answers(SHARE, Say(status=304))
    assert sorted(outcome.result for outcome in world.refresh()) == ["landed", "unchanged"]
    old, new = (event for event in world.events() if event.scope.table == "software_index")
    assert old.scope.key == new.scope.key
    world.load()
    february = "select mean_index from raw.indeed__software_index where first_date = '2020-02-01' order by 1"
    assert world.rows(february) == [(15.0,), (16.0,)]


def test_a_country_that_the_publisher_does_not_have_is_absent(world: Indeed) -> None:
    world.countries = ("IE", "US")
    outcomes = {(outcome.scope.table, outcome.scope.terms): outcome for outcome in world.refresh()}
    assert outcomes["software_index", ("IE",)].result == "absent"
    assert outcomes["ai_share", ("IE",)].result == "absent"
    assert "the file has no figures of IE" in outcomes["ai_share", ("IE",)].reason
    world.load()
    assert world.rows(MEANS) == GOOD


@pytest.mark.parametrize(
    ("of", "value"),
    {
        "a day missing": ([*MARCH[:9], *MARCH[10:]], "found 30 rows of 30 days"),
        "a day twice": ([*MARCH, MARCH[9]], "found 32 rows of 31 days"),
        "one missing, one twice": ([*MARCH[:9], *MARCH[10:], MARCH[10]], "found 31 rows of 30 days"),
    }.values(),
)
def test_a_month_with_a_hole_is_rejected_and_the_others_are_not(
    world: Indeed, publisher: Publisher, of: list[date], value: str
) -> None:
    publisher.answers(SECTOR, Say(sector(*FEBRUARY, *of)))
    world.refresh()
    assert world.load() == ["", ""]
    assert world.rows(MEANS) == [GOOD[0], GOOD[2]]
    ((reason,),) = world.rows("select reason from raw.rejected_rows")
    assert reason == f"expected each day of 2020-03-01 to 2020-03-31 once; {value}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (sector(*MARCH).replace("2020-03-05,US,5,", "2020-03-05,US,,"), "NOT NULL"),
        (sector(*MARCH).replace("2020-03-05,US,5,", "2020-03-05,US,five,"), "five"),
        (sector(*MARCH).replace("2020-03-05,US,5,", "5/3/20,US,5,"), "5/3/20"),
        (sector(*MARCH).replace("2020-03-05,US,5,total postings,", "2020-03-05,US,5,"), "Expected Number of Columns"),
    ],
    ids=["no figure", "no number", "no day", "too few fields"],
)
def test_a_file_with_a_row_that_cannot_be_read_is_refused_whole(
    world: Indeed, publisher: Publisher, text: str, message: str
) -> None:
    publisher.answers(SECTOR, Say(text))
    world.refresh()
    (error,) = (error for error in world.load() if error)
    assert error.startswith("software_index_US.csv: ")
    assert message in error
    assert world.rows(MEANS) == GOOD[2:]


FAULTS = {
    "another kind of page": Say("<!DOCTYPE html>", headers={"Content-Type": "text/html"}),
    "other columns": Say(sector(*MARCH).replace("indeed_job_postings_index", "index")),
    "the other spelling of the schema": Say("modified_date,jobcountry,ma_share_perc\n1/1/19,US,1.7\n"),
    "empty": Say(b""),
    "cut": Say(sector(*MARCH), fault="cut"),
    "cut and said to be whole": Say(sector(*MARCH)[:-7]),
    "429": Say("slow down", 429, {"Retry-After": "7"}),
    "500": Say("", 500),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_is_no_daily_file_is_asked_again_and_never_landed(world: Indeed, publisher: Publisher, fault: Say) -> None:
    publisher.answers(SECTOR, fault)
    results = {outcome.scope.table: outcome for outcome in world.refresh()}
    assert (results["software_index"].result, results["ai_share"].result) == ("failed", "landed")
    assert "job_postings_by_sector_US.csv: " in results["software_index"].reason
    publisher.answers(SECTOR, fault, Say(sector(*FEBRUARY, *MARCH)))
    world.refresh()
    world.load()
    assert world.rows(MEANS) == GOOD


def test_the_shipped_means_come_out_of_the_daily_figures(tmp_path: Path, publisher: Publisher, shared: Path) -> None:
    figures = shared / "facts" / "jobs" / "indeed_ai_share_daily.csv"
    with figures.open(encoding="utf-8", newline="") as handle:
        lines = [f"{row['date']},{row['country']},{row['ai_share_pct']}" for row in csv.DictReader(handle)]
    publisher.answers(SHARE, Say("\n".join([SHARE_HEADER, *lines, ""])))
    world = Indeed(tmp_path, publisher)
    world.later(days=2_300)
    world.refresh()
    world.load()
    shipped = Landing(tmp_path, Path(__file__).parents[3] / "ingest" / "extracts")
    (event,) = (event for event in shipped.events("indeed") if event.scope.table == "ai_share")
    rows = csv.DictReader(io.StringIO(shipped.path_of(event).read_text(encoding="utf-8")))
    expected = [
        (row["first_date"], row["last_date"], float(row["mean_share_pct"])) for row in rows if row["country"] == "US"
    ]
    query = "select first_date::varchar, last_date::varchar, mean_share_pct from raw.indeed__ai_share order by 1"
    assert world.rows(query) == expected
    assert len(expected) == 90


def test_its_files_are_asked_for_by_the_address_in_the_catalog() -> None:
    access = shipped_catalog().source("indeed").access
    assert access
    assert [url.rpartition("/")[2] for url in access.urls] == ["job_postings_by_sector_{name}.csv", "AI_posting.csv"]
