"""Calendar months: the way of counting is kept row by row, and an unknown release date stays unknown."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ingest.sources.pypi_tools import MonthRow

MONTH = {
    "package": "__all_pypi__",
    "month_date": "2016-01-01",
    "downloads": "67485378",
    "source_format": "pypinfo",
    "available_at": "",
    "source_commit": "faaf7b4f",
}


def test_both_ways_of_counting_are_known() -> None:
    for form in ("pypinfo", "pypistats"):
        assert MonthRow.model_validate({**MONTH, "source_format": form}).source_format == form
    with pytest.raises(ValidationError, match="'pypinfo' or 'pypistats'"):
        MonthRow.model_validate({**MONTH, "source_format": "bigquery"})


def test_an_unknown_release_date_is_missing() -> None:
    assert MonthRow.model_validate(MONTH).available_at is None
