"""`adoption export`: the marts in every format of `adoption.export.formats`, with what describes them to other tools.

Belongs here: writing the folder, whole or not at all. Does not belong here: what the descriptor and the datasheet say
(`adoption.export.data_package`, `adoption.export.datasheet`).

In CSV an empty field is null; no text of the marts is empty (an export refuses otherwise), so the two cannot be
confused. Lists are JSON arrays, times are UTC in ISO 8601.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from adoption.export.croissant import croissant
from adoption.export.data_package import Column, Exported, descriptor, exported_tables
from adoption.export.datasheet import datasheet
from adoption.export.formats import FORMATS, ExportFormat
from adoption.publish.reader import open_published
from ingest.database import fetch_dicts, literal
from ingest.files import FolderRefused, replacing

if TYPE_CHECKING:
    import duckdb

    from adoption.publish.identity import Identity
    from adoption.settings import Settings

DESCRIPTOR, CROISSANT, CITATION = "datapackage.json", "croissant.json", "CITATION.cff"


class ExportRefused(FolderRefused):
    """The export would blur something; the text says what. Nothing was changed."""


def export(
    settings: Settings, folder: Path, identity: Identity | None = None, citation: str | None = None
) -> list[Exported]:
    """Replace `folder` by an export of the published file; return the tables it holds.

    `identity` names the edition in every file that can say it, `citation` is how it is cited.

    Raises:
        NotPublishedError: when nothing is published.
        FolderRefused: when `folder` holds anything but an export that was written before.
        ExportRefused: when a text could be mistaken for null.
    """
    with open_published(settings, writes_files=True) as connection, replacing(folder, "export") as draft:
        tables = _write(connection, draft, identity)
        if citation:
            (draft / CITATION).write_text(citation, encoding="utf-8")
        return tables


def _write(connection: duckdb.DuckDBPyConnection, folder: Path, identity: Identity | None) -> list[Exported]:
    tables = exported_tables(connection)
    for form in FORMATS:
        (folder / form.name).mkdir()
    for table in tables:
        _check_texts(connection, table)
        for form in FORMATS:
            place = folder / form.name / f"{table.name}.{form.name}"
            _copy(connection, table, form, place, identity)
    described = descriptor(connection, folder, tables, identity)
    _write_json(folder / DESCRIPTOR, described)
    _write_json(folder / CROISSANT, croissant(described))
    (folder / "datasheet.md").write_text(datasheet(connection, identity), encoding="utf-8")
    return tables


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


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


def _copy(
    connection: duckdb.DuckDBPyConnection, table: Exported, form: ExportFormat, path: Path, identity: Identity | None
) -> None:
    """Write one file, its rows in the order of its columns, so that equal content makes equal bytes."""
    columns = ", ".join(map(_as_text, table.columns)) if form.is_text else "*"
    ordered = f"select {columns} from ({table.rows} order by all)"
    marked = f", kv_metadata {_pairs(identity)}" if identity and form.holds_metadata else ""
    connection.execute(f"copy ({ordered}) to {literal(str(path))} ({form.options}{marked})")


def _pairs(identity: Identity) -> str:
    """The edition as pairs of a file's own metadata."""
    pairs = ", ".join(f"{name}: {literal(value)}" for name, value in identity.fields().items() if value)
    return f"{{{pairs}}}"
