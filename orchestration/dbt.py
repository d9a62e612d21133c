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
