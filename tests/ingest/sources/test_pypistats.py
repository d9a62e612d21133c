"""PyPI Stats on this machine: a snapshot of the last days, an error page that is HTML, a package it does not know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.one_source import OneSource, named
from tests.ingest.publisher import Publisher, Say, publishing

PATH = "/packages/anvil/overall"
LOADED = "select package, day_date::varchar, category, downloads from raw.pypistats__days order by all"


def reply(*days: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"data": list(days), "package": "anvil", "type": "overall_downloads", **changes}


def day(category: str, downloads: object = 7, date: str = "2021-01-03") -> dict[str, object]:
    return {"category": category, "date": date, "downloads": downloads}


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        yield made


@pytest.fixture
def live(tmp_path: Path, publisher: Publisher) -> OneSource:
    return OneSource(tmp_path, "pypistats", publisher.url, *named("anvil"))


def test_the_days_are_kept_with_and_without_mirrors(live: OneSource, publisher: Publisher) -> None:
    publisher.answers(PATH, Say(reply(day("with_mirrors", 9), day("without_mirrors"))))
    assert [asking.result for asking in live.refresh()] == ["landed"]
    assert live.load() == [""]
    assert live.rows(LOADED) == [
        ("anvil", "2021-01-03", "with_mirrors", 9),
        ("anvil", "2021-01-03", "without_mirrors", 7),
    ]
    assert live.refresh() == []
    live.later(days=1)
    assert [asking.result for asking in live.refresh()] == ["landed"]


def test_a_429_in_html_is_waited_for(live: OneSource, publisher: Publisher) -> None:
    limit = Say('<a href="/api/#etiquette">429 RATE LIMIT EXCEEDED</a>', 429)
    publisher.answers(PATH, limit, Say(reply(day("with_mirrors"))))
    assert [asking.result for asking in live.refresh()] == ["landed"]
    assert len(live.clock.waits) == 1


@pytest.mark.parametrize(
    ("said", "result", "reason"),
    [
        (Say("<html>404</html>", 404), "absent", "status 404"),
        (Say("<html>busy</html>"), "failed", "expected JSON"),
        (Say(reply()), "failed", "no days of anvil"),
        (Say(reply(day("with_mirrors"), package="hammer")), "failed", "expected overall_downloads of anvil"),
        (Say(reply(day("with_mirrors"), type="recent_downloads")), "failed", "recent_downloads"),
        (Say({"error": "overloaded"}), "failed", "expected overall_downloads"),
    ],
)
def test_what_is_no_answer_is_no_zero(
    live: OneSource, publisher: Publisher, said: Say, result: str, reason: str
) -> None:
    publisher.answers(PATH, said)
    (asking,) = live.refresh()
    assert asking.result == result
    assert reason in asking.reason
    assert live.events() == []


def test_a_day_without_a_number_is_rejected_and_the_others_are_kept(live: OneSource, publisher: Publisher) -> None:
    publisher.answers(PATH, Say(reply(day("with_mirrors", None), day("without_mirrors"), day("null"))))
    live.refresh()
    live.load()
    assert live.rows(LOADED) == [("anvil", "2021-01-03", "without_mirrors", 7)]
    assert live.rows("select column_name from raw.rejected_rows order by row_number") == [("downloads",), ("category",)]
