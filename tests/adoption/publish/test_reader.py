"""Reading the published file."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from adoption.publish.reader import NotPublishedError, open_published
from adoption.settings import Settings
from ingest.database import fetch_dicts


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A data folder with a small published file."""
    made = Settings(data=tmp_path)
    made.published.parent.mkdir()
    with duckdb.connect(str(made.published)) as connection:
        connection.execute("create table sold as from (values ('anvil', 7), ('hammer', null)) as sold(tool, pieces)")
    return made


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
