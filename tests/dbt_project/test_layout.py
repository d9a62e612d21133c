"""Where the SQL of the dbt project stands.

Belongs here: quick looks at the files. Does not belong here: how SQL is laid out inside a file (sqlfmt, `make lint`).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adoption.settings import REPOSITORY

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
