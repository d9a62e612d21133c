"""Publishing: whole, verified, allowed only when what must hold holds, and no bother to a reader."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from adoption.publish.digest import ChangedFileError, beside, read, sha256_of, verify, wal_of
from adoption.publish.macros import PublishedSql, PublishedSqlError
from adoption.publish.writer import (
    CheckOutcome,
    Contents,
    Edge,
    PublishRefused,
    TableName,
    _comments,
    naming_full_disk,
    publish,
)
from ingest.errors import AdoptionError
from ingest.files import DiskFullError
from ingest.raw_tables import prepare
from tests.conftest import MEMORY, content_of

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
create table meta.metrics (metric_id varchar, position bigint);
comment on table meta.metrics is 'What is measured.';
comment on column meta.metrics.metric_id is 'Which.';
comment on column meta.metrics.position is 'Where.';
insert into meta.metrics values ('sales', 1);
create table meta.review (focus varchar, benchmark varchar, review_year bigint);
insert into meta.review values ('anvil', 'hammer', 2020);
comment on table meta.review is 'What is reviewed.';
comment on column meta.review.focus is 'Which.';
comment on column meta.review.benchmark is 'Against which.';
comment on column meta.review.review_year is 'When.';
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


def names(target: Path) -> list[str]:
    """What lies in the folder of the published file."""
    return sorted(path.name for path in target.parent.iterdir())


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "published" / "adoption.duckdb"


NO_SQL = PublishedSql()
TABLES = [("marts", "fct_tools"), ("meta", "metrics"), ("meta", "review")]


def contents(
    checks: Sequence[CheckOutcome] = (), lineage: Sequence[Edge] = (), sql: PublishedSql | None = None
) -> Contents:
    return Contents(TABLES, checks, lineage, sql=sql or PublishedSql())


def outcome(passed: bool = True, is_blocking: bool = True, at: int = 1) -> CheckOutcome:
    return CheckOutcome(
        "marts/fct_tools", "every_tool_has_a_name", passed, "ERROR", is_blocking, 0, datetime(2021, 1, at, tzinfo=UTC)
    )


def test_marts_catalog_checks_and_lineage_are_published_and_nothing_else(warehouse: Path, target: Path) -> None:
    counts = publish(warehouse, target, contents([outcome()], [("marts/fct_tools", "raw/guild")]))

    assert counts == {
        "meta.check_results": 1,
        "meta.extracts": 1,
        "meta.keys": 1,
        "meta.lineage": 1,
        "meta.macros": 0,
        "meta.build_inputs": 0,
        "meta.metrics": 1,
        "meta.review": 1,
        "marts.fct_tools": 3,
    }
    content = content_of(target)
    assert content["marts.fct_tools"] == [("anvil", 1, []), ("anvil", 1, None), ("hammer", 2, ["iron"])]
    assert content["meta.check_results"] == [("marts/fct_tools", "every_tool_has_a_name", True, "ERROR", True, 0)]
    assert content["meta.lineage"] == [("marts/fct_tools", "raw/guild")]
    assert set(content) == {*counts, "comments"}


def test_comments_reach_the_published_file(warehouse: Path, target: Path) -> None:
    publish(warehouse, target, contents())

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
    publish(warehouse, target, contents([outcome()]))
    before = target.read_bytes()

    with pytest.raises(PublishRefused, match="1 blocking checks did not pass: marts/fct_tools: every_tool_has_a_name"):
        publish(warehouse, target, contents([outcome(passed=False)]))

    assert target.read_bytes() == before
    assert names(target) == [target.name, f"{target.name}.sha256"]


def test_a_failed_check_that_does_not_block_is_published_as_such(warehouse: Path, target: Path) -> None:
    publish(warehouse, target, contents([outcome(passed=False, is_blocking=False)]))

    assert content_of(target)["meta.check_results"] == [
        ("marts/fct_tools", "every_tool_has_a_name", False, "ERROR", False, 0)
    ]


def test_a_reader_keeps_the_old_file_and_the_next_one_sees_the_new(warehouse: Path, target: Path) -> None:
    publish(warehouse, target, contents())
    with duckdb.connect(str(target), read_only=True) as reader:
        with duckdb.connect(str(warehouse)) as work:
            work.execute("delete from marts.fct_tools")

        publish(warehouse, target, contents())

        assert reader.execute("select count(*) from marts.fct_tools").fetchall() == [(3,)]
    assert content_of(target)["marts.fct_tools"] == []


def test_the_same_inputs_give_the_same_content(warehouse: Path, target: Path) -> None:
    publish(warehouse, target, contents([outcome(at=1)]))
    first = content_of(target)
    with duckdb.connect(str(warehouse)) as work:  # the same rows in another order
        work.execute("create or replace table marts.shuffled as from marts.fct_tools order by sold desc, tags")
        work.execute(
            "delete from marts.fct_tools; insert into marts.fct_tools from marts.shuffled; drop table marts.shuffled"
        )

    publish(warehouse, target, contents([outcome(at=2)]))

    assert content_of(target) == first


def test_what_a_killed_publish_left_is_removed(warehouse: Path, target: Path) -> None:
    target.parent.mkdir()
    (target.parent / ".adoption.duckdb.4711").write_bytes(b"half")
    (target.parent / ".adoption.duckdb.4711.wal").write_bytes(b"half")

    publish(warehouse, target, contents())

    assert names(target) == [target.name, f"{target.name}.sha256"]


def test_a_copy_that_differs_is_not_published(warehouse: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def one_row_less(connection: duckdb.DuckDBPyConnection, declared: Sequence[TableName]) -> list[str]:
        return [*_comments(connection, declared), "delete from marts.fct_tools where sold = 2"]

    monkeypatch.setattr("adoption.publish.writer._comments", one_row_less)

    with pytest.raises(PublishRefused, match=r"differs from the work file in marts\.fct_tools"):
        publish(warehouse, target, contents())

    assert not target.exists()


@pytest.mark.parametrize(
    ("undone", "name"),
    [
        ("comment on table marts.fct_tools is null", "marts.fct_tools"),
        ("comment on column marts.fct_tools.sold is ''", "marts.fct_tools.sold"),
        ("comment on column meta.metrics.position is null", "meta.metrics.position"),
    ],
)
def test_what_does_not_say_what_it_means_is_not_published(
    warehouse: Path, target: Path, undone: str, name: str
) -> None:
    with duckdb.connect(str(warehouse)) as work:
        work.execute(undone)

    with pytest.raises(PublishRefused, match=f"^1 names have no comment that says what they mean: {name}$"):
        publish(warehouse, target, contents())

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
        contents(
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
        assert reader.execute("from meta.sales").fetchall() == [(4,)]
        assert reader.execute("from meta.macros").fetchall() == [
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
        publish(warehouse, target, contents(sql=sql))

    assert not target.exists()


def test_only_what_is_declared_is_published(warehouse: Path, target: Path) -> None:
    with duckdb.connect(str(warehouse)) as work:
        work.execute("create table marts.fct_of_an_older_version as select 1 as one")
        work.execute("create table meta.of_an_older_version as select 1 as one")

    assert not [name for name in publish(warehouse, target, contents()) if "older" in name]


def test_what_is_declared_and_not_built_is_not_published(warehouse: Path, target: Path) -> None:
    with pytest.raises(PublishRefused, match=r"^The work file lacks marts\.fct_lost$"):
        publish(warehouse, target, Contents([*TABLES, ("marts", "fct_lost")]))

    assert not target.exists()


def test_the_file_is_signed_and_read_only_and_no_log_stays_beside_it(warehouse: Path, target: Path) -> None:
    target.parent.mkdir()
    wal_of(target).write_bytes(b"of a client that died")

    publish(warehouse, target, contents())

    assert names(target) == [target.name, f"{target.name}.sha256"]
    assert target.stat().st_mode & 0o777 == 0o444
    assert read(target) == (sha256_of(target),)
    assert beside(target).read_text() == f"{sha256_of(target)}  {target.name}\n"


def test_another_account_cannot_write_it(warehouse: Path, target: Path) -> None:
    publish(warehouse, target, contents())
    for folder in (target.parent, *target.parents):
        is_temporary = any(folder.is_relative_to(root) for root in (tempfile.gettempdir(), MEMORY))
        if folder.stat().st_uid == os.getuid() and is_temporary and folder != MEMORY:
            folder.chmod(0o755)
    script = f"""
import os
if os.getuid() == 0: os.setuid(65534)
try: open({str(target)!r}, 'r+b'); print('written')
except PermissionError: print('denied')
print(len(open({str(target)!r}, 'rb').read()))
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout.split() == ["denied", str(target.stat().st_size)]


def test_a_file_that_was_changed_is_healed_by_the_next_publish(warehouse: Path, target: Path) -> None:
    publish(warehouse, target, contents())
    with duckdb.connect(str(target)) as vandal:
        vandal.execute("update marts.fct_tools set sold = 4711")
    with pytest.raises(ChangedFileError, match=r"was changed after it was published .* Run `adoption build`"):
        verify(target)

    publish(warehouse, target, contents())

    verify(target)
    assert content_of(target)["marts.fct_tools"] == [("anvil", 1, []), ("anvil", 1, None), ("hammer", 2, ["iron"])]


def broken_in_place(monkeypatch: pytest.MonkeyPatch, break_it: Callable[[Path], None]) -> None:
    """Break a new file after it was verified as a draft, as a disk would that loses what it said it wrote."""
    replaced = Path.replace

    def replace(self: Path, other: Path) -> Path:
        if self.name.endswith(str(os.getpid())) and other.suffix == ".duckdb":
            self.chmod(0o644)
            break_it(self)
        return replaced(self, other)

    monkeypatch.setattr(Path, "replace", replace)


@pytest.mark.parametrize(
    "break_it",
    [lambda path: path.write_bytes(b""), lambda path: os.truncate(path, 4096), lambda path: path.write_bytes(b"x" * 9)],
)
def test_the_last_file_comes_back_if_the_new_one_is_not_what_was_written(
    warehouse: Path, target: Path, monkeypatch: pytest.MonkeyPatch, break_it: Callable[[Path], None]
) -> None:
    publish(warehouse, target, contents())
    before = target.read_bytes()
    broken_in_place(monkeypatch, break_it)

    with pytest.raises(AdoptionError):
        publish(warehouse, target, contents())

    assert target.read_bytes() == before
    verify(target)
    assert names(target) == [target.name, f"{target.name}.sha256"]


def test_what_lies_beside_the_draft_is_never_left_out_of_it(
    warehouse: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A draft whose last rows are still in its log is not verified with it and moved without it."""
    publish(warehouse, target, contents())
    before = target.read_bytes()

    def with_a_log(connection: duckdb.DuckDBPyConnection, declared: Sequence[TableName]) -> None:
        [[draft]] = connection.execute("select path from duckdb_databases() where database_name = 'draft'").fetchall()
        Path(f"{draft}.wal.recovery").write_bytes(b"rows")
        assert declared

    monkeypatch.setattr("adoption.publish.writer._verify_copy", with_a_log)

    with pytest.raises(PublishRefused, match="is not whole"):
        publish(warehouse, target, contents())

    assert target.read_bytes() == before
    assert names(target) == [target.name, f"{target.name}.sha256"]


def test_while_it_is_swapped_both_files_are_signed(
    warehouse: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(warehouse, target, contents())
    seen = []
    checked = verify

    def look(path: Path) -> None:
        seen.append((len(read(path)), sha256_of(path) in read(path)))
        checked(path)

    monkeypatch.setattr("adoption.publish.digest.verify", look)
    publish(warehouse, target, contents([outcome()]))

    assert seen == [(2, True)]
    assert read(target) == (sha256_of(target),)


@pytest.mark.parametrize(
    "full", [OSError(errno.ENOSPC, "No space left"), duckdb.IOException(os.strerror(errno.ENOSPC))]
)
def test_of_a_full_disk_it_is_said_which_it_is_whoever_passed_it_on(full: Exception, tmp_path: Path) -> None:
    with pytest.raises(DiskFullError) as said, naming_full_disk(tmp_path):
        raise PublishedSqlError("published/monthly.sql: it cannot be written") from full
    assert str(said.value) == str(DiskFullError(tmp_path))


def test_what_another_disk_lacks_stays_said_of_it(tmp_path: Path) -> None:
    with pytest.raises(DiskFullError, match="the disk of elsewhere"), naming_full_disk(tmp_path):
        raise DiskFullError("elsewhere")
