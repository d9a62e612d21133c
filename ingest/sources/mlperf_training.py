"""MLPerf Training: results of an industry benchmark, and the framework that each was made with.

Belongs here: the raw table of this source. Does not belong here: shares of frameworks (dbt's staging).
"""

from __future__ import annotations

from ingest.formats.csv_file import csv_source
from ingest.row_types import Count, PastDate, RawRow, Text


class SubmissionRow(RawRow):
    """One submitter's system on one benchmark of one round; `framework` is blank where none could be assigned.

    `framework_field` is what the submitter wrote; the folder of the benchmark's implementation wins where they differ.
    """

    round: Text
    published_on: PastDate
    submitter: str
    system: str
    benchmark: Text
    result_logs: Count
    framework_field: str
    framework: str
    evidence: str
    path: Text


SOURCE = csv_source("mlperf_training", submissions=SubmissionRow)
