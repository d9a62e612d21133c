"""Meta Kaggle: public notebooks that import a package.

Belongs here: the raw table, in the documented form for counts that people gather.
"""

from __future__ import annotations

from ingest.formats.counts import CountRow
from ingest.formats.csv_file import csv_source

SOURCE = csv_source("meta_kaggle", counts=CountRow)
