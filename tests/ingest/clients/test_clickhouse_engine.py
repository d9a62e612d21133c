"""The connectors' own SQL on a real ClickHouse engine, over made tables of the public server's schema.

Belongs here: that what a connector lands is what DuckDB counts in the same rows. Does not belong here: faults of the
wire and of the server (test_clickhouse.py), or what becomes of the rows (dbt's unit tests).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.sources import clickpy
from tests.ingest.clickhouse_engine import Engine, engine
from tests.ingest.one_source import OneSource, named
from tests.ingest.publisher import publishing

Row = tuple[Any, ...]
TODAY = datetime(2021, 6, 20, 12, tzinfo=UTC)
SPAN = (date(2019, 1, 1), date(2021, 1, 1))
BUSY = "pip"
PACKAGES = 40
SMALL, LARGE = 200_000, 5_000_000
# downloads of a package fall with its number; every installer and file type occurs, also those without a name
LOG = f"""
    select
        case when i % {PACKAGES} = 0 then '{BUSY}' else 'package-' || (i % {PACKAGES}) end as project,
        (hash(i, 1) % 9)::varchar as version,
        case when i % {PACKAGES} = 0 then date '2019-01-01' + ((i // {PACKAGES}) % 731)::integer
            else date '2019-01-01' + (hash(i, 2) % 731)::integer end as date,
        ['pip', 'pip', 'pip', 'uv', 'poetry', 'bandersnatch', 'devpi', ''][1 + (hash(i, 3) % 8)::integer] as installer,
        ['bdist_wheel', 'sdist', ''][1 + (hash(i, 4) % 3)::integer] as type,
        (1 + hash(i, 5) % 1000 // (1 + i % {PACKAGES}))::bigint as count
    from range({{rows}}) as numbers(i)
"""
# an event of the archive may be held twice; another repository had the name before
EVENTS = """
    select
        ['7', '900', '3'][1 + (hash(i, 1) % 3)::integer] as repo_id,
        ['WatchEvent', 'PushEvent', 'IssuesEvent'][1 + (hash(i, 2) % 3)::integer] as event_type,
        timestamp '2019-01-01' + to_seconds((hash(i // 2, 3) % (760 * 86400))::bigint) as created_at,
        'actor-' || (hash(i // 2, 4) % 5000) as actor_login
    from range({rows}) as numbers(i)
"""
DATABASE = """
CREATE DATABASE pypi
CREATE TABLE pypi.pypi_downloads (project String, count Int64) ENGINE = SummingMergeTree ORDER BY project
CREATE TABLE pypi.pypi_downloads_per_day (date Date, project String, count Int64)
    ENGINE = SummingMergeTree ORDER BY (project, date)
CREATE TABLE pypi.pypi_downloads_per_day_by_version_by_installer_by_type
    (project String, version String, date Date, installer String, type LowCardinality(String), count Int64)
    ENGINE = SummingMergeTree ORDER BY (project, version, date, installer)
CREATE TABLE github_events (repo_id String, event_type LowCardinality(String), created_at DateTime, actor_login String)
    ENGINE = MergeTree ORDER BY (repo_id, event_type, created_at)
CREATE TABLE repo_name_to_id (repo_name String, repo_id String) ENGINE = MergeTree ORDER BY repo_name
INSERT INTO repo_name_to_id VALUES
    ('smith/anvil', '3'), ('smith/anvil', '7'), ('guild/hall', '900'), ('smith/anvil', '')
"""
FILL = """
INSERT INTO pypi.pypi_downloads_per_day_by_version_by_installer_by_type SELECT * FROM file('{log}', Parquet)
INSERT INTO pypi.pypi_downloads_per_day SELECT date, project, count FROM file('{log}', Parquet)
INSERT INTO pypi.pypi_downloads SELECT project, count FROM file('{log}', Parquet)
INSERT INTO github_events SELECT * FROM file('{events}', Parquet)
"""


def statements(text: str) -> Iterator[str]:
    """Statements that begin in the first column."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        if lines and not line.startswith(" "):
            yield "\n".join(lines)
            lines = []
        lines.append(line)
    yield "\n".join(lines)


class Tables:
    """The same rows in both engines."""

    def __init__(self, folder: Path, rows: int, server: Engine) -> None:
        self.server = server
        self.duckdb = duckdb.connect()
        for name, query, count in (("log", LOG, rows), ("events", EVENTS, rows // 5)):
            path = folder / f"{name}.parquet"
            self.duckdb.execute(f"copy ({query.format(rows=count)}) to '{path}' (format parquet)")
            self.duckdb.execute(f"create view {name} as from '{path}'")
        for statement in statements(DATABASE):
            server.run(statement)
        for statement in statements(FILL.format(log=folder / "log.parquet", events=folder / "events.parquet")):
            server.run(statement)

    def counted(self, query: str) -> list[Row]:
        return self.duckdb.execute(query).fetchall()


@pytest.fixture(
    scope="module", params=[pytest.param(SMALL, id="small"), pytest.param(LARGE, id="large", marks=pytest.mark.large)]
)
def tables(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tables]:
    with engine() as server:
        yield Tables(tmp_path_factory.mktemp("made"), request.param, server)


def landed(world: OneSource, query: str) -> list[Row]:
    assert {outcome.result for outcome in world.refresh(SPAN)} == {"landed"}
    assert set(world.load()) == {""}
    return world.rows(query)


def test_downloads_by_package_month_and_installer_are_those_that_duckdb_counts(tables: Tables, tmp_path: Path) -> None:
    names = named(*(f"package-{number}" for number in range(1, PACKAGES)))
    with publishing() as publisher:
        publisher.answers("/", tables.server)
        url = f"{publisher.url}/?user=demo&database=pypi&param_busy={BUSY}"
        world = OneSource(tmp_path, "clickpy", url, *names, today=TODAY)
        actual = landed(
            world, "select project, month_date, installer, downloads from raw.clickpy__downloads order by all"
        )
    expected = tables.counted(
        f"""select project, date_trunc('month', date)::date, installer, sum(count)::bigint
            from log where project <> '{BUSY}' and date < '2021-01-01' group by all order by all"""
    )
    assert actual == expected
    assert len(actual) == (PACKAGES - 1) * 24 * 6
    days = world.rows("select distinct month_date, days_held from raw.clickpy__downloads order by all")
    assert days == tables.counted(
        f"""select month_date, max(days) from (
                select date_trunc('month', date)::date as month_date, installer, count(distinct date) as days
                from log where project = '{BUSY}' and date < '2021-01-01' group by all
            ) group by all order by all"""
    )


@pytest.mark.parametrize(("first", "part"), [(100, 25), (30, 7)])
def test_the_largest_packages_are_those_that_duckdb_counts(
    tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int, part: int
) -> None:
    monkeypatch.setattr(clickpy, "FIRST", first)
    monkeypatch.setattr(clickpy, "PART", part)
    with publishing() as publisher:
        publisher.answers("/", tables.server)
        url = f"{publisher.url}/?user=demo&database=pypi&param_busy={BUSY}"
        world = OneSource(tmp_path, "clickpy", url, *named("package-1"), today=TODAY, population=True)
        actual = landed(
            world,
            """select package, (month_date + to_months(place::integer - 1))::date, total,
                all_installers[place]::bigint, pip_only[place]::bigint, without_mirrors[place]::bigint,
                days_held[place]::bigint
            from raw.clickpy__population, unnest(range(1, 13)) as months(place) order by all""",
        )
    expected = tables.counted(
        f"""with totals as (select project, sum(count)::bigint as total from log group by all),
            places as (select *, row_number() over (order by total desc, project) as place from totals),
            held as (
                select date_trunc('month', date)::date as month_date, count(distinct date) as days
                from log where project = '{BUSY}' group by all
            ),
            counted as (
                select project, date_trunc('month', date)::date as month_date, sum(count)::bigint as downloads,
                    coalesce(sum(count) filter (installer = 'pip'), 0)::bigint as pip_only,
                    coalesce(sum(count) filter (
                        installer not in ('bandersnatch', 'z3c.pypimirror', 'Artifactory', 'devpi')), 0
                    )::bigint as without_mirrors
                from log where date < '2021-01-01' group by all
            )
            select project, month_date, total, downloads, if(place <= {4 * part}, pip_only, null),
                if(place <= {4 * part}, without_mirrors, null), days
            from counted inner join places using (project) inner join held using (month_date)
            where place <= {first} order by all"""
    )
    assert actual == expected
    assert len(actual) == min(first, PACKAGES) * 24
    smallest = world.rows("select distinct smallest_total, smallest_total_by_installer from raw.clickpy__population")
    totals = tables.counted("select sum(count)::bigint from log group by project order by 1 desc")
    last = [totals[first - 1][0] if first <= PACKAGES else 0, totals[4 * part - 1][0] if 4 * part <= PACKAGES else 0]
    assert smallest == [tuple(last)]


def test_stars_by_repository_and_month_are_those_that_duckdb_counts(tables: Tables, tmp_path: Path) -> None:
    with publishing() as publisher:
        publisher.answers("/", tables.server)
        url = f"{publisher.url}/?user=demo&database=default&param_busy=guild/hall"
        world = OneSource(tmp_path, "gharchive", url, *named("smith/anvil"), today=TODAY)
        actual = landed(
            world, "select month_date, repository_id, stars, events from raw.gharchive__months order by all"
        )
    expected = tables.counted(
        """select date_trunc('month', created_at)::date, 7,
                count(distinct (actor_login, created_at)) filter (event_type = 'WatchEvent'), count(*)
            from events where repo_id = '7' and created_at < '2021-01-01' group by all order by all"""
    )
    assert actual == expected
    assert len(actual) == 24


def test_an_error_of_the_engine_is_told_by_its_code(tables: Tables, tmp_path: Path) -> None:
    tables.server.run("RENAME TABLE pypi.pypi_downloads TO pypi.elsewhere")
    with publishing() as publisher:
        publisher.answers("/", tables.server)
        url = f"{publisher.url}/?user=demo&database=pypi&param_busy={BUSY}"
        world = OneSource(tmp_path, "clickpy", url, *named("package-1"), today=TODAY, population=True)
        outcomes = world.refresh((date(2020, 1, 1), date(2020, 3, 1)))
    tables.server.run("RENAME TABLE pypi.elsewhere TO pypi.pypi_downloads")
    assert [outcome.result for outcome in outcomes] == ["landed", "failed"]
    assert "status 500: Code: 60. DB::Exception" in outcomes[1].reason
