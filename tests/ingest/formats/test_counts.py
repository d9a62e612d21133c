"""The documented form for counts that people gather."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ingest.formats.counts import CountOfTotalRow, CountRow
from ingest.row_types import RawRow
from tests.ingest.made_up import LANDED_AT

CONTEXT = {"landed_on": LANDED_AT.date(), "names": frozenset({"Anvil"})}
GOOD = {"name": " Anvil ", "period_start": "2020-01-01", "period_end": "2020-02-01", "count": "7"}


def read(model: type[RawRow], **fields: str) -> dict[str, Any]:
    return model.model_validate({**GOOD, **fields}, context=CONTEXT).model_dump(mode="json")


def test_a_row_is_a_name_a_period_and_a_count() -> None:
    assert read(CountRow) == {"name": "Anvil", "period_start": "2020-01-01", "period_end": "2020-02-01", "count": 7}
    assert read(CountOfTotalRow, total="90")["total"] == 90
    assert read(CountRow, count="0")["count"] == 0


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("name", "anvil", "is not a name that the catalog lists"),
        ("name", " ", "at least 1 character"),
        ("count", "-1", "greater than or equal to 0"),
        ("count", "", "valid integer"),
        ("count", "1.5", "valid integer"),
        ("period_start", "January", "valid date"),
        ("period_end", "2020-01-01", "must lie after period_start 2020-01-01"),
        ("period_end", "2019-12-31", "must lie after period_start 2020-01-01"),
        ("period_end", "2021-01-07", "lies in the future: the extract was landed on 2021-01-05"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(column: str, value: str, reason: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read(CountRow, **{column: value})
    (problem,) = caught.value.errors()
    assert problem["loc"] == (column,)
    assert reason in problem["msg"]


def test_a_count_of_all_needs_the_number_of_all() -> None:
    with pytest.raises(ValidationError, match="total"):
        read(CountOfTotalRow)
