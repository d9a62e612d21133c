"""How an edition is cited, in the Citation File Format: its name, the digest of its content, whose figures it holds.

Belongs here: the text of an edition's `CITATION.cff`. Does not belong here: how the software is cited
(`CITATION.cff` of the repository).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import yaml

from adoption.publish.identity import Identity
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

CITATION: Final = "CITATION.cff"
TITLE: Final = "The adoption warehouse"
AUTHOR: Final = "The maintainers of the adoption warehouse"
SOURCES: Final = """
select sources.citation, sources.publisher,
    string_agg(distinct extracts.licence, '; ' order by extracts.licence) as licences
from meta.sources as sources
inner join meta.extracts as extracts on sources.source_id = extracts.source_id and extracts.status = 'loaded'
group by all order by sources.citation
"""


def citation(connection: duckdb.DuckDBPyConnection, identity: Identity, frozen_at: datetime) -> str:
    """The file: a dataset with a version, a digest, and a reference for every publisher whose figures it holds."""
    content: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "Cite this edition by its name and digest, and the publishers of the figures that you quote.",
        "type": "dataset",
        "title": TITLE,
        "version": identity.edition,
        "date-released": frozen_at.date(),
        "authors": [{"name": AUTHOR}],
        "identifiers": [
            {"type": "other", "value": f"sha256:{identity.sha256}", "description": "The digest of the content."}
        ],
        "references": [
            {
                "type": "data",
                "title": row["citation"],
                "authors": [{"name": row["publisher"]}],
                "notes": f"licence: {row['licences']}",
            }
            for row in fetch_dicts(connection, SOURCES)
        ],
    }
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
