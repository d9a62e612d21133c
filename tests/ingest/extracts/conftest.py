"""The shipped extracts, loaded once into a warehouse in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.catalog import load_catalog
from ingest.landing import Landing
from ingest.loader import ExtractReport, load_extracts
from ingest.raw_tables import prepare
from ingest.sources import load_source

EXTRACTS = Path(__file__).parents[3] / "ingest" / "extracts"


@dataclass(frozen=True)
class Shipped:
    """What ships, what was reported when it was loaded, and the warehouse that holds it."""

    landing: Landing
    reports: dict[str, list[ExtractReport]]
    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The result of a query."""
        return self.connection.execute(query).fetchall()


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shipped]:
    """Every source with a folder of extracts, loaded."""
    landing = Landing(tmp_path_factory.mktemp("landing"), EXTRACTS)
    sources = [load_source(name) for name in sorted({fetch.source for fetch in landing.events()})]
    catalog = load_catalog(EXTRACTS.parent / "catalog")
    with duckdb.connect() as connection:
        prepare(connection, sources)
        reports = {source.name: load_extracts(connection, landing, source, catalog) for source in sources}
        yield Shipped(landing, reports, connection)
