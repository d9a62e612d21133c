"""Where notices go: addresses of apprise's services, by the environment or by a file that it names.

An address holds the secret of its service. It is shown nowhere and kept nowhere: the record knows it by a digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from ingest.credentials import FILE, secret_text

VARIABLE = "ADOPTION_NOTIFY"
"""Addresses of apprise's, parted by blanks or lines; ADOPTION_NOTIFY_FILE names a file of them."""


def is_configured(environment: Mapping[str, str]) -> bool:
    """Whether anybody wants to be told."""
    return bool(environment.get(VARIABLE) or environment.get(f"{VARIABLE}{FILE}"))


def addresses(environment: Mapping[str, str]) -> dict[str, str]:
    """The addresses by their digests, in their order; lines that begin with # are remarks.

    Raises:
        SecretError: when the file that is named cannot be read.
    """
    text = secret_text(VARIABLE, environment) or ""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    found = (address for line in lines for address in line.split())
    return {hashlib.sha256(address.encode()).hexdigest()[:12]: address for address in found}
