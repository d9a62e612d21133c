"""Where a redirect may lead, and what of an address may be shown.

Out of scope: sending anything (`ingest.clients.http`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import requests


AS_GET = frozenset({301, 302, 303})
"""After these a request is asked again without its body; after 307 and 308 as it was."""
HARMLESS = frozenset({"user-agent", "accept", "accept-encoding", "if-none-match", "if-modified-since"})
"""The headers that another host may see: any other may be a credential."""
OF_A_BODY = frozenset({"content-type", "content-length", "transfer-encoding"})


def as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """The request itself: what asks without a credential signs nothing."""
    return request


def without_query(url: str) -> str:
    """An address as it may be shown: without what its query may hide, and without a password."""
    try:
        parts = urlsplit(url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()
    except ValueError:
        return "an address that cannot be read"


def is_same_host(url: str, other_url: str) -> bool:
    """Whether two addresses are of one host and port; https in place of http is the same, the reverse is not."""
    before, after = urlsplit(url), urlsplit(other_url)
    if before.hostname != after.hostname or (before.scheme, after.scheme) == ("https", "http"):
        return False
    default = {"http": 80, "https": 443}
    ports = [parts.port or default.get(parts.scheme) for parts in (before, after)]
    return ports[0] == ports[1] or ports == [80, 443]


def may_follow(before: str, after: str, hosts: Collection[str]) -> bool:
    """Whether a redirect stays with its host, or leads to one that the catalog lists; never from https to http."""
    source, target = urlsplit(before), urlsplit(after)
    return target.hostname in (source.hostname, *hosts) and (source.scheme, target.scheme) != ("https", "http")
