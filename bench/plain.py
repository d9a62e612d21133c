"""The SQL of the warehouse without dbt and Dagster: what dbt compiled, in one DuckDB process.

Run it:  python -m bench.plain MANIFEST WAREHOUSE   (the manifest that `dbt build` wrote; the warehouse is changed)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from adoption.settings import Settings
from adoption.warehouse.dbt import in_order
from ingest.database import connect


def run(manifest: Path, warehouse: Path) -> tuple[int, int]:
    """Make every model and ask every data test; return how many of each."""
    content = json.loads(manifest.read_bytes())
    tests = [node for node in content["nodes"].values() if node["resource_type"] == "test"]
    models = [content["nodes"][name] for name in in_order(content)]
    with connect(warehouse, config={"memory_limit": Settings.from_environment().memory}) as connection:
        for node in models:
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            name = f'{node["schema"]}."{node["alias"]}"'
            connection.execute(f"create or replace {kind} {name} as ({node['compiled_code']})")
        for test in tests:
            connection.execute(f"select count(*) from ({test['compiled_code']})").fetchall()
    return len(models), len(tests)


if __name__ == "__main__":
    print("{} models, {} data tests".format(*run(Path(sys.argv[1]), Path(sys.argv[2]))))
