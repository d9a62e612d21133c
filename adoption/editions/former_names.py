"""The names that tables and columns of the published file had in earlier versions, so that their editions are read.

An edition is never rewritten. `attach_translated` puts views over it that bear today's names, and whoever compares two
files reads those. A name that is no longer published, or that is the same, is not listed here. An earlier version wrote
the rows of every pair of contenders; shown are those that a build makes now, of the review's focus.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.database import literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

SCHEMAS = {"catalog": "meta"}
TABLES = {
    "dim_frameworks": "dim_entities",
    "fct_excludable_slumps": "fct_minimum_detectable_effects",
    "fct_restatements": "fct_revisions",
    "made_by": "build_inputs",
    "tide_excludes": "baseline_exclusions",
}
COLUMNS = {
    "native_name": "external_name",
    "standing_high": "ranking_high",
    "standing_low": "ranking_low",
    "tide_packages": "baseline_packages",
    "tide_pct": "baseline_growth_pct",
    "tide_q25_pct": "baseline_q25_pct",
    "tide_q75_pct": "baseline_q75_pct",
    "unknown_reason": "no_data_reason",
}
PUBLISHED = """
select schema_name, table_name, list(column_name order by column_index) as column_names from duckdb_columns()
where database_name = ? and schema_name in ('marts', 'catalog', 'meta')
group by all order by all
"""
OTHER = "against_entity_id"
"""Whoever has this column compares two contenders."""


def attach_translated(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    """Attach a published file of any version, read-only, as database `name` with the names of today.

    Raises:
        duckdb.Error: when the file is none that DuckDB reads.
    """
    file = f"{name}_file"
    connection.execute(f"attach {literal(str(path))} as {file} (type duckdb, read_only)")
    connection.execute(f"attach ':memory:' as {name}")
    published = connection.execute(PUBLISHED, [file]).fetchall()
    reviews = [f"{file}.{schema}.review" for schema, table, _ in published if table == "review"]
    for schema, table, columns in published:
        today = f"{name}.{SCHEMAS.get(schema, schema)}"
        listed = ", ".join(f'"{column}" as "{COLUMNS.get(column, column)}"' for column in columns)
        connection.execute(f"create schema if not exists {today}")
        materialised = _materialised(reviews) if OTHER in columns else "true"
        connection.execute(
            f'create view {today}."{TABLES.get(table, table)}" as '
            f'select {listed} from {file}.{schema}."{table}" where {materialised}'
        )


def _materialised(reviews: Sequence[str]) -> str:
    """A condition that holds of the pairs of the review's focus, and of whatever has no other side."""
    own = (f"(select focus from {review}) in (entity_id, {OTHER})" for review in reviews)
    return " or ".join([f"{OTHER} is null", *own]) if reviews else "true"
