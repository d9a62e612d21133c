"""docs/dictionary.md: it is the dictionary of the file that this code builds.

Belongs here: that it is not stale. Does not belong here: that every name has a text (publishing refuses otherwise).
With `--update-snapshots` it is written instead of compared; `make docs` does the same.
"""

from __future__ import annotations

import duckdb
import pytest

from adoption.export.dictionary import dictionary
from adoption.settings import REPOSITORY, Settings

PAGE = REPOSITORY / "docs" / "dictionary.md"


def test_the_dictionary_is_that_of_the_built_file(built: Settings, request: pytest.FixtureRequest) -> None:
    with duckdb.connect(str(built.published), read_only=True) as connection:
        made = dictionary(connection)
    if request.config.getoption("--update-snapshots"):
        PAGE.write_text(made, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == made, "stale: run `make docs`"
