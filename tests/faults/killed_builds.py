"""The steps of a build that compute, and the freeze of what it made, each for `tests.faults.killed`.

Belongs here: dbt, detection and freezing on small fields, and what must hold after each kill. Does not belong here: the
steps that fetch, keep and publish, or how a step is killed (killed, forking).

Content is another one in each attempt, so that what a check finds is known to be of the last attempt, or of one before.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path

import duckdb
from rich.console import Console

from adoption.detection import warehouse_io
from adoption.editions import store
from adoption.projection.warehouse_io import prepare as prepare_projection
from adoption.publish.reader import open_file
from adoption.publish.writer import Contents, publish
from adoption.settings import Settings
from adoption.warehouse.dbt import Dbt
from adoption.warehouse.fingerprint import build_inputs
from ingest.catalog import load_catalog
from ingest.database import connect, has_table, transaction
from ingest.raw_tables import load_catalog_tables, prepare
from ingest.sources import load_source
from tests.conftest import SMALL_PROJECT, World
from tests.faults.forking import forked


class DbtBuilt:
    """dbt on a work file: a table is that of one attempt, whole; dbt again makes what it makes undisturbed, no more."""

    ROWS = 1_000
    PARSED = 5
    """After so many attempts the project says something else, and is parsed anew."""
    FILL = """
    delete from raw.pypi_tools__months;
    insert into raw.pypi_tools__months (package, month_date, downloads)
    select if(range % 2 = 0, 'anvil', 'hammer'), date '1900-01-01' + to_months(range::integer), 10 * (range + {number})
    from range({rows})
    """
    SPAN = "select count(*), min(downloads) // 10, max(downloads) // 10 from marts.fct_months"
    CONTENT = "select package, month_date, downloads - 10 * {number} from marts.fct_months order by all"
    RELATIONS = """
    select schema_name, table_name from duckdb_tables() union all
    select schema_name, view_name from duckdb_views() where not internal order by all
    """

    def __init__(self, settings: Settings) -> None:
        # once, not in each attempt: the kill shall hit what is done, not what is imported
        for heavy in ("dbt.cli.main", "dbt.adapters.duckdb.connections"):
            import_module(heavy)
        project = settings.data.with_name("project")
        shutil.copytree(SMALL_PROJECT, project)
        self.world = World(data=settings.data, project=project)
        self.catalog = load_catalog(self.world.catalog)
        self.expected = settings.data.with_name("expected")
        # in a process of its own: dbt leaves threads behind, with which no process can be forked
        forked(self._expect)

    def _expect(self) -> None:
        """What dbt makes when nobody kills it."""
        self.run(0)
        self.expected.write_text(self._made(0))

    def run(self, number: int) -> None:
        docs = f"{{% docs attempts %}} {number // self.PARSED} {{% enddocs %}}"
        (self.world.project / "models" / "attempts.md").write_text(docs)
        self.world.data.mkdir(exist_ok=True)
        with connect(self.world.warehouse) as connection:
            warehouse_io.prepare(connection)
            prepare_projection(connection)
            prepare(connection, [load_source("pypi_tools")])
            load_catalog_tables(connection, self.catalog)
            with transaction(connection):
                connection.execute(self.FILL.format(number=number, rows=self.ROWS))
        dbt = Dbt(self.world, self.catalog)
        dbt.manifest()
        dbt.invoke(["build", "--exclude-resource-type", "unit_test"])

    def _made(self, number: int) -> str:
        """What there is in the work file, and a digest of the rows, by which attempts are alike."""
        with connect(self.world.warehouse) as connection:
            rows = connection.execute(self.CONTENT.format(number=number)).fetchall()
            relations = connection.execute(self.RELATIONS).fetchall()
        return f"{relations} {hashlib.sha256(repr(rows).encode()).hexdigest()}"

    def check(self, number: int, last: int) -> None:
        with connect(self.world.warehouse) as connection:
            if last or has_table(connection, "marts", "fct_months"):
                [(rows, first, newest)] = connection.execute(self.SPAN).fetchall()
                assert (rows, newest - first) == (self.ROWS, self.ROWS - 1)
                assert last <= first <= number
        # oftener than not the next attempt finds what the killed one left
        if number % 3 == 0:
            self.run(number)
            assert self._made(number) == self.expected.read_text()


class Detected:
    """The detector's tables in the work file: those of one attempt, all three; and the digests tell the truth."""

    LOOKS = 4
    """So many fields take turns."""
    FILL = """
    create schema if not exists intermediate;
    create or replace table intermediate.int_detection__series as
    select
        's' || series as series_id, 'm' as metric_id, 's' as source_id, series_id as entity_id, 'all' as segment,
        'b' as basis, 'f' || series % 20 as family, (date '2020-01-01' + to_months(month::integer))::date as month_date,
        100.0 + month as value, null::timestamp as counted_at
    from range(200) as one (series), range(7) as two (month)
    where month <> 1 + (series + {look}) % 5
    """
    TABLES = ("detected_events", "minimum_detectable_effects", "looked_at")

    def __init__(self, settings: Settings) -> None:
        self.file = settings.warehouse
        self.file.parent.mkdir(parents=True)
        self.catalog = load_catalog(settings.catalog)
        self.expected = [self._look(Path(f"{self.file}.{look}"), look) for look in range(self.LOOKS)]
        assert len(set(self.expected)) == self.LOOKS

    def _look(self, file: Path, number: int) -> str:
        with connect(file) as connection:
            connection.execute(self.FILL.format(look=number % self.LOOKS))
            warehouse_io.detect_events(connection, self.catalog)
            return self._found(connection)

    def _found(self, connection: duckdb.DuckDBPyConnection) -> str:
        """Everything in schema `detection`, in its order."""
        return repr([connection.execute(f"from detection.{name} order by rowid").fetchall() for name in self.TABLES])

    def run(self, number: int) -> None:
        self._look(self.file, number)

    def check(self, number: int, last: int) -> None:
        with connect(self.file) as connection:
            if last or has_table(connection, "detection", "looked_at"):
                possible = {self.expected[attempt % self.LOOKS] for attempt in range(last, number + 1)}
                assert self._found(connection) in possible
        if number % 2:
            assert self._look(self.file, number) == self.expected[number % self.LOOKS]


def _say_edition(settings: Settings, year: int, console: Console) -> None:
    """A text of an edition of the small field: the brief and the review want all the marts."""
    with open_file(settings.published) as connection:
        console.print(year, connection.execute("select min(content) from marts.fct_tools").fetchall())


class Frozen:
    """An edition of what is published: whole, or not there; what was frozen before stays, and the next gets its number.

    An attempt freezes, and nothing else: what it finds published was published by the check after the one before.
    """

    YEAR = 2020
    WORK = """
    create schema if not exists marts;
    create table marts.fct_tools as select {content} as content from range(5000);
    comment on table marts.fct_tools is 'Tools.';
    comment on column marts.fct_tools.content is 'When.';
    """

    def __init__(self, settings: Settings) -> None:
        store.TEXTS = {"brief.txt": _say_edition}
        nothing = settings.data.with_name("shipped")
        nothing.mkdir()
        self.settings = replace(settings, extracts=nothing)
        self.catalog = load_catalog(settings.catalog)
        self.rules = build_inputs(self.settings)
        self.seen = settings.data.with_name("seen")
        self.seen.write_text("")
        settings.data.mkdir(parents=True)
        forked(partial(self._publish, 0))

    def _publish(self, content: int) -> None:
        work = self.settings.warehouse
        with connect(work) as connection:
            prepare(connection, [])
            load_catalog_tables(connection, self.catalog)
            connection.execute(self.WORK.format(content=content))
        publish(
            work, self.settings.published, Contents([("marts", "fct_tools"), ("meta", "sources")], rules=self.rules)
        )
        work.unlink()

    def run(self, number: int) -> None:  # noqa: ARG002 - what is published says it
        store.freeze(self.settings, self.YEAR)

    def check(self, number: int, last: int) -> None:
        published, names = self._content_of(self.settings.published), store.editions(self.settings, self.YEAR)
        assert names == [f"{self.YEAR}.{place}" for place in range(1, len(names) + 1)]
        assert set(self.seen.read_text().split()) <= set(names)
        frozen = [self._frozen_in(name) for name in names[-2:]]
        assert frozen == sorted({*frozen})
        assert (frozen or [-1])[-1] in ((published,) if last == number else range(-1, published + 1))
        if number % 3 == 0:
            names.append(store.freeze(self.settings, self.YEAR).name)
            assert self._frozen_in(names[-1]) == published
        self.seen.write_text(" ".join(names))
        self._publish(published + 1)

    def _frozen_in(self, name: str) -> int:
        """What an edition holds: its file and its text, and every file of it is what its manifest says."""
        content = self._content_of(store.database_of(self.settings, name))
        assert str(content) in (self.settings.editions / name / "brief.txt").read_text()
        return content

    def _content_of(self, file: Path) -> int:
        with open_file(file) as connection:
            query = "select min(content), max(content), count(*) from marts.fct_tools"
            [(first, newest, rows)] = connection.execute(query).fetchall()
        assert (first, rows) == (newest, 5000)
        return int(first)
