"""What a data folder need not keep, and how long it is kept.

Belongs here: finding and removing files that can be made again, or that nobody needs any more. Does not belong here:
runs and events (`orchestration.retention`).

Never removed: landing events and the bytes they name, editions, the published file, files that wait in the inbox.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from adoption.warehouse.landing import landing_of
from ingest.files import SIGN, heal
from ingest.inbox import DONE, REFUSED
from ingest.landing import blob_name

if TYPE_CHECKING:
    from adoption.settings import Settings
    from ingest.storage import Entry, Store

ORPHAN = timedelta(days=1)
"""A blob is written before its event: one without an event may get it."""
HALF_WRITTEN = re.compile(r"\..+\.\d+")
"""A file of `write_atomically` whose writer was killed."""
FORMER_CACHE = "kept"
"""Where version 0.1 had what is in `render_cache` now."""
EDITION_DRAFT = re.compile(r"\.\d{4}\.\d+\.\d+")


@dataclass(frozen=True)
class Removable:
    """A file or folder that may go, and what it is."""

    kind: str
    path: Path

    @property
    def bytes(self) -> int:
        """How much room it takes."""
        files = self.path.rglob("*") if self.path.is_dir() else (self.path,)
        return sum(file.lstat().st_size for file in files if file.is_file() or file.is_symlink())

    def remove(self) -> None:
        """Remove it; a draft of a folder puts back what a killed run left in its place."""
        if self.kind == "folder drafts":
            heal(self.path.with_name(self.path.name[1:].partition(f".{SIGN}-")[0]))
        elif self.path.is_dir() and not self.path.is_symlink():
            shutil.rmtree(self.path, ignore_errors=True)
        else:
            self.path.unlink(missing_ok=True)


@dataclass(frozen=True)
class RemovableObject:
    """The same of something that is kept in a store, which may be a bucket."""

    kind: str
    entry: Entry
    store: Store

    @property
    def path(self) -> str:
        """Where it lies."""
        return self.store.where(self.entry.name)

    @property
    def bytes(self) -> int:
        """How much room it takes."""
        return self.entry.bytes

    def remove(self) -> None:
        """Remove it."""
        self.store.remove(self.entry.name)


def removable(settings: Settings, keep: timedelta, now: datetime) -> Iterator[Removable | RemovableObject]:
    """What may go; the caller holds the lock of the data folder, so that nothing of it is being written by a build."""
    yield from (Removable("drafts", path) for path in _drafts(settings, now - ORPHAN))
    yield from (Removable("folder drafts", path) for path in _folder_drafts(settings))
    yield from _orphans(settings, now - ORPHAN)
    old = now - keep
    for name in (DONE, REFUSED):
        files = (path for path in (settings.inbox / name).rglob("*") if path.is_file())
        yield from (Removable(f"inbox files, {name}", path) for path in files if _changed(path) < old)
    for path in sorted((settings.data / "as_of").glob("*")):
        if not path.name.startswith(".") or path.name == ".work":
            newest = max(_changed(part) for part in (path, *(path.rglob("*") if path.is_dir() else ())))
            if newest < old:
                yield Removable("as-of files", path)
    if (settings.data / FORMER_CACHE).is_dir():
        yield Removable("caches of an earlier version", settings.data / FORMER_CACHE)
    for path in sorted((settings.data / "cache").glob("*/*")):
        if max(_changed(part) for part in (path, *path.glob("*"))) < old:
            yield Removable("clones", path)


def _changed(path: Path) -> datetime:
    """When a file got its name or content here; its own date may be that of the machine it came from."""
    return datetime.fromtimestamp(path.lstat().st_ctime).astimezone()


def _drafts(settings: Settings, half_written_before: datetime) -> Iterator[Path]:
    for folder, name in ((settings.published.parent, settings.published.name), (settings.data / "as_of", "*.duckdb")):
        yield from folder.glob(f".{name}.*")
    yield from (path for path in settings.editions.glob(".*") if EDITION_DRAFT.fullmatch(path.name))
    yield from settings.data.glob(f"{settings.warehouse.name}.tmp")
    for folder in (settings.landing, settings.render_cache):
        for path in folder.rglob(".*"):
            if HALF_WRITTEN.fullmatch(path.name) and path.is_file() and _changed(path) < half_written_before:
                yield path


def _folder_drafts(settings: Settings) -> Iterator[Path]:
    for depth in ("", "*/"):
        yield from settings.data.glob(f"{depth}.*.{SIGN}-*")


def _orphans(settings: Settings, before: datetime) -> Iterator[RemovableObject]:
    """Blobs that no event names. They are listed first: what is landed in between is young, or named."""
    landing = landing_of(settings)
    old = [entry for entry in landing.store.entries("blobs") if entry.changed < before]
    named = {blob_name(event.sha256) for event in landing.events()} if old else set()
    yield from (RemovableObject("orphan blobs", entry, landing.store) for entry in old if entry.name not in named)
