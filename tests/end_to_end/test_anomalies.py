"""What the detector finds in the shipped figures, and what explains it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from adoption.settings import Settings
from ingest.database import fetch_dicts
from tests.end_to_end.asking import find

ANOMALIES = "marts.fct_anomalies"
EARLY_2020 = (date(2020, 1, 1), date(2020, 6, 1))


def slumps(connection: duckdb.DuckDBPyConnection, metric: str) -> list[dict[str, Any]]:
    return find(connection, ANOMALIES, metric_id=metric, kind="slump")


def test_the_slump_of_postings_is_found_blindly_in_most_countries(published: duckdb.DuckDBPyConnection) -> None:
    at_the_right_time = [
        event
        for event in slumps(published, "indeed_software_index")
        if event["start_date"] in (date(2020, 3, 1), date(2020, 4, 1))
    ]

    assert len(at_the_right_time) >= 4
    assert {event["scope"] for event in at_the_right_time} == {"market"}
    assert {event["explained_by"] for event in at_the_right_time} == {"covid_19"}


@pytest.mark.parametrize(
    ("metric", "entities"),
    [
        ("pypi_downloads", ["tensorflow", "pytorch"]),
        ("github_stars", ["tensorflow", "pytorch", "keras"]),
        ("stackoverflow_questions", ["tensorflow", "pytorch", "keras"]),
    ],
)
def test_no_such_slump_is_in_the_channels_and_what_could_hide_is_said(
    published: duckdb.DuckDBPyConnection, metric: str, entities: list[str]
) -> None:
    early = [
        event
        for event in slumps(published, metric)
        if event["entity_id"] in entities and EARLY_2020[0] <= event["start_date"] <= EARLY_2020[1]
    ]
    detectable = {
        row["entity_id"]
        for row in find(published, "marts.fct_minimum_detectable_effects", metric_id=metric)
        if row["smallest_depth_pct"] is not None
    }

    assert early == []
    assert detectable >= set(entities)


def test_breaks_in_series_come_out_as_measurement(published: duckdb.DuckDBPyConnection) -> None:
    known = {(event["entity_id"], event["explained_by"]): event for event in find(published, ANOMALIES, is_known=True)}

    for entity in ("tensorflow", "pytorch"):
        assert known[entity, "log_table_2021_windows"]["explanation_kind"] == "measurement"
        assert known[entity, "log_table_2021_windows"]["is_seen"] is True
    undercount = known["all_pypi", "undercount_before_2018_07_26"]
    assert undercount["explanation_kind"] == "measurement"
    assert undercount["change_pct"] > 100  # the method showed more than twice as much afterwards


def test_the_purge_of_forks_is_a_level_shift_and_explained(published: duckdb.DuckDBPyConnection) -> None:
    both = find(published, ANOMALIES, metric_id="github_forks", entity_id="tensorflow", explained_by="fork_purge_2024")
    [shift] = [event for event in both if event["source_id"] == "github_ranking"]

    assert {event["source_id"] for event in both} == {"github_ranking", "best_of_ml_python"}
    assert shift["kind"] == "level_shift"
    assert shift["start_date"] == date(2024, 2, 1)
    assert -20 < shift["change_pct"] < -15


def test_no_total_of_forks_is_compared_across_the_purge(published: duckdb.DuckDBPyConnection) -> None:
    moved = "metric_id = 'github_forks' and period_end > '2024-02-21' and prior_period_start < '2024-02-21'"

    years = "from marts.fct_adoption_yoy where is_comparable and metric_id = 'github_forks' and year = 2024"
    assert fetch_dicts(published, years) == []
    assert fetch_dicts(published, f"from marts.fct_momentum where is_comparable and {moved}") == []
    assert len(fetch_dicts(published, f"from marts.fct_momentum where {moved}")) > 100


def test_every_anomaly_check_says_how_many_false_alarms_to_expect(
    built: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dagster as dg

    monkeypatch.setenv("DAGSTER_HOME", str(built.dagster_home))

    with dg.DagsterInstance.from_config(str(built.dagster_home)) as instance:
        key = dg.AssetCheckKey(dg.AssetKey(["marts", "fct_anomalies"]), "indeed_software_index_movements_are_explained")
        record = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]
        assert record.evaluation is not None
        metadata = record.evaluation.metadata

    assert record.evaluation.passed
    assert float(str(metadata["false_alarms_to_expect"].value)) > 0
    assert "covid" in str(metadata["events"].value).lower()
    assert "data:image/svg+xml" in str(metadata["chart"].value)


def test_one_event_of_the_catalog_explains_what_it_reaches_and_nothing_else(
    copy_of_built: Settings, tmp_path: Path
) -> None:
    """The explanation is SQL over the detected events: without the event only its explanations go."""
    from adoption.warehouse.dbt import Dbt
    from ingest.catalog import load_catalog
    from ingest.raw_tables import load_catalog_tables

    def explained() -> dict[tuple[Any, ...], str]:
        with duckdb.connect(str(copy_of_built.warehouse), read_only=True) as connection:
            rows = fetch_dicts(
                connection, "select series_id, kind, start_date, change_pct, explanation_kind from marts.fct_anomalies"
            )
        return {tuple(row.values())[:4]: row["explanation_kind"] for row in rows}

    before = explained()
    folder = tmp_path / "catalog"
    folder.mkdir()
    for path in copy_of_built.catalog.glob("*.yaml"):
        (folder / path.name).write_text("[]" if path.name == "events.yaml" else path.read_text())
    catalog = load_catalog(folder)
    with duckdb.connect(str(copy_of_built.warehouse)) as connection:
        load_catalog_tables(connection, catalog)
    models = "int_anomalies__explained fct_anomalies"
    Dbt(copy_of_built, catalog).invoke(["build", "--select", models, "--exclude-resource-type", "unit_test"])
    after = explained()

    changed = {key for key in before if before[key] != after[key]}
    assert before.keys() == after.keys()
    assert changed == {key for key, kind in before.items() if kind == "event"}
    assert {after[key] for key in changed} == {"unexplained"}
