"""dbt, run inside this process: which project, which variables, which warehouse, and what became of it.

Belongs here: the command line that every dbt invocation shares, parsing only when something changed, and one error
that says in plain words what failed. Does not belong here: turning dbt's events into Dagster's
(`orchestration.assets.dbt`) and any SQL (`dbt_project`).
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.errors import AdoptionError
from ingest.files import write_atomically
from ingest.raw_tables import columns_of
from ingest.sources import all_sources

if TYPE_CHECKING:
    from datetime import date

    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.events.base_types import EventMsg

    from adoption.settings import Settings
    from ingest.catalog import Catalog
    from ingest.row_types import RawRow

Listener = Callable[[dict[str, Any]], object]
"""Receives dbt's structured log events, in the form of dbt's JSON log."""

RESULTS = frozenset({"LogModelResult", "LogTestResult", "LogSeedResult", "LogSnapshotResult"})
"""The events that say what became of a node; the others are not worth translating. Only of a unit test `NodeFinished`
is passed on too: it carries the difference that was found."""

SUCCESSFUL = frozenset({"success", "pass", "warn", "no-op"})


class DbtError(AdoptionError):
    """dbt could not do what it was asked; the text names each failed node and why."""


def variables(catalog: Catalog, as_of: date | None = None) -> dict[str, Any]:
    """What the models need to know beside the warehouse.

    Which staging models emit observations, which a population, its cohorts or its months; which raw tables a publisher
    may restate: their `key` says which fact a row is about, `numbers` what may change; and as of which day. Without a
    day everything landed counts.
    """
    return {
        "observation_models": [model for source in catalog.sources for model in source.observations],
        "population_models": [source.population for source in catalog.sources if source.population],
        "cohort_models": [source.cohorts for source in catalog.sources if source.cohorts],
        "population_month_models": [source.population_months for source in catalog.sources if source.population_months],
        "restated_tables": [
            {"source": source.name, "table": name, "key": list(model.key), "numbers": _numbers(model)}
            for source in all_sources().values()
            for name, model in source.tables.items()
            if model.key
        ],
        **({} if as_of is None else {"as_of": as_of.isoformat()}),
    }


def _numbers(model: type[RawRow]) -> list[str]:
    columns = columns_of(model).items()
    bookkeeping = {"row_number", *model.key}
    return [name for name, kind in columns if kind in ("BIGINT", "DOUBLE") and name not in bookkeeping]


def unique_keys(manifest: dict[str, Any], schema: str = "marts") -> list[tuple[str, list[str]]]:
    """The models of a schema whose rows a test `unique_combination` holds to be unique, with the columns it names."""
    nodes = manifest["nodes"]
    tests = [node for node in nodes.values() if (node.get("test_metadata") or {}).get("name") == "unique_combination"]
    keys = [(nodes[test["attached_node"]], test["test_metadata"]["kwargs"]["columns"]) for test in tests]
    return sorted((model["name"], columns) for model, columns in keys if model["schema"] == schema)


def declared_tables(manifest: dict[str, Any], schema: str = "marts") -> list[tuple[str, str]]:
    """The tables of a schema that the project makes: what else is there was left by an older version."""
    models = (node for node in manifest["nodes"].values() if node["resource_type"] == "model")
    return sorted((schema, model["alias"]) for model in models if model["schema"] == schema)


def in_order(manifest: Mapping[str, Any]) -> list[str]:
    """The unique ids of all models, each after those that it reads."""
    models = {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    parents = {name: [read for read in node["depends_on"]["nodes"] if read in models] for name, node in models.items()}
    return list(TopologicalSorter(parents).static_order())


def downstream(manifest: Mapping[str, Any], model: str) -> list[str]:
    """The unique ids of the model of that name and of all that rest on it, each after those that it reads."""
    reached: dict[str, None] = {}
    for name in in_order(manifest):
        node = manifest["nodes"][name]
        if node["name"] == model or any(parent in reached for parent in node["depends_on"]["nodes"]):
            reached[name] = None
    return list(reached)


@contextmanager
def environment(settings: Settings) -> Iterator[None]:
    """Set the warehouse's environment variables, which dbt and Dagster read, for a while."""
    with environment_variables(settings.environment()):
        yield


@contextmanager
def environment_variables(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables of this process for a while."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class Dbt:
    """The dbt project of one warehouse. Parses once; later invocations reuse what was parsed."""

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        self.settings = settings
        self.variables_json = json.dumps(variables(catalog, settings.as_of))
        self._parsed: Manifest | None = None

    def manifest(self) -> dict[str, Any]:
        """The project as dbt understood it, parsed again only when a file or a variable changed.

        Raises:
            DbtError: when the project cannot be parsed.
        """
        path = self.settings.dbt_target / "manifest.json"
        stamp = self.settings.dbt_target / "parsed.sha256"
        fingerprint = self._fingerprint()
        if not (path.exists() and stamp.exists() and stamp.read_text() == fingerprint):
            stamp.unlink(missing_ok=True)
            # Whole: parsing in part keeps unit tests that were renamed or removed.
            self._parsed = self._run(["parse", "--no-partial-parse"], None, [])
            write_atomically(stamp, fingerprint.encode())
        manifest: dict[str, Any] = json.loads(path.read_bytes())
        return manifest

    def invoke(self, arguments: Sequence[str], listener: Listener | None = None) -> Any:  # noqa: ANN401 - per command
        """Run one dbt command in this process, and leave the warehouse closed.

        Raises:
            DbtError: when the command fails, or any node that it ran did.
        """
        if self._parsed is None:
            self._parsed = self._run(["parse", "--no-write-json"], None, [])
        return self._run(arguments, self._parsed, [_results_only(listener)] if listener else [])

    def _run(
        self, arguments: Sequence[str], manifest: Manifest | None, callbacks: list[Callable[[EventMsg], None]]
    ) -> Any:  # noqa: ANN401 - per command
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        runner = dbtRunner(manifest=manifest, callbacks=callbacks)
        try:
            with environment(self.settings):
                outcome = runner.invoke([*self.global_options(), *arguments, *self.options()])
        finally:
            # Until then dbt keeps the write lock, and nothing else can open the warehouse.
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        if not outcome.success:
            raise DbtError(self._with_advice(explain(outcome.exception, getattr(outcome.result, "results", ()))))
        return outcome.result

    def _with_advice(self, failure: str) -> str:
        """What failed, and what to do where memory did not suffice."""
        if "Out of Memory Error" not in failure:
            return failure
        return f"{failure}\nDuckDB may use {self.settings.memory} here: allow more with ADOPTION_MEMORY, such as 2GB."

    def command_line(self, arguments: Sequence[str]) -> int:
        """Run dbt's own command line on this project, in a process of its own, and return its exit code.

        It has working files of its own, so that what it parses is never taken for what a build parsed.
        """
        folder, target = str(self.settings.dbt_project), str(self.settings.dbt_target / "command_line")
        places = {
            "DBT_PROJECT_DIR": folder,
            "DBT_PROFILES_DIR": folder,
            "DBT_TARGET_PATH": target,
            "DBT_LOG_PATH": f"{target}/logs",
            "DBT_PARTIAL_PARSE": "false",
        }
        is_command = bool(arguments) and not arguments[0].startswith("-")
        variables = ["--vars", self.variables_json] if is_command else []
        command = [sys.executable, "-m", "dbt.cli.main", *arguments, *variables]
        with environment(self.settings):
            return subprocess.run(command, env={**os.environ, **places}, check=False).returncode

    def global_options(self) -> list[str]:
        """Options that stand before the command: dbt speaks through events, not on the terminal."""
        return [
            "--no-use-colors",
            "--log-level",
            "none",
            "--log-level-file",
            "none",
            "--log-path",
            str(self.settings.dbt_target / "logs"),
        ]

    def options(self) -> list[str]:
        """Options that stand after the command, all paths absolute: dbt stores them when it parses."""
        folder = str(self.settings.dbt_project)
        return [
            "--project-dir",
            folder,
            "--profiles-dir",
            folder,
            "--target-path",
            str(self.settings.dbt_target),
            "--vars",
            self.variables_json,
        ]

    def _fingerprint(self) -> str:
        from importlib.metadata import version

        parts = [version("dbt-core"), version("dbt-duckdb"), json.dumps([self.global_options(), self.options()])]
        for path in _files(self.settings.dbt_project):
            parts += [str(path), hashlib.sha256(path.read_bytes()).hexdigest()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _files(project: Path) -> list[Path]:
    return sorted(path for path in project.rglob("*") if path.suffix in {".sql", ".yml", ".md", ".csv"})


def _results_only(listener: Listener) -> Callable[[EventMsg], None]:
    from dbt_common.events.functions import msg_to_dict

    def callback(event: EventMsg) -> None:
        name = event.info.name
        if name in RESULTS or (name == "NodeFinished" and event.data.node_info.unique_id.startswith("unit_test.")):
            listener(msg_to_dict(event))

    return callback


def explain(exception: BaseException | None, results: Iterable[Any]) -> str:
    """What failed of an invocation, node by node, in dbt's words."""
    failed = [result for result in results if result.status not in SUCCESSFUL]
    if not failed:
        return str(exception or "dbt failed without saying why")
    skipped = sum(result.status == "skipped" for result in failed)
    lines = [
        f"{result.node.resource_type} {result.node.name}: {_reason(result.status, result.message)}"
        for result in failed
        if result.status != "skipped"
    ]
    return "\n".join([*lines, *([f"{skipped} more were skipped because of that"] if skipped else [])])


def _reason(status: str, message: str | None) -> str:
    """A node's message without dbt's trace of macros."""
    lines = [line.rstrip() for line in (message or status).splitlines() if not line.lstrip().startswith(">")]
    return "\n    ".join(line for line in lines if line)
