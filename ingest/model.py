"""The vocabulary of ingest: Source, Form, Scope, Fetch, Connector, and the rows of raw tables.

Belongs here: the types that every source module, the landing and the loader share.
Does not belong here: reading or writing files, SQL, or anything that knows a particular source.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ingest.errors import ExtractError
from ingest.row_types import RawRow

if TYPE_CHECKING:
    from ingest.catalog import Catalog
    from ingest.clients.http import Client

EventKind = Literal["landed", "retracted"]


@dataclass(frozen=True)
class Scope:
    """What one response of a source covers; the newest fetch of a scope replaces that scope whole.

    `terms` are the names that were asked for, or None when the response holds everything the publisher lists.
    `period_end` is exclusive.
    """

    table: str
    period_start: date
    period_end: date
    terms: tuple[str, ...] | None = None
    label: str = ""

    @cached_property
    def key(self) -> str:
        """A text that is equal for equal scopes."""
        terms = "*" if self.terms is None else hashlib.sha256("\n".join(sorted(self.terms)).encode()).hexdigest()[:12]
        return f"{self.table}/{self.label}/{self.period_start}/{self.period_end}/{terms}"

    def covers(self, other: Scope) -> bool:
        """Whether a response for this scope answers the other one too."""
        is_within = self.period_start <= other.period_start and other.period_end <= self.period_end
        is_about = self.terms is None or (other.terms is not None and {*other.terms} <= {*self.terms})
        return self.table == other.table and is_within and is_about


@dataclass(frozen=True)
class Fetch:
    """An event: at `landed_at`, these bytes were what `source` said about `scope`.

    `form` names the documented form of the bytes. `available_at` is when the publisher released the whole
    response, None where no evidence for it exists or where each row carries its own. A retraction is an event of kind
    `retracted` that names the extract it withdraws, or the retraction that it undoes.
    """

    source: str
    scope: Scope
    filename: str
    sha256: str
    landed_at: datetime
    licence: str
    available_at: datetime | None = None
    available_evidence: str = ""
    request: Mapping[str, Any] = field(default_factory=dict)
    derived_from: tuple[Mapping[str, str], ...] = ()
    reduction: str = ""
    kind: EventKind = "landed"
    retracts: str | None = None
    reason: str = ""
    form: str = "csv"

    @cached_property
    def extract_id(self) -> str:
        """Identity of the event: source and a digest of scope, bytes and moment."""
        text = json.dumps([self.source, self.scope.key, self.sha256, self.landed_at.isoformat(), self.kind])
        return f"{self.source}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def withdrawn(events: Sequence[Fetch]) -> set[str]:
    """The extracts of these events that are withdrawn."""
    return withdrawn_by({event.extract_id: event.retracts for event in events if event.retracts})


def withdrawn_by(retractions: Mapping[str, str]) -> set[str]:
    """The extracts that retractions withdraw, given what each retracts; one that is itself withdrawn is undone."""
    undone = set(retractions.values())
    return {extract_id for event, extract_id in retractions.items() if event not in undone}


@dataclass(frozen=True)
class ParsedRow:
    """A row as the parser found it: its table, its place in the file, and its fields still as text.

    `defect` is set where the row's shape is already wrong (too few fields); such a row is kept, rejected.
    """

    table: str
    number: int
    fields: Mapping[str, Any]
    defect: str = ""


Parser = Callable[[Fetch, Path], Iterator[ParsedRow]]


@dataclass(frozen=True)
class FileFormat:
    """One documented form of a file: what a person may drop, or what a publisher's machine answers.

    `detect_table` tells which raw table a dropped file belongs to, None where the file is of another form. `expected`
    says to people what such a file is. Where `is_complete`, a file holds everything that was published of its period,
    whatever names occur in it. `published_at` reads from a file when the publisher made it, None where the file does
    not say.
    """

    name: str
    expected: str
    detect_table: Callable[[Path], str | None]
    parse: Parser
    is_complete: bool = False
    published_at: Callable[[Path], datetime | None] | None = None


@dataclass(frozen=True)
class Request:
    """What is asked in one go: the response will cover `scope` whole. `period_end` of the scope is exclusive.

    `etag` and `modified` are what the publisher said of its last response to the same request, empty if nothing.
    """

    scope: Scope
    etag: str = ""
    modified: str = ""

    @property
    def validators(self) -> dict[str, str]:
        """The headers of a request that is conditional on the last response."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in named.items() if value}

    @property
    def terms(self) -> tuple[str, ...]:
        """The names that are asked for; raises TypeError where the response holds everything."""
        if self.scope.terms is None:
            raise TypeError("this request names no terms: the response holds everything the publisher lists")
        return self.scope.terms

    @property
    def term(self) -> str:
        """The one name that is asked for."""
        (only,) = self.terms
        return only


@dataclass(frozen=True)
class Response:
    """Verbatim bytes that response a request whole, checked as far as the protocol allows without reading figures.

    `request` says how they were had, without any credential. `available_at` is None where the figures are those of the
    moment of asking. `scope` is given where the response covers another scope than was asked for.
    """

    body: bytes
    filename: str
    form: str
    request: Mapping[str, Any]
    available_at: datetime | None = None
    available_evidence: str = ""
    etag: str = ""
    modified: str = ""
    scope: Scope | None = None


@dataclass(frozen=True)
class Population:
    """A table of the publisher's largest packages, whoever they are, and how many periods of it go into one request."""

    table: str
    most_periods: int = 1


@dataclass(frozen=True)
class Connector:
    """How a source is asked. Which periods and names are to be asked for is computed (`ingest.plan`).

    `fetch` answers one request or raises an error of `ingest.errors` that says why not. `terms`: `each` name is a
    request of its own, all names go `together` into one, or the response holds `everything` the publisher lists.
    `most_periods` go into one request. Where `sees_past` is false only today can be seen: the day is data. The tables
    of `also` are asked for in the same way. Where `of_markets`, the names are those of whole markets. A `population` is
    asked for once all names are, since a budget may end the asking.
    """

    table: str
    fetch: Callable[[Request, Client], Response]
    terms: Literal["each", "together", "everything"] = "each"
    most_periods: int = 1
    sees_past: bool = True
    also: tuple[str, ...] = ()
    of_markets: bool = False
    population: Population | None = None


@dataclass(frozen=True)
class Source:
    """One publisher's product: its raw tables, how its landed bytes become rows, and how it is asked.

    `tables` maps a table name to its row model; the raw table is called `<source>__<table>`. `forms` are tried in
    order on a dropped file. `parser_version` goes up when a parser changes, so that landed extracts are parsed again.
    A source without a connector is available only through the inbox.

    `configure` makes the same source for a catalog that says how its files are read (the columns of a survey's
    editions, say). `reading` is then a text that changes when that changes.

    `holds` says what is wrong with the rows of a whole file, each of which may be right by itself.
    """

    name: str
    tables: Mapping[str, type[RawRow]]
    forms: tuple[FileFormat, ...]
    connector: Connector | None = None
    parser_version: int = 1
    configure: Callable[[Catalog], Source] | None = None
    reading: str = ""
    holds: Callable[[Sequence[RawRow]], Sequence[str]] | None = None

    def for_catalog(self, catalog: Catalog) -> Source:
        """The same source as this catalog says that it is read."""
        return self.configure(catalog) if self.configure else self

    def parse(self, fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
        """The rows of a landed file.

        Raises:
            ExtractError: when the file is not what its form documents.
        """
        for form in self.forms:
            if form.name == fetch.form:
                return form.parse(fetch, path)
        expected = [form.name for form in self.forms]
        raise ExtractError(f"{fetch.filename}: the event names form {fetch.form!r}; expected one of {expected}")
