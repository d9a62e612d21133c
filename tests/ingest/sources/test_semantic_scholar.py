"""Semantic Scholar: totals that are estimates, a crowded pool, and pages that do not fit their total."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ExtractError
from ingest.sources.semantic_scholar import total_of
from tests.ingest.one_source import OneSource, named, shipped_catalog
from tests.ingest.publisher import Publisher, Say, publishing
from tests.ingest.sources.recorded import cassette

TODAY = datetime(2021, 6, 1, 12, tzinfo=UTC)
YEAR = (date(2020, 1, 1), date(2021, 1, 1))
PATH = "/paper/search/bulk"
# the publisher stems words: not every title has the term as it was asked for
TITLES = ("On Anvils", "On tongs")


def page(total: object, works: int, token: str | None = None, year: int = 2020, **more: Any) -> dict[str, Any]:
    data = [{"paperId": f"p{n}", "year": year, "title": TITLES[n % 2], "abstract": None} for n in range(works)]
    return {"total": total, "token": token, "data": data, **more}


GOOD = Say(page(2_674, 1_000, "more"))


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        yield made


@pytest.fixture
def one(tmp_path: Path, publisher: Publisher) -> OneSource:
    return OneSource(tmp_path, "semantic_scholar", publisher.url, *named("anvil"), today=TODAY)


@pytest.mark.parametrize(
    ("say", "count"),
    [(GOOD, 2_674), (Say(page(3, 3)), 3), (Say(page("3", 3)), 3), (Say(page(0, 0)), 0)],
    ids=["the first of several pages", "one page", "as a text", "none"],
)
def test_the_total_of_a_year_is_the_publishers(one: OneSource, publisher: Publisher, say: Say, count: int) -> None:
    publisher.answers(PATH, say)
    assert [asking.result for asking in one.refresh(YEAR)] == ["landed"]
    assert publisher.heard[0].params == {"query": '"anvil"', "year": "2020", "fields": "paperId,year,title,abstract"}
    assert "x-api-key" not in publisher.heard[0].headers
    assert one.load() == [""]
    assert one.rows("select * exclude (extract_id, row_number) from raw.semantic_scholar__counts") == [
        ("anvil", *YEAR, count)
    ]


FAULTS = {
    "429 of the common pool": Say({"message": "Too Many Requests", "code": "429"}, 429),
    "429 inside a 200": Say({"message": "Too Many Requests", "code": "429"}),
    "an error with 200": Say({"error": "Internal"}),
    "an empty page": Say(page(2_674, 0, "more")),
    "a page that was cut": Say(page(500, 300)),
    "a work twice": Say({"total": 2, "token": None, "data": [{"paperId": "p"}, {"paperId": "p"}]}),
    "more works than there are": Say(page(1, 2)),
    "another year": Say(page(3, 3, year=1999)),
    "another name": Say({"total": 1, "token": None, "data": [{"paperId": "p", "year": 2020, "title": "Tongs"}]}),
    "no titles": Say({"total": 1, "token": None, "data": [{"paperId": "p", "year": 2020}]}),
    "no total": Say({"data": []}),
    "a total that is no number": Say(page(2.5, 1, "more")),
    "html": Say("<html></html>"),
    "504": Say({"message": "Endpoint request timed out"}, 504),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_is_no_answer_is_asked_again_and_never_counted(one: OneSource, publisher: Publisher, fault: Say) -> None:
    publisher.answers(PATH, fault)
    assert [asking.result for asking in one.refresh(YEAR)] == ["failed"]
    assert one.events() == []
    publisher.answers(PATH, fault, GOOD)
    assert [asking.result for asking in one.refresh(YEAR)] == ["landed"]
    one.load()
    assert one.rows("select count from raw.semantic_scholar__counts") == [(2_674,)]


def test_a_response_from_before_titles_were_asked_for_is_still_read() -> None:
    bare = {"total": 1, "token": None, "data": [{"paperId": "p", "year": 2020}]}
    assert total_of(json.dumps(bare).encode(), "x", 2020, "anvil") == 1


def test_a_bad_key_stops_the_asking(one: OneSource, publisher: Publisher) -> None:
    one.environment = {"S2_API_KEY": "s3cret"}
    publisher.answers(PATH, Say({"message": "Forbidden s3cret"}, 403))
    first, *rest = one.refresh((date(2018, 1, 1), date(2021, 1, 1)))
    assert publisher.heard[0].headers["x-api-key"] == "s3cret"
    assert (first.result, {asking.result for asking in rest}, len(publisher.heard)) == ("failed", {"not fetched"}, 1)
    assert "as for a bad key" in first.reason
    assert "s3cret" not in first.reason


def test_its_figures_are_graded_as_estimates_and_it_is_asked_by_name_only() -> None:
    entry = shipped_catalog().source("semantic_scholar")
    assert (entry.grade.grade, entry.access and entry.access.schedule) == ("C", None)


def test_the_recorded_bulk_search_parses() -> None:
    exchanges = cassette("recorded/semanticscholar/test_search_paper_bulk_retrieval.yaml")
    (found,) = [body for _, status, body in exchanges if status == 200]
    # it was asked for titles only: works without a year would count for any
    with pytest.raises(ExtractError, match="works of no year in a response about 2020"):
        total_of(found, "recorded", 2020)
    reply = json.loads(found)
    dated = {**reply, "data": [{**work, "year": 2020} for work in reply["data"]]}
    assert total_of(json.dumps(dated).encode(), "recorded", 2020) == 2_674


@pytest.mark.parametrize("name", ["test_bad_query_parameters", "test_not_found"])
def test_the_recorded_errors_are_told_in_the_publishers_words(name: str) -> None:
    for uri, status, body in cassette(f"recorded/semanticscholar/{name}.yaml"):
        assert status in (400, 404)
        with pytest.raises(ExtractError, match=r"Semantic Scholar says: (Unrecognized|Paper with id|Author with id)"):
            total_of(body, uri, 2020)
