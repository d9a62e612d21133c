"""The definitions: every asset, check and job of one warehouse.

Belongs here: putting the parts together. Does not belong here: any part. Definitions are built by a function of the
settings, so that a test, or another field's catalog, gets a world of its own without patching.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from adoption.settings import Settings
from adoption.warehouse.dbt import Dbt
from ingest.catalog import load_catalog
from ingest.sources import all_sources
from orchestration.assets.claims import claim_checks
from orchestration.assets.dbt import dbt_assets
from orchestration.assets.detection import anomaly_checks, detection_assets
from orchestration.assets.extracts import extract_assets
from orchestration.assets.health import KEY as WELL
from orchestration.assets.health import health_check
from orchestration.assets.heavy import COUNTED, heavy_assets
from orchestration.assets.projection import projection_assets
from orchestration.assets.publish import published_asset
from orchestration.assets.raw import raw_assets
from orchestration.assets.reports import report_asset, site_asset
from orchestration.assets.sentences import sentence_asset
from orchestration.automation import refresh_jobs, schedules, sensors
from orchestration.provenance import with_provenance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

    from ingest.catalog import Catalog
    from ingest.model import Source

JOB = "warehouse"
SITE = "site"
WRITES = {"adoption/writes": "warehouse"}
"""By this tag a queue lets one build run at a time: of two at once neither could publish, for each checks anew."""
REPORTS = "year_in_review"
DETECTED = "source:detection+ source:projection+"
"""dbt's name for all that rests on the detector's events or on projections: both stand between two selections."""


def build_defs(
    settings: Settings | None = None,
    loggers: Mapping[str, dg.LoggerDefinition] | None = None,
    sources: Mapping[str, Source] | None = None,
) -> dg.Definitions:
    """The definitions of the warehouse that `settings` describe (by default: of the environment).

    `sources` are the modules by which the catalog's sources are read and asked, by default those of this project.

    Raises:
        CatalogError: when the catalog is wrong.
        DbtError: when the dbt project cannot be parsed.
    """
    settings = settings or Settings.from_environment()
    catalog = load_catalog(settings.catalog)
    sources = sources or all_sources()
    well = health_check(settings)
    checks = [anomaly_checks(settings, catalog), *claim_checks(settings, catalog)]
    warehouse = _warehouse_assets(settings, catalog, sources, checks)
    report, site = report_asset(settings), site_asset(settings)
    # a log is counted only where the catalog has such a source: another field may have none
    heavy = [heavy_assets(settings, catalog)] if any(source.id in COUNTED for source in catalog.sources) else []
    extracts = extract_assets(settings, catalog, sources, COUNTED)
    return dg.Definitions(
        assets=with_provenance([*heavy, *extracts, *warehouse, report, site], catalog),
        asset_checks=[*checks, well],
        jobs=[
            _job(
                JOB, warehouse, "Landed extracts to the published file: load, build, check, publish. Needs no network."
            ),
            _job(
                REPORTS, [report], "The published year as one page, as Markdown and as posts. The build does not wait."
            ),
            _job(SITE, [site], "The published file as a site: explorer, JSON, CSV, badges, feed. Not part of a build."),
            *refresh_jobs(catalog, sources),
        ],
        schedules=schedules(catalog, sources),
        sensors=sensors(settings, JOB),
        loggers=dict(loggers) if loggers else None,
        executor=dg.in_process_executor,
    )


def _warehouse_assets(
    settings: Settings, catalog: Catalog, sources: Mapping[str, Source], checks: Sequence[dg.AssetChecksDefinition]
) -> list[dg.AssetsDefinition]:
    """What one build makes, from the landed extracts to the published file, in its order."""
    dbt = Dbt(settings, catalog)
    assets = [
        raw_assets(settings, catalog, sources),
        dbt_assets(dbt, exclude=DETECTED),
        detection_assets(settings, catalog),
        projection_assets(settings),
        dbt_assets(dbt, select=DETECTED, name="dbt_on_detection"),
        sentence_asset(settings),
    ]
    return [*assets, published_asset(settings, dbt, [*assets, *checks])]


def _job(name: str, assets: Sequence[dg.AssetsDefinition], description: str) -> UnresolvedAssetJobDefinition:
    selection = dg.AssetSelection.assets(*assets) - dg.AssetSelection.checks(WELL)  # that is between builds
    return dg.define_asset_job(
        name,
        selection=selection,
        description=description,
        executor_def=dg.in_process_executor,
        tags=WRITES if name == JOB else None,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What the web server and `dagster definitions validate` load."""
    return build_defs()
