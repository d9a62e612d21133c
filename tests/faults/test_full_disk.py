"""Publishing on a disk that fills up, at many levels of free space: the new file whole, or the last one.

Belongs here: a real file system that is full, and what is said then. Does not belong here: what is published
(tests/adoption/publish), or an error that says so without one (tests/adoption/cli/test_errors).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from adoption.publish import digest
from adoption.publish.macros import PublishedSql
from adoption.publish.on_demand import PairModels
from adoption.publish.reader import open_file
from adoption.publish.writer import Contents, publish
from adoption.settings import REPOSITORY, Settings
from adoption.warehouse.dbt import Dbt, declared_tables, unique_keys
from ingest.catalog import load_catalog
from ingest.catalog.tables import TABLES as CATALOG_TABLES
from ingest.files import DiskFullError
from ingest.raw_tables import load_catalog_tables, prepare
from tests.faults.mutations import say
from tests.faults.soak import times

# Not `processes`: the shipped warehouse is built for `make test-slow`, and not once more for that.
pytestmark = [pytest.mark.slow, pytest.mark.soak]

SIZE = 192 * 2**20
FIELD = REPOSITORY / "tests" / "fixtures" / "another_field"
FREE = [2**20 * megabytes for megabytes in (2, 0, 1, 4, 8, 16, 24, 32, 40, 50)]
"""Bytes, of some 58 MB that a build of the invented field takes: it comes to its publishing, and not through it."""
SENTENCE = re.compile(r"^(?:Error: )?No space is left on the disk of (.+)\. What was published before", re.MULTILINE)
TABLES = [("marts", "fct_tools")]
WORK = """
create schema if not exists marts;
create or replace table marts.fct_tools as
select range as tool, {edition} as edition, md5(range::varchar) as name from range({rows});
comment on table marts.fct_tools is 'Tools.';
comment on column marts.fct_tools.tool is 'Which.';
comment on column marts.fct_tools.edition is 'When.';
comment on column marts.fct_tools.name is 'Its name.';
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(warehouse: Path, edition: int, rows: int) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        prepare(connection, [])
        connection.execute(WORK.format(edition=edition, rows=rows))


def leave(disk: Path, free: int) -> Path:
    """Fill a disk but for so many bytes."""
    ballast = disk / "ballast"
    state = os.statvfs(disk)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, state.f_bavail * state.f_frsize - free))
    return ballast


def try_levels(disk: Path, needed: int, attempt: Callable[[int], Mapping[str, int]], number: str) -> Counter[str]:
    """Publish at many levels of free space below what is needed; after each the file is the new one or the last.

    `attempt` publishes with the number of the attempt, which the query `number` finds in the file, and returns how many
    rows each table has.
    """
    target = target_on(disk)
    edition, counts = 0, attempt(0)
    sha256 = digest.sha256_of(target)
    ended: Counter[str] = Counter()
    messages: set[str] = set()
    levels = times(60)
    for level in range(levels):
        ballast = leave(disk, needed * level // levels)
        try:
            counts = attempt(level + 1)
        except DiskFullError as error:
            ended["refused"] += 1
            messages.add(str(error))
        else:
            edition = level + 1
            ended["published"] += 1
        ballast.unlink()
        is_last, sha256 = digest.sha256_of(target) == sha256, digest.sha256_of(target)
        assert is_last == (edition <= level)
        assert sha256 in digest.read(target)
        with open_file(target) as reader:
            assert reader.execute(number).fetchall() == [(edition,)]
            for table, rows in counts.items():
                assert reader.execute(f"select count(*) from {table}").fetchall() == [(rows,)]
        assert sorted(path.name for path in target.parent.iterdir()) == [target.name, f"{target.name}.sha256"]
    assert messages == {str(DiskFullError(target.parent))}
    return ended


def target_on(disk: Path) -> Path:
    return disk / "published" / "adoption.duckdb"


def said(what: str, ended: Counter[str]) -> None:
    say(f"full disk, {what}, {ended.total()} levels of free space: {dict(ended)}, nothing lost")
    assert ended["refused"] > 0
    assert ended["published"] > 0 or ended.total() < 60


@pytest.mark.processes
@pytest.mark.parametrize("rows", [10, 20_000], ids=["a small field", "a large one"])
def test_on_a_full_disk_the_new_file_is_whole_or_the_last_one_stays(disk: Path, tmp_path: Path, rows: int) -> None:
    warehouse, target = tmp_path / "warehouse.duckdb", target_on(disk)

    def attempt(number: int) -> Mapping[str, int]:
        fill(warehouse, number, rows)
        return publish(warehouse, target, Contents(TABLES))

    attempt(0)
    number = "select distinct edition from marts.fct_tools"
    said(f"{rows} rows", try_levels(disk, 3 * target.stat().st_size, attempt, number))


def test_on_a_full_disk_the_shipped_file_is_whole_or_the_last_one_stays(disk: Path, built: Settings) -> None:
    manifest = Dbt(built, load_catalog(built.catalog)).manifest()
    on_demand = PairModels(manifest, built.dbt_target / "compiled")
    tables = [*declared_tables(manifest), *on_demand.tables(), *(("meta", name) for name in CATALOG_TABLES)]
    contents = Contents(tables, keys=unique_keys(manifest), sql=PublishedSql.of(built.dbt_project, on_demand))

    def attempt(number: int) -> Mapping[str, int]:
        rules = {"attempt": str(number)}
        return publish(built.warehouse, target_on(disk), replace(contents, rules=rules))

    number = "select value::integer from meta.build_inputs"
    said("the shipped data", try_levels(disk, 2 * built.published.stat().st_size, attempt, number))


@pytest.mark.processes
def test_the_command_line_says_which_disk_is_full(disk: Path, tmp_path: Path) -> None:
    """A build begins on a disk on which something is published and that has too little room, less or more of it."""
    fill(tmp_path / "warehouse.duckdb", 0, 10)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        load_catalog_tables(connection, load_catalog(FIELD / "catalog"))
    tables = [*TABLES, ("meta", "sources")]
    publish(tmp_path / "warehouse.duckdb", target_on(disk / "data"), Contents(tables))
    sha256 = digest.sha256_of(target_on(disk / "data"))
    settings = Settings(FIELD / "catalog", FIELD / "extracts", disk / "data")
    command = [sys.executable, "-c", "from adoption.cli.main import main; main()", "build"]
    environment = {**os.environ, **settings.environment(), "PYTHONPATH": str(REPOSITORY)}
    for free in FREE[: times(10)]:
        ballast = leave(disk, free)
        ran = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)
        ballast.unlink()
        assert ran.returncode == 1, (free, ran.stdout, ran.stderr)
        named = SENTENCE.search(ran.stderr)
        assert named, (free, ran.stderr)
        assert Path(named[1]).is_relative_to(settings.data)
        assert "Errno" not in ran.stderr
        assert "Traceback" not in ran.stderr
        digest.verify(settings.published)
        assert digest.sha256_of(settings.published) == sha256
        for made in (settings.dagster_home, settings.dbt_target, settings.render_cache):
            shutil.rmtree(made, ignore_errors=True)
        settings.warehouse.unlink(missing_ok=True)
    say(f"full disk, the command line, {len(FREE[: times(10)])} levels of free space: each time the disk was named")
