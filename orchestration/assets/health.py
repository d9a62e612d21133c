"""Whether the warehouse is well, as a check on the published file: what `adoption status --check` says, in the UI.

Belongs here: the check, and reporting it without a run. Out of scope: what is looked at (`adoption.reports.health`).
It is no part of a build: what it speaks of happens between builds.
"""

from collections.abc import Sequence
from typing import Any

import dagster as dg
import duckdb

from adoption.notices import findings
from adoption.reports.health import Finding, health_of
from adoption.settings import Settings
from ingest.errors import AdoptionError
from orchestration.assets.publish import PUBLISHED
from orchestration.check_results import FAILING_ROWS, SHOWN, table
from orchestration.queue import queued_in

WELL = "nothing_must_be_seen_to"
KEY = dg.AssetCheckKey(PUBLISHED, WELL)
ALL_IS_WELL = "Nothing must be seen to."


def health_check(settings: Settings) -> dg.AssetChecksDefinition:
    """The check, for whoever runs it by hand; the sensor reports the same."""

    @dg.asset_check(
        asset=PUBLISHED,
        name=WELL,
        description="No source has failed or is overdue, no file is stale or was rejected, no run waits too long, no "
        "notice was refused. Looked at by `health_sensor`; `adoption status --check` says the same.",
    )
    def well(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        found = look(settings, context.instance)
        return dg.AssetCheckResult(
            passed=not found,
            severity=dg.AssetCheckSeverity.WARN,
            description=described(found),
            metadata=_metadata(found),
        )

    return well


def look(settings: Settings, instance: dg.DagsterInstance) -> list[Finding]:
    """What somebody must see to; a file that cannot be read is such a thing."""
    try:
        return list(health_of(settings, queued_in(instance), findings(settings)).findings)
    except (AdoptionError, duckdb.Error) as error:
        return [Finding("file_stale", None, str(error))]


def described(found: Sequence[Finding]) -> str:
    """A line for each thing, which names its source."""
    return "\n".join(finding.line for finding in found[:SHOWN]) or ALL_IS_WELL


def report(settings: Settings, instance: dg.DagsterInstance) -> str:
    """Report the check where what it says is new, and return what it says."""
    found = look(settings, instance)
    text = described(found)
    last = instance.event_log_storage.get_latest_asset_check_execution_by_key([KEY]).get(KEY)
    if last is None or last.evaluation is None or last.evaluation.description != text:
        evaluation = dg.AssetCheckEvaluation(
            asset_key=PUBLISHED,
            check_name=WELL,
            passed=not found,
            metadata=_metadata(found),
            severity=dg.AssetCheckSeverity.WARN,
            description=text,
        )
        instance.report_runless_asset_event(evaluation)
    return text


def _metadata(found: Sequence[Finding]) -> dict[str, dg.MetadataValue[Any]]:
    rows = [(finding.kind, finding.source or "", finding.text) for finding in found]
    metadata = table(["kind", "source", "what"], rows, len(rows))
    return {**metadata, FAILING_ROWS: dg.MetadataValue.int(len(rows))}
