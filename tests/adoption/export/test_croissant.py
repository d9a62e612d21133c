"""The export as Croissant: its own library reads it, in an environment of its own (`make croissant`).

Belongs here: that the description is accepted, and that it leads to the rows. Does not belong here: the rows
(test_writer.py).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from adoption.export.writer import export
from adoption.publish.identity import Identity
from adoption.settings import Settings

TOOL = Path(sys.prefix) / "croissant" / "bin" / "python"
READ = """
import json, sys
import mlcroissant
dataset = mlcroissant.Dataset(jsonld=sys.argv[1])
issues = dataset.metadata.ctx.issues
rows = list(dataset.records("dim_metrics"))
sets = [one.id for one in dataset.metadata.record_sets]
first = {name.partition("/")[2]: value for name, value in rows[0].items()}
texts = {name: value.decode() for name, value in first.items() if isinstance(value, bytes)}
json.dump({"errors": sorted(issues.errors), "rows": len(rows), "sets": sets, "texts": texts}, sys.stdout)
"""


@pytest.fixture(scope="module")
def folder(built: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("croissant") / "export"
    export(built, target, Identity("2020.1", "ab" * 32))
    return target


def read(folder: Path) -> subprocess.CompletedProcess[str]:
    """What the library says of a description."""
    if not TOOL.exists():
        assert "CI" not in os.environ, f"{TOOL} is missing: .ci/run makes it"
        pytest.skip("no mlcroissant here; make it with: make croissant")
    command = [str(TOOL), "-c", READ, str(folder / "croissant.json")]
    # its cache of files stays in this folder
    variables = {**os.environ, "HOME": str(folder), "PYTHONPATH": ""}
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


def test_the_library_accepts_it_and_reads_its_rows(folder: Path, built: Settings) -> None:
    ran = read(folder)
    assert ran.returncode == 0, ran.stderr
    report = json.loads(ran.stdout)
    with duckdb.connect(str(built.published), read_only=True) as connection:
        marts = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        metrics = connection.execute("select metric_id, label from marts.dim_metrics").fetchall()
    assert report["errors"] == []
    assert set(report["sets"]) == {name for (name,) in marts} | {"extracts"}
    assert report["rows"] == len(metrics)
    assert (report["texts"]["metric_id"], report["texts"]["label"]) in metrics


def test_the_library_refuses_what_is_wrong(folder: Path, tmp_path: Path) -> None:
    """It would not accept a field without a source, so that it looks at each."""
    described = json.loads((folder / "croissant.json").read_text(encoding="utf-8"))
    del described["recordSet"][0]["field"][0]["dataType"]
    del described["recordSet"][0]["field"][0]["source"]
    (tmp_path / "croissant.json").write_text(json.dumps(described), encoding="utf-8")
    assert read(tmp_path).returncode != 0


def test_every_file_stands_in_it_with_its_digest(folder: Path) -> None:
    described = json.loads((folder / "croissant.json").read_text(encoding="utf-8"))
    files = {path.relative_to(folder).as_posix() for form in ("csv", "parquet") for path in (folder / form).iterdir()}
    assert {file["contentUrl"] for file in described["distribution"]} == files
    assert described["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert described["version"] == "2020.1.0"
    assert all(field["description"] for table in described["recordSet"] for field in table["field"])
