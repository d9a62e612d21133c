"""Publication in a bucket: the published file under its digest, and a small pointer to the newest one.

Belongs here: sending what was published here, fetching what somebody else published, and what nobody points to any
more. Does not belong here: how a bucket is spoken to (`ingest.storage`), or the file (`adoption.publish.writer`).

An object appears whole or not at all, and the pointer is written after the file: whoever is killed in between leaves
the pointer where it was. So a reader who takes the file that the pointer names never sees a torn one.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from adoption.publish import digest
from adoption.publish.reader import open_file, published_file
from adoption.publish.writer import put_in_place
from adoption.warehouse.lock import build_lock
from ingest.errors import AdoptionError, why_unreadable
from ingest.files import naming, write_atomically
from ingest.storage import BucketError, BucketStore, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adoption.settings import Settings

POINTER = "current.json"
FORMAT = 1
FILES = "files"
SENT = ".sent"
"""What is beside a published file that says what of it was sent where."""
LOOKS = 3
"""How often a pointer is followed whose file is gone: another one may have been published, and the file removed."""
UNNAMED = timedelta(days=1)
"""A file is sent before its pointer: one that no pointer names may get it, or is still being read."""


class PublicationError(AdoptionError):
    """What is in the bucket is not what its pointer says, or there is nothing; the text says which."""


@dataclass(frozen=True)
class Pointer:
    """What is published: the object, its digest and size, the edition where it is one, and since when (UTC)."""

    key: str
    sha256: str
    size: int
    edition: str | None
    published_at: datetime
    format: int = FORMAT

    def to_json(self) -> bytes:
        """As it lies in the bucket."""
        return (json.dumps(asdict(self), default=lambda value: value.isoformat(), indent=1) + "\n").encode()


def place_of(settings: Settings) -> BucketStore | None:
    """The bucket of the published file; none where it stays here, and none for a warehouse as of a day."""
    if not settings.publish_to or settings.as_of is not None:
        return None
    return BucketStore(settings.publish_to, settings.published.parent)


def read_pointer(place: BucketStore) -> Pointer | None:
    """What the bucket says is published, None where nothing is.

    Raises:
        PublicationError: when the pointer cannot be read.
        BucketError: when the bucket cannot be reached.
    """
    data = place.read(POINTER)
    if data is None:
        return None
    try:
        fields = json.loads(data)
        if fields["format"] != FORMAT:
            raise ValueError(f"format {fields['format']!r}")
        return Pointer(**{**fields, "published_at": datetime.fromisoformat(fields["published_at"])})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PublicationError(f"{place.where(POINTER)}: not a readable pointer: {why_unreadable(error)}") from error


def send(settings: Settings, edition: str | None) -> Pointer | None:
    """Copy the published file to the bucket and let the pointer name it; nothing where that was done before.

    Raises:
        BucketError: when it cannot be sent. What the pointer named before stays published there.
    """
    place = place_of(settings)
    if place is None:
        return None
    with build_lock(settings):  # no other build swaps the file while it is read
        if not is_unsent(settings, edition):
            return None
        file = published_file(settings)
        sha256, about = digest.sha256_of(file), file.stat()
        at = datetime.fromtimestamp(about.st_mtime, UTC)
        pointer = Pointer(f"{FILES}/{sha256}.duckdb", sha256, about.st_size, edition, at)
        try:
            place.upload(pointer.key, file)
            place.replace(POINTER, pointer.to_json())
        except BucketError as error:
            raise BucketError(f"Published here, and not sent: {error}. The next `adoption build` sends it.") from None
        _note_sent(settings, pointer)
    return pointer


def is_unsent(settings: Settings, edition: str | None) -> bool:
    """Whether there is a published file that was not sent to this bucket, or not as the edition that it became."""
    if place_of(settings) is None or not settings.published.exists():
        return False
    note = _sent(settings)
    words = note.read_text(encoding="utf-8").split() if note.exists() else []
    if [*words[:1], *words[2:]] != [*digest.read(settings.published)[-1:], settings.publish_to]:
        return True
    # a machine that pulled an edition need not know it as one
    return edition is not None and words[1] != edition


def pull(settings: Settings) -> tuple[Pointer, bool]:
    """Take what the bucket says is published as the published file here; the pointer, and whether that was news.

    The caller holds the lock of the data folder.

    Raises:
        PublicationError: when nothing is published, or the bytes are not those that the pointer names.
        BucketError: when the bucket cannot be reached. What was published here stays.
    """
    place = place_of(settings)
    if place is None:
        raise PublicationError("Nowhere to pull from: ADOPTION_PUBLISH_TO names no bucket, such as s3://BUCKET/PREFIX")
    target = settings.published
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with naming(draft):
            pointer = _newest(place, target, draft)
        is_news = draft.exists()
        if is_news:
            put_in_place(draft, target, _look)
    finally:
        draft.unlink(missing_ok=True)
    _note_sent(settings, pointer)
    return pointer, is_news


def _newest(place: BucketStore, target: Path, draft: Path) -> Pointer:
    """The pointer, and in the draft the file that it names, unless that is here already."""
    pointer = _pointer(place)
    for _ in range(LOOKS):
        if target.exists() and digest.sha256_of(target) == pointer.sha256:
            return pointer
        if place.download(pointer.key, draft):
            _verify(place, pointer, draft)
            return pointer
        before, pointer = pointer, _pointer(place)
        if pointer == before:
            break
    raise PublicationError(f"{place.where(pointer.key)} is missing, which {POINTER} names; build and publish again")


def _pointer(place: BucketStore) -> Pointer:
    pointer = read_pointer(place)
    if pointer is None:
        raise PublicationError(f"Nothing is published in {place.address} yet: {POINTER} is not there")
    return pointer


def _verify(place: BucketStore, pointer: Pointer, draft: Path) -> None:
    actual = digest.sha256_of(draft)
    if actual != pointer.sha256:
        raise PublicationError(
            f"{place.where(pointer.key)}: the bytes were altered: expected sha256 {pointer.sha256}, found {actual}"
        )
    draft.chmod(0o444)


def faults(settings: Settings, edition: str | None) -> Iterator[tuple[str, str]]:
    """What is wrong with the publication in the bucket, and what mends it.

    Raises:
        BucketError: when the bucket cannot be reached.
    """
    place = place_of(settings)
    if place is None:
        return
    pointer = read_pointer(place)
    if pointer is None or is_unsent(settings, edition):
        yield f"the published file was not sent to {settings.publish_to}", "adoption build"
    if pointer is not None:
        sizes = {entry.name: entry.bytes for entry in place.entries(FILES)}
        if sizes.get(pointer.key) != pointer.size:
            text = f"{place.where(POINTER)} names {pointer.key}, which is missing or has another size"
            yield text, "adoption build --force"


def unnamed(place: BucketStore, now: datetime) -> list[Entry]:
    """Files of the bucket that no pointer names, older than a day.

    The files are listed before the pointer is read: what is sent in between is young, or named.
    """
    old = [entry for entry in place.entries(FILES) if entry.changed < now - UNNAMED]
    pointer = read_pointer(place) if old else None
    # without a pointer nothing is known, and nothing goes
    return [entry for entry in old if entry.name != pointer.key] if pointer else []


def _look(file: Path) -> None:
    with open_file(file):
        pass


def _sent(settings: Settings) -> Path:
    return settings.published.with_name(f"{settings.published.name}{SENT}")


def _note_sent(settings: Settings, pointer: Pointer) -> None:
    text = f"{pointer.sha256}  {pointer.edition or '-'}  {settings.publish_to}\n"
    write_atomically(_sent(settings), text.encode())
