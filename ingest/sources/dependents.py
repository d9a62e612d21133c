"""Repositories that use a project, as a person read them off the host's page or a public service.

Belongs here: the raw table, in the documented form for counts that people gather. The host has no API for the number.
"""

from __future__ import annotations

from ingest.formats.counts import CountRow
from ingest.formats.csv_file import csv_source

SOURCE = csv_source("dependents", counts=CountRow)
