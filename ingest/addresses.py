"""Addresses as they may be shown: without passwords, tokens and keys.

Belongs here: what of an address is secret. Does not belong here: credentials of the environment (`ingest.clients`).
"""

from __future__ import annotations

import re

HIDDEN = "***"
USERINFO = re.compile(r"(?<=://)[^/?#\s'\"]*@")
QUERY = re.compile(r"(://[^?\s'\"]*\?)[^\s'\"]*")
SECRET = re.compile(
    r"([?&;#](?:[\w.\[\]-]*(?:token|secret|passw|pwd|api[-_]?key|access[-_]?key|auth|signature|credential|session)"
    r"[\w.\[\]-]*|key|sig|sas|jwt|code)=)[^&;#\s'\"<>]*",
    re.IGNORECASE,
)


def without_secrets(text: str) -> str:
    """A text whose addresses have no password, and no value of a parameter that is named like a secret."""
    return SECRET.sub(rf"\g<1>{HIDDEN}", USERINFO.sub("", text))


def without_queries(text: str) -> str:
    """The same without any value of a query: of some addresses nobody knows how their secrets are named."""
    return QUERY.sub(rf"\g<1>{HIDDEN}", USERINFO.sub("", text))
