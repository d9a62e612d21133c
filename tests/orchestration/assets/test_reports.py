"""The report as an asset: a job of its own, made from the published file, and what the UI shows of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import dagster as dg
import pytest

from adoption.settings import Settings
from orchestration.assets.reports import report_asset, site_asset
from orchestration.definitions import JOB, REPORTS, SITE, build_defs

pytestmark = pytest.mark.slow


@pytest.fixture
def readable(built: Settings, tmp_path: Path) -> Settings:
    """The built warehouse, read in place; reports are written to a folder of their own."""
    settings = dataclasses.replace(built, data=tmp_path)
    settings.published.parent.mkdir()
    settings.published.symlink_to(built.published)
    return settings


def test_the_report_is_made_from_the_published_file(
    readable: Settings, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adoption.reports.charts.png.is_installed", lambda: False)  # drawing is tested elsewhere
    result = dg.materialize([report_asset(readable)], instance=instance)

    [made] = result.get_asset_materialization_events()
    metadata = made.materialization.metadata
    page = Path(str(metadata["page"].value))
    assert page == readable.reports / str(metadata["year"].value) / "index.html"
    assert metadata["page_bytes"].value == page.stat().st_size
    assert str(metadata["headline"].value) in page.read_text(encoding="utf-8")


def test_the_site_is_made_from_the_published_file_and_not_twice(
    readable: Settings, instance: dg.DagsterInstance
) -> None:
    made = [
        event.materialization.metadata
        for _ in range(2)
        for event in dg.materialize([site_asset(readable)], instance=instance).get_asset_materialization_events()
    ]

    assert [metadata["is_new"].value for metadata in made] == [True, False]
    assert made[0]["files"].value == made[1]["files"].value
    assert Path(str(made[0]["page"].value)) == readable.site / "index.html"


@pytest.mark.parametrize(("job", "name"), [(REPORTS, "year_in_review"), (SITE, "site")])
def test_the_warehouse_does_not_wait_for_what_shows_it(tmp_path: Path, job: str, name: str) -> None:
    defs = build_defs(Settings(data=tmp_path))
    shown = dg.AssetKey(["reports", name])

    assert shown not in defs.resolve_job_def(JOB).asset_layer.executable_asset_keys
    assert set(defs.resolve_job_def(job).asset_layer.executable_asset_keys) == {shown}
