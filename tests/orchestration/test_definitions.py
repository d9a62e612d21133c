"""The asset graph of the shipped project, held to a text that people can read.

After a change that is meant:  python -m pytest tests/orchestration/test_definitions.py --update-snapshots
"""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from adoption.settings import REPOSITORY, Settings
from ingest.catalog import load_catalog
from orchestration.asset_keys import LAYERS, OWNERS
from orchestration.assets.heavy import COUNTED
from orchestration.assets.sentences import SENTENCES
from orchestration.definitions import JOB, build_defs

SNAPSHOT = Path(__file__).parent / "snapshots" / "asset_graph.txt"


@pytest.fixture(scope="module")
def defs(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    return build_defs(Settings(data=tmp_path_factory.mktemp("definitions")))


def describe(defs: dg.Definitions) -> str:
    """One paragraph per asset: key, group, kinds, owners, then its dependencies and checks, a line each."""
    graph = defs.resolve_asset_graph()
    paragraphs = []
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        kinds = ", ".join(sorted(node.kinds or ()))
        lines = [f"{key.to_user_string()}  ({node.group_name}; {kinds}; {', '.join(node.owners)})"]
        lines += [f"  <- {parent.to_user_string()}" for parent in sorted(node.parent_keys)]
        checks = sorted(graph.get_check_keys_for_assets({key}), key=lambda check: check.name)
        lines += [f"  {'must' if graph.get_check_spec(check).blocking else 'should'}: {check.name}" for check in checks]
        paragraphs.append("\n".join(lines))
    return "\n\n".join(paragraphs) + "\n"


def test_the_asset_graph_is_the_one_that_was_reviewed(defs: dg.Definitions, request: pytest.FixtureRequest) -> None:
    actual = describe(defs)
    if request.config.getoption("--update-snapshots"):
        SNAPSHOT.write_text(actual)
    assert actual == SNAPSHOT.read_text(), "the graph changed; if that is meant, run with --update-snapshots and review"


def test_the_definitions_load_as_the_web_server_loads_them(defs: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(defs)


def test_every_asset_says_what_it_is_and_whose(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description, key
        assert node.owners == OWNERS, key
        assert node.kinds, key
        assert node.group_name, key
        assert len(key.path) == 2, key
        assert key.path[0] in LAYERS, key


def test_nothing_hangs_in_the_air(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    roots = {key for key in graph.get_all_asset_keys() if not graph.get(key).parent_keys}
    ends = {key for key in graph.get_all_asset_keys() if not graph.get(key).child_keys}
    sources = load_catalog(REPOSITORY / "ingest" / "catalog").sources

    counted = {dg.AssetKey(["extracts", name]) for name in COUNTED}
    extracts = {dg.AssetKey(["extracts", source.id]) for source in sources} - counted
    assert roots == extracts | {dg.AssetKey(["raw", "catalog"]), dg.AssetKey(["heavy", "months"])}
    assert ends == {dg.AssetKey(["reports", name]) for name in ("year_in_review", "site")}
    assert {key for end in ends for key in graph.get(end).parent_keys} == {dg.AssetKey(["published", "adoption"])}


def test_the_job_is_everything_that_needs_no_network_and_no_log(defs: dg.Definitions) -> None:
    job = defs.resolve_job_def(JOB)
    graph = defs.resolve_asset_graph()

    assert set(job.asset_layer.executable_asset_keys) == {
        key
        for key in graph.get_all_asset_keys()
        # the sentences of the brief are published; the pages made of the published file are not
        if key.path[0] not in ("heavy", "extracts", "reports") or key == SENTENCES
    }
    # The lock of the data folder keeps writers apart. A pool beside it was a second lock: a deadlock in another order.
    assert {op.pool for op in job.all_node_defs if isinstance(op, dg.OpDefinition)} == {None}
