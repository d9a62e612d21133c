"""`adoption export`: the marts in every format of `adoption.export.formats`, described by a Data Package.

Belongs here: writing the folder, whole or not at all. Does not belong here: what the descriptor and the datasheet say
(`adoption.export.data_package`, `adoption.export.datasheet`).

In CSV an empty field is null; no text of the marts is empty (an export refuses otherwise), so the two cannot be
confused. Lists are JSON arrays, times are UTC in ISO 8601.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from adoption.export.data_package import Column, Exported, descriptor, exported_tables
from adoption.export.datasheet import datasheet
from adoption.export.formats import FORMATS, FileFormat
from adoption.publish.reader import open_published
from ingest.database import fetch_dicts, literal
from ingest.files import FolderRefused, replacing

if TYPE_CHECKING:
    import duckdb

    from adoption.settings import Settings

DESCRIPTOR = "datapackage.json"


class ExportRefused(FolderRefused):
    """The export would blur something; the text says what. Nothing was changed."""


def export(settings: Settings, folder: Path) -> list[Exported]:
    """Replace `folder` by an export of the published file; return the tables it holds.

    Raises:
        NotPublishedError: when nothing is published.
        FolderRefused: when `folder` holds anything but an export that was written before.
        ExportRefused: when a text could be mistaken for null.
    """
    with open_published(settings, writes_files=True) as connection, replacing(folder, "export") as draft:
        return _write(connection, draft)


def _write(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[Exported]:
    tables = exported_tables(connection)
    for form in FORMATS:
        (folder / form.name).mkdir()
    for table in tables:
        _check_texts(connection, table)
        for form in FORMATS:
            _copy(connection, table, form, folder / form.name / f"{table.name}.{form.name}")
    described = descriptor(connection, folder, tables)
    (folder / DESCRIPTOR).write_text(json.dumps(described, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "datasheet.md").write_text(datasheet(connection), encoding="utf-8")
    return tables


def _check_texts(connection: duckdb.DuckDBPyConnection, table: Exported) -> None:
    texts = [f'count(*) filter ("{column.name}" = \'\') as "{column.name}"' for column in _texts(table)]
    [counts] = fetch_dicts(connection, f"select {', '.join(texts)} from {table.relation}")
    empty = [f"{table.relation}.{name} ({count} rows)" for name, count in counts.items() if count]
    if empty:
        raise ExportRefused(f"An empty text could not be told from null in CSV: {', '.join(empty)}")


def _texts(table: Exported) -> list[Column]:
    return [column for column in table.columns if column.type == "VARCHAR"]


def _as_text(column: Column) -> str:
    """How a column is written in a format of texts."""
    name = f'"{column.name}"'
    if column.is_list:
        return f"to_json({name}) as {name}"
    return f"strftime({name}, '%Y-%m-%dT%H:%M:%SZ') as {name}" if column.type == "TIMESTAMP" else name


def _copy(connection: duckdb.DuckDBPyConnection, table: Exported, form: FileFormat, path: Path) -> None:
    """Write one file, its rows in the order of its columns, so that equal content makes equal bytes."""
    columns = ", ".join(map(_as_text, table.columns)) if form.is_text else "*"
    ordered = f"select {columns} from (from {table.relation} order by all)"
    connection.execute(f"copy ({ordered}) to {literal(str(path))} ({form.options})")
