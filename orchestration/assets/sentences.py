"""reports/brief_sentences: the words of the brief, written into its mart once its numbers are there.

Belongs here: the step between the marts and the published file. Does not belong here: any word
(`adoption.reports.sentences`).
"""

import dagster as dg

from adoption.reports.sentences import write_sentences
from adoption.settings import Settings
from adoption.warehouse.lock import build_lock
from ingest.database import connect
from orchestration.asset_keys import OWNERS, asset_key

BRIEF = asset_key("marts", "rpt_brief")
SENTENCES = asset_key("reports", "brief_sentences")


def sentence_asset(settings: Settings) -> dg.AssetsDefinition:
    """One step: the sentence of each line of the brief of the review's own pair."""
    spec = dg.AssetSpec(
        SENTENCES,
        deps=[BRIEF],
        description="Every line of the brief of the review's own pair in words, written into marts.rpt_brief. "
        "`adoption brief` words any other pair.",
        group_name="reports",
        owners=OWNERS,
        kinds={"python", "duckdb"},
    )

    @dg.multi_asset(name="brief_sentences", specs=[spec])
    def brief_sentences(_: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        with build_lock(settings), connect(settings.warehouse) as connection:
            count = write_sentences(connection)
        return dg.MaterializeResult(metadata={"sentences": count})

    return brief_sentences
