"""The description of an export in the words of Data Package: files, columns, keys, sources, licences.

Belongs here: what `datapackage.json` says, all of it read from the published file. Does not belong here: writing the
files it describes (`adoption.export.writer`), or the same in prose (`adoption.export.datasheet`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adoption.export import row_licences
from adoption.export.formats import FORMATS, ExportFormat
from adoption.export.row_licences import with_licences
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

    from adoption.publish.identity import Identity

Descriptor = dict[str, Any]

SCHEMA = "https://datapackage.org/profiles/2.0/datapackage.json"
TYPES = {
    "VARCHAR": "string",
    "BIGINT": "integer",
    "INTEGER": "integer",
    "DOUBLE": "number",
    "DECIMAL": "number",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "datetime",
}
NO_LICENCE = "none stated"
"""What the catalog says where a publisher names no licence."""

TABLES = """
select schema_name || '.' || table_name as relation, table_name as name, comment as description
from duckdb_tables()
where schema_name = 'marts' or (schema_name = 'meta' and table_name = 'extracts')
order by schema_name, table_name
"""
COLUMNS = """
select column_name as name, data_type as type, comment as description
from duckdb_columns() where schema_name || '.' || table_name = ? order by column_index
"""
KEYS = "select columns from meta.keys where table_name = ? order by all"
SOURCES = """
select sources.source_id, sources.label, sources.publisher, sources.citation, sources.repository,
    list(distinct licences.licence order by licences.licence) as licences, sum(licences.extracts) as extracts
from meta.sources as sources
inner join meta.licences as licences using (source_id)
group by all order by sources.source_id
"""
REVIEWED = """
with contenders as (select entity_id, label from meta.entities where entity_type = 'contender')

select focus.label as focus, benchmark.label as benchmark, review.review_year
from meta.review as review
inner join contenders as focus on review.focus = focus.entity_id
inner join contenders as benchmark on review.benchmark = benchmark.entity_id
"""
BUILT = "select strftime(max(checked_at), '%Y-%m-%dT%H:%M:%SZ') as at from meta.check_results"


@dataclass(frozen=True)
class Column:
    """A column of an exported table, with its DuckDB type."""

    name: str
    type: str
    description: str

    @property
    def is_list(self) -> bool:
        """Whether it holds lists; they are JSON arrays in CSV."""
        return self.type.endswith("[]")

    def field(self) -> Descriptor:
        """The column in the words of Table Schema.

        Raises:
            TypeError: for a type that nobody has thought of.
        """
        kind = "array" if self.is_list else TYPES.get(self.type.split("(")[0])
        if kind is None:
            raise TypeError(f"column {self.name}: type {self.type} has no counterpart in Table Schema")
        return {"name": self.name, "type": kind, "description": self.description}


@dataclass(frozen=True)
class Exported:
    """An exported table: where it stands in the published file, its meaning, its columns and its key, if it has one."""

    relation: str
    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rows: str
    """What selects its rows, each with its licences."""


def exported_tables(connection: duckdb.DuckDBPyConnection) -> list[Exported]:
    """The marts, and the extracts that they name, in the order in which they are exported."""
    return [_table(connection, **row) for row in fetch_dicts(connection, TABLES)]


def _table(connection: duckdb.DuckDBPyConnection, relation: str, name: str, description: str) -> Exported:
    columns = tuple(Column(**row) for row in fetch_dicts(connection, COLUMNS, [relation]))
    known = {column.name for column in columns}
    keys = [row["columns"] for row in fetch_dicts(connection, KEYS, [name])]
    # the reference validator cannot compare lists
    scalars = {column.name for column in columns if not column.is_list}
    key = next((key for key in keys if set(key) <= scalars and _has_no_null(connection, relation, key)), ())
    rows = f"select * from {relation}"
    if "licence" not in known:
        rows = with_licences(relation, [column.name for column in columns])
        columns = (*columns, Column(row_licences.NAME, row_licences.TYPE, row_licences.DESCRIPTION))
    return Exported(relation, name, description, columns, tuple(key), rows)


def _has_no_null(connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]) -> bool:
    """A key that may be null is no primary key, though its rows are unique."""
    empty = " or ".join(f'"{column}" is null' for column in columns)
    return not fetch_dicts(connection, f"select 1 from {relation} where {empty} limit 1")


def sources(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Every source with its publisher, citation, licences, and how many extracts of it are held."""
    return fetch_dicts(connection, SOURCES)


def descriptor(
    connection: duckdb.DuckDBPyConnection, folder: Path, tables: Sequence[Exported], identity: Identity | None = None
) -> Descriptor:
    """What `datapackage.json` says of the files in `folder`."""
    [reviewed] = fetch_dicts(connection, REVIEWED)
    available = [source for source in sources(connection) if source["extracts"]]
    return {
        "$schema": SCHEMA,
        "name": "adoption-warehouse",
        "title": f"Adoption, year over year: {reviewed['focus']}, {reviewed['benchmark']} and others",
        "description": "Adoption measured channel by channel, with what is not known. See datasheet.md. The figures "
        "are their publishers' and keep their licences; where none is stated, no permission is given.",
        "created": fetch_dicts(connection, BUILT)[0]["at"],
        **_named(identity),
        "licenses": _licences(available),
        "sources": [_source(source) for source in available],
        "resources": [_resource(connection, folder, table, available) for table in tables],
    }


def _named(identity: Identity | None) -> Descriptor:
    """The edition; Data Package calls it the version."""
    if identity is None:
        return {}
    return {**({"version": identity.edition} if identity.edition else {}), **identity.fields()}


def _resource(
    connection: duckdb.DuckDBPyConnection, folder: Path, table: Exported, available: Sequence[dict[str, Any]]
) -> Descriptor:
    """The CSV of a table; beside it, in properties of ours, the same rows in the other formats.

    Parquet is no resource of its own: the reference validator reads it through pandas, which cannot tell a missing
    list or date from an empty one.
    """
    schema: Descriptor = {"fields": [column.field() for column in table.columns], "missingValues": [""]}
    used = _used_sources(connection, table, available)
    described, *others = FORMATS
    return {
        "name": table.name,
        "type": "table",
        "description": table.description,
        **_file(folder, table, described),
        "encoding": "utf-8",
        "schema": schema | ({"primaryKey": list(table.key)} if table.key else {}),
        **({"sources": [_source(source) for source in used], "licenses": _licences(used)} if used else {}),
        **{form.name: _file(folder, table, form) for form in others},
    }


def _file(folder: Path, table: Exported, form: ExportFormat) -> Descriptor:
    path = Path(form.name) / f"{table.name}.{form.name}"
    data = (folder / path).read_bytes()
    return {
        "path": path.as_posix(),
        "format": form.name,
        "mediatype": form.mediatype,
        "bytes": len(data),
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
    }


def _used_sources(
    connection: duckdb.DuckDBPyConnection, table: Exported, available: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The sources that a table names, or all of them where it names none."""
    if "source_id" not in {column.name for column in table.columns}:
        return list(available)
    named = {row["source_id"] for row in fetch_dicts(connection, f"select distinct source_id from {table.relation}")}
    return [source for source in available if source["source_id"] in named]


def _source(source: dict[str, Any]) -> Descriptor:
    described = {"title": source["citation"], "publisher": source["publisher"], "licences": source["licences"]}
    return described | ({"repository": source["repository"]} if source["repository"] else {})


def _licences(sources: Sequence[dict[str, Any]]) -> list[Descriptor]:
    """Each licence with the publishers whose figures stand under it, also that none is stated by some of them."""
    holders: dict[str, set[str]] = {}
    for source in sources:
        for licence in source["licences"]:
            holders.setdefault(licence, set()).add(source["publisher"])
    return [
        {"name": _licence_name(licence), "title": f"{licence}: {', '.join(sorted(publishers))}"}
        for licence, publishers in sorted(holders.items())
    ]


def _licence_name(licence: str) -> str:
    """A licence as a name without spaces; SPDX has a prefix for what is not in its list."""
    name = re.sub(r"[^A-Za-z0-9.]+", "-", licence).strip("-")
    return f"LicenseRef-{name}" if licence == NO_LICENCE else name
