"""The formats in which `adoption export` writes every table: one entry each, and nothing else to change.

Belongs here: what a format needs of DuckDB's `copy`. Does not belong here: writing (`adoption.export.writer`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ExportFormat:
    """A format: the name of its folder and the ending of its files, its media type, and options of DuckDB's `copy`.

    In a format of texts, lists are written as JSON arrays and moments in ISO 8601, UTC.
    """

    name: str
    mediatype: str
    options: str
    is_text: bool
    holds_metadata: bool = False
    """Whether a file of it can carry pairs of its own, in which the edition is named."""


FORMATS = (
    ExportFormat("csv", "text/csv", "format csv, header", is_text=True),
    ExportFormat(
        "parquet",
        "application/vnd.apache.parquet",
        "format parquet, compression zstd",
        is_text=False,
        holds_metadata=True,
    ),
)
"""The first is what the data package describes column by column; the others hold the same rows."""
