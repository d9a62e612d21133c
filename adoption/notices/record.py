"""What was told: a small file of the data folder, so that nothing is told twice.

A notice is written down as *sending* before it goes out, and taken off when the service has taken it. Who is killed
between the two has written that it is not known whether it arrived; the next build sends it again and says so. So a
kill loses none, doubles one at most, and the double names itself: to be told twice is better than not to be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from filelock import FileLock
from pydantic import BaseModel, Field, ValidationError

from adoption.notices.notice import Kind
from ingest.files import make_private

if TYPE_CHECKING:
    from adoption.settings import Settings

NAME = "record.json"
State = Literal["new", "sending", "refused"]


class Waiting(BaseModel):
    """A notice that some addresses have not taken yet, each by its digest."""

    kind: Kind
    text: str
    since: str
    to: dict[str, State]


class Open(BaseModel):
    """Something that is wrong, until it is not: told once in that time."""

    kind: Kind
    text: str
    since: str
    is_told: bool = False


class Record(BaseModel):
    """What is wrong by domain and key, what waits to be told, the end of the last run of each job, the last file."""

    open: dict[str, dict[str, Open]] = Field(default_factory=dict)
    waiting: list[Waiting] = Field(default_factory=list)
    runs: dict[str, float] = Field(default_factory=dict)
    compared: str | None = None

    @classmethod
    def read(cls, folder: Path) -> Record:
        """The record of a folder; an empty one where there is none, or none that can be read."""
        try:
            return cls.model_validate_json((folder / NAME).read_bytes())
        except (FileNotFoundError, ValidationError):
            return cls()


@contextmanager
def locked(settings: Settings) -> Iterator[Path]:
    """The folder of the record, while nobody else tells anything."""
    make_private(settings.data)
    settings.notices.mkdir(exist_ok=True)
    with FileLock(settings.notices / "record.lock"):
        yield settings.notices
