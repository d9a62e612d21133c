"""What made a warehouse: the rules, as digests, that turn the landed extracts into its figures.

Belongs here: one digest for each kind of rule, and reading them in a published file (`meta.build_inputs`).
Does not belong here: the extracts themselves (`meta.extracts`), or comparing two files (`adoption.editions.diff`).
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from adoption.settings import REPOSITORY

if TYPE_CHECKING:
    import duckdb

    from adoption.settings import Settings

AS_OF, PROGRAM = "as_of", "program"
RULES = {"catalog": "the catalog", "dbt_project": "the dbt project", "code": "the Python code"}
"""The kinds of rules, and what people call them."""
FIGURE_CODE = ("ingest/**/*.py", "adoption/detection/*.py", "adoption/warehouse/dbt.py")
"""The Python code that reads extracts and looks for anomalies; the rest only runs, shows or keeps."""
PROGRAM_CODE = ("ingest/**/*.py", "adoption/**/*.py", "orchestration/**/*.py")
"""All Python code: none of it may be behind a figure, any of it behind what a file or a check says."""
INSTALLED = ".dist-info"
"""The end of a package's folder, which has its name and version; to read what stands in all of them takes longer."""
WRITTEN_BY_DBT = {"target", "logs"}


def build_inputs(settings: Settings) -> dict[str, str]:
    """The digest of each kind of rule (see `RULES`) and of the program, and `as_of` if it is built as of a day."""
    digests = {
        "catalog": _digest(settings.catalog, "*.yaml"),
        "dbt_project": _digest(settings.dbt_project, "**/*.sql", "**/*.yml", "**/*.csv"),
        "code": _digest(REPOSITORY, *FIGURE_CODE),
        PROGRAM: _program(settings),
    }
    return digests if settings.as_of is None else {**digests, AS_OF: settings.as_of.isoformat()}


def _program(settings: Settings) -> str:
    """One sha256 of what else makes a file: the code, texts about columns, Python, and the versions of packages."""
    packages = sorted({path.name for place in sys.path for path in Path(place).glob(f"*{INSTALLED}")})
    parts = [sys.version, *packages, _digest(REPOSITORY, *PROGRAM_CODE), _digest(settings.dbt_project, "**/*.md")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _digest(folder: Path, *patterns: str) -> str:
    """One sha256 of the files of a folder, by name within it and bytes, so that a copy elsewhere has the same."""
    whole = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in folder.glob(pattern)}):
        name = path.relative_to(folder)
        if name.parts[0] not in WRITTEN_BY_DBT:
            whole.update(f"{name.as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def read(connection: duckdb.DuckDBPyConnection, database: str = "") -> dict[str, str]:
    """The table as a mapping; of a file made before there was one, nothing is known."""
    prefix = f"{database}." if database else ""
    has_table = connection.execute(
        "select 1 from duckdb_columns() where table_name = 'build_inputs' and schema_name = 'meta' "
        "and database_name = coalesce(nullif(?, ''), current_database())",
        [database],
    ).fetchall()
    return dict(connection.execute(f"from {prefix}meta.build_inputs").fetchall()) if has_table else {}
