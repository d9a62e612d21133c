"""Publishing: whole, verified, allowed only when what must hold holds, and no bother to a reader."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from adoption.publish import CheckOutcome, PublishRefused, publish
from ingest.loader import BOOKKEEPING
from tests.conftest import content_of

WORK = """
create schema marts;
create table marts.fct_tools (tool varchar, sold bigint, tags varchar[]);
insert into marts.fct_tools values ('hammer', 2, ['iron']), ('anvil', 1, []), ('anvil', 1, null);
comment on table marts.fct_tools is 'It isn''t much.';
comment on column marts.fct_tools.sold is 'How many; "quoted".';
create table catalog.metrics (metric_id varchar);
insert into raw.extracts (extract_id, source_id, filename, landed_at) values ('e1', 'guild', 'tools.csv', '2021-01-05');
create schema staging;
create table staging.stg_tools (secret varchar);
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "it's" / "warehouse.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        connection.execute(BOOKKEEPING)
        connection.execute(WORK)
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "published" / "adoption.duckdb"


def outcome(passed: bool = True, is_blocking: bool = True, at: int = 1) -> CheckOutcome:
    return CheckOutcome(
        "marts/fct_tools", "every_tool_has_a_name", passed, "ERROR", is_blocking, 0, datetime(2021, 1, at, tzinfo=UTC)
    )


def test_marts_catalog_checks_and_lineage_are_published_and_nothing_else(warehouse: Path, target: Path) -> None:
    counts = publish(warehouse, target, [outcome()])

    assert counts == {
        "catalog.check_results": 1,
        "catalog.extracts": 1,
        "catalog.made_by": 0,
        "catalog.metrics": 0,
        "marts.fct_tools": 3,
    }
    content = content_of(target)
    assert content["marts.fct_tools"] == [("anvil", 1, []), ("anvil", 1, None), ("hammer", 2, ["iron"])]
    assert content["catalog.check_results"] == [("marts/fct_tools", "every_tool_has_a_name", True, "ERROR", True, 0)]
    assert set(content) == {*counts, "comments"}


def test_comments_reach_the_published_file(warehouse: Path, target: Path) -> None:
    publish(warehouse, target, [])

    with duckdb.connect(str(target), read_only=True) as connection:
        tables = connection.execute("select comment from duckdb_tables() where table_name = 'fct_tools'").fetchall()
        columns = dict(
            connection.execute(
                "select column_name, comment from duckdb_columns() where table_name in ('fct_tools', 'check_results')"
            ).fetchall()
        )
    assert tables == [("It isn't much.",)]
    assert columns["sold"] == 'How many; "quoted".'
    assert columns["tags"] is None
    assert columns["checked_at"] == "When it was checked (UTC)."


def test_a_failed_blocking_check_leaves_the_last_file(warehouse: Path, target: Path) -> None:
    publish(warehouse, target, [outcome()])
    before = target.read_bytes()

    with pytest.raises(PublishRefused, match="1 blocking checks did not pass: marts/fct_tools: every_tool_has_a_name"):
        publish(warehouse, target, [outcome(passed=False)])

    assert target.read_bytes() == before
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_a_failed_check_that_does_not_block_is_published_as_such(warehouse: Path, target: Path) -> None:
    publish(warehouse, target, [outcome(passed=False, is_blocking=False)])

    assert content_of(target)["catalog.check_results"] == [
        ("marts/fct_tools", "every_tool_has_a_name", False, "ERROR", False, 0)
    ]


def test_a_reader_keeps_the_old_file_and_the_next_one_sees_the_new(warehouse: Path, target: Path) -> None:
    publish(warehouse, target, [])
    with duckdb.connect(str(target), read_only=True) as reader:
        with duckdb.connect(str(warehouse)) as work:
            work.execute("delete from marts.fct_tools")

        publish(warehouse, target, [])

        assert reader.execute("select count(*) from marts.fct_tools").fetchall() == [(3,)]
    assert content_of(target)["marts.fct_tools"] == []


def test_the_same_inputs_give_the_same_content(warehouse: Path, target: Path) -> None:
    publish(warehouse, target, [outcome(at=1)])
    first = content_of(target)
    with duckdb.connect(str(warehouse)) as work:  # the same rows in another order
        work.execute("create or replace table marts.shuffled as from marts.fct_tools order by sold desc, tags")
        work.execute(
            "delete from marts.fct_tools; insert into marts.fct_tools from marts.shuffled; drop table marts.shuffled"
        )

    publish(warehouse, target, [outcome(at=2)])

    assert content_of(target) == first


def test_what_a_killed_publish_left_is_removed(warehouse: Path, target: Path) -> None:
    target.parent.mkdir()
    (target.parent / ".adoption.duckdb.4711").write_bytes(b"half")
    (target.parent / ".adoption.duckdb.4711.wal").write_bytes(b"half")

    publish(warehouse, target, [])

    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_a_copy_that_differs_is_not_published(warehouse: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adoption.publish._comments", lambda _: iter(["delete from marts.fct_tools where sold = 2"]))

    with pytest.raises(PublishRefused, match=r"differs from the work file in marts\.fct_tools"):
        publish(warehouse, target, [])

    assert not target.exists()
