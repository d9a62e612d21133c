"""Notices of what a run came to, from Dagster's record: a build by command line tells as one by daemon does.

Belongs here: which runs are looked at, and what of a run's record is told. Out of scope: that each notice is told once,
the words above it, and where it goes (`adoption.notices`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from adoption.notices import Desk, Notice, told
from adoption.notices.addresses import is_configured
from adoption.notices.changes import note_changes
from adoption.notices.conditions import check_blocked, of_published, refresh_failed, run_failed
from ingest.catalog import Catalog, load_catalog

if TYPE_CHECKING:
    import dagster as dg

    from adoption.settings import Settings

BUILD = "warehouse"
FETCH_STEP = "fetch_"
"""What the step begins with that fetches a source."""
RAISED_HERE = re.compile(r"(?:ingest|adoption|orchestration)\.[\w.]+: ")
"""What Dagster puts before the words of an error that is one of ours, and what it may have been raised from."""
FAILED_REQUESTS = "failed_requests"
"""Metadata of such a step that failed: how many requests did; a source that is only switched off has none."""


@dataclass
class _Ended:
    """What a run's events say: failed steps with their reasons, sources that were fetched, checks that block."""

    failures: list[str] = field(default_factory=list)
    has_failed_step: bool = False
    fetched: dict[str, str | None] = field(default_factory=dict)
    blocked: list[tuple[str, str]] = field(default_factory=list)

    def hear(self, event: dg.DagsterEvent) -> None:
        """Take one event in."""
        step = event.step_key or ""
        self.has_failed_step |= event.is_step_failure
        match event.event_type_value:
            case "STEP_SUCCESS" if step.startswith(FETCH_STEP):
                self.fetched[step.removeprefix(FETCH_STEP)] = None
            case "STEP_FAILURE" if step.startswith(FETCH_STEP):
                self._not_fetched(step.removeprefix(FETCH_STEP), event.step_failure_data)
            case "STEP_FAILURE":
                self.failures.append(reason_of(event.step_failure_data))
            case "ASSET_CHECK_EVALUATION":
                self._check(event.asset_check_evaluation_data)

    def _not_fetched(self, source: str, failure: Any) -> None:  # noqa: ANN401 - of Dagster, which has no public name for it
        metadata = failure.user_failure_data.metadata if failure.user_failure_data else {}
        count = metadata.get(FAILED_REQUESTS)
        if count is None or count.value:
            self.fetched[source] = reason_of(failure)

    def _check(self, evaluation: dg.AssetCheckEvaluation) -> None:
        if evaluation.blocking and not evaluation.passed and evaluation.severity.value == "ERROR":
            name = f"{evaluation.check_name} on {evaluation.asset_key.to_user_string()}"
            self.blocked.append((name, _first_row(evaluation.metadata)))


def reason_of(failure: Any) -> str:  # noqa: ANN401 - StepFailureData
    """What a person needs to know of a failed step: our own words where we raised, else Dagster's."""
    if failure.user_failure_data and failure.user_failure_data.description:
        return str(failure.user_failure_data.description)
    error, deepest = failure.error, None
    while error:
        ours = RAISED_HERE.match(error.message)
        if ours:
            return str(error.message[ours.end() :].strip())
        error, deepest = error.cause, error
    return deepest.message.strip() if deepest else "The step failed without saying why."


def _first_row(metadata: Mapping[str, Any]) -> str:
    """The first row that a check shows, in words."""
    table = metadata.get("rows")
    records: Sequence[Any] = getattr(table, "records", ())
    return ", ".join(f"{name} {value}" for name, value in records[0].data.items()) if records else ""


def tell_of_runs(
    settings: Settings, instance: dg.DagsterInstance | None = None, records: Sequence[dg.RunRecord] = ()
) -> list[str]:
    """Tell what runs that ended came to and what changed in what is published; return what could not be delivered.

    Without runs it catches up: a build that was killed when it had published told nobody. Sources that could not be
    fetched are kept for `adoption status` also where nobody is told.
    """
    if not is_configured(os.environ) and all(record.dagster_run.job_name == BUILD for record in records):
        return []

    def hand_in(desk: Desk) -> None:
        catalog = load_catalog(settings.catalog)
        for record in records:
            _note_run(desk, catalog, instance, record)
        if settings.published.exists():
            desk.hold("published", of_published(settings, catalog))
            note_changes(settings, desk)

    return told(settings, hand_in)


def tell_of_failure(settings: Settings, job: str, error: Exception) -> list[str]:
    """Tell of a run that could not even begin."""
    return told(settings, lambda desk: desk.hold(f"run/{job}", [run_failed(job, str(error))]))


def note_last(settings: Settings) -> None:
    """Keep the file that is about to be replaced: what turns is what differs from it."""
    if is_configured(os.environ):
        told(settings, lambda desk: note_changes(settings, desk))


def _note_run(desk: Desk, catalog: Catalog, instance: dg.DagsterInstance | None, record: dg.RunRecord) -> None:
    """Hand in what one run came to, unless a later run of the same job was looked at already."""
    import dagster as dg

    run = record.dagster_run
    ended_at = record.end_time or record.update_timestamp.timestamp()
    if ended_at <= desk.record.runs.get(run.job_name, 0) or run.status is dg.DagsterRunStatus.CANCELED:
        return
    ended = _Ended()
    for event in _events(instance, run.run_id) if instance else ():
        ended.hear(event)
    desk.record.runs[run.job_name] = ended_at
    for source, reason in ended.fetched.items():
        desk.hold(f"refresh/{source}", [refresh_failed(catalog, source, reason)] if reason else [])
    desk.hold(f"run/{run.job_name}", list(_of_run(run, ended)))


def _of_run(run: dg.DagsterRun, ended: _Ended) -> Iterator[Notice]:
    """One cause, one notice: a check that blocks and a source that failed are why their run did."""
    if run.is_success:
        return
    if ended.blocked:
        yield from (check_blocked(name, row) for name, row in ended.blocked)
    elif ended.failures:
        yield run_failed(run.job_name, "; ".join(ended.failures))
    elif not ended.has_failed_step:
        yield run_failed(run.job_name, "its process was killed, or the power failed")


def _events(instance: dg.DagsterInstance, run_id: str) -> Iterator[dg.DagsterEvent]:
    import dagster as dg

    kinds = {
        dg.DagsterEventType.STEP_SUCCESS,
        dg.DagsterEventType.STEP_FAILURE,
        dg.DagsterEventType.ASSET_CHECK_EVALUATION,
    }
    for record in instance.get_records_for_run(run_id, of_type=kinds).records:
        if record.event_log_entry.dagster_event:
            yield record.event_log_entry.dagster_event
