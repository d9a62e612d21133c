"""LinkedIn: job posts that name a term on a day, as a person read them off.

Belongs here: the raw table, in the documented form for counts that people gather.
"""

from __future__ import annotations

from ingest.formats.counts import CountRow
from ingest.formats.csv_file import csv_source

SOURCE = csv_source("linkedin", counts=CountRow)
