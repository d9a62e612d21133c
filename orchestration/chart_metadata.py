"""Charts of marts and series as metadata: drawn once, and again only when a figure in them changed.

Belongs here: keeping pictures, and what stands in their place where nothing is available. Does not belong here: which
rows are shown (`adoption.reports.chart_data`) or how a chart looks (`adoption.reports.charts`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from adoption.reports import chart_data, charts
from adoption.reports.charts import Changes, Panel
from adoption.warehouse.cache import RenderCache
from adoption.warehouse.table_stats import Table, Types
from orchestration.check_results import as_table

if TYPE_CHECKING:
    import duckdb

Exhibit = Callable[["duckdb.DuckDBPyConnection", RenderCache], dict[str, Any]]


def months(connection: duckdb.DuckDBPyConnection, cache: RenderCache) -> dict[str, Any]:
    """Focus against benchmark, month by month."""
    return {
        "chart": picture(cache, "months", chart_data.months(connection), "The contender in focus and the benchmark")
    }


def year(connection: duckdb.DuckDBPyConnection, cache: RenderCache) -> dict[str, Any]:
    """Focus against benchmark in the review year: bars, and the same figures as a table."""
    rows = chart_data.compared(connection)
    description = "The year under review against the year before, the contender in focus and the benchmark"
    chart = picture(cache, "year", chart_data.changes(rows), description)
    cells = chart_data.compared_cells(rows)
    return {"chart": chart, **({"review_year": as_table(cells)} if cells else {})}


CHARTS: Mapping[Table, tuple[Exhibit, tuple[Table, ...]]] = {
    Table("marts", "fct_adoption_monthly"): (
        months,
        (Table("marts", "fct_adoption_yoy"), Table("intermediate", "int_breaks__by_series")),
    ),
    Table("marts", "fct_adoption_yoy"): (year, ()),
}
"""What is shown of a mart, and which tables that needs besides."""


def exhibit(connection: duckdb.DuckDBPyConnection, cache: RenderCache, table: Table, types: Types) -> dict[str, Any]:
    """The chart and table of a mart, if it has one; where another table is not built yet, which one."""
    if table not in CHARTS:
        return {}
    show, needed = CHARTS[table]
    absent = [f"{other.schema}.{other.name}" for other in needed if other.name not in types.get(other.schema, {})]
    return {"chart": f"No chart: not built yet: {', '.join(absent)}"} if absent else show(connection, cache)


def picture(
    cache: RenderCache,
    name: str,
    parts: Sequence[Panel] | Sequence[Changes],
    text: str,
    nothing: str = "No chart: nothing is available",
) -> dg.MetadataValue[Any]:
    """A chart as Markdown; in words where there is nothing to draw."""
    drawn = [part for part in parts if isinstance(part, Changes) or part.values]
    if not drawn:
        return dg.MetadataValue.text(nothing)
    svg = cache.get(f"{name}.svg", charts.made_from(drawn), lambda: charts.drawn(drawn))
    return dg.MetadataValue.md(charts.as_markdown(svg, text))
