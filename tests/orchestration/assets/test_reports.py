"""The report as an asset: a job of its own, made from the published file, and what the UI shows of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import dagster as dg
import pytest

from adoption.settings import Settings
from orchestration.assets.reports import report_asset
from orchestration.definitions import JOB, REPORTS, build_defs


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
    monkeypatch.setattr("adoption.reports.charts.are_installed", lambda: False)  # drawing is tested elsewhere
    result = dg.materialize([report_asset(readable)], instance=instance)

    [made] = result.get_asset_materialization_events()
    metadata = made.materialization.metadata
    page = Path(str(metadata["page"].value))
    assert page == readable.reports / "2020" / "index.html"
    assert metadata["page_bytes"].value == page.stat().st_size
    assert str(metadata["headline"].value) in page.read_text(encoding="utf-8")


def test_the_warehouse_does_not_wait_for_the_report(tmp_path: Path) -> None:
    defs = build_defs(Settings(data=tmp_path))
    report = dg.AssetKey(["reports", "year_in_review"])

    assert report not in defs.resolve_job_def(JOB).asset_layer.executable_asset_keys
    assert set(defs.resolve_job_def(REPORTS).asset_layer.executable_asset_keys) == {report}
