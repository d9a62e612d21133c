"""Where a report goes, which year it is of, and what it is made from: all that is asked before the work.

Belongs here: what a command needs in order to find that there is nothing to do. Does not belong here: the work
(`adoption.reports.page.render`), whose modules take longer to import than all of this.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from adoption.publish.reader import open_published
from adoption.reports.names import chosen
from adoption.reports.years import chosen_year
from ingest.files import check_target

if TYPE_CHECKING:
    import duckdb

    from adoption.settings import Settings

KIND, PAGE = "report", "index.html"


def target(
    settings: Settings,
    year: int | None = None,
    entity: str | None = None,
    against: str | None = None,
    folder: Path | None = None,
) -> Path:
    """Where a report goes: `folder`, else data/reports/YEAR, with the pair in its name where it is not the catalog's.

    To be asked before the report is made, which takes a while.

    Raises:
        NotPublishedError: when nothing is published.
        UnknownContenderError: when the catalog has no such contender, or both are the same.
        FolderRefused: when the folder holds anything but a report that was written before.
    """
    if folder is None:
        with open_published(settings) as connection:
            named_year = year_of(connection, year, entity, against)
            pair, usual = chosen(connection, entity, against), chosen(connection, None, None)
        names = [] if pair == usual else [row["entity_id"] for row in pair]
        folder = settings.reports / "-".join([str(named_year), *names])
    check_target(folder, KIND)
    return folder


def year_of(connection: duckdb.DuckDBPyConnection, year: int | None, entity: str | None, against: str | None) -> int:
    """The year that is asked for, else the newest in which enough channels compare the two."""
    pair = chosen(connection, entity, against)
    return chosen_year(connection, year, *(row["entity_id"] for row in pair)).year
