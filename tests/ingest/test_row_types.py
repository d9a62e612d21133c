"""Types of columns: what they accept, what they refuse, and what a row promises."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from ingest import row_types
from tests.ingest.made_up import GOOD_ROW, HEADER, CountRow


def _accepts(annotation: Any, value: object, **context: object) -> object:  # noqa: ANN401
    return TypeAdapter(annotation).validate_python(value, context=context)


@pytest.mark.parametrize(
    ("annotation", "text", "expected"),
    [
        (row_types.Count, "0", 0),
        (row_types.Count, "9223372036854775807", 2**63 - 1),
        (row_types.Text, "  anvil ", "anvil"),
        (row_types.PastDate, "2021-01-05", date(2021, 1, 5)),
        (row_types.UtcTimestamp, "2021-01-05T12:00:00+02:00", datetime(2021, 1, 5, 10)),  # noqa: DTZ001
        (row_types.UtcTimestamp, "2021-01-05 12:00:00", datetime(2021, 1, 5, 12)),  # noqa: DTZ001
        (row_types.OptionalCount, "", None),
        (row_types.OptionalCount, "0", 0),
        (row_types.OptionalText, "", None),
        (row_types.OptionalTimestamp, "", None),
        (row_types.TextList, "1|4|12", ["1", "4", "12"]),
        (row_types.TextList, "", []),
    ],
)
def test_accepted_texts(annotation: object, text: str, expected: object) -> None:
    assert _accepts(annotation, text, landed_on=date(2021, 1, 5)) == expected


NO_DAYS = (
    "2020/01/31", "31.01.2020", "01/31/2020", "2020-1-1", "2020-W01-1", "2020-001", "20200101", "43831", "1e9",
    "Jan 2020",
    "2020-01-01T00:00:00+14:00", "2020-01-01T00:00:00-05:00", "2020-01-01 00:00-00:30", "2020-01-01_00:00:00-0500",
)  # fmt: skip
"""Days written as people and programs write them, that mean one day or another, or none."""


@pytest.mark.parametrize("text", NO_DAYS)
@pytest.mark.parametrize("annotation", [row_types.PastDate, row_types.PastEnd])
def test_a_day_that_is_written_otherwise_is_refused_with_the_right_way(annotation: object, text: str) -> None:
    with pytest.raises(ValidationError, match=r"should be a valid date .*such as 2020-12-31"):
        _accepts(annotation, text)


@pytest.mark.parametrize(
    "text", ["2020-01-31", "2020-01-31T00:00:00", "2020-01-31 00:00:00Z", "2020-01-31T00:00+00:00"]
)
def test_a_day_may_be_its_midnight(text: str) -> None:
    assert _accepts(row_types.PastDate, text) == date(2020, 1, 31)


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (row_types.Count, "-1"),
        (row_types.Count, "1.5"),
        (row_types.Count, "many"),
        (row_types.Count, ""),
        (row_types.Count, "nan"),
        (row_types.Text, "   "),
        (row_types.PastDate, "2021-01-06"),
        (row_types.PastDate, "2021-02-30"),
        (row_types.PastDate, ""),
        *((row_types.PastDate, text) for text in NO_DAYS),
        (row_types.UtcTimestamp, ""),
        (row_types.OptionalCount, "-1"),
        (row_types.OptionalCount, " "),
        (row_types.ListedName, "tongs"),
    ],
)
def test_refused_texts(annotation: object, text: str) -> None:
    with pytest.raises(ValidationError):
        _accepts(annotation, text, landed_on=date(2021, 1, 5), names=frozenset({"anvil"}))


def test_a_listed_name_is_compared_after_trimming() -> None:
    assert _accepts(row_types.ListedName, " anvil ", names=frozenset({"anvil"})) == "anvil"


def test_without_context_names_and_dates_are_free() -> None:
    far = datetime.now(UTC).date() + timedelta(days=400)
    assert _accepts(row_types.PastDate, far.isoformat()) == far
    assert _accepts(row_types.ListedName, "tongs") == "tongs"


def test_a_zone_is_turned_into_utc() -> None:
    noon = datetime(2021, 1, 5, 12, tzinfo=timezone(timedelta(hours=-3)))
    assert _accepts(row_types.UtcTimestamp, noon) == datetime(2021, 1, 5, 15)  # noqa: DTZ001


def test_a_row_refuses_unknown_columns_and_change() -> None:
    fields: dict[str, Any] = dict(zip(HEADER.split(","), GOOD_ROW.split(","), strict=True))
    row = CountRow.model_validate(fields)
    with pytest.raises(ValidationError, match="frozen"):
        row.sold = 8  # type: ignore[misc]
    with pytest.raises(ValidationError, match="Extra inputs"):
        CountRow.model_validate({**fields, "colour": "red"})
