"""The tables that publishing adds to schema `meta`: the checks of the build, the landed extracts, the lineage.

Belongs here: their columns and what each means. Does not belong here: the catalog's own tables
(`ingest.catalog.tables`), tables that SQL makes from others (`dbt_project/published/`), or copying the marts
(`adoption.publish.writer`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.database import literal

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Table:
    """A table that publishing makes: its meaning, of each column the type and the meaning, and its schema."""

    name: str
    text: str
    columns: Mapping[str, tuple[str, str]]
    schema: str = "meta"

    def write(self, connection: duckdb.DuckDBPyConnection, rows: Iterable[tuple[object, ...]]) -> None:
        """Create it with its comments and fill it."""
        typed = ", ".join(f"{name} {kind}" for name, (kind, _) in self.columns.items())
        connection.execute(f"create table {self.schema}.{self.name} ({typed})")
        self.describe(connection)
        batch = list(rows)
        if batch:
            places = ", ".join("?" * len(self.columns))
            connection.executemany(f"insert into {self.schema}.{self.name} values ({places})", batch)

    def describe(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Write its meaning and that of its columns as comments."""
        connection.execute(f"comment on table {self.schema}.{self.name} is {literal(self.text)}")
        for name, (_, text) in self.columns.items():
            connection.execute(f'comment on column {self.schema}.{self.name}."{name}" is {literal(text)}')


CHECK_RESULTS = Table(
    "check_results",
    "Every check of the build that wrote this file, with its result.",
    {
        "asset": ("varchar", "The asset that the check speaks about."),
        "check_name": ("varchar", "The truth that must hold."),
        "passed": ("boolean", "Whether it held in the build that wrote this file."),
        "severity": ("varchar", "ERROR or WARN: how bad it is when it does not hold."),
        "is_blocking": ("boolean", "Whether nothing is published when it does not hold."),
        "failing_rows": ("bigint", "How many rows break the rule; null where the check does not count rows."),
        "checked_at": ("timestamp", "When it was checked (UTC)."),
    },
)
LINEAGE = Table(
    "lineage",
    "What is made from what: one row per asset and asset directly upstream, from the sources' extracts to the marts. "
    "Which extract feeds which metric is in meta.extract_metrics.",
    {
        "asset": ("varchar", "What is made, as layer/name: marts/x is the table marts.x."),
        "upstream_asset": (
            "varchar",
            "What it is made from. raw/x are the raw tables of source x, extracts/x what was requested of it.",
        ),
    },
)
BUILD_INPUTS = Table(
    "build_inputs",
    "What made this file: digests of the rules, and the day it was built as of.",
    {
        "name": (
            "varchar",
            "catalog, dbt_project or code: the sha256 of its files; program: of all Python code and the versions of "
            "packages; as_of: the day.",
        ),
        "value": ("varchar", "The digest or the day."),
    },
)
KEYS = Table(
    "keys",
    "What one row of a table is: the columns whose combination is unique, checked at every build.",
    {
        "table_name": ("varchar", "The table."),
        "columns": ("varchar[]", "The columns, or expressions where one of them may be null."),
    },
)
EXTRACTS = Table(
    "extracts",
    "Every landed extract, one row per event: what was requested, which bytes came, when, and under which licence.",
    {
        "extract_id": ("varchar", "Identity of the event."),
        "source_id": ("varchar", "Identity of the source."),
        "table_name": ("varchar", "Which of the source's tables it holds."),
        "scope_key": ("varchar", "What it covers, as one text; the newest extract of a scope speaks for it."),
        "form": ("varchar", "Documented form of its bytes."),
        "request": ("varchar", "How it was requested, without credentials (JSON); null where a file came by hand."),
        "period_start": ("date", "First day that it covers."),
        "period_end": ("date", "Day after the last day that it covers."),
        "terms": ("varchar[]", "The names that were requested; null means all that the source lists."),
        "filename": ("varchar", "Name of the file."),
        "sha256": ("varchar", "Hash of its bytes; it is kept under this name and verified."),
        "landed_at": ("timestamp", "When it was landed here (UTC)."),
        "available_at": (
            "timestamp",
            "When the public could know it (UTC); null where only its rows say so.",
        ),
        "available_evidence": ("varchar", "How that is known."),
        "licence": ("varchar", "Licence stated by the publisher, or that none is stated."),
        "derived_from": ("varchar", "The published files that it was reduced from (JSON); null where it is verbatim."),
        "reduction": ("varchar", "How it was reduced."),
        "kind": ("varchar", "landed, or retracted: then the event withdraws another."),
        "retracts": ("varchar", "The event that is withdrawn."),
        "reason": ("varchar", "Why it was withdrawn."),
        "status": ("varchar", "loaded, refused or retracted."),
        "error": ("varchar", "Why it was refused."),
        "rows_in": ("bigint", "Rows of the file."),
        "rows_loaded": ("bigint", "How many of them were loaded."),
        "rows_rejected": ("bigint", "How many were not; rows_in is the sum of both."),
    },
)
