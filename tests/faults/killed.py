"""Steps that write, each ended without warning at random moments, again and again: `python -m tests.faults.killed`.

Belongs here: the steps that fetch, keep and publish, what must hold after each kill, and what may lie about at the end.
Does not belong here: the steps that compute (killed_builds), how one is killed (forking), or how often (test_kills).
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Protocol
from unittest.mock import patch

import duckdb

from adoption.publish.digest import sha256_of, verify
from adoption.publish.publication import place_of, pull, send, unnamed
from adoption.publish.writer import Contents, publish
from adoption.settings import Settings
from adoption.warehouse.landing import landing_of
from adoption.warehouse.retention import removable
from ingest import files
from ingest.database import connect, discard_damaged
from ingest.files import MARKER, heal, replacing
from ingest.landing import Landing, RequestNote, digest
from ingest.loader import load_extracts
from ingest.raw_tables import prepare
from ingest.sources import load_source
from tests.faults.forking import forked
from tests.faults.killed_builds import DbtBuilt, Detected, Frozen
from tests.faults.test_bad_extracts import SOURCES, World
from tests.ingest.bucket import NAME, environment_of, serving
from tests.ingest.made_up import LANDED_AT, fetch_of
from tests.ingest.publisher import publishing
from tests.ingest.sources.test_every_connector import CASES


class Step(Protocol):
    """Something that writes into a data folder."""

    def __init__(self, settings: Settings) -> None: ...

    def run(self, number: int) -> None:
        """Write, in a process that may be killed at any moment."""

    def check(self, number: int, last: int) -> None:
        """What holds after attempt `number`, when `last` is the newest that ended by itself."""


SERVERS = ExitStack()
"""What ends with this process."""


def in_bucket(settings: Settings) -> Settings:
    """The same with a bucket of its own, on a server that ends with this process."""
    os.environ.update(environment_of(SERVERS.enter_context(serving())))
    import_module("s3fs")  # once, not in each attempt: the kill shall hit what is done, not what is imported
    extracts, root = settings.data / "shipped", f"s3://{NAME}"
    return replace(settings, extracts=extracts, landing_at=f"{root}/landing", publish_to=f"{root}/published")


def days_later() -> datetime:
    """When what nobody names is old enough to go."""
    return datetime.now(UTC) + timedelta(days=2)


class Landed:
    """A file in the landing: whole, or not there; what was landed stays."""

    def __init__(self, settings: Settings) -> None:
        self.landing = Landing(settings.landing, settings.data / "shipped")

    def run(self, number: int) -> None:
        data = f"a\n{number}\n".encode() * 50_000
        self.landing.land(fetch_of(data, label="one", landed_at=LANDED_AT + timedelta(hours=number)), data)

    def check(self, number: int, last: int) -> None:
        events = self.landing.events()
        assert all(digest(self.landing.path_of(event).read_bytes()) == event.sha256 for event in events)
        newest = max((event.landed_at - LANDED_AT for event in events), default=timedelta(hours=-1))
        assert last <= newest / timedelta(hours=1) <= number, (last, newest, number, len(events))


class LandedInBucket:
    """The same in a bucket, as two machines see it: the one that is killed, and one that only reads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = in_bucket(settings)
        self.reader = replace(self.settings, data=settings.data.with_name("reader"))

    def run(self, number: int) -> None:
        data = f"a\n{number}\n".encode() * 50_000
        fetch = fetch_of(data, label="one", landed_at=LANDED_AT + timedelta(hours=number))
        landing = landing_of(self.settings)
        landing.land(fetch, data)
        landing.note(fetch.source, RequestNote(fetch.scope, fetch.landed_at, "landed"))

    def check(self, number: int, last: int) -> None:
        landing = landing_of(self.reader)
        events = landing.events()
        assert all(digest(landing.path_of(event).read_bytes()) == event.sha256 for event in events)
        newest = max((event.landed_at - LANDED_AT for event in events), default=timedelta(hours=-1))
        assert last <= newest / timedelta(hours=1) <= number, (last, newest, number, len(events))
        # no attempt ends before its event and its note are there
        asked = max((note.asked_at - LANDED_AT for note in landing.request_notes("guild_counts")), default=newest)
        assert last <= asked / timedelta(hours=1) <= number
        if last == number:
            orphans = [item for item in removable(self.settings, timedelta(0), days_later()) if "blobs" in item.kind]
            for orphan in orphans:
                orphan.remove()
            assert len(landing.store.entries("blobs")) == len(events)


class Loaded:
    """Shipped extracts in the raw tables: each whole, or not there; loading again brings all of them."""

    def __init__(self, settings: Settings) -> None:
        self.world = World(settings.data.parent)
        self.world.connection.close()
        self.file = settings.warehouse
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.expected = self._load(Path(f"{self.file}.expected"))

    def _load(self, file: Path) -> list[tuple[object, ...]]:
        discard_damaged(file)
        with connect(file) as connection:
            prepare(connection, [load_source(name) for name in SOURCES])
            for name in SOURCES:
                load_extracts(connection, self.world.landing, load_source(name), self.world.catalog)
        return self._rows(file)

    def _rows(self, file: Path) -> list[tuple[object, ...]]:
        query = "select filename, status, rows_in, rows_loaded, rows_rejected from raw.extracts order by all"
        with connect(file) as connection:
            counts = connection.execute(
                "select extract_id, count(*) from raw.kaggle_survey__options group by all order by all"
            ).fetchall()
            return [*connection.execute(query).fetchall(), *counts]

    def run(self, number: int) -> None:  # noqa: ARG002 - each attempt is the same
        self._load(self.file)

    def check(self, number: int, last: int) -> None:  # noqa: ARG002 - all of it counts each time
        if self.file.exists() and number % 2:
            # as often as not the next attempt finds what the killed one left
            self._load(self.file)
            assert self._rows(self.file) == self.expected
            self.file.unlink()


class Published:
    """The published file: that of an attempt, whole, and never an older one than said."""

    TABLES = (("marts", "fct_tools"),)

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        settings.data.mkdir(parents=True)
        self.run(-1)

    def run(self, number: int) -> None:
        warehouse = self.settings.data / f"work-{number}.duckdb"
        warehouse.unlink(missing_ok=True)
        with duckdb.connect(str(warehouse)) as connection:
            prepare(connection, [])
            connection.execute("create schema if not exists marts")
            connection.execute(f"create table marts.fct_tools as select {number} as edition from range(5000)")
            connection.execute("comment on table marts.fct_tools is 'Tools.'")
            connection.execute("comment on column marts.fct_tools.edition is 'When.'")
        publish(warehouse, self.settings.published, Contents(list(self.TABLES)))

    def check(self, number: int, last: int) -> None:
        for work in self.settings.data.glob("work-*"):
            work.unlink()
        verify(self.settings.published)
        with connect() as reader:
            reader.execute(f"attach '{self.settings.published}' as published (read_only)")
            query = "select count(*), min(edition), max(edition) from published.marts.fct_tools"
            [(rows, first, newest)] = reader.execute(query).fetchall()
        assert rows == 5000
        assert first == newest
        assert last <= newest <= number


class PublishedToBucket(Published):
    """The published file in a bucket, as a machine that pulls it sees it: the pointer always names a whole file."""

    def __init__(self, settings: Settings) -> None:
        settings = in_bucket(settings)
        # the bucket is first spoken to in a process of its own, as in each attempt
        forked(partial(super().__init__, settings))
        self.settings = settings
        self.reader = replace(settings, data=settings.data.with_name("reader"))

    def run(self, number: int) -> None:
        super().run(number)
        send(self.settings, None)

    def check(self, number: int, last: int) -> None:
        super().check(number, last)
        pointer, _ = pull(self.reader)
        assert sha256_of(self.reader.published) == pointer.sha256
        with connect() as reader:
            reader.execute(f"attach '{self.reader.published}' as published (read_only)")
            rows = reader.execute("select edition, count(*) from published.marts.fct_tools group by all").fetchall()
        assert [(last <= edition <= number, count) for edition, count in rows] == [(True, 5000)]
        place = place_of(self.settings)
        assert place
        for entry in unnamed(place, days_later()):
            place.remove(entry.name)
        assert [entry.name for entry in place.entries("files")] == [pointer.key]


class Exported:
    """A folder that is replaced whole: never missing, never mixed; and there at every moment of an attempt."""

    def __init__(self, settings: Settings) -> None:
        self.looks = 0
        self.folder = settings.data / "export"
        settings.data.mkdir(parents=True)
        self.run(-1)

    def run(self, number: int) -> None:
        with replacing(self.folder, "export") as draft:
            for name in "abcdef":
                (draft / name).write_text(str(number))

    def look(self) -> None:
        """What holds while the folder is replaced."""
        assert self.folder.is_dir()
        self.looks += 1

    def check(self, number: int, last: int) -> None:
        contents = {(self.folder / name).read_text() for name in "abcdef"}
        assert len(contents) == 1
        assert last <= int(contents.pop()) <= number


class ExportedInTwoSteps(Exported):
    """The same where the file system cannot exchange two names: what was there is found again, never mixed."""

    def run(self, number: int) -> None:
        with patch.object(files, "exchange", return_value=False):
            super().run(number)

    def look(self) -> None:
        """Between the two steps the folder is not there."""

    def check(self, number: int, last: int) -> None:
        heal(self.folder)
        super().check(number, last)


class Refreshed:
    """A refresh: what was answered is landed whole, and the next one asks for the rest."""

    CASE = CASES["stack_exchange"]

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def run(self, number: int) -> None:
        self._refresh(self.settings.data / str(number // 3))

    def _refresh(self, folder: Path) -> list[tuple[str, str]]:
        with publishing() as publisher:
            for path, script in self.CASE.answers.items():
                publisher.answers(path, script)
            world = self.CASE.world(folder, publisher)
            world.refresh(self.CASE.window)
            return [(event.scope.key, event.sha256) for event in world.events()]

    def check(self, number: int, last: int) -> None:  # noqa: ARG002 - as above
        folder = self.settings.data / str(number // 3)
        landing = Landing(folder / "landing", folder / "shipped")
        assert all(digest(landing.path_of(event).read_bytes()) == event.sha256 for event in landing.events())
        if number % 3 == 2:
            assert sorted(self._refresh(folder)) == sorted(self._refresh(self.settings.data / "undisturbed"))


STEPS: dict[str, type[Step]] = {
    "landing": Landed,
    "landing in a bucket": LandedInBucket,
    "load": Loaded,
    "dbt": DbtBuilt,
    "detection": Detected,
    "publish": Published,
    "publish to a bucket": PublishedToBucket,
    "freeze": Frozen,
    "export": Exported,
    "export in two steps": ExportedInTwoSteps,
    "refresh": Refreshed,
}


@dataclass
class Count:
    """How many attempts ended by themselves, how many were killed, and how often somebody looked meanwhile."""

    killed: int = 0
    ended: int = 0
    looks: int = 0


def litter(settings: Settings) -> list[str]:
    """What lies about after `prune`, two days later."""
    for leftover in list(removable(settings, timedelta(days=90), datetime.now(UTC) + timedelta(days=2))):
        leftover.remove()
    return [str(path) for path in settings.data.rglob(".*") if path.name != MARKER]


def repeat(name: str, folder: Path, times: int) -> Count:
    """Kill a step so many times, unless three times as many attempts do not suffice."""
    settings, random, count = Settings(data=folder / "data"), Random(name), Count()
    step = STEPS[name](settings)
    look = step.look if isinstance(step, Exported) else None
    before = time.monotonic()
    forked(lambda: step.run(0))
    seconds, last = time.monotonic() - before, 0
    for number in range(1, 3 * times + 1):
        # a run takes now more and now less than the first: about one in six shall end, so that kills reach its end
        if forked(partial(step.run, number), random.uniform(0.001, seconds), look):
            count.ended, last, seconds = count.ended + 1, number, max(0.9 * seconds, 0.002)
        else:
            count.killed, seconds = count.killed + 1, 1.02 * seconds
        forked(partial(step.check, number, last))
        if count.killed == times:
            break
    forked(partial(step.run, 3 * times + 1))
    forked(partial(step.check, 3 * times + 1, 3 * times + 1))
    count.looks = step.looks if isinstance(step, Exported) else 0
    SERVERS.close()
    left = litter(settings)
    assert not left, left
    return count


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(repeat(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))))
