"""Whether a warehouse that runs unattended is well: one line for each thing that somebody must see to.

Belongs here: findings from what is published, landed and queued, for an exit code and for Prometheus. Out of scope:
what is missing of sources that nobody fetches automatically (`adoption.reports.status`), and a damaged data folder
(`adoption doctor`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, get_args

from adoption.publish.reader import open_published
from adoption.reports.status import Line, label, lines_of, unclaimed
from adoption.warehouse.landing import landing_of
from ingest.catalog import Catalog, load_catalog
from ingest.database import fetch_dicts
from ingest.errors import LandingError
from ingest.inbox import rejected_files
from ingest.model import Fetch
from ingest.refresh import switched_off
from ingest.sources import load_source

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from adoption.settings import Settings
    from ingest.landing import Landing

LONGEST_WAIT = timedelta(hours=1)
"""A run that waits longer stands behind one that does not end."""
TIME_TO_PUBLISH = timedelta(days=1)
"""An extract that landed longer ago should be in the published file: every schedule builds within a day."""
REFUSED = """
select
    source_id,
    list(if(starts_with(error, filename), error, filename || ': ' || error) order by filename) as refused
from meta.extracts where status = 'refused' group by source_id
"""
RED = """
select split_part(asset, '/', 2) as source_id, check_name from meta.check_results
where not passed and severity = 'ERROR' and starts_with(asset, 'raw/') order by all
"""
Kind = Literal["source_failed", "source_overdue", "file_rejected", "file_stale", "queue_full", "notice_failed"]


@dataclass(frozen=True)
class Finding:
    """Something that somebody must see to; `source` is None where it is no source's."""

    kind: Kind
    source: str | None
    text: str

    @property
    def line(self) -> str:
        """One line that names the source."""
        return f"{self.source or self.kind}: {self.text}"


@dataclass(frozen=True)
class QueuedRun:
    """A run that waits for its turn: since when (UTC), and of which source where it fetches one."""

    since: datetime
    job: str
    source: str | None = None


@dataclass(frozen=True)
class Health:
    """What was looked at, and what was found."""

    lines: Sequence[Line]
    unpublished: Sequence[Fetch]
    queued: Sequence[QueuedRun]
    alarms: int
    published_at: datetime
    findings: Sequence[Finding]


def health_of(
    settings: Settings,
    queued: Sequence[QueuedRun] = (),
    others: Sequence[Finding] = (),
    now: datetime | None = None,
) -> Health:
    """Look at what is published, landed and queued (`queued`: the runs that wait, the oldest first).

    `others` is what is found elsewhere: sources that could not be fetched, notices that were not delivered.

    Raises:
        NotPublishedError: when nothing is published.
        CatalogError: when the catalog is not valid.
    """
    now = now or datetime.now(UTC)
    catalog = load_catalog(settings.catalog)
    with open_published(settings) as connection:
        lines = lines_of(connection, settings, catalog, now.date())
        loaded = {row["extract_id"] for row in fetch_dicts(connection, "select extract_id from meta.extracts")}
        failed = failed_sources(connection, settings, catalog)
        [alarms] = fetch_dicts(connection, "select count(*) as new from marts.fct_alarms where status = 'new'")
    events, unreadable = _events(landing_of(settings), catalog)
    unpublished = [event for event in events if event.kind == "landed" and event.extract_id not in loaded]
    findings = [
        *failed,
        *unreadable,
        *others,
        *_overdue_sources(lines),
        *(Finding("file_rejected", None, text) for text in unclaimed(settings, catalog)),
        *_of_file(unpublished, now),
        *_of_queue(queued, now),
    ]
    published_at = datetime.fromtimestamp(settings.published.stat().st_mtime, UTC)
    return Health(lines, unpublished, queued, alarms["new"], published_at, findings)


def _events(landing: Landing, catalog: Catalog) -> tuple[list[Fetch], list[Finding]]:
    """What was landed, and the sources of which an event cannot be read: it hides those of no other source."""
    try:
        return landing.events(), []
    except LandingError:
        events: list[Fetch] = []
        unreadable = []
    for source in catalog.sources:
        try:
            events += landing.events(source.id)
        except LandingError as error:
            unreadable.append(Finding("source_failed", source.id, f"failed: {error}"))
    return events, unreadable


def failed_sources(connection: DuckDBPyConnection, settings: Settings, catalog: Catalog) -> list[Finding]:
    """Sources of which an extract or a file was rejected, or of which a check of the last build failed."""
    refused = {row["source_id"]: row["refused"] for row in fetch_dicts(connection, REFUSED)}
    red: dict[str, list[str]] = {}
    for row in fetch_dicts(connection, RED):
        red.setdefault(row["source_id"], []).append(f"the check {row['check_name']} does not pass")
    found = []
    for source in catalog.sources:
        dropped = (reason for _, reason in rejected_files(settings.inbox, source.id))
        texts = [*refused.get(source.id, ()), *dropped] or red.get(source.id, [])
        found += [Finding("source_failed", source.id, f"failed: {text}") for text in texts]
    return found


def _overdue_sources(lines: Sequence[Line]) -> Iterator[Finding]:
    for line in lines:
        overdue = _overdue(line)
        if overdue:
            yield Finding("source_overdue", line.source.id, overdue)


def _overdue(line: Line) -> str | None:
    """What a source that is fetched on schedule lacks after its newest period; None where it lacks nothing."""
    entry, grain = line.source, line.source.expected.grain
    if not entry.access or not entry.access.schedule or switched_off(load_source(entry.id), entry):
        return None
    newest = max(line.periods.available, default=None)
    missing = [period for period in line.periods.missing if newest is None or period > newest]
    if not missing:
        return None
    until = f"available until {label(newest, grain)}" if newest else "nothing is available"
    return f"overdue: {label(missing[-1], grain)} should be published by now; {until}"


def _of_file(unpublished: Sequence[Fetch], now: datetime) -> Iterator[Finding]:
    for event in unpublished:
        if now - event.landed_at > TIME_TO_PUBLISH:
            text = f"landed on {event.landed_at:%Y-%m-%d} and not published: {event.filename}"
            yield Finding("file_stale", event.source, text)


def _of_queue(queued: Sequence[QueuedRun], now: datetime) -> Iterator[Finding]:
    if queued and now - queued[0].since > LONGEST_WAIT:
        runs = "1 run waits" if len(queued) == 1 else f"{len(queued)} runs wait"
        oldest = f"the oldest, {queued[0].job}, since {queued[0].since:%Y-%m-%d %H:%M} UTC"
        yield Finding("queue_full", queued[0].source, f"the queue is full: {runs}, {oldest}")


def prometheus(health: Health) -> Iterator[str]:
    """The text format that Prometheus reads, line by line."""
    yield from _findings(health.findings)
    failed = {finding.source for finding in health.findings if finding.kind == "source_failed"}
    overdue = {finding.source for finding in health.findings if finding.kind == "source_overdue"}
    yield from _gauges(
        "source_failed",
        "1 where an extract or a file of the source was rejected",
        {line.source.id: int(line.source.id in failed) for line in health.lines},
    )
    yield from _gauges(
        "source_overdue",
        "1 where a period should have been fetched by now",
        {line.source.id: int(line.source.id in overdue) for line in health.lines},
    )
    yield from _gauges(
        "source_missing_periods",
        "Periods that should be available and are not",
        {line.source.id: len(line.periods.missing) for line in health.lines},
    )
    yield from _gauges(
        "source_rejected_rows",
        "Rows of landed extracts that were not accepted",
        {line.source.id: line.extract["rows_rejected"] for line in health.lines},
    )
    yield from _gauges(
        "source_landed_timestamp_seconds",
        "When its newest extract landed",
        {line.source.id: _seconds(line.extract["newest"]) for line in health.lines if line.extract["newest"]},
    )
    yield from _gauge("published_timestamp_seconds", "When the published file was made", _seconds(health.published_at))
    yield from _gauge("unpublished_extracts", "Landed extracts that it lacks", len(health.unpublished))
    yield from _gauge("new_alarms", "Alarms that nobody has looked into", health.alarms)
    yield from _gauge("queued_runs", "Runs that wait", len(health.queued))


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    """How many findings there are of each kind and source; a kind of which there is none is zero."""
    counts = Counter((finding.kind, finding.source or "") for finding in findings)
    counts.update({(kind, ""): 0 for kind in get_args(Kind) if all(kind != found for found, _ in counts)})
    yield "# HELP adoption_findings Things that somebody must see to; adoption status --check has each in a line"
    yield "# TYPE adoption_findings gauge"
    yield from (
        f'adoption_findings{{kind="{kind}",source="{source}"}} {count}'
        for (kind, source), count in sorted(counts.items())
    )


def _gauges(name: str, description: str, values: dict[str, int]) -> Iterator[str]:
    yield f"# HELP adoption_{name} {description}"
    yield f"# TYPE adoption_{name} gauge"
    yield from (f'adoption_{name}{{source="{source}"}} {value}' for source, value in values.items())


def _gauge(name: str, description: str, value: int) -> Iterator[str]:
    yield f"# HELP adoption_{name} {description}"
    yield f"# TYPE adoption_{name} gauge"
    yield f"adoption_{name} {value}"


def _seconds(moment: datetime) -> int:
    """Seconds since 1970; times in DuckDB are UTC without saying so."""
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
