"""Since when runs wait in the queue."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from adoption.settings import Settings
from adoption.warehouse.dbt import environment
from orchestration.instance import fit_configuration, open_instance
from orchestration.queue import queued_runs

ORIGIN = RemoteJobOrigin(RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("place"), "repository"), "some")


def test_runs_that_wait_are_listed_by_their_age_and_others_are_not(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    assert queued_runs(settings) == []

    fit_configuration(settings.dagster_home)
    with environment(settings), open_instance(settings) as instance:
        waiting, ended = dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.SUCCESS
        for job, status in (("refresh_conda", waiting), ("some", ended), ("some", waiting)):
            instance.run_storage.add_run(dg.DagsterRun(job_name=job, status=status, remote_job_origin=ORIGIN))
        waits = dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])
        created = sorted(record.create_timestamp for record in instance.get_run_records(waits))

    assert len(created) == 2
    assert [run.since for run in queued_runs(settings)] == created
    assert {(run.job, run.source) for run in queued_runs(settings)} == {("refresh_conda", "conda"), ("some", None)}
