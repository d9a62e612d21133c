"""Control totals and anchors: one line a series; what is no such line is named."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from ingest.catalog.entries.controls import Controls

SERIES = "tools_sold/total/a_tool"


def test_a_line_is_years_with_figures_and_sum_or_a_day_with_its_figure() -> None:
    controls = Controls.model_validate(
        {
            "totals": {"shop": {SERIES: "2020 12 113788105, 2021 1 0.5"}},
            "anchors": {"shop": {SERIES: "2020-01-01 474"}},
        }
    )

    assert controls.totals == {"shop": {SERIES: {2020: (12, 113788105.0), 2021: (1, 0.5)}}}
    assert controls.anchors == {"shop": {SERIES: (date(2020, 1, 1), 474.0)}}


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("totals", "2020 12", "expected `year figures sum`"),
        ("totals", "2020 12 3 4", "expected `year figures sum`"),
        ("totals", 2020, "expected `year figures sum`"),
        ("totals", "2020 12 1, 2020 12 2", "expected each year once"),
        ("totals", "2020 twelve 1", "valid integer"),
        ("anchors", "2020-01-01", "expected `day figure`"),
        ("anchors", "2020-01-01 1, 2021-01-01 2", "expected one `day figure`"),
        ("totals", [None], "expected `year figures sum`"),
        ("anchors", [None], "expected `day figure`"),
        ("anchors", "2020-02-30 1", "valid date"),
    ],
)
def test_any_other_line_is_an_error(field: str, text: object, expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        Controls.model_validate({field: {"shop": {SERIES: text}}})
