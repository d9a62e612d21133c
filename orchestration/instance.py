"""The Dagster instance of a data folder: its configuration follows the one that is shipped.

Belongs here: opening the instance, and keeping its `dagster.yaml` up to date. Does not belong here: any run.

The first line of `dagster.yaml` gives its version and the digest of what follows: a copy whose digest still fits was
not edited, and is replaced by a newer version.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from adoption.resources import DAGSTER_CONFIGURATION
from adoption.settings import Settings
from ingest.files import make_private
from ingest.landing import write_atomically

if TYPE_CHECKING:
    import dagster as dg

SHIPPED = DAGSTER_CONFIGURATION
MIGRATED = "migrated_to"
"""The file with the version of Dagster that the storage was last brought to."""
MARK = re.compile(r"# Version (\d+), sha256 of what follows: ([0-9a-f]+)\n")
UNMARKED = frozenset(
    {
        "0409859fac2b9843b469564d532e37cd1780aa76263c6b38e832914942df56a7",
        "352ff36cf398f9c646416586b8507dcffee4c70f83edfdb6e59620a05d915cba",
    }
)
"""The digests of the versions that were shipped without a version line."""


@contextmanager
def open_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The instance that a build records its run in; the web server of the same data folder sees it."""
    import dagster as dg

    is_new = not any(settings.dagster_home.rglob("*.db"))
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        _migrate(instance, settings.dagster_home / MIGRATED, is_new)
        yield instance


def _migrate(instance: dg.DagsterInstance, stamp: Path, is_new: bool) -> None:
    """Bring storage that another version of Dagster wrote to the form of this one."""
    installed = version("dagster")
    before = stamp.read_text(encoding="utf-8").strip() if stamp.exists() else ""
    if before == installed:
        return
    if not is_new:
        instance.upgrade()
    write_atomically(stamp, f"{installed}\n".encode())


def fit_configuration(home: Path, shipped: Path = SHIPPED) -> str | None:
    """Give a data folder the shipped configuration; what a person must know where its own was edited and is older."""
    own = home / shipped.name
    if not own.exists():
        make_private(home.parent)
        home.mkdir(exist_ok=True)
        shutil.copyfile(shipped, own)
        return None
    newest = _version(shipped.read_text(encoding="utf-8"))
    text = own.read_text(encoding="utf-8")
    if _version(text) >= newest:
        return None
    if not _is_as_shipped(text):
        return (
            f"{own} was edited and is kept, although version {newest} is shipped. Take over what {shipped} says, "
            "and its first line."
        )
    write_atomically(own, shipped.read_bytes())
    return None


def _version(text: str) -> int:
    """The version that the first line gives; 1 where there is no such line."""
    mark = MARK.match(text)
    return int(mark[1]) if mark else 1


def _is_as_shipped(text: str) -> bool:
    mark = MARK.match(text)
    rest = digest_of(text)
    return rest == mark[2] if mark else rest in UNMARKED


def digest_of(text: str) -> str:
    """The digest of what follows the version line."""
    return hashlib.sha256(MARK.sub("", text, count=1).encode()).hexdigest()
