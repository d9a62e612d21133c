"""A framework that is added to the catalog, and nowhere else, appears everywhere, and moves nothing of the others.

Belongs here: one build with one entry more. Does not belong here: what the catalog accepts (tests/ingest).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from adoption.reports.review import show
from adoption.settings import Settings
from tests.conftest import run_build
from tests.end_to_end.asking import ask_file, differences

pytestmark = pytest.mark.slow

NEWCOMER = {
    "id": "gizmo",
    "label": "Gizmo",
    "role": "contender",
    "names": {
        "pypi": [{"name": "gizmo", "member": "primary"}],
        "github": [{"name": "gizmo/gizmo", "member": "primary"}],
        "kaggle_survey": [{"name": "Gizmo", "member": "primary"}],
        "search_term": [{"name": "Gizmo", "member": "primary"}],
    },
}


@pytest.fixture(scope="module")
def grown(built: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The shipped warehouse, built again with one entry more in a copy of its catalog."""
    folder = tmp_path_factory.mktemp("grown")
    settings = Settings(folder / "catalog", built.extracts, folder / "data")
    shutil.copytree(built.catalog, settings.catalog)
    shutil.copytree(built.data, settings.data)
    path = settings.catalog / "frameworks.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["frameworks"].append(NEWCOMER)
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    made = run_build(settings)
    assert made.outcome.exit_code == 0, "\n".join([made.output, *made.outcome.failures])
    return settings


def test_it_is_among_the_frameworks(grown: Settings) -> None:
    rows = ask_file(grown.published, "from marts.dim_entities where entity_id = 'gizmo' order by entity_type")
    assert [(row["entity_type"], row["label"], row["role"]) for row in rows] == [
        ("contender", "Gizmo", "contender"),
        ("framework", "Gizmo", "contender"),
    ]
    assert rows[1]["names"] == [
        "github: gizmo/gizmo (primary)",
        "kaggle_survey: Gizmo (primary)",
        "pypi: gizmo (primary)",
        "search_term: Gizmo (primary)",
    ]


def test_coverage_speaks_of_it_in_every_channel_and_calls_absence_not_held(grown: Settings) -> None:
    ways = ask_file(grown.published, "select distinct metric_id, source_id, basis from marts.fct_coverage")
    rows = ask_file(grown.published, "from marts.fct_coverage where entity_id = 'gizmo'")
    assert len({(row["metric_id"], row["source_id"], row["basis"]) for row in rows}) == len(ways) > 20
    assert {row["state"] for row in rows} == {"not available", "no name in this channel"}
    assert {row["state"] for row in rows if row["source_id"] == "top_pypi_packages"} == {"not available"}
    assert {row["state"] for row in rows if row["source_id"] == "hiring_trends"} == {"no name in this channel"}
    assert ask_file(grown.published, "from marts.fct_observations where entity_id = 'gizmo'") == []


def test_it_is_on_the_page_of_every_metric(
    grown: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "select distinct metric_id from marts.rpt_year_in_review where year = 2020"
    everything = {row["metric_id"] for row in ask_file(grown.published, f"{query} and entity_type = 'contender'")}
    known = {
        row["metric_id"] for row in ask_file(grown.published, f"{query} and entity_type = 'contender' and is_known")
    }
    shown = {row["metric_id"] for row in ask_file(grown.published, f"{query} and entity_id = 'gizmo' and not is_known")}
    assert shown == everything
    monkeypatch.setenv("COLUMNS", "200")
    show(grown, 2020, everyone=True)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  Gizmo  ")]
    assert len(lines) == len(known - {"conference_papers"}) > 10
    assert all(line.split() == ["Gizmo", "not", "known", "not", "known", "no", "data"] for line in lines)


def test_nothing_else_changes(built: Settings, grown: Settings) -> None:
    assert differences(built.published, grown.published, where="entity_id <> 'gizmo'") == {}
    assert set(differences(built.published, grown.published)) == {
        "dim_entities",
        "fct_coverage",
        "rpt_year_in_review",
    }


def test_the_shipped_catalog_is_untouched(built: Settings) -> None:
    assert "gizmo" not in Path(built.catalog / "frameworks.yaml").read_text(encoding="utf-8")
