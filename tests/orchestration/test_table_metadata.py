"""What the UI shows of an asset: whose figures, which code, what it holds, where its columns come from, its charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from adoption.settings import Settings
from adoption.warehouse.cache import RenderCache
from adoption.warehouse.dbt import environment
from adoption.warehouse.table_stats import Table
from ingest.catalog import load_catalog
from orchestration.asset_keys import asset_key
from orchestration.assets.detection import anomaly_checks
from orchestration.chart_metadata import exhibit
from orchestration.definitions import build_defs
from orchestration.table_metadata import LINEAGE, ROWS, SCHEMA

Metadata = Mapping[str, Any]
PUBLISHED = asset_key("published", "adoption")


@pytest.fixture(scope="module")
def specs(built: Settings) -> dict[dg.AssetKey, dg.AssetSpec]:
    return {spec.key: spec for spec in build_defs(built).resolve_all_asset_specs()}


@pytest.fixture(scope="module")
def metadata_of_assets(
    built: Settings, specs: dict[dg.AssetKey, dg.AssetSpec]
) -> Iterator[dict[dg.AssetKey, Metadata]]:
    """The metadata of the build, by asset; extracts are reported, the others are made when somebody asks."""
    with environment(built), dg.DagsterInstance.from_config(str(built.dagster_home)) as instance:
        events = {
            key: instance.get_latest_materialization_event(key)
            for key in specs
            if key.path[0] not in ("extracts", "reports", "heavy")
        }
        assert [key for key, event in events.items() if event is None] == []
        yield {
            key: event.asset_materialization.metadata
            for key, event in events.items()
            if event and event.asset_materialization
        }


def columns_of(metadata: Metadata) -> dict[str, dg.TableColumn]:
    return {column.name: column for column in metadata[SCHEMA].value.columns}


def test_every_asset_says_whose_figures_it_rests_on_and_which_code_makes_it(
    specs: dict[dg.AssetKey, dg.AssetSpec],
) -> None:
    for key, spec in specs.items():
        assert spec.metadata["publisher"], key
        assert spec.metadata["licence"], key
        links = spec.metadata["dagster/code_references"].value
        assert all(Path(link.file_path).is_file() for link in links.code_references), key


def test_licences_follow_the_lineage_across_the_detector(specs: dict[dg.AssetKey, dg.AssetSpec]) -> None:
    sources = {source.id: source for source in load_catalog(Settings().catalog).sources}

    staged = specs[asset_key("staging", "stg_git_history__months")].metadata
    assert (staged["publisher"], staged["licence"]) == (
        sources["git_history"].publisher,
        sources["git_history"].licence,
    )
    everything = specs[PUBLISHED].metadata["sources"].value
    assert [record.data["source"] for record in everything.records] == [source.label for source in sources.values()]
    assert specs[asset_key("marts", "fct_anomalies")].metadata["sources"] == specs[PUBLISHED].metadata["sources"]
    assert specs[asset_key("raw", "catalog")].metadata["licence"] == "none: it holds no publisher's figures"


def test_every_built_asset_says_how_many_rows_and_which_period_it_holds(
    built: Settings, metadata_of_assets: dict[dg.AssetKey, Metadata]
) -> None:
    # the rows of a view are made when it is read: to count them would be to build it again
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        views = {
            name for (name,) in connection.execute("select view_name from duckdb_views() where not internal").fetchall()
        }
    assert {key.path[-1] for key, metadata in metadata_of_assets.items() if ROWS not in metadata} == views
    assert [key for key, metadata in metadata_of_assets.items() if key != PUBLISHED and "period" not in metadata] == []
    with duckdb.connect(str(built.published), read_only=True) as connection:
        [(rows, first)] = connection.execute(
            "select count(*), min(month_date) from marts.fct_adoption_monthly"
        ).fetchall()
    monthly = metadata_of_assets[asset_key("marts", "fct_adoption_monthly")]
    assert monthly[ROWS].value == rows
    assert monthly["period"].value.startswith(f"{first} to ")


def test_every_column_of_a_mart_is_described_and_says_what_it_is_made_from(
    metadata_of_assets: dict[dg.AssetKey, Metadata],
) -> None:
    column = columns_of(metadata_of_assets[asset_key("marts", "fct_adoption_yoy")])["yoy_pct"]
    assert (column.type, column.description) == (
        "DOUBLE",
        "Change in percent of prior_value. Null for shares, whose change is in points, and unless is_comparable.\n\n"
        "From [int_yoy__compared.yoy_pct](/assets/intermediate/int_yoy__compared?view=overview)",
    )
    marts = {key: metadata for key, metadata in metadata_of_assets.items() if key.path[0] == "marts"}
    assert [
        key for key, metadata in marts.items() if not all(c.description for c in columns_of(metadata).values())
    ] == []


def test_lineage_knows_every_column_and_names_columns_that_there_are(
    metadata_of_assets: dict[dg.AssetKey, Metadata],
) -> None:
    models = {
        key: metadata
        for key, metadata in metadata_of_assets.items()
        if key.path[0] in ("staging", "intermediate", "marts")
    }
    for key, metadata in models.items():
        deps = metadata[LINEAGE].value.deps_by_column
        assert set(deps) == set(columns_of(metadata)), key
        for name, origins in deps.items():
            for origin in origins:
                assert origin.column_name in columns_of(metadata_of_assets[origin.asset_key]), (key, name, origin)
    origins = models[asset_key("staging", "stg_git_history__months")][LINEAGE].value.deps_by_column["external_name"]
    assert origins == [dg.TableColumnDep(asset_key("raw", "git_history"), "months.repository")]


def test_marts_and_anomaly_checks_show_charts(built: Settings, metadata_of_assets: dict[dg.AssetKey, Metadata]) -> None:
    for mart in ("fct_adoption_yoy", "fct_adoption_monthly"):
        assert metadata_of_assets[asset_key("marts", mart)]["chart"].value.startswith("![The "), mart
    rows = metadata_of_assets[asset_key("marts", "fct_adoption_yoy")]["review_year"].value.records
    assert any(record.data["change"] == "not comparable" for record in rows)

    catalog = load_catalog(built.catalog)
    checks = anomaly_checks(built, catalog)
    checked = dg.AssetSpec(asset_key("marts", "fct_anomalies"))
    result = dg.materialize([checked, checks], selection=dg.AssetSelection.checks(checks))
    charts = {event.check_name: event.metadata["chart"].value for event in result.get_asset_check_evaluations()}
    assert str(charts["pypi_downloads_movements_are_explained"]).startswith("![Package downloads: ")
    assert charts["arxiv_papers_movements_are_explained"] == "No chart: no slump, spike or level shift"


def test_a_chart_whose_tables_are_not_built_yet_says_which() -> None:
    with duckdb.connect() as connection:
        shown = exhibit(connection, RenderCache(Path("unused")), Table("marts", "fct_adoption_monthly"), {"marts": {}})
        assert exhibit(connection, RenderCache(Path("unused")), Table("marts", "dim_metrics"), {}) == {}
    assert shown == {"chart": "No chart: not built yet: marts.fct_adoption_yoy, intermediate.int_breaks__by_series"}
