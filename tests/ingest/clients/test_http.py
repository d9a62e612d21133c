"""The client against a publisher on this machine that answers well, badly, late, in part or not at all."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ingest.catalog import Access, Credential, Pace
from ingest.clients.http import Client
from ingest.clients.response import Reply, raise_if_missing
from ingest.errors import BudgetError, BusyError, FetchError, NotAvailableError, NotChangedError, UnreachableError
from ingest.model import Request, Scope
from tests.ingest.publisher import PatientClock, Publisher, Say, publishing


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        yield made


@pytest.fixture
def clock() -> PatientClock:
    return PatientClock()


def client(publisher: Publisher, clock: PatientClock, **access: Any) -> Client:
    return Client(Access(urls=(publisher.url,), off="a test", **access), clock, {"ANVIL_KEY": "s3cret"})


def get(publisher: Publisher, clock: PatientClock, **access: Any) -> Reply:
    with client(publisher, clock, **access) as http:
        return http.get(f"{http.url}/figures", {"name": "anvil"})


GOOD = Say({"count": 7})
NOW = "Tue, 05 Jan 2021 12:00:"


@pytest.mark.parametrize(
    ("first", "waits"),
    {
        "429 with Retry-After": (Say("slow down", 429, {"Retry-After": "7"}), [7.0]),
        "429 with a date": (Say("slow down", 429, {"Retry-After": f"{NOW}09 GMT"}), [9.0]),
        "503 with a date that has passed": (Say("", 503, {"Retry-After": "Tue, 05 Jan 2021 11:00:00 GMT"}), [0.0]),
        "403 secondary limit": (Say({"message": "secondary rate limit"}, 403, {"Retry-After": "60"}), [60.0]),
        "403 with nothing left": (
            Say({"message": "limit"}, 403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1609848042"}),
            [42.0],
        ),
    }.values(),
)
def test_a_publisher_that_asks_to_wait_gets_its_wait(
    publisher: Publisher, clock: PatientClock, first: Say, waits: list[float]
) -> None:
    publisher.answers("/figures", first, GOOD)
    assert get(publisher, clock).json() == {"count": 7}
    assert clock.waits == waits


@pytest.mark.parametrize(
    "first",
    [
        Say("<html>slow down</html>", 429),
        Say("slow down", 429, {"Retry-After": "soon"}),
        Say("", 500),
        Say("", 502),
        Say({}, 202),
        Say("never to arrive whole", fault="cut"),
        Say("never to arrive whole", headers={"Transfer-Encoding": "chunked"}, fault="cut"),
        Say(gzip.compress(b"never to arrive whole"), headers={"Content-Encoding": "gzip"}, fault="cut"),
        Say({"message": "limit"}, 403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1609847999"}),
        Say({"message": "limit"}, 403, {"X-RateLimit-Remaining": "0"}),
        Say({"message": "limit"}, 429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "30"}),
    ],
    ids=[
        *("429", "429 in words", "500", "502", "202 not ready", "cut", "cut between chunks", "cut in a packed body"),
        *("403 with a reset that has passed", "403 with nothing left", "429 with a reset that is no moment"),
    ],
)
def test_what_fails_in_passing_is_asked_again_after_a_growing_wait(
    publisher: Publisher, clock: PatientClock, first: Say
) -> None:
    publisher.answers("/figures", first, first, GOOD)
    assert get(publisher, clock).json() == {"count": 7}
    assert len(publisher.heard) == 3
    assert 2 <= clock.waits[0] < clock.waits[1] <= 60


def test_after_the_last_attempt_the_error_says_what_the_publisher_said(
    publisher: Publisher, clock: PatientClock
) -> None:
    publisher.answers("/figures", Say("out of order", 500))
    with pytest.raises(BusyError, match=r"GET http://127.0.0.1:\d+/figures: status 500: out of order"):
        get(publisher, clock, attempts=3)
    assert len(publisher.heard) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 422])
def test_what_patience_does_not_mend_fails_at_once(publisher: Publisher, clock: PatientClock, status: int) -> None:
    publisher.answers("/figures", Say("not like this", status))
    with pytest.raises(FetchError, match=f"status {status}: not like this"):
        get(publisher, clock)
    assert len(publisher.heard) == 1
    assert clock.waits == []


def test_what_the_publisher_does_not_have_is_absent_not_zero(publisher: Publisher, clock: PatientClock) -> None:
    publisher.answers("/figures", Say("no such month", 404))
    with client(publisher, clock) as http, pytest.raises(NotAvailableError, match="no such month"):
        http.get(f"{http.url}/figures", classify=raise_if_missing)


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_moved_away_is_a_failure_and_settles_nothing(
    publisher: Publisher, clock: PatientClock, status: int
) -> None:
    publisher.answers("/figures", Say("no such page", status))
    with pytest.raises(FetchError, match=f"status {status}: no such page") as caught:
        get(publisher, clock)
    assert not isinstance(caught.value, NotAvailableError)


def test_a_wait_longer_than_the_budget_is_not_waited(publisher: Publisher, clock: PatientClock) -> None:
    publisher.answers("/figures", Say("", 429, {"Retry-After": "3600"}))
    with pytest.raises(
        BudgetError, match=r"next try is due in 3,600 s, but 100 s of the time budget of 100 s are left"
    ):
        get(publisher, clock, budget_seconds=100)
    assert clock.waits == []


def test_a_body_that_drips_is_given_up(publisher: Publisher) -> None:
    publisher.answers("/figures", Say(b"x" * 200_000))
    with pytest.raises((BusyError, BudgetError), match=r"not whole within 30 s|time budget"):
        get(publisher, PatientClock(tick=20), timeout_seconds=30, budget_seconds=200)


def test_a_rest_that_the_publisher_asks_for_is_taken_before_the_next_question(
    publisher: Publisher, clock: PatientClock
) -> None:
    publisher.answers("/figures", GOOD)
    with client(publisher, clock, budget_seconds=100) as http:
        http.get(f"{http.url}/figures")
        http.pause(40)
        assert clock.waits == []
        http.get(f"{http.url}/figures")
        assert clock.waits == [40]
        http.pause(3600)
        with pytest.raises(BudgetError, match="asks for a rest of 3,600 s, but 60 s of the time budget of 100 s"):
            http.get(f"{http.url}/figures")
    assert len(publisher.heard) == 2


def test_requests_have_a_budget(publisher: Publisher, clock: PatientClock) -> None:
    publisher.answers("/figures", GOOD)
    with client(publisher, clock, most_requests=2) as http:
        for _ in range(2):
            http.get(f"{http.url}/figures")
        with pytest.raises(BudgetError, match="the budget of 2 requests a refresh is spent"):
            http.get(f"{http.url}/figures")
    assert len(publisher.heard) == 2


def test_nobody_there_is_tried_twice(clock: PatientClock) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        access = Access(urls=(f"http://127.0.0.1:{listener.getsockname()[1]}",), off="a test")
        with Client(access, clock, {}) as http, pytest.raises(UnreachableError, match=r"no connection: .*refused"):
            http.get(http.url)
    assert len(clock.waits) == 1


def test_a_connection_that_ends_without_a_reply_is_no_answer(publisher: Publisher, clock: PatientClock) -> None:
    publisher.answers("/figures", Say(fault="hang up"))
    with pytest.raises(UnreachableError, match="no connection"):
        get(publisher, clock)


def test_a_page_of_html_in_place_of_json_is_asked_again(publisher: Publisher, clock: PatientClock) -> None:
    publisher.answers("/figures", Say("<html>busy</html>", headers={"Content-Type": "text/html"}), GOOD)
    with client(publisher, clock) as http:
        reply = http.get(f"{http.url}/figures", validate=lambda reply: reply.json())
    assert reply.json() == {"count": 7}


def test_an_error_inside_a_good_status_is_the_checks_to_find(publisher: Publisher, clock: PatientClock) -> None:
    def check(reply: Reply) -> None:
        if "error" in reply.json():
            raise BusyError(reply.json()["error"], 11)

    publisher.answers("/figures", Say({"error": "too many"}), GOOD)
    with client(publisher, clock) as http:
        assert http.get(f"{http.url}/figures", validate=check).json() == {"count": 7}
    assert clock.waits == [11]


def test_what_a_status_means_may_stand_in_the_words(publisher: Publisher, clock: PatientClock) -> None:
    def judge(reply: Reply) -> None:
        if "slow down" in reply.text:
            raise BusyError(reply.text, 9)

    publisher.answers("/figures", Say("slow down", 400), GOOD)
    with client(publisher, clock) as http:
        assert http.get(f"{http.url}/figures", classify=judge).json() == {"count": 7}
    assert clock.waits == [9]


def test_a_renamed_address_is_followed_and_recorded(publisher: Publisher, clock: PatientClock) -> None:
    publisher.answers("/figures", Say(status=301, headers={"Location": f"{publisher.url}/new"}))
    publisher.answers("/new", GOOD)
    reply = get(publisher, clock)
    assert reply.json() == {"count": 7}
    assert reply.request["redirected_to"] == f"{publisher.url}/new"


def test_a_redirect_to_another_host_is_followed_only_where_the_catalog_lists_it_and_without_credentials(
    publisher: Publisher, clock: PatientClock
) -> None:
    headers = {"Authorization": "Bearer s3cret", "X-Api-Key": "s3cret", "Cookie": "s3cret", "Accept": "text/csv"}
    with publishing() as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        publisher.answers("/figures", Say(status=302, headers={"Location": f"{elsewhere}/stolen?token=t0ken"}))
        other.answers("/stolen", GOOD)
        with client(publisher, clock) as http, pytest.raises(FetchError, match="a host that the catalog does not list"):
            http.get(f"{http.url}/figures", headers=headers)
        assert other.heard == []
        listed = Access(urls=(publisher.url,), off="a test", redirects=("localhost",))
        with Client(listed, clock, {}) as http:
            reply = http.get(f"{http.url}/figures", headers=headers)
        (heard,) = other.heard
    assert reply.json() == {"count": 7}
    assert reply.request["redirected_to"] == f"{elsewhere}/stolen"
    assert "s3cret" not in str(heard.headers)
    assert heard.headers["accept"] == "text/csv"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_question_that_is_a_body_stays_with_its_host(publisher: Publisher, clock: PatientClock, status: int) -> None:
    with publishing() as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        publisher.answers("/figures", Say(status=status, headers={"Location": f"{elsewhere}/stolen"}))
        with client(publisher, clock) as http, pytest.raises(FetchError, match="does not list"):
            http.post(f"{http.url}/figures", b"s3cret")
        assert other.heard == []


def test_redirects_without_an_end_are_given_up(publisher: Publisher, clock: PatientClock) -> None:
    publisher.answers("/figures", Say(status=302, headers={"Location": "/figures"}))
    with pytest.raises(FetchError, match="more than 10 redirects"):
        get(publisher, clock)


@pytest.mark.parametrize(
    "location", ["http://[", "http://\udce9/", "//", "ftp://elsewhere/", "http:///", "\x00", "http://a:b:c/"]
)
def test_a_redirect_to_nowhere_is_told(publisher: Publisher, clock: PatientClock, location: str) -> None:
    written = location.encode("utf-8", "surrogateescape").decode("latin-1")
    publisher.answers("/figures", Say(status=302, headers={"Location": written}))
    with pytest.raises(FetchError):
        get(publisher, clock)


def test_a_password_of_the_user_does_not_go_along(
    publisher: Publisher, clock: PatientClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = urlsplit(publisher.url).hostname
    (tmp_path / "netrc").write_text(f"machine {host} login me password s3cret", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    publisher.answers("/figures", GOOD)
    get(publisher, clock)
    assert "authorization" not in publisher.heard[0].headers


def test_a_body_that_is_too_large_or_unpacks_too_far_is_refused(publisher: Publisher, clock: PatientClock) -> None:
    publisher.answers("/figures", Say(gzip.compress(bytes(1 << 26)), headers={"Content-Encoding": "gzip"}))
    with pytest.raises(FetchError, match="no response packs like that"):
        get(publisher, clock)
    publisher.answers("/figures", Say(b"x" * 5_000))
    small = Access(urls=(publisher.url,), off="a test", most_reply_bytes=4_000)
    with Client(small, clock, {}) as http, pytest.raises(FetchError, match="larger than 4,000 bytes"):
        http.get(f"{http.url}/figures")


@pytest.mark.parametrize("status", range(520, 527))
def test_a_proxy_before_the_publisher_passes(publisher: Publisher, clock: PatientClock, status: int) -> None:
    publisher.answers("/figures", Say("", status), GOOD)
    assert get(publisher, clock).json() == {"count": 7}


@pytest.mark.parametrize(
    "header",
    [
        "\u00b2",
        "-1",
        "9" * 400,
        "1e9",
        "Mon, 32 Foo 99999 99:99:99 GMT",
        "Thu, 01 Jan 1970 00:00:00 +9999",
        "nan",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "",
    ],
)
def test_whatever_a_publisher_says_of_waiting_is_understood_or_passed_over(
    publisher: Publisher, clock: PatientClock, header: str
) -> None:
    publisher.answers("/figures", Say("", 503, headers={"Retry-After": header, "X-RateLimit-Reset": header}))
    with pytest.raises(FetchError):
        get(publisher, clock)


def test_packed_bodies_are_unpacked(publisher: Publisher, clock: PatientClock) -> None:
    publisher.answers("/figures", Say(gzip.compress(b'{"count": 7}'), headers={"Content-Encoding": "gzip"}))
    assert get(publisher, clock).json() == {"count": 7}


def test_a_question_asked_before_is_conditional(publisher: Publisher, clock: PatientClock) -> None:
    publisher.answers("/figures", Say(status=304))
    scope = Scope("counts", date(2020, 1, 1), date(2020, 2, 1))
    request = Request(scope, '"v1"', "Tue, 05 Jan 2021 00:00:00 GMT")
    with client(publisher, clock) as http, pytest.raises(NotChangedError):
        http.get(f"{http.url}/figures", validators=request.validators)
    headers = publisher.heard[0].headers
    assert headers["if-none-match"] == '"v1"'
    assert headers["if-modified-since"] == "Tue, 05 Jan 2021 00:00:00 GMT"


def test_a_credential_is_sent_and_never_written_down(publisher: Publisher, clock: PatientClock) -> None:
    credential = Credential(variable="ANVIL_KEY", gives="more figures")
    publisher.answers("/figures", GOOD, Say("bad key s3cret", 401))
    with client(publisher, clock, credential=credential) as http:
        key = {"key": str(http.credential())}
        reply = http.get(f"{http.url}/figures", key, {"Authorization": "Bearer s3cret"})
        with pytest.raises(FetchError) as caught:
            http.get(f"{http.url}/figures", key)
    assert publisher.heard[0].params == {"key": "s3cret"}
    assert reply.request == {"method": "GET", "url": f"{publisher.url}/figures", "params": {"key": "***"}}
    assert "s3cret" not in str(caught.value)
    assert "***" in str(caught.value)


def test_a_credential_is_scrubbed_as_an_address_writes_it_too(publisher: Publisher, clock: PatientClock) -> None:
    access = Access(urls=(publisher.url,), off="a test", credential=Credential(variable="ANVIL_KEY", gives="more"))
    publisher.answers("/figures", Say(status=302, headers={"Location": f"{publisher.url}/new?key=a%2Fb%2B%3D"}))
    publisher.answers("/new", GOOD)
    with Client(access, clock, {"ANVIL_KEY": "a/b+="}) as http:
        reply = http.get(f"{http.url}/figures", {"key": "a/b+="})
    assert reply.request["redirected_to"] == f"{publisher.url}/new?key=***"


def test_a_host_is_paced(publisher: Publisher) -> None:
    publisher.answers("/figures", GOOD)
    http = client(publisher, PatientClock(), pace=Pace(seconds_between=3, per_minute=30))
    with http:
        adapter = http._session.get_adapter(publisher.url)
        rates = adapter.limiter.bucket_factory.rates  # type: ignore[attr-defined]
        assert [(rate.limit, rate.interval) for rate in rates] == [(1, 3000), (30, 60000)]
