"""Mistakes in a catalog, and the lines on which they stand.

Belongs here: what a mistake is, its text, and finding its line. Does not belong here: what is a mistake
(`ingest.catalog.loader` within a file, `ingest.catalog.validation` between files).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from ingest.errors import did_you_mean, shortened

YamlLoader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser in C, where PyYAML was built with it."""
MAX_VALUE, MAX_TEXT = 100, 1_000
"""So many characters are shown of a name, and of what is wrong with it."""
MAX_SHOWN = 12
"""How many of the known names a message lists."""


@dataclass(frozen=True)
class Problem:
    """A mistake: its file, the entry and field where it stands, and what is wrong. `value` helps to find the line."""

    file: str
    entry: str | None
    field: str | None
    text: str
    value: str | None = None

    def text_at(self, line: int | None) -> str:
        """The mistake as a line for people."""
        place = self.file if line is None else f"{self.file}:{line}"
        entry = "" if self.entry is None else f"entry {shortened(repr(self.entry), MAX_VALUE)}: "
        field = "" if self.field is None else f"field {shortened(self.field, MAX_VALUE)}: "
        return f"{place}: {entry}{field}{shortened(self.text, MAX_TEXT)}"


def unknown(file: str, entry: str, field: str, name: str, known: Collection[str]) -> Problem:
    """The mistake that a name is not declared where it must be."""
    return Problem(file, entry, field, not_known(name, known), name)


def not_known(name: str, known: Collection[str]) -> str:
    """What is said of a name that is not among the known ones."""
    shown = ", ".join(shortened(repr(known_name), MAX_VALUE) for known_name in sorted(known)[:MAX_SHOWN])
    more = f" and {len(known) - MAX_SHOWN} more" if len(known) > MAX_SHOWN else ""
    return (
        f"{shortened(repr(name), MAX_VALUE)} is not known; expected one of [{shown}]{more}{did_you_mean(name, known)}"
    )


def located(folder: Path, problems: Iterable[Problem]) -> list[str]:
    """Mistakes as lines for people, each with the line of its file; a file is read once, however many it has."""
    places: dict[str, Places] = {}
    lines = []
    for problem in problems:
        if problem.file not in places:
            places[problem.file] = Places((folder / problem.file).read_text(encoding="utf-8"))
        line = places[problem.file].of_entry(problem.entry, problem.field, problem.value)
        lines.append(problem.text_at(line))
    return lines


class Places:
    """The lines of a YAML file, by what stands on them."""

    def __init__(self, text: str) -> None:
        self._root = yaml.compose(text, YamlLoader)

    def of_path(self, path: Sequence[str | int]) -> int | None:
        """The line of the innermost value on a path of keys and positions, None in an empty file."""
        node = self._root
        for step in path:
            inner = _child(node, step)
            node = node if inner is None else inner
        return None if node is None else node.start_mark.line + 1

    def of_entry(self, entry: str | None, field: str | None, value: str | None) -> int | None:
        """The line of a value in an entry; where it is not found that of the field, else that of the entry."""
        area_of_entry = self._root if entry is None else next(_entries(self._root, entry), self._root)
        if area_of_entry is None:
            return None
        key = (field or "").rpartition(".")[2]
        below = [node for name, node in _pairs(area_of_entry) if name == key]
        for area in (*below, area_of_entry):
            for node in _scalars(area):
                if node.value == value:
                    return int(node.start_mark.line) + 1
        return int((below or [area_of_entry])[0].start_mark.line) + 1


def _child(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item: yaml.Node = node.value[step]
        return item
    return None


def _entries(node: yaml.Node | None, name: str) -> Iterator[yaml.Node]:
    """Mappings whose id or name is the given one, and what stands below a key of that name."""
    for key, value in _pairs(node):
        if key in {"id", "name"} and isinstance(value, yaml.ScalarNode) and value.value == name:
            yield _owner(node, value)
        elif key == name:
            yield value


def _owner(node: yaml.Node | None, value: yaml.Node) -> yaml.Node:
    """The mapping that holds a value."""
    for mapping in _mappings(node):
        if any(node_of_value is value for _, node_of_value in mapping.value):
            return mapping
    return value


def _mappings(node: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    if isinstance(node, yaml.MappingNode):
        yield node
    for inner in _inner(node):
        yield from _mappings(inner)


def _pairs(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    """Every key with its value, at any depth."""
    for mapping in _mappings(node):
        yield from ((key.value, value) for key, value in mapping.value)


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    for inner in _inner(node):
        yield from _scalars(inner)


def _inner(node: yaml.Node | None) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        yield from (part for pair in node.value for part in pair)
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value
