"""One check per claim: what it says, what it holds, and that none is silent."""

from __future__ import annotations

import dagster as dg
import duckdb
import pytest

from adoption.settings import Settings
from ingest.catalog import Catalog, load_catalog
from orchestration.assets.claims import CLAIMS, claim_checks
from orchestration.check_results import MissingResultError
from tests.conftest import World


def results(settings: Settings, catalog: Catalog) -> dict[str, dg.AssetCheckEvaluation]:
    (checks,) = claim_checks(settings, catalog)
    result = dg.materialize([dg.AssetSpec(CLAIMS), checks], selection=dg.AssetSelection.checks(checks))
    return {event.check_name: event for event in result.get_asset_check_evaluations()}


def test_every_claim_of_the_shipped_catalog_has_a_warning_with_its_readings(built: Settings) -> None:
    catalog = load_catalog(built.catalog)

    actual = results(built, catalog)

    assert set(actual) == {f"{claim.id}_is_not_contradicted" for claim in catalog.claims.claims}
    assert {check.severity for check in actual.values()} == {dg.AssetCheckSeverity.WARN}
    assert {name for name, check in actual.items() if not check.passed} == {
        f"{claim}_is_not_contradicted"
        for claim in (
            "so_union_15pct",
            "research_neck_and_neck",
            "tf_lifetime_nearly_doubled",
        )
    }
    metadata = actual["tf_downloads_2020_is_not_contradicted"].metadata
    assert metadata["verdict"].value == "reproduced"
    assert str(metadata["computed"].value).startswith("pip only: 113,788,105 (-1.1 %)")
    table = metadata["readings"]
    assert isinstance(table, dg.TableMetadataValue)
    assert [record.data["outcome"] for record in table.records] == ["holds", "holds"]
    assert "readings" not in actual["slump_cause_covid_is_not_contradicted"].metadata


def test_a_claim_without_a_row_fails_the_step(world: World) -> None:
    catalog = load_catalog(Settings().catalog)
    world.data.mkdir()
    with duckdb.connect(str(world.warehouse)) as connection:
        connection.execute("create schema marts; create schema meta")
        connection.execute("create table meta.sources (source_id varchar, label varchar)")
        connection.execute(
            "create table marts.fct_claims as select 'tf_downloads_2020' as claim_id, 1 as claim_position, "
            "1 as reading_position, 'contradicted' as verdict, 'x' as source_id"
        )

    lacking = len(catalog.claims.claims) - 1
    with pytest.raises(MissingResultError, match=rf"^{lacking} declared checks gave no result: .*arxiv_even_split"):
        results(world, catalog)


def test_a_catalog_without_claims_has_no_check(world: World) -> None:
    assert claim_checks(world, load_catalog(world.catalog)) == []
