"""arXiv: the whole way of a monthly total, and every way in which its API answers something else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.errors import ExtractError
from ingest.model import Scope
from ingest.sources.arxiv import total_of
from tests.ingest.one_source import OneSource, named, shipped_catalog
from tests.ingest.publisher import Heard, Publisher, Say, publishing
from tests.ingest.sources.recorded import document

WINDOW = (date(2020, 2, 1), date(2020, 3, 1))
FEBRUARY = Scope("counts", *WINDOW, ("anvil",))
COUNTS = "select name, period_start, period_end, count from raw.arxiv__counts order by all"


def entry(name: str = "http://arxiv.org/abs/2002.00001v1", published: str = "2020-02-03T10:00:00Z") -> str:
    title = "Error" if "errors" in name else "On anvils"
    words = f"<title>{title}</title><summary>max_results\n must not be 0</summary>"
    return f"<entry><id>{name}</id>{words}<published>{published}</published></entry>"


def feed(total: object, *entries: str, title: str = "search_query=abs:anvil", prefix: str = "opensearch") -> str:
    space = "http://a9.com/-/spec/opensearch/1.1/"
    return (
        f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:{prefix}="{space}">'
        f"<title>{title}</title><{prefix}:totalResults>{total}</{prefix}:totalResults>{''.join(entries)}</feed>"
    )


GOOD = Say(feed(17, entry()))
ERROR = feed(1, entry("https://arxiv.org/api/errors#max_results_must_not_be_0"))


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        yield made


@pytest.fixture
def world(tmp_path: Path, publisher: Publisher) -> OneSource:
    return OneSource(tmp_path, "arxiv", publisher.url, *named("anvil"))


def test_a_months_total_is_asked_for_landed_and_loaded(world: OneSource, publisher: Publisher) -> None:
    publisher.answers("/query", GOOD)
    assert [outcome.result for outcome in world.refresh(WINDOW)] == ["landed"]
    assert publisher.heard[0].params == {
        "search_query": '(ti:"anvil" OR abs:"anvil") AND submittedDate:[202002010000 TO 202002292359]',
        "start": "0",
        "max_results": "1",
        "sortBy": "submittedDate",
        "sortOrder": "ascending",
    }
    assert world.load() == [""]
    assert world.rows(COUNTS) == [("anvil", date(2020, 2, 1), date(2020, 3, 1), 17)]
    (event,) = world.events()
    assert world.landing.path_of(event).read_bytes() == GOOD.data
    assert world.refresh(WINDOW) == []


def test_no_paper_is_a_zero_that_arxiv_states(world: OneSource, publisher: Publisher) -> None:
    publisher.answers("/query", Say(feed(0)))
    world.refresh(WINDOW)
    assert world.load() == [""]
    assert world.rows("select count from raw.arxiv__counts") == [(0,)]


def test_every_month_is_a_question_of_its_own(world: OneSource, publisher: Publisher) -> None:
    def response(heard: Heard) -> Say:
        month = heard.params["search_query"].partition("[")[2][4:6]
        return Say(feed(int(month), entry(published=f"2020-{month}-01T00:00:00Z")))

    publisher.answers("/query", response)
    world.refresh((date(2020, 1, 1), date(2020, 12, 1)))
    world.load()
    assert [row[3] for row in world.rows(COUNTS)] == list(range(1, 12))


FAULTS = {
    "blank body": Say(b""),
    "rate exceeded with 200": Say("Rate exceeded."),
    "rate exceeded with 429": Say("Rate exceeded.", 429),
    "rate exceeded with 503": Say("Rate exceeded.", 503),
    "500": Say("", 500),
    "cut": Say(feed(17, entry()), fault="cut"),
    "cut and said to be whole": Say(feed(17, entry())[:-20]),
    "a page of html": Say("<html><body>busy</body></html>", headers={"Content-Type": "text/html"}),
    "an empty page": Say(feed(17)),
    "an error that says 1, with 200": Say(ERROR),
    "no total": Say(feed("")),
    "the total is no number": Say(feed("many", entry())),
    "papers of other months": Say(feed(214_881, entry(published="2007-01-01T00:00:00Z"))),
    "no query echoed": Say(feed(0, title="")),
    "another name echoed": Say(feed(17, entry(), title="search_query=abs:bellows")),
    "another range echoed": Say(feed(0, title="anvil submittedDate:[201901010000 TO 201912312359]")),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_is_no_answer_is_asked_again_and_never_counted(world: OneSource, publisher: Publisher, fault: Say) -> None:
    publisher.answers("/query", fault)
    (outcome,) = world.refresh(WINDOW)
    assert outcome.result == "failed"
    assert "/query: " in outcome.reason
    assert world.events() == []
    publisher.answers("/query", fault, GOOD)
    assert [outcome.result for outcome in world.refresh(WINDOW)] == ["landed"]
    world.load()
    assert [row[3] for row in world.rows(COUNTS)] == [17]


def test_who_is_turned_away_asks_nothing_more_and_goes_on_the_next_day(world: OneSource, publisher: Publisher) -> None:
    publisher.answers("/query", Say("Rate exceeded.", 429))
    outcomes = world.refresh((WINDOW[0] - timedelta(days=60), WINDOW[1]))
    assert [outcome.result for outcome in outcomes] == ["failed", "not fetched", "not fetched"]
    assert "turns us away" in outcomes[0].reason
    assert len(publisher.heard) == world.access["attempts"]
    publisher.answers("/query", GOOD)
    assert [outcome.result for outcome in world.refresh(WINDOW)] == ["landed"]


def test_a_question_that_is_refused_fails_at_once_with_arxivs_reason(world: OneSource, publisher: Publisher) -> None:
    publisher.answers("/query", Say(ERROR, 400))
    (outcome,) = world.refresh(WINDOW)
    assert (outcome.result, len(publisher.heard)) == ("failed", 1)
    assert "status 400: arXiv says: max_results must not be 0" in outcome.reason


def test_namespaces_are_read_as_such() -> None:
    assert total_of(feed(17, entry(), prefix="os").encode(), "x", FEBRUARY) == 17


def test_the_parser_refuses_what_was_landed_wrongly() -> None:
    with pytest.raises(ExtractError, match="x: arXiv says: max_results must not be 0"):
        total_of(ERROR.encode(), "x", FEBRUARY)


def test_the_rules_of_arxiv_are_in_the_catalog() -> None:
    access = shipped_catalog().source("arxiv").access
    assert access
    # its terms say three; it turns away some who keep to them
    assert access.pace.seconds_between
    assert access.pace.seconds_between >= 3
    assert access.schedule


@pytest.mark.parametrize(
    ("name", "total", "month"),
    [
        ("id_0808.05394_s0_m100_7b0c7d0a7cdd", 0, date(2016, 5, 1)),
        ("id_1605.08386_s0_m100_199195aa31ad", 1, date(2016, 5, 1)),
        ("q_testing_s0_m10_bc5a6c384fe9", 214_881, None),
        ("q_testing_s10_m10_34e56e15aaac", 214_881, None),
    ],
)
def test_the_recorded_feeds_parse(name: str, total: int, month: date | None) -> None:
    envelope = document(f"recorded/arxiv/{name}.json")
    assert parse_qs(urlsplit(envelope["url"]).query)["max_results"]
    # feeds about single papers repeat no words; only where nobody asks for a name are they about the right one
    terms = ("testing",) if month is None else None
    scope = Scope("counts", month or date(1991, 1, 1), date(2016, 6, 1) if month else date(2027, 1, 1), terms)
    assert total_of(envelope["body"].encode(), name, scope) == total
    with pytest.raises(ExtractError, match="does not say that it is about anvil"):
        total_of(envelope["body"].encode(), name, replace(scope, terms=("anvil",)))
    if month is None:
        with pytest.raises(ExtractError, match="in a response about 1991-08-01 to 1991-09-01"):
            total_of(envelope["body"].encode(), name, Scope("counts", date(1991, 8, 1), date(1991, 9, 1), terms))
