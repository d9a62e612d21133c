"""The star history of a repository: whole, or no response at all; landed walks of the closed lists stay readable.

No publisher is reachable from here. The replies are made from GitHub's documentation of the endpoint (2026-09-04) and
from what its users wrote of it: weeks newest first, 30 a page, each with seven days that add up to its total, an empty
page at the end, days to come as zeros, and all days together the present stars.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ExtractError
from ingest.formats import stargazer_pages
from tests.ingest.one_source import OneSource, named
from tests.ingest.publisher import Heard, Publisher, Say, publishing

TODAY = date(2021, 1, 5)
FIRST_WEEK = date(2019, 9, 29)
WEEKS = [FIRST_WEEK + timedelta(weeks=week) for week in range(67)][::-1]
"""Newest first, as the host lists them: three pages, and today lies in the newest."""
REPOSITORY, HISTORY = "/repos/smith/anvil", "/repos/smith/anvil/stargazers/history"
Document = dict[str, Any]


def days_of(week: date) -> list[int]:
    """The stars of a week: more on its later days, none on days to come."""
    return [place + 1 if week + timedelta(days=place) <= TODAY else 0 for place in range(7)]


def week_of(begins: date) -> Document:
    days = days_of(begins)
    moment = datetime(begins.year, begins.month, begins.day, tzinfo=UTC)
    return {"week": int(moment.timestamp()), "total": sum(days), "days": days}


TOTAL = sum(sum(days_of(week)) for week in WEEKS)
GOOD = Say({"id": 7, "full_name": "smith/anvil", "stargazers_count": TOTAL})


def page_of(heard: Heard, weeks: list[date] = WEEKS) -> list[Document]:
    """The page that is asked for."""
    size, page = int(heard.params["per_page"]), int(heard.params["page"])
    return [week_of(week) for week in weeks[size * (page - 1) : size * page]]


def pages(heard: Heard) -> Say:
    return Say(page_of(heard))


def requested_pages(publisher: Publisher) -> list[str]:
    """Which replies were asked for; forgotten afterwards."""
    pages = [heard.params.get("page", "repository") for heard in publisher.heard]
    publisher.heard.clear()
    return pages


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        made.answers(REPOSITORY, GOOD)
        made.answers(HISTORY, pages)
        yield made


@pytest.fixture
def world(tmp_path: Path, publisher: Publisher) -> OneSource:
    return OneSource(tmp_path, "github_stargazers", publisher.url, *named("smith/anvil"))


def by_month(world: OneSource) -> dict[date, int]:
    assert set(world.load()) <= {""}
    latest = """select month_date, arg_max(stars, landed_at) from raw.github_stargazers__months
                inner join raw.extracts using (extract_id) group by month_date"""
    return dict(world.rows(latest))


def counted(month: date) -> int:
    """The stars of a month, day by day."""
    stars_by_day = {week + timedelta(days=place): stars for week in WEEKS for place, stars in enumerate(days_of(week))}
    return sum(stars for day, stars in stars_by_day.items() if day.replace(day=1) == month)


def test_the_history_is_counted_by_month_from_its_days(world: OneSource, publisher: Publisher) -> None:
    assert [outcome.result for outcome in world.refresh()] == ["landed"]
    months = by_month(world)
    assert months == {month: counted(month) for month in months}
    assert (min(months), max(months)) == (date(2015, 1, 1), date(2020, 12, 1))
    assert months[date(2019, 10, 1)] > months[date(2019, 9, 1)] > months[date(2019, 8, 1)] == 0
    assert sum(months.values()) + counted(date(2021, 1, 1)) == TOTAL
    assert requested_pages(publisher) == ["repository", "1", "2", "3", "4"]


def test_it_needs_no_token_and_names_nobody(world: OneSource, publisher: Publisher) -> None:
    world.refresh()
    assert {"authorization"} & {name for heard in publisher.heard for name in heard.headers} == set()
    world.environment["GITHUB_TOKEN"] = "s3cret"
    world.later(days=40)
    publisher.heard.clear()
    world.refresh()
    assert {heard.headers["authorization"] for heard in publisher.heard} == {"Bearer s3cret"}
    assert "s3cret" not in str(world.events())


def test_the_next_month_brings_every_month_as_it_is_now(world: OneSource, publisher: Publisher) -> None:
    world.refresh()
    assert requested_pages(publisher) != []
    assert world.refresh() == []
    # a month later half of the stars of one day in 2020 are withdrawn
    world.later(days=30)
    now = [date(2021, 1, 3) + timedelta(weeks=week) for week in range(1, 5)][::-1] + WEEKS

    def fewer(heard: Heard) -> Say:
        weeks = page_of(heard, now)
        for week in weeks:
            if week["week"] == int(datetime(2020, 6, 7, tzinfo=UTC).timestamp()):
                week["days"][6] -= 4
                week["total"] -= 4
        return Say(weeks)

    publisher.answers(HISTORY, fewer)
    publisher.answers(REPOSITORY, Say({**json.loads(GOOD.data), "stargazers_count": TOTAL - 4}))
    assert [outcome.result for outcome in world.refresh()] == ["landed"]
    months = by_month(world)
    assert months[date(2020, 6, 1)] == counted(date(2020, 6, 1)) - 4
    assert months[date(2021, 1, 1)] == counted(date(2021, 1, 1))


def test_a_name_that_is_added_later_is_asked_for_alone(world: OneSource, publisher: Publisher) -> None:
    world.refresh()
    world.names = named("smith/anvil", "smith/tongs")
    publisher.answers("/repos/smith/tongs", Say({"id": 8, "full_name": "smith/tongs", "stargazers_count": 0}))
    publisher.answers("/repos/smith/tongs/stargazers/history", Say([]))
    publisher.heard.clear()
    assert [(outcome.scope.terms, outcome.result) for outcome in world.refresh()] == [(("smith/tongs",), "landed")]
    assert {heard.path.split("/")[3] for heard in publisher.heard} == {"tongs"}


def test_a_renamed_repository_is_asked_by_its_present_name(world: OneSource, publisher: Publisher) -> None:
    publisher.answers(REPOSITORY, Say(status=301, headers={"Location": f"{publisher.url}/repositories/7"}))
    publisher.answers("/repositories/7", Say({**json.loads(GOOD.data), "full_name": "guild/anvil"}))
    publisher.answers("/repos/guild/anvil/stargazers/history", pages)
    publisher.answers(HISTORY, Say("moved", 301))
    assert [outcome.result for outcome in world.refresh()] == ["landed"]
    assert by_month(world)[date(2020, 5, 1)] == counted(date(2020, 5, 1))


def test_a_week_that_begins_while_the_pages_are_read_is_counted_once(world: OneSource, publisher: Publisher) -> None:
    shifted = [date(2021, 1, 10), *WEEKS]
    publisher.answers(HISTORY, pages, lambda heard: Say(page_of(heard, shifted)))
    assert [outcome.result for outcome in world.refresh()] == ["landed"]
    assert by_month(world)[date(2020, 5, 1)] == counted(date(2020, 5, 1))


def test_stars_that_come_and_go_while_the_pages_are_read_are_tolerated(world: OneSource, publisher: Publisher) -> None:
    publisher.answers(REPOSITORY, Say({**json.loads(GOOD.data), "stargazers_count": TOTAL + 3}))
    assert [outcome.result for outcome in world.refresh()] == ["landed"]


def test_what_the_budget_does_not_allow_is_asked_the_next_day(world: OneSource, publisher: Publisher) -> None:
    world.names = named("smith/anvil", "smith/tongs")
    publisher.answers("/repos/smith/tongs", GOOD)
    world.access["most_requests"] = 6
    assert [outcome.result for outcome in world.refresh()] == ["landed", "failed"]
    world.access["most_requests"] = 5
    publisher.answers("/repos/smith/tongs", Say({**json.loads(GOOD.data), "full_name": "smith/tongs", "id": 8}))
    publisher.answers("/repos/smith/tongs/stargazers/history", pages)
    assert [(outcome.scope.terms, outcome.result) for outcome in world.refresh()] == [(("smith/tongs",), "landed")]


SPENT = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1609848033"}


@pytest.mark.parametrize(
    ("reply", "wait"),
    [
        (Say({"message": "API rate limit exceeded"}, 403, SPENT), 33),
        (Say({"message": "secondary rate limit"}, 403), 60),
        (Say({"message": "slow down"}, 429, {"Retry-After": "5"}), 5),
        (Say("<html>unicorn</html>", 502), None),
        (Say("a web server is down", 521), None),
        (Say({"message": "Server Error"}), None),
        (Say(json.dumps([week_of(week) for week in WEEKS[30:60]])[:100]), None),
        (Say([week_of(week) for week in WEEKS[30:60]], fault="cut"), None),
        (Say([{**week_of(WEEKS[30]), "total": 1}]), None),
        (Say([{**week_of(WEEKS[30]), "days": [28]}]), None),
        (Say([{"week": 10**18, "total": 0, "days": [0] * 7}]), None),
        (Say([week_of(WEEKS[30]), week_of(WEEKS[32])]), None),
    ],
)
def test_an_error_in_the_middle_is_waited_out(
    world: OneSource, publisher: Publisher, reply: Say, wait: float | None
) -> None:
    publisher.answers(HISTORY, pages, reply, pages)
    assert [outcome.result for outcome in world.refresh()] == ["landed"]
    assert len(world.clock.waits) == 1
    assert wait in (None, *world.clock.waits)
    assert by_month(world)[date(2020, 5, 1)] == counted(date(2020, 5, 1))


def skipped(heard: Heard) -> Say:
    """The third page comes in place of the second."""
    return Say(page_of(replace(heard, params={**heard.params, "page": str(int(heard.params["page"]) % 2 * 2 + 1)})))


def ending_early(heard: Heard) -> Say:
    return Say(page_of(heard) if heard.params["page"] == "1" else [])


def ascending(heard: Heard) -> Say:
    return Say(page_of(heard)[::-1])


def first_page_for_ever(_: Heard) -> Say:
    return Say([week_of(week) for week in WEEKS[:30]])


def behind(heard: Heard) -> Say:
    """A copy that ended in November; the repository says what it had then."""
    return Say(page_of(heard, WEEKS[6:]))


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (skipped, "weeks are missing"),
        (ending_early, "stars; the repository has"),
        (ascending, "weeks are missing or repeated"),
        (first_page_for_ever, "came twice"),
        (lambda _: Say([]), "the days add up to 0 stars"),
        (lambda _: Say({"message": "Not Found"}, 404), "Not Found"),
        (lambda _: Say({"message": "Must have admin rights to Repository."}, 403), "Must have admin rights"),
    ],
)
def test_a_history_that_is_not_whole_is_no_answer(
    world: OneSource, publisher: Publisher, script: Callable[[Heard], Say], why: str
) -> None:
    publisher.answers(HISTORY, script)
    (outcome,) = world.refresh()
    assert outcome.result == "failed"
    assert why in outcome.reason
    assert world.events() == []
    assert world.landing.request_notes("github_stargazers") == []


def test_a_copy_that_is_behind_is_no_answer(world: OneSource, publisher: Publisher) -> None:
    publisher.answers(HISTORY, behind)
    there = sum(sum(days_of(week)) for week in WEEKS[6:])
    publisher.answers(REPOSITORY, Say({**json.loads(GOOD.data), "stargazers_count": there}))
    (outcome,) = world.refresh()
    assert outcome.result == "failed"
    assert "the newest week is that of 2020-11-22" in outcome.reason


@pytest.mark.parametrize(
    "reply", [Say({"message": "Not Found"}, 404), Say({"id": 7}), Say({**json.loads(GOOD.data), "full_name": "../x"})]
)
def test_a_repository_that_is_none_is_no_answer(world: OneSource, publisher: Publisher, reply: Say) -> None:
    publisher.answers(REPOSITORY, reply)
    assert [outcome.result for outcome in world.refresh()] == ["failed"]
    assert world.landing.request_notes("github_stargazers") == []


def test_a_landed_history_is_checked_again(world: OneSource, tmp_path: Path) -> None:
    world.refresh()
    (event,) = world.events()
    whole = json.loads(world.landing.path_of(event).read_bytes())
    harms: list[Any] = [whole[:-1], [*whole[:2], whole[3], []], [whole[0], []], whole[1:], [], "x", {"weeks": whole}]
    for harmed in harms:
        (tmp_path / "x").write_text(json.dumps(harmed))
        with pytest.raises(ExtractError):
            list(world.source.parse(event, tmp_path / "x"))


# --- what was landed before the lists of stargazers were closed -------------------------------------------------------

NEWEST = datetime(2021, 1, 4, tzinfo=UTC)
STARS = [NEWEST - timedelta(days=day // 3) for day in range(950)]
"""Three a day, newest first: ten pages, back to February 2020."""


def old_page(start: int) -> Document:
    """The page of single stars that begins with this one."""
    edges = [{"starredAt": f"{star:%Y-%m-%dT%H:%M:%SZ}"} for star in STARS[start : start + 100]]
    end = start + len(edges)
    page = {
        "totalCount": len(STARS),
        "pageInfo": {"endCursor": f"after {end}", "hasNextPage": end < len(STARS)},
        "edges": edges,
    }
    return {"data": {"repository": {"databaseId": 7, "nameWithOwner": "smith/anvil", "stargazers": page}}}


def test_a_walk_that_was_landed_before_is_still_read(world: OneSource, tmp_path: Path) -> None:
    world.refresh()
    event = replace(world.events()[0], form=stargazer_pages.FORM)
    whole = [old_page(start) for start in range(0, 950, 100)]
    (tmp_path / "x").write_text(json.dumps(whole))
    rows = {row.fields["month_date"]: row.fields["stars"] for row in world.source.parse(event, tmp_path / "x")}
    assert rows[date(2020, 12, 1)] == sum(star.date().replace(day=1) == date(2020, 12, 1) for star in STARS) == 93
    changed = old_page(300)
    changed["data"]["repository"]["databaseId"] = 8
    harms: list[Any] = [
        whole[:3],
        whole[3:4] + whole[:3],
        [*whole[:5], *whole[6:]],
        [*whole[:3], changed, *whole[4:]],
        [*whole[:4], whole[3], *whole[4:]],
        [],
        "x",
        [{"data": {}}],
    ]
    for harmed in harms:
        (tmp_path / "x").write_text(json.dumps(harmed))
        with pytest.raises(ExtractError, match="not a whole walk"):
            list(world.source.parse(event, tmp_path / "x"))
