"""The answer to a query in the form that was asked for, its values as they are.

Belongs here: printing rows. Does not belong here: opening a file or composing a query.

On a terminal a table, or one record a block where a table would be wider than the terminal; in a pipe values separated
by tabs; CSV or JSON where that is asked for. Nothing is wrapped, cut, or read as markup.
"""

from __future__ import annotations

import csv
import json
import math
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any, Literal

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from ingest.errors import without_orders

if TYPE_CHECKING:
    import duckdb

Rows = Sequence[Mapping[str, object]]
OutputFormat = Literal["table", "csv", "json"]
GAP = "  "
ESCAPES = str.maketrans({"\t": r"\t", "\n": r"\n", "\r": r"\r"})
"""What would end a field or a line of values separated by tabs."""
NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
"""What JSON has no numbers for, as texts: null would say that nothing is known."""


def print_rows(result: duckdb.DuckDBPyConnection, form: OutputFormat) -> None:
    """Print all rows of a result. Null is empty but in JSON, where numbers stay numbers and dates are texts."""
    columns = [column[0] for column in result.description or ()]
    print_values(columns, result.fetchall(), form)


def print_records(columns: Sequence[str], records: Sequence[Mapping[str, Any]], form: OutputFormat) -> None:
    """Print records that all have these columns, in one of the forms."""
    print_values(columns, [tuple(record[column] for column in columns) for record in records], form)


def print_values(columns: Sequence[str], rows: Sequence[Sequence[object]], form: OutputFormat) -> None:
    """Print rows of values; a table as the reader can take it, a person at a terminal or a program behind a pipe."""
    match form:
        case "csv":
            csv.writer(sys.stdout, lineterminator="\n").writerows([columns, *(map(text_of, row) for row in rows)])
        case "json":
            sys.stdout.write(f"{json_of_rows(columns, rows)}\n")
        case "table" if sys.stdout.isatty():
            lines = table_lines(columns, rows, shutil.get_terminal_size().columns)
            sys.stdout.writelines(f"{line}\n" for line in lines)
        case "table":
            texts = [columns, *([text_of(value) for value in row] for row in rows)]
            sys.stdout.writelines("\t".join(text.translate(ESCAPES) for text in row) + "\n" for row in texts)


def text_of(value: object) -> str:
    """A value as text: null is empty, lists and structures are JSON, truth is spelled as SQL spells it."""
    if value is None:
        return ""
    if isinstance(value, bool | list | tuple | dict):
        return json_of(value)
    return value.hex() if isinstance(value, bytes) else str(value)


def json_of(value: object) -> str:
    """A value as JSON. Decimals keep every digit; what is no number (NaN, infinity) and the rest are text."""
    match value:
        case None | bool() | int() | str():
            return json.dumps(value, ensure_ascii=False)
        case float():
            return repr(value) if math.isfinite(value) else json_of(NOT_FINITE[str(value)])
        case Decimal():
            return f"{value:f}" if value.is_finite() else json_of(str(value))
        case list() | tuple():
            return f"[{', '.join(map(json_of, value))}]"
        case dict():
            return "{" + ", ".join(f"{json_of(str(name))}: {json_of(item)}" for name, item in value.items()) + "}"
    return json_of(text_of(value))


def json_of_rows(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Rows as an array of objects, one value a line; a name that stands twice is told apart, lest a value be lost."""
    names = [json_of(column) for column in _told_apart(columns)]
    objects = (
        ",\n".join(f"  {name}: {json_of(value)}" for name, value in zip(names, row, strict=True)) for row in rows
    )
    inside = ",\n".join(f" {{\n{text}\n }}" for text in objects)
    return f"[\n{inside}\n]" if inside else "[]"


def _told_apart(columns: Sequence[str]) -> list[str]:
    """The names of columns, each once: the second `a` is `a_1`, as DuckDB calls it in a table."""
    names: list[str] = []
    for column in columns:
        others = (f"{column}_{number}" for number in count(1))
        is_free = column not in names
        names.append(column if is_free else next(name for name in others if name not in {*names, *columns}))
    return names


def print_json(value: object) -> None:
    """Print records and lists of records as JSON, an entry a line."""
    sys.stdout.write(f"{indented(value)}\n")


def indented(value: object, margin: str = "") -> str:
    """A value as JSON, each entry of a record and each record of a list on a line of its own."""
    inside = margin + " "
    match value:
        case Mapping() if value:
            entries = (f"{inside}{json_of(str(name))}: {indented(item, inside)}" for name, item in value.items())
            return "{\n" + ",\n".join(entries) + f"\n{margin}}}"
        case list() | tuple() if any(isinstance(item, Mapping | list | tuple) for item in value):
            return "[\n" + ",\n".join(f"{inside}{indented(item, inside)}" for item in value) + f"\n{margin}]"
    return json_of(value)


def table_lines(columns: Sequence[str], rows: Sequence[Sequence[object]], width: int) -> Iterator[str]:
    """Rows for a terminal of this width: a table, or a block a record where a line is too long or a value has two.

    What a terminal would obey instead of showing it is spelled out.
    """
    columns = list(map(without_orders, columns))
    texts = [[without_orders(text_of(value)) for value in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(columns, *texts, strict=True)]
    is_flat = not any(character in text for row in texts for text in row for character in "\n\t")
    if is_flat and sum(widths) + len(GAP) * (len(widths) - 1) <= width:
        yield from (_aligned(row, widths) for row in (columns, *texts))
    else:
        yield from _blocks(columns, texts)
    if not rows:
        yield "no rows"


def _aligned(texts: Sequence[str], widths: Sequence[int]) -> str:
    padded = (text + " " * (wide - cell_len(text)) for text, wide in zip(texts, widths, strict=True))
    return GAP.join(padded).rstrip(" ")


def _blocks(columns: Sequence[str], texts: Sequence[Sequence[str]]) -> Iterator[str]:
    wide = max(map(cell_len, columns), default=0)
    for number, row in enumerate(texts, start=1):
        yield f"row {number}"
        yield from (_aligned((column, text), (wide, 0)) for column, text in zip(columns, row, strict=True))


def table_of(rows: Rows) -> Table:
    """Rows as a table; the columns are those of the first row. Text from data is never read as markup."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for column in rows[0] if rows else ():
        table.add_column(Text(column), overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row.values()))
    return table
