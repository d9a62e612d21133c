"""docs/sources.md: every source has a section, and a line that says what it gave, gives and cannot, and on which day.

Belongs here: that the page and the catalog speak of the same sources and days. Does not belong here: whether it is
true.
"""

from __future__ import annotations

import pytest

from adoption.settings import REPOSITORY, Settings
from ingest.catalog import load_catalog

PAGE = (REPOSITORY / "docs" / "sources.md").read_text(encoding="utf-8")
CATALOG = load_catalog(Settings().catalog)
SOURCES = [source.id for source in CATALOG.sources]


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_has_a_section(source: str) -> None:
    assert f" (`{source}`)\n" in PAGE


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_says_what_it_gave_gives_and_cannot_and_when_that_was_checked(source: str) -> None:
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{source}` |") and line.count("|") == 6]
    gave, gives, cannot, checked = [cell.strip() for cell in line.split("|")[2:6]]
    assert all((gave, gives, cannot))
    assert checked == str(CATALOG.source(source).verified_until or "no method to check")
