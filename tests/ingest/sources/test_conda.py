"""Conda's monthly Parquet on this machine: everything in one file, of which only what is named is read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.ingest.one_source import OneSource, named
from tests.ingest.publisher import Publisher, Say, publishing

OCTOBER = (date(2020, 10, 1), date(2020, 11, 1))
PATH = "/conda/monthly/2020/2020-10.parquet"
LOADED = "select package, channel, month_date::varchar, downloads from raw.conda__months order by all"


def parquet(*rows: tuple[str, str, str, int], **renamed: str) -> bytes:
    """A file as published: texts are dictionaries, one row for each version and platform."""
    columns: dict[str, Any] = dict(
        zip(("pkg_name", "data_source", "time", "counts"), zip(*rows, strict=True), strict=True)
    )
    arrays = {
        renamed.get(name, name): pa.array(values) if name == "counts" else pa.array(values).dictionary_encode()
        for name, values in columns.items()
    }
    target = io.BytesIO()
    pq.write_table(pa.table(arrays), target)
    return target.getvalue()


GOOD = parquet(
    ("anvil", "anaconda", "2020-10", 3),
    ("anvil", "anaconda", "2020-10", 4),
    ("anvil", "conda-forge", "2020-10", 5),
    ("nails", "anaconda", "2020-10", 1_000),
)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        yield made


@pytest.fixture
def live(tmp_path: Path, publisher: Publisher) -> OneSource:
    return OneSource(tmp_path, "conda", publisher.url, *named("anvil"))


def test_a_month_is_one_file_of_which_the_named_packages_are_read(live: OneSource, publisher: Publisher) -> None:
    publisher.answers(PATH, Say(GOOD))
    assert [asking.result for asking in live.refresh(OCTOBER)] == ["landed"]
    assert live.load() == [""]
    assert live.rows(LOADED) == [("anvil", "anaconda", "2020-10-01", 7), ("anvil", "conda-forge", "2020-10-01", 5)]
    assert live.refresh(OCTOBER) == []


def test_a_package_that_is_named_later_needs_no_new_question(live: OneSource, publisher: Publisher) -> None:
    publisher.answers(PATH, Say(GOOD))
    live.refresh(OCTOBER)
    live.load()
    live.names = named("anvil", "nails")
    assert live.refresh(OCTOBER) == []
    live.load()
    assert ("nails", "anaconda", "2020-10-01", 1_000) in live.rows(LOADED)


@pytest.mark.parametrize("status", [403, 404])
def test_a_month_that_is_not_there_yet_is_absent(live: OneSource, publisher: Publisher, status: int) -> None:
    publisher.answers(PATH, Say("<Error><Code>AccessDenied</Code></Error>", status))
    assert [asking.result for asking in live.refresh(OCTOBER)] == ["absent"]
    assert live.events() == []


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (Say(GOOD, fault="cut"), "cut off"),
        (Say(GOOD[:-4]), "expected a Parquet file"),
        (Say("<html>maintenance</html>"), "expected a Parquet file"),
        (Say("", 500), "status 500"),
    ],
)
def test_what_is_no_whole_file_is_not_landed(live: OneSource, publisher: Publisher, said: Say, reason: str) -> None:
    publisher.answers(PATH, said)
    (asking,) = live.refresh(OCTOBER)
    assert asking.result == "failed"
    assert reason in asking.reason
    assert live.events() == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"PAR1 but nothing in it PAR1", "not readable as Parquet"),
        (parquet(("anvil", "anaconda", "2020-10", 3), counts="n"), "columns missing: counts"),
        (parquet(("anvil", "anaconda", "2020-09", 3)), "expected 2020-10 only; found 2020-09"),
    ],
)
def test_a_file_of_another_form_or_month_is_refused(
    live: OneSource, publisher: Publisher, body: bytes, reason: str
) -> None:
    publisher.answers(PATH, Say(body))
    live.refresh(OCTOBER)
    (error,) = live.load()
    assert reason in error
    assert live.rows(LOADED) == []
