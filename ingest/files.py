"""Replacing a file or a folder of files: whole or not at all, and only files that we wrote.

Belongs here: whose a folder is, the draft beside it, and the swap. Does not belong here: what is written into it.

A folder is ours if it holds the marker, which lists what was written with the digest of each file; nothing else is
ever replaced or removed. The swap is one call of the operating system, so that there is no moment without the folder.
Where a file system has no such call it takes two, and the next run puts back what a kill between them left.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import glob
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ingest.errors import AdoptionError, chain

MARKER = ".adoption-files.json"
FORMAT = 1
EXCHANGE = 2
"""The flag that exchanges two names: RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS."""
HERE = -100
"""AT_FDCWD of Linux: a relative path starts in the working folder."""
CANNOT = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}
"""What a file system or an older kernel answers that cannot exchange names."""
FULL = {errno.ENOSPC, errno.EDQUOT}
MIN_FREE = 2**20
"""Bytes. A disk that has less is full for a database, which grows by blocks of 256 kB."""
SIGN = "adoption-draft"
"""Part of the name of a draft; nobody else names a hidden folder so."""


@dataclass(frozen=True)
class Marker:
    """What a folder says of itself: its kind, the digest of each file by its path within, and what they are made from.

    `made_from` is a digest of whoever wrote the folder; empty where nobody asks whether it would be the same again.
    """

    kind: str
    files: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT
    made_from: str = ""


class FolderRefused(AdoptionError):  # noqa: N818 - a decision, not a mistake
    """Writing would destroy something that is not ours, or cannot be done; the text says what. Nothing was changed."""


@contextmanager
def replacing(folder: Path, kind: str, made_from: str = "") -> Iterator[Path]:
    """A draft that takes the place of `folder` when the block ends well; `kind` is what we call such a folder.

    Whether the folder is still what `made_from` gives is then known of `is_made_from`.

    Raises:
        FolderRefused: when `folder` holds something that was not written as a `kind`, before the block or after it.
    """
    folder = folder.resolve()
    heal(folder)
    check_target(folder, kind)
    draft = _beside(folder)
    draft.mkdir(parents=True)
    with _held(draft), naming(folder):
        try:
            yield draft
            _write_marker(draft, kind, made_from)
            _swap(draft, folder, kind)
        except BaseException:
            _remove(draft)
            raise


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Say where writing failed: the system names no file when a disk is full.

    Raises:
        OSError: as it came, with `path` where it names none.
    """
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` so that a reader sees the whole file or none, also after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with naming(path), draft.open("wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def make_private(folder: Path) -> None:
    """Make a folder that only this account can look into; one that is there stays as it is."""
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)


class DiskFullError(AdoptionError):
    """There is no room for what had to be written; the text names the disk. Nothing that was there is lost."""

    def __init__(self, path: Path | str) -> None:
        super().__init__(f"No space is left on the disk of {path}. What was published before stays.")


def is_full(error: BaseException, folder: Path) -> bool:
    """Whether an error comes of a full disk, or happened while the disk of `folder` is full."""
    return comes_of_full(error) or has_no_room(folder)


def comes_of_full(error: BaseException) -> bool:
    """Whether an error comes of a full disk.

    Databases pass the system's error on as text only, so that it is known by the system's own words for it.
    """
    for current in chain(error, with_context=True):
        if isinstance(current, OSError) and current.errno in FULL:
            return True
        if isinstance(current, sqlite3.Error) and getattr(current, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            return True
        if says_full(str(current)):
            return True
    return False


def says_full(text: str) -> bool:
    """Whether a text holds what the system says of a full disk."""
    return any(os.strerror(number) in text for number in FULL)


def has_no_room(folder: Path) -> bool:
    """Whether the disk of a folder, or of the first folder above it that there is, is full."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free < MIN_FREE


def check_target(folder: Path, kind: str) -> None:
    """Look at a folder before the work: is it ours, empty or missing, and can it be written?

    Raises:
        FolderRefused: naming the first path that speaks against it.
    """
    folder = folder.resolve()
    try:
        place = next(path for path in folder.parents if os.path.lexists(path))
        if not place.is_dir():
            raise FolderRefused(f"{place} is not a folder, so that {folder} cannot be written")
        if not os.access(place, os.W_OK | os.X_OK):
            raise FolderRefused(f"{place} cannot be written by this user, so that {folder} cannot be made or replaced")
        _check_contents(folder, kind)
    except OSError as error:
        raise FolderRefused(f"{error.filename or folder} cannot be read: {error.strerror}") from error


def written(folder: Path) -> list[Path]:
    """The files that were written to a folder; the marker is none of them."""
    return sorted(folder / name for name in _read_marker(folder).files)


def is_made_from(folder: Path, made_from: str) -> bool:
    """Whether a folder that passed `check_target` holds every file that was written to it, and of this origin."""
    if not os.path.lexists(folder / MARKER):
        return False
    marker = _read_marker(folder)
    return marker.made_from == made_from and all((folder / name).is_file() for name in marker.files)


def heal(folder: Path) -> None:
    """Put back a folder that a killed run left beside its place, and remove the drafts of killed runs."""
    for path in sorted(folder.parent.glob(f".{glob.escape(folder.name)}.{SIGN}-*")):
        with suppress(OSError), _held(path, is_certain=True):
            if not folder.exists() and (path / MARKER).exists():
                path.rename(folder)
            else:
                _remove(path)


def _beside(folder: Path) -> Path:
    """A new name beside a folder, known as ours by its form."""
    return folder.with_name(f".{folder.name}.{SIGN}-{secrets.token_hex(4)}")


@contextmanager
def _held(draft: Path, is_certain: bool = False) -> Iterator[None]:
    """Hold a draft while it is worked on; the operating system lets go of it when its holder dies, however it dies.

    Raises:
        OSError: when another run holds it; where folders cannot be locked, only if it must be certain.
    """
    handle = os.open(draft, os.O_RDONLY)
    try:
        with suppress(*(() if is_certain else (OSError,))):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _check_contents(folder: Path, kind: str) -> None:
    """Refuse a folder that holds anything but what its marker lists."""
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        raise FolderRefused(f"{folder} is not a folder")
    if not any(folder.iterdir()):
        return
    if os.path.lexists(folder / ".git"):
        raise FolderRefused(f"{folder / '.git'} makes this a repository, which is never replaced; name another folder")
    marker = _read_marker(folder) if os.path.lexists(folder / MARKER) else Marker(kind)
    if marker.kind != kind:
        raise FolderRefused(f"{folder / MARKER} lists files of kind {marker.kind!r}, not {kind!r}; name another folder")
    for path, reason in _foreign(folder, marker.files):
        raise FolderRefused(f"{path} {reason}; name another folder, or move it away. Nothing was changed")


def _foreign(folder: Path, files: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """What is in a folder and was not written by us, each with the reason; links and special files never were."""
    ours = {folder / name for name in files}
    above = {parent for path in ours for parent in path.parents}
    for path in _all_in(folder):
        is_real_folder = path.is_dir() and not path.is_symlink()
        if path == folder / MARKER or (is_real_folder and path in above):
            continue
        if path not in ours or path.is_symlink() or not path.is_file():
            yield path, "was not written by this program"
        elif _digest(path) != files[path.relative_to(folder).as_posix()]:
            yield path, "was changed since this program wrote it"


def _all_in(folder: Path) -> Iterator[Path]:
    """Every path below a folder in the order of names, the contents of a folder behind it; links are not followed."""
    for path in sorted(folder.iterdir()):
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from _all_in(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_marker(draft: Path, kind: str, made_from: str) -> None:
    """List what was written; the marker comes last and at once, so that a folder with one is whole."""
    files = {path.relative_to(draft).as_posix(): _digest(path) for path in _all_in(draft) if path.is_file()}
    text = json.dumps(asdict(Marker(kind, files, made_from=made_from)), indent=1, ensure_ascii=False)
    part = draft / f"{MARKER}.part"
    part.write_text(f"{text}\n", encoding="utf-8")
    part.rename(draft / MARKER)


def _read_marker(folder: Path) -> Marker:
    """What the marker of a folder lists.

    Raises:
        FolderRefused: when it is not a marker of this format.
    """
    path = folder / MARKER
    if path.is_symlink() or not path.is_file():
        raise FolderRefused(f"{path} is not a file; name another folder")
    try:
        read = json.loads(path.read_bytes())
        marker = Marker(str(read["kind"]), dict(read["files"]), read["format"], str(read.get("made_from", "")))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FolderRefused(f"{path} does not list what was written; name another folder") from error
    if marker.format != FORMAT:
        raise FolderRefused(f"{path} has format {marker.format}, this version knows {FORMAT}; name another folder")
    return marker


def _swap(draft: Path, folder: Path, kind: str) -> None:
    """Put the new folder where the old one is, and remove of the old one what we wrote.

    Looked at again: somebody may have put a file there during the work. After an exchange nobody can any more.
    """
    if not folder.exists():
        draft.rename(folder)
    elif exchange(draft, folder):
        try:
            _check_contents(draft, kind)
        except FolderRefused as refusal:
            exchange(draft, folder)
            raise FolderRefused(str(refusal).replace(str(draft), str(folder))) from refusal
        _remove(draft)
    else:
        _check_contents(folder, kind)
        _swap_in_two_steps(draft, folder)


def _swap_in_two_steps(draft: Path, folder: Path) -> None:
    """For file systems that cannot exchange names; between the steps both folders lie where `heal` finds them."""
    old = _beside(folder)
    with _held(folder):
        folder.rename(old)
        try:
            draft.rename(folder)
        except OSError:
            old.rename(folder)
            raise
        _remove(old)


def exchange(first: Path, second: Path) -> bool:
    """Exchange the names of two folders in one step; False where that cannot be done.

    Raises:
        OSError: when it can be done in general, but not with these two.
    """
    library = ctypes.CDLL(None, use_errno=True)
    names = (os.fsencode(first), os.fsencode(second))
    if hasattr(library, "renameat2"):
        code = library.renameat2(HERE, names[0], HERE, names[1], EXCHANGE)
    elif hasattr(library, "renamex_np"):
        code = library.renamex_np(*names, EXCHANGE)
    else:
        return False
    number = ctypes.get_errno()
    if code and number not in CANNOT:
        raise OSError(number, os.strerror(number), str(second))
    return not code


def _remove(folder: Path) -> None:
    """Remove a folder beside: a draft that was never finished whole, of any other only what its marker lists."""
    if not os.path.lexists(folder / MARKER):
        shutil.rmtree(folder, ignore_errors=True)
        return
    with suppress(FolderRefused, OSError):
        files = _read_marker(folder).files
        if not any(_foreign(folder, files)):
            shutil.rmtree(folder)
