"""Google Scholar: works that name a term, as a person read them off.

Belongs here: the raw table, in the documented form for counts that people gather.
"""

from __future__ import annotations

from ingest.counts import CountRow
from ingest.model import Source
from ingest.parsing import table_parser


TABLES = {"counts": CountRow}
SOURCE = Source(name="google_scholar", tables=TABLES, parse=table_parser(TABLES))
