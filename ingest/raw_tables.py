"""Raw tables: their columns from the row models, their bookkeeping, and writing rows into them.

Out of scope: which extracts are loaded, and what is accepted (`ingest.loader`, `ingest.validation`).
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from ingest.catalog.comments import TABLES as TABLE_TEXTS
from ingest.catalog.comments import column_text
from ingest.catalog.tables import TABLES
from ingest.database import literal, transaction
from ingest.model import Source
from ingest.row_types import RawRow

if TYPE_CHECKING:
    import duckdb

    from ingest.catalog import Catalog


DUCKDB_TYPES: Mapping[type, str] = {
    str: "VARCHAR",
    int: "BIGINT",
    float: "DOUBLE",
    bool: "BOOLEAN",
    date: "DATE",
    datetime: "TIMESTAMP",
}
BOOKKEEPING: Mapping[str, Mapping[str, str]] = {
    "extracts": {
        **dict.fromkeys(("extract_id", "source_id", "table_name", "scope_key", "scope_label"), "VARCHAR"),
        **dict.fromkeys(("period_start", "period_end"), "DATE"),
        "terms": "VARCHAR[]",
        **dict.fromkeys(("filename", "sha256", "form"), "VARCHAR"),
        **dict.fromkeys(("landed_at", "available_at"), "TIMESTAMP"),
        **dict.fromkeys(("available_evidence", "licence", "request", "derived_from", "reduction"), "VARCHAR"),
        **dict.fromkeys(("kind", "retracts", "reason", "load_version", "status", "error"), "VARCHAR"),
        **dict.fromkeys(("rows_in", "rows_loaded", "rows_rejected"), "BIGINT"),
    },
    "rejected_rows": {
        **dict.fromkeys(("extract_id", "source_id", "table_name", "filename"), "VARCHAR"),
        "row_number": "BIGINT",
        **dict.fromkeys(("column_name", "found", "reason", "fields"), "VARCHAR"),
    },
}
"""The tables beside the raw ones: one row per fetch event, and one per row that could not be accepted."""


def duckdb_type(annotation: Any) -> str:  # noqa: ANN401 - any annotation of a row model
    """The DuckDB type of a row model's annotation.

    Raises:
        TypeError: for an annotation that has no column type.
    """
    origin = get_origin(annotation)
    if origin is Annotated:
        return duckdb_type(get_args(annotation)[0])
    if origin is Literal:
        return "VARCHAR"
    if origin is list:
        return f"{duckdb_type(get_args(annotation)[0])}[]"
    if origin in (Union, types.UnionType):
        return duckdb_type(next(part for part in get_args(annotation) if part is not type(None)))
    if annotation in DUCKDB_TYPES:
        return DUCKDB_TYPES[annotation]
    raise TypeError(f"no DuckDB type for {annotation!r}")


def columns_of(row_model: type[RawRow]) -> dict[str, str]:
    """Columns of a raw table: the model's fields, then `extract_id` and `row_number`."""
    fields = {name: duckdb_type(info.annotation) for name, info in row_model.model_fields.items()}
    return {**fields, "extract_id": "VARCHAR", "row_number": "BIGINT"}


def prepare(connection: duckdb.DuckDBPyConnection, sources: Iterable[Source]) -> None:
    """Create the bookkeeping tables and every raw table that does not exist yet.

    A raw table with other columns than its row model is made anew, and its source loaded again; with other columns of
    the bookkeeping everything is.
    """
    connection.execute("create schema if not exists raw; create schema if not exists meta")
    for name, columns in BOOKKEEPING.items():
        if _existing_columns(connection, name) != columns:
            connection.execute("drop schema raw cascade; create schema raw")
            break
    for name, columns in BOOKKEEPING.items():
        connection.execute(f"create table if not exists raw.{name} ({_typed(columns)})")
    for source in sources:
        for table, row_model in source.tables.items():
            _fit_table(connection, source.name, f"{source.name}__{table}", columns_of(row_model))


def _fit_table(connection: duckdb.DuckDBPyConnection, source: str, table: str, columns: Mapping[str, str]) -> None:
    if _existing_columns(connection, table) != columns:
        connection.execute(f"create or replace table raw.{table} ({_typed(columns)})")
        connection.execute("delete from raw.extracts where source_id = ?", [source])


def _existing_columns(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    query = "select column_name, data_type from duckdb_columns() where schema_name = 'raw' and table_name = ?"
    return dict(connection.execute(query, [table]).fetchall())


def _typed(columns: Mapping[str, str]) -> str:
    return ", ".join(f'"{name}" {kind}' for name, kind in columns.items())


def load_catalog_tables(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> dict[str, int]:
    """Replace the tables of schema `meta`; return their row counts."""
    counts = {}
    with transaction(connection):
        for name, table in TABLES.items():
            connection.execute(f"create or replace table meta.{name} ({_typed(table.columns)})")
            rows = list(table.rows(catalog))
            insert_rows(connection, f"meta.{name}", table.columns, rows)
            _describe(connection, name, table.columns)
            counts[name] = len(rows)
    return counts


def _describe(connection: duckdb.DuckDBPyConnection, table: str, columns: Iterable[str]) -> None:
    """Write what a catalog table and its columns mean as comments."""
    connection.execute(f"comment on table meta.{table} is {literal(TABLE_TEXTS[table])}")
    for column in columns:
        text = literal(column_text(table, column))
        connection.execute(f'comment on column meta.{table}."{column}" is {text}')


def insert_rows(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Iterable[str],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    """Insert mappings into a table, by way of Arrow."""
    if not rows:
        return
    import pyarrow as pa  # a warm build loads nothing and need not pay for it

    batch = pa.table({name: pa.array([_plain(row.get(name)) for row in rows]) for name in columns})
    connection.register("incoming", batch)
    connection.execute(f"insert into {table} by name from incoming")
    connection.unregister("incoming")


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value of a row
    return list(value) if isinstance(value, tuple) else value
