"""Ingest: asks sources, lands bytes, loads raw tables.

Belongs here: the catalog, the landing, the inbox, the plan, the loader and one module per source.
Does not belong here: orchestration (no dagster) and analysis (no yearly figure is computed here).
"""
