"""arXiv: papers whose abstract or title names a term.

Belongs here: the raw table, in the documented form for counts that people gather.
"""

from __future__ import annotations

from ingest.counts import CountRow
from ingest.model import Source
from ingest.parsing import table_parser


TABLES = {"counts": CountRow}
SOURCE = Source(name="arxiv", tables=TABLES, parse=table_parser(TABLES))
