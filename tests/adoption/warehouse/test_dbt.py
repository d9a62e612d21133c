"""dbt in this process: parsed when something changed, closed afterwards, plain about what failed."""

from __future__ import annotations

import os
from dataclasses import replace

import duckdb
import pytest

from adoption.detection.warehouse_io import prepare as prepare_detection
from adoption.projection.warehouse_io import prepare as prepare_projection
from adoption.warehouse.dbt import Dbt, DbtError, environment, variables
from ingest.catalog import load_catalog
from ingest.raw_tables import load_catalog_tables, prepare
from ingest.sources import load_source
from tests.conftest import World


@pytest.fixture
def dbt(world: World) -> Dbt:
    catalog = load_catalog(world.catalog)
    world.data.mkdir()
    with duckdb.connect(str(world.warehouse)) as connection:
        prepare_detection(connection)
        prepare_projection(connection)
        prepare(connection, [load_source("pypi_tools")])
        load_catalog_tables(connection, catalog)
    return Dbt(world, catalog)


def test_the_models_that_emit_come_from_the_catalog_in_its_order(world: World) -> None:
    catalog = load_catalog(world.catalog)

    actual = variables(catalog)

    assert actual["observation_models"][0] == catalog.sources[0].observations[0]
    assert len(actual["observation_models"]) == sum(len(source.observations) for source in catalog.sources)
    assert actual["population_models"] == [source.population for source in catalog.sources if source.population]


def test_the_project_is_parsed_again_only_when_it_changed(dbt: Dbt, world: World) -> None:
    parsed = world.dbt_target / "manifest.json"
    assert "model.small.fct_months" in dbt.manifest()["nodes"]
    first = parsed.stat().st_mtime_ns

    dbt.manifest()
    assert parsed.stat().st_mtime_ns == first

    world.edit("models/_models.yml", "Months as they were counted.", "Months, counted.")
    assert dbt.manifest()["nodes"]["model.small.stg_months"]["description"] == "Months, counted."
    assert parsed.stat().st_mtime_ns > first


def test_a_renamed_unit_test_leaves_nothing_behind(dbt: Dbt, world: World) -> None:
    assert [test["name"] for test in dbt.manifest()["unit_tests"].values()] == ["a_month_keeps_its_count"]
    world.edit("models/_models.yml", "a_month_keeps_its_count", "a_month_keeps_what_was_counted")

    assert [test["name"] for test in dbt.manifest()["unit_tests"].values()] == ["a_month_keeps_what_was_counted"]


def test_a_project_that_cannot_be_parsed_is_never_taken_for_parsed(dbt: Dbt, world: World) -> None:
    dbt.manifest()
    world.edit("models/marts/fct_months.sql", "stg_months", "stg_nowhere")

    for _ in range(2):
        with pytest.raises(DbtError, match="stg_nowhere"):
            dbt.manifest()


def test_results_are_passed_on_and_the_warehouse_is_closed(dbt: Dbt, world: World) -> None:
    heard: list[str] = []

    dbt.invoke(["build"], lambda event: heard.append(event["data"]["node_info"]["unique_id"]))

    assert {"model.small.stg_months", "model.small.fct_months"} < set(heard)
    with duckdb.connect(str(world.warehouse)) as connection:  # would fail while dbt holds the lock
        assert connection.execute("select count(*) from marts.fct_months").fetchall() == [(0,)]


def test_a_failure_names_the_node_and_the_reason(dbt: Dbt, world: World) -> None:
    world.edit("models/staging/stg_months.sql", "downloads from", "no_such_column from")

    with pytest.raises(DbtError) as caught:
        dbt.invoke(["build"])

    assert "model stg_months: Runtime Error" in str(caught.value)
    assert "no_such_column" in str(caught.value)
    assert "more were skipped because of that" in str(caught.value)
    assert "> in macro" not in str(caught.value)


def test_a_model_that_needs_more_memory_than_allowed_says_what_to_do(dbt: Dbt, world: World) -> None:
    large = "(select len(list(range)) from range(20000000)) as downloads"
    world.edit("models/staging/stg_months.sql", "downloads from", f"{large} from")
    dbt.settings = replace(world, memory="30MB")

    with pytest.raises(DbtError, match="DuckDB may use 30MB here: allow more with ADOPTION_MEMORY, such as 2GB"):
        dbt.invoke(["build"])


def test_the_environment_is_given_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADOPTION_DATA", "before")
    monkeypatch.delenv("ADOPTION_WAREHOUSE", raising=False)

    with environment(world):
        assert os.environ["ADOPTION_WAREHOUSE"] == str(world.warehouse)

    assert os.environ["ADOPTION_DATA"] == "before"
    assert "ADOPTION_WAREHOUSE" not in os.environ


@pytest.mark.slow  # dbt as a process of its own
def test_the_command_line_runs_on_the_same_project(dbt: Dbt, capfd: pytest.CaptureFixture[str]) -> None:
    assert dbt.command_line(["ls", "--quiet", "--resource-type", "model"]) == 0
    assert capfd.readouterr().out.split() == [
        "small.marts.fct_anomalies",
        "small.marts.fct_months",
        "small.intermediate.int_detection__series",
        "small.intermediate.int_projections__breaks",
        "small.intermediate.int_projections__series",
        "small.marts.rpt_brief",
        "small.staging.stg_months",
    ]
    assert dbt.command_line(["ls", "--no-such-option"]) == 2
