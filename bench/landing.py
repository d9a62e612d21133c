"""How long it takes to load a landing of many small answers, as a source that is asked daily leaves them.

Belongs here: making such a landing, and timing what a build does with it before dbt. Does not belong here: the build as
a whole (`bench.build`).

Run it:  python -m bench.landing [--events 5840]
"""

from __future__ import annotations

import json
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
import dagster as dg
import duckdb

from adoption.settings import Settings
from ingest.catalog import load_catalog
from ingest.landing import Landing, digest, event_to_json
from ingest.loader import load_extracts
from ingest.model import Fetch, Scope
from ingest.raw_tables import load_catalog_tables, prepare
from ingest.sources import all_sources
from orchestration.assets.extracts import report_extracts

SOURCE, REPOSITORIES = "github", 16
FIRST = date(2016, 1, 1)


def answers(events: int) -> Iterator[tuple[Fetch, bytes]]:
    """A year of daily snapshots of 16 repositories are 5,840 answers."""
    names = [f"someone/framework-{number}" for number in range(REPOSITORIES)]
    for number in range(events):
        name, day = names[number % REPOSITORIES], FIRST + timedelta(days=number // REPOSITORIES)
        counts = dict.fromkeys(("stargazers_count", "forks_count", "subscribers_count"), 1000 + number)
        body = json.dumps({"id": number % REPOSITORIES, "full_name": name, **counts}).encode()
        moment = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
        scope = Scope("snapshots", day, day + timedelta(days=1), (name,))
        yield (
            Fetch(SOURCE, scope, f"{number}.json", digest(body), moment, "none", moment, form="rest_repository"),
            body,
        )


def land(landing: Landing, events: int) -> None:
    """Write the landing as `Landing.land` does, without its waits for the disk."""
    for fetch, body in answers(events):
        blob = landing.root / "blobs" / fetch.sha256[:2] / fetch.sha256
        event = landing.root / "events" / SOURCE / f"{fetch.extract_id}.json"
        for path, data in ((blob, body), (event, event_to_json(fetch).encode())):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def load(settings: Settings, events: int) -> dict[str, float]:
    """CPU seconds of loading a landing of so many events into an empty warehouse, and of telling Dagster of it."""
    landing, catalog, sources = (
        Landing(settings.landing, settings.extracts),
        load_catalog(settings.catalog),
        all_sources(),
    )
    land(landing, events)
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    started = time.process_time()
    with duckdb.connect(str(settings.warehouse)) as connection:
        prepare(connection, sources.values())
        load_catalog_tables(connection, catalog)
        reports = load_extracts(connection, landing, sources[SOURCE], catalog)
        assert [report.status for report in reports] == ["loaded"] * events
    loaded = time.process_time()
    settings.dagster_home.mkdir(parents=True)
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        report_extracts(instance, catalog.source(SOURCE), sources[SOURCE], landing.events(SOURCE), reports)
    return {"loading": loaded - started, "telling Dagster": time.process_time() - loaded}


@click.command()
@click.option("--events", default=5840, show_default=True, help="How many answers are landed.")
@click.option("--json", "as_json", is_flag=True, help="Print the CPU seconds as JSON.")
def main(events: int, as_json: bool) -> None:
    """Time the first load of a landing with that many answers of one source."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "extracts").mkdir()
        seconds_by_step = load(Settings(data=Path(folder) / "data", extracts=Path(folder) / "extracts"), events)
    if as_json:
        click.echo(json.dumps(seconds_by_step))
        return
    for name, seconds in seconds_by_step.items():
        click.echo(f"{name:20}{seconds:8.1f} CPU s of {events:,} events")
    click.echo(f"{'peak memory':20}{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB")


if __name__ == "__main__":
    main()
