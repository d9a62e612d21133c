"""Finding the table of responses of a survey: in a CSV file or in an archive, of which edition, with which columns.

Out of scope: reading and counting what people ticked (`ingest.formats.survey_responses`).
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ingest.errors import ExtractError, FormError
from ingest.formats.tabular import SEPARATORS, is_archive

if TYPE_CHECKING:
    from ingest.catalog import Edition, Survey


POINTER = b"version https://git-lfs"
"""How a git-LFS pointer begins: copies of surveys on GitHub are often such a pointer of some 130 bytes."""
HEADER_BYTES = 1 << 17
"""The header of a survey is long, its column names are ASCII in every edition."""
MAX_UNPACKED = 1 << 29
"""The largest file of respondents has 200 MB; what unpacks to more than this is none."""
MAX_MEMBERS = 1_000
MAX_RATIO, SMALL = 100, 1 << 26
"""A file of respondents packs to a tenth. What packs to less than a hundredth is made to fill a memory."""
MAX_OPTIONS = 62
"""So many options fit a set that is kept as one number."""


@dataclass(frozen=True)
class RecognisedFile:
    """A file of respondents: the edition that it is, and the member of the archive that holds it, None if it is open.

    `columns` are those of its header, with `separator` between them.
    """

    edition: Edition
    member: str | None
    columns: tuple[str, ...]
    separator: str = ","


def expected(survey: Survey | None) -> str:
    """What a file of respondents is, for people."""
    years = [edition.year for edition in survey.editions] if survey else []
    span = f" of {min(years)} to {max(years)}" if years else ""
    return f"the publisher's zip archive, or the file of respondents{span} inside it, as published"


def find(path: Path, name: str, editions: Sequence[Edition]) -> RecognisedFile | None:
    """The file of respondents that `path` is or holds; None for an open file that is no edition.

    Raises:
        ExtractError: for an archive without exactly one edition, a broken one, and a git-LFS pointer.
    """
    if not is_archive(path):
        _check_size(name, path.stat().st_size)
        with path.open("rb") as handle:
            return _recognise(handle, name, None, editions)
    with _archive(path, name) as archive:
        _check_archive(archive, name)
        members = [member for member in archive.namelist() if member.lower().endswith(".csv")]
        candidates = []
        for member in members:
            with archive.open(member) as handle:
                candidates.append(_recognise(handle, f"{name}/{member}", member, editions))
    known = [candidate for candidate in candidates if candidate]
    if len(known) != 1:
        contents = (
            ", ".join(f"{file.member} ({file.edition.year})" for file in known) or ", ".join(members) or "no CSV file"
        )
        files = sorted({edition.file for edition in editions})
        raise ExtractError(f"{name}: expected one file of respondents inside ({' or '.join(files)}); found {contents}")
    return known[0]


def _check_archive(archive: zipfile.ZipFile, name: str) -> None:
    """Raise ExtractError for an archive that unpacks to more than any survey; no member gives more than it declares."""
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise ExtractError(f"{name}: {len(members):,} files inside; expected a survey")
    size, packed = (sum(getattr(member, what) for member in members) for what in ("file_size", "compress_size"))
    _check_size(name, size)
    if size > SMALL and size > MAX_RATIO * packed:
        raise ExtractError(f"{name}: {packed:,} bytes unpack to {size:,}: no survey packs like that")


def _check_size(name: str, size: int) -> None:
    if size > MAX_UNPACKED:
        raise ExtractError(f"{name}: {size:,} bytes; expected a survey of at most {MAX_UNPACKED:,}")


def choice_columns(edition: Edition, columns: Sequence[str], name: str) -> list[str]:
    """The columns that hold the choices of the edition's question, free text left out.

    Raises:
        FormError: when the file has no such column, or lacks country or role.
    """
    expected_columns = edition.columns
    if expected_columns.separator:
        choices = [column for column in columns if column == expected_columns.choices]
    else:
        choices = [
            column for column in columns if column.startswith(expected_columns.choices) and not column.endswith("_TEXT")
        ]
    used = [*places(edition), *choices]
    if duplicates := sorted({column for column in used if columns.count(column) > 1}):
        raise FormError(f"{name}, line 1: columns that are there twice: {', '.join(duplicates)}")
    missing = [column for column in places(edition) if column not in columns]
    if missing or not choices:
        sought = expected_columns.choices if expected_columns.separator else f"{expected_columns.choices}…"
        raise FormError(f"{name}, line 1: columns missing: {', '.join(missing) or sought}")
    if len(choices) > MAX_OPTIONS:
        raise ExtractError(
            f"{name}, line 1: {len(choices)} columns begin with {expected_columns.choices}; expected options"
        )
    return choices


def places(edition: Edition) -> list[str]:
    """The columns that say where a respondent belongs, each once."""
    student = edition.columns.student
    names = (edition.columns.country, edition.columns.role, *([student.column] if student else ()))
    return list(dict.fromkeys(names))


def _recognise(handle: IO[bytes], name: str, member: str | None, editions: Sequence[Edition]) -> RecognisedFile | None:
    start = handle.read(HEADER_BYTES)
    if start.startswith(POINTER):
        size = re.search(rb"^size (\d+)", start, re.MULTILINE)
        real = f" of {int(size.group(1)):,} bytes" if size else ""
        raise ExtractError(f"{name}: a git-LFS pointer, not the file{real} that it stands for; fetch the file itself")
    header = start.decode("latin-1").removeprefix("ï»¿")
    matching = [candidate for separator in SEPARATORS for candidate in _editions(header, member, separator, editions)]
    if len(matching) > 1:
        years = ", ".join(str(candidate.edition.year) for candidate in matching)
        raise ExtractError(f"{name}, line 1: the columns are those of several editions ({years}); expected one")
    return matching[0] if matching else None


def _editions(header: str, member: str | None, separator: str, editions: Sequence[Edition]) -> Iterator[RecognisedFile]:
    """The editions whose columns a header has, if they are written with this separator."""
    try:
        columns = next(csv.reader(io.StringIO(header), delimiter=separator), [])
    except csv.Error:  # no table, or none of this kind
        return
    for edition in editions:
        if edition.recognised_by and {*edition.recognised_by} <= {*columns}:
            yield RecognisedFile(edition, member, tuple(columns), separator)


@contextmanager
def _archive(path: Path, name: str) -> Iterator[zipfile.ZipFile]:
    """An archive that is read; whatever is broken in it is an ExtractError."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise ExtractError(f"{name}: not a whole zip archive: {error}") from error


def check_whole(path: Path, name: str) -> None:
    """Raise ExtractError unless every member of an archive has its documented checksum; an open file has none."""
    if is_archive(path):
        with _archive(path, name) as archive:
            if broken := archive.testzip():
                raise ExtractError(f"{name}: {broken} is broken")


@contextmanager
def opened(path: Path, name: str, member: str | None) -> Iterator[IO[bytes]]:
    """The bytes of a file of responses, or of a member of an archive; raises ExtractError where they are cut short."""
    if member is None:
        with path.open("rb") as handle:
            yield handle
    else:
        with _archive(path, name) as archive, archive.open(member) as handle:
            yield handle


def made_at(path: Path, file: RecognisedFile | None) -> datetime | None:
    """When the publisher wrote the file, as its archive says; an open file does not say."""
    if file is None or file.member is None:
        return None
    with _archive(path, path.name) as archive:
        written = archive.getinfo(file.member).date_time
    try:
        moment = datetime(*written, tzinfo=UTC)
    except ValueError:  # such as 1980-00-00, which a zip without a date has
        return None
    # a clock that was wrong: nobody answered before the survey was open
    return moment if moment.date() >= file.edition.fieldwork.start else None
