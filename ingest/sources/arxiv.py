"""arXiv: papers whose abstract or title names a term.

Belongs here: the raw table, in the documented form for counts that people gather.
"""

from __future__ import annotations

from ingest.counts import CountRow
from ingest.parsing import csv_source

SOURCE = csv_source("arxiv", counts=CountRow)
