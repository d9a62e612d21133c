"""Like with like, on the shipped figures: common months, lower bounds, the baseline's cohort, doubt, and who leads.

Belongs here: figures that anyone can recompute from the shipped extracts, and rules that hold for every row. Does not
belong here: the sentences made of them (test_brief, test_review_text).
"""

from __future__ import annotations

import pytest
from duckdb import DuckDBPyConnection as DuckDB

from ingest.database import fetch_dicts
from tests.end_to_end.asking import YOY, Row, one


def download_year(published: DuckDB, entity: str, year: int, basis: str) -> Row:
    return one(
        published,
        YOY,
        metric_id="pypi_downloads",
        entity_type="contender",
        entity_id=entity,
        year=year,
        source_id="top_pypi_packages",
        basis=basis,
    )


def test_two_years_are_compared_over_the_months_that_both_hold(published: DuckDB) -> None:
    pytorch = download_year(published, "pytorch", 2024, "pip_only")
    tensorflow = download_year(published, "tf_keras", 2024, "pip_only")

    assert (round(pytorch["value"]), round(tensorflow["value"])) == (227_641_956, 174_436_646)
    assert [row["periods_compared"] for row in (pytorch, tensorflow)] == [9, 9]
    assert [round(row["yoy_common_pct"]) for row in (pytorch, tensorflow)] == [148, 19]
    assert [row["direction"] for row in (pytorch, tensorflow)] == ["up", "up"]
    assert [row["change_grade"] for row in (pytorch, tensorflow)] == ["C", "C"]
    # the two years themselves still do not compare
    assert pytorch["is_comparable"] is False
    assert pytorch["yoy_pct"] is None


def test_a_part_of_a_year_that_exceeds_the_year_before_is_up_at_least_so_much(published: DuckDB) -> None:
    row = download_year(published, "pytorch", 2024, "pip_only")
    assert round(row["yoy_at_least_pct"]) == 73
    assert download_year(published, "pytorch", 2023, "pip_only")["yoy_at_least_pct"] is None


@pytest.mark.parametrize(
    ("entity", "year", "basis", "cohort", "percentile"),
    [
        ("tf_keras", 2020, "pip_only", (2_915, 189, 43), 85),
        ("pytorch", 2020, "pip_only", (2_915, 189, 43), 84),
        ("pytorch", 2024, "pip_only", (4_231, 178, 42), 88),
        ("tf_keras", 2024, "pip_only", (4_231, 178, 42), 34),
        ("tf_keras", 2026, "all_installers", (10_160, 837, 77), 19),
    ],
)
def test_the_baseline_is_of_the_earlier_list_and_says_who_fell_out(
    published: DuckDB, entity: str, year: int, basis: str, cohort: tuple[int, int, int], percentile: int
) -> None:
    row = download_year(published, entity, year, basis)
    assert (row["baseline_packages"], row["baseline_fallen_out"], round(row["baseline_growth_pct"])) == cohort
    assert int(row["growth_percentile"]) == percentile


def test_what_was_added_to_something_that_shrank_has_no_percentage(published: DuckDB) -> None:
    which = {"metric_id": "github_forks", "source_id": "github_ranking", "entity_id": "mxnet", "year": 2023}
    row = one(published, YOY, entity_type="contender", **which)
    assert (row["net_additions"], row["net_additions_prior"], row["net_additions_pct"]) == (19, -6, None)
    assert (row["direction"], row["pace"]) == ("up", "faster")


def test_a_conference_moves_beyond_chance_or_is_inconclusive(published: DuckDB) -> None:
    rows = fetch_dicts(
        published,
        f"from {YOY} where metric_id = 'conference_papers' and entity_id = 'tf_keras' and year = 2020"
        " and entity_type = 'contender' and is_comparable",
    )
    directions = {row["segment"].removeprefix("conference="): row["direction"] for row in rows}
    assert directions == {
        **dict.fromkeys(("CVPR", "ICML", "NeurIPS"), "down"),
        **dict.fromkeys(("ACL", "EMNLP", "ICLR"), "inconclusive"),
    }


def test_a_survey_that_did_not_offer_a_member_says_at_least_the_other(published: DuckDB) -> None:
    row = one(
        published,
        YOY,
        metric_id="stackoverflow_survey",
        entity_type="contender",
        entity_id="tf_keras",
        year=2018,
        segment="all",
        basis="answering",
    )
    assert (row["value"], round(row["low"], 1), row["high"]) == (None, 7.8, 100)
    lead = one(
        published,
        "marts.rpt_brief",
        year=2018,
        entity_id="tf_keras",
        against_entity_id="pytorch",
        metric_id="stackoverflow_survey",
    )
    assert lead["lead"] == "leads"


@pytest.mark.parametrize("entity", ["tf_keras", "pytorch"])
def test_a_change_of_which_too_little_can_be_weighted_is_not_said_standardised(published: DuckDB, entity: str) -> None:
    # of the titles of 2021 several were others in 2022
    row = one(
        published,
        YOY,
        metric_id="kaggle_survey",
        entity_type="contender",
        entity_id=entity,
        year=2022,
        segment="all",
        basis="answering",
    )
    assert row["is_comparable"]
    assert row["yoy_standardised"] is None
    assert 70 < row["standardised_coverage_pct"] < 80
    choice = one(
        published,
        "marts.fct_robustness",
        headline="direction",
        metric_id="kaggle_survey",
        entity_id=entity,
        year=2022,
        choice="standardised",
    )
    weight = f"{row['standardised_coverage_pct']:.0f} % of the year before"
    assert choice["not_computable_reason"] == f"those who can be weighted are {weight}"


def test_a_passing_prints_the_figures_of_its_own_month(published: DuckDB) -> None:
    row = one(
        published,
        "crossovers('jax', 'chainer')",
        metric_id="github_forks",
        source_id="github_ranking",
        entity_id="jax",
        against_entity_id="chainer",
        state="passed",
    )
    assert (f"{row['month_date']:%Y-%m}", row["value"]) == ("2021-12", 1_442)
    assert (row["against_value"], row["against_low"], row["against_high"]) == (None, 1_299, 1_389)


def test_nothing_is_ranked_or_compared_before_its_release(published: DuckDB) -> None:
    rows = fetch_dicts(
        published, f"from {YOY} where entity_type = 'contender' and entity_id = 'pytorch' and year = 2016"
    )
    assert rows
    assert {row["rank_low"] for row in rows} == {None}
    leads = fetch_dicts(
        published,
        "from marts.rpt_brief where year = 2016 and entity_id = 'tf_keras' and against_entity_id = 'pytorch'"
        " and lead is not null",
    )
    assert leads == []


def test_the_better_grade_is_preferred_to_the_order_of_the_catalog(published: DuckDB) -> None:
    row = one(published, "main.yearly", metric_id="pypi_downloads", entity_id="tf_keras", year=2021)
    assert (row["value"], row["grade"], row["months"]) == (131_341_482, "A", 12)
    brief = one(
        published,
        "marts.rpt_brief",
        year=2021,
        entity_id="tf_keras",
        against_entity_id="pytorch",
        metric_id="pypi_downloads",
    )
    assert round(brief["lead_value"] if "lead_value" in brief else brief["value"]) in (112_668_782, 131_341_482)


def test_the_months_add_up_to_the_year_wherever_there_are_twelve(published: DuckDB) -> None:
    rows = fetch_dicts(
        published,
        """
        with sums as (
            select entity_id, metric_id, year, sum(value) as value, count(value) as months
            from main.monthly where value is not null group by all
        )
        select yearly.*, sums.value as summed, sums.months as counted
        from main.yearly as yearly left join sums using (entity_id, metric_id, year)
        where yearly.months = 12
        """,
    )
    assert len(rows) > 100
    assert {row["kind"] for row in fetch_dicts(published, "from marts.dim_metrics where metric_id in ('github_stars')")}
    assert [
        row for row in rows if row["counted"] != 12 or abs(row["summed"] - row["value"]) > 1e-9 * abs(row["value"])
    ] == []


def test_every_row_of_the_tour_names_its_source_and_licence(published: DuckDB) -> None:
    shown = fetch_dicts(published, "select table_name from duckdb_tables() where schema_name = 'main' order by all")
    assert [row["table_name"] for row in shown] == ["coverage", "frameworks", "metrics", "monthly", "sources", "yearly"]
    for table in ("yearly", "monthly", "coverage"):
        unnamed = fetch_dicts(published, f"from main.{table} where source is null or licence is null")
        assert unnamed == []
    duplicates = "select entity_id, metric_id, part, year from main.yearly group by all having count(*) > 1"
    assert fetch_dicts(published, duplicates) == []
    duplicates = "select entity_id, metric_id, month_date from main.monthly group by all having count(*) > 1"
    assert fetch_dicts(published, duplicates) == []


def test_one_way_of_counting_is_preferred_a_year(published: DuckDB) -> None:
    for table, period in (
        ("fct_adoption_monthly", "year(month_date)"),
        ("fct_adoption_quarterly", "year(quarter_date)"),
        ("fct_adoption_yearly", "year"),
    ):
        keys = f"metric_id, entity_type, entity_id, segment, {period}"
        query = f"select {keys} from marts.{table} where is_preferred group by all having count(distinct series_id) > 1"
        assert fetch_dicts(published, query) == []
