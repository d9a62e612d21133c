"""One build at a time: the lock on a data folder.

Belongs here: the lock, and the plain words for whoever has to wait. Does not belong here: what is done under it.
The operating system gives the lock back when its holder dies, however it dies.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from ingest.errors import AdoptionError
from ingest.files import make_private

if TYPE_CHECKING:
    from adoption.settings import Settings


class BuildRunning(AdoptionError):  # noqa: N818 - a state of affairs, not a mistake
    """Another process is building the same warehouse; the text says what to do."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            f"Another build is running in {settings.data}. Nothing was changed. "
            "Try again when it has ended, or let this one wait: adoption build --wait"
        )


def build_lock(settings: Settings) -> FileLock:
    """The lock of a data folder: one object per process, so that a build and its own steps may nest it."""
    make_private(settings.data)
    return FileLock(settings.data / "build.lock", is_singleton=True, thread_local=False)


@contextmanager
def locked(settings: Settings, wait: bool = False) -> Iterator[None]:
    """Hold the lock of a data folder for a while.

    Raises:
        BuildRunning: when another process holds it, unless `wait`.
    """
    lock = build_lock(settings)
    try:
        lock.acquire(timeout=-1 if wait else 0)
    except Timeout as error:
        raise BuildRunning(settings) from error
    try:
        yield
    finally:
        lock.release()
