"""Where the rows of two contenders are: in the marts, or computed now by the macros of the published file.

Belongs here: choosing between the two, and computing once per connection. Does not belong here: the SQL of a pair
(`dbt_project/models`, by way of `adoption.publish.on_demand`), or what is asked of the rows.

A build makes the rows of the review's focus against each other contender, either of them first. Those of any other pair
have the same columns, but no sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ingest.database import literal

if TYPE_CHECKING:
    import duckdb

Mart = Literal["rpt_brief", "fct_robustness", "fct_crossovers"]

MACROS: dict[Mart, str] = {"rpt_brief": "brief", "fct_robustness": "robustness", "fct_crossovers": "crossovers"}
"""The macro that computes the rows of each mart of pairs."""
HAS_ROWS = "select 1 from marts.rpt_brief where entity_id = $1 and against_entity_id = $2 limit 1"
HAS_FOCUS = "select 1 from meta.review where focus in ($1, $2)"
IS_COMPUTED = "select 1 from duckdb_tables() where database_name = 'temp' and table_name = ?"


def relation(connection: duckdb.DuckDBPyConnection, mart: Mart, entity: str, against: str) -> str:
    """What to select from for the rows of `entity` against another contender; it may hold those of others too."""
    if any(connection.execute(query, [entity, against]).fetchall() for query in (HAS_ROWS, HAS_FOCUS)):
        return f"marts.{mart}"
    name = f"{MACROS[mart]}_of_{entity}_and_{against}"
    table = f'temp."{name}"'
    if not connection.execute(IS_COMPUTED, [name]).fetchall():
        call = f"{MACROS[mart]}({literal(entity)}, {literal(against)})"
        connection.execute(f"create temporary table {table} as from {call}")
    return table
