"""The landing: immutable bytes, and the events that say who asked what, when.

Belongs here: content-addressed blobs, fetch events, the shipped extracts, which are simply landed already, and what was
last asked of a publisher (so that what is settled is not asked for again).
Does not belong here: parsing, validation, or the warehouse.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any, Literal, get_args

from ingest.errors import AdoptionError, ExtractError, LandingError, did_you_mean, why_unreadable
from ingest.model import EventKind, Fetch, Scope, withdrawn
from ingest.storage import FolderStore, Store

TEXTS = {"source", "filename", "sha256", "licence", "available_evidence", "reduction", "kind", "reason", "form"}
"""Fields of an event that are texts; `retracts` may be null."""
WORD = re.compile(r"[^\W\d_]{2}")
"""Two letters of any alphabet in a row."""
SIDECAR_SUFFIX = ".fetch.json"
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""What reading an event raises where it was not written by us."""
MADE = datetime(2026, 11, 29, tzinfo=UTC)
"""This version was made on this day: no clock stands before it."""
TOLERANCE = timedelta(hours=1)
"""By so much two clocks may differ."""
Outcome = Literal["landed", "unchanged", "absent"]


def digest(data: bytes) -> str:
    """The sha256 of `data` in hexadecimal digits: the name of a blob."""
    return hashlib.sha256(data).hexdigest()


def blob_name(sha256: str) -> str:
    """Where bytes lie in the landing."""
    return f"blobs/{sha256[:2]}/{sha256}"


def event_name(fetch: Fetch) -> str:
    """Where an event lies in the landing."""
    return f"events/{fetch.source}/{fetch.extract_id}.json"


def event_to_json(fetch: Fetch) -> str:
    """The event as readable JSON; the inverse of `event_from_json`."""
    return _to_json(asdict(fetch))


def _to_json(fields: dict[str, Any]) -> str:
    text = json.dumps(fields, default=lambda value: value.isoformat(), indent=1, ensure_ascii=False) + "\n"
    # half of a pair, which no encoding has, as JSON itself writes it
    return text.encode("utf-8", "backslashreplace").decode()


def event_from_json(text: str | bytes, where: str) -> Fetch:
    """Read an event or a sidecar.

    Raises:
        LandingError: naming the file and what is missing or malformed.
    """
    try:
        fields: dict[str, Any] = json.loads(text)
        scope = _scope(fields.pop("scope"))
        fetch = Fetch(
            **{
                **_with_texts(fields),
                "derived_from": tuple(_mapping("derived_from", origin) for origin in fields.get("derived_from", ())),
                "request": _mapping("request", fields.get("request", {})),
                "landed_at": _moment(fields["landed_at"]),
                "available_at": _optional_moment(fields.get("available_at")),
            },
            scope=scope,
        )
        _check(fetch)
    except UNREADABLE as error:
        raise LandingError(f"{where}: not a readable fetch event: {why_unreadable(error)}") from error
    return fetch


def _check(fetch: Fetch) -> None:
    """Raise ValueError or TypeError for an event that no landing writes."""
    if not re.fullmatch(r"[0-9a-f]{64}", fetch.sha256):
        raise ValueError(f"sha256 must be 64 hexadecimal digits, found {fetch.sha256!r}")
    if fetch.kind not in get_args(EventKind):
        raise ValueError(f"kind must be one of {', '.join(get_args(EventKind))}, found {fetch.kind!r}")
    if fetch.kind == "retracted" or fetch.retracts is not None:
        _text("retracts", fetch.retracts)
    if Path(fetch.filename).name != fetch.filename:
        raise ValueError(f"filename must be the name of a file, found {fetch.filename!r}")


def _with_texts(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: _text(name, value) if name in TEXTS else value for name, value in fields.items()}


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text, found {value!r}")
    value.encode()
    return value


def _mapping(name: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{name} must map names to values, found {value!r}")
    return value


def _note_from_json(text: bytes, where: str) -> RequestNote:
    try:
        fields: dict[str, Any] = json.loads(text)
        texts = {name: _text(name, fields[name]) for name in ("reason", "etag", "modified") if name in fields}
        moment = _moment(fields["asked_at"])
        return RequestNote(**{**fields, **texts, "scope": _scope(fields["scope"]), "asked_at": moment})
    except UNREADABLE as error:
        raise LandingError(f"{where}: not a readable note of what was requested: {why_unreadable(error)}") from error


def _scope(fields: dict[str, Any]) -> Scope:
    terms = fields.get("terms")
    if terms is not None and not isinstance(terms, list):
        raise TypeError(f"terms must be a list of texts or null, found {terms!r}")
    return Scope(
        _text("table", fields["table"]),
        date.fromisoformat(fields["period_start"]),
        date.fromisoformat(fields["period_end"]),
        None if terms is None else tuple(_text("a term", term) for term in terms),
        _text("label", fields.get("label", "")),
    )


def _optional_moment(text: object) -> datetime | None:
    return None if text is None else _moment(text)


def _moment(text: object) -> datetime:
    if not isinstance(text, str):
        raise TypeError(f"expected a moment such as 2020-12-31T00:00:00+00:00, found {text!r}")
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    moment.astimezone(UTC)
    return moment


def latest_moment(now: datetime) -> datetime:
    """The latest moment at which anything can have been landed by `now`.

    A clock that stands before this version was made is behind, and is not believed.
    """
    return max(now, MADE) + TOLERANCE


@dataclass(frozen=True)
class RequestNote:
    """When a scope was last asked for, and what came of it: `landed`, `unchanged` or `absent` (with the reason).

    `etag` and `modified` are what the publisher said of its answer, for the next conditional request.
    """

    scope: Scope
    asked_at: datetime
    outcome: Outcome
    reason: str = ""
    etag: str = ""
    modified: str = ""


class ReasonError(AdoptionError):
    """What is kept with a withdrawal must say something."""

    exit_code = 2


@dataclass(frozen=True)
class Landing:
    """The landed extracts of one data folder, together with the shipped ones.

    `root` holds `blobs/<aa>/<sha256>`, `events/<source>/<extract_id>.json` and `asked/<source>/<scope>.json`. `shipped`
    holds one folder per source with files and their sidecars. With `bucket` all that is landed lies there under the
    same names, and `root` holds copies and locks of this machine.
    """

    root: Path
    shipped: Path
    bucket: Store | None = None

    @property
    def store(self) -> Store:
        """Where what is landed lies."""
        return self.bucket or FolderStore(self.root)

    def events(self, source: str | None = None) -> list[Fetch]:
        """All events, oldest first; those of one source if it is named."""
        pattern, shipped = source or "*", FolderStore(self.shipped)
        fetches = [
            *self._read_events(shipped, f"{pattern}/*{SIDECAR_SUFFIX}"),
            *self._read_events(self.store, f"events/{pattern}/*.json"),
        ]
        return sorted(fetches, key=lambda fetch: (fetch.landed_at, fetch.extract_id))

    def extract_ids(self) -> set[str]:
        """What was landed beside the shipped extracts, by the names of its events alone."""
        return {PurePosixPath(name).stem for name in self.store.names("events/*/*.json")}

    def check(self) -> None:
        """Make sure that what is landed can be asked for, so that nobody takes silence for an empty landing.

        Raises:
            BucketError: when the bucket does not answer.
        """
        if self.bucket:
            self.bucket.names("events/*/*.json")

    def _read_events(self, store: Store, pattern: str) -> Iterator[Fetch]:
        for name, data in store.contents(pattern):
            where, (folder, file) = store.where(name), name.split("/")[-2:]
            fetch = event_from_json(data, where)
            if fetch.source != folder:
                raise LandingError(f"{where}: an event of {fetch.source!r} in the folder of {folder!r}")
            if file not in {f"{fetch.filename}{SIDECAR_SUFFIX}", f"{fetch.extract_id}.json"}:
                raise LandingError(f"{where}: altered, or not under its own name: it holds event {fetch.extract_id}")
            yield fetch

    def path_of(self, fetch: Fetch) -> Path:
        """The file that holds the event's bytes, verified.

        Raises:
            ExtractError: when the file is missing or its bytes are not those that were landed.
        """
        if self._is_landed(fetch):
            path = self.store.file(blob_name(fetch.sha256), fetch.sha256)
        else:
            path = self.shipped / fetch.source / fetch.filename
        if not path.exists():
            place = path.relative_to(self.root if path.is_relative_to(self.root) else self.shipped)
            raise ExtractError(f"{fetch.filename}: the file {place} is missing; expected sha256 {fetch.sha256}")
        actual = digest(path.read_bytes())
        if actual != fetch.sha256:
            raise ExtractError(
                f"{fetch.filename}: the bytes were altered or cut short: expected sha256 {fetch.sha256}, found {actual}"
            )
        return path

    def workspace(self, source: str) -> Path:
        """Where a source may keep what can be had again, such as a clone: beside the landing, and no part of it."""
        return self.root.with_name("cache") / source

    def land(self, fetch: Fetch, data: bytes, events: Iterable[Fetch] | None = None) -> Fetch:
        """Keep the bytes and the event; return the event that now speaks for the scope.

        The same bytes for the same scope as its newest event are no news: nothing is written, unless its blob was lost.
        `events` are those of the source, oldest first, from a caller that has read them already.
        """
        if digest(data) != fetch.sha256:
            raise LandingError(
                f"{fetch.filename}: the event names sha256 {fetch.sha256}, the bytes have {digest(data)}"
            )
        events = self.events(fetch.source) if events is None else events
        latest = latest_moment(fetch.landed_at)
        newest = [event for event in events if event.scope.key == fetch.scope.key and event.landed_at <= latest][-1:]
        if newest and newest[0].landed_at >= fetch.landed_at:
            # the clock was set back a little: what is landed later counts all the same
            fetch = replace(fetch, landed_at=newest[0].landed_at + timedelta(microseconds=1))
        known = next((event for event in newest if (event.sha256, event.kind) == (fetch.sha256, fetch.kind)), None)
        if known is None or self._is_landed(known):
            self._keep(data)
        if known is None:
            self._record(fetch)
        return known or fetch

    def request_notes(self, source: str) -> list[RequestNote]:
        """What was asked of a source so far, the last time of each scope.

        Raises:
            LandingError: when a note cannot be read.
        """
        notes = self.store.contents(f"asked/{source}/*.json", is_fixed=False)
        return [_note_from_json(data, self.store.where(name)) for name, data in notes]

    def note(self, source: str, note: RequestNote) -> None:
        """Remember that a scope was asked for; the note of the time before is replaced."""
        name = f"asked/{source}/{digest(note.scope.key.encode())[:16]}.json"
        self.store.replace(name, _to_json(asdict(note)).encode())

    def retract(self, extract_id: str, reason: str, now: datetime) -> Fetch:
        """Withdraw an extract by a new event; its bytes and its own event stay.

        Raises:
            ReasonError: when the reason has no word.
            LandingError: when no such extract was landed, or it is withdrawn already.
        """
        return self._retract(self.check_withdrawal(extract_id, is_undo=False), extract_id, reason, now)

    def restore(self, extract_id: str, reason: str, now: datetime) -> Fetch:
        """Undo the withdrawal of an extract by an event that withdraws it: the extract counts again in its old place.

        Raises:
            ReasonError: when the reason has no word.
            LandingError: when no such extract was landed, or it is not withdrawn.
        """
        return self._retract(self.check_withdrawal(extract_id, is_undo=True), extract_id, reason, now)

    def check_withdrawal(self, extract_id: str, is_undo: bool) -> str:
        """The event that has to be withdrawn: the extract, or where that is undone its withdrawal.

        Raises:
            LandingError: when no such extract was landed, or there is nothing to withdraw or to undo.
        """
        events = self.events(self.landed(extract_id).source)
        withdrawn_ids = withdrawn(events)
        if is_undo:
            standing = [
                event for event in events if event.retracts == extract_id and event.extract_id not in withdrawn_ids
            ]
            if not standing:
                raise LandingError(f"the extract {extract_id!r} is not withdrawn")
            return standing[-1].extract_id
        if extract_id in withdrawn_ids:
            raise LandingError(f"the extract {extract_id!r} is withdrawn already")
        return extract_id

    def landed(self, extract_id: str) -> Fetch:
        """The event of an extract, withdrawn or not.

        Raises:
            LandingError: when no such extract was landed.
        """
        source = extract_id.rpartition("-")[0]
        # damage in one source must not keep anybody from withdrawing what another one landed
        own = self.events(source) if re.fullmatch(r"[a-z][a-z0-9_]*", source) else []
        known = {event.extract_id: event for event in own if event.kind == "landed"}
        if extract_id not in known:
            known = {event.extract_id: event for event in self.events() if event.kind == "landed"}
        if extract_id not in known:
            hint = did_you_mean(extract_id, known)
            raise LandingError(
                f"no extract {extract_id!r} was landed; meta.extracts of the published file lists them{hint}"
            )
        return known[extract_id]

    def _retract(self, retracts: str, extract_id: str, reason: str, now: datetime) -> Fetch:
        if not WORD.search(reason):
            raise ReasonError(f"{reason!r} is not a reason; expected --reason with words, which the event keeps")
        event = replace(
            self.landed(extract_id), kind="retracted", retracts=retracts, reason=reason.strip(), landed_at=now
        )
        self._record(event)
        return event

    def _keep(self, data: bytes) -> None:
        """Keep bytes under their digest; what lies there already is written again only if it is damaged."""
        sha256 = digest(data)
        name = blob_name(sha256)
        if not self.store.put_if_absent(name, data) and digest(self.store.read(name) or b"") != sha256:
            self.store.replace(name, data)

    def _record(self, event: Fetch) -> None:
        """Keep an event under its own name, which nobody else gives to another one."""
        self.store.put_if_absent(event_name(event), event_to_json(event).encode())

    def _is_landed(self, fetch: Fetch) -> bool:
        """Whether an event that was read is one of the landing, not a shipped one."""
        return self.store.path(event_name(fetch)).exists()
