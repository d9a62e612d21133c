"""A refresh of the made-up source: what is asked, what is landed, and what is said when it does not go well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from ingest.catalog import Catalog, load_catalog
from ingest.clients.http import Client
from ingest.clients.response import raise_if_missing
from ingest.formats.csv_file import csv_source
from ingest.landing import Landing
from ingest.model import Connector, Request, Response, Source
from ingest.plan import ALL_TIME, Span
from ingest.refresh import RefreshContext, RequestOutcome, refresh, switched_off
from tests.ingest.made_up import CountRow, catalog_files, file_of, write_catalog
from tests.ingest.publisher import Heard, PatientClock, Publisher, Say, publishing

TODAY = datetime(2020, 4, 20, 12, tzinfo=UTC)


def fetch(request: Request, client: Client) -> Response:
    """One month of one tool."""
    month = f"{request.scope.period_start:%Y-%m}"
    headers = {"Authorization": f"Bearer {client.credential()}"} if client.credential() else {}
    params = {"tool": request.term, "month": month}
    reply = client.get(f"{client.url}/sold", params, headers, validators=request.validators, classify=raise_if_missing)
    filename = f"{request.term}_{month}.csv"
    return Response(reply.body, filename, "csv", reply.request, etag=reply.etag, modified=reply.modified)


class World:
    """The made-up source with a connector, its publisher on this machine, and a landing."""

    def __init__(self, folder: Path, publisher: Publisher) -> None:
        self.folder = folder
        self.publisher = publisher
        self.landing = Landing(folder / "landing", folder / "shipped")
        self.clock = PatientClock(TODAY)
        self.environment: dict[str, str] = {}
        self.access: dict[str, Any] = {"urls": [publisher.url], "off": "a test", "attempts": 2}
        self.files = catalog_files()
        self.connector = Connector("counts", fetch)

    @property
    def source(self) -> Source:
        return csv_source("guild_counts", self.connector, counts=CountRow)

    @property
    def catalog(self) -> Catalog:
        self.files["sources"][0]["access"] = self.access
        return load_catalog(write_catalog(self.folder / "catalog", self.files))

    def refresh(self, window: Span = ALL_TIME) -> list[RequestOutcome]:
        context = RefreshContext(self.clock, self.environment)
        return list(refresh(self.source, self.catalog, self.landing, window, context))

    def requests(self) -> list[tuple[str, str]]:
        """Tool and month of every request since the last look."""
        heard = [(request.params["tool"], request.params["month"]) for request in self.publisher.heard]
        self.publisher.heard.clear()
        return heard

    def later(self, **delay: float) -> None:
        self.clock = PatientClock(self.clock.now() + timedelta(**delay))


def sold(heard: Heard) -> Say:
    """Seven pieces on the first day of the month that is asked for."""
    return Say(file_of(f"{heard.params['tool']},{heard.params['month']}-01,7,hand,1.5,true,,,,"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with publishing() as publisher:
        publisher.answers("/sold", sold)
        yield World(tmp_path, publisher)


TOOLS = ["anvil", "anvil-small", "bellows", "hammer"]


def results(outcomes: list[RequestOutcome]) -> Mapping[str, int]:
    counted = [outcome.result for outcome in outcomes]
    return {result: counted.count(result) for result in dict.fromkeys(counted)}


def test_every_current_name_is_asked_for_every_expected_month_newest_first(world: World) -> None:
    assert results(world.refresh()) == {"landed": 12}
    months = ["2020-03", "2020-02", "2020-01"]
    assert world.requests() == [(tool, month) for month in months for tool in TOOLS]
    assert len(world.landing.events("guild_counts")) == 12


def test_a_second_refresh_asks_nothing(world: World) -> None:
    world.refresh()
    world.requests()
    assert world.refresh() == []
    assert world.requests() == []


def test_a_landed_answer_is_an_event_without_secrets(world: World) -> None:
    world.access["credential"] = {"variable": "GUILD_KEY", "gives": "more"}
    world.environment = {"GUILD_KEY": "s3cret"}
    world.refresh()
    assert world.publisher.heard[0].headers["authorization"] == "Bearer s3cret"
    (event, *_) = world.landing.events("guild_counts")
    assert event.request == {
        "method": "GET",
        "url": f"{world.publisher.url}/sold",
        "params": {"tool": event.scope.terms[0] if event.scope.terms else "", "month": "2020-03"},
    }
    assert event.available_at == TODAY
    written = b"".join(path.read_bytes() for path in (world.folder / "landing").rglob("*") if path.is_file())
    assert b"s3cret" not in written


def test_a_window_bounds_what_is_asked(world: World) -> None:
    world.refresh((date(2020, 2, 1), date(2020, 3, 1)))
    assert world.requests() == [(tool, "2020-02") for tool in TOOLS]


def test_a_framework_added_later_is_filled_in_alone(world: World) -> None:
    world.refresh()
    world.requests()
    world.files["frameworks"]["frameworks"].append(
        {
            "id": "tongs",
            "label": "Tongs",
            "role": "contender",
            "names": {"guild": [{"name": "tongs", "member": "primary"}]},
        }
    )
    world.refresh()
    assert world.requests() == [("tongs", month) for month in ("2020-03", "2020-02", "2020-01")]


def test_a_name_is_asked_for_while_it_is_valid(world: World) -> None:
    names = world.files["frameworks"]["frameworks"][2]["names"]["guild"]
    names[0] |= {"from": date(2020, 2, 10)}
    world.refresh()
    assert [month for tool, month in world.requests() if tool == "bellows"] == ["2020-03", "2020-02"]


def test_a_period_is_read_again_until_the_publisher_no_longer_changes_it(world: World) -> None:
    world.access["revises_days"] = 30
    world.refresh()
    world.requests()
    world.later(days=1)
    assert results(world.refresh()) == {"unchanged": 4}
    assert {month for _, month in world.requests()} == {"2020-03"}
    world.later(days=10)
    world.refresh()
    world.requests()
    assert world.refresh() == []
    assert len(world.landing.events("guild_counts")) == 12


def test_a_restated_answer_is_a_new_event_of_the_same_scope(world: World) -> None:
    world.access["revises_days"] = 30
    world.refresh()
    world.publisher.answers("/sold", lambda heard: Say(sold(heard).data.replace(b",7,", b",8,")))
    world.later(days=1)
    assert results(world.refresh()) == {"landed": 4}
    march = [event for event in world.landing.events("guild_counts") if event.scope.period_start.month == 3]
    assert len(march) == 8
    assert len({event.scope.key for event in march}) == 4


def test_a_question_asked_again_is_conditional(world: World) -> None:
    world.access["revises_days"] = 30

    def tagged(heard: Heard) -> Say:
        known = heard.headers.get("if-none-match") == '"v1"'
        return Say(status=304) if known else Say(sold(heard).data, headers={"ETag": '"v1"'})

    world.publisher.answers("/sold", tagged)
    world.refresh()
    for _ in range(2):
        world.later(days=1)
        assert results(world.refresh()) == {"unchanged": 4}


def test_an_answer_that_was_withdrawn_is_asked_for_again_whatever_the_publisher_said_of_it(world: World) -> None:
    def tagged(heard: Heard) -> Say:
        known = heard.headers.get("if-none-match") == '"v1"'
        return Say(status=304) if known else Say(sold(heard).data, headers={"ETag": '"v1"'})

    world.publisher.answers("/sold", tagged)
    world.refresh()
    wrong = world.landing.events("guild_counts")[0]
    world.landing.retract(wrong.extract_id, "a mistake", world.clock.now())
    world.requests()
    world.later(days=1)
    assert results(world.refresh()) == {"landed": 1}
    assert world.requests() == [
        (wrong.scope.terms[0] if wrong.scope.terms else "", f"{wrong.scope.period_start:%Y-%m}")
    ]
    assert world.refresh() == []


def test_one_failing_question_stops_no_other(world: World) -> None:
    def moody(heard: Heard) -> Say:
        return Say("no anvils", 400) if heard.params["tool"] == "anvil" else sold(heard)

    world.publisher.answers("/sold", moody)
    outcomes = world.refresh()
    assert results(outcomes) == {"failed": 3, "landed": 9}
    assert "status 400: no anvils" in outcomes[0].reason
    assert world.requests()
    world.publisher.answers("/sold", sold)
    assert results(world.refresh()) == {"landed": 3}
    assert world.requests() == [("anvil", month) for month in ("2020-03", "2020-02", "2020-01")]


def test_who_cannot_be_reached_is_not_asked_the_rest(world: World) -> None:
    world.publisher.answers("/sold", sold, sold, Say(fault="hang up"))
    outcomes = world.refresh()
    assert results(outcomes) == {"landed": 2, "failed": 1, "not fetched": 9}
    assert "no connection" in outcomes[-1].reason


def test_a_spent_quota_ends_the_asking_and_the_next_refresh_goes_on(world: World) -> None:
    world.access["most_requests"] = 5
    assert results(world.refresh()) == {"landed": 5, "failed": 1, "not fetched": 6}
    assert results(world.refresh()) == {"landed": 5, "failed": 1, "not fetched": 1}
    assert results(world.refresh()) == {"landed": 2}


def test_what_the_publisher_does_not_have_is_absent_and_asked_for_again_for_a_while(world: World) -> None:
    world.publisher.answers(
        "/sold", lambda heard: Say("none", 404) if heard.params["month"] == "2020-03" else sold(heard)
    )
    assert results(world.refresh()) == {"absent": 4, "landed": 8}
    assert results(world.refresh()) == {"absent": 4}
    world.later(days=60)
    world.files["sources"][0]["expected"]["last"] = date(2020, 4, 1)
    assert results(world.refresh()) == {"absent": 4}
    assert world.refresh() == []


def test_a_missing_key_switches_a_source_off_in_words(world: World) -> None:
    world.access["credential"] = {"variable": "GUILD_KEY", "is_required": True, "gives": "ask the guild for one"}
    outcomes = world.refresh()
    assert results(outcomes) == {"not fetched": 12}
    assert outcomes[0].reason == "needs GUILD_KEY in the environment: ask the guild for one"
    assert world.publisher.heard == []
    world.environment = {"GUILD_KEY": "k"}
    assert switched_off(world.source, world.catalog.source("guild_counts"), world.environment) is None


def test_a_key_that_cannot_be_read_switches_a_source_off_also_where_it_works_without(world: World) -> None:
    world.access["credential"] = {"variable": "GUILD_KEY", "gives": "more"}
    world.environment = {"GUILD_KEY_FILE": "nowhere"}
    outcomes = world.refresh()
    assert results(outcomes) == {"not fetched": 12}
    assert outcomes[0].reason == "GUILD_KEY_FILE names nowhere, which cannot be read: No such file or directory"
    assert world.publisher.heard == []


def test_a_source_without_a_connector_has_only_the_inbox(world: World) -> None:
    dropped_only = csv_source("guild_counts", counts=CountRow)
    context = RefreshContext(world.clock, {})
    assert list(refresh(dropped_only, world.catalog, world.landing, ALL_TIME, context)) == []
    assert switched_off(dropped_only, world.catalog.source("guild_counts"), {}) == "available only through the inbox"


def test_two_processes_do_not_ask_one_host_at_once(world: World) -> None:
    world.access["budget_seconds"] = 1
    host = world.publisher.url.removeprefix("http://").replace(":", "_")
    (world.folder / "landing" / "asked").mkdir(parents=True)
    with FileLock(world.folder / "landing" / "asked" / f"{host}.lock"):
        outcomes = world.refresh()
    assert results(outcomes) == {"not fetched": 12}
    assert "another process is fetching 127.0.0.1" in outcomes[0].reason


def test_several_periods_and_all_names_may_go_into_one_question(world: World) -> None:
    world.connector = Connector("counts", answer_of, "together", most_periods=2)
    scopes = [outcome.scope for outcome in world.refresh()]
    assert [(scope.period_start.month, scope.period_end.month, scope.terms) for scope in scopes] == [
        (3, 4, tuple(TOOLS[i] for i in (0, 1, 3, 2))),
        (1, 3, tuple(TOOLS[i] for i in (0, 1, 3, 2))),
    ]


def test_an_answer_that_holds_everything_names_no_terms(world: World) -> None:
    world.connector = Connector("counts", answer_of, "everything")
    assert [outcome.scope.terms for outcome in world.refresh()] == [None, None, None]
    assert world.refresh() == []


def test_where_only_today_can_be_seen_today_is_asked_once(world: World) -> None:
    world.connector = Connector("counts", answer_of, sees_past=False)
    days = {(outcome.scope.period_start, outcome.scope.period_end) for outcome in world.refresh()}
    assert days == {(date(2020, 4, 20), date(2020, 4, 21))}
    assert world.refresh() == []
    world.later(days=1)
    assert results(world.refresh()) == {"landed": 4}


def answer_of(request: Request, _: Client) -> Response:
    data = file_of(f"anvil,{request.scope.period_start},7,hand,1.5,true,,,,")
    return Response(data, "book.csv", "csv", {"url": "the book"})
