"""Stack Exchange: totals of surviving questions, a quota, and a throttle that comes as a bad request."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ingest.errors import ExtractError
from ingest.sources.stack_exchange import total_of
from tests.ingest.one_source import OneSource, named, shipped_catalog
from tests.ingest.publisher import Publisher, Say, publishing
from tests.ingest.sources.recorded import recorded

WINDOW = (date(2020, 2, 1), date(2020, 3, 1))
COUNTS = "select name, period_start, period_end, count from raw.stack_exchange__counts order by all"


def packed(text: str, **headers: str) -> Say:
    """As this publisher always answers."""
    return Say(gzip.compress(text.encode()), headers={"Content-Encoding": "gzip", **headers})


def throttled(seconds: int) -> Say:
    words = f"too many requests from this IP, more requests available in {seconds} seconds"
    return Say({"error_id": 502, "error_name": "throttle_violation", "error_message": words}, 400)


GOOD = packed('{"total":17}')


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        yield made


@pytest.fixture
def world(tmp_path: Path, publisher: Publisher) -> OneSource:
    return OneSource(tmp_path, "stack_exchange", publisher.url, *named("anvil"))


def test_a_months_total_goes_from_its_first_second_to_its_last(world: OneSource, publisher: Publisher) -> None:
    publisher.answers("/questions", GOOD)
    assert [outcome.result for outcome in world.refresh(WINDOW)] == ["landed"]
    assert publisher.heard[0].params == {
        "site": "stackoverflow",
        "tagged": "anvil",
        "fromdate": "1580515200",
        "todate": "1583020799",
        "filter": "total",
    }
    assert world.load() == [""]
    assert world.rows(COUNTS) == [("anvil", *WINDOW, 17)]
    assert world.refresh(WINDOW) == []


def test_no_question_with_a_tag_that_exists_is_a_zero(world: OneSource, publisher: Publisher) -> None:
    publisher.answers("/questions", packed('{"total":0}'))
    world.refresh(WINDOW)
    world.load()
    assert world.rows(COUNTS) == [("anvil", *WINDOW, 0)]


def test_two_tags_are_asked_for_together(tmp_path: Path, publisher: Publisher) -> None:
    world = OneSource(tmp_path, "stack_exchange", publisher.url, *named("anvil;hammer"))
    publisher.answers("/questions", GOOD)
    world.refresh(WINDOW)
    assert world.load() == [""]
    assert publisher.heard[0].params["tagged"] == "anvil;hammer"
    assert world.rows(COUNTS) == [("anvil;hammer", *WINDOW, 17)]


def test_a_throttle_says_in_its_words_how_long_to_wait(world: OneSource, publisher: Publisher) -> None:
    publisher.answers("/questions", throttled(13), GOOD)
    assert [outcome.result for outcome in world.refresh(WINDOW)] == ["landed"]
    assert world.clock.waits == [13]


def test_a_quota_that_is_used_up_stops_the_asking(world: OneSource, publisher: Publisher) -> None:
    publisher.answers("/questions", throttled(32_322))
    first, *rest = world.refresh((date(2020, 1, 1), date(2021, 1, 1)))
    assert (first.result, {outcome.result for outcome in rest}, len(publisher.heard)) == ("failed", {"not fetched"}, 1)
    assert "more requests available in 32322 seconds; the next try is due in 32,322 s" in first.reason
    assert world.clock.waits == []


def test_backoff_is_obeyed_before_the_next_question(world: OneSource, publisher: Publisher) -> None:
    publisher.answers("/questions", packed('{"total":17,"backoff":10}'), GOOD)
    world.refresh((date(2020, 2, 1), date(2020, 4, 1)))
    assert world.clock.waits == [10]


def test_a_backoff_beyond_the_budget_loses_no_answer_and_is_not_sat_out(world: OneSource, publisher: Publisher) -> None:
    publisher.answers("/questions", packed('{"total":17,"backoff":90000}'), GOOD)
    first, second = world.refresh((date(2020, 2, 1), date(2020, 4, 1)))
    assert (first.result, second.result, len(publisher.heard)) == ("landed", "failed", 1)
    assert "asks for a rest of 90,000 s" in second.reason
    assert world.clock.waits == []


def test_without_a_key_a_refresh_stays_below_the_quota_and_with_one_it_may_ask_more(
    world: OneSource, publisher: Publisher
) -> None:
    access = shipped_catalog().source("stack_exchange").access
    assert access
    assert access.most_requests
    assert access.most_requests < 300
    world.access["most_requests"] = 3
    publisher.answers("/questions", GOOD)
    months = (date(2020, 1, 1), date(2020, 12, 1))
    results = [outcome.result for outcome in world.refresh(months)]
    assert results == ["landed"] * 3 + ["failed"] + ["not fetched"] * 7
    world.environment = {"STACKEXCHANGE_KEY": "s3cret"}
    assert [outcome.result for outcome in world.refresh(months)] == ["landed"] * 8
    assert publisher.heard[-1].params["key"] == "s3cret"
    assert "s3cret" not in str(world.events())


FAULTS = {
    "a throttle with 200": Say(throttled(1).data),
    "an error with 200": Say({"error_id": 500, "error_name": "internal_error", "error_message": "oops"}),
    "unavailable": Say({"error_id": 503, "error_name": "temporarily_unavailable", "error_message": "later"}, 400),
    "no total": Say({"items": [], "has_more": False}),
    "an empty body": Say(b""),
    "half of a total": Say({"total": 1.5}),
    "500": Say("", 500),
    "429": Say("slow down", 429),
    "html": Say("<html></html>", headers={"Content-Type": "text/html"}),
    "cut": Say({"total": 17}, fault="cut"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_is_no_total_is_asked_again_and_never_counted(world: OneSource, publisher: Publisher, fault: Say) -> None:
    publisher.answers("/questions", fault)
    (outcome,) = world.refresh(WINDOW)
    assert outcome.result == "failed"
    assert "/questions: " in outcome.reason
    assert world.events() == []
    publisher.answers("/questions", fault, GOOD)
    assert [outcome.result for outcome in world.refresh(WINDOW)] == ["landed"]
    world.load()
    assert world.rows(COUNTS) == [("anvil", *WINDOW, 17)]


def test_a_bad_question_fails_at_once(world: OneSource, publisher: Publisher) -> None:
    bad = {"error_id": 400, "error_name": "bad_parameter", "error_message": "fromdate"}
    publisher.answers("/questions", Say(bad, 400))
    (outcome,) = world.refresh(WINDOW)
    assert (outcome.result, len(publisher.heard)) == ("failed", 1)
    assert "bad_parameter" in outcome.reason


def test_the_recorded_replies_parse() -> None:
    folder = recorded("recorded/stackexchange")
    assert total_of((folder / "quoted-questions-filter-total.json").read_bytes(), "total") == 13_163
    with pytest.raises(ExtractError, match=r"Stack Exchange says: throttle_violation: .* in 32322 seconds"):
        total_of((folder / "quoted-throttle-violation.json").read_bytes(), "throttle")
    for name in ("quoted-tags-info.json", "stackapi-sites.json"):
        with pytest.raises(ExtractError, match="expected a whole number as total; found None"):
            total_of((folder / name).read_bytes(), name)
