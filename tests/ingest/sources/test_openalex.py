"""OpenAlex: all years in one response, a budget a day, and answers that are only a part."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.model import Scope
from ingest.sources.openalex import works_of
from tests.ingest.one_source import OneSource, named
from tests.ingest.publisher import Publisher, Say, publishing
from tests.ingest.sources.recorded import recorded

TODAY = datetime(2021, 6, 1, 12, tzinfo=UTC)
COUNTS = "select year(period_start), count from raw.openalex__counts order by all"
YEARS = {2016: 5, 2019: 100, 2020: 200}


def groups(works: Mapping[int, object] = YEARS, total: object = None, **more: Any) -> dict[str, Any]:
    count = sum(int(str(n)) for n in works.values()) if total is None else total
    listed = [{"key": str(year), "key_display_name": str(year), "count": n} for year, n in works.items()]
    return {"meta": {"count": count, "groups_count": len(listed)}, "results": [], "group_by": listed, **more}


GOOD = Say(groups())
EVERY_YEAR = [(2015, 0), (2016, 5), (2017, 0), (2018, 0), (2019, 100), (2020, 200)]


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        yield made


@pytest.fixture
def one(tmp_path: Path, publisher: Publisher) -> OneSource:
    return OneSource(tmp_path, "openalex", publisher.url, *named("anvil"), today=TODAY)


def test_one_question_brings_all_years_and_a_year_without_a_group_has_none(
    one: OneSource, publisher: Publisher
) -> None:
    publisher.answers("/works", GOOD)
    assert [asking.result for asking in one.refresh()] == ["landed"]
    assert publisher.heard[0].params == {
        "filter": 'title_and_abstract.search:"anvil",from_publication_date:2015-01-01,to_publication_date:2020-12-31',
        "group_by": "publication_year",
    }
    assert one.load() == [""]
    assert one.rows(COUNTS) == EVERY_YEAR
    (event,) = one.events()
    assert event.available_at == TODAY
    assert one.refresh() == []


def test_a_new_year_brings_all_years_again_so_that_they_are_of_one_collection(
    one: OneSource, publisher: Publisher
) -> None:
    publisher.answers("/works", GOOD)
    one.refresh()
    one.later(days=365)
    publisher.answers("/works", Say(groups({2019: 90, 2020: 210, 2021: 300})))
    assert [asking.scope.period_start for asking in one.refresh()] == [date(2021, 1, 1)]
    assert "from_publication_date:2015-01-01,to_publication_date:2021-12-31" in publisher.heard[1].params["filter"]
    newest = one.events()[-1]
    assert (newest.scope.period_start, newest.scope.period_end) == (date(2015, 1, 1), date(2022, 1, 1))
    assert one.refresh() == []


def test_counts_as_texts_are_counts(one: OneSource, publisher: Publisher) -> None:
    publisher.answers("/works", Say(groups({2019: "100", 2020: "200"}, "300")))
    one.refresh()
    one.load()
    assert one.rows(COUNTS)[-2:] == [(2019, 100), (2020, 200)]


FAULTS = {
    "an error with 200": Say({"error": "Invalid query", "message": "what?"}),
    "500": Say("", 500),
    "429 above so many a second": Say({"error": "Too many requests"}, 429, {"X-RateLimit-Remaining": "93"}),
    "429 that says nothing": Say({"error": "Too many requests"}, 429),
    "429 with nonsense in its headers": Say("", 429, {"X-RateLimit-Remaining": "a few", "X-RateLimit-Reset": "soon"}),
    "a part of the groups": Say(groups({2019: 100}, 305)),
    "a year twice": Say({**groups(), "group_by": [{"key": "2020", "count": 152}, {"key": "2020", "count": 153}]}),
    "an empty page": Say({"meta": {"count": 305}, "results": [], "group_by": []}),
    "nothing of anything": Say({"meta": {"count": 0}, "results": [], "group_by": []}),
    "no groups": Say({"meta": {"count": 305}, "results": []}),
    "years that were not requested": Say(groups({1990: 5, 2020: 300})),
    "a group without a count": Say({**groups(), "group_by": [{"key": "2020"}]}),
    "a negative count": Say(groups({2019: -5, 2020: 310})),
    "html": Say("<html></html>", headers={"Content-Type": "text/html"}),
    "cut": Say(groups(), fault="cut"),
    "a list": Say([1, 2]),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_is_no_whole_answer_is_asked_again_and_never_counted(
    one: OneSource, publisher: Publisher, fault: Say
) -> None:
    publisher.answers("/works", fault)
    (asking,) = one.refresh()
    assert asking.result == "failed"
    assert "/works: " in asking.reason
    assert one.events() == []
    publisher.answers("/works", fault, GOOD)
    assert [asking.result for asking in one.refresh()] == ["landed"]
    one.load()
    assert one.rows(COUNTS) == EVERY_YEAR


def test_a_bad_question_fails_at_once(one: OneSource, publisher: Publisher) -> None:
    publisher.answers("/works", Say({"error": "Invalid query parameters error.", "message": "no such filter"}, 400))
    (asking,) = one.refresh()
    assert (asking.result, len(publisher.heard)) == ("failed", 1)
    assert "no such filter" in asking.reason


def test_a_days_budget_that_is_spent_stops_the_asking_and_says_until_when(tmp_path: Path, publisher: Publisher) -> None:
    one = OneSource(tmp_path, "openalex", publisher.url, *named("anvil", "hammer"), today=TODAY)
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "43200"}
    publisher.answers("/works", Say({"error": "Rate limit exceeded"}, 429, spent))
    first, second = one.refresh()
    assert (first.result, second.result, len(publisher.heard)) == ("failed", "not fetched", 1)
    assert "the day's budget is spent until 2021-06-02 00:00 UTC" in first.reason
    assert one.clock.waits == []


def test_the_key_is_sent_and_not_written_down(one: OneSource, publisher: Publisher) -> None:
    one.environment = {"OPENALEX_API_KEY": "s3cret"}
    publisher.answers("/works", GOOD)
    one.refresh()
    assert publisher.heard[0].params["api_key"] == "s3cret"
    assert "s3cret" not in str(one.events())


def test_the_constructed_sample_parses() -> None:
    body = recorded("constructed/openalex_group_by_year.json").read_bytes()
    assert json.loads(body)["meta"]["groups_count"] == 2
    scope = Scope("counts", date(2018, 1, 1), date(2021, 1, 1), ("anvil",))
    assert works_of(body, "sample", scope) == {2018: 0, 2019: 100, 2020: 200}
