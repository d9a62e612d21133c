"""How a check shows what is wrong: the offending rows as a table, and how many there are.

Belongs here: results and specs that several asset families share. Does not belong here: what is checked
(`orchestration.assets.raw` for loading, the dbt project for everything after it).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    import duckdb

SHOWN = 20
"""How many offending rows a check shows."""
FAILING_ROWS = "failing_rows"
"""Metadata entry: how many rows break the rule."""
ROWS = "rows"
"""Metadata entry: the first of them."""


class MissingResultError(dg.DagsterInvariantViolationError):
    """A step ended without a result for a check that it declares; without this the run would stay green."""


def query_table(connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[object] = ()) -> dict[str, Any]:
    """Check metadata for a query that returns offending rows: their number, and the first ones as a table."""
    cursor = connection.execute(sql, list(values))
    columns = [column[0] for column in cursor.description or ()]
    rows = cursor.fetchall()
    return table(columns, rows, len(rows))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], total: int) -> dict[str, Any]:
    """Check metadata for offending rows: their number, and the first ones as a table if there are any."""
    shown = [dg.TableRecord(dict(zip(columns, map(_plain, row), strict=True))) for row in rows][:SHOWN]
    if not shown:
        return {FAILING_ROWS: total}
    schema = dg.TableSchema([dg.TableColumn(column) for column in columns])
    return {FAILING_ROWS: total, ROWS: dg.MetadataValue.table(shown, schema)}


def as_table(rows: Sequence[Mapping[str, object]]) -> dg.TableMetadataValue:
    """Rows of the same columns as a table; there must be one."""
    records = [dg.TableRecord({name: _plain(value) for name, value in row.items()}) for row in rows]
    return dg.MetadataValue.table(records, dg.TableSchema([dg.TableColumn(name) for name in rows[0]]))


def _plain(value: object) -> str | int | float | bool | None:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def require_all(declared: Iterable[dg.AssetCheckKey], reported: Iterable[dg.AssetCheckKey]) -> None:
    """Compare the checks that a step declares with those it gave a result for.

    Raises:
        MissingResultError: naming the checks without a result (dagster#33351: they would be skipped in silence).
    """
    missing = sorted(key.to_user_string() for key in set(declared) - set(reported))
    if missing:
        raise MissingResultError(f"{len(missing)} declared checks gave no result: {', '.join(missing)}")
