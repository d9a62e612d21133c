"""The public ClickHouse server: a whole reply, and everything that looks like one and is not.

Belongs here: the protocol. Does not belong here: any table or query (the sources' tests).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ingest.catalog import Access
from ingest.clients.clickhouse import MAX_ROWS, MAX_ROWS_READ, Kind, fetch_sql, rows_of
from ingest.clients.http import Client
from ingest.clients.response import Reply
from ingest.errors import BusyError, ExtractError, FetchError, NotAvailableError
from tests.ingest.publisher import PatientClock, Publisher, Say, publishing

ROWS = [{"month": "2019-01-01", "sold": "123"}, {"month": "2019-02-01", "sold": "456"}]
COLUMNS: Mapping[str, Kind] = {"month": "text", "sold": "number"}
TOO_MUCH = "Code: 158. DB::Exception: Limit for rows or bytes to read exceeded, max rows: 1.00 billion (TOO_MANY_ROWS)"


def reply_of(data_rows: list[dict[str, Any]], **changes: object) -> dict[str, Any]:
    """A whole reply in format JSON; `changes` replace parts of it."""
    return {
        "meta": [{"name": name, "type": "String"} for name in COLUMNS],
        "data": data_rows,
        "rows": len(data_rows),
        "statistics": {"elapsed": 0.01, "rows_read": 1000, "bytes_read": 8000},
        **changes,
    }


GOOD = Say(reply_of(ROWS))
Ask = Callable[[], Reply]


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        yield made


@pytest.fixture
def clock() -> PatientClock:
    return PatientClock()


@pytest.fixture
def fetch(publisher: Publisher, clock: PatientClock) -> Ask:
    def asking() -> Reply:
        access = Access(urls=(f"{publisher.url}/?user=demo&database=guild",), off="a test")
        with Client(access, clock, {}) as client:
            return fetch_sql(client, "select 1", {"tool": "smith's", "tools": ["anvil", "smith's"], "ids": [1, 2]})

    return asking


def test_a_whole_reply_has_its_rows_and_numbers_as_texts(publisher: Publisher, fetch: Ask) -> None:
    publisher.answers("/", GOOD)
    assert rows_of(fetch().body, "reply", COLUMNS) == ROWS
    heard = publisher.heard[0]
    assert (heard.method, heard.body) == ("POST", b"select 1")
    assert heard.params == {
        "user": "demo",
        "database": "guild",
        "default_format": "JSON",
        "read_overflow_mode": "throw",
        "wait_end_of_query": "1",
        "param_tool": "smith's",
        "param_tools": "['anvil','smith\\'s']",
        "param_ids": "[1,2]",
    }


def test_no_row_is_an_answer_too(publisher: Publisher, fetch: Ask) -> None:
    publisher.answers("/", Say(reply_of([])))
    assert rows_of(fetch().body, "reply", COLUMNS) == []


@pytest.mark.parametrize(
    ("reply", "match"),
    [
        (Say(TOO_MUCH, 500, {"X-ClickHouse-Exception-Code": "158"}), "TOO_MANY_ROWS"),
        (Say({"exception": TOO_MUCH}, 500), "TOO_MANY_ROWS"),
        (Say(reply_of(ROWS, exception=TOO_MUCH)), "TOO_MANY_ROWS"),
        (Say("Code: 60. DB::Exception: Unknown table (UNKNOWN_TABLE)", 404), "status 404: Code: 60"),
        (Say("not here", 404), "status 404: not here"),
        (Say(reply_of(ROWS, rows=3)), "speaks of 3 rows and holds 2"),
        (Say(reply_of(ROWS, statistics={"rows_read": MAX_ROWS_READ})), "the figures may be too small"),
        (Say(reply_of(ROWS, statistics={})), r"expected meta, data and statistics\.rows_read"),
        (Say(reply_of([ROWS[0]] * MAX_ROWS)), "10,000 rows; 10,000 or more may be a part"),
        (Say('{"data": [\nCode: 158. DB::Exception: too much (TOO_MANY_ROWS)'), "TOO_MANY_ROWS"),
        (Say("[]"), "stopped in the middle"),
    ],
)
def test_what_is_no_whole_reply_is_never_a_number(publisher: Publisher, fetch: Ask, reply: Say, match: str) -> None:
    publisher.answers("/", reply)
    with pytest.raises(FetchError, match=match) as caught:
        fetch()
    assert not isinstance(caught.value, BusyError | NotAvailableError)
    assert len(publisher.heard) == 1


@pytest.mark.parametrize(
    ("reply", "wait"),
    [
        (Say("Code: 201. DB::Exception: quota (QUOTA_EXCEEDED)", 500), 60),
        (Say("Code: 202. DB::Exception: too many queries", 503, {"X-ClickHouse-Exception-Code": "202"}), None),
        (Say('{"data": [\nCode: 159. DB::Exception: Timeout exceeded (TIMEOUT_EXCEEDED)'), None),
        (Say("<html>gateway</html>", 502), None),
        (Say("<html>busy</html>", headers={"Content-Type": "text/html"}), None),
        (Say(json.dumps(reply_of(ROWS))[:-40]), None),
        (Say(b""), None),
    ],
)
def test_what_passes_is_asked_again(
    publisher: Publisher, clock: PatientClock, fetch: Ask, reply: Say, wait: float | None
) -> None:
    publisher.answers("/", reply, GOOD)
    assert rows_of(fetch().body, "reply", COLUMNS) == ROWS
    assert clock.waits == [wait] if wait else len(clock.waits) == 1


def test_other_columns_than_asked_for_are_refused(publisher: Publisher, fetch: Ask) -> None:
    publisher.answers("/", GOOD)
    with pytest.raises(ExtractError, match=r"page 1: expected columns month, kept; found 'month', 'sold'"):
        rows_of(fetch().body, "page 1", {"month": "text", "kept": "number"})


def test_the_recorded_error_is_understood(publisher: Publisher, fetch: Ask, shared: Path) -> None:
    recorded = (shared / "apis" / "recorded" / "clickpy" / "quoted-http500-code158.txt").read_bytes()
    publisher.answers("/", Say(recorded, 500))
    with pytest.raises(FetchError, match=r"max rows: 1\.00 billion"):
        fetch()
    assert len(publisher.heard) == 1
