"""Reading the published file."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from adoption.publish import digest
from adoption.publish.reader import NotPublishedError, open_published, published_file
from adoption.settings import Settings
from ingest.database import fetch_dicts
from ingest.errors import AdoptionError
from tests.conftest import with_published


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A data folder with a small published file."""
    sold = "create table sold as from (values ('anvil', 7), ('hammer', null)) as sold(tool, pieces)"
    return with_published(tmp_path, sold)


def test_rows_are_mappings_of_column_to_value(settings: Settings) -> None:
    with open_published(settings) as connection:
        assert fetch_dicts(connection, "from sold order by tool") == [
            {"tool": "anvil", "pieces": 7},
            {"tool": "hammer", "pieces": None},
        ]
        assert fetch_dicts(connection, "from sold where tool = ?", ["anvil"]) == [{"tool": "anvil", "pieces": 7}]
        assert fetch_dicts(connection, "from sold where false") == []


def test_it_is_opened_read_only(settings: Settings) -> None:
    with open_published(settings) as connection, pytest.raises(duckdb.InvalidInputException, match="read-only"):
        connection.execute("drop table sold")


def test_it_is_closed_again_also_after_an_error(settings: Settings) -> None:
    with pytest.raises(duckdb.CatalogException), open_published(settings) as connection:
        fetch_dicts(connection, "from nothing")
    with duckdb.connect(str(settings.published)) as writer:  # refused while a reader of this process holds it otherwise
        writer.execute("drop table sold")


def test_without_it_people_are_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotPublishedError, match="Run `adoption build`"), open_published(Settings(data=tmp_path)):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "query",
    [
        "copy (select 1) to '{there}'",
        "copy (select 1) to '{published}'",
        "export database '{there}'",
        "from read_text('{file}')",
        "from read_csv('{file}')",
        "from '{file}'",
        "from glob('{file}')",
        "attach '{there}' as other",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "reset enable_external_access",
        "set lock_configuration = false",
        "from settings",
        "from query",
        "create table sold_again as from sold",
        "checkpoint '{there}'",
    ],
)
def test_a_query_reaches_nothing_but_the_file(settings: Settings, tmp_path: Path, query: str) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("secret\n1\n")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    places = {"there": tmp_path / "there", "file": file, "published": settings.published}
    with open_published(settings) as connection, pytest.raises(duckdb.Error):
        connection.execute(query.format(**places)).fetchall()

    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_an_export_may_write_files(settings: Settings, tmp_path: Path) -> None:
    with open_published(settings, writes_files=True) as connection:
        connection.execute(f"copy (from sold) to '{tmp_path / 'sold.csv'}'")
    assert (tmp_path / "sold.csv").read_text() == "tool,pieces\nanvil,7\nhammer,\n"


def test_another_reader_of_the_same_process_is_no_bother(settings: Settings) -> None:
    with duckdb.connect(str(settings.published), read_only=True), open_published(settings) as connection:
        assert connection.execute("select count(*) from sold").fetchall() == [(2,)]


DEAD_WRITER = """
import duckdb, os, signal, sys
connection = duckdb.connect(sys.argv[1])
connection.execute("update sold set pieces = 4711")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_client_left_that_wrote_and_died_is_never_read(settings: Settings) -> None:
    digest.write(settings.published, [digest.sha256_of(settings.published)])
    subprocess.run([sys.executable, "-c", DEAD_WRITER, str(settings.published)], check=False)
    assert digest.wal_of(settings.published).exists()

    with open_published(settings) as connection:
        assert connection.execute("select max(pieces) from sold").fetchall() == [(7,)]
    assert not digest.wal_of(settings.published).exists()


def of_sqlite(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as made:
        made.execute("create table meta(name)")
        made.commit()


def pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


STRANGERS: dict[str, Callable[[Path], object]] = {
    "nothing": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("hello"),
    "the half": lambda path: path.write_bytes(path.read_bytes()[:12_288]),
    "a database of SQLite": of_sqlite,
    "a pipe": pipe,
    "a folder": folder,
}


@pytest.mark.parametrize("is_signed", [True, False])
@pytest.mark.parametrize("put", STRANGERS.values(), ids=STRANGERS)
def test_whatever_lies_in_its_place_is_refused_by_name(
    settings: Settings, put: Callable[[Path], object], is_signed: bool
) -> None:
    settings.published.chmod(0o644)
    put(settings.published)
    if is_signed and settings.published.is_file():
        digest.write(settings.published, [digest.sha256_of(settings.published)])
    with pytest.raises(AdoptionError) as caught, open_published(settings):
        pass
    assert str(settings.published) in str(caught.value)
    assert "`adoption build`" in str(caught.value)
    assert "http" not in str(caught.value)


@pytest.mark.parametrize("damage", [b"", b"zzz", b"\xff\xfe\x00", b"4797f1d0 *adoption.duckdb\n", None, "pipe"])
def test_a_damaged_digest_is_no_missing_one(settings: Settings, damage: bytes | str | None) -> None:
    beside = digest.beside(settings.published)
    if isinstance(damage, bytes):
        beside.write_bytes(damage)
    else:
        (pipe if damage else folder)(beside)
    with pytest.raises(digest.ChangedFileError, match=r"adoption\.duckdb\.sha256 .*`adoption build`"):
        published_file(settings)


def test_a_file_that_was_changed_is_refused(settings: Settings) -> None:
    digest.write(settings.published, [digest.sha256_of(settings.published)])
    with duckdb.connect(str(settings.published)) as writer:
        writer.execute("update sold set pieces = 4711")

    with pytest.raises(digest.ChangedFileError, match="was changed after it was published"), open_published(settings):
        pass
