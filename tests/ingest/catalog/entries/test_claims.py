"""claims.yaml: what a wrong claim is told, and how what is shared reaches each reading."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.catalog import MEASURES, load_catalog
from ingest.catalog.tables import TABLES
from ingest.errors import CatalogError
from tests.ingest.made_up import catalog_files, write_catalog

ROOT = Path(__file__).parents[4]
Change = Callable[[dict[str, Any]], object]


def claims() -> dict[str, Any]:
    """One word, one window, and one claim with two readings."""
    return {
        "words": [{"id": "equals", "says": "a number", "form": "percent", "within": 2}],
        "windows": [
            {"id": "spring", "label": "Spring", "months": ["2020-03", "2020-05"], "reference": ["2020-02", "2020-02"],
             "metrics": ["tools_sold"], "reason": "it was said"}
        ],
        "claims": [
            {
                "id": "sold_well", "said_by": "a smith", "said_on": 2020, "url": "a note", "text": "Many were sold.",
                "tested": {"metric": "tools_sold", "entity": "anvil", "relation": "equals", "stated": 7},
                "readings": [
                    {"reading": "year", "measure": "value", "year": 2020, "source": "guild_counts", "basis": "counted"},
                    {"reading": "spring", "measure": "window_effect", "window": "spring"},
                    {"reading": "june", "measure": "months_mean", "months": ["2020-06", "2020-06"], "stated": 1},
                ],
            }
        ],
    }  # fmt: skip


def files_with(change: Change) -> dict[str, Any]:
    made = claims()
    change(made)
    return {**catalog_files(), "claims": made}


def refusal(folder: Path, change: Change) -> str:
    with pytest.raises(CatalogError) as caught:
        load_catalog(write_catalog(folder, files_with(change)))
    return re.sub(r"\.yaml:\d+: ", ".yaml: ", str(caught.value))


def claim(made: dict[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = made["claims"][0]
    return entry


def reading(made: dict[str, Any], number: int = 0) -> dict[str, Any]:
    entry: dict[str, Any] = claim(made)["readings"][number]
    return entry


CHANNELS = {
    "reading": "channels", "metric": None, "measure": "channels_not_led", "year": 2020, "without": "sales",
}  # fmt: skip
"""A reading that counts channels."""

WRONG: dict[str, tuple[Change, str]] = {
    "unknown metric": (
        lambda made: reading(made).update(metric="tools_lent"),
        "claims.yaml: entry 'sold_well': field year.metric: 'tools_lent' is not known; expected one of ['tools_sold']",
    ),
    "unknown entity": (
        lambda made: claim(made)["tested"].update(entity="tongs"),
        "claims.yaml: entry 'sold_well': field june.entity: 'tongs' is not known; expected one of ['all_tools',",
    ),
    "unknown measure": (
        lambda made: reading(made).update(measure="weight"),
        "claims.yaml: entry 'sold_well': field readings.0.measure: is not a measure",
    ),
    "unknown way of counting": (
        lambda made: reading(made).update(basis="weighed"),
        "entry 'sold_well': field year.source/basis: 'guild_counts/weighed' is not known; expected one of",
    ),
    "a source without a basis": (
        lambda made: reading(made).pop("basis"),
        "entry 'sold_well': field year.source/basis: 'guild_counts/None' is not known; expected one of",
    ),
    "unknown word": (
        lambda made: claim(made)["tested"].update(relation="roughly"),
        "entry 'sold_well': field year.relation: 'roughly' is not known; expected one of ['equals']",
    ),
    "unknown window": (
        lambda made: reading(made, 1).update(window="summer"),
        "entry 'sold_well': field spring.window: 'summer' is not known; expected one of ['spring']",
    ),
    "unknown metric of a window": (
        lambda made: made["windows"][0].update(metrics=["tools_lent"]),
        "claims.yaml: entry 'spring': field metrics: 'tools_lent' is not known; expected one of ['tools_sold']",
    ),
    "unknown field": (
        lambda made: reading(made).update(colour="red"),
        "entry 'sold_well': field readings.0.colour: Extra inputs are not permitted; found 'red'",
    ),
    "a measure without its period": (
        lambda made: reading(made).pop("year"),
        "entry 'sold_well': field readings.0: measure value needs the period 'year' and no other",
    ),
    "a measure that divides by nothing": (
        lambda made: reading(made).update(measure="ratio"),
        "entry 'sold_well': field readings.0: measure ratio divides by or leaves out ['over'], not []",
    ),
    "a metric for all channels": (
        lambda made: reading(made).update(measure="channels_not_led", without="sales"),
        "measure channels_not_led: every measure but channels_not_led needs a metric",
    ),
    "channels among metrics that there are not": (
        lambda made: claim(made)["readings"].append(CHANNELS | {"among": ["tools_lent"]}),
        "entry 'sold_well': field channels.among: 'tools_lent' is not known; expected one of ['tools_sold']",
    ),
    "metrics of something else than channels": (
        lambda made: reading(made).update(among=["tools_sold"]),
        "field readings.0: measure value: only channels are counted `among` metrics",
    ),
    "context and nothing that decides": (
        lambda made: claim(made)["tested"].update(evidence="context"),
        "entry 'sold_well': field (whole): readings that are context decide nothing: expected another one, or `needs`",
    ),
    "months that run backwards": (
        lambda made: reading(made, 2).update(months=["2020-06", "2020-05"]),
        "field readings.2: the first month 2020-06 must not lie after the last 2020-05",
    ),
    "not a month": (
        lambda made: reading(made, 2).update(months=["2020-06", "2020-13"]),
        "entry 'sold_well': field readings.2.months.1: Input should be a valid date",
    ),
    "a word without its number": (
        lambda made: claim(made)["tested"].pop("stated"),
        "entry 'sold_well': field year.stated: 'a number' needs stated number; found None",
    ),
    "a range with a tolerance": (
        lambda made: made["words"][0].update(form="range"),
        "claims.yaml: entry 'equals': field (whole): form range has no `within`",
    ),
    "a window against two references": (
        lambda made: made["windows"][0].update(same_months_of=2019),
        "entry 'spring': field (whole): expected either `reference` or `same_months_of`",
    ),
    "a claim without anything": (
        lambda made: (claim(made).pop("readings"), claim(made).pop("tested")),
        "entry 'sold_well': field (whole): expected readings, or what is needed for one",
    ),
    "a claim that is tested although it cannot be": (
        lambda made: claim(made).update(not_testable="an opinion"),
        "entry 'sold_well': field (whole): not_testable leaves no readings",
    ),
    "a reading that is none, beside what is tested": (
        lambda made: claim(made).update(tested={"entity": "anvil"}, readings=[*claim(made)["readings"], "2022"]),
        "entry 'sold_well': field readings.3: Input should be a valid dictionary or instance of Reading; found '2022'",
    ),
    "readings that are no list, beside what is tested": (
        lambda made: claim(made).update(tested={"entity": "anvil"}, readings=10**30),
        "entry 'sold_well': field readings: Input should be a valid tuple",
    ),
    "a year that was none": (
        lambda made: reading(made, 0).update(year=0),
        "entry 'sold_well': field readings.0.year: Input should be greater than or equal to 1000; found 0",
    ),
    "two claims of one name": (
        lambda made: made["claims"].append(claim(made)),
        "claims.yaml: claim: 'sold_well' occurs 2 times; expected once",
    ),
    "two readings of one name": (
        lambda made: reading(made, 1).update(reading="year"),
        "claims.yaml: entry 'sold_well': reading: 'year' occurs 2 times; expected once",
    ),
}


@pytest.mark.parametrize(("change", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_claim_is_told_by_file_entry_field_and_expectation(
    tmp_path: Path, change: Change, message: str
) -> None:
    assert message in refusal(tmp_path, change)


def test_what_is_tested_is_shared_and_can_be_replaced(tmp_path: Path) -> None:
    catalog = load_catalog(write_catalog(tmp_path, files_with(lambda _: None)))
    (claim,) = catalog.claims.claims

    assert claim.said_on == "2020"
    assert [(entry.entity, entry.stated) for entry in claim.readings] == [("anvil", 7), ("anvil", 7), ("anvil", 1)]
    assert claim.readings[2].months == (date(2020, 6, 1), date(2020, 6, 1))
    rows = list(TABLES["claim_readings"].rows(catalog))
    assert [(row["position"], row["window"], row["first_month"]) for row in rows] == [
        (1, None, None), (2, "spring", None), (3, None, date(2020, 6, 1)),
    ]  # fmt: skip


def test_every_claim_that_was_collected_is_in_the_shipped_catalog() -> None:
    shipped = load_catalog(ROOT / "ingest" / "catalog").claims

    assert {entry.id for entry in shipped.claims} == {
        "tf_downloads_2020", "tf_lifetime_nearly_doubled", "tf_keras_first", "so_union_15pct", "keras_without_tf",
        "research_neck_and_neck", "covid_slump", "modest_growth_2020", "downloads_mostly_automated",
        "arxiv_even_split", "kaggle_2021_keras", "kaggle_2021_tensorflow", "kaggle_2021_union_unchanged",
        "arxiv_h1_2019", "arxiv_pytorch_growth_h1_2019", "tf_18m_a_month", "jobs_tf_twice_pytorch",
        "no_other_alternative", "linkedin_not_meaningful", "researchers_20k", "new_stars_untrackable",
        "slump_cause_covid", "no_downloads_inside_google", "downloads_reflect_production",
        "two_worldwide_surveys_2020", "adjacent_repositories", "several_million_users", "tf_outlook_2021",
        "applied_community_uses_tf_keras", "jobs_tf_thrice_pytorch",
        "so_2022_tensorflow", "so_2022_pytorch", "so_2022_keras", "so_2022_tensorflow_over_pytorch",
        "so_2022_professionals", "python_survey_2019", "paper_code_2020", "paper_code_2021", "enterprise_2020",
        "training_2024", "research_2024",
    }  # fmt: skip
    known = {word.id: (word.within, word.lowest, word.highest) for word in shipped.words}
    assert known | {
        "equals": (2, None, None), "at_least": (2, None, None), "about": (10, None, None), "points": (0.5, None, None),
        "unchanged": (1, None, None), "nearly_doubles": (None, 1.7, 2.0), "modest": (None, 1, 20),
        "neck_and_neck": (None, 0.8, 1.25), "many": (None, 10, None),
    } == known  # fmt: skip


def test_every_measure_is_computed_somewhere() -> None:
    folder = ROOT / "dbt_project" / "models" / "intermediate" / "claims"
    sql = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("int_claims__*.sql"))

    # the mean of months and the effect of a window are what is left when no other measure is named
    assert {name for name, *_ in MEASURES if f"'{name}'" not in sql} == {"months_mean", "window_effect"}
