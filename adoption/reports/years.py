"""Which year is meant where none is given.

Belongs here: the choice and the words for it. Does not belong here: what is said of the year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adoption.reports.pairs import relation
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

ENOUGH = 3
"""A headline rests on at least so many channels; of a year with fewer it says first what is missing."""
NEWEST = """
select max(year) as year from {brief}
where entity_id = ? and against_entity_id = ? and line_kind = 'headline' and channels_measured >= ?
"""
REVIEWED = "select review_year from meta.review"


@dataclass(frozen=True)
class ChosenYear:
    """A year, and why it was chosen; no reason where it was given."""

    year: int
    reason: str = ""


def chosen_year(connection: duckdb.DuckDBPyConnection, year: int | None, entity: str, against: str) -> ChosenYear:
    """The year that is given, else the newest in which enough channels compare the two; else the catalog's."""
    if year is not None:
        return ChosenYear(year)
    query = NEWEST.format(brief=relation(connection, "rpt_brief", entity, against))
    newest = fetch_dicts(connection, query, [entity, against, ENOUGH])[0]["year"]
    if newest is not None:
        return ChosenYear(int(newest), f"the newest year with {ENOUGH} or more channels of both")
    return ChosenYear(reviewed_year(connection), "the year of review.yaml")


def reviewed_year(connection: duckdb.DuckDBPyConnection) -> int:
    """The year that the catalog reviews."""
    return int(fetch_dicts(connection, REVIEWED)[0]["review_year"])
