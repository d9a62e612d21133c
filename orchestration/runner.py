"""Running the job of the warehouse in this process, recorded where the web server looks.

Belongs here: one build from the lock to the outcome, for people at a terminal. Does not belong here: what the job
does (`orchestration`), and any printing (`orchestration.progress`). The only module of this room that knows Dagster.
"""

from __future__ import annotations

import gc
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from adoption.logs import of_run
from adoption.settings import Settings
from adoption.warehouse.dbt import environment
from adoption.warehouse.lock import locked
from adoption.warehouse.processes import ENDING
from ingest.errors import AdoptionError
from ingest.files import DiskFullError, has_no_room, says_full
from ingest.storage import BucketError
from orchestration.dead_runs import dead_runs, end_dead_runs, process_tag
from orchestration.instance import configure, open_instance
from orchestration.notices import reason_of, tell_of_failure, tell_of_runs
from orchestration.progress import Progress
from orchestration.retention import prune

if TYPE_CHECKING:
    import dagster as dg
    from rich.console import Console

LOCATION = "orchestration.definitions"
"""The code location's name in workspace.yaml: the web server lists a run on the job's page only if it matches."""
STARTED_BY = "adoption/started_by"
TAGS = {".dagster/repository": f"__repository__@{LOCATION}", STARTED_BY: "command line"}
LOGGER = "adoption"
LOG = logging.getLogger(LOGGER)
ALARMS = "no_alarm_is_open"
"""The check that lists what nobody has looked into: it stops nothing, and the build says so by its exit code."""
SHOWN_ROWS = 5
"""How many failing rows of a check are printed."""

OBJECTS_BETWEEN_COLLECTIONS = 70_000
"""A hundred times Python's own number: most objects of a build stay to its end, and looking through them all again and
again is a twentieth of its time."""


@dataclass(frozen=True)
class Outcome:
    """How a build ended: the failed steps in plain words, and the checks that are red although it published."""

    failures: tuple[str, ...]
    red: tuple[str, ...]
    alarms: tuple[str, ...] = ()

    @property
    def published(self) -> bool:
        """Whether the published file is that of this build."""
        return not self.failures

    @property
    def exit_code(self) -> int:
        """0: published, nothing refused. 3: published, but a source has failed or an alarm is new. 1: not published."""
        if not self.published:
            return 1
        return 3 if self.red or self.alarms else 0

    def summary(self, settings: Settings) -> list[str]:
        """The outcome in plain words."""
        if self.failures:
            consequence = (
                f"What {settings.publish_to} names stays."
                if settings.publish_to
                else "The last published file stays."
                if settings.published.exists()
                else "Nothing has been published yet."
            )
            return [*self.failures, f"Not published. {consequence}"]
        red = [f"Red, and published without it: {name}" for name in self.red]
        new = [f"New alarm: {alarm}" for alarm in self.alarms]
        how = ["What alarms touch is withheld: adoption alarms lists it, adoption accept says what it was."]
        return [*new, *(how if new else []), *red, f"Published: {settings.published}"]


def build(settings: Settings, console: Console, wait: bool = False) -> Outcome:
    """Run the whole job: load, build, check, publish.

    Raises:
        BuildRunning: when another build of this data folder runs, unless `wait`.
        CatalogError: when the catalog is wrong.
        DbtError: when the dbt project cannot be parsed.
    """
    from dagster._core.utils import make_new_run_id

    from orchestration.definitions import JOB

    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    with locked(settings, wait), environment(settings):
        notice = configure(settings)
        if notice:
            console.print(notice, markup=False, highlight=False, soft_wrap=True)
        with open_instance(settings) as instance:
            killed = [record.dagster_run.run_id for record in dead_runs(instance)]
            end_dead_runs(instance)
            run_id = make_new_run_id()
            try:
                with of_run(run_id):
                    outcome = _run(settings, console, instance, run_id)
            except AdoptionError as error:
                _say_undelivered(tell_of_failure(settings, JOB, error), console)
                raise
            _say_undelivered(tell_of_runs(settings, instance, _records(instance, [*killed, run_id])), console)
            try:
                prune(settings, instance, datetime.now(UTC))
            except BucketError as error:  # the build came to what it came to; the next one removes the rest
                console.print(f"Not everything was pruned: {error}", markup=False, highlight=False, soft_wrap=True)
            return outcome


def _records(instance: dg.DagsterInstance, run_ids: Sequence[str]) -> list[dg.RunRecord]:
    """The runs as Dagster has them, in the order in which they ended."""
    import dagster as dg

    records = instance.get_run_records(dg.RunsFilter(run_ids=list(run_ids)))
    return sorted(records, key=lambda record: record.end_time or record.update_timestamp.timestamp())


def _say_undelivered(problems: Sequence[str], console: Console) -> None:
    for problem in problems:
        text = f"A notice was not delivered: {problem}. The next build tries again."
        console.print(text, markup=False, highlight=False, soft_wrap=True)


def _cancel(instance: dg.DagsterInstance, run_id: str) -> None:
    """Say in Dagster's record that a person ended the run."""
    run = instance.get_run_by_id(run_id)
    if run and not run.is_finished:
        instance.report_run_canceled(run, "Ended by a person.")
        instance.event_log_storage.free_concurrency_slots_for_run(run_id)


def _run(settings: Settings, console: Console, instance: dg.DagsterInstance, run_id: str) -> Outcome:
    from orchestration.definitions import JOB, build_defs

    news = _News()
    job = build_defs(settings, loggers={LOGGER: _logger(news.hear)}).resolve_job_def(JOB)
    expected = Counter(key.path[0] for key in job.asset_layer.executable_asset_keys)
    with Progress(console, expected) as news.progress:
        run_config: dict[str, object] = {"loggers": {LOGGER: {}}}
        ENDING.add(partial(_cancel, instance, run_id))
        job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            tags={**TAGS, **process_tag()},
            run_config=run_config,
            run_id=run_id,
        )
    _put_on_timeline(instance, run_id)
    news.progress.totals()
    return Outcome(_causes(news.failures, settings.data), tuple(news.red), tuple(news.alarms))


def _put_on_timeline(instance: dg.DagsterInstance, run_id: str) -> None:
    """Say which code location a run belongs to: the UI's timeline leaves out a run that says nothing of it."""
    from dagster._core.remote_origin import ManagedGrpcPythonEnvCodeLocationOrigin, RemoteRepositoryOrigin
    from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

    run = instance.get_run_by_id(run_id)
    if run is None:
        return
    target = LoadableTargetOrigin(module_name=LOCATION)
    location = ManagedGrpcPythonEnvCodeLocationOrigin(target, LOCATION)
    repository = RemoteRepositoryOrigin(location, "__repository__")
    instance.run_storage.replace_job_origin(run, repository.get_job_origin(run.job_name))


def _causes(failures: Sequence[str], data: Path) -> tuple[str, ...]:
    """What failed; on a full disk, whichever library ran into it, that the disk is full."""
    if failures and (any(map(says_full, failures)) or has_no_room(data)):
        return (str(DiskFullError(data)),)
    return tuple(failures)


def _logger(listener: Callable[[dg.DagsterEvent], None]) -> dg.LoggerDefinition:
    """A Dagster logger that passes events on and prints nothing."""
    import dagster as dg

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            event = record.__dict__.get("dagster_meta", {}).get("dagster_event")
            if event is not None:
                listener(event)

    def news(_: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger("adoption.news")
        logger.addHandler(Handler())
        return logger

    return dg.LoggerDefinition(news)


class _News:
    """Dagster's events in the words of this project."""

    def __init__(self) -> None:
        self.failures: list[str] = []
        self.red: list[str] = []
        self.alarms: list[str] = []
        self.progress: Progress

    def hear(self, event: dg.DagsterEvent) -> None:
        """Pass an event on to the progress, and keep what went wrong."""
        match event.event_type_value:
            case "STEP_START":
                LOG.info("%s: started", event.step_key)
                self.progress.stage_started(str(event.step_key))
            case "ASSET_MATERIALIZATION" if event.asset_key:
                self.progress.asset_done(event.asset_key.path[0])
            case "ASSET_CHECK_EVALUATION":
                self._check(event.asset_check_evaluation_data)
            case "STEP_SUCCESS":
                LOG.info("%s: done in %.1f s", event.step_key, event.step_success_data.duration_ms / 1000)
                self.progress.stage_done(event.step_success_data.duration_ms / 1000)
            case "STEP_FAILURE":
                self.failures.append(reason_of(event.step_failure_data))
                LOG.error("%s: failed: %s", event.step_key, self.failures[-1])

    def _check(self, evaluation: dg.AssetCheckEvaluation) -> None:
        if evaluation.passed:
            self.progress.check_passed()
            return
        if evaluation.severity.value != "ERROR":
            self.progress.check_found()
            if evaluation.check_name == ALARMS:
                self.alarms += [_alarm(row) for row in _rows(evaluation)]
            return
        name = f"{evaluation.asset_key.to_user_string()}: {evaluation.check_name}"
        metadata = evaluation.metadata
        reason = str(metadata["reason"].value) if "reason" in metadata else ""
        self.progress.check_failed(name, reason, _rows(evaluation)[:SHOWN_ROWS])
        LOG.error("the check %s does not pass", name, extra={"source": _source_of(evaluation.asset_key)})
        self.red.append(name)


def _source_of(key: dg.AssetKey) -> str | None:
    """The source that an asset is of."""
    return key.path[1] if key.path[0] in ("raw", "extracts") else None


def _rows(evaluation: dg.AssetCheckEvaluation) -> list[Mapping[str, object]]:
    """The rows that a check shows."""
    import dagster as dg

    table = evaluation.metadata.get("rows")
    return [record.data for record in table.records] if isinstance(table, dg.TableMetadataValue) else []


def _alarm(row: Mapping[str, object]) -> str:
    """What was found, and in which file."""
    where = f" ({row['filename']})" if row.get("filename") else ""
    return f"{row['label']}{where}"
