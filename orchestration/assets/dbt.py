"""staging/*, intermediate/*, marts/*: the dbt models as assets, their data tests as checks.

Belongs here: the translation of dbt's names and results into Dagster's, for any selection of models. Does not belong
here: how dbt is started (`adoption.warehouse.dbt`), any model or test (`dbt_project`), and unit tests of SQL: what
they are given is the same in every build, so `make test` runs them once (tests/dbt_project).

A failed error-severity test raises, so that nothing that stands after this selection runs (dagster#19821).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from queue import SimpleQueue
from textwrap import dedent, indent
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliEventMessage,
    DbtCliResource,
    DbtProject,
    build_dbt_asset_specs,
)
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from adoption.resources import DBT_PROJECT
from adoption.warehouse.dbt import Dbt, DbtError, environment
from adoption.warehouse.lock import build_lock
from ingest.database import connect
from orchestration.asset_keys import OWNERS
from orchestration.check_results import SHOWN, query_table, require_all
from orchestration.provenance import code
from orchestration.table_metadata import SCHEMA, Models, key_of

EVERYTHING = "fqn:*"
LEADING_COMMENT = re.compile(r"\s*(?:{{.*?}}\s*|{#.*?#}\s*)*((?:--[^\n]*\n)+)", re.DOTALL)
UNIQUE_ID = "dagster_dbt/unique_id"
FAILED_ROW_COUNT = "dagster_dbt/failed_row_count"

Manifest = Mapping[str, Any]
Event = dg.Output[None] | dg.AssetMaterialization | dg.AssetObservation | dg.AssetCheckResult | dg.AssetCheckEvaluation
Messages = Callable[[dg.AssetExecutionContext, Dbt, Sequence[str]], Iterator[DbtCliEventMessage]]
"""A way to run dbt with some arguments: yields what dbt says of each node, raises DbtError when one failed."""


class Translator(DagsterDbtTranslator):
    """Asset keys `[schema, model]`, groups as dbt_project.yml says, and of each model what it is and its code."""

    def __init__(self) -> None:
        super().__init__(
            DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True, enable_source_metadata=False)
        )

    def get_asset_spec(self, manifest: Manifest, unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        props = self.get_resource_props(manifest, unique_id)
        key = key_of(props)
        if props["resource_type"] == "source":
            return dg.AssetSpec(key)
        spec = super().get_asset_spec(manifest, unique_id, project)
        group = props["config"].get("meta", {}).get("dagster", {}).get("group", key.path[0])
        # The columns come with each build, and say more than the contract; the UI would prefer what is defined.
        metadata = {name: value for name, value in spec.metadata.items() if name != SCHEMA}
        metadata |= code(DBT_PROJECT / props["original_file_path"])
        return spec.replace_attributes(
            key=key, group_name=group, owners=OWNERS, description=_description(props), metadata=metadata
        )


def leading_comment(sql: str) -> str:
    """The comment that a model's SQL begins with, as Markdown; empty where there is none.

    Lines that are indented are a table of words and their meaning, and keep their form; the others flow.
    """
    match = LEADING_COMMENT.match(sql)
    lines = [line.removeprefix("--").removeprefix(" ") for line in match[1].splitlines()] if match else []
    parts = ["\n".join(group) for _, group in groupby(lines, lambda line: line.startswith("  "))]
    return "\n\n".join(indent(dedent(part), "    ") if part.startswith("  ") else part for part in parts)


def _description(props: Mapping[str, Any]) -> str:
    """What the model says of itself: its description, else the comment that its SQL begins with.

    Raises:
        DagsterInvalidDefinitionError: for a model that has neither.
    """
    text = props["description"] or leading_comment(props["raw_code"])
    if not text:
        raise dg.DagsterInvalidDefinitionError(
            f"{props['original_file_path']}: nothing says what the model is; expected a description, or a comment first"
        )
    return str(text)


def in_process(_: dg.AssetExecutionContext, dbt: Dbt, arguments: Sequence[str]) -> Iterator[DbtCliEventMessage]:
    """Run dbt in a thread of this process and yield each result as it comes: a third of a subprocess's cost.

    The message class is not public. This function alone knows it; `by_command_line` is the documented way, and a
    test holds the two to the same results.
    """
    events: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
    with ThreadPoolExecutor(max_workers=1) as thread:
        run = thread.submit(dbt.invoke, arguments, events.put)
        run.add_done_callback(lambda _: events.put(None))
        for event in iter(events.get, None):
            yield DbtCoreCliEventMessage(raw_event=event, event_history_metadata={})
        run.result()


def by_command_line(
    context: dg.AssetExecutionContext, dbt: Dbt, arguments: Sequence[str]
) -> Iterator[DbtCliEventMessage]:
    """Run dbt as Dagster documents it, in a process of its own: slower, and made of public parts only."""
    folder = str(dbt.settings.dbt_project)
    resource = DbtCliResource(project_dir=folder, profiles_dir=folder, global_config_flags=["--log-level", "debug"])
    with environment(dbt.settings):
        run = resource.cli(
            [*arguments, "--vars", dbt.variables_json],
            target_path=dbt.settings.dbt_target,
            context=context.op_execution_context,
        )
        try:
            yield from run.stream_raw_events()
        except DagsterDbtCliRuntimeError as error:
            raise DbtError(str(error)) from error


@dataclass(frozen=True)
class DbtSelection:
    """A part of the dbt project: assets and checks by dbt's unique id."""

    manifest: Manifest
    translator: Translator
    assets: Mapping[str, dg.AssetSpec]
    checks: Mapping[str, dg.AssetCheckSpec]

    @classmethod
    def of(cls, manifest: Manifest, select: str, exclude: str = "") -> "DbtSelection":
        """Take the models that `select` names (`fqn:adoption.marts`) and `exclude` does not, with their data tests.

        Raises:
            DagsterInvalidDefinitionError: for a selection without models, and for a test that names no model, since
                it would run unseen.
        """
        translator = Translator()
        manifest = _with_owned_tests(manifest)
        specs = build_dbt_asset_specs(
            manifest=manifest, dagster_dbt_translator=translator, select=select, exclude=exclude
        )
        if not specs:
            raise dg.DagsterInvalidDefinitionError(f"The dbt selection {select!r} names no model")
        assets = {spec.metadata[UNIQUE_ID]: spec for spec in specs}
        tests = manifest["nodes"]
        models = {
            name: _tested_model(manifest, test) for name, test in tests.items() if test["resource_type"] == "test"
        }
        checks = {
            name: _check_spec(manifest, translator, tests[name], assets[model].key)
            for name, model in models.items()
            if model in assets
        }
        return cls(manifest, translator, assets, checks)

    def arguments(self, keys: set[dg.AssetKey], check_keys: set[dg.AssetCheckKey]) -> list[str]:
        """Arguments that select these assets and checks, node by node: no test runs that nobody declared."""
        nodes = [name for name, spec in self.assets.items() if spec.key in keys]
        nodes += [name for name, spec in self.checks.items() if spec.key in check_keys]
        selected = " ".join(".".join(self.manifest["nodes"][name]["fqn"]) for name in nodes)
        # a unit test's name begins with its model's, so that selecting the model would run it too
        return ["--select", selected, "--indirect-selection", "empty", "--exclude-resource-type", "unit_test"]


def _with_owned_tests(manifest: Manifest) -> Manifest:
    """The manifest with every data test attached to one model, so that dagster-dbt takes each for a check."""
    nodes = {
        name: {**node, "attached_node": _tested_model(manifest, node)} if node["resource_type"] == "test" else node
        for name, node in manifest["nodes"].items()
    }
    return {**manifest, "nodes": nodes}


def _tested_model(manifest: Manifest, test: Mapping[str, Any]) -> str:
    """The model that a test speaks about: the one it is attached to, else the first that it names.

    One that rests on the detector's events comes before others: the test can run only when all that it names is built.
    """
    parents = [parent for parent in test["depends_on"]["nodes"] if parent in manifest["nodes"]]
    if not parents:
        raise dg.DagsterInvalidDefinitionError(
            f"{test['original_file_path']}: test {test['name']} names no model; expected a ref()"
        )
    last = (parent for parent in parents if _rests_on(manifest, parent, ".detection."))
    return str(test.get("attached_node") or next(last, parents[0]))


def _rests_on(manifest: Manifest, node: str, source: str) -> bool:
    """Whether a node is built from tables of a source, directly or by way of others."""
    waiting, seen = [node], set()
    while waiting:
        name = waiting.pop()
        if name.startswith("source.") and source in name:
            return True
        if name not in seen:
            seen.add(name)
            waiting += manifest["nodes"].get(name, {}).get("depends_on", {}).get("nodes", [])
    return False


def _check_spec(
    manifest: Manifest, translator: Translator, test: Mapping[str, Any], asset: dg.AssetKey
) -> dg.AssetCheckSpec:
    parents = test["depends_on"]["nodes"]
    others = {translator.get_asset_spec(manifest, parent, None).key for parent in parents} - {asset}
    return dg.AssetCheckSpec(
        test["name"],
        asset=asset,
        description=test.get("description") or f"Test in {test['original_file_path']}.",
        additional_deps=sorted(others),
        metadata={UNIQUE_ID: test["unique_id"]},
        blocking=str(test["config"].get("severity") or "error").lower() == "error",
    )


def dbt_assets(
    dbt: Dbt, select: str = EVERYTHING, exclude: str = "", name: str = "dbt", run: Messages = in_process
) -> dg.AssetsDefinition:
    """One step that builds the selected models and runs their tests, in dbt's own order."""
    selection = DbtSelection.of(dbt.manifest(), select, exclude)

    @dg.multi_asset(
        name=name,
        specs=list(selection.assets.values()),
        check_specs=list(selection.checks.values()),
        can_subset=True,
    )
    def models(context: dg.AssetExecutionContext) -> Iterator[Event]:
        with build_lock(dbt.settings):
            yield from _Build(context, dbt, selection, run).events()

    return models


@dataclass(frozen=True)
class _Build:
    """One `dbt build` inside a step."""

    context: dg.AssetExecutionContext
    dbt: Dbt
    selection: DbtSelection
    run: Messages

    def events(self) -> Iterator[Event]:
        """Materialisations and check results, when dbt has let go of the warehouse: until then nobody can look into it.

        While dbt works, a line of the run's log says what it has done.

        Raises:
            Failure: when a model or an error-severity test failed, with dbt's words.
            MissingResultError: when a declared check got no result although dbt says that all went well.
        """
        context = self.context
        arguments = self.selection.arguments(set(context.selected_asset_keys), set(context.selected_asset_check_keys))
        happened: list[tuple[str, Event]] = []
        problem: DbtError | None = None
        try:
            for node, event in self._translated(["build", *arguments]):
                happened.append((node, event))
                if isinstance(event, dg.Output):
                    context.log.info(f"{self.selection.assets[node].key.to_user_string()} is built")
        except DbtError as error:
            problem = error
        yield from self._with_contents(happened)
        if problem:
            raise dg.Failure(str(problem), allow_retries=False) from problem
        reported = {
            self.selection.checks[node].key for node, event in happened if isinstance(event, dg.AssetCheckResult)
        }
        require_all(context.selected_asset_check_keys, reported)

    def _with_contents(self, happened: Sequence[tuple[str, Event]]) -> Iterator[Event]:
        """What dbt did, with what can now be read: of models what they hold, of failed checks the rows."""
        if not happened:
            return
        built = [node for node, event in happened if isinstance(event, dg.Output)]
        with connect(self.dbt.settings.warehouse) as connection:
            metadata = Models(self.dbt.settings, self.selection.manifest).described(connection, built)
            for node, event in happened:
                if isinstance(event, dg.Output):
                    yield dg.Output(None, event.output_name, metadata={**event.metadata, **metadata[node]})
                elif isinstance(event, dg.AssetCheckResult) and not event.passed:
                    yield event._replace(metadata={**self._rows(connection, node, event), **event.metadata})
                else:
                    yield event

    def _translated(self, arguments: Sequence[str]) -> Iterator[tuple[str, Event]]:
        for message in self.run(self.context, self.dbt, arguments):
            node = message.raw_event["data"].get("node_info", {}).get("unique_id", "")
            if node in self.selection.checks:
                yield from ((node, result) for result in self._check_results(node, message))
            else:
                yield from ((node, event) for event in self._default_events(message))

    def _default_events(self, message: DbtCliEventMessage) -> Iterator[Event]:
        yield from message.to_default_asset_events(self.selection.manifest, self.selection.translator, self.context)

    def _check_results(self, node: str, message: DbtCliEventMessage) -> Iterator[dg.AssetCheckResult]:
        """dagster-dbt calls a passed warning an error that did not happen."""
        spec = self.selection.checks[node]
        severity = dg.AssetCheckSeverity.ERROR if spec.blocking else dg.AssetCheckSeverity.WARN
        for event in self._default_events(message):
            if isinstance(event, dg.AssetCheckResult):
                yield event._replace(severity=severity)

    def _rows(self, connection: duckdb.DuckDBPyConnection, node: str, result: dg.AssetCheckResult) -> dict[str, Any]:
        """The failing rows of a check, which dbt stored as a table."""
        relation = self.selection.manifest["nodes"].get(node, {}).get("relation_name")
        is_stored = relation and result.metadata.get(FAILED_ROW_COUNT)
        return query_table(connection, f"from {relation} limit {SHOWN}") if is_stored else {}
