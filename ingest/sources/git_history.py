"""Git histories: commits by month, counted in a clone.

Belongs here: the raw table. A month without a row between a repository's first and last month had no commits; saying
so is dbt's work.
"""

from __future__ import annotations

from ingest.model import Count, PastDate, RawRow, Text
from ingest.parsing import csv_source


class MonthRow(RawRow):
    """Commits of one repository in one month, by committer date: all, and along the first parent."""

    key = ("repository", "month_date")

    repository: Text
    month_date: PastDate
    all_commits: Count
    first_parent_commits: Count
    head_commit: Text


SOURCE = csv_source("git_history", months=MonthRow)
