"""Where the SQL of the dbt project stands.

Belongs here: quick looks at the files. Does not belong here: how SQL is laid out inside a file (sqlfmt, `make lint`).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adoption.settings import REPOSITORY, Settings
from ingest.catalog import load_catalog

STAGING = REPOSITORY / "dbt_project" / "models" / "staging"
MACROS = REPOSITORY / "dbt_project" / "macros"
MACRO_FILES = sorted(MACROS.rglob("*.sql"))
DEFINED = re.compile(r"{%-? (macro|test|materialization) (\w+)[(,]")


@pytest.mark.parametrize("path", MACRO_FILES, ids=lambda path: path.stem)
def test_a_file_holds_one_macro_of_its_name_below_its_subject_and_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    names = [name if kind == "macro" else f"{kind}_{name}" for kind, name in DEFINED.findall(text)]
    assert names == [path.stem]
    assert path.parent.parent == MACROS
    assert text.startswith("{# ")


def test_a_model_that_emits_observations_is_a_table() -> None:
    """Their union would otherwise run all their queries at once, each with memory of its own."""
    models = [model for source in load_catalog(Settings().catalog).sources for model in source.observations]
    [*paths] = (path for path in STAGING.rglob("*.sql") if path.stem in models)
    assert len(paths) == len(models)
    assert [path.stem for path in paths if not path.read_text().startswith('{{ config(materialized="table") }}')] == []
