"""Asking a source for what is missing, and landing every response at once.

Belongs here: one refresh of one source, request by request, with a report of each. Does not belong here: which
requests there are (`ingest.plan`), the context (`ingest.clients.http`), what a publisher's protocol looks like
(`ingest.sources`), or loading what was landed (`ingest.loader`).

A response is landed before the next request is asked: who is killed in the middle asks only for the rest next time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, get_args
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from ingest.clients.http import Client, Clock
from ingest.credentials import Field, SecretError, declared
from ingest.errors import BudgetError, NotAvailableError, NotChangedError, UnreachableError
from ingest.landing import Landing, RequestNote, digest, latest_moment
from ingest.model import Connector, Fetch, Request, Response, Scope, Source
from ingest.plan import ALL_TIME, LandingState, Span, scopes_to_ask
from ingest.surprises import describe_error

if TYPE_CHECKING:
    from ingest.catalog import Access, Catalog, Credential, SourceEntry

Result = Literal["landed", "unchanged", "absent", "failed", "not fetched"]


@dataclass(frozen=True)
class RequestOutcome:
    """What became of one request. `reason` says why, where nothing was landed."""

    scope: Scope
    result: Result
    reason: str = ""
    extract_id: str | None = None


@dataclass(frozen=True)
class RefreshContext:
    """What a refresh needs of the world outside: time and the environment with its credentials."""

    clock: Clock = field(default_factory=Clock)
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)


def switched_off(source: Source, entry: SourceEntry, environment: Mapping[str, str] = os.environ) -> str | None:
    """Why a source cannot be asked at all, None where it can."""
    if source.connector is None or entry.access is None:
        return "available only through the inbox"
    extra = entry.access.extra
    if extra and not _is_installed(extra.module):
        return f"needs the extra {extra.name}: .venv/bin/pip install -e '.[{extra.name}]'"
    return _lacks_credential(entry.access.credential, environment) if entry.access.credential else None


def _lacks_credential(credential: Credential, environment: Mapping[str, str]) -> str | None:
    """What of a credential cannot be read, or is needed and not there."""
    try:
        token, user, key = (declared(credential, field, environment) for field in get_args(Field))
    except SecretError as error:
        return str(error)
    if not credential.is_required or token:
        return None
    secrets = ((credential.user_variable, user), (credential.variable, key))
    missing = [name for name, value in secrets if name and not value]
    if not missing:
        return None
    alone = f"{credential.token_variable}, or " if credential.token_variable else ""
    return f"needs {alone}{' and '.join(missing)} in the environment: {credential.gives}"


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # a package around it is missing
        return False


def missing_scopes(
    source: Source, entry: SourceEntry, catalog: Catalog, landing: Landing, today: datetime, window: Span = ALL_TIME
) -> list[Scope]:
    """What a refresh would ask now, newest first; nothing where the source has no connector."""
    if source.connector is None or entry.access is None:
        return []
    known = _known(landing, source.name, landing.events(source.name), today)
    names = catalog.requested_names(entry.names, source.connector.of_markets)
    return scopes_to_ask(entry, source.connector, names, known, today.date(), window)


def _known(landing: Landing, source: str, events: Sequence[Fetch], now: datetime) -> LandingState:
    """What the landing says, without what claims to be of a later day: a clock that was wrong settles nothing."""
    latest = latest_moment(now)
    notes = [note for note in landing.request_notes(source) if note.asked_at <= latest]
    return LandingState([event for event in events if event.landed_at <= latest], notes)


def refresh(
    source: Source,
    catalog: Catalog,
    landing: Landing,
    window: Span = ALL_TIME,
    context: RefreshContext | None = None,
) -> Iterator[RequestOutcome]:
    """Ask for what is missing; yield what became of each request, as it happens.

    A request that fails stops no other, unless the publisher cannot be reached or time or quota is spent: then the
    rest is reported as not fetched. Raises nothing that a publisher can cause, whatever it answers.
    """
    context = context or RefreshContext()
    source = source.for_catalog(catalog)
    entry = catalog.source(source.name)
    scopes = missing_scopes(source, entry, catalog, landing, context.clock.now(), window)
    if not scopes:
        return
    off = switched_off(source, entry, context.environment)
    if off is not None or source.connector is None or entry.access is None:
        yield from (RequestOutcome(scope, "not fetched", off or "") for scope in scopes)
        return
    try:
        workspace = landing.workspace(source.name)
        with (
            # the client first: waiting for another process counts against the time budget
            Client(entry.access, context.clock, context.environment, workspace) as client,
            _one_at_a_time(landing, entry.access),
        ):
            fetcher = _Fetcher(source, source.connector, entry, landing, landing.events(source.name), client)
            yield from _fetch_all(fetcher, scopes)
    except Timeout:
        reason = f"another process is fetching {_host(entry.access)}"
        yield from (RequestOutcome(scope, "not fetched", reason) for scope in scopes)


def _one_at_a_time(landing: Landing, access: Access) -> FileLock:
    """Held while a host is asked: no two processes ask the same one at once."""
    folder = landing.root / "asked"
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / f"{_host(access).replace(':', '_')}.lock", timeout=access.budget_seconds)


def _host(access: Access) -> str:
    return urlsplit(access.urls[0]).netloc or "local"


@dataclass(frozen=True)
class _Fetcher:
    """Everything that one refresh of one source has at hand."""

    source: Source
    connector: Connector
    entry: SourceEntry
    landing: Landing
    events: list[Fetch]
    client: Client

    @property
    def now(self) -> datetime:
        return self.client.clock.now()

    def fetch(self, request: Request) -> RequestOutcome:
        """Ask one request and land its response."""
        scope = request.scope
        try:
            response = self.connector.fetch(request, self.client)
        except NotChangedError:
            self._note(RequestNote(scope, self.now, "unchanged", "", request.etag, request.modified))
            return RequestOutcome(scope, "unchanged")
        except NotAvailableError as error:
            self._note(RequestNote(scope, self.now, "absent", str(error)))
            return RequestOutcome(scope, "absent", str(error))
        return self._land(scope, response)

    def _land(self, requested: Scope, response: Response) -> RequestOutcome:
        fetch = self._event(response.scope or requested, response)
        landed = self.landing.land(fetch, response.body, self.events)
        is_news = all(landed.extract_id != event.extract_id for event in self.events)
        outcome: Literal["landed", "unchanged"] = "landed" if is_news else "unchanged"
        # a response that covers less than was asked for settles no more than that
        settled = requested if fetch.scope.covers(requested) else fetch.scope
        self._note(RequestNote(settled, self.now, outcome, "", response.etag, response.modified))
        return RequestOutcome(requested, outcome, extract_id=landed.extract_id)

    def _note(self, note: RequestNote) -> None:
        self.landing.note(self.source.name, note)

    def _event(self, scope: Scope, response: Response) -> Fetch:
        return Fetch(
            source=self.source.name,
            scope=scope,
            filename=response.filename,
            sha256=digest(response.body),
            landed_at=self.now,
            licence=self.entry.licence,
            available_at=min(response.available_at or self.now, self.now),
            available_evidence=response.available_evidence
            or "as answered on that day; it may have been public earlier",
            request=response.request,
            form=response.form,
        )


def _fetch_all(fetcher: _Fetcher, scopes: Sequence[Scope]) -> Iterator[RequestOutcome]:
    known = _known(fetcher.landing, fetcher.source.name, fetcher.events, fetcher.now)
    before = {note.scope.key: note for note in known.notes()}
    stopped = ""
    for scope in scopes:
        if stopped:
            yield RequestOutcome(scope, "not fetched", stopped)
            continue
        note = before.get(scope.key)
        try:
            yield fetcher.fetch(Request(scope, note.etag, note.modified) if note else Request(scope))
        except Exception as error:  # noqa: BLE001 - no request may stop another
            yield RequestOutcome(scope, "failed", describe_error(error, fetcher.source.name, fetcher.client.redact))
            stopped = str(error) if isinstance(error, UnreachableError | BudgetError) else ""
