"""A data folder and an edition that version 0.1.0 made, in tests/fixtures/first_version.tar.xz, read by this version.

The fixture was built from tests/fixtures/another_field by the commit that the manifest of its edition names: a landed
file from the inbox, its withdrawal, a Dagster home with its runs, and the edition 2020.1.
Belongs here: that what people keep stays readable. Does not belong here: editions of this version (test_editions).
"""

from __future__ import annotations

import json
import tarfile
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from adoption.editions.diff import compare
from adoption.editions.store import editions, manifest_of
from adoption.publish.reader import UnreadableFileError, open_published
from adoption.settings import REPOSITORY, Settings
from tests.conftest import run_build
from tests.end_to_end.conftest import FIELD

pytestmark = pytest.mark.slow

KEPT = REPOSITORY / "tests" / "fixtures" / "first_version.tar.xz"


@pytest.fixture(scope="module")
def first_version(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("first_version")
    with tarfile.open(KEPT) as archive:
        archive.extractall(folder, filter="data")
    return Settings(FIELD / "catalog", FIELD / "extracts", folder / "data")


def test_what_version_one_published_is_refused_with_what_to_do(first_version: Settings) -> None:
    message = r"was published by another version\. Run `adoption build`\."
    with pytest.raises(UnreadableFileError, match=message), open_published(first_version):
        pass


def test_its_data_folder_is_built_on_and_its_edition_compared(first_version: Settings) -> None:
    made = run_build(first_version)
    assert made.outcome.exit_code == 0, "\n".join([made.output, *made.outcome.failures])

    with open_published(first_version) as connection:
        landed = connection.execute("select kind, count(*) from meta.extracts group by all").fetchall()
    assert dict(landed) == {"landed": 4, "retracted": 1}

    assert editions(first_version, 2020) == ["2020.1"]
    comparison = compare(first_version, "2020.1", "published")
    assert not {"fct_revisions", "fct_minimum_detectable_effects", "fct_adoption_yoy"} & set(comparison.unmatched)
    facts = [difference for difference in comparison.differences if difference.table == "fct_observations"]
    assert not facts, "no figure moves by an upgrade"
    assert {difference.kind for difference in comparison.differences if difference.column == "baseline_growth_pct"} <= {
        "appeared"
    }


def test_its_edition_says_the_figures_that_it_said(first_version: Settings) -> None:
    manifest = manifest_of(first_version, "2020.1")
    file = first_version.editions / "2020.1" / "adoption.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        yoy = connection.execute(
            "select value, prior_value from marts.fct_adoption_yoy where entity_type = 'contender' and year = 2020 "
            "and entity_id = 'quill_family' and metric_id = 'pypi_downloads' and is_preferred"
        ).fetchall()
    assert yoy == [(1800, 1200)]
    assert manifest["edition"] == "2020.1"
    assert Counter(json.loads(path.read_text())["kind"] for path in _events(first_version.landing)) == {
        "landed": 1,
        "retracted": 1,
    }


def _events(landing: Path) -> list[Path]:
    return sorted(landing.glob("events/*/*.json"))
