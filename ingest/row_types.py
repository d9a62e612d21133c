"""Types of the columns of raw tables, and what every row model shares.

Out of scope: what a source lands and how it is fetched (`ingest.model`).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Annotated, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

EARLIEST = date(1970, 1, 1)
"""No figure of any field here is older; an older date is a slip of the pen."""
MOST = 10**15
"""No count is larger: a million times the downloads of the largest package; sums and products of such fit a BIGINT."""
UNKNOWN_NAME = "is not a name that the catalog lists for this source"


def _utc_naive(value: datetime) -> datetime:
    """Timestamps are stored as UTC without a zone, as the column suffix `_at` promises."""
    try:
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    except OverflowError as error:
        raise ValueError("lies outside the calendar") from error


def _in_digits(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"\s*-?[0-9]+\s*", value):
        raise ValueError("should be a valid integer, written in digits")
    return value


def _a_day(value: object) -> object:
    """A day as it is written everywhere; a midnight of another zone is no day of ours."""
    value = _no_number(value)
    if isinstance(value, str):
        if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])", value):
            raise ValueError("should be a valid date such as 2020-12-31")
        if re.search(r"[T_ ].*[-+](?![0:]*$)[0-9:]+$", value, re.IGNORECASE):
            raise ValueError("should be a valid date such as 2020-12-31, not a moment of another zone than UTC")
    return value


def _no_number(value: object) -> object:
    """Numbers would be read as seconds since 1970."""
    if isinstance(value, int | float):
        raise ValueError("should be a valid date or datetime such as 2020-12-31, not a number")
    if isinstance(value, str) and re.fullmatch(r"\s*[-+]?[0-9.]+\s*", value):
        raise ValueError("should be a valid date or datetime such as 2020-12-31, not a number")
    return value


def _with_minutes(value: object) -> object:
    """A moment whose zone is written without its minutes, as PostgreSQL does: `+00`."""
    if isinstance(value, str) and re.search(r":\d\d(\.\d+)?\s*[-+]\d\d\s*$", value):
        return f"{value.strip()}:00"
    return value


def _in_our_time(value: date) -> date:
    if value < EARLIEST:
        raise ValueError(f"lies before {EARLIEST}: nothing was measured then")
    return value


def _first_of_month(value: date) -> date:
    if value.day != 1:
        raise ValueError(f"should be the first day of a month: {value.replace(day=1)}")
    return value


def _no_later_than_tomorrow(value: date, info: ValidationInfo) -> date:
    """The end of a period is the day after its last: of today that is tomorrow."""
    landed_on: date | None = (info.context or {}).get("landed_on")
    if landed_on is not None and value > landed_on + timedelta(days=1):
        raise ValueError(f"lies in the future: the extract was landed on {landed_on}")
    return value


def _landed_already(value: datetime, info: ValidationInfo) -> datetime:
    landed_on: date | None = (info.context or {}).get("landed_on")
    if landed_on is not None and value.date() > landed_on:
        raise ValueError(f"lies in the future: the extract was landed on {landed_on}")
    return value


def _not_future(value: date, info: ValidationInfo) -> date:
    landed_on: date | None = (info.context or {}).get("landed_on")
    if landed_on is not None and value > landed_on:
        raise ValueError(f"lies in the future: the extract was landed on {landed_on}")
    return value


def _not_future_year(value: int, info: ValidationInfo) -> int:
    landed_on: date | None = (info.context or {}).get("landed_on")
    if landed_on is not None and value > landed_on.year:
        raise ValueError(f"lies in the future: the extract was landed on {landed_on}")
    return value


def _known_name(value: str, info: ValidationInfo) -> str:
    names: frozenset[str] | None = (info.context or {}).get("names")
    if names is not None and value not in names:
        raise ValueError(UNKNOWN_NAME)
    return value


def _split(value: object) -> object:
    return [part for part in value.split("|") if part] if isinstance(value, str) else value


def _blank_is_missing(value: object) -> object:
    return None if value == "" else value


Count = Annotated[int, Field(ge=0, le=2**63 - 1), BeforeValidator(_in_digits)]
"""A count: a whole number, never negative, that fits a BIGINT."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""A text that must not be empty."""
ListedName = Annotated[Text, AfterValidator(_known_name)]
"""A name that the catalog must list for the source."""
PastDate = Annotated[date, BeforeValidator(_a_day), AfterValidator(_in_our_time), AfterValidator(_not_future)]
"""A date that cannot lie after the day on which the extract was landed."""
PastMonth = Annotated[PastDate, AfterValidator(_first_of_month)]
"""A month, by its first day."""
PastEnd = Annotated[
    date, BeforeValidator(_a_day), AfterValidator(_in_our_time), AfterValidator(_no_later_than_tomorrow)
]
"""The day after the last of a period: for one that ends today it is tomorrow."""
PastYear = Annotated[int, Field(ge=1), AfterValidator(_not_future_year)]
"""A year, such as an edition's, that cannot lie after the one in which the extract was landed."""
UtcTimestamp = Annotated[
    datetime,
    BeforeValidator(_with_minutes),
    BeforeValidator(_no_number),
    AfterValidator(_utc_naive),
    AfterValidator(_landed_already),
]
"""A moment before the extract was landed, kept as UTC."""
Amount = Annotated[float, Field(ge=0, le=MOST, allow_inf_nan=False)]
"""A figure that is no count: never negative, and a number."""
OptionalCount = Annotated[Count | None, BeforeValidator(_blank_is_missing)]
OptionalText = Annotated[Text | None, BeforeValidator(_blank_is_missing)]
OptionalTimestamp = Annotated[UtcTimestamp | None, BeforeValidator(_blank_is_missing)]
TextList = Annotated[list[str], BeforeValidator(_split)]
"""Several texts in one field, with `|` between them."""


class RawRow(BaseModel):
    """One row of a raw table. Subclasses give the columns; unknown columns are an error.

    `key` are the columns that say which fact a row is about. The numbers in the others may be restated by the
    publisher; without a key nobody looks. `one_row_for` are the columns of which a file has one row each, where that is
    more than the key.
    """

    # who loads no row pays for no validator
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    key: ClassVar[tuple[str, ...]] = ()
    one_row_for: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="after")
    def _known_after_it_began(self, info: ValidationInfo) -> RawRow:
        """A figure is released after its period has begun."""
        fields = self.__dict__
        own = fields.get("available_at")
        known_on = own.date() if own is not None else (info.context or {}).get("available_on")
        if known_on is not None:
            days = [value for value in fields.values() if type(value) is date]
            if days and known_on < min(days):
                raise ValueError(f"was available on {known_on}, before it happened: {min(days)}")
        return self


def ordered(row: RawRow, *columns: str) -> None:
    """Raise ValueError, which pydantic reports, unless the columns ascend: a part is no more than its whole.

    What is not there (None) is passed over.
    """
    values = [(column, getattr(row, column)) for column in columns]
    present = [(column, value) for column, value in values if value is not None]
    for (low, less), (high, more) in pairwise(present):
        if less > more:
            raise ValueError(f"{low} {less} is more than {high} {more}")
