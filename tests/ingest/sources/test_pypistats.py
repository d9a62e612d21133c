"""PyPI Stats on this machine: days on their whole way, and every response that is none.

Belongs here: this source's protocol. Does not belong here: months made of days (the model's unit test).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.one_source import OneSource, named, shipped_catalog
from tests.ingest.publisher import Publisher, Say, publishing

PATH = "/api/packages/anvil/overall"
LAST = date(2021, 1, 4)
HTML = {"Content-Type": "text/html"}


def days(count: int = 181) -> list[dict[str, Any]]:
    """What the publisher keeps: the last days up to yesterday, each with and without mirrors."""
    return [
        {"category": category, "date": str(LAST - timedelta(days=back)), "downloads": 100 + back}
        for category in ("with_mirrors", "without_mirrors")
        for back in reversed(range(count))
    ]


def reply(data: object, **changes: object) -> dict[str, Any]:
    return {"data": data, "package": "anvil", "type": "overall_downloads", **changes}


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        made.answers(PATH, Say(reply(days())))
        yield made


@pytest.fixture
def world(tmp_path: Path, publisher: Publisher) -> OneSource:
    return OneSource(tmp_path, "pypistats", f"{publisher.url}/api", *named("anvil"))


def test_the_days_of_both_categories_go_the_whole_way(world: OneSource) -> None:
    assert [outcome.result for outcome in world.refresh()] == ["landed"]
    assert world.load() == [""]
    query = (
        "select category, count(*), min(day_date)::varchar, sum(downloads)::bigint from raw.pypistats__days group by 1"
    )
    total = sum(100 + back for back in range(181))
    assert sorted(world.rows(query)) == [
        ("with_mirrors", 181, "2020-07-08", total),
        ("without_mirrors", 181, "2020-07-08", total),
    ]


def test_only_today_can_be_seen_and_it_is_asked_once(world: OneSource, publisher: Publisher) -> None:
    world.refresh()
    assert world.refresh() == []
    world.later(days=31)
    publisher.answers(PATH, Say(reply(days(10))))
    assert [outcome.result for outcome in world.refresh()] == ["landed"]
    # what was kept of the month before stays, although the publisher forgets it
    assert [(event.scope.period_start, event.scope.period_end) for event in world.events()] == [
        (date(2021, 1, 5), date(2021, 1, 6)),
        (date(2021, 2, 5), date(2021, 2, 6)),
    ]


def test_an_unknown_package_is_absent_not_zero(world: OneSource, publisher: Publisher) -> None:
    publisher.answers(PATH, Say("<html>404</html>", 404, HTML))
    (outcome,) = world.refresh()
    assert (outcome.result, world.events()) == ("absent", [])
    assert "404" in outcome.reason


@pytest.mark.parametrize(
    ("reply", "match"),
    {
        "another package": (Say(reply(days(), package="bellows")), "expected overall_downloads of anvil; found"),
        "another series": (Say(reply(days(), type="recent_downloads")), "found ('anvil', 'recent_downloads')"),
        "no days": (Say(reply([])), "no days of anvil"),
        "days that are none": (Say(reply({"last_day": 7})), "no days of anvil"),
        "a day twice": (Say(reply([*days(3), *days(1)])), "twice: 2021-01-04 with_mirrors"),
        "a list": (Say([]), "found None"),
        "a page in place of data": (Say("<html>busy</html>", headers=HTML), "expected JSON, found text/html"),
        "cut on the wire": (Say(reply(days()), fault="cut"), "cut off"),
        "out of order": (Say("", 500), "status 500"),
    }.values(),
)
def test_what_is_no_answer_fails_in_words_and_lands_nothing(
    world: OneSource, publisher: Publisher, reply: Say, match: str
) -> None:
    publisher.answers(PATH, reply)
    (outcome,) = world.refresh()
    assert outcome.result == "failed"
    assert match in outcome.reason
    assert world.events() == []


def test_the_recorded_rate_limit_is_waited_for(world: OneSource, publisher: Publisher, shared: Path) -> None:
    recorded = (shared / "apis" / "recorded" / "pypistats" / "quoted-429.html").read_bytes()
    publisher.answers(PATH, Say(recorded, 429, HTML), Say(reply(days())))
    assert [outcome.result for outcome in world.refresh()] == ["landed"]
    assert len(world.clock.waits) == 1


def test_a_wrong_day_is_rejected_and_the_others_are_kept(world: OneSource, publisher: Publisher) -> None:
    wrong = [
        {"category": "with_mirrors", "date": "2021-02-01", "downloads": 1},
        {"category": "with_mirrors", "date": "2021-01-03", "downloads": -1},
        {"category": "null", "date": "2021-01-02", "downloads": 1},
        {"category": "with_mirrors", "date": "2021-01-01"},
    ]
    publisher.answers(PATH, Say(reply([*wrong, *days(1)])))
    world.refresh()
    assert world.load() == [""]
    assert world.rows("select column_name from raw.rejected_rows order by row_number") == [
        ("day_date",), ("downloads",), ("category",), ("downloads",),
    ]  # fmt: skip
    assert world.rows("select count(*) from raw.pypistats__days") == [(2,)]


def test_the_publisher_is_asked_less_often_than_it_allows() -> None:
    access = shipped_catalog().source("pypistats").access
    assert access
    assert (access.pace.per_second or 99) <= 5
    assert (access.pace.per_minute or 99) <= 30


def test_it_is_a_cross_check_and_never_the_headline() -> None:
    ways = [way for metric in shipped_catalog().metrics for way in metric.sources if way.source == "pypistats"]
    assert {way.basis for way in ways} == {"without_mirrors", "all_installers"}
    assert {way.preferred for way in ways} == {"never"}
