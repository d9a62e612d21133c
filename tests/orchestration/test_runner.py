"""A build from the lock to the outcome: what is recorded, what is printed, what the exit code says."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from adoption.settings import REPOSITORY, Settings
from adoption.warehouse.dbt import environment
from ingest.catalog import load_catalog
from orchestration.dead_runs import PROCESS
from orchestration.runner import STARTED_BY, TAGS, Outcome
from tests.conftest import GOOD_MONTHS, World, content_of, run_build

pytestmark = pytest.mark.slow


def recorded_runs(settings: Settings) -> list[dg.DagsterRun]:
    with environment(settings), dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        return list(instance.get_runs())


def test_a_build_publishes_and_is_recorded_where_the_web_server_looks(world: World) -> None:
    made = run_build(world)

    assert made.outcome.exit_code == 0
    assert made.outcome.summary(world) == [f"Published: {world.published}"]
    [run] = recorded_runs(world)
    assert run.remote_job_origin is not None  # else the UI's timeline leaves it out
    assert run.remote_job_origin.repository_origin.get_label() == TAGS[".dagster/repository"]
    assert (run.job_name, run.status) == ("warehouse", dg.DagsterRunStatus.SUCCESS)
    assert run.tags[".dagster/repository"] == "__repository__@orchestration.definitions"
    assert "module_name: orchestration.definitions" in (REPOSITORY / "workspace.yaml").read_text()


def test_progress_names_stages_layers_and_checks(world: World) -> None:
    lines = [" ".join(line.split()) for line in run_build(world).output.splitlines()]

    assert [line for line in lines if not line.startswith("done in")] == [
        "Loading landed extracts",
        f"raw {len(load_catalog(world.catalog).sources) + 2} assets",
        "Building and testing models",
        "staging 1 asset",
        "intermediate 3 assets",
        "Wording the brief",
        "reports 1 asset",
        "Looking for anomalies",
        "detection 2 assets",
        "Projecting the years that are not over",
        "projection 2 assets",
        "Building and testing what rests on them",
        "marts 3 assets",
        "Checking that they are explained",
        "Publishing",
        "published 1 asset",
        lines[-1],
    ]
    assert re.fullmatch(r"\d+ assets, \d+ checks: \d+ passed, \d+ findings?( \(.*\))?, 0 failed", lines[-1])
    assert [line.split(", ")[-1] for line in lines if line.startswith("done in")][1] == "4 checks passed"


def test_a_refused_extract_is_named_and_the_rest_is_published(world: World) -> None:
    world.land(GOOD_MONTHS.replace("10", "20"), "cut.csv", sha256="0" * 64)
    _edit_configuration(world)

    made = run_build(world)

    assert "dagster.yaml was edited and is kept" in made.output

    assert made.outcome.exit_code == 3
    [red, published] = made.outcome.summary(world)
    assert red == "Red, and published without it: raw/pypi_tools: every_landed_extract_is_loaded"
    assert published == f"Published: {world.published}"
    assert "cut.csv: the bytes were altered or cut short" in made.output
    assert [status.value for status in (run.status for run in recorded_runs(world))] == ["SUCCESS"]


def _edit_configuration(settings: Settings) -> None:
    """Leave in the data folder what a person edited before there was a version line."""
    settings.dagster_home.mkdir(parents=True)
    shipped = (REPOSITORY / "dagster.yaml").read_text().split("\n", 1)[1]
    (settings.dagster_home / "dagster.yaml").write_text(f"{shipped}# ours\n")


def test_a_failed_blocking_test_turns_the_run_red_and_keeps_the_last_published_file(world: World) -> None:
    assert run_build(world).outcome.exit_code == 0
    before = content_of(world.published), world.published.stat().st_ino
    world.land("saw,2020-01-01,10,pypinfo,,c1\n")

    made = run_build(world)

    assert made.outcome.exit_code == 1
    assert made.outcome.summary(world)[-1] == "Not published. The last published file stays."
    assert "test only_known_packages: Got 1 result" in made.outcome.summary(world)[0]
    assert "FAILED        marts/fct_months: only_known_packages" in made.output
    assert "saw" in made.output
    assert (content_of(world.published), world.published.stat().st_ino) == before
    assert [run.status.value for run in recorded_runs(world)] == ["FAILURE", "SUCCESS"]


def test_the_run_of_a_killed_build_is_ended_by_the_next_one(world: World) -> None:
    run_build(world)
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    with environment(world), dg.DagsterInstance.from_config(str(world.dagster_home)) as instance:
        tags = {**TAGS, PROCESS: str(process.pid)}
        killed = instance.create_run_for_job(_some_job(), tags=tags, status=dg.DagsterRunStatus.STARTED)
        other = instance.create_run_for_job(_some_job(), tags={}, status=dg.DagsterRunStatus.STARTED)

    assert run_build(world).outcome.exit_code == 0

    runs = {run.run_id: run.status for run in recorded_runs(world)}
    assert runs[killed.run_id] is dg.DagsterRunStatus.FAILURE
    assert runs[other.run_id] is dg.DagsterRunStatus.STARTED
    assert STARTED_BY in TAGS


def _some_job() -> dg.JobDefinition:
    @dg.op
    def nothing() -> None: ...

    @dg.job
    def some() -> None:
        nothing()

    return some


def test_building_twice_changes_nothing_and_a_reader_is_not_disturbed(copy_of_built: Settings) -> None:
    settings = copy_of_built
    before = content_of(settings.published)
    raw = raw_rows(settings.warehouse)
    with duckdb.connect(str(settings.published), read_only=True) as reader:
        made = run_build(settings)

        assert made.outcome.exit_code == 0, made.outcome.summary(settings)
        rows = reader.execute("select count(*) from marts.fct_adoption_yoy").fetchall()

    assert rows == [(len(before["marts.fct_adoption_yoy"]),)]  # type: ignore[arg-type]
    assert content_of(settings.published) == before
    assert raw_rows(settings.warehouse) == raw


def raw_rows(warehouse: Path) -> dict[str, int]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'raw' order by all"
        ).fetchall()
        return {table: len(connection.execute(f"select * from raw.{table}").fetchall()) for (table,) in tables}


def test_of_a_build_that_failed_the_summary_says_what_readers_still_have(tmp_path: Path) -> None:
    failed = Outcome(("a step failed",), ())
    here = Settings(data=tmp_path)
    assert failed.summary(here)[-1] == "Not published. Nothing has been published yet."
    assert failed.summary(replace(here, publish_to="s3://shop"))[-1] == "Not published. What s3://shop names stays."
