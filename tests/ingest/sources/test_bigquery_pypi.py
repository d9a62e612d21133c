"""The download log in BigQuery: what is kept of an answer, and how the source is switched on. No account is needed.

Google's own client stands behind `run`; here another function does.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from ingest.errors import SpentError
from ingest.fetching import switched_off
from ingest.http import Client
from ingest.sources.bigquery_pypi import Row, ask
from tests.ingest.one_source import OneSource, named

OCTOBER = (date(2020, 10, 1), date(2020, 11, 1))


def row(**changes: object) -> Row:
    fields = {"month_date": "2020-10-01", "project": "anvil", "installer": "pip", "automation": "marked"}
    return {**fields, "downloads": 7, "days": 31, **changes}


def live_with(folder: Path, *rows: Row, error: Exception | None = None) -> OneSource:
    """The source with an account that answers these rows, or fails."""

    def run(_: Client, projects: Sequence[str], start: date, until: date) -> list[Row]:
        assert (list(projects), start, until) == (["anvil", "anvil-small"], *OCTOBER)
        if error:
            raise error
        return list(rows)

    live = OneSource(folder, "bigquery_pypi", "nowhere", *named("anvil", "anvil-small"))
    assert live.source.connector
    live.source = replace(live.source, connector=replace(live.source.connector, ask=partial(ask, run=run)))
    live.environment = {"GOOGLE_APPLICATION_CREDENTIALS": "key.json"}
    return live


def test_all_packages_go_into_one_question_and_what_is_not_marked_stays_not_marked(tmp_path: Path) -> None:
    live = live_with(tmp_path, row(), row(automation="not marked", downloads=5), row(installer="", downloads=1))
    assert [(asking.result, asking.reason) for asking in live.refresh(OCTOBER)] == [("landed", "")]
    assert live.load() == [""]
    query = "select installer, automation, downloads from raw.bigquery_pypi__months order by all"
    assert live.rows(query) == [("", "marked", 1), ("pip", "marked", 7), ("pip", "not marked", 5)]


def test_the_key_is_in_nothing_that_is_written(tmp_path: Path) -> None:
    live = live_with(tmp_path, row())
    live.refresh(OCTOBER)
    (event,) = live.events()
    assert "key.json" not in json.dumps(dict(event.request))


def test_a_query_that_would_cost_too_much_is_not_run(tmp_path: Path) -> None:
    live = live_with(tmp_path, error=SpentError("403 quota: the query would read too much"))
    (asking,) = live.refresh(OCTOBER)
    assert (asking.result, asking.reason) == ("failed", "403 quota: the query would read too much")


def test_rows_of_another_month_are_refused(tmp_path: Path) -> None:
    live = live_with(tmp_path, row(month_date="2020-09-01"))
    live.refresh(OCTOBER)
    (error,) = live.load()
    assert "expected 2020-10-01 only; found 2020-09-01" in error


@pytest.mark.parametrize(
    ("extra", "environment", "reason"),
    [
        ("google.cloud.nothing", {}, "needs the extra bigquery: pip install 'adoption-warehouse[bigquery]'"),
        ("json", {}, "needs GOOGLE_APPLICATION_CREDENTIALS in the environment"),
        ("json", {"GOOGLE_APPLICATION_CREDENTIALS": "key.json"}, None),
    ],
)
def test_without_library_or_account_it_is_switched_off_in_words(
    tmp_path: Path, extra: str, environment: dict[str, str], reason: str | None
) -> None:
    live = live_with(tmp_path)
    live.access["extra"] = {"name": "bigquery", "module": extra}
    found = switched_off(live.source, live.catalog.source("bigquery_pypi"), environment)
    assert found == reason if reason is None else reason in str(found)
