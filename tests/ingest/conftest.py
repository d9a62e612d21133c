"""Fixtures of the ingest room: the made-up warehouse, and where the originals of the shipped figures may be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.ingest.made_up import Warehouse

ROOT = Path(__file__).parents[2]


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """A landing, a catalog and a warehouse of the made-up field."""
    return Warehouse(tmp_path)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the public figures that the shipped extracts were reduced from."""
    folder = Path(os.environ.get("ADOPTION_SHARED", ROOT.parent / "shared"))
    if not (folder / "facts").is_dir():
        pytest.skip(f"the originals of the shipped figures are not here: {folder / 'facts'}")
    return folder
