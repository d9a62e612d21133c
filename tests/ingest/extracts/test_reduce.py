"""The reductions, run again from the originals: the shipped files come out byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.catalog import load_catalog
from ingest.extracts.reduce import reduce_facts, reduce_kaggle
from tests.ingest.extracts.conftest import EXTRACTS

SHIPPED = sorted(path.relative_to(EXTRACTS).as_posix() for path in EXTRACTS.glob("*/*.csv*"))


@pytest.fixture(scope="session")
def reduced(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every extract, reduced anew."""
    folder = tmp_path_factory.mktemp("reduced")
    reduce_facts(shared / "facts", folder)
    if not (shared / "raw" / "kaggle").is_dir():
        pytest.skip(f"the publisher's survey files are not here: {shared / 'raw' / 'kaggle'}")
    reduce_kaggle(shared / "raw", folder, load_catalog(EXTRACTS.parent / "catalog"))
    return folder


def test_nothing_ships_that_no_reduction_makes(reduced: Path) -> None:
    assert sorted(path.relative_to(reduced).as_posix() for path in reduced.rglob("*") if path.is_file()) == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_a_reduction_gives_the_shipped_bytes(reduced: Path, name: str) -> None:
    assert (reduced / name).read_bytes() == (EXTRACTS / name).read_bytes()
