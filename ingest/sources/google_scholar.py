"""Google Scholar: works that name a term, as a person read them off.

Belongs here: the raw table, in the documented form for counts that people gather.
"""

from __future__ import annotations

from ingest.formats.counts import CountRow
from ingest.formats.csv_file import csv_source

SOURCE = csv_source("google_scholar", counts=CountRow)
