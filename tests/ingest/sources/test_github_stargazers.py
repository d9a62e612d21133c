"""A walk through the stars of a repository: whole, or no response at all; and it goes on where it was broken off."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ExtractError
from tests.ingest.one_source import OneSource, named
from tests.ingest.publisher import Heard, Publisher, Say, publishing

NEWEST = datetime(2021, 1, 4, tzinfo=UTC)
STARS = [NEWEST - timedelta(days=day // 3) for day in range(950)]
"""Three a day, newest first: ten pages, back to February 2020."""
Document = dict[str, Any]


def page_at(start: int, stars: list[datetime] = STARS) -> Document:
    """The page that begins with this star."""
    edges = [{"starredAt": f"{star:%Y-%m-%dT%H:%M:%SZ}"} for star in stars[start : start + 100]]
    end = start + len(edges)
    found = {
        "totalCount": len(stars),
        "pageInfo": {"endCursor": f"after {end}" if edges else None, "hasNextPage": end < len(stars)},
        "edges": edges,
    }
    repository = {"databaseId": 7, "nameWithOwner": "smith/anvil", "stargazers": found}
    limit = {"cost": 1, "remaining": 4999, "resetAt": "2021-01-05T13:00:00Z"}
    return {"data": {"rateLimit": limit, "repository": repository}}


def start_of(heard: Heard) -> int:
    after = json.loads(heard.body)["variables"]["after"]
    return int(after.removeprefix("after ")) if after else 0


def pages(heard: Heard) -> Say:
    return Say(page_at(start_of(heard)))


def starts(publisher: Publisher) -> list[int]:
    """Where the pages that were asked for begin; forgotten afterwards."""
    asked = [start_of(heard) for heard in publisher.heard]
    publisher.heard.clear()
    return asked


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        made.answers("/graphql", pages)
        yield made


@pytest.fixture
def world(tmp_path: Path, publisher: Publisher) -> OneSource:
    made = OneSource(tmp_path, "github_stargazers", publisher.url, *named("smith/anvil"))
    made.environment["GITHUB_TOKEN"] = "s3cret"
    return made


def by_month(world: OneSource) -> dict[date, int]:
    assert set(world.load()) <= {""}
    return dict(world.rows("select month_date, stars from raw.github_stargazers__months"))


def counted(month: date) -> int:
    return sum(star.date().replace(day=1) == month for star in STARS)


def test_every_page_is_kept_and_every_month_counted(world: OneSource, publisher: Publisher) -> None:
    assert [asking.result for asking in world.refresh()] == ["landed"]
    months = by_month(world)
    assert months == {month: counted(month) for month in months}
    assert (min(months), max(months)) == (date(2015, 1, 1), date(2020, 12, 1))
    assert sum(months.values()) == sum(star < datetime(2021, 1, 1, tzinfo=UTC) for star in STARS)
    assert months[date(2019, 6, 1)] == 0
    body = json.loads(world.landing.path_of(world.events()[0]).read_bytes())
    assert body == [page_at(start) for start in range(0, 950, 100)]
    assert starts(publisher) == [*range(0, 950, 100)]
    assert not any(world.landing.workspace("github_stargazers").iterdir())


def test_no_person_is_asked_for(world: OneSource, publisher: Publisher) -> None:
    world.refresh()
    query = json.loads(publisher.heard[0].body)["query"]
    assert not {"login", "email", "node", "user"} & {*query.replace("{", " ").split()}
    assert "s3cret" not in str(world.events())


def test_the_next_month_costs_the_newest_pages_only(world: OneSource, publisher: Publisher) -> None:
    world.refresh()
    starts(publisher)
    world.later(days=30)
    world.refresh()
    assert starts(publisher) == [0]
    assert by_month(world)[date(2021, 1, 1)] == counted(date(2021, 1, 1))


def test_a_walk_that_was_broken_off_goes_on_where_it_stopped(world: OneSource, publisher: Publisher) -> None:
    world.access["most_requests"] = 4
    assert [asking.result for asking in world.refresh()] == ["failed"]
    assert starts(publisher) == [0, 100, 200, 300]
    assert world.events() == []
    world.access["most_requests"] = 100
    assert [asking.result for asking in world.refresh()] == ["landed"]
    assert starts(publisher) == [*range(400, 950, 100)]
    assert by_month(world)[date(2020, 12, 1)] == counted(date(2020, 12, 1))


def test_a_place_that_the_host_forgot_begins_the_next_walk_anew(world: OneSource, publisher: Publisher) -> None:
    world.access["most_requests"] = 2
    world.refresh()
    world.access["most_requests"] = 100
    forgotten = {"errors": [{"type": "INVALID_CURSOR_ARGUMENTS", "message": "not a valid cursor"}]}
    publisher.answers("/graphql", Say(forgotten), pages)
    assert [asking.result for asking in world.refresh()] == ["failed"]
    starts(publisher)
    assert [asking.result for asking in world.refresh()] == ["landed"]
    assert starts(publisher)[0] == 0


def test_without_a_token_nothing_is_asked(world: OneSource, publisher: Publisher) -> None:
    world.environment.clear()
    (asking,) = world.refresh()
    assert (asking.result, publisher.heard) == ("not asked", [])
    assert "GITHUB_TOKEN" in asking.reason


LIMITED = {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}
SPENT = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1609848033"}


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        (Say(LIMITED, headers=SPENT), 33),
        (Say(LIMITED), 60),
        (Say({"message": "secondary rate limit"}, 403), 60),
        (Say({"message": "slow down"}, 429, {"Retry-After": "5"}), 5),
        (Say({"data": None, "errors": [{"message": "Something went wrong while executing your query"}]}), None),
        (Say({"data": {"repository": None}}), None),
        (Say({**page_at(100), "errors": [{"message": "timeout"}]}), None),
        (Say("<html>unicorn</html>", 502), None),
        (Say(json.dumps(page_at(0))[:100]), None),
        (Say(page_at(0), fault="cut"), None),
    ],
)
def test_an_error_in_the_middle_is_waited_out(
    world: OneSource, publisher: Publisher, said: Say, wait: float | None
) -> None:
    publisher.answers("/graphql", pages, said, pages)
    assert [asking.result for asking in world.refresh()] == ["landed"]
    assert len(world.clock.waits) == 1
    assert wait in (None, *world.clock.waits)
    assert by_month(world)[date(2020, 12, 1)] == counted(date(2020, 12, 1))


def empty(heard: Heard) -> Say:
    """The fourth page is empty, and not the last one."""
    document = page_at(start_of(heard))
    if start_of(heard) == 300:
        document["data"]["repository"]["stargazers"]["edges"] = []
    return Say(document)


def twice(heard: Heard) -> Say:
    """The third page comes again in place of the fourth."""
    return Say(page_at(200 if start_of(heard) == 300 else start_of(heard)))


def skipped(heard: Heard) -> Say:
    """The fourth page is left out."""
    return Say(page_at(start_of(heard) + (100 if start_of(heard) >= 300 else 0)))


def ascending(_: Heard) -> Say:
    return Say(page_at(0, STARS[:50][::-1]))


def short(heard: Heard) -> Say:
    """The last page claims to be the last one too early."""
    document = page_at(start_of(heard))
    if start_of(heard) == 500:
        document["data"]["repository"]["stargazers"]["pageInfo"]["hasNextPage"] = False
    return Say(document)


def stranger(heard: Heard) -> Say:
    """In the middle the name is another repository's."""
    document = page_at(start_of(heard))
    document["data"]["repository"]["databaseId"] = 8 if start_of(heard) >= 300 else 7
    return Say(document)


def gone(_: Heard) -> Say:
    return Say({"data": {"repository": None}, "errors": [{"type": "NOT_FOUND", "message": "no such repository"}]})


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (empty, "an empty page"),
        (twice, "came twice"),
        (skipped, "stars came of 950"),
        (ascending, "not in order"),
        (short, "600 stars came of 950"),
        (stranger, "changed hands"),
        (gone, "no such repository"),
    ],
)
def test_a_walk_that_is_not_whole_is_no_answer(
    world: OneSource, publisher: Publisher, script: Callable[[Heard], Say], why: str
) -> None:
    publisher.answers("/graphql", script)
    (asking,) = world.refresh()
    assert asking.result == "failed"
    assert why in asking.reason
    assert world.events() == []
    assert world.landing.asked("github_stargazers") == []


def test_a_landed_walk_is_checked_again(world: OneSource, tmp_path: Path) -> None:
    world.refresh()
    (event,) = world.events()
    whole = [page_at(start) for start in range(0, 950, 100)]
    harms: list[Any] = [whole[:3], whole[3:4] + whole[:3], [*whole[:5], *whole[6:]], [], "x", [{"data": {}}]]
    for harmed in harms:
        (tmp_path / "x").write_text(json.dumps(harmed))
        with pytest.raises(ExtractError, match="not a whole walk"):
            list(world.source.parse(event, tmp_path / "x"))
