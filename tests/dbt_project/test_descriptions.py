"""What dbt's readers are told of each model and source table: the texts that already stand in SQL and Python.

Belongs here: the descriptions in `_<folder>__models.yml` (staging and intermediate) and `_<source>__sources.yml`. With
`--update-snapshots` they are written instead of compared; other keys, such as data tests, are kept. Does not belong
here: marts, which are described by hand, column by column (tests/test_house_rules.py).
"""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from adoption.settings import REPOSITORY
from ingest.catalog.comments import TABLES
from ingest.sources import all_sources
from orchestration.assets.dbt import leading_comment

MODELS = REPOSITORY / "dbt_project" / "models"
BY_HAND = {"landing", "detection", "projection"}
"""Sources whose tables have no text elsewhere."""
FOLDERS = sorted({path.parent for layer in ("staging", "intermediate") for path in (MODELS / layer).rglob("*.sql")})
SOURCE_FILES = sorted(MODELS.rglob("*__sources.yml"))
JINJA = re.compile("{[{%#]")
MODELS_HEADER = """\
# The descriptions are the comments that the models begin with. tests/dbt_project/test_descriptions.py compares them,
# and writes them with --update-snapshots; everything else stands here by hand.
"""
SOURCES_HEADER = """\
# The descriptions stand in {where}. tests/dbt_project/test_descriptions.py compares them,
# and writes them with --update-snapshots; everything else stands here by hand.
"""

Entry = dict[str, Any]


class Dumper(yaml.SafeDumper):
    """YAML as people write it: items are indented, lists of words stand on one line, and lines of text are kept."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 # PyYAML's
        super().increase_indent(flow, indentless=False)

    def represent_words(self, items: list[object]) -> yaml.Node:
        is_plain = not any(isinstance(item, dict | list) for item in items)
        return self.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=is_plain)

    def represent_text(self, text: str) -> yaml.Node:
        return self.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Dumper.add_representer(list, Dumper.represent_words)
Dumper.add_representer(str, Dumper.represent_text)


def read(path: Path) -> Entry:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8"))) if path.exists() else {"version": 2}


def write(path: Path, header: str, content: Entry) -> None:
    text = yaml.dump(content, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120)
    text = re.sub(r"\n(?=\w)", "\n\n", text)  # a blank line before each key of the file
    path.write_text(header + text, encoding="utf-8")


def described(entry: Entry, text: str) -> Entry:
    """An entry with this description, which follows its name."""
    others = {key: value for key, value in entry.items() if key not in ("name", "description")}
    return {"name": entry["name"], "description": text, **others}


def with_comments(folder: Path, content: Entry) -> Entry:
    """The models of a folder, each described by the comment that its SQL begins with."""
    comments = {path.stem: leading_comment(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.sql"))}
    entries = {entry["name"]: entry for entry in content.get("models", ())}
    assert set(entries) <= set(comments), f"{folder.name}: an entry without a model"
    models = [described(entries.get(name, {"name": name}), comment) for name, comment in comments.items()]
    return {**content, "models": models}


def with_docstrings(source: Entry) -> Entry:
    """A source as Python describes it: the catalog's tables by their comments, raw tables by their row models."""
    name = source["name"]
    if name == "catalog":
        texts, text = TABLES, source["description"]
    else:
        module = import_module(f"ingest.sources.{name}")
        texts = {table: inspect.getdoc(row) or "" for table, row in all_sources()[name].tables.items()}
        text = (inspect.getdoc(module) or "").partition("\n\n")[0]
    assert {table["name"] for table in source["tables"]} <= set(texts), f"{name}: a table that is not loaded"
    return {**described(source, text), "tables": [described(table, texts[table["name"]]) for table in source["tables"]]}


def plain_texts(entries: list[Entry]) -> list[str]:
    """The descriptions, none of which dbt would read as Jinja."""
    texts = [entry.get("description", "") for entry in entries]
    assert [text for text in texts if JINJA.search(text)] == []
    return texts


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_model_is_described_by_the_comment_that_it_begins_with(
    folder: Path, request: pytest.FixtureRequest
) -> None:
    path = folder / f"_{folder.name}__models.yml"
    made = with_comments(folder, read(path))
    if request.config.getoption("--update-snapshots"):
        write(path, MODELS_HEADER, made)
    assert read(path) == made, "stale: run this test with --update-snapshots"
    assert all(plain_texts(made["models"]))


@pytest.mark.parametrize("path", SOURCE_FILES, ids=lambda path: path.parent.name)
def test_every_source_table_is_described_as_python_describes_it(path: Path, request: pytest.FixtureRequest) -> None:
    content = read(path)
    (source,) = content["sources"]
    assert path == MODELS / "staging" / source["name"] / f"_{source['name']}__sources.yml"
    made = {**content, "sources": [source if source["name"] in BY_HAND else with_docstrings(source)]}
    if request.config.getoption("--update-snapshots") and source["name"] not in BY_HAND:
        where = "ingest/catalog/comments.py" if source["name"] == "catalog" else f"ingest/sources/{source['name']}.py"
        write(path, SOURCES_HEADER.format(where=where), made)
    assert read(path) == made, "stale: run this test with --update-snapshots"
    (source,) = made["sources"]
    assert all(plain_texts([source, *source["tables"]]))


def test_every_source_and_every_raw_table_is_known_to_dbt() -> None:
    declared = {source["name"]: source for path in SOURCE_FILES for source in read(path)["sources"]}
    assert set(declared) == {*all_sources(), "catalog", *BY_HAND}
    for name, source in all_sources().items():
        assert {table["name"] for table in declared[name]["tables"]} == set(source.tables), name
        assert {table["identifier"] for table in declared[name]["tables"]} == {
            f"{name}__{table}" for table in source.tables
        }
