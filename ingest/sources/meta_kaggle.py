"""Meta Kaggle: public notebooks that import a package.

Belongs here: the raw table, in the documented form for counts that people gather.
"""

from __future__ import annotations

from ingest.counts import CountRow
from ingest.model import Source
from ingest.parsing import table_parser


TABLES = {"counts": CountRow}
SOURCE = Source(name="meta_kaggle", tables=TABLES, parse=table_parser(TABLES))
