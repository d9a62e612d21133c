"""What every request to the code host's API has in common: its headers, and what its limits sound like.

Belongs here: the protocol of the host. Does not belong here: which figures are asked for (the sources' modules).
"""

from __future__ import annotations

from http import HTTPStatus

from ingest.clients.http import Client
from ingest.clients.response import Reply
from ingest.errors import BusyError

MIN_WAIT = 60.0
"""Seconds to wait after a limit for which the host names no time, as it asks its users to."""
LIMITED = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})


def headers_of(client: Client) -> dict[str, str]:
    """The headers of a request, with the token where there is one."""
    token = client.credential()
    return {
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        **({"Authorization": f"Bearer {token}"} if token else {}),
    }


def classify_limits(reply: Reply) -> None:
    """A limit may be a 403 or a 429, and may name no time: only its words tell it from a forbidden page.

    Raises:
        BusyError: for a limit without a time; one with a time is the client's to understand.
    """
    names_time = "Retry-After" in reply.headers or reply.headers.get("X-RateLimit-Remaining") == "0"
    words = reply.text.lower()
    if reply.status in LIMITED and not names_time and ("rate limit" in words or "abuse" in words):
        raise BusyError(f"status {reply.status}: {reply.quote()}", MIN_WAIT)
