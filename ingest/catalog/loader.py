"""Reads the YAML files of a catalog, and says of every wrong entry where it stands.

Belongs here: YAML, and mistakes within one file. Does not belong here: the shape of entries (a module for each file),
and the rules between files (`ingest.catalog.validation`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from ingest.catalog.entries.claims import Claims
from ingest.catalog.entries.controls import Controls
from ingest.catalog.entries.entities import BaselineExclusion, Frameworks, Review
from ingest.catalog.entries.events import Break, Event
from ingest.catalog.entries.metrics import Metric
from ingest.catalog.entries.register import Accepted
from ingest.catalog.entries.sources import SourceEntry
from ingest.catalog.entries.surveys import Survey
from ingest.catalog.entries.vocabulary import Vocabulary
from ingest.catalog.model import Catalog
from ingest.catalog.problems import Places, Problem, YamlLoader, located
from ingest.catalog.validation import problems_between
from ingest.errors import CatalogError, reason_of

FILES: Mapping[str, TypeAdapter[Any]] = {
    "frameworks": TypeAdapter(Frameworks),
    "vocabulary": TypeAdapter(Vocabulary),
    "metrics": TypeAdapter(tuple[Metric, ...]),
    "sources": TypeAdapter(tuple[SourceEntry, ...]),
    "breaks": TypeAdapter(tuple[Break, ...]),
    "events": TypeAdapter(tuple[Event, ...]),
    "baseline_exclusions": TypeAdapter(tuple[BaselineExclusion, ...]),
    "surveys": TypeAdapter(dict[str, Survey]),
    "review": TypeAdapter(Review),
    "claims": TypeAdapter(Claims),
    "register": TypeAdapter(tuple[Accepted, ...]),
    "controls": TypeAdapter(Controls),
}
OPTIONAL: Mapping[str, Any] = {"register": [], "controls": {}}
"""What a file that is missing or empty stands for: nothing was accepted yet, and nothing is compared."""


class _UniqueKeys(YamlLoader):  # type: ignore[misc, valid-type] # which one it is depends on the machine
    """YAML in which a key that occurs twice is an error, where plain YAML forgets the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = set()
        for key, _ in node.value:
            if key.value in keys:
                message = f"the key {key.value!r} occurs twice"
                raise yaml.constructor.ConstructorError(None, None, message, key.start_mark)
            keys.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping

    def construct_yaml_timestamp(self, node: yaml.ScalarNode) -> date | datetime:
        """A date; one that no calendar has is reported with its line."""
        try:
            moment: date | datetime = super().construct_yaml_timestamp(node)
        except ValueError as error:
            message = f"{node.value} is not a date: {error}"
            raise yaml.constructor.ConstructorError(None, None, message, node.start_mark) from error
        return moment


_UniqueKeys.add_constructor("tag:yaml.org,2002:timestamp", _UniqueKeys.construct_yaml_timestamp)


def load_catalog(folder: Path) -> Catalog:
    """Read and validate the catalog in `folder`.

    Raises:
        CatalogError: listing every wrong entry as file, line, entry, field and what was expected. Names that must be
            declared in another file are looked at once every file is readable.
    """
    files: dict[str, Any] = {}
    problems: list[str] = []
    for name, adapter in FILES.items():
        try:
            files[name] = _read_file(folder / f"{name}.yaml", adapter)
        except CatalogError as error:
            problems.append(str(error))
    if problems:
        raise CatalogError("\n".join(problems))
    people: Frameworks = files.pop("frameworks")
    catalog = Catalog(people.frameworks, people.contenders, people.markets, **files)
    problems = located(folder, problems_between(catalog))
    if problems:
        raise CatalogError("\n".join(problems))
    return catalog


def _read_file(path: Path, adapter: TypeAdapter[Any]) -> Any:  # noqa: ANN401 - each file has a type of its own
    try:
        text = path.read_text(encoding="utf-8")
        content = yaml.load(text, _UniqueKeys)  # noqa: S506
    except FileNotFoundError as error:
        if path.stem not in OPTIONAL:
            raise CatalogError(f"{path.name}: the file is missing in {path.parent}") from error
        text, content = "", None
    except yaml.MarkedYAMLError as error:
        raise CatalogError(_unreadable(path.name, error)) from error
    except (yaml.YAMLError, ValueError) as error:
        raise CatalogError(f"{path.name}: not readable as YAML: {error}") from error
    try:
        return adapter.validate_python(OPTIONAL.get(path.stem) if content is None else content)
    except ValidationError as error:
        places = Places(text)
        raise CatalogError(
            "\n".join(_explain(path.name, places, content, problem) for problem in error.errors())
        ) from error


def _unreadable(file: str, error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    line = f":{mark.line + 1}" if mark else ""
    return f"{file}{line}: not readable as YAML: {error.problem or error}"


def _explain(file: str, places: Places, content: object, problem: ErrorDetails) -> str:
    """One line: file, line, entry by its id where it has one, field, what was expected, what was found."""
    place: list[str] = []
    entry = None
    here = content
    for step in problem["loc"]:
        place.append(str(step))
        here = _inside(here, step)
        if isinstance(here, dict) and ("id" in here or "name" in here):
            entry, place = str(here.get("id", here.get("name"))), []
    text = f"{reason_of(problem)}; found {problem['input']!r:.80}"
    return Problem(file, entry, ".".join(place) or "(whole)", text).text_at(places.of_path(problem["loc"]))


def _inside(container: object, step: int | str) -> object:
    """The part of parsed YAML that a step leads to, None where there is none."""
    if isinstance(container, dict):
        return container.get(step)
    if isinstance(container, list) and isinstance(step, int) and step < len(container):
        return container[step]
    return None
