"""One check per published claim, on the mart that holds the verdicts.

Belongs here: the verdict of each claim as a warning with its readings. Does not belong here: verdicts or figures (dbt
derives them), or their wording (`adoption.reports.claims`).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from adoption.reports import claims
from adoption.reports.format import words
from adoption.settings import Settings
from adoption.warehouse.lock import build_lock
from ingest.catalog import Catalog
from ingest.database import connect
from orchestration.asset_keys import asset_key
from orchestration.check_results import require_all

CLAIMS = asset_key("marts", "fct_claims")
CONTRADICTED = ("contradicted", "contradicted_by_a_proxy")


def claim_checks(settings: Settings, catalog: Catalog) -> list[dg.AssetChecksDefinition]:
    """One step with a warning per claim: what is held does not contradict it. No step where there is no claim."""
    names = {claim.id: f"{claim.id}_is_not_contradicted" for claim in catalog.claims.claims}
    specs = [
        dg.AssetCheckSpec(
            names[claim.id],
            asset=CLAIMS,
            description=f"{claim.text} ({claim.said_by}, {claim.said_on})",
            blocking=True,  # a warning stops nothing, but publishing waits for the result
        )
        for claim in catalog.claims.claims
    ]
    if not specs:
        return []

    @dg.multi_asset_check(name="claim_checks", specs=specs)
    def check() -> Iterator[dg.AssetCheckResult]:
        with build_lock(settings), connect(settings.warehouse, read_only=True) as connection:
            all_readings = claims.claims(connection)
        claim_ids = [readings[0]["claim_id"] for readings in all_readings]
        require_all([spec.key for spec in specs], [dg.AssetCheckKey(CLAIMS, names[claim]) for claim in claim_ids])
        for claim, readings in zip(claim_ids, all_readings, strict=True):
            yield dg.AssetCheckResult(
                asset_key=CLAIMS,
                check_name=names[claim],
                passed=readings[0]["verdict"] not in CONTRADICTED,
                severity=dg.AssetCheckSeverity.WARN,
                metadata=_metadata(readings),
            )

    return [check]


def _metadata(readings: list[claims.Row]) -> dict[str, Any]:
    """The verdict, what was computed, and the readings as a table."""
    claim = readings[0]
    statement = {"verdict": words(claim["verdict"]), "said": f"{claim['said_by']}, {claim['said_on']}, {claim['url']}"}
    why = {name: claim[name] for name in ("verdict_reason", "remark") if claim[name]}
    if claim["reading_id"] is None:
        return {**statement, **why}
    rows = [claims.described(reading) for reading in readings]
    computed = "; ".join(f"{row['reading']}: {row['computed']}" for row in rows)
    schema = dg.TableSchema([dg.TableColumn(column) for column in rows[0]])
    table = dg.MetadataValue.table([dg.TableRecord(row) for row in rows], schema)
    return {
        **statement,
        **why,
        "reason": f"{statement['verdict']}: {computed}",
        "computed": computed,
        "readings": table,
    }
