"""What the entries of several catalog files have in common.

Belongs here: the base class of entries, and types of fields that more than one file uses. Does not belong here:
the shape of any file (a module of its own each).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Grade = Literal["A", "B", "C", "D"]


class Entry(BaseModel):
    """Base of all catalog entries: an unknown field is an error."""

    # who reads no catalog pays for no validator
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


def check_order(first: str, start: date | None, last: str, end: date | None) -> None:
    """Raises ValueError, which pydantic reports, where a span ends before it starts."""
    if start is not None and end is not None and start >= end:
        raise ValueError(f"{first} {start} must lie before {last} {end}")


class Validity(Entry):
    """From when (inclusive) until when (exclusive) an entry holds; open ends are None."""

    valid_from: date | None = Field(default=None, alias="from")
    valid_until: date | None = Field(default=None, alias="until")

    @model_validator(mode="after")
    def _ordered(self) -> Validity:
        check_order("from", self.valid_from, "until", self.valid_until)
        return self
