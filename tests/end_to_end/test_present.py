"""The figures for 2016 to 2026: what each year must show, and the traps of each source, each a test.

Belongs here: exact figures of the sources that reach the present. Does not belong here: the sentences of the brief
(test_brief), or figures of 2020 and before (test_figures).
"""

from __future__ import annotations

import duckdb
import pytest

from tests.end_to_end.asking import YOY, Row, one

DuckDB = duckdb.DuckDBPyConnection
LIST = "best_of_ml_python"


def rows(published: DuckDB, query: str) -> list[tuple[object, ...]]:
    return published.execute(query).fetchall()


def key(entity: str, metric: str, year: int, source: str, basis: str, kind: str = "contender") -> Row:
    return {
        "entity_type": kind,
        "entity_id": entity,
        "metric_id": metric,
        "year": year,
        "segment": "all",
        "source_id": source,
        "basis": basis,
    }


# --- exact figures ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entity", "year", "numerator", "denominator"),
    [
        ("tensorflow", 2021, 4_743, 27_063),
        ("keras", 2021, 2_832, 27_063),
        ("pytorch", 2021, 2_732, 27_063),
        ("tensorflow", 2024, 3_159, 24_631),
        ("keras", 2024, 1_305, 24_631),
        ("pytorch", 2024, 3_028, 24_631),
    ],
)
def test_shares_of_developers(published: DuckDB, entity: str, year: int, numerator: int, denominator: int) -> None:
    way = key(entity, "stackoverflow_survey", year, "stackoverflow_survey", "answering_all_five", "framework")
    row = one(published, YOY, **way)
    assert (row["numerator"], row["denominator"]) == (numerator, denominator)


def test_a_union_of_developers_lies_within_its_parts(published: DuckDB) -> None:
    way = key("tf_keras", "stackoverflow_survey", 2021, "stackoverflow_survey", "answering_all_five")
    row = one(published, YOY, **way)
    assert row["value"] is None
    assert row["low"] == pytest.approx(17.53, abs=0.01)
    assert row["high"] == pytest.approx(27.99, abs=0.01)


@pytest.mark.parametrize(("year", "union", "answering"), [(2018, 11_091, 18_696), (2022, 8_850, 16_240)])
def test_unions_of_data_scientists(published: DuckDB, year: int, union: int, answering: int) -> None:
    row = one(published, YOY, **key("tf_keras", "kaggle_survey", year, "kaggle_survey", "answering"))
    assert (row["numerator"], row["denominator"]) == (union, answering)


def test_students_of_2022_are_a_group_like_those_of_the_year_before(published: DuckDB) -> None:
    query = """select year, numerator, denominator from marts.fct_adoption_yearly
               where metric_id = 'kaggle_survey' and basis = 'all_respondents' and segment = 'role=Student'
                   and entity_id = 'tf_keras' and year >= 2021 order by year"""
    assert [(year, denominator) for year, _, denominator in rows(published, query)] == [(2021, 6_804), (2022, 11_961)]


@pytest.mark.parametrize(("entity", "posts"), [("tf_keras", 17), ("pytorch", 86)])
def test_job_posts_of_2025(published: DuckDB, entity: str, posts: int) -> None:
    row = one(published, YOY, **key(entity, "hn_job_posts", 2025, "hn_hiring_analysis", "mentions"))
    assert (row["numerator"], row["denominator"]) == (posts, 4_050)
    assert row["external_name"] == {"tf_keras": "TensorFlow", "pytorch": "PyTorch"}[entity]


@pytest.mark.parametrize(("entity", "added"), [("pytorch", 234_308), ("tf_keras", 114_397)])
def test_repositories_that_use_it_in_2024(published: DuckDB, entity: str, added: int) -> None:
    assert one(published, YOY, **key(entity, "github_dependents", 2024, LIST, "total"))["net_additions"] == added


@pytest.mark.parametrize(("entity", "commits"), [("pytorch", 14_821), ("tensorflow", 16_143)])
def test_commits_of_2024_are_what_was_added_between_two_snapshots(published: DuckDB, entity: str, commits: int) -> None:
    row = one(published, YOY, **key(entity, "github_commits", 2024, LIST, "all_commits", "framework"))
    assert (row["value"], row["method"], row["grade"]) == (commits, "year_difference", "B")
    assert (row["period_start"].isoformat(), row["period_end"].isoformat()) == ("2023-12-28", "2024-12-26")


def test_a_benchmark_round_by_framework(published: DuckDB) -> None:
    query = """select entity_id, round(low * denominator / 100), round(high * denominator / 100), denominator
               from marts.fct_observations
               where metric_id = 'mlperf_submissions' and segment = 'round=v5.1' and entity_type = 'contender'
                   and entity_id in ('tf_keras', 'pytorch') order by entity_id"""
    # 14 name no framework
    assert rows(published, query) == [("pytorch", 165, 179, 185), ("tf_keras", 0, 14, 185)]


# --- traps --------------------------------------------------------------------------------------------------------


def test_stars_that_a_list_has_wrong_are_no_figure(published: DuckDB) -> None:
    query = f"""select entity_id, count(*) from marts.fct_observations
                where source_id = '{LIST}' and metric_id = 'github_stars' and entity_type = 'framework'
                    and entity_id in ('tensorflow', 'jax') and member = 'primary' group by entity_id"""
    assert rows(published, query) == [("jax", 208)]


def test_repositories_that_use_it_are_not_known_while_the_host_showed_none(published: DuckDB) -> None:
    query = f"""select month_date::varchar, value is not null from marts.fct_adoption_monthly
                where source_id = '{LIST}' and metric_id = 'github_dependents' and entity_id = 'pytorch'
                    and entity_type = 'framework' and member = 'primary' order by month_date"""
    known = {str(month): is_known for month, is_known in rows(published, query)}
    assert [month for month, is_known in known.items() if is_known and "2021-08-01" <= month <= "2023-08-01"] == []
    assert known["2023-12-01"] is True


def test_a_package_fetched_more_often_than_what_it_needs_is_bounded_by_that(published: DuckDB) -> None:
    way = ("pypi_downloads", 2023, "top_pypi_packages", "pip_only")
    row, needed = (one(published, YOY, **key(entity, *way)) for entity in ("jax", "pytorch"))
    # as counted it was +686 %, of which the loop of November 2023 alone is a quarter; torch has no such companion
    assert (row["value"], row["interval_kind"], row["yoy_pct"]) == (None, "companion", None)
    assert (round(row["low"]), round(row["high"])) == (25_634_582, 46_639_963)
    assert (round(row["yoy_low"]), round(row["yoy_high"]), row["direction"]) == (332, 828, "up")
    assert needed["value"] is not None


def test_a_burst_that_what_it_needs_had_too_makes_no_fall_of_the_year_after(published: DuckDB) -> None:
    way = ("pypi_downloads", 2022, "top_pypi_packages", "pip_only")
    row = one(published, YOY, **key("jax", *way))
    assert (row["common_month_numbers"], row["direction"]) == ([4, 5, 6, 12], "up")
    assert "somebody's machines" in one(published, YOY, **key("jax", *way))["not_comparable_reason"]


def test_no_year_is_formed_across_a_day_on_which_a_total_fell(published: DuckDB) -> None:
    query = f"""select year, is_complete from marts.fct_adoption_yearly
                where source_id = '{LIST}' and basis = 'own_channel' and entity_type = 'framework'
                    and entity_id = 'pytorch' order by year"""
    assert [year for year, is_complete in rows(published, query) if is_complete] == [2021, 2022, 2024]


def test_pull_requests_that_began_to_mean_something_else_do_not_compare(published: DuckDB) -> None:
    way = ("github_pull_requests", 2024, "repostory", "opened")
    assert one(published, YOY, **key("tf_keras", *way))["is_comparable"] is False
    assert one(published, YOY, **key("pytorch", *way))["is_comparable"] is True


def test_two_counts_of_one_thread_are_never_spliced(published: DuckDB) -> None:
    query = """select later.source_id, later.year, later.prior_value, earlier.value
               from marts.fct_adoption_yoy as later inner join marts.fct_adoption_yearly as earlier
                   on later.series_id = earlier.series_id and later.year = earlier.year + 1
               where later.metric_id = 'hn_job_posts' and later.prior_value is distinct from earlier.value"""
    assert rows(published, query) == []
    sources = {
        row[0]
        for row in rows(
            published, "select distinct source_id from marts.fct_adoption_yoy where metric_id = 'hn_job_posts'"
        )
    }
    assert {"hiring_trends", "hn_hiring_analysis"} <= sources


def test_a_month_whose_days_are_missing_is_a_lower_bound_of_grade_d(published: DuckDB) -> None:
    query = """select distinct grade, bias from marts.fct_adoption_monthly
               where metric_id = 'pypi_downloads' and source_id = 'top_pypi_packages' and month_date = '2026-05-01'
                   and value is not null"""
    ((grade, bias),) = rows(published, query)
    assert grade == "D"
    assert "low" in str(bias)
