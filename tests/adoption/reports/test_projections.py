"""The lines of projections: always called so, beside the count that they begin with."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from adoption.reports.projections import HEADING, print_section, sentence

ROW = {
    "entity_id": "a",
    "metric_label": "Issues",
    "kind": "flow",
    "unit": "issues",
    "year": 2026,
    "missing_months": [8, 9, 10, 11, 12],
    "to_date": 4013.0,
    "projected_value": 6933.0,
    "projected_low": 6369.0,
    "projected_high": 7570.0,
    "projected_growth_pct": -14.9,
    "projected_growth_low": -21.8,
    "projected_growth_high": -7.1,
    "years_tested": 8,
    "years_covered": 7,
    "withheld_because": None,
    "source_label": "Repostory",
    "basis": "opened",
    "grade": "C",
}


def test_a_projection_says_what_is_held_what_is_projected_and_how_it_was_tested() -> None:
    assert sentence(ROW, "A") == (
        "Issues: A 4,013 in January to July; projected 6,933 for 2026 (80 % interval 6,369 to 7,570), "
        "-15 % on 2025 (-22 % to -7.1 %); the interval held 7 of 8 earlier years; Repostory, opened; grade C."
    )


def test_a_stock_gains() -> None:
    text = sentence({**ROW, "kind": "stock", "projected_growth_pct": None}, "A")
    assert text.startswith(
        "Issues: A +4,013 in January to July; projected +6,933 for 2026 (80 % interval +6,369 to +7,570); the"
    )


def test_what_is_withheld_has_its_reason_and_no_projection() -> None:
    row = {**ROW, "withheld_because": "a break in its year: moved", "projected_value": None, "grade": None}
    assert sentence(row, "A") == (
        "Issues: A 4,013 in January to July; nothing is projected: a break in its year: moved (Repostory, opened)."
    )
    assert "from January to July not known;" in sentence({**row, "to_date": None}, "A")


@pytest.mark.parametrize(
    ("years", "message"), [(0, "; no earlier year tests it;"), (1, "; the interval held 1 of 1 earlier year;")]
)
def test_few_tests_are_said(years: int, message: str) -> None:
    assert message in sentence({**ROW, "years_tested": years, "years_covered": years}, "A")


def test_the_section_is_named_and_withheld_lines_come_last() -> None:
    console = Console(file=io.StringIO(), width=300)
    withheld = {**ROW, "metric_label": "Stars", "withheld_because": "zeros"}
    print_section(console, [withheld, ROW], {"a": "A"})
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert lines[1] == HEADING
    assert [line.strip().split(":")[0] for line in lines[2:]] == ["Issues", "Stars"]
    print_section(console, [], {"a": "A"})
    assert console.file.getvalue().splitlines() == lines  # type: ignore[attr-defined]
