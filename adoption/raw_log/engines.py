"""The engines that count a raw log: the same dbt models on DuckDB in this process, or on Apache Spark beside it.

Belongs here: one dbt invocation over some months, and how its tables are read afterwards. Does not belong here: which
months are to be counted (`adoption.raw_log.counting`), and the SQL (`dbt_project/models/heavy`).
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import duckdb

from adoption.resources import CODE, DBT_PROJECT
from adoption.settings import Settings
from adoption.warehouse.dbt import DbtError, environment_variables, explain
from ingest.database import discard_damaged, literal
from ingest.errors import AdoptionError, shortened
from ingest.raw_log import LogMonth

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

EngineName = Literal["duckdb", "spark", "spark_cluster"]
ENGINES: tuple[EngineName, ...] = ("duckdb", "spark", "spark_cluster")
PROJECT = DBT_PROJECT / "heavy"
MODELS = ("heavy_downloads__months", "heavy_downloads__bases", "heavy_downloads__population")
SPARK_PYTHON = "ADOPTION_SPARK_PYTHON"
LOCATION = "ADOPTION_HEAVY_LOCATION"
MAX_SAID = 3_000


class NoEngineError(AdoptionError):
    """The engine that was asked for is not here."""


class Engine(Protocol):
    """Something that counts months into the three tables of the heavy models."""

    @property
    def folder(self) -> Path:
        """Where it keeps its tables, or what it knows of them."""

    def recover(self) -> bool:
        """Put right what a killed count left; return whether what was counted before is lost."""

    def count(self, months: Sequence[LogMonth]) -> None:
        """Count these months, each replaced whole; raises DbtError when any of them cannot be."""

    def results(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A connection in which the three tables can be read under the names of the models."""


def engine_of(name: EngineName, settings: Settings) -> Engine:
    """The engine of this name, which keeps its tables in the data folder."""
    folder = settings.data / "heavy" / name
    folder.mkdir(parents=True, exist_ok=True)
    return DuckDb(folder) if name == "duckdb" else Spark(folder, name)


def variables(months: Sequence[LogMonth]) -> dict[str, Any]:
    """What the models are told: the months with their files, and which columns of the log hold what."""
    return {
        "months": [
            {
                "month": month.month.isoformat(),
                "paths": [file.place for file in month.files],
                "glob": _glob([file.place for file in month.files]),
            }
            for month in months
        ],
        "columns": months[0].columns,
    }


def _glob(paths: Sequence[str]) -> str:
    """Several files as Hadoop names them in one text; what would be read as a pattern is escaped."""
    escaped = ["".join(f"\\{letter}" if letter in "{}[]*?,\\" else letter for letter in path) for path in paths]
    return escaped[0] if len(escaped) == 1 else "{" + ",".join(escaped) + "}"


@cache
def rules() -> str:
    """A text that changes with the SQL of the heavy models."""
    folders = [PROJECT, DBT_PROJECT / "models" / "heavy", DBT_PROJECT / "macros" / "heavy"]
    files = sorted(path for folder in folders for path in folder.glob("*.*") if path.suffix in (".sql", ".yml"))
    basis = DBT_PROJECT / "macros" / "observations" / "rows_by_installer_basis.sql"
    return hashlib.sha256(b"\n".join(path.read_bytes() for path in [*files, basis])).hexdigest()


_manifests: dict[str, Manifest] = {}
"""What this process has parsed, by the rules."""


def _parsed(folder: Path) -> Manifest:
    """The heavy project as dbt understood it; raises DbtError when it cannot be parsed."""
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    known = rules()
    if known not in _manifests:
        outcome = dbtRunner().invoke([*_quiet(folder), "parse", "--no-write-json", *_options(folder)])
        if not (outcome.success and isinstance(outcome.result, Manifest)):
            raise DbtError(explain(outcome.exception, ()))
        _manifests[known] = outcome.result
    return _manifests[known]


@dataclass(frozen=True)
class DuckDb:
    """One month after the other in this process, in the memory that one month needs."""

    folder: Path

    @property
    def store(self) -> Path:
        """The file with the three tables."""
        return self.folder / "counts.duckdb"

    def recover(self) -> bool:
        return bool(discard_damaged(self.store)) or not self.store.exists()

    def count(self, months: Sequence[LogMonth]) -> None:
        """Parse what is parsed already, then build: the months are no part of what dbt parses."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        arguments = json.dumps(variables(months))
        with environment_variables({"ADOPTION_HEAVY_STORE": str(self.store)}):
            try:
                runner = dbtRunner(manifest=_parsed(self.folder))
                outcome = runner.invoke([*_quiet(self.folder), "build", *_options(self.folder), "--vars", arguments])
            finally:
                DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        if not outcome.success:
            raise DbtError(explain(outcome.exception, getattr(outcome.result, "results", ())))

    @contextmanager
    def results(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect(str(self.store), read_only=True) as connection:
            yield connection


@dataclass(frozen=True)
class Spark:
    """Spark through dbt-spark, in an environment of its own: a session here, or a cluster by its thrift server."""

    folder: Path
    target: Literal["spark", "spark_cluster"]

    @property
    def location(self) -> str:
        """Where Spark keeps its tables: a folder, or a bucket that the cluster can write."""
        return os.environ.get(LOCATION) or str(self.folder / "tables")

    def recover(self) -> bool:
        return False  # files are written beside the old ones, and these stay until the new ones are whole

    def count(self, months: Sequence[LogMonth]) -> None:
        python = spark_python()
        command = [str(python), "-m", "dbt.cli.main", "--no-use-colors", "--log-path", str(self.folder / "logs")]
        command += ["build", *_options(self.folder), "--target", self.target, "--vars", json.dumps(variables(months))]
        settings = {
            "PYSPARK_PYTHON": str(python),
            "PYSPARK_SUBMIT_ARGS": "--driver-memory 2g --conf spark.ui.enabled=false pyspark-shell",
            **os.environ,
            LOCATION: self.location,
            "ADOPTION_HEAVY_STORE": str(self.folder / "unused.duckdb"),
        }
        done = subprocess.run(command, env=settings, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise DbtError(_why(done.stdout) or shortened(done.stderr[-MAX_SAID:], MAX_SAID))

    @contextmanager
    def results(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """DuckDB over the Parquet files that Spark wrote, wherever they are."""
        from pyarrow import dataset

        with duckdb.connect() as connection:
            for model in MODELS:
                place = f"{self.location.rstrip('/')}/{model}"
                table = dataset.dataset(place, format="parquet", partitioning="hive", exclude_invalid_files=False)
                connection.register(f"{model}__files", table)
                connection.execute(
                    f"create view {model} as select * replace (log_month::date as log_month) from {model}__files"
                )
            yield connection


def spark_python() -> Path:
    """The Python of the environment that has dbt-spark: of the variable, else `.venv-spark` beside this code.

    Raises:
        NoEngineError: when there is none.
    """
    configured = os.environ.get(SPARK_PYTHON)
    python = Path(configured) if configured else CODE / ".venv-spark" / "bin" / "python"
    if not python.exists():
        raise NoEngineError(
            f"Spark has an environment of its own, and {python} is not there. Make it with `make spark`, or name its "
            f"Python in {SPARK_PYTHON}: see docs/how-to/count-a-raw-log.md"
        )
    return python


def _quiet(folder: Path) -> list[str]:
    """Dbt says nothing on the terminal: what went wrong is in its result."""
    return ["--no-use-colors", "--log-level", "none", "--log-level-file", "warn", "--log-path", str(folder / "logs")]


def _options(folder: Path) -> list[str]:
    target = str(folder / "dbt_target")
    return ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", target]


def _why(output: str) -> str:
    """What dbt printed of what went wrong, without its lines of progress."""
    lines = [line for line in output.splitlines() if line.strip()]
    first = next((number for number, line in enumerate(lines) if "Error" in line), len(lines))
    return shortened("\n".join(lines[first:])[:MAX_SAID], MAX_SAID)


def quoted_months(months: Sequence[LogMonth]) -> str:
    """The months as a list in SQL."""
    return ", ".join(f"date {literal(month.month.isoformat())}" for month in months)
