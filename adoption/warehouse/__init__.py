"""The work file: dbt, the lock of a data folder, fingerprints, lineage and statistics of tables."""
