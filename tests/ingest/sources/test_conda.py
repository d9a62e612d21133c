"""Conda's monthly Parquet on this machine: a file on its whole way, absence, and files that are not as they should be.

Belongs here: this source's protocol and its files, made as the publisher makes them (texts as dictionaries).
Does not belong here: what channels mean (the model's unit test).
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.errors import ExtractError
from ingest.surprises import is_of_machine
from tests.ingest.one_source import OneSource, named, shipped_catalog
from tests.ingest.publisher import Heard, Publisher, Say, publishing

MONTH = (date(2020, 2, 1), date(2020, 3, 1))
PATH = "/conda/monthly/2020/2020-02.parquet"
DENIED = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
)
Row = tuple[str, str, str, str, int]
ROWS: list[Row] = [
    ("2020-02", "anaconda", "anvil", "1.0", 10),
    ("2020-02", "anaconda", "anvil", "1.1", 5),
    ("2020-02", "conda-forge", "anvil", "1.0", 3_000_000_000),
    ("2020-02", "conda-forge", "horseshoe", "7", 99),
]


def parquet(rows: Sequence[Row] = ROWS, without: str = "") -> bytes:
    """A file as the publisher makes it."""
    names = ("time", "data_source", "pkg_name", "pkg_version", "counts")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())
    made = {
        name: pa.array(values, pa.int64()) if name == "counts" else pa.array(values, pa.string()).dictionary_encode()
        for name, values in columns.items()
        if name != without
    }
    body = io.BytesIO()
    pq.write_table(pa.table(made), body)
    return body.getvalue()


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        made.answers(PATH, Say(parquet(), headers={"ETag": '"v1"'}))
        made.answers("*", Say(DENIED, 403, {"Content-Type": "application/xml"}))
        yield made


@pytest.fixture
def world(tmp_path: Path, publisher: Publisher) -> OneSource:
    return OneSource(tmp_path, "conda", publisher.url, *named("anvil"), today=datetime(2020, 6, 20, 12, tzinfo=UTC))


LOADED = "select package, channel, month_date::varchar, downloads from raw.conda__months order by all"


def test_of_a_file_only_the_packages_of_the_catalog_are_taken_in(world: OneSource) -> None:
    assert [outcome.result for outcome in world.refresh(MONTH)] == ["landed"]
    assert world.load() == [""]
    assert world.rows(LOADED) == [
        ("anvil", "anaconda", "2020-02-01", 15),
        ("anvil", "conda-forge", "2020-02-01", 3_000_000_000),
    ]


def test_a_package_added_later_is_read_from_what_is_landed_already(world: OneSource, publisher: Publisher) -> None:
    world.refresh(MONTH)
    world.load()
    publisher.heard.clear()
    world.names = named("anvil", "horseshoe")
    assert world.load() == [""]
    assert ("horseshoe", "conda-forge", "2020-02-01", 99) in world.rows(LOADED)
    assert publisher.heard == []


@pytest.mark.parametrize("reply", [Say(DENIED, 403), Say("no such key", 404)], ids=["403", "404"])
def test_a_month_that_is_not_there_yet_is_absent_and_asked_for_again(
    world: OneSource, publisher: Publisher, reply: Say
) -> None:
    publisher.answers("*", reply)
    april = (date(2020, 4, 1), date(2020, 5, 1))
    assert [outcome.result for outcome in world.refresh(april)] == ["absent"]
    assert world.events() == []
    publisher.answers("/conda/monthly/2020/2020-04.parquet", Say(parquet([("2020-04", "anaconda", "anvil", "1", 1)])))
    assert [outcome.result for outcome in world.refresh(april)] == ["landed"]


def test_a_file_that_did_not_change_is_not_sent_again(world: OneSource, publisher: Publisher) -> None:
    world.refresh(MONTH)

    def unchanged(heard: Heard) -> Say:
        assert heard.headers["if-none-match"] == '"v1"'
        return Say(status=304)

    publisher.answers(PATH, unchanged)
    assert [outcome.result for outcome in world.refresh(MONTH)] == ["unchanged"]
    assert len(world.events()) == 1


def test_a_month_counted_anew_replaces_what_was_landed(world: OneSource, publisher: Publisher) -> None:
    world.refresh(MONTH)
    publisher.answers(PATH, Say(parquet([("2020-02", "anaconda", "anvil", "1.0", 16)])))
    assert [outcome.result for outcome in world.refresh(MONTH)] == ["landed"]
    assert len(world.events()) == 2


@pytest.mark.parametrize(
    ("reply", "match"),
    {
        "refused for another reason": (Say("go away", 403), "status 403: go away"),
        "a page in place of a file": (Say("<html>busy</html>"), "expected a whole Parquet file; found 17 bytes"),
        "cut by the publisher": (Say(parquet()[:-20]), "expected a whole Parquet file"),
        "cut on the wire": (Say(parquet(), fault="cut"), "cut off"),
        "nothing": (Say(b""), "found 0 bytes: (an empty body)"),
        "slow down": (Say("SlowDown", 503), "status 503: SlowDown"),
    }.values(),
)
def test_what_is_no_whole_file_fails_in_words_and_lands_nothing(
    world: OneSource, publisher: Publisher, reply: Say, match: str
) -> None:
    publisher.answers(PATH, reply)
    (outcome,) = world.refresh(MONTH)
    assert outcome.result == "failed"
    assert match in outcome.reason
    assert world.events() == []


def damaged() -> bytes:
    """A file whose beginning and end are as they should be."""
    whole = parquet()
    return whole[:4] + bytes(len(whole) - 8) + whole[-4:]


@pytest.mark.parametrize(
    ("body", "match"),
    {
        "damaged inside": (damaged(), "2020-02.parquet: not readable as Parquet"),
        "other columns": (parquet(without="data_source"), "columns missing: data_source; expected time"),
        "another month": (
            parquet([("2020-03", "anaconda", "horseshoe", "1", 1)]),
            "expected 2020-02 only; found '2020-03'",
        ),
        "two months": (parquet([*ROWS, ("2020-03", "a", "b", "1", 1)]), "found '2020-02', '2020-03'"),
        "no row": (parquet([]), "expected 2020-02 only; found no row"),
    }.values(),
)
def test_a_file_that_is_not_what_it_should_be_is_refused_whole(
    world: OneSource, publisher: Publisher, body: bytes, match: str
) -> None:
    publisher.answers(PATH, Say(body))
    world.refresh(MONTH)
    (error,) = world.load()
    assert match in error
    assert world.rows("select count(*) from raw.conda__months") == [(0,)]


def test_a_month_may_be_written_as_a_moment_too(world: OneSource, publisher: Publisher, tmp_path: Path) -> None:
    path = tmp_path / "moments.parquet"
    query = (
        "select timestamp '2020-02-01' as time, 'anaconda' as data_source, 'anvil' as pkg_name, 7::integer as counts"
    )
    duckdb.execute(f"copy ({query}) to '{path}' (format parquet)")
    publisher.answers(PATH, Say(path.read_bytes()))
    world.refresh(MONTH)
    assert world.load() == [""]
    assert world.rows(LOADED) == [("anvil", "anaconda", "2020-02-01", 7)]


def test_no_contender_with_an_uncounted_channel_is_compared_before_it_was_counted() -> None:
    catalog = shipped_catalog()
    (since,) = [entry.start for entry in catalog.breaks if entry.id == "conda_own_channels_2023"]
    late = {name.valid_from for name in catalog.requested_names("conda") if name.valid_from}
    assert late == {since}
    (metric,) = [metric for metric in catalog.metrics if metric.id == "conda_downloads"]
    assert metric.channel == "context"


def test_a_damaged_file_is_no_broken_machine(world: OneSource, tmp_path: Path) -> None:
    """DuckDB says of some that they could not be read, as it would of a disk."""
    world.refresh(MONTH)
    [event] = world.events()
    whole, damaged = parquet(), tmp_path / "damaged.parquet"
    errors: list[ExtractError] = []
    for place in range(4, len(whole) - 8, 5):
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            list(world.source.parse(event, damaged))
        except ExtractError as error:
            errors.append(error)
    assert any("IO Error" in str(error) for error in errors)
    assert not any(map(is_of_machine, errors))
