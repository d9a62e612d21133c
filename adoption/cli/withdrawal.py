"""Withdrawing an extract at a terminal: what falls with it, doing it, and undoing it.

Belongs here: telling people before and after. Does not belong here: the events (`ingest.landing`), or leaving an
extract out (a build does).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from adoption.publish.reader import open_published
from adoption.warehouse.landing import landing_of
from ingest.database import fetch_dicts
from ingest.landing import Landing
from ingest.model import Fetch, withdrawn

if TYPE_CHECKING:
    from adoption.settings import Settings

FEEDS = """
select metrics.label, sum(feeds.observations) as figures, min(first_period_date) as first, max(last_period_date) as last
from meta.extract_metrics as feeds
inner join meta.metrics as metrics using (metric_id)
where feeds.extract_id = ?
group by all
order by min(metrics.position)
"""
VERBS = {
    (False, False): "Withdrawn",
    (False, True): "Would be withdrawn",
    (True, False): "Restored",
    (True, True): "Would be restored",
}
"""What is said of an extract, by whether a withdrawal is undone, and whether nothing is done."""


def withdraw(settings: Settings, extract_id: str, reason: str, is_undo: bool, is_dry_run: bool) -> None:
    """Withdraw an extract, or undo that, and say what falls or comes back; only say it in a dry run.

    Raises:
        ReasonError: when the reason has no word.
        LandingError: when there is no such extract, or nothing to withdraw or to undo.
    """
    landing = landing_of(settings)
    fetch = landing.landed(extract_id)
    effects = [] if is_undo else list(consequences(settings, landing, fetch))
    if is_dry_run:
        landing.check_withdrawal(extract_id, is_undo)
    else:
        (landing.restore if is_undo else landing.retract)(extract_id, reason, datetime.now(UTC))
    click.echo(f"{VERBS[is_undo, is_dry_run]}: {fetch.extract_id} ({described(fetch)})")
    for line in effects:
        click.echo(f"  {line}")
    click.echo(_next(is_undo, is_dry_run, fetch))


def _next(is_undo: bool, is_dry_run: bool, fetch: Fetch) -> str:
    if is_dry_run:
        return "Nothing was changed."
    if is_undo:
        return "Run `adoption build` to count it again."
    undo = f'adoption inbox retract {fetch.extract_id} --undo --reason "…"'
    return f"Run `adoption build` to leave it out. To undo this: {undo}"


def described(fetch: Fetch) -> str:
    """An extract by its file, source, table and period."""
    scope = fetch.scope
    return f"{fetch.filename} of {fetch.source}, table {scope.table}, {scope.period_start} to before {scope.period_end}"


def consequences(settings: Settings, landing: Landing, fetch: Fetch) -> Iterator[str]:
    """What the published file takes from an extract, and which extract of the same scope would speak in its place."""
    if settings.published.exists():
        with open_published(settings) as connection:
            series = fetch_dicts(connection, FEEDS, [fetch.extract_id])
        for row in series:
            yield f"falls: {row['label']}, {row['figures']:,} figures, {row['first']} to {row['last']}"
        if not series:
            yield "no figure of the published file comes from it"
    else:
        yield "nothing is published yet, so that no figure comes from it"
    events = landing.events(fetch.source)
    withdrawn_ids = withdrawn(events) | {fetch.extract_id}
    others = [
        event
        for event in events
        if event.kind == "landed" and event.scope.key == fetch.scope.key and event.extract_id not in withdrawn_ids
    ]
    if others:
        yield f"in its place: {others[-1].extract_id} ({others[-1].filename}, landed {others[-1].landed_at:%Y-%m-%d})"
    else:
        yield "in its place: none; no other extract has its scope"
