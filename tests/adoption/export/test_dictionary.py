"""The dictionary and dbt's page: everything is in them, and the page needs no network."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from adoption.export.dictionary import dictionary, write_docs
from adoption.publish.reader import NotPublishedError
from adoption.settings import Settings

LOADED = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*?(?:src|href)\s*=\s*["']?(?:https?:)?//[^"'>]+""")


def test_every_table_column_and_macro_is_in_the_dictionary(built: Settings) -> None:
    with duckdb.connect(str(built.published), read_only=True) as connection:
        text = dictionary(connection)
        columns = connection.execute(
            "select table_name, column_name, comment from duckdb_columns() where not internal"
        ).fetchall()
        macros = connection.execute("select macro_name from meta.macros").fetchall()
    lines = text.replace(r"\_", "_").splitlines()
    for table, column, comment in columns:
        cell = f"| {comment} |".replace("|", r"\|")[2:-2]
        assert any(
            line.startswith(f"| {column} |") and cell in line and re.search(rf"\b{table}\b", line) for line in lines
        ), (table, column)
    assert macros
    assert all(f"| {name}(" in text for (name,) in macros)


def test_the_page_of_dbt_is_one_file_that_loads_nothing(copy_of_built: Settings, tmp_path: Path) -> None:
    written = write_docs(copy_of_built, tmp_path / "docs")

    assert [path.name for path in written] == ["dictionary.md", "index.html"]
    page = (tmp_path / "docs" / "index.html").read_text(encoding="utf-8")
    models = set(copy_of_built.dbt_project.rglob("models/**/*.sql"))
    heavy = set(
        copy_of_built.dbt_project.rglob("models/heavy/*.sql")
    )  # a project of its own, which a build does not run
    assert heavy < models
    for model in models - heavy:
        assert model.stem in page
    assert "is_preferred marks the one that reports use" in page
    assert LOADED.findall(page) == []
    assert LOADED.search('<script src="https://example.org/x.js">')


def test_without_a_published_file_there_is_nothing_to_document(tmp_path: Path) -> None:
    with pytest.raises(NotPublishedError):
        write_docs(Settings(data=tmp_path / "data"), tmp_path / "docs")
