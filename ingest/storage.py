"""Where bytes are kept under a name: a folder of this machine, or a bucket that several machines share.

Belongs here: reading, writing once, listing and removing, in a folder and in object storage (S3), and the errors of
both. Does not belong here: what is kept (`ingest.landing`, `adoption.publish.publication`).

A name is a relative path with slashes. An object appears whole or not at all, and a conditional write (`If-None-Match`)
lets exactly one of several writers win. Nothing is renamed, for a bucket cannot.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ingest.addresses import without_secrets
from ingest.credentials import secret
from ingest.errors import AdoptionError, shortened
from ingest.files import write_atomically

if TYPE_CHECKING:
    from s3fs import S3FileSystem

SCHEME = "s3://"
ADDRESS = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[\w.=+-]+(?:/[\w.=+-]+)*))?/?")
KEYS = {"key": "AWS_ACCESS_KEY_ID", "secret": "AWS_SECRET_ACCESS_KEY", "token": "AWS_SESSION_TOKEN"}
AT_ONCE = 64
"""So many objects are asked for together."""
IS_THERE = {"PreconditionFailed", "412"}
"""What a store answers to a conditional write of an object that is there."""
CONFLICT = "ConditionalRequestConflict"
"""What it answers where somebody else is writing the same object at this moment: who came first is not known yet."""
TRIES = 5


class BucketError(AdoptionError):
    """Object storage cannot be reached, refuses, or is not set up; the text names the address and the reason."""


class ConflictError(BucketError):
    """Somebody else is writing the same object; the same request may succeed."""


class AddressError(BucketError):
    """An address is none of a bucket, or what talks to it is not installed."""

    exit_code = 2


@dataclass(frozen=True)
class Entry:
    """Something that is kept: its name, its size, and when it got there."""

    name: str
    bytes: int
    changed: datetime


class Store(Protocol):
    """What the landing asks of the place where it lies."""

    def where(self, name: str) -> str:
        """The path or address, for messages."""

    def path(self, name: str) -> Path:
        """The file of this machine that has it, or would have it once it was read."""

    def names(self, pattern: str) -> list[str]:
        """What is kept under a pattern such as `events/*/*.json`, sorted."""

    def contents(self, pattern: str, is_fixed: bool = True) -> Iterator[tuple[str, bytes]]:
        """The same with the bytes; what is fixed never changes under its name."""

    def file(self, name: str, sha256: str) -> Path:
        """A file of this machine with these bytes; it is missing, or other bytes are in it, where they are lost."""

    def read(self, name: str) -> bytes | None:
        """The bytes as they are kept now, None where there are none."""

    def put_if_absent(self, name: str, data: bytes) -> bool:
        """Keep bytes under a name that nobody has; False, and nothing is done, where somebody has it."""

    def replace(self, name: str, data: bytes) -> None:
        """Keep bytes, whatever was under the name before; a reader sees the old or the new ones, whole."""

    def entries(self, folder: str) -> list[Entry]:
        """What is kept below a folder, sorted; drafts of killed writers are not."""

    def remove(self, name: str) -> None:
        """Forget it; nothing where it is not there."""


@dataclass(frozen=True)
class FolderStore:
    """A folder of this machine."""

    root: Path

    def where(self, name: str) -> str:
        return str(self.root / name)

    def path(self, name: str) -> Path:
        return self.root / name

    def names(self, pattern: str) -> list[str]:
        start = len(str(self.root)) + 1
        return [str(path)[start:] for path in sorted(self.root.glob(pattern)) if not path.name.startswith(".")]

    def contents(self, pattern: str, is_fixed: bool = True) -> Iterator[tuple[str, bytes]]:  # noqa: ARG002 - as files are
        start = len(str(self.root)) + 1
        for path in sorted(self.root.glob(pattern)):
            if path.is_fifo():
                # a pipe would be waited for without an end
                raise OSError(errno.EINVAL, "is a pipe, and no file", str(path))
            yield str(path)[start:], path.read_bytes()

    def file(self, name: str, sha256: str) -> Path:  # noqa: ARG002 - who asks compares
        return self.root / name

    def read(self, name: str) -> bytes | None:
        try:
            return (self.root / name).read_bytes()
        except FileNotFoundError:
            return None

    def put_if_absent(self, name: str, data: bytes) -> bool:
        path = self.root / name
        if path.exists():
            return False
        write_atomically(path, data)
        return True

    def replace(self, name: str, data: bytes) -> None:
        write_atomically(self.root / name, data)

    def entries(self, folder: str) -> list[Entry]:
        files = ((name, self.root / name) for name in self.names(f"{folder}/**/*"))
        stats = [(name, path.stat()) for name, path in files if path.is_file()]
        return [Entry(name, stat.st_size, datetime.fromtimestamp(stat.st_ctime, UTC)) for name, stat in stats]

    def remove(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)


@dataclass(frozen=True)
class BucketStore:
    """A bucket, or a part of one, with copies in a folder of this machine of what was read and cannot change.

    The bucket alone says what there is: a copy only saves asking twice for the same bytes.
    """

    address: str
    copies: Path

    def __post_init__(self) -> None:
        """Say at once what no request can mend.

        Raises:
            AddressError: when the address is none of a bucket, or the extra is not installed.
        """
        parts_of(self.address)
        if find_spec("s3fs") is None:
            raise AddressError(f"{self.address} needs the extra s3: .venv/bin/pip install -e '.[s3]'")

    def where(self, name: str) -> str:
        return f"{self.address.rstrip('/')}/{name}"

    def path(self, name: str) -> Path:
        return self.copies / name

    def names(self, pattern: str) -> list[str]:
        depth = pattern.count("/")
        found = (entry.name for entry in self.entries(pattern.partition("*")[0].rpartition("/")[0]))
        return [name for name in found if name.count("/") == depth and fnmatchcase(name, pattern)]

    def contents(self, pattern: str, is_fixed: bool = True) -> Iterator[tuple[str, bytes]]:
        names = self.names(pattern)
        missing = [name for name in names if not (is_fixed and self.path(name).exists())]
        for start in range(0, len(missing), AT_ONCE):
            for name, data in self._read_all(missing[start : start + AT_ONCE]).items():
                if is_fixed:
                    write_atomically(self.path(name), data)
                else:
                    yield name, data
        if is_fixed:
            yield from ((name, self.path(name).read_bytes()) for name in names if self.path(name).exists())

    def file(self, name: str, sha256: str) -> Path:
        path = self.path(name)
        if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
            return path
        data = self.read(name)
        if data is None:
            path.unlink(missing_ok=True)
        else:
            write_atomically(path, data)
        return path

    def read(self, name: str) -> bytes | None:
        try:
            with self._told(f"reading {name}"):
                data: bytes = self._files.cat_file(self._key(name))
        except FileNotFoundError:
            return None
        return data

    def put_if_absent(self, name: str, data: bytes) -> bool:
        try:
            self._create(name, data)
        except FileExistsError:
            return False
        write_atomically(self.path(name), data)
        return True

    def _create(self, name: str, data: bytes) -> None:
        for number in range(TRIES):
            try:
                with self._told(f"writing {name}"):
                    self._files.pipe_file(self._key(name), data, mode="create")
                return
            except ConflictError:
                if number == TRIES - 1:
                    raise

    def replace(self, name: str, data: bytes) -> None:
        with self._told(f"writing {name}"):
            self._files.pipe_file(self._key(name), data)

    def upload(self, name: str, path: Path) -> None:
        """Keep the bytes of a file, whatever its size; until its end no reader sees anything of it."""
        with self._told(f"writing {name}"):
            self._files.put_file(str(path), self._key(name))

    def download(self, name: str, path: Path) -> bool:
        """Write an object into a file of this machine, which somebody must compare; False where it is not there."""
        try:
            with self._told(f"reading {name}"):
                self._files.get_file(self._key(name), str(path))
        except FileNotFoundError:
            return False
        return True

    def entries(self, folder: str) -> list[Entry]:
        prefix = self._prefix + (f"{folder}/" if folder else "")
        found: list[Entry] = []
        more: Mapping[str, Any] = {}
        while True:
            # asked directly: a listing of s3fs takes a bucket that is not there for an empty one
            with self._told(f"listing {folder}"):
                page = self._files.call_s3("list_objects_v2", Bucket=self._bucket, Prefix=prefix, **more)
            start = len(self._prefix)
            found += [
                Entry(item["Key"][start:], item["Size"], item["LastModified"]) for item in page.get("Contents", ())
            ]
            if not page.get("IsTruncated"):
                return sorted(found, key=lambda entry: entry.name)
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def remove(self, name: str) -> None:
        with self._told(f"removing {name}"):
            self._files.call_s3("delete_object", Bucket=self._bucket, Key=f"{self._prefix}{name}")

    def _read_all(self, names: list[str]) -> dict[str, bytes]:
        """The objects that are there; one that was removed in the meantime is left out."""
        keys = {self._key(name): name for name in names}
        with self._told("reading"):
            found = self._files.cat(list(keys), on_error="return")
        for key, data in found.items():
            if isinstance(data, Exception) and not isinstance(data, FileNotFoundError):
                with self._told(f"reading {keys[key]}"):
                    raise data
        return {keys[key]: data for key, data in found.items() if isinstance(data, bytes)}

    def _key(self, name: str) -> str:
        return f"{self._bucket}/{self._prefix}{name}"

    @cached_property
    def _bucket(self) -> str:
        return parts_of(self.address)[0]

    @cached_property
    def _prefix(self) -> str:
        return parts_of(self.address)[1]

    @cached_property
    def _files(self) -> S3FileSystem:
        return _file_system(os.environ)

    @contextmanager
    def _told(self, doing: str) -> Iterator[None]:
        """Say what failed at which address; whether a single object is there or not is left to who asked.

        Raises:
            BucketError: for whatever the store, the network or the credentials have to say.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (OSError, BotoCoreError, ClientError) as error:
            code = _code(error)
            if code in IS_THERE:
                raise FileExistsError(doing) from error
            if isinstance(error, FileNotFoundError) and code != "NoSuchBucket" and not doing.startswith("listing"):
                raise
            reason = shortened(without_secrets(str(error) or type(error).__name__))
            kind = ConflictError if code == CONFLICT else BucketError
            # without its cause, which Dagster would tell in its place
            raise kind(f"{self.address}: {doing} failed: {reason}") from None


def _code(error: BaseException) -> str | None:
    """The word by which the store named an error; s3fs keeps it in the cause."""
    response = getattr(error, "response", None) or getattr(error.__cause__, "response", None) or {}
    code = response.get("Error", {}).get("Code")
    return None if code is None else str(code)


def is_address(text: str) -> bool:
    """Whether a text names object storage, not a folder."""
    return "://" in text


def parts_of(address: str) -> tuple[str, str]:
    """Bucket and prefix (with its last slash) of an address.

    Raises:
        AddressError: when it is none.
    """
    found = ADDRESS.fullmatch(address)
    if not found:
        shown = shortened(without_secrets(address))
        raise AddressError(f"{shown!r} is no address of a bucket; expected s3://BUCKET/PREFIX, without a password")
    return found["bucket"], f"{found['prefix']}/" if found["prefix"] else ""


def _file_system(environment: Mapping[str, str]) -> S3FileSystem:
    """S3 by boto's own environment, or by secrets in files; nothing that it lists is remembered.

    Raises:
        SecretError: when the file of a secret cannot be read.
    """
    from s3fs import S3FileSystem

    given = {name: secret(variable, environment) for name, variable in KEYS.items()}
    keys = {name: value for name, value in given.items() if value} if given["key"] and given["secret"] else {}
    return S3FileSystem(**keys, skip_instance_cache=True, use_listings_cache=False)
