"""A repository's counts of the day: the documented protocol on this machine, and every way in which it goes wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ExtractError
from tests.ingest.one_source import OneSource, named
from tests.ingest.publisher import Publisher, Say, publishing

REPOSITORY = {
    "id": 7,
    "full_name": "smith/anvil",
    "stargazers_count": 12,
    "watchers_count": 12,
    "forks_count": 5,
    "subscribers_count": 3,
}
GOOD = Say(REPOSITORY, headers={"ETag": '"v1"'})
PRIMARY = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1609848030"}
LIMIT = {"message": "You have exceeded a secondary rate limit."}


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        made.answers("/repos/smith/anvil", GOOD)
        yield made


@pytest.fixture
def world(tmp_path: Path, publisher: Publisher) -> OneSource:
    return OneSource(tmp_path, "github", publisher.url, *named("smith/anvil"))


def snapshots(world: OneSource) -> list[tuple[Any, ...]]:
    assert set(world.load()) <= {""}
    return world.rows("select * exclude (extract_id, row_number) from raw.github__snapshots order by all")


def test_the_day_is_data_and_watchers_are_those_who_watch(world: OneSource, publisher: Publisher) -> None:
    assert [outcome.result for outcome in world.refresh()] == ["landed"]
    assert world.refresh() == []
    world.later(days=1)
    assert [outcome.result for outcome in world.refresh()] == ["landed"]
    days = (date(2021, 1, 5), date(2021, 1, 6))
    assert snapshots(world) == [(day, "smith/anvil", 7, "smith/anvil", 12, 5, 3) for day in days]
    assert [heard.headers.get("if-none-match") for heard in publisher.heard] == [None, None]
    assert publisher.heard[0].headers["x-github-api-version"] == "2022-11-28"
    assert "authorization" not in publisher.heard[0].headers


def test_the_token_is_sent_and_not_kept(world: OneSource, publisher: Publisher) -> None:
    world.environment["GITHUB_TOKEN"] = "s3cret"
    world.refresh()
    assert publisher.heard[0].headers["authorization"] == "Bearer s3cret"
    assert "s3cret" not in str(world.events())


def test_a_rename_is_followed_and_the_number_stays(world: OneSource, publisher: Publisher) -> None:
    publisher.answers("/repos/smith/anvil", Say(status=301, headers={"Location": f"{publisher.url}/repositories/7"}))
    publisher.answers("/repositories/7", Say({**REPOSITORY, "full_name": "guild/anvil"}))
    world.refresh()
    assert snapshots(world) == [(date(2021, 1, 5), "smith/anvil", 7, "guild/anvil", 12, 5, 3)]
    assert world.events()[0].request["redirected_to"].endswith("/repositories/7")


@pytest.mark.parametrize(
    ("limit", "wait"),
    [
        (Say(LIMIT, 403), 60),
        (Say(LIMIT, 403, {"X-RateLimit-Remaining": "4000"}), 60),
        (Say(LIMIT, 429), 60),
        (Say(LIMIT, 403, {"Retry-After": "9"}), 9),
        (
            Say(
                {"message": "API rate limit exceeded"},
                403,
                PRIMARY,
            ),
            30,
        ),
    ],
)
def test_a_limit_is_waited_for(world: OneSource, publisher: Publisher, limit: Say, wait: float) -> None:
    publisher.answers("/repos/smith/anvil", limit, GOOD)
    world.refresh()
    assert world.clock.waits == [wait]
    assert snapshots(world)[0][-1] == 3


@pytest.mark.parametrize(
    ("reply", "result", "why"),
    [
        (Say({"message": "Not Found"}, 404), "absent", "Not Found"),
        (Say({"message": "Resource not accessible"}, 403), "failed", "not accessible"),
        (Say({"message": "Bad credentials"}, 401), "failed", "Bad credentials"),
        (Say("<html>unicorn</html>", 502), "failed", "status 502"),
        (Say("<html>unicorn</html>", headers={"Content-Type": "text/html"}), "failed", "expected JSON"),
        (Say(GOOD.data, fault="cut"), "failed", "cut off"),
        (Say({"message": "hello"}), "failed", "expected a repository with id"),
        (Say({**REPOSITORY, "subscribers_count": None}), "failed", "with subscribers_count"),
        (Say({**REPOSITORY, "stargazers_count": "12"}), "failed", "with stargazers_count"),
        (Say([REPOSITORY]), "failed", "expected one repository"),
        (Say("{}", 202), "failed", "still computing"),
    ],
)
def test_what_is_no_repository_is_no_number(
    world: OneSource, publisher: Publisher, reply: Say, result: str, why: str
) -> None:
    publisher.answers("/repos/smith/anvil", reply)
    (outcome,) = world.refresh()
    assert outcome.result == result
    assert why in outcome.reason
    assert world.events() == []


def test_a_limit_that_outlasts_the_budget_stops_the_source(world: OneSource, publisher: Publisher) -> None:
    world.names = named("smith/anvil", "smith/hammer")
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(1609848000 + 3600)}
    publisher.answers("/repos/smith/anvil", Say({"message": "API rate limit exceeded"}, 403, spent))
    first, second = world.refresh()
    assert (first.result, second.result) == ("failed", "not fetched")
    assert len(publisher.heard) == 1


def test_what_was_landed_is_checked_again(world: OneSource, tmp_path: Path) -> None:
    world.refresh()
    (event,) = world.events()
    for harmed in (b"{", b"[]", json.dumps({**REPOSITORY, "forks_count": None}).encode()):
        (tmp_path / "x").write_bytes(harmed)
        with pytest.raises(ExtractError):
            list(world.source.parse(replace(event), tmp_path / "x"))


def test_the_recorded_replies_are_read(shared: Path, tmp_path: Path) -> None:
    folder = shared / "apis" / "recorded" / "github"
    (recorded,) = json.loads((folder / "octokit-get-repository.raw.json").read_text())
    renames = json.loads((folder / "octokit-rename-repository.raw.json").read_text())
    replies = {(reply["method"], reply["path"]): reply for reply in renames}
    with publishing() as publisher:
        publisher.answers(recorded["path"], Say(recorded["response"]))
        old = next(path for method, path in replies if (method, replies[method, path]["status"]) == ("get", 301))
        moved = replies["get", old]
        target = moved["response"]["url"].removeprefix("https://api.github.com")
        publisher.answers(old, Say(moved["response"], 301, {"Location": publisher.url + target}))
        publisher.answers(target, Say(replies["get", target]["response"]))
        names = named(recorded["path"].removeprefix("/repos/"), old.removeprefix("/repos/"))
        world = OneSource(tmp_path, "github", publisher.url, *names)
        assert [outcome.result for outcome in world.refresh()] == ["landed", "landed"]
    rows = {row[2]: row for row in snapshots(world)}
    assert rows[103703892][4:] == (0, 0, 1)
    assert rows[515436299][1] + "-newname" == rows[515436299][3]
