"""What the entries of several catalog files have in common.

Belongs here: the base class of entries, and types of fields that more than one file uses. Does not belong here:
the shape of any file (a module of its own each).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator, model_validator

from ingest.errors import ORDERS, shortened, without_orders

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Grade = Literal["A", "B", "C", "D"]
Year = Annotated[int, Field(ge=1000, le=9998)]


class Entry(BaseModel):
    """Base of all catalog entries: an unknown field is an error, and so is what no person means to write."""

    # who reads no catalog pays for no validator
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)

    @field_validator("*", mode="before")
    @classmethod
    def _as_meant(cls, value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401 - as it stands in the file
        """A list names nothing twice, texts hold no orders to a terminal, and yes is no number."""
        annotation = str(cls.model_fields[str(info.field_name)].annotation)
        if isinstance(value, bool) and "bool" not in annotation:
            raise ValueError(f"is {str(value).lower()}, as YAML reads yes, no, on and off; expected another value")
        if isinstance(value, list) and "..." in annotation:  # a list, not a pair such as of months
            repeated = next((text for text, times in Counter(_texts(value)).items() if times > 1), None)
            if repeated is not None:
                raise ValueError(f"{shortened(repr(repeated), 120)} stands twice; expected once")
        for text in _texts(value):
            if order := ORDERS.search(text):
                raise ValueError(f"holds a character that a terminal would obey: {without_orders(order[0])}")
        return value


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (item for item in value if isinstance(item, str))


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
