"""Windows, lists and year totals: which rows are accepted."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from pydantic import ValidationError

from ingest.sources.top_pypi_packages import SnapshotRow, WindowRow, YearTotalRow

WINDOW = {
    "package": "tensorflow",
    "window_start_date": "2020-01-01",
    "window_end_date": "2020-12-31",
    "window_days": "366",
    "downloads": "113788105",
    "installers": "pip",
    "available_at": "2021-01-01 15:30:55+00:00",
    "source_commit": "7c867c5d",
}


def test_a_window_is_kept_as_published() -> None:
    row = WindowRow.model_validate(WINDOW)
    assert (row.window_start_date, row.window_end_date, row.window_days) == (date(2020, 1, 1), date(2020, 12, 31), 366)
    assert (row.downloads, row.installers) == (113_788_105, "pip")
    assert row.available_at == datetime(2021, 1, 1, 15, 30, 55)  # noqa: DTZ001


@pytest.mark.parametrize(
    "change",
    [
        {"window_days": "0"},
        {"downloads": "-1"},
        {"installers": "conda"},
        {"package": ""},
        {"available_at": ""},
        {"source_commit": " "},
    ],
)
def test_a_window_that_cannot_be_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=next(iter(change))):
        WindowRow.model_validate({**WINDOW, **change})


def test_a_list_needs_a_length() -> None:
    fields = dict.fromkeys(SnapshotRow.model_fields, "5000") | {
        name: WINDOW[name] for name in ("window_start_date", "window_end_date", "installers", "available_at")
    }
    assert SnapshotRow.model_validate(fields).smallest_downloads == 5000
    with pytest.raises(ValidationError, match="window_days"):
        SnapshotRow.model_validate({**fields, "window_days": "0"})


def test_a_year_total_of_one_window_has_no_months() -> None:
    fields = {name: WINDOW[name] for name in YearTotalRow.model_fields if name != "months"}
    assert YearTotalRow.model_validate({**fields, "months": "0"}).months == 0
    with pytest.raises(ValidationError, match="months"):
        YearTotalRow.model_validate(fields)
