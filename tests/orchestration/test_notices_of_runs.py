"""What of a run's record is told: sources that could not be fetched, other runs that failed, runs that were killed."""

import errno
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from adoption.notices import findings
from adoption.notices.conditions import tell_of_refresh
from adoption.settings import Settings
from ingest.catalog import load_catalog
from ingest.files import DiskFullError
from orchestration.notices import FAILED_REQUESTS, reason_of, tell_of_failure, tell_of_runs
from tests.ingest.publisher import Publisher, Say, publishing


class FetchConfig(dg.Config):
    """How many requests fail, None where the step succeeds."""

    failed: int | None = None


@dg.op(name="fetch_conda")
def ask(config: FetchConfig) -> None:
    if config.failed is not None:
        raise dg.Failure("3 failed (2026-01): the server is down", {FAILED_REQUESTS: config.failed})


@dg.op
def write_site(config: FetchConfig) -> None:
    if config.failed:
        raise dg.Failure("no room")


@dg.op
def raise_ours() -> None:
    try:
        raise OSError(errno.ENOSPC, "x")
    except OSError as error:
        raise DiskFullError("here") from error


@dg.op
def raise_others() -> None:
    raise LookupError("nowhere")


@dg.job
def refresh_conda() -> None:
    ask()


@dg.job
def site() -> None:
    write_site()


@dataclass
class Office:
    """A data folder in which nothing is published, its record of runs, and who is told."""

    settings: Settings
    instance: dg.DagsterInstance
    publisher: Publisher

    def run(self, job: dg.JobDefinition, failed: int | None = None) -> list[str]:
        """Run a job, tell of it, and return what has been told so far."""
        [op] = [node.name for node in job.nodes]
        ops = {op: {"config": {"failed": failed}}}
        result = job.execute_in_process({"ops": ops}, instance=self.instance, raise_on_error=False)
        return self.tell(result.run_id)

    def tell(self, run_id: str) -> list[str]:
        record = self.instance.get_run_record_by_id(run_id)
        assert record
        assert tell_of_runs(self.settings, self.instance, [record]) == []
        return self.told

    @property
    def told(self) -> list[str]:
        return [json.loads(request.body)["message"] for request in self.publisher.heard]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with publishing() as publisher, dg.instance_for_test() as instance:
        publisher.answers("*", Say("{}"))
        monkeypatch.setenv("ADOPTION_NOTIFY", publisher.url.replace("http://", "json://"))
        yield Office(Settings(data=tmp_path / "data"), instance, publisher)


def test_a_source_that_cannot_be_fetched_is_told_once_until_it_can(office: Office) -> None:
    assert office.run(refresh_conda, 0) == []  # it is only switched off
    [told] = office.run(refresh_conda, 3)
    label = next(source.label for source in load_catalog(office.settings.catalog).sources if source.id == "conda")
    assert told == (
        f"{label} (conda) could not be fetched: 3 failed (2026-01): the server is down. What it had before stays; the "
        "next refresh tries again."
    )
    assert office.run(refresh_conda, 3) == [told]
    assert [finding.source for finding in findings(office.settings)] == ["conda"]

    assert office.run(refresh_conda) == [told]
    assert findings(office.settings) == []
    assert office.run(refresh_conda, 3) == [told, told]


def test_a_refresh_by_hand_tells_the_same_and_not_again(office: Office) -> None:
    catalog = load_catalog(office.settings.catalog)
    [told] = office.run(refresh_conda, 3)
    for reason in ("the server is down", "it is still down", None, None):
        assert tell_of_refresh(office.settings, catalog, {"conda": reason, "npm": None}) == []

    assert office.told == [told]
    assert findings(office.settings) == []


def test_where_nobody_is_told_a_source_that_cannot_be_fetched_is_a_finding_all_the_same(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ADOPTION_NOTIFY")
    assert office.run(refresh_conda, 3) == []

    assert [finding.kind for finding in findings(office.settings)] == ["source_failed"]


def test_another_run_that_failed_is_told_by_the_name_of_its_job(office: Office) -> None:
    [told] = office.run(site, 1)

    assert told == "The run of site failed: no room. The last published file stays."
    assert office.run(site, 1) == [told]


def test_a_run_whose_process_was_killed_is_told(office: Office) -> None:
    run = office.instance.create_run_for_job(site, status=dg.DagsterRunStatus.STARTED)
    office.instance.report_run_failed(run)

    assert office.tell(run.run_id) == [
        "The run of site failed: its process was killed, or the power failed. The last published file stays."
    ]


def test_a_build_that_cannot_begin_is_told_once(office: Office) -> None:
    for text in ("sources.yaml line 3: no", "sources.yaml line 4: no"):
        assert tell_of_failure(office.settings, "warehouse", ValueError(text)) == []

    assert office.told == ["The build failed: sources.yaml line 3: no. The last published file stays."]


@pytest.mark.parametrize(
    ("op", "reason"),
    [
        (raise_ours, "No space is left on the disk of here. What was published before stays."),
        (raise_others, "LookupError: nowhere"),
    ],
    ids=["ours", "another's"],
)
def test_of_a_step_that_failed_our_own_words_are_told_or_the_first_cause(op: dg.OpDefinition, reason: str) -> None:
    job = dg.JobDefinition(graph_def=dg.GraphDefinition("failing", node_defs=[op]))
    [failure] = [event for event in job.execute_in_process(raise_on_error=False).all_events if event.is_step_failure]
    assert reason_of(failure.step_failure_data) == reason
