"""Reading documented file forms into rows.

Belongs here: parsers that several sources share. Does not belong here: validation of values (row models do that) and
the form of one particular publisher's files (its source module does that).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ingest.errors import ExtractError, FormError
from ingest.model import Connector, Fetch, Form, ParsedRow, RawRow, Source

BEGINNING = 1 << 20
"""How much of a file is read to see its header."""
ZIP = b"PK\x03\x04"
"""How a zip archive begins."""


def read_text(path: Path, name: str) -> str:
    """Decode a file as UTF-8.

    Raises:
        ExtractError: with the byte position and line of the first byte that is not UTF-8.
    """
    return _decoded(path.read_bytes(), name)


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ExtractError(
            f"{name}, line {line}: byte {error.start} (0x{data[error.start]:02x}) is not UTF-8; expected UTF-8 text"
        ) from error


def check_header(name: str, found: list[str], expected: list[str]) -> None:
    """Compare a file's columns with the documented ones.

    Raises:
        FormError: naming the missing, unknown and repeated columns.
    """
    missing = [column for column in expected if column not in found]
    unknown = [column for column in found if column not in expected]
    repeated = sorted({column for column in found if found.count(column) > 1})
    if missing or unknown or repeated:
        parts = [
            f"{label}: {', '.join(map(repr, names))}"
            for label, names in (("missing", missing), ("unknown", unknown), ("repeated", repeated))
            if names
        ]
        raise FormError(f"{name}, line 1: columns {'; '.join(parts)}; expected {', '.join(expected)}")


def header_of(path: Path, name: str) -> list[str]:
    """The columns of a CSV file, of which only the beginning is read.

    Raises:
        ExtractError: for undecodable bytes, broken quoting or an empty file.
    """
    with path.open("rb") as handle:
        start = handle.read(BEGINNING)
    whole_lines = start[: start.rfind(b"\n") + 1] if len(start) == BEGINNING else start
    return _header(name, _records(name, _decoded(whole_lines or start, name)))


def csv_rows(fetch: Fetch, path: Path, row_model: type[RawRow]) -> Iterator[ParsedRow]:
    """Yield the rows of a CSV file whose columns are the fields of `row_model`, in any order.

    Line numbers are those of a text editor: the header is line 1.

    Raises:
        ExtractError: for undecodable bytes, broken quoting, an empty file, or other columns than documented.
    """
    # a large file of another form is not read whole to be refused
    check_header(fetch.filename, header_of(path, fetch.filename), list(row_model.model_fields))
    records = _records(fetch.filename, read_text(path, fetch.filename))
    header = _header(fetch.filename, records)
    for number, values in records:
        if not values:
            continue
        defect = "" if len(values) == len(header) else f"expected {len(header)} fields, found {len(values)}"
        fields: dict[str, Any] = dict(zip(header, values, strict=False))
        if len(values) > len(header):
            fields["(surplus)"] = values[len(header) :]
        yield ParsedRow(fetch.scope.table, number, fields, defect)


def _header(name: str, records: Iterator[tuple[int, list[str]]]) -> list[str]:
    for _, header in records:
        return header
    raise ExtractError(f"{name}: the file is empty; expected a header line")


def _records(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line on which it ends. Strict, since an open quote would swallow the rows after it."""
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        for values in reader:
            yield reader.line_num, values
    except csv.Error as error:
        raise ExtractError(f"{name}, line {reader.line_num}: not readable as CSV: {error}") from error


def csv_form(**tables: type[RawRow]) -> Form:
    """The form of files that are CSV with exactly the columns of one of the raw tables, given as table=model."""

    def parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
        if fetch.scope.table not in tables:
            expected = sorted(tables)
            raise ExtractError(f"{fetch.filename}: the scope names table {fetch.scope.table!r}; expected {expected}")
        return csv_rows(fetch, path, tables[fetch.scope.table])

    return Form("csv", _columns_of(tables), lambda path: _csv_table(path, tables), parse)


def csv_source(name: str, connector: Connector | None = None, **tables: type[RawRow]) -> Source:
    """A source whose landed files are CSV with exactly the columns of one of its raw tables, given as table=model."""
    return Source(name=name, tables=tables, forms=(csv_form(**tables),), connector=connector)


def _csv_table(path: Path, tables: Mapping[str, type[RawRow]]) -> str | None:
    """The table whose columns the file has; of a source with one table, that one, whose parser says what is wrong."""
    if is_zip(path):
        return None
    if len(tables) == 1:
        return next(iter(tables))
    found = set(header_of(path, path.name))
    return next((name for name, model in tables.items() if set(model.model_fields) == found), None)


def _columns_of(tables: Mapping[str, type[RawRow]]) -> str:
    forms = (f"{name}: {', '.join(model.model_fields)}" for name, model in tables.items())
    return f"a CSV file with the columns of {'; or of '.join(forms)}"


def is_zip(path: Path) -> bool:
    """Whether the file begins like a zip archive; a broken one counts too, so that its reader can say what is wrong."""
    with path.open("rb") as handle:
        return handle.read(4) == ZIP
