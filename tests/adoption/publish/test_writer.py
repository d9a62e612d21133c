"""Publishing: whole, verified, allowed only when what must hold holds, and no bother to a reader."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from adoption.publish.macros import PublishedSql, PublishedSqlError
from adoption.publish.writer import CheckOutcome, Contents, PublishRefused, _comments, publish
from ingest.loader import prepare
from tests.conftest import content_of

SOLD = """-- How many of a tool were sold,
-- whatever it is made of.
--
-- wanted: its name
-- returns: one row per sale
-- example: from sold({focus})
create macro sold(wanted) as table select fct_tools.sold from marts.fct_tools where fct_tools.tool = known(wanted)
"""
KNOWN = """-- The tool, or an error.
--
-- named: its name
-- returns: its name
-- example: select known({focus})
create macro known(named) as coalesce(
    (select first(tool) from marts.fct_tools where tool = lower(named)), error('unknown: ' || named)
)
"""
WORK = """
create schema marts;
create table marts.fct_tools (tool varchar, sold bigint, tags varchar[]);
insert into marts.fct_tools values ('hammer', 2, ['iron']), ('anvil', 1, []), ('anvil', 1, null);
comment on table marts.fct_tools is 'It isn''t much.';
comment on column marts.fct_tools.tool is 'Which.';
comment on column marts.fct_tools.sold is 'How many; "quoted".';
comment on column marts.fct_tools.tags is 'What it is made of.';
create table catalog.metrics (metric_id varchar, position bigint);
comment on table catalog.metrics is 'What is measured.';
comment on column catalog.metrics.metric_id is 'Which.';
comment on column catalog.metrics.position is 'Where.';
insert into catalog.metrics values ('sales', 1);
create table catalog.review (focus varchar, benchmark varchar, review_year bigint);
insert into catalog.review values ('anvil', 'hammer', 2020);
comment on table catalog.review is 'What is reviewed.';
comment on column catalog.review.focus is 'Which.';
comment on column catalog.review.benchmark is 'Against which.';
comment on column catalog.review.review_year is 'When.';
insert into raw.extracts (extract_id, source_id, filename, landed_at) values ('e1', 'guild', 'tools.csv', '2021-01-05');
create schema staging;
create table staging.stg_tools (secret varchar);
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "it's" / "warehouse.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        prepare(connection, [])
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
    counts = publish(warehouse, target, Contents([outcome()], [("marts/fct_tools", "raw/guild")]))

    assert counts == {
        "catalog.check_results": 1,
        "catalog.extracts": 1,
        "catalog.keys": 1,
        "catalog.lineage": 1,
        "catalog.macros": 0,
        "catalog.build_inputs": 0,
        "catalog.metrics": 1,
        "catalog.review": 1,
        "marts.fct_tools": 3,
    }
    content = content_of(target)
    assert content["marts.fct_tools"] == [("anvil", 1, []), ("anvil", 1, None), ("hammer", 2, ["iron"])]
    assert content["catalog.check_results"] == [("marts/fct_tools", "every_tool_has_a_name", True, "ERROR", True, 0)]
    assert content["catalog.lineage"] == [("marts/fct_tools", "raw/guild")]
    assert set(content) == {*counts, "comments"}


def test_comments_reach_the_published_file(warehouse: Path, target: Path) -> None:
    publish(warehouse, target, Contents())

    with duckdb.connect(str(target), read_only=True) as connection:
        tables = connection.execute("select comment from duckdb_tables() where table_name = 'fct_tools'").fetchall()
        columns = dict(
            connection.execute(
                "select column_name, comment from duckdb_columns() where table_name in ('fct_tools', 'check_results')"
            ).fetchall()
        )
    assert tables == [("It isn't much.",)]
    assert columns["sold"] == 'How many; "quoted".'
    assert columns["checked_at"] == "When it was checked (UTC)."


def test_a_failed_blocking_check_leaves_the_last_file(warehouse: Path, target: Path) -> None:
    publish(warehouse, target, Contents([outcome()]))
    before = target.read_bytes()

    with pytest.raises(PublishRefused, match="1 blocking checks did not pass: marts/fct_tools: every_tool_has_a_name"):
        publish(warehouse, target, Contents([outcome(passed=False)]))

    assert target.read_bytes() == before
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_a_failed_check_that_does_not_block_is_published_as_such(warehouse: Path, target: Path) -> None:
    publish(warehouse, target, Contents([outcome(passed=False, is_blocking=False)]))

    assert content_of(target)["catalog.check_results"] == [
        ("marts/fct_tools", "every_tool_has_a_name", False, "ERROR", False, 0)
    ]


def test_a_reader_keeps_the_old_file_and_the_next_one_sees_the_new(warehouse: Path, target: Path) -> None:
    publish(warehouse, target, Contents())
    with duckdb.connect(str(target), read_only=True) as reader:
        with duckdb.connect(str(warehouse)) as work:
            work.execute("delete from marts.fct_tools")

        publish(warehouse, target, Contents())

        assert reader.execute("select count(*) from marts.fct_tools").fetchall() == [(3,)]
    assert content_of(target)["marts.fct_tools"] == []


def test_the_same_inputs_give_the_same_content(warehouse: Path, target: Path) -> None:
    publish(warehouse, target, Contents([outcome(at=1)]))
    first = content_of(target)
    with duckdb.connect(str(warehouse)) as work:  # the same rows in another order
        work.execute("create or replace table marts.shuffled as from marts.fct_tools order by sold desc, tags")
        work.execute(
            "delete from marts.fct_tools; insert into marts.fct_tools from marts.shuffled; drop table marts.shuffled"
        )

    publish(warehouse, target, Contents([outcome(at=2)]))

    assert content_of(target) == first


def test_what_a_killed_publish_left_is_removed(warehouse: Path, target: Path) -> None:
    target.parent.mkdir()
    (target.parent / ".adoption.duckdb.4711").write_bytes(b"half")
    (target.parent / ".adoption.duckdb.4711.wal").write_bytes(b"half")

    publish(warehouse, target, Contents())

    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_a_copy_that_differs_is_not_published(warehouse: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def one_row_less(connection: duckdb.DuckDBPyConnection) -> list[str]:
        return [*_comments(connection), "delete from marts.fct_tools where sold = 2"]

    monkeypatch.setattr("adoption.publish.writer._comments", one_row_less)

    with pytest.raises(PublishRefused, match=r"differs from the work file in marts\.fct_tools"):
        publish(warehouse, target, Contents())

    assert not target.exists()


@pytest.mark.parametrize(
    ("undone", "name"),
    [
        ("comment on table marts.fct_tools is null", "marts.fct_tools"),
        ("comment on column marts.fct_tools.sold is ''", "marts.fct_tools.sold"),
        ("comment on column catalog.metrics.position is null", "catalog.metrics.position"),
    ],
)
def test_what_does_not_say_what_it_means_is_not_published(
    warehouse: Path, target: Path, undone: str, name: str
) -> None:
    with duckdb.connect(str(warehouse)) as work:
        work.execute(undone)

    with pytest.raises(PublishRefused, match=f"^1 names have no comment that says what they mean: {name}$"):
        publish(warehouse, target, Contents())

    assert not target.exists()


def sql_of(folder: Path, **macros: str) -> PublishedSql:
    """The published SQL of a project with these macros and one table."""
    for name, text in macros.items():
        path = folder / "published" / "macros" / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    tables = folder / "published" / "tables"
    tables.mkdir(parents=True, exist_ok=True)
    (tables / "sales.sql").write_text(
        "-- All sales.\n--\n-- sold: How many.\nselect sum(sold) as sold from marts.fct_tools\n"
    )
    return PublishedSql.of(folder)


def test_macros_and_tables_about_the_content_are_published(warehouse: Path, target: Path, tmp_path: Path) -> None:
    publish(
        warehouse,
        target,
        Contents(
            sql=sql_of(
                tmp_path,
                a_sold=SOLD.replace("sold(wanted)", "a_sold(wanted)").replace("from sold", "from a_sold"),
                known=KNOWN,
            )
        ),
    )

    with duckdb.connect(str(target), read_only=True) as reader:
        assert reader.execute("from a_sold('Anvil') order by all").fetchall() == [(1,), (1,)]
        with pytest.raises(duckdb.InvalidInputException, match="unknown: tongs"):
            reader.execute("from a_sold('tongs')")
        assert reader.execute("from catalog.sales").fetchall() == [(4,)]
        assert reader.execute("from catalog.macros").fetchall() == [
            (
                "known", "scalar", ["named: its name"], "The tool, or an error.", "its name", [],
                "select known('anvil')",
            ),
            (
                "a_sold", "table", ["wanted: its name"], "How many of a tool were sold, whatever it is made of.",
                "one row per sale", ["sold"], "from a_sold('anvil')",
            ),
        ]  # fmt: skip
        comments = "select comment from duckdb_functions() where function_name = 'a_sold'"
        assert reader.execute(comments).fetchall() == [("How many of a tool were sold, whatever it is made of.",)]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("-- wanted: its name\n", "", "macro sold: its head must describe wanted, returns, example"),
        (
            "-- returns: one row per sale\n",
            "-- rows: many\n-- returns: sales\n",
            "its head must describe wanted, returns",
        ),
        ("from sold({focus})", "from sold({benchmark}) where false", "hammer.. where false gives no row"),
        ("from sold({focus})", "from sold({benchmark} || '!')", "fails: .*unknown: hammer!"),
        ("create macro sold", "create macro bought", "sold.sql: .*Macro Function with name sold does not exist"),
    ],
)
def test_a_macro_that_does_not_do_what_it_says_is_not_published(
    warehouse: Path, target: Path, tmp_path: Path, old: str, new: str, fault: str
) -> None:
    assert old in SOLD
    sql = sql_of(tmp_path, sold=SOLD.replace(old, new), known=KNOWN)

    with pytest.raises((PublishRefused, PublishedSqlError), match=fault):
        publish(warehouse, target, Contents(sql=sql))

    assert not target.exists()
