"""The explained anomalies on a terminal.

Belongs here: asking the published file and laying the answer out. Does not belong here: finding or explaining them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from adoption.publish.reader import open_published
from adoption.reports.console import print_json
from adoption.reports.format import words
from adoption.reports.names import entity_ids, metric_id
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    from adoption.settings import Settings

ANOMALIES = """
select * from marts.fct_anomalies
where ($metric is null or metric_id = $metric) and ($entities is null or list_contains($entities, entity_id))
    and ($every_kind or kind not in ('gap', 'partial', 'yoy_flip'))
order by metric_id, start_date, entity_id
"""
SLUMPS = """
select metric_id, entity_id, list(smallest_depth_pct order by window_months) as depths
from marts.fct_minimum_detectable_effects
where ($metric is null or metric_id = $metric) and ($entities is null or list_contains($entities, entity_id))
group by all order by metric_id, entity_id
"""


def show(settings: Settings, metric: str | None, entity: str | None, every_kind: bool, as_json: bool = False) -> None:
    """Print the anomalies, of one metric and entity if named, and how deep a slump cannot be excluded.

    Raises:
        NotPublishedError: when nothing is published.
        UnknownNameError: when the catalog has no such metric or entity.
    """
    with open_published(settings) as connection:
        filters = {
            "metric": metric_id(connection, metric) if metric else None,
            "entities": entity_ids(connection, entity) if entity else None,
        }
        events = fetch_dicts(connection, ANOMALIES, {**filters, "every_kind": every_kind})
        slumps = fetch_dicts(connection, SLUMPS, filters)
    if as_json:
        print_json({"anomalies": events, "minimum_detectable": slumps})
        return
    console = Console(highlight=False)
    console.print(_events(events) if events else "No anomaly was found.")
    console.print(Text("\nA slump of up to this depth cannot be excluded (3, 6 and 9 months)", style="bold"))
    for row in slumps:
        depths = ", ".join("any" if depth is None else f"{depth:.0f} %" for depth in row["depths"])
        console.print(Text(f"  {row['metric_id']}, {row['entity_id']}: {depths}"))


def _events(events: list[dict[str, Any]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in ("metric", "entity", "kind", "from", "to", "change", "scope", "explanation"):
        table.add_column(name, justify="right" if name == "change" else "left", no_wrap=name != "explanation")
    for event in events:
        change = "" if event["change_pct"] is None else f"{event['change_pct']:+.0f} %"
        unseen = " (not seen)" if event["is_known"] and event["is_seen"] is False else ""
        explanation = Text(f"{event['explanation'] or 'unexplained'}{unseen}")
        if event["explanation_kind"] == "unexplained":
            explanation.stylize("yellow")
        table.add_row(
            event["metric_id"],
            event["entity_id"],
            words(event["kind"]),
            f"{event['start_date']:%Y-%m}",
            f"{event['end_date']:%Y-%m}",
            change,
            event["scope"],
            explanation,
        )
    return table
