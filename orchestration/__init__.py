"""Orchestration: the warehouse as Dagster sees it.

Belongs here: asset keys, assets, checks, jobs and what starts them. Does not belong here: business logic, which
ingest, adoption and dbt_project hold.
"""
