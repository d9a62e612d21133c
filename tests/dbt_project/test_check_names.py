"""The checks whose findings the register accepts are those that the models and the detector have."""

from __future__ import annotations

import re
from typing import get_args

from adoption.detection.events import Kind
from adoption.settings import REPOSITORY
from ingest.catalog.entries.register import CHECKS

MODELS = REPOSITORY / "dbt_project" / "models" / "intermediate"
NAMED = re.compile(r"'(\w+)' as check_id")
OF_A_CASE = re.compile(r"\bcase\b((?:(?!\bcase\b).)*?)\bend as check_id", re.DOTALL)
OUTCOME = re.compile(r"then '(\w+)'")


def test_the_register_knows_every_check_and_no_other() -> None:
    texts = [path.read_text(encoding="utf-8") for path in MODELS.rglob("*.sql")]
    named = {name for text in texts for name in NAMED.findall(text)}
    chosen = {name for text in texts for case in OF_A_CASE.findall(text) for name in OUTCOME.findall(case)}

    assert len(chosen) > 3
    assert named | chosen | set(get_args(Kind)) == CHECKS
