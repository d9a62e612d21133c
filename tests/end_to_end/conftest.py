"""Fixtures of the end-to-end tests: the published file of the shipped extracts, and the warehouse of another field.

Belongs here: warehouses that are built once for all workers. Does not belong here: assertions.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from adoption.settings import REPOSITORY, Settings
from tests.conftest import run_build

FIELD = REPOSITORY / "tests" / "fixtures" / "another_field"


@pytest.fixture(scope="session")
def published(built: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file of the shipped extracts, opened as an analyst opens it."""
    with duckdb.connect(str(built.published), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def other_field(shared_folder: Path) -> Settings:
    """The warehouse of the invented field, built once for all workers. Read it only."""
    settings = Settings(FIELD / "catalog", FIELD / "extracts", shared_folder / "field")
    with FileLock(shared_folder / "field.lock"):
        if not settings.published.exists():
            made = run_build(settings)
            assert made.outcome.exit_code == 0, "\n".join([made.output, *made.outcome.failures])
    return settings
