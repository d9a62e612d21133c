"""What a review must show of two contenders: both in the way of counting in which the brief compares them.

Belongs here: the rows of the review, with those of the yearly mart where each contender's own way is another. Does not
belong here: how rows are printed.
"""

from __future__ import annotations

import duckdb

from tests.end_to_end.asking import YOY, Row, find, one


def side_by_side(connection: duckdb.DuckDBPyConnection, year: int, rows: list[Row]) -> list[Row]:
    """The rows of `marts.rpt_year_in_review` of the focus and the benchmark, and of markets, as they are shown."""
    pair = {role: next(row["entity_id"] for row in rows if row[role]) for role in ("is_focus", "is_benchmark")}
    lines = find(
        connection,
        "marts.rpt_brief",
        year=year,
        entity_id=pair["is_focus"],
        against_entity_id=pair["is_benchmark"],
    )
    ways = {line["metric_id"]: (line["lead_source_id"], line["lead_basis"]) for line in lines if line["lead_source_id"]}
    return [_shown(connection, row, ways[row["metric_id"]]) if _is_apart(row, rows, ways) else row for row in rows]


def _is_apart(row: Row, rows: list[Row], ways: dict[str, tuple[str, str]]) -> bool:
    """Whether each of the two is known, and in another way, where one way holds both."""
    both = [other for other in rows if other["metric_id"] == row["metric_id"] and other["segment"] == "all"]
    counted = {(other["source_id"], other["basis"]) for other in both}
    is_known = len(both) == 2 and all(other["is_known"] for other in both)
    return is_known and len(counted) == 2 and row["metric_id"] in ways


def _shown(connection: duckdb.DuckDBPyConnection, row: Row, way: tuple[str, str]) -> Row:
    series = one(
        connection,
        YOY,
        year=row["year"],
        metric_id=row["metric_id"],
        source_id=way[0],
        basis=way[1],
        entity_type="contender",
        entity_id=row["entity_id"],
        segment="all",
    )
    return {**row, **{name: value for name, value in series.items() if name in row}}
