"""Replies of publishers: what a status means, and how long to wait before the next request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from ingest.errors import BusyError, FetchError, ForbiddenError, NotAvailableError, NotChangedError, TurnedAwayError

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, *range(520, 527)})
"""Statuses after which the same request may succeed; 520 to 526 are those of a proxy before the publisher."""
ABSENT = frozenset({404, 410})
FORBIDDEN = frozenset({401, 403})
SHOWN = 300
"""How much of an unusable answer an error quotes."""


@dataclass(frozen=True)
class Reply:
    """A whole reply: nothing was cut off. Header names compare without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    request: Mapping[str, Any] = field(repr=False)

    @property
    def etag(self) -> str:
        """The publisher's name for this version of the response, empty if it gave none."""
        return self.headers.get("ETag", "")

    @property
    def modified(self) -> str:
        """When the publisher says it last changed the response, as it wrote it."""
        return self.headers.get("Last-Modified", "")

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 are shown as such."""
        return self.body.decode("utf-8", "backslashreplace")

    def quote(self) -> str:
        """The beginning of the body on one line, for an error."""
        return " ".join(self.text[:SHOWN].split()) or "(an empty body)"

    def json(self) -> Any:  # noqa: ANN401 - whatever the publisher answers
        """The body as JSON.

        Raises:
            BusyError: when it is none: publishers response with pages of HTML when they are overloaded.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            kind = self.headers.get("Content-Type", "no content type")
            raise BusyError(f"expected JSON, found {kind}: {self.quote()}") from error


def classify_status(reply: Reply, now: datetime, is_conditional: bool) -> None:
    """Raise what a status that is not good means. Who asked without a condition holds nothing that did not change."""
    if reply.status == HTTPStatus.NOT_MODIFIED and is_conditional:
        raise NotChangedError(reply.url)
    if reply.status == HTTPStatus.ACCEPTED:
        raise BusyError("status 202: the publisher is still computing the response", wait_hint(reply, now))
    if reply.status == HTTPStatus.OK:
        return
    message = f"status {reply.status}: {reply.quote()}"
    wait = wait_hint(reply, now)
    is_limit = reply.status == HTTPStatus.FORBIDDEN and (wait is not None or _has_nothing_left(reply))
    if reply.status in PASSING or is_limit:
        raise (TurnedAwayError if reply.status == HTTPStatus.TOO_MANY_REQUESTS else BusyError)(message, wait)
    raise ForbiddenError(message) if reply.status in FORBIDDEN else FetchError(message)


def raise_if_missing(reply: Reply) -> None:
    """Where the address names the thing itself, its absence is a response.

    Elsewhere a 404 says that the address is wrong: it must not settle for ever that there is nothing.

    Raises:
        NotAvailableError: the publisher does not have what the address names (404, 410).
    """
    if reply.status in ABSENT:
        raise NotAvailableError(f"status {reply.status}: {reply.quote()}")


def wait_hint(reply: Reply, now: datetime) -> float | None:
    """For how many seconds the publisher asks to wait, None where it does not say.

    `Retry-After` counts, in seconds or as a date; then the reset of a rate limit of which nothing is left.
    """
    after = reply.headers.get("Retry-After", "")
    if after.isascii() and after.isdigit():  # "\u00b2" is a digit too, and no number
        return float(after)
    if after:
        return _seconds_until(after, now)
    reset = reply.headers.get("X-RateLimit-Reset", "")
    if _has_nothing_left(reply) and reset.isascii() and reset.isdigit():
        # a reset that has passed (clocks differ, or it is no moment) is no leave to ask at once
        return seconds if (seconds := float(reset) - now.timestamp()) > 0 else None
    return None


def _has_nothing_left(reply: Reply) -> bool:
    return reply.headers.get("X-RateLimit-Remaining") == "0"


def _seconds_until(written: str, now: datetime) -> float | None:
    try:
        return max((parsedate_to_datetime(written).astimezone(UTC) - now).total_seconds(), 0.0)
    except (ValueError, OverflowError, TypeError, IndexError):  # no moment, or one that no calendar has
        return None
