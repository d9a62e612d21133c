"""What `adoption status --check` and `--prometheus` say: one line for each thing that somebody must see to."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from adoption.cli.main import main
from adoption.reports.health import Finding, QueuedRun, health_of, prometheus
from adoption.settings import Settings
from ingest.catalog import load_catalog

NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)
SAMPLE = re.compile(r'adoption_[a-z_]+(\{(kind="[a-z_]+",source="[a-z_]*"|source="[a-z_]+")\})? -?\d+')


def lines_by_source(settings: Settings) -> dict[str | None, str]:
    return {finding.source or finding.kind: finding.line for finding in health_of(settings, now=NOW).findings}


def test_a_source_that_is_fetched_on_schedule_and_lacks_its_newest_periods_is_overdue(built: Settings) -> None:
    lines = lines_by_source(built)

    assert lines["indeed"] == "indeed: overdue: 2026-08 should be published by now; available until 2026-06"
    assert lines["arxiv"] == "arxiv: overdue: 2026-08 should be published by now; nothing is available"
    # nobody fetches these automatically: `adoption status` says what they lack
    assert not {"pypi_tools", "linkedin", "semantic_scholar"}.intersection(lines)


def test_what_failed_and_what_no_source_reads_is_named(built: Settings, tmp_path: Path) -> None:
    settings = replace(built, data=tmp_path)
    settings.published.parent.mkdir(parents=True)
    settings.published.symlink_to(built.published)
    (settings.inbox / "conda").mkdir(parents=True)
    (settings.inbox / "conda" / "note.pdf").write_bytes(b"%PDF")
    (settings.inbox / "conad").mkdir()
    (settings.inbox / "conad" / "months.csv").write_text("package\n")

    kinds = {finding.kind for finding in health_of(settings, now=NOW).findings}

    assert "file_rejected" in kinds
    assert "inbox/conad" in lines_by_source(settings)["file_rejected"]


def test_what_landed_and_is_not_published_a_day_later_is_stale(built: Settings, tmp_path: Path) -> None:
    extracts = tmp_path / "extracts" / "conference_papers"
    extracts.mkdir(parents=True)
    [sidecar] = (built.extracts / "conference_papers").glob("*.fetch.json")
    event = json.loads(sidecar.read_text(encoding="utf-8"))
    event["landed_at"] = (NOW - timedelta(days=2)).isoformat()
    (extracts / sidecar.name).write_text(json.dumps(event), encoding="utf-8")
    data = sidecar.with_name(sidecar.name.removesuffix(".fetch.json"))
    (extracts / data.name).write_bytes(data.read_bytes())
    settings = replace(built, extracts=extracts.parent)

    health = health_of(settings, now=NOW)

    assert [finding.line for finding in health.findings if finding.kind == "file_stale"] == [
        f"conference_papers: landed on 2026-09-13 and not published: {data.name}"
    ]
    lines = list(prometheus(health))
    assert "adoption_unpublished_extracts 1" in lines
    assert 'adoption_findings{kind="file_stale",source="conference_papers"} 1' in lines


def test_an_event_that_cannot_be_read_fails_its_source_and_hides_no_other(built: Settings, tmp_path: Path) -> None:
    for source in ("conda", "npm"):
        (tmp_path / "landing" / "events" / source).mkdir(parents=True)
    (tmp_path / "landing" / "events" / "conda" / "x.json").write_text("{")
    settings = replace(built, landing_at=str(tmp_path / "landing"))

    findings = health_of(settings, now=NOW).findings

    [event] = [finding for finding in findings if "x.json" in finding.text]
    assert (event.kind, event.source) == ("source_failed", "conda")


@pytest.mark.parametrize(
    ("minutes", "line"),
    [
        ([], None),
        ([59, 1], None),
        ([61], "the queue is full: 1 run waits, the oldest, refresh_conda, since 2026-09-15 10:59 UTC"),
        ([120, 1], "the queue is full: 2 runs wait, the oldest, refresh_conda, since 2026-09-15 10:00 UTC"),
    ],
)
def test_a_queue_is_full_when_a_run_waits_for_more_than_an_hour(
    built: Settings, minutes: list[int], line: str | None
) -> None:
    queued = [QueuedRun(NOW - timedelta(minutes=ago), "refresh_conda", "conda") for ago in minutes]
    health = health_of(built, queued, now=NOW)

    full = [finding.line for finding in health.findings if finding.kind == "queue_full"]
    assert full == ([f"conda: {line}"] if line else [])
    lines = list(prometheus(health))
    assert f"adoption_queued_runs {len(minutes)}" in lines
    assert f'adoption_findings{{kind="queue_full",source="{"conda" if line else ""}"}} {int(bool(line))}' in lines


def test_prometheus_reads_a_sample_for_every_source_below_its_description(built: Settings) -> None:
    lines = list(prometheus(health_of(built, now=NOW)))
    samples = [line for line in lines if not line.startswith("#")]
    sources = [source.id for source in load_catalog(built.catalog).sources]

    assert [line for line in samples if not SAMPLE.fullmatch(line)] == []
    assert [line for line in samples if line.startswith("adoption_source_failed")] == [
        f'adoption_source_failed{{source="{source}"}} 0' for source in sources
    ]
    described = [line.split()[2] for line in lines if line.startswith("# HELP")]
    assert described == [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert set(described) == {re.split(r"[{ ]", line)[0] for line in samples}


def test_a_finding_is_exit_code_3_a_line_and_json(built: Settings) -> None:
    def run(*options: str) -> tuple[int, str]:
        places = ["--data", str(built.data), "--catalog", str(built.catalog), "--extracts", str(built.extracts)]
        result = CliRunner().invoke(main, [*places, "status", *options])
        return result.exit_code, result.output

    code, text = run("--check")
    assert code == 3
    json_code, records = run("--check", "--json")
    assert json_code == 3
    assert [Finding(**record).line for record in json.loads(records)] == text.splitlines()
    assert run("--prometheus")[0] == 0
