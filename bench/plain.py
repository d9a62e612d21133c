"""The SQL of the warehouse without dbt and Dagster: what dbt compiled, in one DuckDB process.

Run it:  python -m bench.plain MANIFEST WAREHOUSE   (the manifest that `dbt build` wrote; the warehouse is changed)
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

Nodes = Mapping[str, Mapping[str, Any]]


def in_order(nodes: Nodes) -> Iterator[Mapping[str, Any]]:
    """Models, each after those that it reads."""
    models = {name: node for name, node in nodes.items() if node["resource_type"] == "model"}
    parents = {
        name: [parent for parent in node["depends_on"]["nodes"] if parent in models] for name, node in models.items()
    }
    return (models[name] for name in TopologicalSorter(parents).static_order())


def run(manifest: Path, warehouse: Path) -> tuple[int, int]:
    """Make every model and ask every data test; return how many of each."""
    nodes: Nodes = json.loads(manifest.read_bytes())["nodes"]
    tests = [node for node in nodes.values() if node["resource_type"] == "test"]
    models = list(in_order(nodes))
    with duckdb.connect(str(warehouse)) as connection:
        for node in models:
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            name = f'{node["schema"]}."{node["alias"]}"'
            connection.execute(f"create or replace {kind} {name} as ({node['compiled_code']})")
        for test in tests:
            connection.execute(f"select count(*) from ({test['compiled_code']})").fetchall()
    return len(models), len(tests)


if __name__ == "__main__":
    print("{} models, {} data tests".format(*run(Path(sys.argv[1]), Path(sys.argv[2]))))
