"""Colab: notebooks that import a package, of all notebooks, as its operator published them.

Belongs here: the raw table, in the documented form for counts that people gather.
"""

from __future__ import annotations

from ingest.formats.counts import CountOfTotalRow
from ingest.formats.csv_file import csv_source

SOURCE = csv_source("colab", counts=CountOfTotalRow)
