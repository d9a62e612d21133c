"""staging/*, intermediate/*, marts/*: the dbt models as assets, their tests and unit tests as checks.

Belongs here: the translation of dbt's names and results into Dagster's, for any selection of models. Does not belong
here: how dbt is started (`adoption.dbt`), and any model or test (`dbt_project`).

A failed error-severity test raises, so that nothing that stands after this selection runs (dagster#19821).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import dagster as dg
import duckdb
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliEventMessage,
    DbtProject,
    build_dbt_asset_specs,
)
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from adoption.dbt import Dbt, DbtError
from adoption.lock import build_lock
from orchestration.checks import SHOWN, query_table, require_all
from orchestration.keys import LAYERS, OWNERS, WRITER, asset_key

UNIQUE_ID = "dagster_dbt/unique_id"
EVERYTHING = "fqn:*"
UNIT_TEST_RESULT = "NodeFinished"
"""The event that carries a unit test's outcome together with the difference it found."""
FAILED_ROWS = "dagster_dbt/failed_row_count"
Event = dg.Output[None] | dg.AssetMaterialization | dg.AssetObservation | dg.AssetCheckResult | Any
Manifest = Mapping[str, Any]
Messages = Callable[[dg.AssetExecutionContext, Dbt, Sequence[str]], Iterator[DbtCliEventMessage]]
"""A way to run dbt with some arguments that yields what it says, and raises DbtError when it failed."""


class Translator(DagsterDbtTranslator):
    """Asset keys `[schema, model]`; a dbt source is one raw asset, however many tables it has."""

    def __init__(self) -> None:
        super().__init__(
            DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True, enable_source_metadata=False)
        )

    def get_asset_spec(self, manifest: Manifest, unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        props = self.get_resource_props(manifest, unique_id)
        if props["resource_type"] == "source":
            return dg.AssetSpec(asset_key("raw", props["source_name"]))
        layer = next((layer for layer in LAYERS if layer == props["schema"]), None)
        if layer is None:
            raise dg.DagsterInvalidDefinitionError(f"{unique_id}: schema {props['schema']!r}; expected one of {LAYERS}")
        return (
            super()
            .get_asset_spec(manifest, unique_id, project)
            .replace_attributes(key=asset_key(layer, props["name"]), group_name=layer, owners=OWNERS)
        )


def in_process(_: dg.AssetExecutionContext, dbt: Dbt, arguments: Sequence[str]) -> Iterator[DbtCliEventMessage]:
    """Run dbt in a thread of this process and yield each result as it comes: a third of a subprocess's cost.

    The message class is not public. This function is the only place that knows it; `by_command_line` is the
    documented way, and a test holds the two to the same events.
    """
    said: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
    with ThreadPoolExecutor(max_workers=1) as thread:
        run = thread.submit(dbt.invoke, arguments, said.put)
        run.add_done_callback(lambda _: said.put(None))
        for event in iter(said.get, None):
            yield DbtCoreCliEventMessage(raw_event=event, event_history_metadata={})
        run.result()


def by_command_line(
    context: dg.AssetExecutionContext, dbt: Dbt, arguments: Sequence[str]
) -> Iterator[DbtCliEventMessage]:
    """Run dbt as Dagster documents it: a subprocess of its own. Slower, and made of public parts only."""
    from adoption.dbt import environment
    from dagster_dbt import DbtCliResource
    from dagster_dbt.errors import DagsterDbtCliRuntimeError

    resource = DbtCliResource(project_dir=str(dbt.settings.dbt_project), profiles_dir=str(dbt.settings.dbt_project))
    with environment(dbt.settings):
        run = resource.cli([*arguments, *dbt.options()], context=context, target_path=dbt.settings.dbt_target)
        try:
            yield from run.stream_raw_events()
        except DagsterDbtCliRuntimeError as error:
            raise DbtError(str(error)) from error


@dataclass(frozen=True)
class DbtSelection:
    """A part of the dbt project as Dagster assets and checks."""

    manifest: Manifest
    select: str
    translator: Translator = field(default_factory=Translator)

    def asset_specs(self) -> Sequence[dg.AssetSpec]:
        return build_dbt_asset_specs(
            manifest=self.manifest, dagster_dbt_translator=self.translator, select=self.select
        )

    def check_specs(self) -> list[dg.AssetCheckSpec]:
        """Every data test and unit test of the selected models.

        Raises:
            DagsterInvalidDefinitionError: for a test that belongs to no model: it would run unseen.
        """
        models = {spec.metadata[UNIQUE_ID]: spec for spec in self.asset_specs()}
        tests = {**self.manifest["nodes"], **self.manifest.get("unit_tests", {})}
        owned = {name: _tested_model(self.manifest, test) for name, test in tests.items()
                 if test["resource_type"] in {"test", "unit_test"}}
        return [self._check_spec(tests[name], models[model]) for name, model in owned.items() if model in models]

    def _check_spec(self, test: Mapping[str, Any], asset: dg.AssetSpec) -> dg.AssetCheckSpec:
        parents = test["depends_on"]["nodes"] if test["resource_type"] == "test" else []
        keys = {self.translator.get_asset_spec(self.manifest, parent, None).key for parent in parents}
        return dg.AssetCheckSpec(
            test["name"], asset=asset.key, description=test.get("description") or _default_description(test),
            additional_deps=sorted(keys - {asset.key}), metadata={UNIQUE_ID: test["unique_id"]},
            blocking=str(test["config"].get("severity") or "error").lower() == "error",
        )


def _tested_model(manifest: Manifest, test: Mapping[str, Any]) -> str:
    """The model that a test speaks about, by the rule that dagster-dbt follows for data tests."""
    parents = test["depends_on"]["nodes"]
    named = test["config"].get("meta", {}).get("dagster", {}).get("ref", {}).get("name")
    if named:
        model = f"model.{test['package_name']}.{named}"
    else:
        model = parents[0] if len(parents) == 1 else test.get("attached_node")
    if model not in manifest["nodes"]:
        raise dg.DagsterInvalidDefinitionError(
            f"{test['original_file_path']}: test {test['name']} speaks about {model or 'several models'}; expected one "
            "model, named by config.meta.dagster.ref.name"
        )
    return str(model)


def _default_description(test: Mapping[str, Any]) -> str:
    kind = "unit test" if test["resource_type"] == "unit_test" else "data test"
    return f"dbt {kind} in {test['original_file_path']}"


def dbt_assets(dbt: Dbt, select: str = EVERYTHING, name: str = "dbt", run: Messages = in_process) -> dg.AssetsDefinition:
    """One step that builds a selection of models and runs their tests, in dbt's own order."""
    selection = DbtSelection(dbt.manifest(), select)

    @dg.multi_asset(
        name=name, specs=selection.asset_specs(), check_specs=selection.check_specs(), can_subset=True, pool=WRITER
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
        """Materialisations and check results.

        Raises:
            Failure: when a model or an error-severity test failed, with dbt's words.
            MissingResultError: when a declared check got no result although dbt says that all went well.
        """
        failed: list[dg.AssetCheckResult] = []
        given: set[dg.AssetCheckKey] = set()
        problem: DbtError | None = None
        try:
            for message in self.run(self.context, self.dbt, ["build", *self._selected()]):
                for event in self._translate(message):
                    if isinstance(event, dg.AssetCheckResult):
                        given.add(_key(event))
                    if isinstance(event, dg.AssetCheckResult) and not event.passed:
                        failed.append(event)
                    else:
                        yield event
        except DbtError as error:
            problem = error
        yield from self._with_rows(failed)
        if problem:
            raise dg.Failure(str(problem), allow_retries=False) from problem
        require_all(self.context.selected_asset_check_keys, given)

    def _selected(self) -> list[str]:
        """dbt's arguments for what this step was asked for; node by node unless it is the whole project."""
        declared = {spec.key for spec in self.selection.check_specs()}
        assets = {spec.key: spec for spec in self.selection.asset_specs()}
        complete = self.context.selected_asset_keys == set(assets) and self.context.selected_asset_check_keys == declared
        if complete and self.selection.select == EVERYTHING:
            return ["--select", EVERYTHING]
        nodes = [assets[key].metadata[UNIQUE_ID] for key in self.context.selected_asset_keys]
        nodes += [(spec.metadata or {})[UNIQUE_ID] for spec in self.selection.check_specs()
                  if spec.key in self.context.selected_asset_check_keys]
        names = [".".join(_node(self.selection.manifest, node)["fqn"]) for node in sorted(nodes)]
        return ["--select", *names, "--indirect-selection", "empty"]

    def _translate(self, message: DbtCliEventMessage) -> Iterator[Event]:
        node = message.raw_event["data"].get("node_info", {}).get("unique_id", "")
        if node.startswith("unit_test."):
            if message.raw_event["info"]["name"] == UNIT_TEST_RESULT:
                yield self._unit_test(node, message.raw_event["data"]["run_result"])
            return
        manifest, translator = self.selection.manifest, self.selection.translator
        yield from message.to_default_asset_events(manifest, translator, context=self.context)

    def _unit_test(self, node: str, outcome: Mapping[str, Any]) -> dg.AssetCheckResult:
        """dbt gives the rows that differ as text, not as a table."""
        difference = {"difference": dg.MetadataValue.md(f"```\n{outcome['message']}\n```")} if outcome["message"] else {}
        return self._result(node, outcome["status"] == "pass", {"status": outcome["status"], **difference})

    def _result(self, node: str, passed: bool, metadata: Mapping[str, Any]) -> dg.AssetCheckResult:
        spec = next(spec for spec in self.selection.check_specs() if (spec.metadata or {})[UNIQUE_ID] == node)
        return dg.AssetCheckResult(
            asset_key=spec.asset_key, check_name=spec.name, passed=passed, metadata=metadata,
            severity=dg.AssetCheckSeverity.ERROR if spec.blocking else dg.AssetCheckSeverity.WARN,
        )
