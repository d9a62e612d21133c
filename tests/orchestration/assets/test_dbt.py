"""dbt inside Dagster: every data test is a check, every check has a result, a failure stops what comes after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import dagster as dg
import pytest
from dagster_dbt import DbtCliEventMessage

from adoption.warehouse.dbt import Dbt
from ingest.catalog import load_catalog
from ingest.sources import all_sources
from orchestration.asset_keys import asset_key
from orchestration.assets.dbt import Messages, by_command_line, dbt_assets, in_process, leading_comment
from orchestration.assets.raw import raw_assets
from tests.conftest import World

CHECKS = {
    "every_month_names_its_package",
    "only_known_packages",
    "round_numbers_only",
    "no_month_is_lost",
}
MART = asset_key("marts", "fct_months")
BAD_MONTHS = "anvil,2020-01-01,11,pypinfo,,c1\nsaw,2020-02-01,20,pypinfo,,c1\n"


def run_all(world: World, instance: dg.DagsterInstance, *models: dg.AssetsDefinition) -> dg.ExecuteInProcessResult:
    """Load the world's extract, then run the given assets."""
    raw = raw_assets(world, load_catalog(world.catalog), all_sources())
    return dg.materialize([raw, *models], instance=instance, raise_on_error=False)


def models_of(world: World, run: Messages = in_process, **options: Any) -> dg.AssetsDefinition:
    return dbt_assets(Dbt(world, load_catalog(world.catalog)), run=run, exclude="source:detection+", **options)


def results_of(result: dg.ExecuteInProcessResult, op: str = "dbt") -> dict[str, tuple[bool, str]]:
    """Each check's outcome and severity, from one step."""
    results = {}
    for event in result.get_asset_check_evaluations():
        if event.asset_key.path[0] != "raw":
            assert event.check_name not in results, f"{event.check_name} was evaluated twice in {op}"
            results[event.check_name] = (event.passed, event.severity.value)
    return results


def failure_of(result: dg.ExecuteInProcessResult, op: str = "dbt") -> str:
    failure = result.failure_data_for_node(op)
    assert failure is not None
    assert failure.error is not None
    return failure.error.to_string()


def test_every_data_test_is_a_check_and_no_unit_test_runs(world: World, instance: dg.DagsterInstance) -> None:
    models = models_of(world)
    assert {key.name for key in models.check_keys} == CHECKS
    blocking = {spec.name for spec in models.check_specs if spec.blocking}
    assert blocking == CHECKS - {"round_numbers_only"}

    result = run_all(world, instance, models)

    assert result.success
    errors = dict.fromkeys(CHECKS - {"round_numbers_only"}, (True, "ERROR"))
    assert results_of(result) == {**errors, "round_numbers_only": (True, "WARN")}


def test_failing_rows_are_shown_and_a_failed_error_fails_the_step(world: World, instance: dg.DagsterInstance) -> None:
    world.land(BAD_MONTHS)

    result = run_all(world, instance, models_of(world))

    assert not result.success
    assert results_of(result)["only_known_packages"] == (False, "ERROR")
    assert results_of(result)["round_numbers_only"] == (False, "WARN")
    assert "only_known_packages: Got 1 result" in failure_of(result)
    metadata = {event.check_name: event.metadata for event in result.get_asset_check_evaluations()}
    shown = metadata["only_known_packages"]["rows"]
    assert isinstance(shown, dg.TableMetadataValue)
    assert [record.data for record in shown.records] == [{"value_field": "saw", "n_records": 1}]


@pytest.mark.slow  # dbt as a process of its own
def test_the_bridge_says_what_the_documented_route_says(world: World, instance: dg.DagsterInstance) -> None:
    world.land("anvil,2020-01-01,11,pypinfo,,c1\n")  # one warning, so that a failed check is compared too
    results = {}
    for run in (in_process, by_command_line):
        result = run_all(world, instance, models_of(world, run))
        assert result.success
        made = {event.asset_key for event in result.get_asset_materialization_events() if event.asset_key}
        results[run] = (made, results_of(result))

    assert results[in_process] == results[by_command_line]
    assert results[in_process][1]["round_numbers_only"] == (False, "WARN")


def without(
    name: str, context: dg.AssetExecutionContext, dbt: Dbt, arguments: Sequence[str]
) -> Iterator[DbtCliEventMessage]:
    """dbt, but one node's result never arrives."""
    for message in in_process(context, dbt, arguments):
        if name not in str(message.raw_event["data"].get("node_info")):
            yield message


@pytest.mark.parametrize("name", ["only_known_packages", "no_month_is_lost"])
def test_a_declared_check_without_a_result_fails_its_step(
    world: World, instance: dg.DagsterInstance, name: str
) -> None:
    result = run_all(world, instance, models_of(world, partial(without, name)))

    assert not result.success
    assert f"1 declared checks gave no result: marts/fct_months:{name}" in failure_of(result)


def test_a_failed_test_of_the_first_selection_stops_what_follows(world: World, instance: dg.DagsterInstance) -> None:
    world.edit("models/staging/stg_months.sql", "select package", "select null::varchar as package")
    first = models_of(world, select="fqn:small.staging", name="first")
    second = models_of(world, select="fqn:small.marts", name="second")

    @dg.asset(deps=[asset_key("staging", "stg_months")])
    def between() -> None:
        """Python that stands between two selections."""

    result = run_all(world, instance, first, between, second)

    assert not result.success
    assert results_of(result) == {"every_month_names_its_package": (False, "ERROR")}
    started = {event.step_key for event in result.all_events if event.event_type_value == "STEP_START"}
    assert started == {"raw", "first"}


def test_two_selections_together_run_every_check_once(world: World, instance: dg.DagsterInstance) -> None:
    first = models_of(world, select="fqn:small.staging", name="first")
    second = models_of(world, select="fqn:small.marts", name="second")

    result = run_all(world, instance, first, second)

    assert result.success
    assert set(results_of(result)) == CHECKS


@pytest.mark.parametrize(
    ("assets", "checks", "expected"),
    [
        ([MART], [], set()),
        (
            [MART],
            ["only_known_packages", "round_numbers_only"],
            {"only_known_packages", "round_numbers_only"},
        ),
        ([], ["no_month_is_lost"], {"no_month_is_lost"}),
    ],
)
def test_a_part_of_the_assets_and_checks_can_be_run(
    world: World, instance: dg.DagsterInstance, assets: list[dg.AssetKey], checks: list[str], expected: set[str]
) -> None:
    models = models_of(world)
    assert run_all(world, instance, models).success
    keys = [dg.AssetCheckKey(MART, name) for name in checks]
    selection = dg.AssetSelection.assets(*assets).without_checks() | dg.AssetSelection.checks(*keys)
    job = dg.Definitions(assets=[models], jobs=[dg.define_asset_job("part", selection)]).resolve_job_def("part")

    result = job.execute_in_process(instance=instance)

    assert {event.asset_key for event in result.get_asset_materialization_events()} == set(assets)
    assert set(results_of(result)) == expected


def test_a_test_of_several_models_speaks_about_the_first_it_names(world: World) -> None:
    [check] = [spec for spec in models_of(world).check_specs if spec.name == "no_month_is_lost"]

    assert check.asset_key == MART
    assert {dep.asset_key for dep in check.additional_deps} == {asset_key("staging", "stg_months")}


def test_a_test_that_names_no_model_is_refused(world: World) -> None:
    (world.project / "tests" / "no_month_is_lost.sql").write_text(
        "from {{ source('pypi_tools', 'months') }} where false"
    )

    with pytest.raises(dg.DagsterInvalidDefinitionError, match=r"tests/no_month_is_lost\.sql: .* names no model"):
        models_of(world)


def test_a_selection_without_models_is_refused(world: World) -> None:
    with pytest.raises(dg.DagsterInvalidDefinitionError, match=r"'fqn:small\.nowhere' names no model"):
        models_of(world, select="fqn:small.nowhere")


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        ("-- One row\n-- per month.\nselect 1", "One row\nper month."),
        ("{{ config(tags=['x']) }}\n\n-- One row.\nselect 1 -- not this\n", "One row."),
        ("-- Rules:\n--   a   b\n--   c   d\n-- and so on\n", "Rules:\n\n    a   b\n    c   d\n\nand so on"),
        ("select 1 -- not this\n", ""),
    ],
)
def test_the_leading_comment_is_read_as_markdown(sql: str, text: str) -> None:
    assert leading_comment(sql) == text
