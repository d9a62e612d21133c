"""What pages of the published file are made from, so that the same pages are not made again.

Belongs here: one digest of it all. Does not belong here: what a build is made from (`adoption.publish.news`), or
keeping the digest (`ingest.files`).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from adoption.publish import digest
from adoption.publish.reader import published_file
from adoption.warehouse.fingerprint import build_inputs

if TYPE_CHECKING:
    from adoption.settings import Settings


def inputs_of(settings: Settings, *options: str | int | None) -> str:
    """A sha256 of the published file, the editions that may name it, catalog and program, and of `options`.

    Raises:
        NotPublishedError: when nothing is published.
        ChangedFileError: when the file is not what was published.
    """
    editions = sorted([*settings.editions.glob("*.json"), *settings.editions.glob("*/*.json")])
    published = digest.read(published_file(settings)) or digest.sha256_of(settings.published)
    parts = [published, sorted(build_inputs(settings).items()), [_named(path) for path in editions], options]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _named(path: Path) -> tuple[str, str, str]:
    """A file by its folder and name, and its content."""
    return path.parent.name, path.name, digest.sha256_of(path)
