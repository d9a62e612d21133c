"""The digest beside a published file: what it must be, and what other clients may have left.

Belongs here: signing a file, and finding out that somebody wrote into it. Does not belong here: reading or replacing it
(`adoption.publish.reader`, `adoption.publish.writer`).

Mode 0444 keeps other accounts from writing, and does not bind root. So the sha256 lies beside the file, in the form of
`sha256sum`. While a file is swapped, both the last one and the next are listed, so that there is no moment without a
true digest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ingest.errors import AdoptionError
from ingest.files import write_atomically

SUFFIX = ".sha256"
LINE = re.compile(r"([0-9a-f]{64}) [ *]")
LOOKS = 3
"""How often a file and its digest are looked at: a publish between the two looks is no change by somebody else."""


class ChangedFileError(AdoptionError):
    """The file is not what was published: a client wrote into it, or it was damaged. The next build heals it."""


def beside(path: Path) -> Path:
    """Where the digest of a file lies; of a link, that of the file it leads to."""
    real = path.resolve()
    return real.with_name(f"{real.name}{SUFFIX}")


def wal_of(path: Path) -> Path:
    """The write-ahead log that a client leaves who opened a file for writing and died."""
    real = path.resolve()
    return real.with_name(f"{real.name}.wal")


def sha256_of(path: Path) -> str:
    """The digest of a file as it is now."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(path: Path) -> tuple[str, ...]:
    """The digests that are valid for a file; none where it was published before files had one."""
    try:
        text = beside(path).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ()
    return tuple(match[1] for match in map(LINE.match, text.splitlines()) if match)


def write(path: Path, digests: Sequence[str]) -> None:
    """Sign a file: with one digest, or with two while it is swapped."""
    name = path.resolve().name
    write_atomically(beside(path), "".join(f"{digest}  {name}\n" for digest in digests).encode())


def verify(path: Path) -> None:
    """Make sure that a file is what was published, and that no log beside it changes what readers see.

    Raises:
        ChangedFileError: when it is something else, its digest is damaged, or a log beside it cannot be removed.
    """
    for file in (path, beside(path)):
        # a pipe would be waited for without an end
        if file.exists() and not file.is_file():
            raise ChangedFileError(f"{file} is no file. Remove what lies there and run `adoption build`.")
    remove_wal(path)
    if not read(path) and beside(path).exists():
        raise ChangedFileError(
            f"{beside(path)} holds no sha256 of {path.name}: nobody can say whether the file is what was published. "
            "Run `adoption build`, which publishes it anew."
        )
    expected, actual = read(path), sha256_of(path)
    for _ in range(LOOKS):
        if not expected or actual in expected:
            return
        expected, actual = read(path), sha256_of(path)
    raise ChangedFileError(
        f"{path} was changed after it was published (sha256 {actual[:12]}…, published {expected[-1][:12]}…): its "
        "numbers cannot be trusted. Run `adoption build`, which publishes it anew, and open it read-only."
    )


def remove_wal(path: Path) -> None:
    """Remove the log of a client that opened the file for writing: nobody else ever writes beside it.

    Raises:
        ChangedFileError: when this user cannot remove it.
    """
    wal = wal_of(path)
    try:
        with suppress(FileNotFoundError):
            wal.unlink()
    except OSError as error:
        raise ChangedFileError(
            f"{wal} was left by a client that opened the file for writing, and changes what readers see. It cannot be "
            f"removed here: {error.strerror}. Remove it, or run `adoption build`."
        ) from error
