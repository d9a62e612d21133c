"""What is wrong now, as notices: sources, runs, checks that block, alarms. Each is a line that names what it is of.

A key leaves numbers out, so that the same failure with another count or another time is the same failure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from adoption.notices.desk import Desk, told
from adoption.notices.notice import Notice
from adoption.publish.reader import open_published
from adoption.reports.health import failed_sources
from ingest.catalog import Catalog
from ingest.database import fetch_dicts
from ingest.errors import shortened

if TYPE_CHECKING:
    from adoption.settings import Settings

ALARMS = "select alarm_id, label, filename from marts.fct_alarms where status = 'new' order by start_date, alarm_id"
HAS_ALARMS = "select 1 from duckdb_tables() where schema_name = 'marts' and table_name = 'fct_alarms'"
VARYING = re.compile(r"[0-9a-f]{8,}|\d+")
LONGEST = 200


def of_published(settings: Settings, catalog: Catalog) -> list[Notice]:
    """Sources that failed in the published file or the inbox, and alarms that nobody has looked into.

    Raises:
        NotPublishedError, ChangedFileError, UnreadableFileError: see `open_published`.
    """
    labels = {source.id: source.label for source in catalog.sources}
    with open_published(settings) as connection:
        failed = [
            Notice(
                "source_failed",
                f"{finding.source}/{_key(finding.text)}",
                f"{_named(labels, finding.source)} {_line(finding.text)}. What it had before stays; adoption status "
                "and adoption doctor say more.",
            )
            for finding in failed_sources(connection, settings, catalog)
        ]
        alarms = fetch_dicts(connection, ALARMS) if connection.execute(HAS_ALARMS).fetchall() else []
    return [*failed, *map(_alarm, alarms)]


def _alarm(row: dict[str, str | None]) -> Notice:
    where = f" ({row['filename']})" if row["filename"] else ""
    ending = "What it touches is withheld; adoption alarms lists it, adoption accept says what it was."
    return Notice("anomaly_new", f"alarm/{row['alarm_id']}", f"{row['label']}{where}. {ending}")


def refresh_failed(catalog: Catalog, source: str, reason: str) -> Notice:
    """A source that could not be fetched; told once until it could."""
    labels = {entry.id: entry.label for entry in catalog.sources}
    ending = "What it had before stays; the next refresh tries again."
    text = f"{_named(labels, source)} could not be fetched: {_line(reason)}. {ending}"
    return Notice("source_failed", f"refresh/{source}", text)


def tell_of_refresh(settings: Settings, catalog: Catalog, reasons: Mapping[str, str | None]) -> list[str]:
    """Tell which sources could not be fetched and why (None where one could); return what was not delivered."""

    def hand_in(desk: Desk) -> None:
        for source, reason in reasons.items():
            desk.hold(f"refresh/{source}", [refresh_failed(catalog, source, reason)] if reason else [])

    return told(settings, hand_in)


def run_failed(job: str, reason: str) -> Notice:
    """A run that failed for a reason; told once until the job succeeds or fails for another."""
    what = "The build" if job == "warehouse" else f"The run of {job}"
    text = f"{what} failed: {_line(reason)}. The last published file stays."
    return Notice("run_failed", f"{job}/{_key(reason)}", text)


def check_blocked(name: str, row: str) -> Notice:
    """A check that keeps what was built from being published."""
    example = f" ({shortened(row, LONGEST)})" if row else ""
    text = f"{name} does not pass{example}. The last published file stays until it does; its rows are in adoption ui."
    return Notice("check_blocked", name, text)


def _named(labels: dict[str, str], source: str | None) -> str:
    return f"{labels[source]} ({source})" if source in labels else str(source)


def _line(text: str) -> str:
    """A text as one line without a full stop at its end."""
    return shortened(" ".join(text.split())).rstrip(".")


def _key(text: str) -> str:
    return VARYING.sub("#", " ".join(text.split()))[:LONGEST]
