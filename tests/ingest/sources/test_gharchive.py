"""New stars from the archive's public copy: which months are whole, and what is never a number."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ExtractError
from ingest.sources.gharchive import MONTH_COLUMNS, NUMBER_COLUMNS
from tests.ingest.one_source import OneSource, named
from tests.ingest.publisher import Heard, Publisher, Say, publishing

NUMBERS = [("smith/anvil", "7"), ("guild/hall", "99")]
MONTHS = [
    ("7", "2020-09-01", "5", "50", "2020-09-30 23:00:00"),
    ("7", "2020-11-01", "4", "40", "2020-11-30 23:00:00"),
    ("7", "2021-01-01", "1", "9", "2021-01-04 10:00:00"),
    ("99", "2020-09-01", "300", "9000", "2020-09-30 23:59:59"),
    ("99", "2020-10-01", "300", "9000", "2020-10-31 23:59:59"),
    ("99", "2020-11-01", "300", "9000", "2020-11-30 23:59:59"),
    ("99", "2021-01-01", "80", "900", "2021-01-05 11:59:59"),
]
"""The repository slept in October; of December the archive has nothing at all."""


def reply_of(columns: Collection[str], data_rows: Sequence[Sequence[str]], **changes: object) -> dict[str, Any]:
    return {
        "meta": [{"name": name, "type": "String"} for name in columns],
        "data": [dict(zip(columns, row, strict=True)) for row in data_rows],
        "rows": len(data_rows),
        "statistics": {"elapsed": 0.01, "rows_read": 1000, "bytes_read": 8000},
        **changes,
    }


class Archive:
    """A server with two tables."""

    def __init__(self) -> None:
        self.numbers = [*NUMBERS]
        self.months = [*MONTHS]
        self.changes: dict[str, object] = {}

    def __call__(self, heard: Heard) -> Say:
        if b"repo_name_to_id" in heard.body:
            repositories = {heard.params["param_name"], heard.params["param_busy"]}
            return Say(reply_of(NUMBER_COLUMNS, [row for row in self.numbers if row[0] in repositories]))
        first, until = heard.params["param_from"], heard.params["param_until"]
        ids = heard.params["param_ids"]
        rows = [row for row in self.months if first <= row[1] < until and f"'{row[0]}'" in ids]
        return Say(reply_of(MONTH_COLUMNS, rows, **self.changes))


@pytest.fixture
def archive() -> Archive:
    return Archive()


@pytest.fixture
def publisher(archive: Archive) -> Iterator[Publisher]:
    with publishing() as made:
        made.answers("/", archive)
        yield made


@pytest.fixture
def world(tmp_path: Path, publisher: Publisher) -> OneSource:
    url = f"{publisher.url}/?user=demo&database=github&param_busy=guild/hall"
    return OneSource(tmp_path, "gharchive", url, *named("smith/anvil"))


AUTUMN = (date(2020, 9, 1), date(2021, 1, 1))


def rows(world: OneSource) -> list[tuple[Any, ...]]:
    assert set(world.load()) <= {""}
    return world.rows("select month_date, repository_id, stars, events from raw.gharchive__months order by all")


def test_a_month_without_stars_is_zero_and_a_month_without_archive_is_unknown(
    world: OneSource, publisher: Publisher
) -> None:
    assert [outcome.result for outcome in world.refresh(AUTUMN)] == ["landed"]
    assert rows(world) == [
        (date(2020, 9, 1), 7, 5, 50),
        (date(2020, 10, 1), 7, 0, 0),
        (date(2020, 11, 1), 7, 4, 40),
    ]
    assert {heard.params["read_overflow_mode"] for heard in publisher.heard} == {"throw"}
    assert publisher.heard[1].params["param_until"] == "2021-02-01"


def test_no_login_is_landed(world: OneSource, publisher: Publisher) -> None:
    world.refresh(AUTUMN)
    assert b"uniqExactIf((actor_login" in publisher.heard[1].body
    assert "login" not in world.landing.path_of(world.events()[0]).read_text()


def test_a_copy_that_is_behind_settles_only_what_it_holds(world: OneSource, archive: Archive) -> None:
    archive.months = [row for row in MONTHS if row[1] < "2020-11-15"]
    world.refresh(AUTUMN)
    assert [row[0] for row in rows(world)] == [date(2020, 9, 1), date(2020, 10, 1)]
    assert world.events()[0].scope.period_end == date(2020, 11, 1)
    archive.months = [*MONTHS]
    world.later(days=60)
    assert [outcome.scope.period_start for outcome in world.refresh(AUTUMN)] == [date(2020, 11, 1)]
    assert rows(world)[-1] == (date(2020, 11, 1), 7, 4, 40)


def test_a_repository_is_known_by_its_number_whatever_it_was_called(world: OneSource, archive: Archive) -> None:
    archive.numbers = [("smith/anvil", "7"), ("old/anvil", "7"), ("guild/hall", "99")]
    world.names = named("smith/anvil", "old/anvil")
    world.refresh(AUTUMN)
    world.load()
    query = "select repository, sum(stars)::int from raw.gharchive__months group by all order by all"
    assert world.rows(query) == [("old/anvil", 9), ("smith/anvil", 9)]


def test_a_name_that_had_an_owner_before_is_the_newest_ones(world: OneSource, archive: Archive) -> None:
    archive.numbers = [("smith/anvil", "7"), ("smith/anvil", "3"), ("guild/hall", "99")]
    archive.months = [("3", "2020-09-01", "1000", "1000", "2020-09-30 23:00:00"), *MONTHS]
    world.refresh(AUTUMN)
    assert rows(world)[0] == (date(2020, 9, 1), 7, 5, 50)


TOO_MUCH = "Code: 158. DB::Exception: Limit for rows to read exceeded (TOO_MANY_ROWS)"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"exception": TOO_MUCH}, "TOO_MANY_ROWS"),
        ({"rows": 99}, "speaks of 99 rows"),
        ({"statistics": {"rows_read": 1_000_000_000}}, "may be too small"),
        ({"meta": [{"name": "month"}]}, "expected columns repo_id"),
    ],
)
def test_a_part_of_a_reply_is_no_answer(
    world: OneSource, archive: Archive, changes: dict[str, object], why: str
) -> None:
    archive.changes = changes
    (outcome,) = world.refresh(AUTUMN)
    assert outcome.result == "failed"
    assert why in outcome.reason
    assert world.events() == []


def test_a_name_that_the_archive_does_not_know_is_no_zero(world: OneSource, archive: Archive) -> None:
    archive.numbers = [("guild/hall", "99")]
    (outcome,) = world.refresh(AUTUMN)
    assert (outcome.result, world.landing.request_notes("gharchive")) == ("failed", [])
    assert "knows no repository by the name smith/anvil" in outcome.reason


def test_a_copy_without_any_of_the_months_is_behind(world: OneSource, archive: Archive) -> None:
    archive.months = []
    (outcome,) = world.refresh(AUTUMN)
    assert outcome.result == "failed"
    assert "behind" in outcome.reason


def test_a_landed_answer_is_checked_again(world: OneSource, tmp_path: Path) -> None:
    world.refresh(AUTUMN)
    (event,) = world.events()
    whole = world.landing.path_of(event).read_text()
    for harmed in (whole[:-9], whole.replace('"rows": 7', '"rows": 8'), "[]", whole.replace("smith/anvil", "x/y")):
        assert harmed != whole
        (tmp_path / "x").write_text(harmed)
        with pytest.raises(ExtractError):
            list(world.source.parse(event, tmp_path / "x"))
