"""The macros of the published file, as an analyst calls them: what they answer, and that they never answer nothing.

Belongs here: answers on the shipped extracts and on another field. Does not belong here: how macros get into the file
(tests/adoption/publish/test_writer.py), or the examples of docs/sql.md (tests/docs).
"""

from __future__ import annotations

import hashlib

import duckdb
import pytest

from adoption.settings import Settings
from ingest.database import fetch_dicts

pytestmark = pytest.mark.slow

DuckDB = duckdb.DuckDBPyConnection

YOY = "select * from yoy(?, ?)"
LEADER = "select * from leader(?, ?)"
COMPARE = "select * from compare(?, ?, ?)"
WHY = "select * from why(?, ?, ?)"


def test_growth_is_that_of_the_mart_and_years_not_held_are_there_too(published: DuckDB) -> None:
    rows = fetch_dicts(published, YOY, ["pytorch", "pypi_downloads"])
    query = "select * from marts.fct_adoption_yoy where metric_id = 'pypi_downloads' and entity_id = 'pytorch' "
    mart = {
        row["year"]: row
        for row in fetch_dicts(published, query + "and entity_type = 'contender' and is_preferred and segment = 'all'")
    }

    assert {row["year"] for row in rows} > set(mart) != set()
    for row in rows:
        if row["year"] in mart:
            shared = row.keys() & mart[row["year"]].keys()
            assert {name: row[name] for name in shared} == {name: mart[row["year"]][name] for name in shared}
        else:
            assert row["value"] is None
            assert row["direction"] == "no data"
            assert row["not_comparable_reason"] == "not known: not available"


@pytest.mark.parametrize("name", ["PyTorch", "pytorch", "PYTORCH"])
@pytest.mark.parametrize("metric", ["Package downloads", "pypi_downloads"])
def test_labels_and_ids_in_any_case_name_the_contender_first(published: DuckDB, name: str, metric: str) -> None:
    rows = fetch_dicts(published, "select distinct entity_type, entity_id, metric_id from yoy(?, ?)", [name, metric])
    assert rows == [{"entity_type": "contender", "entity_id": "pytorch", "metric_id": "pypi_downloads"}]


def test_a_framework_a_reference_and_a_market_can_be_asked_for_too(published: DuckDB) -> None:
    query = "select distinct entity_type from yoy(?, ?)"
    for name, metric, kind in (
        ("keras", "pypi_downloads", "framework"),
        ("scikit-learn", "pypi_downloads", "reference"),
        ("Postings in Germany", "indeed_ai_share", "market"),
    ):
        assert fetch_dicts(published, query, [name, metric]) == [{"entity_type": kind}]


@pytest.mark.parametrize(
    ("query", "values", "message"),
    [
        (
            YOY,
            ["torchy", "pypi_downloads"],
            r'No entity is called "torchy"; did you mean pytorch\? Known are .*tf_keras',
        ),
        (YOY, [None, "pypi_downloads"], "No entity is called null. Known are"),
        (YOY, ["pytorch", "downloads"], 'No metric is called "downloads".* Known are .*pypi_downloads'),
        (YOY + " where value > 1e99", ["torchy", "pypi_downloads"], "No entity"),
        ("select count(*) from yoy(?, ?)", ["pytorch", "nope"], "No metric"),
        (LEADER, ["nope", 2020], "No metric"),
        (LEADER, ["pypi_downloads", 1990], "The file says nothing of 1990; its years are 20"),
        (LEADER, ["pypi_downloads", None], "The file says nothing of null"),
        (LEADER, ["pypi_downloads", 2020.5], "The file says nothing of 2020.5"),
        (YOY, ["", "pypi_downloads"], 'No entity is called ""'),
        (YOY, [42, "pypi_downloads"], 'No entity is called "42"'),
        (COMPARE, ["pytorch", "torchy", 2020], "No entity"),
        (COMPARE, ["torchy", "pytorch", 2020], "No entity"),
        (COMPARE + " limit 1", ["pytorch", "jax", 1990], "The file says nothing of 1990"),
        (WHY, ["torchy", "pypi_downloads", 2020], "No entity"),
        (WHY, ["pytorch", "nope", 2020], "No metric"),
        ("select max(value) from why(?, ?, ?)", ["pytorch", "pypi_downloads", 2100], "The file says nothing of 2100"),
    ],
)
def test_an_unknown_name_is_an_error_that_names_the_known_ones(
    published: DuckDB, query: str, values: list[object], message: str
) -> None:
    with pytest.raises(duckdb.InvalidInputException, match=message):
        fetch_dicts(published, query, values)


def test_names_and_years_are_taken_as_people_write_them(published: DuckDB) -> None:
    plainly = fetch_dicts(published, LEADER, ["pypi_downloads", 2020])

    assert fetch_dicts(published, LEADER, ["  PyPI_Downloads ", "2020"]) == plainly
    assert plainly[0]["year"] == 2020
    assert fetch_dicts(published, YOY, [" PYTORCH", "package downloads"]) == fetch_dicts(
        published, YOY, ["pytorch", "pypi_downloads"]
    )


def test_every_entity_metric_and_year_gets_an_answer(published: DuckDB) -> None:
    entities = [
        row["entity_id"] for row in fetch_dicts(published, "select distinct entity_id from meta.entities order by 1")
    ]
    metrics = [
        row["metric_id"] for row in fetch_dicts(published, "select metric_id from meta.metrics order by position")
    ]
    for metric in metrics:
        assert fetch_dicts(published, LEADER, [metric, 2020])
        for entity in ("pytorch", "cntk"):
            assert fetch_dicts(published, YOY, [entity, metric])
            assert fetch_dicts(published, WHY, [entity, metric, 2020])
    for entity in entities:
        assert fetch_dicts(published, COMPARE, [entity, "pytorch", 2020])


def test_the_leader_is_found_among_those_counted_in_one_way(published: DuckDB) -> None:
    for row in fetch_dicts(
        published, "select distinct metric_id, year from marts.fct_adoption_yoy where rank_low is not null"
    ):
        answer = fetch_dicts(published, LEADER, [row["metric_id"], row["year"]])
        ranked = [ranked_row for ranked_row in answer if ranked_row["standing"] != "not known"]
        contenders = fetch_dicts(published, "select count(*) as n from meta.entities where entity_type = 'contender'")[
            0
        ]["n"]
        for segment in {ranked_row["segment"] for ranked_row in answer}:
            part = [ranked_row for ranked_row in answer if ranked_row["segment"] == segment]
            assert len(part) == contenders
            assert (
                len({(ranked_row["source_id"], ranked_row["basis"]) for ranked_row in part if ranked_row in ranked})
                <= 1
            )
            assert sum(ranked_row["standing"] == "leads" for ranked_row in part) <= 1
        for ranked_row in ranked:
            is_first = {
                "leads": ranked_row["rank_high"] == 1,
                "may lead": ranked_row["rank_low"] == 1 < ranked_row["rank_high"],
            }
            assert is_first.get(ranked_row["standing"], ranked_row["rank_low"] > 1)


@pytest.mark.parametrize(
    ("metric", "year", "months", "expected"),
    [
        (
            "Package downloads",
            2025,
            11,
            [("pytorch", "leads", 637_534_027, None), ("tf_keras", "behind", 260_728_610, None)],
        ),
        ("Package downloads", 2024, 9, [("pytorch", "leads", 227_641_956, None)]),
        (
            "Stack Overflow questions",
            2019,
            11,
            [("tf_keras", "leads", 14_905, 24_386), ("pytorch", "behind", 2_915, None)],
        ),
    ],
)
def test_nobody_leads_alone_and_a_year_that_is_not_whole_is_led_over_the_months_held_of_both(
    published: DuckDB, metric: str, year: int, months: int, expected: list[tuple[object, ...]]
) -> None:
    answer = fetch_dicts(published, LEADER, [metric, year])
    actual = [
        (row["entity_id"], row["standing"], round(row["low"] if row["value"] is None else row["value"]), row["high"])
        for row in answer[: len(expected)]
    ]
    assert actual == expected
    assert {row["common_months"] for row in answer if row["standing"] != "not known"} == {months}


def test_nobody_is_ranked_alone(published: DuckDB) -> None:
    assert fetch_dicts(published, "from marts.fct_adoption_yoy where contenders_ranked < 2") == []


def test_who_leads_is_said_in_the_one_way_that_ranks_most(published: DuckDB) -> None:
    rows = fetch_dicts(published, LEADER, ["GitHub commits", 2021])
    assert [(row["entity_id"], row["standing"], row["rank_low"], row["value"]) for row in rows[:3]] == [
        ("tf_keras", "leads", 1, 22_226),
        ("pytorch", "behind", 2, 10_265),
        ("mxnet", "behind", 3, 271),
    ]
    assert {(row["source_id"], row["basis"]) for row in rows if row["source_id"]} == {
        ("best_of_ml_python", "all_commits")
    }


def test_what_piles_up_is_led_by_what_was_added_in_the_year(published: DuckDB) -> None:
    first, second, *_ = fetch_dicts(published, LEADER, ["github_stars", 2023])
    assert [(row["entity_id"], row["standing"], row["value"]) for row in (first, second)] == [
        ("pytorch", "leads", 12_694),
        ("tf_keras", "behind", 9_712),
    ]
    rows = {row["metric_id"]: row for row in fetch_dicts(published, COMPARE, ["tf_keras", "pytorch", 2025])}
    stars = rows["github_stars"]
    assert (stars["ahead"], stars["a_low"], stars["a_high"], stars["b_low"], stars["b_high"], stars["ratio"]) == (
        "pytorch",
        5_981,
        6_968,
        10_626,
        13_049,
        None,
    )


def test_to_compare_is_symmetric_and_agrees_with_the_review(published: DuckDB) -> None:
    there = fetch_dicts(published, COMPARE, ["tf_keras", "pytorch", 2020])
    back = fetch_dicts(published, COMPARE, ["pytorch", "tf_keras", 2020])

    assert [(row["metric_id"], row["segment"], row["ahead"]) for row in there] == [
        (row["metric_id"], row["segment"], row["ahead"]) for row in back
    ]
    for forward, backward in zip(there, back, strict=True):
        assert (forward["a_value"], forward["b_value"]) == (backward["b_value"], backward["a_value"])
        assert (forward["no_data_reason"] is None) is (forward["ahead"] != "not known")
    review = """
        select metric_id, segment, ratio_to_benchmark from marts.rpt_year_in_review
        where year = 2020 and entity_id = 'tf_keras' and ratio_to_benchmark is not null
            and is_complete and value is not null
    """
    ratios = {(row["metric_id"], row["segment"]): row["ratio"] for row in there}
    for row in fetch_dicts(published, review):
        assert ratios[row["metric_id"], row["segment"]] == pytest.approx(row["ratio_to_benchmark"])


def test_two_within_their_bounds_cannot_be_told_apart(published: DuckDB) -> None:
    query = "select ahead, a_low, a_high, b_low, b_high from compare(?, ?, 2020) where metric_id = 'pypi_downloads'"
    [row] = fetch_dicts(published, query, ["mindspore", "paddlepaddle"])
    assert row["a_low"] < row["b_high"]
    assert row["b_low"] < row["a_high"]
    assert row["ahead"] == "inconclusive"
    [row] = fetch_dicts(published, query, ["pytorch", "mindspore"])
    assert row["ahead"] == "pytorch"


def test_why_leads_down_to_the_bytes(published: DuckDB, built: Settings) -> None:
    rows = fetch_dicts(published, WHY, ["tf_keras", "pypi_downloads", 2020])
    files = [row for row in rows if row["extract_id"]]

    assert rows[0]["is_preferred"]
    assert {row["basis"] for row in rows} == {
        "pip_only",
        "without_mirrors",
        "all_installers",
        "mixed",
        "artifacts_only",
    }
    assert files
    for row in files:
        path = built.extracts / row["source_id"] / row["filename"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]
        assert row["landed_at"] is not None
        assert row["grade"] == "A" or row["grade_reason"]
    assert all(row["caveats"] and row["licence"] and row["how_to_get"] for row in rows)
    states = {row["state"] for row in rows if not row["extract_id"]}
    assert states == {"not available", "the source does not cover this year"}


def test_why_names_the_breaks_that_forbid_the_comparison(published: DuckDB) -> None:
    query = "select distinct unnest(breaks) as text from why('pytorch', 'pypi_downloads', ?) where basis = 'pip_only'"
    assert "download log table replaced" in fetch_dicts(published, query, [2021])[0]["text"]
    assert fetch_dicts(published, query, [2020]) == []


def test_every_break_that_is_named_is_listed_and_forbids_the_comparison(published: DuckDB) -> None:
    query = """
        select count(*) filter (len(break_ids) > 0) as broken,
            count(*) filter ((len(break_ids) > 0) <> contains(coalesce(not_comparable_reason, ''), 'break: ')) as odd
        from marts.fct_adoption_yoy
    """
    [row] = fetch_dicts(published, query)
    assert row["broken"] > 0
    assert row["odd"] == 0


def test_the_macros_work_beside_another_file_once_it_is_used(built: Settings) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{built.published}' as adoption (read_only); use adoption")
        assert connection.execute("select count(*) from leader('pypi_downloads', 2020)").fetchall()[0][0] > 1


def test_the_example_of_every_macro_gives_rows(published: DuckDB) -> None:
    examples = [row["example"] for row in fetch_dicts(published, "select example from meta.macros")]
    assert [example for example in examples if not fetch_dicts(published, example)] == []


def test_the_macros_of_another_field_speak_of_that_field(other_field: Settings) -> None:
    with duckdb.connect(str(other_field.published), read_only=True) as connection:
        examples = [row["example"] for row in fetch_dicts(connection, "select example from meta.macros")]
        assert any("quill_family" in example for example in examples)
        assert all(fetch_dicts(connection, example) for example in examples)
        with pytest.raises(duckdb.InvalidInputException, match=r"Known are .*quill_family"):
            fetch_dicts(connection, YOY, ["pytorch", "pypi_downloads"])


def test_every_table_and_column_says_what_it_is(published: DuckDB) -> None:
    """The same that publishing refuses without, asked as a reader asks it."""
    silent = """
        select table_name, column_name from duckdb_columns() where not internal and coalesce(comment, '') = ''
        union all
        select table_name, null from duckdb_tables() where coalesce(comment, '') = ''
    """
    assert fetch_dicts(published, silent) == []
    tables = {row["table_name"] for row in fetch_dicts(published, "select table_name from duckdb_tables()")}
    assert {
        "metrics",
        "units",
        "caveats",
        "sources",
        "licences",
        "check_results",
        "lineage",
        "extract_metrics",
    } < tables


def test_lineage_leads_from_every_mart_to_what_was_asked_of_a_source(published: DuckDB) -> None:
    query = """
        with recursive way as (
            select asset as start, upstream_asset from meta.lineage where asset like 'marts/%'
            union
            select way.start, lineage.upstream_asset from way
            inner join meta.lineage as lineage on way.upstream_asset = lineage.asset
        )
        select replace(start, 'marts/', '') as table_name,
            bool_or(upstream_asset in ('raw/catalog') or upstream_asset like 'extracts/%') as has_origin
        from way group by all
    """
    has_origin = {row["table_name"]: row["has_origin"] for row in fetch_dicts(published, query)}
    marts = {
        row["t"]
        for row in fetch_dicts(published, "select table_name as t from duckdb_tables() where schema_name = 'marts'")
    }
    assert set(has_origin) == marts
    assert all(has_origin.values())


def test_every_observation_is_counted_in_the_lineage_of_extracts(published: DuckDB) -> None:
    query = """
        select (select sum(observations) from meta.extract_metrics) as listed,
            (select count(*) from marts.fct_observations) as held
    """
    [row] = fetch_dicts(published, query)
    assert row["listed"] == row["held"] > 0
