"""Every figure that the warehouse promises to show, read by SQL from the published file of the shipped extracts.

Belongs here: expected figures, from the publishers' own numbers. Does not belong here: how people are shown them.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pytest

from ingest.database import fetch_dicts
from tests.end_to_end.asking import YOY, Row, find, one, parts, title

DuckDB = duckdb.DuckDBPyConnection
UNDERCOUNT = "download log undercount until 2018-07-26"
MERGES = "TensorFlow's changes land one by one since July 2018"
KERAS_INSIDE = "Keras developed inside TensorFlow, June 2019 to June 2021"
NOTHING_SAID = dict.fromkeys(
    (
        "yoy_change",
        "yoy_pct",
        "yoy_low",
        "yoy_high",
        "yoy_interval_kind",
        "baseline_growth_pct",
        "growth_percentile",
        "share_pct",
    )
)


def near(value: float, within: float) -> Any:  # noqa: ANN401 - what pytest returns has no public type
    return pytest.approx(value, abs=within)


def framework(entity: str, metric: str, year: int, **more: object) -> Row:
    return {
        "entity_type": "framework",
        "entity_id": entity,
        "metric_id": metric,
        "year": year,
        "segment": "all",
        **more,
    }


def downloads(entity: str, year: int, basis: str = "pip_only", source: str = "top_pypi_packages") -> Row:
    return framework(entity, "pypi_downloads", year, basis=basis, source_id=source)


def months(year: int, basis: str) -> Row:
    return downloads("tensorflow", year, basis, "pypi_tools")


def contender(entity: str, metric: str, year: int, **more: object) -> Row:
    return {**framework(entity, metric, year, **more), "entity_type": "contender"}


def survey(entity: str, year: int, basis: str = "answering") -> Row:
    return contender(entity, "kaggle_survey", year, basis=basis)


DOWNLOADS: list[tuple[Row, Row]] = [
    (downloads("tensorflow", 2018), {"value": 13_606_453, "method": "near_calendar_window", "grade": "D"}),
    (downloads("tensorflow", 2019), {"value": 44_066_008, "method": "near_calendar_window", "grade": "B"}),
    (
        downloads("tensorflow", 2020),
        {
            "value": 113_788_105,
            "prior_value": 44_066_008,
            "yoy_change": 113_788_105 - 44_066_008,
            "yoy_pct": near(158.22, 0.01),
            "baseline_growth_pct": near(42.98, 0.01),
            "baseline_q25_pct": near(2.7, 0.1),
            "baseline_q75_pct": near(103.3, 0.1),
            "baseline_packages": 2_915,
            "baseline_fallen_out": 189,
            "growth_percentile": near(85.4, 0.1),
            "method": "exact_year",
            "is_complete": True,
            "is_comparable": True,
            "is_preferred": True,
            "not_comparable_reason": None,
            "grade": "B",
            "bias": "low",
            "direction": "up",
            "interval_kind": None,
            "period_start": date(2020, 1, 1),
            "period_end": date(2021, 1, 1),
            "coverage_pct": 100,
        },
    ),
    (
        downloads("pytorch", 2020),
        {
            "value": 18_461_407,
            "prior_value": 7_406_129,
            "yoy_pct": near(149.27, 0.01),
            "baseline_growth_pct": near(42.98, 0.01),
            "growth_percentile": near(84.1, 0.1),
            "is_preferred": True,
            "grade": "B",
        },
    ),
    (
        # not listed in 2019, so below the smallest count of the list, which is neither zero nor new
        downloads("jax", 2020),
        {
            "value": 686_784,
            "prior_value": None,
            "prior_low": 0,
            "prior_high": 168_507,
            "yoy_change": None,
            "yoy_pct": None,
            "yoy_low": near(100 * (686_784 / 168_507 - 1), 1e-6),
            "yoy_high": None,
            "yoy_interval_kind": "censoring",
            "is_comparable": True,
            "baseline_growth_pct": None,
            "growth_percentile": None,
        },
    ),
    (downloads("jax", 2019), {"value": None, "low": 0, "high": 168_507, "interval_kind": "censoring", "grade": "C"}),
    (downloads("mxnet", 2020), {"value": 2_458_339, "is_comparable": True}),
    # estimated from windows
    (
        downloads("pytorch", 2022),
        {"method": "estimated_months", "grade": "C", "is_complete": True, "value": near(95_280_867, 1)},
    ),
    (
        downloads("pytorch", 2023),
        {
            "method": "estimated_months",
            "grade": "C",
            "is_comparable": True,
            "yoy_pct": near(37.84, 0.01),
            "value": near(131_337_031, 1),
        },
    ),
    # the same downloads, counted otherwise
    (
        months(2020, "without_mirrors"),
        {
            "value": 114_029_607,
            "prior_value": 14_443_505,
            "is_complete": True,
            "is_comparable": False,
            **NOTHING_SAID,
            "is_preferred": False,
            "not_comparable_reason": "2019 is incomplete: 3 of 12 months",
            "method": "twelve_exact_months",
        },
    ),
    (months(2019, "without_mirrors"), {"value": 14_443_505, "is_complete": False, "months_held": 3, "grade": "D"}),
    (months(2019, "pip_only"), {"value": 29_574_898, "is_complete": False, "months_held": 9}),
    (
        months(2019, "mixed"),
        {"value": 44_018_403, "is_comparable": False, "is_preferred": False, "grade": "C", **NOTHING_SAID},
    ),
    (
        months(2020, "mixed"),
        {
            "lifetime_value": 60_923_883,
            "lifetime_multiple": near(1.87, 0.005),
            "is_comparable": False,
            "is_preferred": False,
            "grade": "C",
            **NOTHING_SAID,
        },
    ),
    (
        months(2025, "without_mirrors"),
        {
            "yoy_common_pct": near(12, 0.5),
            "common_months": 11,
            "common_month_numbers": [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12],
        },
    ),
]

NOT_COMPARABLE: list[tuple[Row, str]] = [
    (months(2018, "pip_only"), f"break: {UNDERCOUNT}"),
    (downloads("tensorflow", 2019), f"break: {UNDERCOUNT}"),
    (downloads("pytorch", 2019), f"break: {UNDERCOUNT}"),
    (downloads("tensorflow", 2021), "break: download log table replaced, January to April 2021"),
    (downloads("pytorch", 2021), "break: download log table replaced, January to April 2021"),
    (months(2021, "without_mirrors"), "break: download log table replaced, January 2021"),
    (downloads("pytorch", 2025, "all_installers"), "break: installer filter dropped on 2024-11-26"),
    (months(2025, "without_mirrors"), "2024 is incomplete: 11 of 12 months"),
    (months(2020, "mixed"), "basis mixed: the way of counting changes inside the series"),
    *(
        (contender("tf_keras", "github_commits", year, basis="first_parent"), f"break: {MERGES}")
        for year in (2018, 2019)
    ),
]

KAGGLE: list[tuple[Row, Row]] = [
    (survey("tf_keras", 2019), {"numerator": 7_233, "denominator": 13_753}),
    (survey("tf_keras", 2020), {"numerator": 7_987, "denominator": 14_140}),
    (survey("tf_keras", 2021), {"numerator": 10_660, "denominator": 19_624}),
    (survey("pytorch", 2019), {"numerator": 3_412, "denominator": 13_753}),
    (survey("pytorch", 2020), {"numerator": 4_189, "denominator": 14_140}),
    (survey("pytorch", 2021), {"numerator": 6_088, "denominator": 19_624}),
    # "None" is an answer: who gave it answers, and uses nothing
    (
        survey("tf_keras", 2020, "using_any"),
        {"numerator": 7_987, "denominator": 12_932, "yoy_change": near(1.65, 0.005)},
    ),
    (survey("tf_keras", 2020, "all_respondents"), {"numerator": 7_987, "denominator": 20_036}),
    (survey("tf_keras", 2019, "using_any"), {"denominator": 12_033}),
    (survey("tf_keras", 2019, "all_respondents"), {"denominator": 19_717}),
    (
        survey("tf_keras", 2020),
        {
            "yoy_change": near(3.893, 0.001),
            "yoy_low": near(2.724, 0.001),
            "yoy_high": near(5.060, 0.001),
            "yoy_interval_kind": "sampling",
            "yoy_interval_unit": "points",
            "yoy_pct": None,
            "share_pct": None,
            "yoy_standardised": near(2.3, 0.1),
            "standardised_coverage_pct": near(94.5, 3),
            "is_comparable": True,
            "is_preferred": True,
            "direction": "up",
            "interval_kind": "sampling",
            "grade": "C",
        },
    ),
    (
        {**survey("tf_keras", 2020), "segment": "role=Data Scientist"},
        {
            "yoy_change": near(0.2, 0.05),
            "yoy_low": near(0.2 - 2.6, 0.15),
            "yoy_high": near(0.2 + 2.6, 0.15),
            "direction": "inconclusive",
        },
    ),
]


def stock(entity: str, metric: str, year: int) -> Row:
    source = "awesome_python" if metric == "github_watchers" else "github_ranking"
    return framework(entity, metric, year, basis="total", source_id=source)


STOCKS: list[tuple[Row, Row]] = [
    *(
        (
            stock(entity, "github_stars", 2020),
            {"value": total, "net_additions": added, "net_additions_prior": before, "yoy_change": added},
        )
        for entity, total, added, before in (
            ("tensorflow", 152_029, 12_494, 21_868),
            ("pytorch", 45_135, 10_120, 11_717),
            ("keras", 50_420, 4_191, 9_291),
        )
    ),
    *(
        (stock(entity, "github_forks", 2020), {"value": total, "grade": grade, "interval_kind": None})
        # a sixth of TensorFlow's were removed by the site in 2024
        for entity, total, grade in (("tensorflow", 83_621, "D"), ("pytorch", 11_964, "A"), ("keras", 18_692, "A"))
    ),
    *(
        (
            stock(entity, "github_stars", 2024),
            {
                "value": None,
                "low": low,
                "high": high,
                "interval_kind": "bracket",
                "is_complete": False,
                "grade": "C",
                "is_comparable": False,
                "net_additions": None,
                **NOTHING_SAID,
            },
        )
        for entity, low, high in (
            ("tensorflow", 186_164, 187_151),
            ("pytorch", 83_202, 85_625),
            ("keras", 61_917, 62_338),
        )
    ),
    (
        stock("tensorflow", "github_forks", 2024),
        {
            "not_comparable_reason": "break: forks removed by GitHub on 2024-02-21; "
            "no snapshot within 7 days before the end of 2024",
        },
    ),
    *(
        (
            stock(entity, "github_watchers", 2020),
            {
                "value": None,
                "low": low,
                "high": high,
                "interval_kind": "bracket",
                "is_comparable": False,
                **NOTHING_SAID,
            },
        )
        for entity, low, high in (("tensorflow", 8_273, 8_312), ("pytorch", 1_585, 1_591), ("keras", 2_107, 2_109))
    ),
]


def stackoverflow(entity: str, year: int) -> Row:
    return framework(entity, "stackoverflow_survey", year, basis="answering")


STACKOVERFLOW: list[tuple[Row, Row]] = [
    *(
        (
            stackoverflow(entity, year),
            {"numerator": count, "denominator": total, "is_comparable": False, "yoy_change": None},
        )
        for entity, year, count, total in (
            ("tensorflow", 2020, 4_652, 40_314),
            ("keras", 2020, 2_504, 40_314),
            ("pytorch", 2020, 1_872, 40_314),
            ("tensorflow", 2018, 4_026, 51_620),
            ("pytorch", 2018, 868, 51_620),
        )
    ),
    (stackoverflow("pytorch", 2020), {"not_comparable_reason": "no data for 2019"}),
]


def commits(entity: str, basis: str) -> Row:
    return framework(entity, "github_commits", 2020, basis=basis, source_id="git_history")


COMMITS: list[tuple[Row, Row]] = [
    *(
        (
            commits(entity, "all_commits"),
            {"value": now, "prior_value": before, "is_comparable": entity != "keras", "is_preferred": False},
        )
        for entity, before, now in (
            ("tensorflow", 29_031, 26_678),
            ("pytorch", 7_779, 9_147),
            ("jax", 2_949, 3_021),
            ("keras", 390, 20),
        )
    ),
    (
        commits("tensorflow", "first_parent"),
        {"value": 20_700, "prior_value": 20_370, "is_preferred": True, "direction": "inconclusive"},
    ),
    (
        contender("tf_keras", "github_commits", 2020, basis="first_parent"),
        {"direction": "inconclusive", "is_preferred": True},
    ),
    (
        contender("tf_keras", "github_commits", 2020, basis="all_commits", source_id="git_history"),
        {"value": 26_678 + 20, "prior_value": 29_031 + 390},
    ),
    (commits("pytorch", "first_parent"), {"direction": "up"}),
    # the contender's sum holds the code in either place; of the framework alone nothing is said while it lay elsewhere
    (
        commits("keras", "first_parent"),
        {"not_comparable_reason": f"break: {KERAS_INSIDE}", "direction": "not comparable"},
    ),
    (
        contender("tf_keras", "github_commits", 2019, basis="all_commits"),
        {"value": 29_421, "prior_value": 20_841, "yoy_pct": near(41.17, 0.01), "break_ids": []},
    ),
]


def questions(entity: str, year: int) -> Row:
    return framework(entity, "stackoverflow_questions", year)


QUESTIONS: list[tuple[Row, Row]] = [
    *(
        (questions(entity, 2020), {"value": count, "is_complete": True})
        for entity, count in (("tensorflow", 20_629), ("keras", 12_931), ("pytorch", 5_909))
    ),
    (
        contender("tf_keras", "stackoverflow_questions", 2020),
        {"value": None, "low": 20_629, "high": 33_560, "interval_kind": "bound", "grade": "C", **NOTHING_SAID},
    ),
    *(
        (
            questions("tensorflow", year),
            {
                "is_complete": False,
                "months_held": 11,
                "is_comparable": False,
                "grade": "D",
                "common_months": len(common),
                "common_month_numbers": common,
                "yoy_common_pct": near(change, 0.01),
                **NOTHING_SAID,
            },
        )
        for year, common, change in (
            (2018, [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12], 8.14),
            (2019, [1, 2, 4, 5, 6, 7, 8, 9, 11, 12], 13.20),
            (2022, [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12], -25.27),
        )
    ),
    (
        questions("tensorflow", 2020),
        {
            "yoy_common_pct": near(27.0, 0.01),
            "common_months": 11,
            "not_comparable_reason": "2019 is incomplete: 11 of 12 months",
        },
    ),
    (questions("pytorch", 2020), {"yoy_pct": near(88.3, 0.05), "prior_value": 3_138, "direction": "up"}),
]


def papers(entity: str, conference: str, year: int) -> Row:
    return contender(entity, "conference_papers", year, segment=f"conference={conference}")


PAPERS: list[tuple[Row, Row]] = [
    (papers("pytorch", "NeurIPS", 2020), {"numerator": 312, "denominator": 1_898, "grade": "D"}),
    (papers("tf_keras", "NeurIPS", 2020), {"numerator": 94, "denominator": 1_898, "grade": "D"}),
    (
        papers("pytorch", "ICLR", 2020),
        {"numerator": 169, "denominator": 687, "is_comparable": True, "prior_value": near(100 * 86 / 502, 1e-9)},
    ),
    (
        papers("pytorch", "ICLR", 2021),
        {
            "numerator": 756,
            "denominator": 3_012,
            "is_comparable": False,
            **NOTHING_SAID,
            "not_comparable_reason": "break: ICLR counts submissions since 2021",
        },
    ),
    (papers("tf_keras", "ICLR", 2021), {"is_comparable": False, **NOTHING_SAID}),
    (papers("pytorch", "ICLR", 2022), {"is_comparable": True}),
]


def posts(entity: str, year: int = 2020) -> Row:
    return framework(entity, "hn_job_posts", year, source_id="hiring_trends")


HACKER_NEWS: list[tuple[Row, Row]] = [
    (
        posts("tensorflow"),
        {
            "numerator": 123,
            "denominator": 7_228,
            "value": near(17.02, 0.01),
            "low": near(14.28, 0.01),
            "high": near(20.27, 0.01),
            "interval_kind": "sampling",
            "unit": "per 1,000 posts",
            "yoy_pct": near(48, 0.5),
            "yoy_interval_kind": "sampling",
            "direction": "up",
        },
    ),
    (
        posts("pytorch"),
        {
            "numerator": 62,
            "value": near(8.58, 0.01),
            "yoy_pct": near(105, 0.5),
            "low": near(6.70, 0.01),
            "high": near(10.98, 0.01),
        },
    ),
    (posts("keras"), {"numerator": 25, "value": near(3.46, 0.01), "direction": "inconclusive"}),
    (
        contender("tf_keras", "hn_job_posts", 2020, source_id="hiring_trends"),
        {"value": None, "low": near(17.02, 0.01), "high": near(20.48, 0.01), "interval_kind": "bound"},
    ),
]

FIGURES = [*DOWNLOADS, *KAGGLE, *STOCKS, *STACKOVERFLOW, *COMMITS, *QUESTIONS, *PAPERS, *HACKER_NEWS]


@pytest.mark.parametrize(("where", "expected"), FIGURES, ids=title)
def test_a_figure_is_what_its_publisher_says(published: DuckDB, where: Row, expected: Row) -> None:
    assert parts(one(published, YOY, **where), expected) == expected


@pytest.mark.parametrize(("where", "rule"), NOT_COMPARABLE, ids=title)
def test_two_years_that_do_not_compare_name_the_rule_and_say_nothing_else(
    published: DuckDB, where: Row, rule: str
) -> None:
    row = one(published, YOY, **where)
    assert rule in row["not_comparable_reason"].split("; ")
    assert parts(row, NOTHING_SAID) == NOTHING_SAID
    assert not row["is_comparable"]
    # what is said all the same rests on months that both hold
    assert row["direction"] == "not comparable" or row["compared_on"] == "common months"


def test_nothing_is_said_of_any_years_that_do_not_compare(published: DuckDB) -> None:
    condition = " or ".join(f"{column} is not null" for column in (*NOTHING_SAID, "net_additions", "yoy_standardised"))
    condition = condition.replace("baseline_growth_pct is not null or growth_percentile is not null or ", "")
    assert fetch_dicts(published, f"from {YOY} where not is_comparable and ({condition}) limit 5") == []
    assert fetch_dicts(published, f"from {YOY} where is_comparable <> (not_comparable_reason is null) limit 5") == []


def test_one_way_of_counting_is_preferred_and_never_a_mixed_one(published: DuckDB) -> None:
    key = "metric_id, entity_type, entity_id, segment, year"
    duplicates = f"select {key} from {YOY} where is_preferred group by all having count(*) <> 1"
    none = (
        f"select {key} from {YOY} inner join meta.metric_sources using (metric_id, source_id, basis) "
        "where is_preferable group by all having bool_and(basis <> 'mixed') and not bool_or(is_preferred)"
    )
    assert fetch_dicts(published, duplicates) == fetch_dicts(published, none) == []
    assert find(published, YOY, basis="mixed", is_preferred=True) == []


@pytest.mark.parametrize("column", ["value", "numerator"])
def test_a_bound_has_no_point_value(published: DuckDB, column: str) -> None:
    bounds = "interval_kind in ('bound', 'censoring', 'bracket')"
    assert fetch_dicts(published, f"from {YOY} where {bounds} and {column} is not null limit 5") == []
    assert fetch_dicts(published, f"select count(*) as held from {YOY} where {bounds}")[0]["held"] > 0


@pytest.mark.parametrize(
    ("basis", "low", "high", "preferred"),
    [("answering_decoded", 5_031, 5_056, True), ("answering", 4_652, 7_156, False)],
)
def test_the_union_of_two_survey_options_is_known_within_bounds(
    published: DuckDB, basis: str, low: int, high: int, preferred: bool
) -> None:
    row = one(published, YOY, **contender("tf_keras", "stackoverflow_survey", 2020, basis=basis))
    respondents = [round(row[bound] * row["denominator"] / 100, 6) for bound in ("low", "high")]
    assert respondents == [low, high]
    expected = {"denominator": 40_314, "value": None, "interval_kind": "bound", "grade": "C", "is_preferred": preferred}
    assert parts(row, expected) == expected
    assert ("decoded from the colours of a correlation matrix" in row["grade_reason"]) is preferred


def test_a_survey_of_two_years_before_is_no_yearly_change(published: DuckDB) -> None:
    rows = [row for row in find(published, YOY, metric_id="stackoverflow_survey") if row["year"] <= 2020]
    assert {row["year"] for row in rows} == {2018, 2020}
    assert not any(row["is_comparable"] for row in rows)


def test_a_part_of_those_who_answered_is_never_compared_with_all_of_them(published: DuckDB) -> None:
    rows = [row for row in find(published, YOY, metric_id="stackoverflow_survey") if row["is_comparable"]]
    assert {row["basis"] for row in rows} == {"answering_all_five"}
    assert {row["year"] for row in rows} <= {2022, 2023, 2024}


@pytest.mark.parametrize(
    ("repository", "watchers"),
    [("tensorflow/tensorflow", 8_312), ("keras-team/keras", 2_107), ("pytorch/pytorch", 1_591)],
)
def test_a_snapshot_between_year_ends_is_an_observation(published: DuckDB, repository: str, watchers: int) -> None:
    where = {
        "metric_id": "github_watchers",
        "external_name": repository,
        "period_start": date(2020, 12, 10),
        "entity_type": "framework",
    }
    expected = {"value": watchers, "period_end": date(2020, 12, 11), "kind": "stock"}
    assert parts(one(published, "marts.fct_observations", **where), expected) == expected


INDEED = [
    ("indeed_software_index", 2, 99.5),
    ("indeed_software_index", 6, 64.3),
    ("indeed_software_index", 11, 83.7),
    ("indeed_ai_share", 3, 1.99),
    ("indeed_ai_share", 7, 1.49),
    ("indeed_ai_share", 12, 1.91),
]


@pytest.mark.parametrize(("metric", "month", "mean"), INDEED)
def test_a_market_is_read_by_monthly_means(published: DuckDB, metric: str, month: int, mean: float) -> None:
    where = {"metric_id": metric, "entity_id": "postings_us", "month_date": date(2020, month, 1)}
    row = one(published, "marts.fct_adoption_monthly", **where)
    decimals = 1 if metric == "indeed_software_index" else 2
    assert (round(row["value"], decimals), row["entity_type"], row["method"]) == (mean, "market", "exact_month")


def test_an_index_is_averaged_never_summed(published: DuckDB) -> None:
    year = one(published, YOY, metric_id="indeed_software_index", entity_id="postings_us", year=2021)
    (mean,) = fetch_dicts(
        published,
        "select avg(value) as value from marts.fct_adoption_monthly where metric_id = 'indeed_software_index' "
        "and entity_id = 'postings_us' and year(month_date) = 2021",
    )
    assert year["value"] == pytest.approx(mean["value"])
    assert not one(published, YOY, metric_id="indeed_software_index", entity_id="postings_us", year=2020)["is_complete"]


def test_conferences_are_never_added_up(published: DuckDB) -> None:
    assert find(published, YOY, metric_id="conference_papers", segment="all") == []


def test_small_counts_are_read_by_quarter_too(published: DuckDB) -> None:
    where = {**posts("pytorch"), "segment": "all"}
    del where["year"]
    rows = [row for row in find(published, "marts.fct_adoption_quarterly", **where) if row["quarter_date"].year == 2020]
    assert sum(row["numerator"] for row in rows) == 62
    assert all(row["low"] < row["value"] < row["high"] and row["interval_kind"] == "sampling" for row in rows)


def test_the_contender_stands_by_its_first_package_and_beside_the_benchmark(published: DuckDB) -> None:
    focus = one(
        published, YOY, **contender("tf_keras", "pypi_downloads", 2020, basis="pip_only", source_id="top_pypi_packages")
    )
    expected = {
        "value": 113_788_105,
        "external_name": "tensorflow",
        "ratio_to_benchmark": near(113_788_105 / 18_461_407, 1e-9),
        "rank_low": 1,
        "rank_high": 1,
        "share_pct": near(81.3, 0.05),
    }
    assert parts(focus, expected) == expected


def test_whoever_is_below_the_list_shares_the_last_ranks(published: DuckDB) -> None:
    where = contender("cntk", "pypi_downloads", 2020, basis="pip_only", source_id="top_pypi_packages")
    row = one(published, YOY, **where)
    assert (row["rank_low"], row["rank_high"], row["contenders_ranked"]) == (8, 10, 10)


def test_a_share_of_the_list_is_a_part_of_the_same_snapshot(published: DuckDB) -> None:
    where = framework("tensorflow", "pypi_download_share", 2020, basis="pip_only", source_id="top_pypi_packages")
    row = one(published, YOY, **where)
    assert (row["numerator"], row["value"]) == (113_788_105, near(100 * 113_788_105 / row["denominator"], 1e-9))


NOT_HELD = {
    "linkedin_job_posts",
    "arxiv_papers",
    "scholarly_works",
    "colab_usage",
    "kaggle_notebooks",
    "pypi_automated_share",
}
CHANNELS = NOT_HELD | {
    "pypi_downloads",
    "stackoverflow_survey",
    "kaggle_survey",
    "github_stars",
    "github_forks",
    "github_commits",
    "github_watchers",
    "stackoverflow_questions",
    "hn_job_posts",
    "conference_papers",
    "pypi_download_share",
    "indeed_ai_share",
    "indeed_software_index",
    "github_new_stars",
    "github_dependents",
    "github_pull_requests",
    "github_issues",
    "github_contributors",
    "docker_pulls",
    "conda_downloads",
    "mlperf_submissions",
    "npm_downloads",
    "hub_models",
}


@pytest.mark.parametrize("year", range(2016, 2026))
def test_every_channel_is_on_the_page_of_every_year_held_or_not(published: DuckDB, year: int) -> None:
    rows = find(published, "marts.rpt_year_in_review", year=year)
    assert {row["metric_id"] for row in rows} == CHANNELS
    for row in rows:
        assert row["is_known"] or row["no_data_reason"], row
        assert row["reads"]
        assert row["caveats"]
        assert row["how_to_get"]
    for metric in NOT_HELD:
        shown = [row for row in rows if row["metric_id"] == metric]
        assert {row["entity_id"] for row in shown} >= {"tf_keras", "pytorch"}
        assert not any(row["is_known"] or row["is_comparable"] for row in shown)
