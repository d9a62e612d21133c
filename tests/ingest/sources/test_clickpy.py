"""ClickPy on this machine: the request, a response on its whole way, and all that looks like one and is not.

Belongs here: this source's request and rows. Does not belong here: what every server of this kind does alike
(tests/ingest/clients/test_clickhouse.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.refresh import RequestOutcome
from tests.ingest.one_source import OneSource, named, shipped_catalog
from tests.ingest.publisher import Heard, Publisher, Say, publishing

TODAY = datetime(2020, 6, 20, 12, tzinfo=UTC)
SPAN = (date(2020, 2, 1), date(2020, 4, 1))
BUSY = "pip"
Row = dict[str, Any]


def row(project: str, month: str, installer: str, downloads: int, days: int) -> Row:
    """A row as the server writes it: 64-bit integers are texts."""
    fields = {"month_date": month, "project": project, "installer": installer, "downloads": str(downloads)}
    return {**fields, "days": str(days), "busy": BUSY}


GOOD = [
    row("anvil", "2020-02-01", "", 3, 2),
    row("anvil", "2020-02-01", "bandersnatch", 40, 29),
    row("anvil", "2020-02-01", "pip", 1_000, 20),
    row("anvil", "2020-03-01", "pip", 10**15 - 1, 31),
    row(BUSY, "2020-02-01", "bandersnatch", 9, 7),
    row(BUSY, "2020-02-01", "pip", 9_000, 29),
    row(BUSY, "2020-03-01", "pip", 9_000, 30),
]


def reply(data_rows: list[Row], **changes: object) -> Row:
    return {
        "meta": [{"name": name, "type": "String"} for name in GOOD[0]],
        "data": data_rows,
        "rows": len(data_rows),
        "statistics": {"elapsed": 0.01, "rows_read": 1000, "bytes_read": 8000},
        **changes,
    }


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        made.answers("/", Say(reply(GOOD)))
        yield made


@pytest.fixture
def world(tmp_path: Path, publisher: Publisher) -> OneSource:
    url = f"{publisher.url}/?user=demo&database=pypi&param_busy={BUSY}"
    return OneSource(tmp_path, "clickpy", url, *named("anvil"), today=TODAY)


def only(outcomes: list[RequestOutcome]) -> RequestOutcome:
    (outcome,) = outcomes
    return outcome


LOADED = "select month_date::varchar, installer, downloads, days_held from raw.clickpy__downloads order by all"


def test_an_answer_goes_the_whole_way_and_a_month_says_how_many_of_its_days_are_held(world: OneSource) -> None:
    assert only(world.refresh(SPAN)).result == "landed"
    assert world.load() == [""]
    assert world.rows(LOADED) == [
        ("2020-02-01", "", 3, 29),
        ("2020-02-01", "bandersnatch", 40, 29),
        ("2020-02-01", "pip", 1_000, 29),
        # the copy lacks a day: nothing may take this month for a whole one
        ("2020-03-01", "pip", 10**15 - 1, 30),
    ]
    assert world.rows("select count(*) from raw.rejected_rows") == [(0,)]


def test_several_months_are_one_question_about_one_package(world: OneSource, publisher: Publisher) -> None:
    world.names = named("anvil", "anvil-small")
    world.refresh(SPAN)
    requests = [heard.params for heard in publisher.heard]
    assert [params["param_project"] for params in requests] == ["anvil", "anvil-small"]
    assert {(params["param_from"], params["param_until"]) for params in requests} == {("2020-02-01", "2020-04-01")}
    assert {(params["read_overflow_mode"], params["wait_end_of_query"]) for params in requests} == {("throw", "1")}
    assert b"WHERE project IN ({project:String}, {busy:String}) AND date >= {from:Date}" in publisher.heard[0].body


def test_a_month_that_is_not_over_is_never_asked_for(world: OneSource, publisher: Publisher) -> None:
    publisher.answers("/", Say(reply([])))
    world.refresh()
    assert max(heard.params["param_until"] for heard in publisher.heard) == "2020-06-01"


def test_recent_months_are_asked_again_and_settled_ones_are_not(world: OneSource, publisher: Publisher) -> None:
    publisher.answers("/", Say(reply([])))
    world.refresh()
    publisher.heard.clear()
    world.refresh()
    # 45 days after its end a month may still change
    assert [(heard.params["param_from"], heard.params["param_until"]) for heard in publisher.heard] == [
        ("2020-05-01", "2020-06-01")
    ]


def test_a_month_without_a_row_is_not_a_zero(world: OneSource, publisher: Publisher) -> None:
    publisher.answers("/", Say(reply([each for each in GOOD if each["project"] == BUSY])))
    assert only(world.refresh(SPAN)).result == "landed"
    assert world.load() == [""]
    assert world.rows("select count(*) from raw.clickpy__downloads") == [(0,)]


def test_without_the_package_that_is_fetched_every_day_no_month_is_whole(
    world: OneSource, publisher: Publisher
) -> None:
    publisher.answers("/", Say(reply([each for each in GOOD if each["project"] != BUSY])))
    world.refresh(SPAN)
    world.load()
    assert world.rows("select distinct days_held from raw.clickpy__downloads") == [(0,)]


TOO_MUCH = "Code: 158. DB::Exception: Limit for rows or bytes to read exceeded, max rows: 1.00 billion (TOO_MANY_ROWS)"


@pytest.mark.parametrize(
    ("answer", "match"),
    {
        "too many rows to read": (Say({"exception": TOO_MUCH}, 500), "TOO_MANY_ROWS"),
        "an error inside a good status": (Say(f'{{"data": [\n{TOO_MUCH}'), "TOO_MANY_ROWS"),
        "no such table": (Say("Code: 60. DB::Exception: no table (UNKNOWN_TABLE)", 404), "status 404: Code: 60"),
        "stopped at the limit": (Say(reply(GOOD, statistics={"rows_read": 10**9})), "figures may be too small"),
        "cut to the longest answer": (Say(reply([GOOD[0]] * 10_000)), "may be a part of them"),
        "fewer rows than it says": (Say(reply(GOOD, rows=99)), "speaks of 99 rows and holds 7"),
        "a row twice": (Say(reply([*GOOD, GOOD[2]])), "twice: 2020-02-01 anvil pip"),
        "another package": (Say(reply([row("bellows", "2020-02-01", "pip", 1, 1)])), "found 'bellows'"),
        "another month": (Say(reply([row("anvil", "2020-04-01", "pip", 1, 1)])), "found '2020-04-01'"),
        "other columns": (Say(reply(GOOD, meta=[{"name": "downloads"}])), "expected columns month_date, project"),
        "a page in place of data": (Say("<html>busy</html>", headers={"Content-Type": "text/html"}), "expected JSON"),
        "quota spent": (Say("Code: 201. DB::Exception: quota (QUOTA_EXCEEDED)", 500), "QUOTA_EXCEEDED"),
        "too many requests": (Say("slow down", 429, {"Retry-After": "1"}), "status 429: slow down"),
        "out of order": (Say("", 500), "status 500"),
        "cut on the wire": (Say(reply(GOOD), fault="cut"), "cut off"),
    }.values(),
)
def test_what_is_no_whole_answer_fails_in_words_and_lands_nothing(
    world: OneSource, publisher: Publisher, answer: Say, match: str
) -> None:
    publisher.answers("/", answer)
    outcome = only(world.refresh(SPAN))
    assert outcome.result == "failed"
    assert match in outcome.reason
    assert world.events() == []


@pytest.mark.parametrize(
    ("first", "wait"),
    [
        (Say("Code: 201. DB::Exception: quota (QUOTA_EXCEEDED)", 500), 60),
        (Say("slow down", 429, {"Retry-After": "7"}), 7),
        (Say("slow down", 429), None),
        (Say("", 502), None),
        (Say(reply(GOOD), fault="cut"), None),
    ],
)
def test_what_passes_is_asked_again(world: OneSource, publisher: Publisher, first: Say, wait: float | None) -> None:
    publisher.answers("/", first, Say(reply(GOOD)))
    assert only(world.refresh(SPAN)).result == "landed"
    assert world.clock.waits == [wait] if wait else len(world.clock.waits) == 1
    assert world.load() == [""]
    assert len(world.rows(LOADED)) == 4


def test_a_negative_or_unreadable_count_is_rejected_not_loaded(world: OneSource, publisher: Publisher) -> None:
    broken = [
        row("anvil", "2020-02-01", "pip", -1, 29),
        {**row("anvil", "2020-03-01", "pip", 1, 31), "downloads": None},
    ]
    publisher.answers("/", Say(reply(broken)))
    world.refresh(SPAN)
    assert world.load() == [""]
    assert world.rows(LOADED) == []
    assert world.rows("select column_name, found from raw.rejected_rows order by all") == [
        ("downloads", "-1"),
        ("downloads", "None"),
    ]


def test_what_was_restated_is_landed_anew(world: OneSource, publisher: Publisher) -> None:
    window = (date(2020, 5, 1), date(2020, 6, 1))

    def later(heard: Heard) -> Say:
        downloads = 10 * sum(each.params["param_project"] == "anvil" for each in publisher.heard)
        return Say(reply([row("anvil", heard.params["param_from"], "pip", downloads, 31)]))

    publisher.answers("/", later)
    assert [only(world.refresh(window)).result for _ in range(2)] == ["landed", "landed"]
    assert len(world.events()) == 2


def test_the_address_names_the_package_that_is_fetched_every_day() -> None:
    access = shipped_catalog().source("clickpy").access
    assert access
    assert "param_busy=" in access.urls[0]
