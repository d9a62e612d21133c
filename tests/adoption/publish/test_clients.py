"""The published file in clients of other versions of DuckDB, each in an environment of its own (`make clients`).

Belongs here: opening it and asking every macro, with the same answers everywhere. Does not belong here: whether the
answers are right.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from adoption.settings import REPOSITORY, Settings

pytestmark = pytest.mark.slow

CLIENTS = Path(sys.prefix) / "clients"
OLDEST = "1.4.0"
# sorted, since a query without `order by` promises no order, in no version
ASK = """
import duckdb, json, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
calls = connection.execute("select macro_name, example from meta.macros order by all").fetchall()
answers = {name: sorted(connection.execute(example).fetchall(), key=repr) for name, example in calls}
json.dump({"version": duckdb.__version__, "answers": answers}, sys.stdout, default=str)
"""
ASK_WITH_IBIS = """
import ibis, json, sys
connection = ibis.duckdb.connect(sys.argv[1], read_only=True)
rows = connection.table("fct_adoption_yearly", database="marts").count().execute()
[metric] = connection.raw_sql("select metric_id from marts.dim_metrics order by position limit 1").fetchall()
json.dump({"rows": int(rows), "metric": metric[0]}, sys.stdout)
"""


def environment(name: str) -> Path:
    """The folder of a client, made by `make clients`."""
    folder = CLIENTS / name
    if not folder.is_dir():
        assert "CI" not in os.environ, f"{folder} is missing: .ci/run makes it"
        pytest.skip(f"no {name} here; make it with: make clients")
    return folder


def run(script: str, published: Path, client: Path | None) -> dict[str, object]:
    variables = {**os.environ, "PYTHONPATH": str(client or "")}
    command = [sys.executable, "-c", script, str(published)]
    ran = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    report: dict[str, object] = json.loads(ran.stdout)
    return report


def test_readme_names_the_oldest_version_that_is_tested() -> None:
    assert re.findall(r"version (\S+) or newer", (REPOSITORY / "README.md").read_text()) == [OLDEST]
    assert re.findall(r"DuckDB (\S+) or newer", (REPOSITORY / "docs" / "sql.md").read_text()) == [OLDEST]


@pytest.mark.parametrize("version", [OLDEST, "1.5.6"])
def test_every_macro_answers_in_other_versions_as_in_this_one(built: Settings, version: str) -> None:
    here = run(ASK, built.published, None)
    there = run(ASK, built.published, environment(f"duckdb=={version}"))

    assert there == {**here, "version": version}
    assert here["answers"]


def test_ibis_reads_it(built: Settings) -> None:
    report = run(ASK_WITH_IBIS, built.published, environment("duckdb==1.5.6"))
    assert report["rows"] not in (0, None)
    assert report["metric"]


def test_the_command_line_of_duckdb_reads_it(built: Settings) -> None:
    folder = environment("duckdb-cli==1.5.6")
    [program] = [path for path in folder.rglob("duckdb") if path.is_file() and os.access(path, os.X_OK)][:1]
    query = "from yoy((select focus from meta.review), (select first(metric_id order by position) from meta.metrics))"
    command = [str(program), "-readonly", "-json", str(built.published), "-c", query]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout)
