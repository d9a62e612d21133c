"""Colab: notebooks that import a package, of all notebooks, as its operator published them.

Belongs here: the raw table, in the documented form for counts that people gather.
"""

from __future__ import annotations

from ingest.counts import CountOfTotalRow
from ingest.model import Source
from ingest.parsing import table_parser


TABLES = {"counts": CountOfTotalRow}
SOURCE = Source(name="colab", tables=TABLES, parse=table_parser(TABLES))
