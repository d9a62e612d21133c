"""What is told, and when it was: the desk where notices are handed in and go out.

Belongs here: that each notice goes out once. A state that is wrong (a source has failed) is told when it begins and
again only after it was well; what happened (a lead turned) is told once.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from adoption.notices import delivery
from adoption.notices.addresses import addresses
from adoption.notices.delivery import UndeliveredError
from adoption.notices.notice import MORE, TITLES, Notice
from adoption.notices.record import NAME, Open, Record, Waiting, locked
from adoption.reports.health import Finding
from ingest.addresses import without_secrets
from ingest.credentials import SecretError
from ingest.errors import AdoptionError
from ingest.files import write_atomically

if TYPE_CHECKING:
    from adoption.settings import Settings

LOGGER = logging.getLogger("adoption")
Send = Callable[[str, str, str], None]
MOST = 20
"""So many notices of a kind go out one by one at a time; one more names the number of the others."""
AGAIN = "(It may have reached you before: a process was killed while it was sent.) "
PLURAL_FROM = 2


@dataclass
class Desk:
    """The record of a data folder while this process holds it, and the addresses."""

    folder: Path
    record: Record
    addresses: Mapping[str, str]
    send: Send = field(default=delivery.send)
    _kept: str = ""

    def hold(self, domain: str, notices: Sequence[Notice]) -> None:
        """Say all that is wrong in a domain now: what is new there is told, what is no longer said is over."""
        notices = [replace(notice, text=without_secrets(notice.text)) for notice in notices]
        before = self.record.open.get(domain, {})
        now = {notice.key: before.get(notice.key) or _opened(notice) for notice in notices}
        for notice in notices:
            now[notice.key].text = notice.text
        self.record.open[domain] = now
        if not now:
            del self.record.open[domain]
        if self.addresses:
            self._queue([notice for notice in notices if not now[notice.key].is_told])
            for entry in now.values():
                entry.is_told = True
        self.save()

    def tell(self, notices: Sequence[Notice], compared: str | None = None) -> None:
        """Tell what happened between the file `compared` last and the one of that digest now."""
        self._queue(notices)
        self.record.compared = compared or self.record.compared
        self.save()

    def save(self) -> None:
        """Keep what was said so far."""
        text = self.record.model_dump_json(indent=1)
        if text != self._kept:
            write_atomically(self.folder / NAME, text.encode())
            self._kept = text

    def _queue(self, notices: Sequence[Notice]) -> None:
        for kind, group in groupby(sorted(notices, key=lambda notice: notice.kind), lambda notice: notice.kind):
            texts = [notice.text for notice in group]
            if len(texts) > MOST:
                texts[MOST:] = [f"And {len(texts) - MOST} more. {MORE[kind]} lists them."]
            for text in texts:
                to = dict.fromkeys(self.addresses, "new")
                entry = {"kind": kind, "text": without_secrets(text), "since": _now(), "to": to}
                self.record.waiting.append(Waiting.model_validate(entry))

    def deliver(self) -> list[str]:
        """Send what waits to each address; one that takes nothing is tried no more now, and the reason is returned."""
        problems: dict[str, str] = {}
        for waiting in list(self.record.waiting):
            for name in list(waiting.to):
                if name not in self.addresses:  # it is no longer configured
                    del waiting.to[name]
                elif name not in problems:
                    problem = self._send(waiting, name)
                    problems |= {name: problem} if problem else {}
            if not waiting.to:
                self.record.waiting.remove(waiting)
        self.save()
        return sorted(set(problems.values()))

    def _send(self, waiting: Waiting, name: str) -> str | None:
        text = f"{AGAIN}{waiting.text}" if waiting.to[name] == "sending" else waiting.text
        waiting.to[name] = "sending"
        self.save()
        try:
            self.send(self.addresses[name], TITLES[waiting.kind], text)
        except UndeliveredError as error:
            waiting.to[name] = "refused"
            self.save()
            return str(error)
        del waiting.to[name]
        self.save()
        return None


def _opened(notice: Notice) -> Open:
    return Open(kind=notice.kind, text=notice.text, since=_now())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextmanager
def opened(settings: Settings, environment: Mapping[str, str] = os.environ) -> Iterator[Desk]:
    """The desk of a data folder; a second process waits for its turn.

    Addresses that cannot be read stop nothing: `undelivered` says so, and what is wrong is told when they can be.
    """
    try:
        known = addresses(environment)
    except SecretError:
        known = {}
    with locked(settings) as folder:
        yield Desk(folder, Record.read(folder), known)


def told(settings: Settings, hand_in: Callable[[Desk], None]) -> list[str]:
    """Hand notices in and send what waits; return why something was not delivered.

    A notice stops nothing: whatever goes wrong is logged, and tried again by the next build. An as-of build, which
    speaks of the past, tells nobody.
    """
    if settings.as_of is not None:
        return []
    try:
        with opened(settings) as desk:
            hand_in(desk)
            return desk.deliver()
    except Exception as error:
        LOGGER.exception("notices were not told")
        return [_reason(error, settings)]


def _reason(error: Exception, settings: Settings) -> str:
    """Why notices were not told: what we say ourselves, or what the system refused and where."""
    if isinstance(error, AdoptionError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.strerror or type(error).__name__}: {error.filename or settings.notices}"
    return f"unexpected {type(error).__name__}"


def findings(settings: Settings, environment: Mapping[str, str] = os.environ) -> list[Finding]:
    """What must be seen to: sources that could not be fetched, runs that failed, and notices that were not taken."""
    record = Record.read(settings.notices)
    found = [
        Finding("source_failed", domain.removeprefix("refresh/"), f"failed: {entry.text}")
        for domain, entries in sorted(record.open.items())
        if domain.startswith("refresh/")
        for entry in entries.values()
    ]
    return [*found, *_undelivered(record, environment)]


def _undelivered(record: Record, environment: Mapping[str, str]) -> Iterator[Finding]:
    try:
        addresses(environment)
    except SecretError as error:
        yield Finding("notice_failed", None, f"no notice is sent: {error}")
    if record.waiting:
        count = len(record.waiting)
        notices = f"{count} notices were" if count >= PLURAL_FROM else "1 notice was"
        oldest = min(record.waiting, key=lambda waiting: waiting.since)
        text = f"{notices} not delivered, the oldest of {oldest.since[:16].replace('T', ' ')} UTC: {oldest.text}"
        yield Finding("notice_failed", None, f"{text} The next build tries again.")
