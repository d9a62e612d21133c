"""A failed source, a stale file and a full queue: seen at a terminal, by Prometheus and in the UI, named by source."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from adoption.cli.main import main
from adoption.reports import health
from adoption.settings import Settings
from adoption.warehouse.dbt import environment
from orchestration.assets.health import ALL_IS_WELL, KEY, report
from orchestration.assets.raw import _first
from orchestration.check_results import table
from orchestration.instance import fit_configuration, open_instance

ORIGIN = RemoteJobOrigin(RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("place"), "repository"), "refresh_conda")


@pytest.fixture
def troubled(built: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The shipped file, beside a file that was rejected, an extract that nobody published, and a run that waits."""
    monkeypatch.setattr(health, "LONGEST_WAIT", timedelta(0))
    settings = replace(built, data=tmp_path / "data", extracts=tmp_path / "extracts")
    settings.published.parent.mkdir(parents=True)
    settings.published.symlink_to(built.published)
    _reject(settings.inbox / "refused" / "npm")
    _land(built.extracts / "conference_papers", settings.extracts / "conference_papers")
    fit_configuration(settings.dagster_home)
    with environment(settings), open_instance(settings) as instance:
        waits = dg.DagsterRunStatus.QUEUED
        run = dg.DagsterRun(job_name="refresh_conda", status=waits, remote_job_origin=ORIGIN)
        instance.run_storage.add_run(run)
    return settings


def _reject(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "pulls.csv").write_text("no such column\n")
    (folder / "pulls.csv.txt").write_text("pulls.csv: expected the column downloads\n")


def _land(shipped: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    [sidecar] = shipped.glob("*.fetch.json")
    event = json.loads(sidecar.read_text(encoding="utf-8"))
    event["landed_at"] = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    (folder / sidecar.name).write_text(json.dumps(event), encoding="utf-8")
    data = sidecar.with_name(sidecar.name.removesuffix(".fetch.json"))
    (folder / data.name).write_bytes(data.read_bytes())


def test_all_three_are_seen_in_all_three_places_by_the_name_of_the_source(troubled: Settings) -> None:
    begins = [
        "npm: failed: pulls.csv: expected the column downloads",
        "conference_papers: landed on ",
        "conda: the queue is full: 1 run waits, the oldest, refresh_conda, since ",
    ]

    def run(*options: str) -> str:
        places = ("--data", troubled.data, "--catalog", troubled.catalog, "--extracts", troubled.extracts)
        return CliRunner().invoke(main, [*map(str, places), "status", *options]).output

    with environment(troubled), open_instance(troubled) as instance:
        report(troubled, instance)
        evaluation = _evaluations(instance)[-1]
    assert (evaluation.passed, evaluation.severity) == (False, dg.AssetCheckSeverity.WARN)
    for text in (run("--check"), str(evaluation.description)):
        lines = text.splitlines()
        assert [sum(line.startswith(begin) for line in lines) for begin in begins] == [1, 1, 1], text
    samples = run("--prometheus").splitlines()
    for kind, source in (("source_failed", "npm"), ("file_stale", "conference_papers"), ("queue_full", "conda")):
        assert f'adoption_findings{{kind="{kind}",source="{source}"}} 1' in samples


def test_what_is_said_already_is_not_reported_again(troubled: Settings) -> None:
    with environment(troubled), open_instance(troubled) as instance:
        first, second = report(troubled, instance), report(troubled, instance)
        assert first == second != ALL_IS_WELL
        assert len(_evaluations(instance)) == 1


def _evaluations(instance: dg.DagsterInstance) -> list[dg.AssetCheckEvaluation]:
    records = instance.event_log_storage.get_asset_check_execution_history(KEY, limit=10)
    return [record.evaluation for record in reversed(records) if record.evaluation]


def test_a_check_of_a_source_that_does_not_pass_says_why_in_a_line_that_names_it() -> None:
    metadata = table(["file", "reason"], [("a.csv", "cut short"), ("b.csv", "empty")], 2)

    assert _first("conda", metadata) == "conda: failed: a.csv: cut short; and 1 more"
