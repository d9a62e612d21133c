"""Keeping a data folder in order, at a terminal: what may go, what is wrong, and how to fix it.

Belongs here: looking at each part of the folder, and telling people. Does not belong here: removing anything
(`orchestration.retention`) or ending runs (`orchestration.dead_runs`).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
from filelock import Timeout

from adoption.cli.errors import sentence_of
from adoption.editions.store import database_of, editions, identity
from adoption.publish.publication import faults
from adoption.publish.reader import open_published
from adoption.reports.console import print_json
from adoption.warehouse.dbt import environment
from adoption.warehouse.landing import landing_of
from adoption.warehouse.lock import build_lock, locked
from ingest.catalog import load_catalog
from ingest.database import connect, fetch_dicts, says_damaged
from ingest.errors import AdoptionError
from ingest.inbox import rejected_files
from ingest.landing import blob_name
from ingest.storage import is_address

if TYPE_CHECKING:
    from adoption.settings import Settings

ROOM = 2**30
"""Bytes. A build writes a work file and a published file beside the last ones."""
EXAMPLES = 5
BACKUP = "restore it from a backup: docs/how-to/back-up-and-restore.md"


@dataclass(frozen=True)
class Problem:
    """What is wrong, and how to fix it."""

    text: str
    fix: str


Look = Callable[["Settings"], Iterator[Problem]]


def prune(settings: Settings, dry_run: bool) -> None:
    """Remove what need not be kept, and say what that was; only say it in a dry run.

    Raises:
        BuildRunning: when a build runs.
    """
    from orchestration.instance import configure, open_instance
    from orchestration.retention import prune as remove

    with locked(settings), environment(settings):
        configure(settings)
        with open_instance(settings) as instance:
            pruned = remove(settings, instance, datetime.now(UTC), dry_run)
    verb = "Would remove" if dry_run else "Removed"
    for group in pruned:
        room = f", {group.bytes / 2**20:,.1f} MB" if group.bytes > 0 else ""
        click.echo(f"{verb}: {group.kind}, {group.count:,}{room}")
    if not pruned:
        click.echo("Nothing is to be removed.")


def doctor(settings: Settings, as_json: bool = False) -> bool:
    """Look at each part of the data folder; print what is wrong and how to fix it, and return whether all is well."""
    if as_json:
        return _doctor_as_json(settings)
    if not settings.data.exists():
        click.echo(f"{settings.data} does not exist yet. Run `adoption build`.")
        return True
    return all([_tell(name, _problems(look, settings)) for name, look in LOOKS.items()])  # noqa: C419 - each is told


def _doctor_as_json(settings: Settings) -> bool:
    """The same for programs; of a folder that does not exist there is nothing to look at."""
    looks: Mapping[str, Look] = LOOKS if settings.data.exists() else {}
    results = [(name, _problems(look, settings)) for name, look in looks.items()]
    parts = [
        {"part": name, "problems": [{"text": problem.text, "fix": problem.fix} for problem in problems]}
        for name, problems in results
    ]
    is_well = not any(problems for _, problems in results)
    print_json({"is_well": is_well, "parts": parts})
    return is_well


def _problems(look: Look, settings: Settings) -> list[Problem]:
    try:
        return list(look(settings))
    except OSError as error:
        # a folder, a pipe or a link where a file should be, or rights: no backup mends that
        return [Problem(sentence_of(error, settings), "remove what lies there, or give this account its rights")]
    except (AdoptionError, sqlite3.Error) as error:
        return [Problem(str(error), BACKUP)]


def _tell(name: str, problems: list[Problem]) -> bool:
    click.echo(f"{'PROBLEM' if problems else 'ok     '}  {name}")
    for problem in problems:
        click.echo(f"         {problem.text}\n         fix: {problem.fix}")
    return not problems


def _catalog(settings: Settings) -> Iterator[Problem]:
    try:
        load_catalog(settings.catalog)
    except AdoptionError as error:
        yield Problem(str(error), f"correct the file in {settings.catalog}")


def _folder(settings: Settings) -> Iterator[Problem]:
    mode = stat.S_IMODE(settings.data.stat().st_mode)
    if mode & 0o077:
        yield Problem(f"{settings.data} can be read by other accounts (mode {mode:o})", f"chmod 700 {settings.data}")
    if not os.access(settings.data, os.W_OK | os.X_OK):
        yield Problem(f"{settings.data} cannot be written by this account", f"chown -R $(id -u) {settings.data}")


def _disk(settings: Settings) -> Iterator[Problem]:
    free = shutil.disk_usage(settings.data).free
    if free < ROOM:
        yield Problem(f"{free / 2**20:,.0f} MB are free on the disk of {settings.data}", "adoption prune, or make room")


def _lock(settings: Settings) -> Iterator[Problem]:
    try:
        with build_lock(settings).acquire(timeout=0):
            return
    except Timeout:
        click.echo("         a build is running: it holds the lock")
    yield from ()


def _runs(settings: Settings) -> Iterator[Problem]:
    """Runs of dead processes are ended at once: nothing is left to fix, but people are told."""
    from orchestration.dead_runs import end_dead_runs
    from orchestration.instance import configure, open_instance

    if not settings.dagster_home.exists():
        return
    with environment(settings):
        message = configure(settings)
        if message:
            yield Problem(message, "as said")
        with open_instance(settings) as instance:
            for name in end_dead_runs(instance):
                click.echo(f"         ended, its process had died: {name}")


def _landing(settings: Settings) -> Iterator[Problem]:
    landing = landing_of(settings)
    bad = []
    for event in landing.events():
        if event.kind == "landed":
            try:
                landing.path_of(event)
            except AdoptionError as error:
                bad.append(f"{event.extract_id}: {error}")
    for text in bad[:EXAMPLES]:
        yield Problem(
            text, "restore landing/ from a backup, or land it again: adoption refresh, or drop the file again"
        )
    if len(bad) > EXAMPLES:
        yield Problem(f"{len(bad) - EXAMPLES:,} more extracts", "as above")


def _buckets(settings: Settings) -> Iterator[Problem]:
    """What the bucket of the landing has lost, whatever copies are here; what the other one should publish."""
    if settings.landing_at and is_address(settings.landing_at):
        landing = landing_of(settings)
        ours = landing.extract_ids()
        kept = {entry.name for entry in landing.store.entries("blobs")}
        for event in landing.events():
            if event.extract_id in ours and blob_name(event.sha256) not in kept:
                where = landing.store.where(blob_name(event.sha256))
                yield Problem(f"{event.extract_id}: {where} is missing", "land it again: adoption refresh, or drop it")
    if settings.publish_to:
        edition = identity(settings).edition if settings.published.exists() else None
        yield from (Problem(text, fix) for text, fix in faults(settings, edition))


def _work_file(settings: Settings) -> Iterator[Problem]:
    """The work file opens; what a killed build left in its log is taken in by the next build."""
    import duckdb

    if not settings.warehouse.exists():
        return
    try:
        with build_lock(settings).acquire(timeout=0), connect(settings.warehouse) as connection:
            connection.execute("select count(*) from duckdb_tables()")
    except Timeout:
        return
    except duckdb.Error as error:
        file, reason = settings.warehouse, str(error).splitlines()[0]
        by_hand = "" if says_damaged(error) else f"rm -f {file} {file}.wal, then "
        fix = f"{by_hand}adoption build --force: all of it is made again"
        yield Problem(f"{file} cannot be opened: {reason}", fix)


def _published(settings: Settings) -> Iterator[Problem]:
    if not settings.published.exists():
        yield Problem("nothing is published yet", "adoption build")
        return
    try:
        with open_published(settings) as connection:
            fetch_dicts(connection, "select count(*) as tables from duckdb_tables()")
    except AdoptionError as error:
        yield Problem(str(error), "adoption build")


def _inbox(settings: Settings) -> Iterator[Problem]:
    for source in load_catalog(settings.catalog).sources:
        for name, reason in rejected_files(settings.inbox, source.id):
            first = reason.splitlines()[0] if reason else "no reason was kept"
            fix = f"drop a corrected {name} into inbox/{source.id}/, or remove the file and its .txt"
            yield Problem(f"inbox/refused/{source.id}/{name}: {first}", fix)


def _editions(settings: Settings) -> Iterator[Problem]:
    for name in editions(settings):
        try:
            database_of(settings, name)
        except AdoptionError as error:
            yield Problem(str(error), "restore editions/ from a backup, or freeze the year again")


LOOKS: dict[str, Look] = {
    "catalog": _catalog,
    "data folder": _folder,
    "disk": _disk,
    "lock": _lock,
    "runs": _runs,
    "landing": _landing,
    "buckets": _buckets,
    "work file": _work_file,
    "published file": _published,
    "inbox": _inbox,
    "editions": _editions,
}
