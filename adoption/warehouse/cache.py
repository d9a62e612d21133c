"""Texts that are made once and kept until what they are made from changes: pictures, and what was read from SQL.

Belongs here: keeping and finding again. Does not belong here: making anything. All of it can be made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from ingest.files import write_atomically


def digest_of(code: str, series: Iterable[Any]) -> str:
    """A digest of all that is found in some series depends on: the code, and every field of these dataclasses.

    The field `values` is an array, which is taken bit by bit.
    """
    whole = hashlib.sha256(code.encode())
    for member in series:
        whole.update(repr([getattr(member, field.name) for field in fields(member) if field.name != "values"]).encode())
        whole.update(member.values.tobytes())
    return whole.hexdigest()


class RenderCache:
    """A folder with one file per name: the fingerprint of what its text was made from, then the text."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str, made_from: Sequence[str], make: Callable[[], str]) -> str:
        """The text that is cached under a name; made again if it was made from something else."""
        fingerprint = hashlib.sha256("\0".join(made_from).encode()).hexdigest()
        path = self._folder / name
        if path.exists():
            before, _, text = path.read_text(encoding="utf-8").partition("\n")
            if before == fingerprint:
                return text
        text = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, f"{fingerprint}\n{text}".encode())
        return text
