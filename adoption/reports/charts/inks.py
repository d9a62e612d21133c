"""The colour of each contender, the same on every page, in every post and in the explorer.

Belongs here: who has which colour, on white and on dark. Does not belong here: what is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

LIGHT = ("#0072B2", "#B04D00", "#007A5A", "#A8457E", "#8A6D00", "#5B4FB0", "#9B2226", "#555555")
DARK = ("#56B4E9", "#FF9D5C", "#35C99B", "#E29CC4", "#E0C14A", "#B0A5F5", "#F08A8A", "#B8B8B8")
"""The same eight on a dark ground. Okabe and Ito's colours first: text in them can be read."""
ORDER = """
select entity_id from meta.entities cross join meta.review
where entity_type = 'contender' order by entity_id = focus desc, entity_id = benchmark desc, label
"""


@dataclass(frozen=True)
class Ink:
    """A colour on white, and on dark."""

    light: str
    dark: str


def of_contenders(connection: duckdb.DuckDBPyConnection) -> Mapping[str, Ink]:
    """The colour of each contender by its id: focus and benchmark of the catalog first, then by label."""
    ids = [str(row["entity_id"]) for row in fetch_dicts(connection, ORDER)]
    return {entity_id: Ink(LIGHT[place % len(LIGHT)], DARK[place % len(DARK)]) for place, entity_id in enumerate(ids)}
