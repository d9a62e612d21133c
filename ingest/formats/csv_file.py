"""Reading documented file forms into rows.

Belongs here: parsers that several sources share. Does not belong here: validation of values (row models do that) and
the form of one particular publisher's files (its source module does that).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from ingest.errors import ExtractError, FormError, did_you_mean, quoted
from ingest.formats.tabular import decoded, header_of, is_archive, records
from ingest.model import Connector, Fetch, FileFormat, ParsedRow, Source
from ingest.row_types import RawRow


def read_text(path: Path, name: str) -> str:
    """Decode a file as UTF-8, or as UTF-16 where it says so.

    Raises:
        ExtractError: with the byte position and line of the first byte that is no text.
    """
    return decoded(path.read_bytes(), name)


def check_header(name: str, actual: list[str], expected: list[str], optional: Collection[str] = ()) -> None:
    """Compare a file's columns with the documented ones; those that came later need not be there.

    Raises:
        FormError: naming the missing, unknown and repeated columns.
    """
    missing = [column for column in expected if column not in {*actual, *optional}]
    unknown = [column for column in actual if column not in expected]
    repeated = sorted({column for column, times in Counter(actual).items() if times > 1})
    if missing or unknown or repeated:
        parts = [
            f"{label}: {quoted(names)}"
            for label, names in (("missing", missing), ("unknown", unknown), ("repeated", repeated))
            if names
        ]
        hint = did_you_mean(unknown[0], missing) if unknown and missing else ""
        raise FormError(f"{name}, line 1: columns {'; '.join(parts)}; expected {', '.join(expected)}{hint}")


def csv_rows(fetch: Fetch, path: Path, row_model: type[RawRow]) -> Iterator[ParsedRow]:
    """Yield the rows of a table whose columns are the fields of `row_model`, in any order.

    A column whose field has a default came later than the form: a file without it is as old as that.

    Line numbers are those of a text editor: the header is line 1.

    Raises:
        ExtractError: for undecodable bytes, broken quoting, an empty file, or other columns than documented.
    """
    expected = list(row_model.model_fields)
    # a large file of another form is not read whole to be refused
    columns = header_of(path, fetch.filename, expected)
    check_header(fetch.filename, columns, expected, _later(row_model))
    lines = records(path, fetch.filename, expected)
    next(lines)
    for number, values in lines:
        if not values:
            continue
        defect = "" if len(values) == len(columns) else f"expected {len(columns)} fields, found {len(values)}"
        fields: dict[str, Any] = dict(zip(columns, values, strict=False))
        if len(values) > len(columns):
            fields["(surplus)"] = values[len(columns) :]
        yield ParsedRow(fetch.scope.table, number, fields, defect)


def _later(row_model: type[RawRow]) -> frozenset[str]:
    """The columns that a file of this table need not have."""
    return frozenset(name for name, field in row_model.model_fields.items() if not field.is_required())


def csv_format(**tables: type[RawRow]) -> FileFormat:
    """The form of files that are CSV with exactly the columns of one of the raw tables, given as table=model."""

    def parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
        if fetch.scope.table not in tables:
            expected = sorted(tables)
            raise ExtractError(f"{fetch.filename}: the scope names table {fetch.scope.table!r}; expected {expected}")
        return csv_rows(fetch, path, tables[fetch.scope.table])

    return FileFormat("csv", _columns_of(tables), lambda path: _csv_table(path, tables), parse)


def csv_source(name: str, connector: Connector | None = None, **tables: type[RawRow]) -> Source:
    """A source whose landed files are CSV with exactly the columns of one of its raw tables, given as table=model."""
    return Source(name=name, tables=tables, forms=(csv_format(**tables),), connector=connector)


def _csv_table(path: Path, tables: Mapping[str, type[RawRow]]) -> str | None:
    """The table whose columns the file has; of a source with one table, that one, whose parser says what is wrong."""
    if is_archive(path):
        return None
    if len(tables) == 1:
        return next(iter(tables))
    known = {column for model in tables.values() for column in model.model_fields}
    columns = set(header_of(path, path.name, known))
    return next((name for name, model in tables.items() if _has_columns(columns, model)), None)


def _has_columns(columns: set[str], model: type[RawRow]) -> bool:
    return set(model.model_fields) - _later(model) <= columns <= set(model.model_fields)


def _columns_of(tables: Mapping[str, type[RawRow]]) -> str:
    forms = (f"{name}: {', '.join(model.model_fields)}" for name, model in tables.items())
    return f"a CSV file with the columns of {'; or of '.join(forms)}"
