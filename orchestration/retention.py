"""What is kept of a data folder and how long, after each build and by `adoption prune`.

Belongs here: Dagster's runs with all that was recorded of them, and calling what removes files
(`adoption.warehouse.retention`). Does not belong here: printing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from adoption.publish.publication import place_of, unnamed
from adoption.warehouse.retention import RemovableObject, removable
from orchestration.dead_runs import FINISHED

if TYPE_CHECKING:
    import dagster as dg

    from adoption.settings import Settings

EMPTY_SHARE = 0.25
"""A file with more free pages than this is written anew."""


@dataclass(frozen=True)
class Pruned:
    """How many things of a kind went, and how much room they took."""

    kind: str
    count: int
    bytes: int


def prune(settings: Settings, instance: dg.DagsterInstance, now: datetime, dry_run: bool = False) -> list[Pruned]:
    """Remove what need not be kept, or only say what that is; the caller holds the lock of the data folder."""
    keep = timedelta(days=settings.keep_days)
    runs = old_runs(instance, now - keep)
    before = _size(settings.dagster_home)
    if not dry_run:
        remove_runs(instance, runs, settings.dagster_home)
    freed = before - _size(settings.dagster_home)
    sizes_by_kind: dict[str, list[int]] = {}
    for item in [*removable(settings, keep, now), *_unnamed(settings, now)]:
        sizes_by_kind.setdefault(item.kind, []).append(item.bytes)
        if not dry_run:
            item.remove()
    runs_of_dagster = [Pruned("runs of Dagster", len(runs), freed)] if runs else []
    return [*runs_of_dagster, *(Pruned(kind, len(sizes), sum(sizes)) for kind, sizes in sizes_by_kind.items())]


def _unnamed(settings: Settings, now: datetime) -> Iterator[RemovableObject]:
    """What was published in the bucket, and nobody points to any more."""
    place = place_of(settings)
    if place is not None:
        yield from (RemovableObject("published before", entry, place) for entry in unnamed(place, now))


def _size(home: Path) -> int:
    return sum(path.stat().st_size for path in home.rglob("*.db*") if path.is_file())


def old_runs(instance: dg.DagsterInstance, before: datetime) -> list[str]:
    """The runs that ended before a moment, but for the last of each job."""
    import dagster as dg

    statuses = [dg.DagsterRunStatus(name) for name in FINISHED]
    ended = dg.RunsFilter(statuses=statuses, updated_before=before.astimezone(UTC))
    ended_runs = [record.dagster_run for record in instance.get_run_records(ended)]
    last = {name: _last(instance, name) for name in {run.job_name for run in ended_runs}}
    return [run.run_id for run in ended_runs if run.run_id != last[run.job_name]]


def _last(instance: dg.DagsterInstance, job: str) -> str:
    import dagster as dg

    return instance.get_runs(dg.RunsFilter(job_name=job), limit=1)[0].run_id


def remove_runs(instance: dg.DagsterInstance, run_ids: list[str], home: Path) -> None:
    """Remove runs, their events and the results of their checks, and give the room back to the disk.

    A database server keeps no file here; it has a vacuum of its own.
    """
    for run_id in run_ids:
        instance.delete_run(run_id)
    if run_ids:
        _remove_checks(instance, run_ids)
        _remove_tags(instance)
    for path in _databases(home):
        _shrink(path)


def _remove_checks(instance: dg.DagsterInstance, run_ids: list[str]) -> None:
    """Dagster keeps the results of checks for ever; the last of each is what publishing and the UI go by."""
    import sqlalchemy as db
    from dagster._core.storage.event_log import SqlEventLogStorage
    from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable

    checks, storage = AssetCheckExecutionsTable.c, instance.event_log_storage
    if not isinstance(storage, SqlEventLogStorage):
        return
    last = db.select(db.func.max(checks.id)).group_by(checks.asset_key, checks.check_name)
    with storage.index_connection() as connection:
        for run_id in run_ids:
            ours = db.and_(checks.run_id == run_id, checks.id.not_in(last))
            connection.execute(db.delete(AssetCheckExecutionsTable).where(ours))


def _remove_tags(instance: dg.DagsterInstance) -> None:
    """SQLite is not asked to remove a run's tags with the run."""
    import sqlalchemy as db
    from dagster._core.storage.runs import SqlRunStorage
    from dagster._core.storage.runs.schema import RunsTable, RunTagsTable

    if isinstance(instance.run_storage, SqlRunStorage):
        orphans = RunTagsTable.c.run_id.not_in(db.select(RunsTable.c.run_id))
        with instance.run_storage.connect() as connection:
            connection.execute(db.delete(RunTagsTable).where(orphans))


def _databases(home: Path) -> Iterator[Path]:
    yield from sorted(path for path in home.rglob("*.db") if path.is_file())


def _shrink(path: Path) -> None:
    """Write a file anew that is mostly free pages; not while somebody else writes into it."""
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(path, timeout=5)) as connection:
        [pages], [free] = (connection.execute(f"pragma {name}").fetchone() for name in ("page_count", "freelist_count"))
        if free > EMPTY_SHARE * pages:
            connection.execute("vacuum")
            connection.execute("pragma wal_checkpoint(truncate)")
