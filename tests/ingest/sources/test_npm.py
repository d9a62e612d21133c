"""npm: a range that is answered whole, and every way in which one is cut without a word.

The replies have the shape of recorded ones; no publisher is reachable from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ExtractError
from ingest.model import Scope
from ingest.sources.npm import days_of
from tests.ingest.one_source import OneSource, named
from tests.ingest.publisher import Heard, Publisher, Say, publishing
from tests.ingest.sources.recorded import recorded

SPAN = (date(2020, 2, 1), date(2020, 4, 1))
NAME = "@smith/anvil"
PATH = "/downloads/range/2020-02-01:2020-03-31/@smith%2Fanvil"
Document = dict[str, Any]


def reply(start: date, end: date, package: str = NAME) -> Document:
    """A range with both of its ends."""
    days = [start + timedelta(days=place) for place in range((end - start).days + 1)]
    rows = [{"downloads": 10 + place, "day": str(day)} for place, day in enumerate(days)]
    return {"start": str(start), "end": str(end), "package": package, "downloads": rows}


WHOLE = reply(date(2020, 2, 1), date(2020, 3, 31))
GOOD = Say(WHOLE)


def without_a_day() -> Document:
    return {**WHOLE, "downloads": WHOLE["downloads"][:-1]}


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        made.answers(PATH, GOOD)
        yield made


@pytest.fixture
def world(tmp_path: Path, publisher: Publisher) -> OneSource:
    return OneSource(tmp_path, "npm", publisher.url, *named(NAME))


LOADED = "select package, month_date::varchar, downloads, days_held from raw.npm__months order by all"


def test_a_range_is_summed_by_month_and_the_name_is_one_part_of_the_address(
    world: OneSource, publisher: Publisher
) -> None:
    assert [asking.result for asking in world.refresh(SPAN)] == ["landed"]
    assert [heard.path for heard in publisher.heard] == [PATH]
    assert world.load() == [""]
    assert world.rows(LOADED) == [
        (NAME, "2020-02-01", sum(range(10, 39)), 29),
        (NAME, "2020-03-01", sum(range(39, 70)), 31),
    ]


def test_no_question_is_longer_than_what_is_answered_whole(world: OneSource, publisher: Publisher) -> None:
    def say(heard: Heard) -> Say:
        start, end = (date.fromisoformat(day) for day in heard.path.split("/")[3].split(":"))
        assert (end - start).days < 365
        return Say(reply(start, end))

    publisher.answers(PATH, say)
    publisher.answers("*", say)
    assert {asking.result for asking in world.refresh()} == {"landed"}
    assert world.load()
    assert world.rows("select count(*) from raw.npm__months") == [(33,)]


def test_days_on_which_the_counter_stood_are_not_held_and_a_month_of_them_is_not_known(
    world: OneSource, publisher: Publisher
) -> None:
    rows = [dict(row) for row in WHOLE["downloads"]]
    for place, row in enumerate(rows):
        row["downloads"] = 0 if place < 29 or place == 40 else row["downloads"]
    publisher.answers(PATH, Say({**WHOLE, "downloads": rows}))
    world.refresh(SPAN)
    assert world.load() == [""]
    assert world.rows(LOADED) == [(NAME, "2020-03-01", sum(range(39, 70)) - 50, 30)]


@pytest.mark.parametrize(
    ("said", "why"),
    {
        "cut to its end": (Say(reply(date(2020, 3, 1), date(2020, 3, 31))), "expected @smith/anvil from 2020-02-01"),
        "another package": (Say({**WHOLE, "package": "tongs"}), "found ['tongs'"),
        "a day is missing": (Say(without_a_day()), "each of 60 days once, in order; found 59"),
        "a day twice": (Say({**WHOLE, "downloads": [*WHOLE["downloads"], WHOLE["downloads"][-1]]}), "found 61"),
        "no number": (Say({**WHOLE, "downloads": [{**row, "downloads": -1} for row in WHOLE["downloads"]]}), "a whole"),
        "no such package": (Say({"error": "package not found"}, 404), "package not found"),
        "an error with a good status": (Say({"error": "scoped packages are not supported"}), "npm says: scoped"),
    }.values(),
)
def test_what_is_no_whole_answer_lands_nothing(world: OneSource, publisher: Publisher, said: Say, why: str) -> None:
    publisher.answers(PATH, said)
    (asking,) = world.refresh(SPAN)
    assert asking.result == "failed"
    assert why in asking.reason
    assert world.events() == []
    publisher.answers(PATH, GOOD)
    assert [asking.result for asking in world.refresh(SPAN)] == ["landed"]


def test_the_recorded_replies_parse() -> None:
    week = Scope("months", date(2017, 9, 22), date(2017, 9, 29), ("strict-mode",))
    body = recorded("recorded/npm/quoted-range-strict-mode.json").read_bytes()
    assert list(days_of(body, "x", week).values()) == [35, 32, 5, 41, 44, 25, 36]
    with pytest.raises(ExtractError, match="expected other"):
        days_of(body, "x", replace(week, terms=("other",)))
    with pytest.raises(ExtractError, match="scoped packages are not currently supported in bulk lookups"):
        days_of(recorded("recorded/npm/quoted-bulk-scoped-error.json").read_bytes(), "x", week)
