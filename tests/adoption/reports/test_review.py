"""How the review is laid out: which rows of a metric are shown, and which remarks stand under them."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from adoption.reports import review
from adoption.reports.one_way import no_own

ROW: dict[str, Any] = {
    "year": 2020,
    "metric_id": "tools_sold",
    "metric_label": "Tools sold",
    "kind": "flow",
    "unit": "tools",
    "entity_type": "contender",
    "entity_id": "anvil",
    "entity_label": "Anvil",
    "segment": "all",
    "is_focus": True,
    "is_benchmark": False,
    "external_name": "anvil",
    "is_known": True,
    "no_data_reason": None,
    "source_id": "guild",
    "source_label": "The guild",
    "basis": "by_hand",
    "months_held": 12,
    "value": 300.0,
    "numerator": None,
    "denominator": None,
    "low": None,
    "high": None,
    "interval_kind": None,
    "prior_value": 200.0,
    "prior_low": None,
    "prior_high": None,
    "is_prior_complete": True,
    "prior_months_held": 12,
    "yoy_change": 100.0,
    "yoy_pct": 50.0,
    "yoy_low": None,
    "yoy_high": None,
    "yoy_interval_kind": None,
    "yoy_common_pct": None,
    "common_months": None,
    "compared_on": "year",
    "yoy_at_least_pct": None,
    "yoy_standardised": None,
    "standardised_coverage_pct": None,
    "baseline_growth_pct": None,
    "growth_percentile": None,
    "ratio_to_benchmark": 1.5,
    "ratio_basis": "by_hand",
    "is_complete": True,
    "is_comparable": True,
    "not_comparable_reason": None,
    "direction": "up",
    "other_ways": [],
    "how_to_get": "The guild: ask it",
    "grade": "A",
    "grade_reason": None,
    "reads": "what smiths buy",
    "caveats": ["Old tools are not counted."],
    **no_own(),
}
OTHER = {**ROW, "entity_id": "bellows", "entity_label": "Bellows", "external_name": "bellows", "is_focus": False}
UNKNOWN = {
    **ROW,
    "is_known": False,
    "no_data_reason": "not available",
    "value": None,
    "is_comparable": False,
    "source_label": None,
    "basis": None,
}


def printed(*rows: dict[str, Any]) -> list[str]:
    output = StringIO()
    review._print_metric(Console(file=output, width=120, highlight=False), 2020, list(rows), is_verbose=True)
    return [line.rstrip() for line in output.getvalue().splitlines() if line.strip()]


def test_a_metric_is_a_title_a_table_and_remarks() -> None:
    assert printed(ROW, {**OTHER, "grade": "B"}) == [
        "Tools sold  The guild, by hand",
        "           2019  2020  change  ratio   grade",
        "  Anvil     200   300   +50 %  1.50 x  A",
        "  Bellows   200   300   +50 %          B",
        "  Interpreted as: what smiths buy.",
        "  Caveat: Old tools are not counted.",
    ]


def test_what_is_not_known_says_why_and_how_to_get_it() -> None:
    assert printed(UNKNOWN, {**UNKNOWN, "entity_label": "Bellows"})[:5] == [
        "Tools sold",
        "           2019       2020   change",
        "  Anvil     200  not known  no data",
        "  Bellows   200  not known  no data",
        "  Not available. The guild: ask it",
    ]


def test_a_remark_that_is_true_of_some_names_them() -> None:
    broken = {
        "is_comparable": False,
        "compared_on": None,
        "direction": "not comparable",
        "not_comparable_reason": "break: new scales",
    }
    lines = printed(ROW, {**OTHER, **broken})
    assert "  Bellows: not comparable with 2019: break: new scales" in lines
    assert "  Not comparable with 2019: break: new scales" in printed({**ROW, **broken}, {**OTHER, **broken})


@pytest.mark.parametrize(
    ("columns", "remark"),
    [
        ({"external_name": "anvil-lib"}, "measured on anvil-lib"),
        ({"ratio_basis": "by_scale"}, "ratio by by scale, which holds both"),
        (
            {"own_basis": "by_scale", "own_source_label": "The scales", "own_value": 350.0, "own_change_pct": 12.4},
            "by its own preferred count 350, +12 % (The scales, by scale)",
        ),
        ({"grade_reason": "estimated"}, "grade A: estimated"),
        ({"other_ways": ["by scale: -1.0 %"]}, "otherwise counted, by scale: -1.0 %"),
        (
            {"other_ways": ["by scale: -1.0 %"], "direction": "inconclusive"},
            "inconclusive; otherwise counted, by scale: -1.0 %",
        ),
        (
            {"not_comparable_reason": "2019 is incomplete", "yoy_common_pct": 12.4, "common_months": 11},
            "+12 % over the 11 months both years hold",
        ),
        (
            {"yoy_standardised": 2.22, "standardised_coverage_pct": 97.3},
            "+2.2 points with the countries and roles of 2019 (cells with 97 % of its respondents)",
        ),
    ],
)
def test_what_stands_beside_a_figure(columns: dict[str, Any], remark: str) -> None:
    assert f"  Bellows: {remark}" in printed({**OTHER, **columns, "is_focus": True}, ROW)


def test_rows_that_are_counted_in_two_ways_say_so_one_by_one() -> None:
    lines = printed({**ROW, "external_name": "anvil-lib"}, {**OTHER, "external_name": "b", "basis": "by_scale"})
    assert lines[0] == "Tools sold"
    assert "  Anvil: measured on anvil-lib, counted by The guild, by hand" in lines
    assert "  Bellows: measured on b, counted by The guild, by scale" in lines


PART = {**ROW, "segment": "fair=spring"}
UNKNOWN_PART = {**UNKNOWN, "segment": "fair=autumn"}


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        ([ROW, UNKNOWN], [ROW, UNKNOWN]),
        ([PART, UNKNOWN_PART], [PART]),
        ([UNKNOWN_PART, UNKNOWN_PART], [UNKNOWN_PART]),
    ],
)
def test_parts_that_are_not_known_are_not_listed(rows: list[dict[str, Any]], shown: list[dict[str, Any]]) -> None:
    assert review.worth_showing(rows) == shown


def test_a_part_is_named_beside_whom_it_is_of() -> None:
    assert any(line.startswith("  Anvil, spring  ") for line in printed(PART))
