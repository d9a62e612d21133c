"""`adoption docs`: the dictionary of the published file, and dbt's documentation as one page.

Belongs here: laying out what the comments of the file say, and where dbt's page is put. Does not belong here: any text
about a table or column (dbt's `_columns.md`, `ingest.catalog.comments`, `adoption.publish.metadata`).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from adoption.markdown import table
from adoption.publish.reader import open_published
from adoption.warehouse.dbt import Dbt
from adoption.warehouse.lock import locked
from ingest.catalog import load_catalog
from ingest.database import fetch_dicts
from ingest.files import replacing, written

if TYPE_CHECKING:
    import duckdb

    from adoption.settings import Settings

SCHEMAS = {
    "main": "start here: names in place of ids, one row a figure",
    "marts": "what is known",
    "meta": "what it means, where it comes from, what was checked",
    "intermediate": "what brief, robustness and crossovers compute from; ask those",
}
TABLES = """
select tables.table_name, array_to_string(keys.columns, ', ') as one_row_is, tables.comment
from duckdb_tables() as tables
left join meta.keys as keys on tables.table_name = keys.table_name
where tables.schema_name = ?
order by tables.table_name
"""
COLUMNS = """
select column_name, lower(data_type) as type, comment, string_agg(table_name, ', ' order by table_name) as tables
from duckdb_columns() where schema_name = ? and not internal
group by all order by column_name, tables
"""
MACROS = """
with named as (select *, list_transform(parameters, lambda text: split_part(text, ':', 1)) as names from meta.macros)

select macro_name || '(' || array_to_string(names, ', ') || ')', description || ' Gives ' || returns || '.'
from named order by form desc, macro_name
"""


def write_docs(settings: Settings, folder: Path) -> list[Path]:
    """Write `dictionary.md` and dbt's page `index.html` to a folder; return both.

    Raises:
        NotPublishedError: when nothing is published.
        BuildRunning: when a build runs; dbt looks into its work file.
        CatalogError: when the catalog is wrong.
        DbtError: when dbt cannot make its page.
        FolderRefused: when `folder` holds anything but documentation that was written before.
    """
    with locked(settings):
        with open_published(settings) as connection:
            text = dictionary(connection)
        with replacing(folder, "docs") as draft:
            Dbt(settings, load_catalog(settings.catalog)).invoke(["docs", "generate", "--static"])
            (draft / "dictionary.md").write_text(text, encoding="utf-8")
            shutil.copyfile(settings.dbt_target / "static_index.html", draft / "index.html")
    return written(folder)


def dictionary(connection: duckdb.DuckDBPyConnection) -> str:
    """Every table, column and macro of a published file, as Markdown; a column that means the same stands once."""
    lines = ["# Dictionary", "", "Made by `make docs` from the comments of the published file; do not edit."]
    for schema, what in SCHEMAS.items():
        lines += ["", f"## Schema `{schema}`: {what}", ""]
        tables = (row.values() for row in fetch_dicts(connection, TABLES, [schema]))
        lines += table(["table", "one row is", "what it holds"], tables)
        lines += ["", f"### Columns of `{schema}`", ""]
        columns = (row.values() for row in fetch_dicts(connection, COLUMNS, [schema]))
        lines += table(["column", "type", "meaning", "tables"], columns)
    lines += [
        "",
        "## Macros",
        "",
        *table(["macro", "what it answers"], (row.values() for row in fetch_dicts(connection, MACROS))),
    ]
    return "\n".join(lines) + "\n"
