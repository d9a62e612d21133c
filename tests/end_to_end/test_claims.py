"""Claims and named windows: every figure that must be shown, read from the published file of the shipped extracts.

Belongs here: verdicts and figures of the shipped claims, and that a tolerance moves its own claim only. Does not
belong here: how a measure or a verdict is made (the unit tests beside the models).
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from adoption.settings import Settings
from adoption.warehouse.dbt import Dbt
from ingest.catalog import load_catalog
from ingest.database import fetch_dicts
from ingest.raw_tables import load_catalog_tables
from tests.end_to_end.asking import Row, find, one, parts

DuckDB = duckdb.DuckDBPyConnection
CLAIMS = "marts.fct_claims"
WINDOWS = "marts.fct_named_windows"


def near(value: float, within: float = 0.05) -> Any:  # noqa: ANN401 - what pytest returns has no public type
    return pytest.approx(value, abs=within)


VERDICTS = {
    "tf_downloads_2020": "reproduced",
    "tf_lifetime_nearly_doubled": "contradicted",
    "tf_keras_first": "not_testable_here",
    "so_union_15pct": "contradicted",
    "keras_without_tf": "reproduced",
    "research_neck_and_neck": "contradicted_by_a_proxy",
    "covid_slump": "depends_on_the_reading",
    "slump_cause_covid": "not_testable",
    "modest_growth_2020": "depends_on_the_reading",
    "downloads_mostly_automated": "not_testable_here",
    "no_downloads_inside_google": "not_testable",
    "downloads_reflect_production": "not_testable",
    "two_worldwide_surveys_2020": "not_testable_here",
    "adjacent_repositories": "not_testable_here",
    "several_million_users": "not_testable_here",
    "tf_outlook_2021": "depends_on_the_reading",
    "arxiv_even_split": "depends_on_the_reading",
    "applied_community_uses_tf_keras": "confirmed",
    "kaggle_2021_keras": "reproduced",
    "kaggle_2021_tensorflow": "depends_on_the_reading",
    "kaggle_2021_union_unchanged": "reproduced",
    "arxiv_h1_2019": "not_testable_here",
    "arxiv_pytorch_growth_h1_2019": "not_testable_here",
    "tf_18m_a_month": "not_testable_here",
    "jobs_tf_twice_pytorch": "not_testable_here",
    "jobs_tf_thrice_pytorch": "not_testable_here",
    "no_other_alternative": "depends_on_the_reading",
    "linkedin_not_meaningful": "not_testable",
    "researchers_20k": "not_testable_here",
    "new_stars_untrackable": "not_testable_here",
    "so_2022_tensorflow": "not_testable_here",
    "so_2022_pytorch": "not_testable_here",
    "so_2022_keras": "not_testable_here",
    "so_2022_tensorflow_over_pytorch": "reproduced",
    "so_2022_professionals": "not_testable_here",
    "python_survey_2019": "not_testable_here",
    "paper_code_2020": "not_testable_here",
    "paper_code_2021": "not_testable_here",
    "enterprise_2020": "not_testable_here",
    "training_2024": "not_testable_here",
    "research_2024": "not_testable_here",
}

KAGGLE = [
    (claim, reading, {"value": near(value, 0.005), "outcome": outcome, "evidence_kind": "same"})
    for claim, values in {
        "kaggle_2021_keras": ((-3.25, "holds"), (-2.96, "holds"), (-3.14, "holds")),
        "kaggle_2021_tensorflow": ((2.12, "fails"), (2.64, "holds"), (1.74, "fails")),
        "kaggle_2021_union_unchanged": ((0.31, "holds"), (0.84, "holds"), (0.06, "holds")),
    }.items()
    for reading, (value, outcome) in zip(
        ("data_scientists_who_answer", "data_scientists_who_use_any", "all_data_scientists"), values, strict=True
    )
]
"""Three denominators of the population that the author spoke of."""

READINGS: list[tuple[str, str, Row]] = [
    *KAGGLE,
    (
        "kaggle_2021_union_unchanged",
        "all_respondents",
        {"value": near(1.18), "outcome": "fails", "evidence_kind": "context"},
    ),
    ("tf_downloads_2020", "pip_only", {"value": 113_788_105, "deviation_pct": near(-1.1), "outcome": "holds"}),
    ("tf_downloads_2020", "without_mirrors", {"value": 114_029_607, "deviation_pct": near(-0.8), "outcome": "holds"}),
    (
        "tf_lifetime_nearly_doubled",
        "the_year_over_everything_before",
        {"value": None, "low": near(1.46, 0.005), "high": near(1.67, 0.005), "outcome": "fails", "miss": "below"},
    ),
    (
        "tf_lifetime_nearly_doubled",
        "the_total_over_everything_before",
        {"value": None, "low": near(2.46, 0.005), "high": near(2.67, 0.005), "outcome": "fails", "miss": "above"},
    ),
    (
        "so_union_15pct",
        "printed_label",
        {"value": None, "low": near(12.0), "high": near(12.8), "interval_kind": "bound", "outcome": "fails"},
    ),
    ("so_union_15pct", "parts_only", {"low": near(11.5), "high": near(17.75), "outcome": "inconclusive"}),
    ("keras_without_tf", "decoded", {"low": near(15.1), "high": near(16.1), "value": None, "outcome": "holds"}),
    ("keras_without_tf", "kaggle", {"value": near(17.0), "outcome": "holds", "evidence_kind": "independent"}),
    (
        "research_neck_and_neck",
        "neurips",
        {"evidence": ["tf_keras: 94", "pytorch: 312"], "outcome": "fails", "evidence_kind": "proxy"},
    ),
    ("research_neck_and_neck", "arxiv", {"value": None, "outcome": "no data"}),
    ("modest_growth_2020", "downloads_of_the_year", {"value": near(158.2), "outcome": "fails", "miss": "above"}),
    (
        "modest_growth_2020",
        "downloads_fourth_quarter",
        {"value": near(82.8), "basis": "without_mirrors", "outcome": "fails"},
    ),
    ("modest_growth_2020", "downloads_december", {"value": near(22.6), "basis": "without_mirrors", "outcome": "fails"}),
    ("modest_growth_2020", "new_stars", {"value": near(-42.9), "outcome": "fails", "miss": "below"}),
    ("modest_growth_2020", "kaggle_share_of_answering", {"value": near(7.4), "outcome": "holds"}),
    (
        "tf_18m_a_month",
        "without_mirrors",
        {
            "evidence": ["2022-05: 17,759,395", "2022-06: 17,408,283"],
            "value": near(17_583_839, 1),
            "outcome": "inconclusive",
            "outcome_reason": "what is counted is a part of what was claimed",
        },
    ),
    (
        "tf_18m_a_month",
        "pip_only",
        {
            "evidence": ["30 days to 2022-05-31: 16,926,298", "30 days to 2022-06-30: 17,248,257"],
            "outcome": "inconclusive",
            "miss": None,
        },
    ),
    ("tf_outlook_2021", "downloads_of_the_year", {"value": None, "outcome": "not comparable"}),
    ("tf_outlook_2021", "downloads_within_the_year", {"value": near(51.9), "outcome": "holds"}),
    ("tf_outlook_2021", "new_stars", {"value": near(-23.7), "outcome": "fails", "miss": "below"}),
    (
        "tf_outlook_2021",
        "forks_projected_in_2020",
        {"low": near(-57.6), "high": near(-33.3), "outcome": "fails", "evidence_kind": "proxy"},
    ),
    ("tf_outlook_2021", "downloads_projected_in_2020", {"value": None, "outcome": "no data"}),
    ("new_stars_untrackable", "stars_by_github", {"value": None, "outcome": "no data"}),
    ("new_stars_untrackable", "stars", {"value": 12_494, "evidence_kind": "context"}),
    ("new_stars_untrackable", "watchers", {"value": None, "outcome": "not comparable", "evidence_kind": "context"}),
    (
        "tf_keras_first",
        "his_channels",
        {"value": None, "low": 0, "high": 4, "unit": "channels", "outcome": "inconclusive"},
    ),
    ("jobs_tf_twice_pytorch", "hacker_news_posts", {"evidence": ["2020-01: 4 against 2"], "outcome": "inconclusive"}),
    ("jobs_tf_thrice_pytorch", "hacker_news_posts", {"evidence": ["2019-03: 8 against 1"], "outcome": "inconclusive"}),
    ("no_other_alternative", "downloads", {"value": near(0.034, 0.001), "outcome": "holds"}),
    ("no_other_alternative", "kaggle", {"value": near(0.093, 0.001), "outcome": "holds"}),
    ("no_other_alternative", "stars", {"value": near(0.206, 0.001), "outcome": "fails", "miss": "above"}),
    ("no_other_alternative", "forks", {"value": near(0.223, 0.001), "outcome": "fails", "miss": "above"}),
    ("no_other_alternative", "watchers", {"value": None, "low": near(0.137, 0.001), "outcome": "fails"}),
    ("covid_slump", "new_stars_on_2019", {"value": near(-43.5), "outcome": "holds"}),
    ("covid_slump", "hacker_news_posts_on_2019", {"value": near(67.5), "outcome": "fails", "miss": "above"}),
    ("covid_slump", "downloads_pip_only_on_2019", {"value": None, "outcome": "no data"}),
    ("covid_slump", "downloads_without_mirrors", {"value": near(53.7), "outcome": "fails", "miss": "above"}),
    ("covid_slump", "software_postings_us", {"value": near(-24.5), "outcome": "holds", "evidence_kind": "proxy"}),
]


def test_every_claim_has_its_verdict(published: DuckDB) -> None:
    rows = fetch_dicts(published, f"select distinct claim_id, verdict from {CLAIMS}")
    assert {row["claim_id"]: row["verdict"] for row in rows} == VERDICTS


@pytest.mark.parametrize(("claim", "reading", "expected"), READINGS, ids=lambda part: part if str(part) == part else "")
def test_a_reading_shows_its_figure(published: DuckDB, claim: str, reading: str, expected: Row) -> None:
    assert parts(one(published, CLAIMS, claim_id=claim, reading_id=reading), expected) == expected


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        ("tf_lifetime_nearly_doubled", "in opposite directions"),
        ("kaggle_2021_tensorflow", None),
        ("tf_keras_first", "Figures of 2020 from LinkedIn, Google Scholar, Colab and Kaggle notebooks"),
        ("tf_18m_a_month", "what is counted is a part of what was claimed"),
        ("new_stars_untrackable", "GitHub's own list of stars with their days"),
        ("slump_cause_covid", "A cause cannot be read from counts"),
        ("linkedin_not_meaningful", "An opinion on what a number means"),
        ("downloads_mostly_automated", "Downloads by the download log's own mark"),
        ("researchers_20k", "A count of people"),
        ("arxiv_h1_2019", "arXiv: query its API"),
        ("jobs_tf_twice_pytorch", "Counts of listings on Indeed"),
        ("research_neck_and_neck", "only proxies decide; arXiv"),
    ],
)
def test_a_verdict_says_why(published: DuckDB, claim: str, why: str | None) -> None:
    reasons = {row["verdict_reason"] for row in find(published, CLAIMS, claim_id=claim)}
    assert len(reasons) == 1
    (reason,) = reasons
    assert reason == why if why is None else why in reason


def slump(published: DuckDB, entity: str) -> Row:
    return one(
        published, WINDOWS, window_id="march_to_november_2020", metric_id="indeed_software_index", entity_id=entity
    )


def test_the_slump_of_postings_has_effect_start_trough_and_return(published: DuckDB) -> None:
    expected = {
        "effect_pct": near(-24.5), "reference_mean": near(99.5), "start_date": date(2020, 4, 1),
        "trough_date": date(2020, 6, 1), "trough_pct": near(-35.3), "back_date": date(2021, 2, 1), "grade": "A",
    }  # fmt: skip
    assert parts(slump(published, "postings_us"), expected) == expected
    assert slump(published, "postings_gb")["effect_pct"] == near(-40.3)
    assert slump(published, "postings_de")["effect_pct"] == near(-11.3)


def test_the_ai_share_fell_in_two_countries_and_rose_in_seven(published: DuckDB) -> None:
    rows = find(published, WINDOWS, window_id="march_to_november_2020_on_2019", metric_id="indeed_ai_share")
    effects = {row["entity_id"]: row["effect_pct"] for row in rows}

    assert effects["postings_us"] == near(-2.9)
    assert sorted(country for country, effect in effects.items() if effect < 0) == ["postings_de", "postings_us"]
    assert len(effects) == 9


def readings_of(settings: Settings) -> dict[tuple[str, str | None], Row]:
    with duckdb.connect(str(settings.warehouse)) as connection:
        return {(row["claim_id"], row["reading_id"]): row for row in fetch_dicts(connection, f"from {CLAIMS}")}


@pytest.mark.slow
def test_changing_a_tolerance_changes_that_claim_only(copy_of_built: Settings, tmp_path: Path) -> None:
    before = readings_of(copy_of_built)
    shutil.copytree(copy_of_built.catalog, tmp_path / "catalog")
    file = tmp_path / "catalog" / "claims.yaml"
    text = file.read_text()
    assert text.count("stated: 115000000") == 1
    file.write_text(text.replace("stated: 115000000", "stated: 115000000\n      within: 1"))
    changed = replace(copy_of_built, catalog=tmp_path / "catalog")
    catalog = load_catalog(changed.catalog)
    with duckdb.connect(str(changed.warehouse)) as connection:
        load_catalog_tables(connection, catalog)
    Dbt(changed, catalog).invoke(["run", "--select", "int_claims__readings+"])

    after = readings_of(changed)
    assert {claim for claim, reading in after if after[claim, reading] != before[claim, reading]} == {
        "tf_downloads_2020"
    }
    assert after["tf_downloads_2020", "pip_only"]["verdict"] == "depends_on_the_reading"
    assert after["tf_downloads_2020", "pip_only"]["outcome"] == "fails"
