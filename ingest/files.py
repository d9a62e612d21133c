"""Replacing a folder of files, whole or not at all.

Belongs here: the draft beside the folder, and the swap. Does not belong here: what is written into it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderRefused(Exception):  # noqa: N818 - a decision, not a mistake
    """Writing would destroy something that is not ours; the text says what. Nothing was changed."""


@contextmanager
def replacing(folder: Path, sign: str, what: str) -> Iterator[Path]:
    """A draft that takes the place of `folder` when the block ends well; `sign` is the file by which ours is known.

    Raises:
        FolderRefused: when `folder` holds something that is no `what`.
    """
    _check(folder, sign, what)
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    draft.mkdir(parents=True)
    try:
        yield draft
        _swap(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _check(folder: Path, sign: str, what: str) -> None:
    is_ours = not folder.exists() or (folder.is_dir() and ((folder / sign).exists() or not any(folder.iterdir())))
    if not is_ours:
        raise FolderRefused(f"{folder} holds something that is no {what} (it has no {sign}); name another folder")


def _swap(draft: Path, folder: Path) -> None:
    """Put the new folder where the old one is; a folder with files cannot be renamed over."""
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    if folder.exists():
        folder.replace(old)
    draft.replace(folder)
    shutil.rmtree(old, ignore_errors=True)
