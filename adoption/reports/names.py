"""Names that people give: the id or the label of a metric or an entity, in any case.

Belongs here: finding what is meant, and saying what there is. Does not belong here: what is asked about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ingest.database import fetch_dicts
from ingest.errors import UnknownNameError, did_you_mean

if TYPE_CHECKING:
    import duckdb

METRICS = "select metric_id as id, label from catalog.metrics order by position"
ENTITIES = """
select entity_id as id, any_value(label order by entity_type) as label
from catalog.entities group by entity_id order by entity_id
"""
MEMBERS = "select framework_id from catalog.members where contender_id = ? order by framework_id"


def metric_id(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """The metric that is meant.

    Raises:
        UnknownNameError: when the catalog has no such metric.
    """
    return _meant("metric", name, {row["id"]: row["label"] for row in fetch_dicts(connection, METRICS)})


def entity_ids(connection: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    """The entity that is meant; a contender with its members, since what was counted of them is its own too.

    Raises:
        UnknownNameError: when the catalog has no such entity.
    """
    meant = _meant("entity", name, {row["id"]: row["label"] for row in fetch_dicts(connection, ENTITIES)})
    members = (row["framework_id"] for row in fetch_dicts(connection, MEMBERS, [meant]))
    return sorted({meant, *members})


def meant(name: str, labels: Mapping[str, str]) -> str | None:
    """The id whose id or label is this name in any case; None where there is none."""
    wanted = name.strip().casefold()
    by_label = {label.casefold(): one for one, label in labels.items()}
    return {**by_label, **{one.casefold(): one for one in labels}}.get(wanted)


def _meant(what: str, name: str, labels: Mapping[str, str]) -> str:
    found = meant(name, labels)
    if found is None:
        hint = did_you_mean(name, [*labels, *labels.values()]) or "."
        raise UnknownNameError(f"No {what} is called {name!r}; expected one of {', '.join(labels)}{hint}")
    return found
