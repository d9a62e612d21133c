"""ClickPy on this machine: the question, a whole answer, and everything that looks like one and is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.plan import Span
from ingest.sources.clickpy import COLUMNS
from tests.ingest.one_source import OneSource, named
from tests.ingest.publisher import Heard, Publisher, Say, publishing

AUTUMN: Span = (date(2020, 10, 1), date(2020, 12, 1))
LOADED = "select month_date::varchar, installer, downloads, days from raw.clickpy__downloads order by all"


def row(
    month: str = "2020-10-01", installer: str = "pip", downloads: str = "9007199254740993", days: str = "31"
) -> dict[str, str]:
    return {"month_date": month, "project": "anvil", "installer": installer, "downloads": downloads, "days": days}


def reply(*rows: dict[str, str], **changes: Any) -> dict[str, Any]:
    """Counts of 64 bits are texts, as the server writes them."""
    return {
        "meta": [{"name": name, "type": "String"} for name in COLUMNS],
        "data": list(rows),
        "rows": len(rows),
        "statistics": {"elapsed": 0.1, "rows_read": 5_000, "bytes_read": 1},
        **changes,
    }


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        yield made


@pytest.fixture
def live(tmp_path: Path, publisher: Publisher) -> OneSource:
    return OneSource(tmp_path, "clickpy", f"{publisher.url}/?user=demo&database=pypi", *named("anvil"))


def test_a_package_is_asked_for_by_months_and_a_partial_answer_is_never_taken_for_whole(
    live: OneSource, publisher: Publisher
) -> None:
    publisher.answers("/", Say(reply(row(), row(installer=""), row("2020-11-01", "devpi", "7", "2"))))
    (asking,) = live.refresh(AUTUMN)
    (heard,) = publisher.heard
    assert {name: heard.params[name] for name in ("user", "param_project", "param_from", "param_until")} == {
        "user": "demo", "param_project": "anvil", "param_from": "2020-10-01", "param_until": "2020-12-01",
    }  # fmt: skip
    assert heard.params["read_overflow_mode"] == "throw"
    assert b"GROUP BY month_date, project, installer" in heard.body
    assert (asking.result, live.load()) == ("landed", [""])
    assert live.rows(LOADED) == [
        ("2020-10-01", "", 2**53 + 1, 31),
        ("2020-10-01", "pip", 2**53 + 1, 31),
        ("2020-11-01", "devpi", 7, 2),
    ]


def test_no_downloads_are_no_zero(live: OneSource, publisher: Publisher) -> None:
    publisher.answers("/", Say(reply()))
    live.refresh(AUTUMN)
    assert live.load() == [""]
    assert live.rows(LOADED) == []


@pytest.mark.parametrize(
    ("said", "reason"),
    {
        "too many rows read": (Say("Code: 158. DB::Exception: Limit for rows (TOO_MANY_ROWS)", 500), "Code: 158"),
        "read to the limit": (Say(reply(row(), statistics={"rows_read": 10**9})), "1,000,000,000 rows were read"),
        "rows to the limit": (Say(reply(*[row()] * 10_000)), "10,000 rows"),
        "an error in a good status": (Say('{"meta": [], Code: 241. DB::Exception: Memory'), "Code: 241"),
        "cut": (Say(reply(row()), fault="cut"), "cut off"),
        "HTML": (Say("<html>", headers={"Content-Type": "text/html"}), "expected JSON, found text/html"),
        "no such table": (Say("Code: 60. DB::Exception: Unknown table", 404), "Code: 60"),
        "quota": (Say("Code: 201. DB::Exception: Quota exceeded", 500), "Code: 201"),
        "fewer rows than said": (Say(reply(row(), rows=2)), "speaks of 2 rows and holds 1"),
    }.values(),
)  # fmt: skip
def test_what_is_no_whole_answer_is_a_failure(live: OneSource, publisher: Publisher, said: Say, reason: str) -> None:
    publisher.answers("/", said)
    (asking,) = live.refresh(AUTUMN)
    assert asking.result == "failed"
    assert reason in asking.reason
    assert live.events() == []


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([row(), row()], "expected one row for each month and installer; twice"),
        ([row("2020-12-01")], "found ['2020-12-01']"),
        ([{**row(), "project": "hammer"}], "found ['hammer']"),
    ],
)
def test_an_answer_to_another_question_is_refused_when_it_is_read(
    live: OneSource, publisher: Publisher, rows: list[dict[str, str]], reason: str
) -> None:
    publisher.answers("/", Say(reply(*rows)))
    live.refresh(AUTUMN)
    (error,) = live.load()
    assert reason in error
    assert live.rows(LOADED) == []


def test_recent_months_are_read_again_and_old_ones_are_not(live: OneSource, publisher: Publisher) -> None:
    def each_month(heard: Heard) -> Say:
        return Say(reply(row(heard.params["param_from"])))

    publisher.answers("/", each_month)
    live.refresh((date(2020, 9, 1), date(2021, 1, 1)))
    publisher.heard.clear()
    live.later(days=2)
    live.refresh((date(2020, 9, 1), date(2021, 1, 1)))
    (again,) = publisher.heard
    assert (again.params["param_from"], again.params["param_until"]) == ("2020-11-01", "2021-01-01")
