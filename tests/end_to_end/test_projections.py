"""Projections of the shipped figures: what is projected, what is withheld, and how the earlier years came out.

Belongs here: `fct_projections` on real data. Does not belong here: how a year is projected (tests/adoption/projection).
"""

from __future__ import annotations

import re

from adoption.settings import Settings
from tests.end_to_end.asking import ask_file


def test_a_year_that_lacks_one_month_is_projected_from_the_months_beside_it(built: Settings) -> None:
    [row] = ask_file(
        built.published,
        "from marts.fct_projections where metric_id = 'pypi_downloads' and entity_id = 'pytorch' and year = 2025",
    )
    assert row["missing_months"] == [5]
    assert row["to_date"] < row["projected_low"] < row["projected_value"] < row["projected_high"]
    assert row["grade"] == "D"  # no earlier year tests it


def test_a_projection_is_c_at_best_and_withheld_across_a_break(built: Settings) -> None:
    rows = ask_file(built.published, "from marts.fct_projections")
    assert {row["grade"] for row in rows} == {"C", "D", None}
    for row in rows:
        assert (row["projected_value"] is None) == (row["withheld_because"] is not None)
    of_2026 = [row for row in rows if row["year"] == 2026 and row["metric_id"] == "pypi_downloads"]
    assert of_2026
    assert all(re.match("a break in its year: ", row["withheld_because"]) for row in of_2026)


def test_earlier_years_are_covered_as_often_as_the_interval_says(built: Settings) -> None:
    [row] = ask_file(
        built.published,
        "select avg(is_covered::integer) as covered, count(*) as years from marts.fct_projection_tests "
        "where year > 2021",
    )
    assert row["years"] > 100
    assert 0.7 <= row["covered"] <= 0.9


def test_one_year_has_one_projection_that_no_count_is_mixed_with(built: Settings) -> None:
    rows = ask_file(
        built.published,
        "select entity_id, metric_id, year from marts.fct_projections group by all having count(*) > 1",
    )
    assert rows == []
    columns = ask_file(built.published, "select column_name from duckdb_columns() where table_name = 'rpt_brief'")
    assert not [row for row in columns if row["column_name"].startswith("projected")]
