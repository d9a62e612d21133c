"""Fixtures of the end-to-end tests: the published file of the shipped extracts, and the warehouse of another field.

Belongs here: warehouses that are built once for all workers. Does not belong here: assertions.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from adoption.settings import REPOSITORY, Settings
from tests.conftest import run_build

PROJECT = REPOSITORY / "dbt_project"
FIELD = REPOSITORY / "tests" / "fixtures" / "another_field"


@dataclass(frozen=True)
class QuickSettings(Settings):
    """A warehouse whose dbt project lacks its unit tests: they depend on no data, and cost most of a small build."""

    project: Path = field(default=PROJECT)

    @property
    def dbt_project(self) -> Path:
        return self.project


@pytest.fixture(scope="session")
def quick_project(shared_folder: Path) -> Path:
    """The dbt project without its unit tests, copied once for all workers."""
    folder = shared_folder / "quick" / "dbt_project"
    with FileLock(shared_folder / "quick.lock"):
        if not folder.exists():
            shutil.copytree(PROJECT, folder)
            for path in folder.rglob("_unit_tests*.yml"):
                path.unlink()
    return folder


@pytest.fixture(scope="session")
def published(built: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file of the shipped extracts, opened as an analyst opens it."""
    with duckdb.connect(str(built.published), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def other_field(shared_folder: Path, quick_project: Path) -> Settings:
    """The warehouse of the invented field, built once for all workers. Read it only."""
    settings = QuickSettings(FIELD / "catalog", FIELD / "extracts", shared_folder / "field", quick_project)
    with FileLock(shared_folder / "field.lock"):
        if not settings.published.exists():
            made = run_build(settings)
            assert made.outcome.exit_code == 0, "\n".join([made.output, *made.outcome.failures])
    return settings
