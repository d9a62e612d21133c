"""best-of-ml-python: weekly snapshots of what other sites say of a project.

Belongs here: the raw tables of this source. Does not belong here: which of its values are refused (dbt's staging, by
their flags and by `trust`), or how a year is formed of snapshots.
"""

from __future__ import annotations

from typing import Literal

from ingest.formats.csv_file import csv_source
from ingest.row_types import Count, PastDate, RawRow, Text

Field = Literal[
    "pypi_monthly_downloads",
    "commit_count",
    "star_count",
    "fork_count",
    "github_dependent_project_count",
    "contributor_count",
    "conda_total_downloads",
    "dockerhub_pulls",
]


class SnapshotRow(RawRow):
    """One field of one project on the day of a snapshot.

    `counted_id` is the repository, package or channel that was counted; `flags` name known flaws, with + between them.
    """

    key = ("snapshot_date", "project", "field")

    snapshot_date: PastDate
    project: Text
    field: Field
    counted_id: Text
    value: Count
    flags: str


class TrustRow(RawRow):
    """What was found about one field of one project: how many snapshots have a value, how many of them no flaw."""

    key = ("project", "field")

    project: Text
    field: Field
    snapshots: Count
    snapshots_without_flaw: Count
    note: str


SOURCE = csv_source("best_of_ml_python", snapshots=SnapshotRow, trust=TrustRow)
