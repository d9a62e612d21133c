"""Connections of this project print nothing by themselves, and a file that no DuckDB opens any more is made again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from ingest.database import connect, discard_damaged

BAR = "select current_setting('enable_progress_bar')"


def test_a_connection_draws_no_bar_on_the_output(tmp_path: Path) -> None:
    with connect(tmp_path / "a.duckdb") as connection:
        connection.execute("create table t as select 1 as one")
        assert connection.execute(BAR).fetchall() == [(False,)]
        assert connection.cursor().execute(BAR).fetchall() == [(False,)]
    with connect(tmp_path / "a.duckdb", read_only=True) as connection:
        assert connection.execute(BAR).fetchall() == [(False,)]
        assert connection.execute("from t").fetchall() == [(1,)]


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    path = tmp_path / "work.duckdb"
    with connect(path) as connection:
        connection.execute("create table t as select range as one from range(1000)")
    return path


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda _: b"", id="killed before the first byte"),
        pytest.param(lambda data: data[:4096], id="after the first header"),
        pytest.param(lambda data: data[:12_288], id="after all headers"),
        pytest.param(lambda data: data[: len(data) // 2], id="cut"),
        pytest.param(lambda data: bytes(len(data)), id="zeros"),
        pytest.param(lambda data: data[:8] + b"text" + data[12:], id="another header"),
        pytest.param(lambda data: data[:12] + (9_999).to_bytes(8, "little") + data[20:], id="another version"),
        pytest.param(lambda _: b"month,downloads\n", id="another file"),
    ],
)
def test_a_file_that_cannot_be_opened_is_removed_with_its_log(whole: Path, damage: Callable[[bytes], bytes]) -> None:
    log = whole.with_name(f"{whole.name}.wal")
    whole.write_bytes(damage(whole.read_bytes()))
    log.write_bytes(b"")

    assert discard_damaged(whole)
    assert list(whole.parent.iterdir()) == []
    connect(whole).close()


def test_a_file_that_opens_or_is_not_there_stays_as_it_is(whole: Path) -> None:
    assert discard_damaged(whole) == ""
    with connect(whole) as connection:
        assert connection.execute("select count(*) from t").fetchall() == [(1_000,)]
    assert discard_damaged(whole.with_name("other.duckdb")) == ""
    assert [path.name for path in whole.parent.iterdir()] == [whole.name]


def test_a_file_that_is_no_file_is_nobodys_to_remove(tmp_path: Path) -> None:
    (tmp_path / "work.duckdb").mkdir()
    with pytest.raises(duckdb.Error):
        discard_damaged(tmp_path / "work.duckdb")
    assert (tmp_path / "work.duckdb").is_dir()
