"""The exposures of the dbt project: what is made from the marts outside dbt.

Belongs here: that each names exactly the marts that its Python code reads. Does not belong here: what the
code makes of them.
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from adoption.settings import REPOSITORY

MODELS = REPOSITORY / "dbt_project" / "models" / "marts"
MARTS = {path.stem for path in MODELS.rglob("*.sql")}
MART = re.compile(r"\b(?:dim|fct|rpt)_[a-z_]+")


def exposures() -> dict[str, set[str]]:
    """The marts that each exposure names."""
    content = yaml.safe_load((MODELS / "_exposures.yml").read_text(encoding="utf-8"))
    return {
        entry["name"]: set(re.findall(r"ref\('(\w+)'\)", str(entry["depends_on"]))) for entry in content["exposures"]
    }


def marts_in(folder: Path) -> set[str]:
    """The marts that the Python code of a folder names."""
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*.py")]
    return {name for text in texts for name in MART.findall(text)} & MARTS


def test_each_exposure_names_the_marts_that_it_is_made_from() -> None:
    actual = exposures()
    assert actual == {"report": marts_in(REPOSITORY / "adoption" / "reports"), "published_file": MARTS, "export": MARTS}
    assert actual["report"] < MARTS
