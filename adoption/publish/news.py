"""Whether a build would publish anything else than what is published.

Belongs here: comparing the landing, the inbox and the rules with what the published file says of itself. Does not
belong here: building. Whatever is not known for certain is news: a build is then the answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adoption.publish import digest
from adoption.publish.reader import UnreadableFileError, open_published
from adoption.warehouse import fingerprint
from adoption.warehouse.landing import landing_of
from ingest.database import fetch_dicts
from ingest.errors import LandingError
from ingest.inbox import DONE, REFUSED, unclaimed_files

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from adoption.settings import Settings

RED = "select asset, check_name from meta.check_results where not passed and severity = 'ERROR' order by all"


def news(settings: Settings) -> list[str]:
    """What a build would change or try again, in words; nothing where it would publish the same file."""
    if not settings.published.exists():
        return ["nothing is published yet"]
    if not digest.read(settings.published):
        return ["the published file was not signed when it was published"]
    try:
        with open_published(settings) as connection:
            return [
                *_rules(connection, settings),
                *_red(connection),
                *_landed(connection, settings),
                *_inbox(connection, settings.inbox),
            ]
    except (digest.ChangedFileError, UnreadableFileError, LandingError) as error:
        return [str(error)]


def _rules(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[str]:
    before, now = fingerprint.read(connection), fingerprint.build_inputs(settings)
    names = {**fingerprint.RULES, fingerprint.PROGRAM: "the program", fingerprint.AS_OF: "the day of the warehouse"}
    yield from (f"{label} changed" for rule, label in names.items() if before.get(rule) != now.get(rule))


def _red(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """What has failed is tried again: a file may have been mended, a refused extract may be read by now."""
    yield from (f"{row['asset']} was red: {row['check_name']}" for row in fetch_dicts(connection, RED))


def _landed(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[str]:
    """Sources whose landed extracts are not those of the published file."""
    published: dict[str, set[str]] = {row["source_id"]: set() for row in _meta_rows(connection, "sources", "source_id")}
    landed: dict[str, set[str]] = {source: set() for source in published}
    for row in _meta_rows(connection, "extracts", "source_id, extract_id"):
        published.setdefault(row["source_id"], set()).add(row["extract_id"])
    for event in landing_of(settings).events():
        if event.source in landed:
            landed[event.source].add(event.extract_id)
    for source, extracts in published.items():
        changed = len(extracts ^ landed.get(source, set()))
        if changed:
            yield f"{source}: {changed} extract{'' if changed == 1 else 's'} landed or gone"


def _inbox(connection: duckdb.DuckDBPyConnection, inbox: Path) -> Iterator[str]:
    sources = [row["source_id"] for row in _meta_rows(connection, "sources", "source_id")]
    yield from (f"{inbox.name}/{name}: {reason}" for name, reason in unclaimed_files(inbox, sources))
    for path in sorted(inbox.glob("*/*")):
        if path.parent.name not in (DONE, REFUSED) and not path.name.startswith("."):
            yield f"{inbox.name}/{path.parent.name}/{path.name} was dropped"
    for path in sorted(inbox.glob(f"{REFUSED}/*/*")):
        yield f"{inbox.name}/{REFUSED}/{path.parent.name}/{path.name} was refused"


def _meta_rows(connection: duckdb.DuckDBPyConnection, table: str, columns: str) -> list[dict[str, str]]:
    return fetch_dicts(connection, f"select {columns} from meta.{table}")
