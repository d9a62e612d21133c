"""Tables as people save them: CSV with commas, semicolons or tabs, in UTF-8 or UTF-16, packed by gzip, or a workbook.

Belongs here: what container and what separators a file has, its records with their lines, and bounds on its size. A
container is known by its bytes, never by its name; what could be read in two ways is refused, with how to save it.
Does not belong here: which columns are documented (`ingest.formats.csv_file`), or judging values (row models do).
"""

from __future__ import annotations

import csv
import io
import logging
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

from ingest.errors import ExtractError, FormError

LOGGER = logging.getLogger("adoption")
Record = tuple[int, list[str]]
"""The line on which a record ends, and its fields as text."""

ZIP = b"PK\x03\x04"
"""How a zip archive begins; a workbook is one too."""
GZIP = b"\x1f\x8b"
MAX_BYTES = 1 << 28
"""So much is unpacked of one table: 256 MB, many times the largest that anybody publishes in this form."""
MAX_ROWS = 1_000_000
MAX_COLUMNS = 1_000
BEGINNING = 1 << 20
"""How much of a file is read to see its header."""
SEPARATORS = (",", ";", "\t")
HOW_TO_SAVE = 'save it as "CSV UTF-8", or as an Excel workbook (.xlsx)'
STRANGERS: Mapping[bytes, str] = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an Excel workbook of the old form (.xls), or one with a password",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "an SQLite database",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"BZh": "packed by bzip2",
    b"\xfd7zXZ": "packed by xz",
    b"\x28\xb5\x2f\xfd": "packed by zstd",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"PK\x05\x06": "an empty zip archive",
    b"version https://git-lfs": "a git-LFS pointer, not the file that it stands for",
    b"{\\rtf": "a text document (RTF)",
    b"\xff\xfe\x00\x00": "text in UTF-32",
    b"\x00\x00\xfe\xff": "text in UTF-32",
}
"""How files begin that are no tables, or none that is read here, and what they are."""


@dataclass(frozen=True)
class Bounds:
    """What one table may hold at most; a test brings its own."""

    size: int = MAX_BYTES
    rows: int = MAX_ROWS
    columns: int = MAX_COLUMNS


def records(path: Path, name: str, known: Collection[str] = (), bounds: Bounds = Bounds()) -> Iterator[Record]:
    """Every record of a table, the header first.

    `known` are columns that may be in it: they tell which separator is meant.

    Raises:
        ExtractError: for a file that is no table, is larger than its bounds, or is broken, with the line.
    """
    data = _read(path, name, bounds.size)
    if data.startswith(ZIP):
        lines = _of_workbook(path, name, known, bounds)
    else:
        text = decoded(data, name)
        lines = _of_text(text, name, known)
    yield from _bounded(lines, name, bounds)


def header_of(path: Path, name: str, known: Collection[str] = ()) -> list[str]:
    """The columns of a table, of which only the beginning is read where that can be done.

    Raises:
        ExtractError: as `records`.
    """
    with path.open("rb") as handle:
        start = handle.read(BEGINNING)
    if start.startswith((ZIP, GZIP)) or len(start) < BEGINNING:
        first = next(records(path, name, known), None)
    else:
        whole_lines = start[: max(start.rfind(b"\n"), start.rfind(b"\r")) + 1] or start
        text = decoded(whole_lines, name, is_whole=False)
        first = next(_bounded(_of_text(text, name, known), name, Bounds()), None)
    if first is None:
        raise ExtractError(f"{name}: the file is empty; expected a header line")
    return first[1]


def is_archive(path: Path) -> bool:
    """Whether a file is a zip archive, also a broken one, and no workbook."""
    with path.open("rb") as handle:
        if handle.read(4) != ZIP:
            return False
    return not _is_workbook(path)


def decoded(data: bytes, name: str, is_whole: bool = True) -> str:
    """Bytes as text: UTF-8, or UTF-16 that says so by its mark.

    Raises:
        ExtractError: naming what the file is, or the first byte that is no text.
    """
    for beginning, what in STRANGERS.items():
        if data.startswith(beginning):
            raise FormError(f"{name}: this is {what}; expected a table: {HOW_TO_SAVE}")
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    if encoding == "utf-16" and not is_whole:
        data = data[: len(data) // 2 * 2]
    try:
        text = data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise ExtractError(_undecodable(data, name, error)) from error
    if text.count("\0") > len(text) // 5:
        raise FormError(f"{name}, line 1: zero bytes: no text, or UTF-16 without its mark; {HOW_TO_SAVE}")
    return text


def _undecodable(data: bytes, name: str, error: UnicodeDecodeError) -> str:
    if error.encoding != "utf-8":
        return f"{name}: marked as UTF-16, and is none ({error.reason}); {HOW_TO_SAVE}"
    line = data.count(b"\n", 0, error.start) + 1
    return (
        f"{name}, line {line}: byte {error.start} (0x{data[error.start]:02x}) is not UTF-8; expected UTF-8 text: "
        f"{HOW_TO_SAVE}"
    )


def _read(path: Path, name: str, most: int) -> bytes:
    """The bytes of a file, unpacked if gzip packed them; of a zip archive only the beginning."""
    with path.open("rb") as handle:
        start = handle.read(4)
        if start == ZIP:
            return start
        data = start + handle.read(most + 1 - len(start))
    if data.startswith(GZIP):
        data = unpacked(data, name, most)
        if data.startswith((GZIP, ZIP)):
            raise FormError(f"{name}: packed twice; expected one table packed by gzip")
    if len(data) > most:
        raise ExtractError(f"{name}: larger than {most:,} bytes; expected a table of less")
    return data


def unpacked(data: bytes, name: str, most: int) -> bytes:
    """What gzip packed, of one part or several; never more than `most` bytes and one are made.

    Raises:
        ExtractError: for more, for what is broken, and for what is cut short.
    """
    parts: list[bytes] = []
    size = 0
    while data:
        unpacker = zlib.decompressobj(wbits=31)
        try:
            part = unpacker.decompress(data, most + 1 - size)
        except zlib.error as error:
            raise ExtractError(f"{name}: packed by gzip, and broken: {error}") from error
        parts.append(part)
        size += len(part)
        if size > most:
            raise ExtractError(f"{name}: unpacks to more than {most:,} bytes; expected a table of less")
        if not unpacker.eof:
            raise ExtractError(f"{name}: packed by gzip, and cut short")
        data = unpacker.unused_data
    return b"".join(parts)


def _of_text(text: str, name: str, known: Collection[str]) -> Iterator[Record]:
    # files of old Macs; a stray carriage return among newlines stays an error
    newline = None if "\r" in text and "\n" not in text else "\n"
    offset, text = _without_hint(text)
    separator = _separator(text, known)
    # strict, since an open quote would swallow the rows after it
    reader = csv.reader(io.StringIO(text, newline=newline), delimiter=separator, strict=True)
    try:
        for values in reader:
            yield reader.line_num + offset, values
    except csv.Error as error:
        message = str(error).partition(" - ")[0]
        raise ExtractError(f"{name}, line {reader.line_num + offset}: not readable as CSV: {message}") from error


def _without_hint(text: str) -> tuple[int, str]:
    """A text without the first line by which Excel is told the separator; it names one that is found anyway."""
    first, end, rest = text.partition("\n")
    return (
        (1, rest)
        if end and first.strip().strip('"').lower() in {f"sep={separator}" for separator in SEPARATORS}
        else (0, text)
    )


def _separator(text: str, known: Collection[str]) -> str:
    """The separator that finds most known columns in the first line, else the most columns; a comma if in doubt."""
    line = re.split(r"[\r\n]", text[:BEGINNING], maxsplit=1)[0]

    def score(separator: str) -> tuple[int, int]:
        fields = next(csv.reader([line], delimiter=separator), [])
        return len({*fields} & {*known}), len(fields) if len(fields) <= MAX_COLUMNS else 0

    try:
        return max(SEPARATORS, key=score)
    except csv.Error:
        return SEPARATORS[0]


def _bounded(lines: Iterator[Record], name: str, bounds: Bounds) -> Iterator[Record]:
    for number, (line, values) in enumerate(lines):
        if number > bounds.rows:
            raise ExtractError(f"{name}: more than {bounds.rows:,} rows; expected a table of less")
        if len(values) > bounds.columns:
            raise ExtractError(f"{name}, line {line}: {len(values):,} columns; expected at most {bounds.columns:,}")
        yield line, values


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def _of_workbook(path: Path, name: str, known: Collection[str], bounds: Bounds) -> Iterator[Record]:
    """The records of the one sheet of a workbook that holds a table."""
    if not _is_workbook(path):
        raise FormError(f"{name}: this is {_archive_of(path)}; expected a table: {HOW_TO_SAVE}")
    from openpyxl import load_workbook  # most builds read none

    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > bounds.size:
            raise ExtractError(f"{name}: unpacks to {size:,} bytes; expected at most {bounds.size:,}")
        # by its bytes: a landed file has no ending
        with path.open("rb") as handle:
            book = load_workbook(handle, read_only=True, data_only=True, keep_links=False)
            sheets = {sheet.title: _rows(sheet.iter_rows(), name, bounds) for sheet in book.worksheets}
    except ExtractError:
        raise
    except Exception as error:
        # whatever is wrong inside, the reader of workbooks raises errors of every kind, and speaks of its own insides
        LOGGER.info("%s: not readable as a workbook", name, exc_info=error)
        raise ExtractError(f"{name}: not readable as a workbook: it is damaged; {HOW_TO_SAVE}") from error
    yield from _only_sheet(sheets, name, known)


def _archive_of(path: Path) -> str:
    """What a zip archive is that is no workbook with sheets."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = set(archive.namelist())
            kind = archive.read("mimetype")[:80] if "mimetype" in members else b""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, zlib.error):
        return "a zip archive that is cut short or broken"
    if kind.startswith(b"application/vnd.oasis.opendocument"):
        return "an OpenDocument file (.ods)"
    if "xl/workbook.bin" in members:
        return "a binary Excel workbook (.xlsb)"
    if "[Content_Types].xml" in members:
        return "an Office document, and no workbook"
    return "a zip archive: unpack it first"


def _rows(lines: Iterator[tuple[Any, ...]], name: str, bounds: Bounds) -> list[Record]:
    """The rows of a sheet that hold anything, as text."""
    rows: list[Record] = []
    for number, cells in enumerate(lines, start=1):
        values = [_text(cell) for cell in cells]
        while values and not values[-1]:
            values.pop()
        if values:
            rows.append((number, values))
        if len(rows) > bounds.rows + 1 or len(values) > bounds.columns:
            raise ExtractError(
                f"{name}: a sheet of more than {bounds.rows:,} rows or {bounds.columns:,} columns; expected less"
            )
    return rows


def _text(cell: Any) -> str:  # noqa: ANN401 - a cell that holds something, or the mark of one that does not
    """A cell as a CSV would write it: whole numbers without a point, days without a time, shares as they are shown."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float) and "%" in cell.number_format:
        return f"{value:.10%}".rstrip("%").rstrip("0").rstrip(".") + "%"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time.min else value.isoformat()
    return str(value)


def _only_sheet(sheets: Mapping[str, Sequence[Record]], name: str, known: Collection[str]) -> Iterator[Record]:
    """The records of the sheet with the known columns, or of the only full one, each as wide as its header."""
    full = {title: rows for title, rows in sheets.items() if rows}
    matching = {title: rows for title, rows in full.items() if {*rows[0][1]} & {*known}} or full
    if len(matching) > 1:
        raise ExtractError(f"{name}: {len(matching)} sheets hold a table: {', '.join(matching)!s:.200}; expected one")
    for rows in matching.values():
        width = len(rows[0][1])
        for number, values in rows:
            yield number, values + [""] * (width - len(values))
