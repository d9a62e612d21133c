"""Names that people give: the id or the label of what the catalog holds, in any case.

Belongs here: finding what is meant, and saying what there is. Does not belong here: what is asked about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ingest.database import fetch_dicts
from ingest.errors import UnknownNameError, did_you_mean

if TYPE_CHECKING:
    import duckdb

METRICS = "select metric_id as id, label from meta.metrics order by position"
ENTITIES = """
select entity_id as id, any_value(label order by entity_type) as label
from meta.entities group by entity_id order by entity_id
"""
CONTENDERS = """
select entity_id as id, label from meta.entities where entity_type = 'contender' order by entity_id
"""
REVIEW = "select focus, benchmark from meta.review"
MEMBERS = "select framework_id from meta.members where contender_id = ? order by framework_id"
MEMBERSHIPS = """
select members.framework_id as id, entities.label, members.contender_id
from meta.members as members
inner join meta.entities as entities
    on entities.entity_type = 'framework' and entities.entity_id = members.framework_id
order by members.framework_id, members.contender_id
"""


class UnknownContenderError(UnknownNameError):
    """No contender of the catalog has this id; the text names those that there are."""


def metric_id(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """The metric that is meant.

    Raises:
        UnknownNameError: when the catalog has no such metric.
    """
    return resolve("metric", name, {row["id"]: row["label"] for row in fetch_dicts(connection, METRICS)})


def entity_ids(connection: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    """The entity that is meant; a contender with its members, since what was counted of them is its own too.

    Raises:
        UnknownNameError: when the catalog has no such entity.
    """
    entity = resolve("entity", name, {row["id"]: row["label"] for row in fetch_dicts(connection, ENTITIES)})
    members = (row["framework_id"] for row in fetch_dicts(connection, MEMBERS, [entity]))
    return sorted({entity, *members})


def contenders(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The label of every contender by its id."""
    return {row["id"]: row["label"] for row in fetch_dicts(connection, CONTENDERS)}


def contender_id(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """The contender that is meant; the name of a member stands for the contender that counts it.

    Raises:
        UnknownContenderError: when the catalog has no such contender or member.
    """
    labels = contenders(connection)
    match = matching_id(name, labels)
    if match:
        return match
    members = fetch_dicts(connection, MEMBERSHIPS)
    member = matching_id(name, {row["id"]: row["label"] for row in members})
    if member:
        return str(next(row["contender_id"] for row in members if row["id"] == member))
    known = [*labels, *labels.values(), *(text for row in members for text in (row["id"], row["label"]))]
    raise UnknownContenderError(_refusal("contender", name, labels, did_you_mean(name, known)))


def chosen(
    connection: duckdb.DuckDBPyConnection, entity: str | None, against: str | None
) -> tuple[dict[str, str], dict[str, str]]:
    """Who against whom, each with `entity_id` and `label`; what is not given is the catalog's review.

    Raises:
        UnknownContenderError: when the catalog has no such contender, or both are the same.
    """
    labels = contenders(connection)
    entity, against = (name and contender_id(connection, name) for name in (entity, against))
    entity_id, against_id = _chosen(fetch_dicts(connection, REVIEW)[0], entity, against)
    if entity_id == against_id:
        raise UnknownContenderError(
            f"{labels[entity_id]} cannot be compared with itself; name another one with --against."
        )
    return {"entity_id": entity_id, "label": labels[entity_id]}, {"entity_id": against_id, "label": labels[against_id]}


def _chosen(review: Mapping[str, str], entity: str | None, against: str | None) -> tuple[str, str]:
    """Who against whom: one who is not named is the focus of the review, or its benchmark where that is taken."""
    focus = entity or (review["focus"] if against != review["focus"] else review["benchmark"])
    return focus, against or (review["benchmark"] if focus != review["benchmark"] else review["focus"])


def matching_id(name: str, labels: Mapping[str, str]) -> str | None:
    """The id whose id or label is this name in any case; None where there is none."""
    folded = name.strip().casefold()
    by_label = {label.casefold(): known_id for known_id, label in labels.items()}
    return {**by_label, **{known_id.casefold(): known_id for known_id in labels}}.get(folded)


def resolve(what: str, name: str, labels: Mapping[str, str]) -> str:
    """The id that is meant, of things that are called `what`.

    Raises:
        UnknownNameError: naming what there is, and what may have been meant.
    """
    match = matching_id(name, labels)
    if match is None:
        raise UnknownNameError(_refusal(what, name, labels, did_you_mean(name, [*labels, *labels.values()])))
    return match


def _refusal(what: str, name: str, labels: Mapping[str, str], hint: str) -> str:
    return f"No {what} is called {name!r}; expected one of {', '.join(labels)}{hint or '.'}"
