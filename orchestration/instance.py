"""The Dagster instance of a data folder: its configuration follows the one that is shipped, or a deployment's own.

Belongs here: opening the instance, and keeping its `dagster.yaml` up to date. Does not belong here: any run.

The first line of a shipped `dagster.yaml` gives its version and the digest of what follows: a copy whose digest still
fits was not edited, and is replaced by a newer version. A deployment names its file in ADOPTION_DAGSTER_YAML.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from filelock import FileLock

from adoption.resources import DAGSTER_CONFIGURATION
from adoption.settings import Settings
from adoption.warehouse.dbt import environment_variables
from ingest.credentials import secret_text
from ingest.errors import AdoptionError, chain
from ingest.files import make_private, write_atomically

if TYPE_CHECKING:
    import dagster as dg

SHIPPED = DAGSTER_CONFIGURATION
NAME = "dagster.yaml"
MIGRATED = "migrated_to"
"""The file with the version of Dagster that the storage was last brought to."""
MARK = re.compile(r"# Version (\d+)(?: for (\w+))?, sha256 of what follows: ([0-9a-f]+)\n")
UNMARKED = frozenset(
    {
        "0409859fac2b9843b469564d532e37cd1780aa76263c6b38e832914942df56a7",
        "352ff36cf398f9c646416586b8507dcffee4c70f83edfdb6e59620a05d915cba",
    }
)
"""The digests of the versions that were shipped without a version line."""
DRIVER = "psycopg2"


class StorageError(AdoptionError):
    """Dagster's storage is not on this machine's disk, and cannot be reached as its configuration says."""


@contextmanager
def open_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The instance that a build records its run in; the web server of the same data folder sees it.

    Raises:
        StorageError: when its database cannot be reached, or a variable that says where it is is not set.
    """
    home = settings.dagster_home
    is_new = keeps_files(home) and not any(home.rglob("*.db"))
    with environment_variables(read_variables(home)), _opened(home) as instance:
        _migrate(instance, home, is_new)
        yield instance


def _opened(home: Path) -> dg.DagsterInstance:
    import dagster as dg

    try:
        return dg.DagsterInstance.from_config(str(home))
    except Exception as error:
        refused = [str(link).strip() for link in chain(error) if type(link).__module__.startswith(DRIVER)]
        if not refused:
            raise
        raise StorageError(f"Dagster's database cannot be used: {refused[-1]}") from error


def _configuration(home: Path) -> Any:  # noqa: ANN401 - whatever stands in the file
    own = home / NAME
    return yaml.safe_load(own.read_text(encoding="utf-8")) if own.exists() else None


def keeps_files(home: Path) -> bool:
    """Whether runs are kept in files of this folder, not in a database server."""
    configuration = _configuration(home)
    return not isinstance(configuration, dict) or not {"storage", "run_storage"} & configuration.keys()


def read_variables(home: Path) -> dict[str, str]:
    """The variables that `dagster.yaml` asks the environment for; the value of NAME may lie in the file NAME_FILE.

    Raises:
        StorageError: when one is not set.
        SecretError: when its file cannot be read.
    """
    required = set(required_variables(_configuration(home))) - {"DAGSTER_HOME"}
    values = {name: secret_text(name, os.environ) for name in sorted(required)}
    missing = [name for name, value in values.items() if not value]
    if missing:
        raise StorageError(
            f"{home / NAME} asks for environment variables that are not set: {', '.join(missing)} "
            "(or, for each, NAME_FILE with the path of a file that holds the value)."
        )
    return {name: value for name, value in values.items() if value}


def required_variables(part: Any) -> Iterator[str]:  # noqa: ANN401 - a part of YAML
    """The names that a configuration takes from the environment, wherever it says `env: NAME`."""
    if isinstance(part, dict):
        if part.keys() == {"env"}:
            yield str(part["env"])
        for inner in part.values():
            yield from required_variables(inner)


def _migrate(instance: dg.DagsterInstance, home: Path, is_new: bool) -> None:
    """Bring storage that another version of Dagster wrote to the form of this one; one process does so at a time."""
    stamp, installed = home / MIGRATED, version("dagster")
    if _last(stamp) == installed:
        return
    with nullcontext() if is_new else FileLock(home / "migrating.lock"):
        if not is_new and _last(stamp) != installed:
            instance.upgrade()
        write_atomically(stamp, f"{installed}\n".encode())


def _last(stamp: Path) -> str:
    return stamp.read_text(encoding="utf-8").strip() if stamp.exists() else ""


def configure(settings: Settings) -> str | None:
    """Give a data folder its configuration; what a person must know of it."""
    if settings.dagster_yaml is None or settings.as_of is not None:
        return fit_configuration(settings.dagster_home)
    return _follow(settings.dagster_home, settings.dagster_yaml)


def _follow(home: Path, named: Path) -> str | None:
    """Take over the file that a deployment names; a copy that was edited by hand is put aside, and that is said."""
    own, text = home / NAME, named.read_text(encoding="utf-8")
    if not own.exists():
        make_private(home.parent)
        home.mkdir(exist_ok=True)
    elif own.read_text(encoding="utf-8") == text:
        return None
    aside = own.with_name(f"{NAME}.before")
    is_edited = own.exists() and not _is_as_shipped(own.read_text(encoding="utf-8"))
    if is_edited:
        shutil.copyfile(own, aside)
    write_atomically(own, text.encode())
    return f"{own} now is {named}, as ADOPTION_DAGSTER_YAML says; what it was is in {aside}." if is_edited else None


def fit_configuration(home: Path, shipped: Path = SHIPPED) -> str | None:
    """Give a data folder the shipped configuration; what a person must know where its own was edited and is older.

    One that a deployment chose stays, also for a command that was started without its environment.
    """
    own = home / shipped.name
    if not own.exists():
        make_private(home.parent)
        home.mkdir(exist_ok=True)
        shutil.copyfile(shipped, own)
        return None
    newest = _version(shipped.read_text(encoding="utf-8"))
    text = own.read_text(encoding="utf-8")
    mark = MARK.match(text)
    if (mark and mark[2]) or _version(text) >= newest:
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
    return rest == mark[3] if mark else rest in UNMARKED


def digest_of(text: str) -> str:
    """The digest of what follows the version line."""
    return hashlib.sha256(MARK.sub("", text, count=1).encode()).hexdigest()
