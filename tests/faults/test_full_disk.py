"""Publishing on a disk that fills up, at many levels of free space: the new file whole, or the last one.

Belongs here: a real file system that is full. Does not belong here: what is published (tests/adoption/publish).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from adoption.publish.digest import verify
from adoption.publish.writer import Contents, publish
from ingest.files import DiskFullError
from ingest.raw_tables import prepare
from tests.faults.soak import times

pytestmark = [pytest.mark.slow, pytest.mark.processes, pytest.mark.soak]

SIZE = 64 * 2**20
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


@pytest.mark.parametrize("rows", [10, 20_000], ids=["a small field", "a large one"])
def test_on_a_full_disk_the_new_file_is_whole_or_the_last_one_stays(disk: Path, tmp_path: Path, rows: int) -> None:
    warehouse, target = tmp_path / "warehouse.duckdb", disk / "published" / "adoption.duckdb"
    fill(warehouse, 0, rows)
    publish(warehouse, target, Contents(TABLES))
    needed = 3 * target.stat().st_size
    ended: Counter[str] = Counter()
    edition = 0
    messages: set[str] = set()
    levels = times(60)
    for level in range(levels):
        fill(warehouse, level + 1, rows)
        ballast = leave(disk, needed * level // levels)
        try:
            publish(warehouse, target, Contents(TABLES))
        except DiskFullError as error:
            messages.add(str(error))
            ended["refused"] += 1
        else:
            edition = level + 1
            ended["published"] += 1
        ballast.unlink()
        verify(target)
        with duckdb.connect() as reader:
            reader.execute(f"attach '{target}' as published (read_only)")
            result = reader.execute("select count(*), min(edition), max(edition) from published.marts.fct_tools")
            assert result.fetchall() == [(rows, edition, edition)]
        assert sorted(path.name for path in target.parent.iterdir()) == [target.name, f"{target.name}.sha256"]
    sys.stdout.write(f"full disk, {rows} rows, {levels} levels of free space: {dict(ended)}, nothing lost\n")
    assert messages == {str(DiskFullError(target.parent))}
