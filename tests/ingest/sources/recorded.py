"""Recorded replies of publishers, where they are at hand: they are kept beside the repository, not in it.

Belongs here: finding them, and reading cassettes. Does not belong here: what a reply means.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

SHARED = Path(os.environ.get("ADOPTION_SHARED", Path(__file__).parents[4] / "shared"))


def recorded(name: str) -> Path:
    """A recorded file; the test is skipped, aloud, where it is not at hand."""
    path = SHARED / "apis" / name
    if not path.exists():
        pytest.skip(f"the recorded reply is not here: {path}")
    return path


def cassette(name: str) -> list[tuple[str, int, bytes]]:
    """Address, status and body of every exchange on a cassette, of either of the two tools that make them."""
    tape = yaml.load(recorded(name).read_text(encoding="utf-8"), yaml.CSafeLoader)
    return [_exchange(exchange) for exchange in tape.get("http_interactions") or tape["interactions"]]


def _exchange(exchange: dict[str, Any]) -> tuple[str, int, bytes]:
    reply = exchange["response"]
    status = reply["status_code"] if "status_code" in reply else reply["status"]["code"]
    body = reply["content"] if "content" in reply else reply["body"]["string"]
    return exchange["request"]["uri"], int(status), body.encode() if isinstance(body, str) else body


def document(name: str) -> dict[str, Any]:
    """A recorded JSON document."""
    content: dict[str, Any] = json.loads(recorded(name).read_text(encoding="utf-8"))
    return content
