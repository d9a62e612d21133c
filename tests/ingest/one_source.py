"""The whole way of one real source in a made-up field: asked on this machine, landed, parsed, loaded.

Belongs here: a small world in which a shipped source asks a publisher of the test's. Does not belong here: assertions,
or any publisher's protocol (the source's tests script it).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from ingest.catalog import Access, Catalog, Framework, Name, load_catalog
from ingest.landing import Landing
from ingest.loader import load_extracts
from ingest.model import Fetch, Source
from ingest.plan import ALL_TIME, Span
from ingest.raw_tables import prepare
from ingest.refresh import RefreshContext, RequestOutcome, refresh
from ingest.sources import load_source
from tests.ingest.made_up import made_up_catalog
from tests.ingest.publisher import PatientClock

CATALOG = Path(__file__).parents[2] / "ingest" / "catalog"
TODAY = datetime(2021, 1, 5, 12, tzinfo=UTC)


@cache
def shipped_catalog() -> Catalog:
    """The shipped catalog, read once, since it cannot change."""
    return load_catalog(CATALOG)


class OneSource:
    """A source as shipped, but for the names it is asked for, its address, its pace and the day.

    Its population is asked for only where the test is about it.
    """

    def __init__(
        self, folder: Path, source: str, url: str, *names: Name, today: datetime = TODAY, population: bool = False
    ) -> None:
        self.source: Source = load_source(source)
        if self.source.connector and self.source.connector.population and not population:
            self.source = replace(self.source, connector=replace(self.source.connector, population=None))
        self.landing = Landing(folder / "landing", folder / "shipped")
        self.clock = PatientClock(today)
        self.environment: dict[str, str] = {}
        self.access: dict[str, Any] = {"urls": (url,), "off": "a test", "attempts": 2}
        self.names = names
        self.connection = duckdb.connect()

    @property
    def catalog(self) -> Catalog:
        entry = shipped_catalog().source(self.source.name)
        assert entry.access
        access_fields = {
            "credential": entry.access.credential,
            "revises_days": entry.access.revises_days,
            **self.access,
        }
        tool = Framework(id="anvil", label="Anvil", role="contender", names={entry.names: self.names})
        with_access = entry.model_copy(update={"access": Access(**access_fields)})
        return replace(made_up_catalog(), frameworks=(tool,), contenders=(), markets=(), sources=(with_access,))

    def refresh(self, window: Span = ALL_TIME) -> list[RequestOutcome]:
        """Ask for what is missing."""
        return list(
            refresh(self.source, self.catalog, self.landing, window, RefreshContext(self.clock, self.environment))
        )

    def events(self) -> list[Fetch]:
        return self.landing.events(self.source.name)

    def load(self) -> list[str]:
        """Load what was landed; the errors of extracts that were refused."""
        prepare(self.connection, [self.source])
        return [report.error for report in load_extracts(self.connection, self.landing, self.source, self.catalog)]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds in the raw tables."""
        return self.connection.execute(query).fetchall()

    def later(self, **delay: float) -> None:
        """Another day."""
        self.clock = PatientClock(self.clock.now() + timedelta(**delay))


def named(*names: str) -> tuple[Name, ...]:
    """Primary names."""
    return tuple(Name(name=name, member="primary" if not place else "variant") for place, name in enumerate(names))
