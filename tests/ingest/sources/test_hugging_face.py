"""Models of the hub by month: a walk that is whole, or no response at all.

No publisher is reachable from here, and no reply was recorded: these are made from the documentation of the list (pages
by the header Link, newest first) and of its limits (`RateLimit`, in windows of five minutes).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ExtractError
from ingest.sources import hugging_face
from tests.ingest.one_source import OneSource, named
from tests.ingest.publisher import Heard, Publisher, Say, publishing

TODAY = datetime(2026, 5, 5, 12, tzinfo=UTC)
PATH = "/api/models"
NEWEST = datetime(2026, 5, 4, tzinfo=UTC)
SIZE = hugging_face.PER_PAGE
MODELS = [
    {
        "_id": f"{place}",
        "id": f"smith/model-{place}",
        "createdAt": f"{NEWEST - timedelta(minutes=72 * place):%FT%T}.000Z",
    }
    for place in range(2_700)
]
"""Twenty a day, newest first, back to December 2025."""


class Hub:
    """The list of models in pages, whose address is a cursor."""

    def __init__(self, publisher: Publisher) -> None:
        self.url = publisher.url

    def __call__(self, heard: Heard) -> Say:
        start = int(heard.params.get("cursor", "0"))
        page = MODELS[start : start + SIZE]
        more = f'<{self.url}{PATH}?filter=anvil&cursor={start + SIZE}>; rel="next"'
        return Say(page, headers={"Link": more} if start + SIZE < len(MODELS) else {})


def good(heard: Heard) -> Say:
    """The same for any publisher: a host is in every request."""
    return Hub(Publisher(f"http://{heard.headers['host']}"))(heard)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        made.answers(PATH, good)
        yield made


@pytest.fixture
def world(tmp_path: Path, publisher: Publisher) -> OneSource:
    return OneSource(tmp_path, "hugging_face", publisher.url, *named("anvil"), today=TODAY)


def counted(month: date) -> int:
    return sum(model["createdAt"].startswith(f"{month:%Y-%m}") for model in MODELS)


LOADED = "select month_date, models from raw.hugging_face__months order by all"


def test_models_are_counted_by_month_down_to_the_first_and_no_further(world: OneSource, publisher: Publisher) -> None:
    assert [asking.result for asking in world.refresh()] == ["landed"]
    assert world.load() == [""]
    months = [date(2026, month, 1) for month in (1, 2, 3, 4)]
    assert world.rows(LOADED) == [(month, counted(month)) for month in months]
    assert counted(date(2026, 2, 1)) == 28 * 20
    first = publisher.heard[0].params
    assert (first["filter"], first["sort"], first["expand[]"]) == ("anvil", "createdAt", "createdAt")
    # December is reached on the third page
    assert [heard.params.get("cursor") for heard in publisher.heard] == [None, "1000", "2000"]


def test_what_is_landed_names_nobody(world: OneSource) -> None:
    world.refresh()
    (event,) = world.events()
    assert b"smith" not in world.landing.path_of(event).read_bytes()
    assert "authorization" not in str(event).lower()


def test_the_next_month_costs_the_newest_pages_only(world: OneSource, publisher: Publisher) -> None:
    world.refresh((date(2026, 4, 1), date(2026, 5, 1)))
    assert len(publisher.heard) == 1


def test_a_limit_is_waited_out_as_its_header_says(world: OneSource, publisher: Publisher) -> None:
    limit = Say(
        "slow down", 429, {"RateLimit": '"api";r=0;t=55', "RateLimit-Policy": '"fixed window";"api";q=500;w=300'}
    )
    publisher.answers(PATH, good, limit, good)
    assert [asking.result for asking in world.refresh()] == ["landed"]
    assert world.clock.waits == [55]


def test_where_the_list_ends_nothing_is_a_zero(world: OneSource, publisher: Publisher) -> None:
    publisher.answers(PATH, Say(MODELS[:900]))
    world.refresh()
    assert world.load() == [""]
    # the oldest of them is of March: that month may not be whole
    assert world.rows(LOADED) == [(date(2026, 4, 1), counted(date(2026, 4, 1)))]


def elsewhere(heard: Heard) -> Say:
    return Say(good(heard).body, headers={"Link": '<https://example.org/api/models?cursor=1>; rel="next"'})


def for_ever(heard: Heard) -> Say:
    return Say(MODELS[:SIZE], headers={"Link": f'<http://{heard.headers["host"]}{PATH}?cursor=0>; rel="next"'})


def ascending(_: Heard) -> Say:
    return Say(MODELS[:SIZE][::-1])


def backwards(heard: Heard) -> Say:
    """The second page is newer than the first."""
    start = {"0": SIZE, str(SIZE): 0}.get(heard.params.get("cursor", "0"), 2 * SIZE)
    return Say(MODELS[start : start + SIZE], headers=good(heard).headers)


def empty(heard: Heard) -> Say:
    return Say([]) if "cursor" in heard.params else good(heard)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (elsewhere, "the next page is elsewhere"),
        (lambda heard: Say(good(heard).body), "a full page of models with the tag anvil names no next one"),
        (for_ever, "came twice"),
        (ascending, "not in the order"),
        (backwards, "not in the order"),
        (empty, "an empty page"),
        (lambda _: Say([]), "lists no model with the tag anvil"),
        (lambda _: Say([*MODELS[:3], MODELS[2]]), "each once"),
    ],
)
def test_a_walk_that_is_not_whole_is_no_answer(
    world: OneSource, publisher: Publisher, script: Callable[[Heard], Say], why: str
) -> None:
    publisher.answers(PATH, script)
    (asking,) = world.refresh()
    assert asking.result == "failed"
    assert why in asking.reason
    assert world.events() == []


@pytest.mark.parametrize(
    "harm", [{"library": "tongs"}, {"months": {}}, {"months": None}, {"months": {"2026-01-01": 1}}]
)
def test_a_landed_count_is_checked_again(world: OneSource, tmp_path: Path, harm: dict[str, Any]) -> None:
    world.refresh()
    (event,) = world.events()
    document = json.loads(world.landing.path_of(event).read_bytes())
    (tmp_path / "x").write_text(json.dumps({**document, **harm}))
    with pytest.raises(ExtractError, match="expected the months of anvil"):
        list(world.source.parse(event, tmp_path / "x"))
