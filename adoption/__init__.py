"""Adoption: uses the data. The command line, the in-process run, publishing, detection and reports.

Belongs here: plain Python that reads the warehouse or runs its job. Does not belong here: asking sources (ingest),
SQL models (dbt_project), or Dagster definitions (orchestration); only `orchestration.runner` imports Dagster.
"""
