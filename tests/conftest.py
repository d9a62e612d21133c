"""What tests of several rooms share: the shipped warehouse, built once, and small worlds that cost little.

Belongs here: fixtures and short ways to build. Does not belong here: assertions, or anything that one room uses alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from filelock import FileLock
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from rich.console import Console

from adoption.publish import digest
from adoption.settings import REPOSITORY, Settings
from orchestration.runner import Outcome, build
from tests.ingest.bucket import NAME, environment_of, serving

SMALL_PROJECT = REPOSITORY / "tests" / "orchestration" / "project"
# No test depends on how fast a machine is, nor on the examples of its last run.
hypothesis_settings.register_profile(
    "adoption", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("adoption")
MEMORY, ROOM = Path("/dev/shm"), 8 << 30
"""A file system in memory, and how much of it must be free before tests use it."""
MONTHS_HEADER = "package,month_date,downloads,source_format,available_at,source_commit"


@dataclass(frozen=True)
class World(Settings):
    """A warehouse with a dbt project of its own."""

    project: Path = field(default=SMALL_PROJECT)

    @property
    def dbt_project(self) -> Path:
        return self.project

    def land(self, lines: str, name: str = "months.csv", **sidecar: object) -> None:
        """Ship a file of monthly counts with a true sidecar; `sidecar` replaces entries of it."""
        folder = self.extracts / "pypi_tools"
        folder.mkdir(parents=True, exist_ok=True)
        data = f"{MONTHS_HEADER}\n{lines}".encode()
        scope = {
            "table": "months",
            "period_start": "2020-01-01",
            "period_end": "2020-03-01",
            "terms": None,
            "label": name,
        }
        event = {
            "source": "pypi_tools",
            "scope": scope,
            "filename": name,
            "sha256": hashlib.sha256(data).hexdigest(),
            "landed_at": "2021-01-05T00:00:00+00:00",
            "licence": "none stated",
            **sidecar,
        }
        (folder / name).write_bytes(data)
        (folder / f"{name}.fetch.json").write_text(json.dumps(event))

    def edit(self, file: str, old: str, new: str) -> None:
        """Change a file of the dbt project."""
        path = self.project / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


GOOD_MONTHS = "anvil,2020-01-01,10,pypinfo,,c1\nhammer,2020-02-01,20,pypinfo,,c1\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A small world: the small dbt project, no claims, one source with two good rows, nothing built yet."""
    shutil.copytree(SMALL_PROJECT, tmp_path / "project")
    shutil.copytree(Settings().catalog, tmp_path / "catalog")
    (tmp_path / "catalog" / "claims.yaml").write_text("{}")
    made = world_in(tmp_path)
    made.land(GOOD_MONTHS)
    return made


def world_in(folder: Path) -> World:
    """The small world of a folder, also for another process."""
    return World(folder / "catalog", folder / "extracts", folder / "data", folder / "project")


@dataclass(frozen=True)
class Build:
    """What a build came to, and what it printed."""

    outcome: Outcome
    output: str


def run_build(settings: Settings) -> Build:
    """`adoption build` in this process."""
    output = StringIO()
    outcome = build(settings, Console(file=output, width=200))
    return Build(outcome, output.getvalue())


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this session see."""
    root = tmp_path_factory.getbasetemp()
    return root.parent if root.name.startswith("popen-") else root


@pytest.fixture(scope="session")
def built(shared_folder: Path) -> Settings:
    """The shipped warehouse, built once for all workers. Read it only; `copy_of_built` may be changed."""
    settings = Settings(data=shared_folder / "built")
    with FileLock(shared_folder / "built.lock"):
        if not settings.published.exists():
            made = run_build(settings)
            assert made.outcome.published, "\n".join([made.output, *made.outcome.failures])
    return settings


@pytest.fixture
def copy_of_built(built: Settings, tmp_path: Path) -> Settings:
    """A copy of the built warehouse, with shipped extracts of its own, that a test may change or break."""
    shutil.copytree(built.data, tmp_path / "data")
    shutil.copytree(built.extracts, tmp_path / "extracts", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return Settings(data=tmp_path / "data", extracts=tmp_path / "extracts")


def content_of(published: Path) -> dict[str, object]:
    """Rows and comments of every table of a published file; times of checks are left out."""
    with duckdb.connect(str(published), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name, comment from duckdb_tables() order by all"
        ).fetchall()
        comments = "select schema_name, table_name, column_name, data_type, comment from duckdb_columns() order by all"
        return {
            "comments": [tables, connection.execute(comments).fetchall()],
            **{f"{schema}.{table}": _rows(connection, f'{schema}."{table}"') for schema, table, _ in tables},
        }


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[object, ...]]:
    left_out = "exclude (checked_at)" if table.endswith('"check_results"') else ""
    return connection.execute(f"select * {left_out} from {table}").fetchall()


def with_published(data: Path, statements: str = "") -> Settings:
    """A data folder with a small published file: the schema `meta`, and whatever the statements make."""
    settings = Settings(data=data)
    settings.published.parent.mkdir()
    with duckdb.connect(str(settings.published)) as connection:
        connection.execute(f"create schema meta; {statements}")
    return settings


@contextmanager
def altered(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Change a published file as if it had been published so."""
    with duckdb.connect(str(published)) as connection:
        yield connection
    digest.write(published, [digest.sha256_of(published)])


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """An S3 on loopback, and its address."""
    with serving() as endpoint:
        yield endpoint


@pytest.fixture
def bucket(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A part of a bucket that is this test's own, which boto's environment leads to."""
    for name, value in environment_of(s3).items():
        monkeypatch.setenv(name, value)
    return f"s3://{NAME}/{tmp_path.name}"


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster instance that is forgotten after the test."""
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-snapshots", action="store_true", help="write the snapshots instead of comparing them")


def pytest_configure() -> None:
    """Keep temporary data in memory where there is room: nothing waits for a disk that nobody reads afterwards."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order of files: one that needs the shipped warehouse, warehouses of other fields, the rest that needs it.

    Workers take file after file (a file has fixtures that are dear), so that one builds the shipped warehouse while
    the other has something else to do, such as the unit tests of the SQL on an empty one; small tests come last, and
    both end together.
    """
    waiting = sorted({item.path for item in items if "built" in getattr(item, "fixturenames", ())})

    def place(item: pytest.Item) -> int:
        if item.path in waiting:
            return 0 if item.path == waiting[0] else 2
        return 1 if "end_to_end" in item.path.parts or item.path.name == "test_unit_tests.py" else 3

    items.sort(key=place)
