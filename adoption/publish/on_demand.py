"""The models that compare two contenders, as one query each in which the pair is a parameter.

Belongs here: putting dbt's compiled SQL together, and which tables of the published file it reads. Does not belong
here: the SQL (`dbt_project/models`), or the macros that people call (`dbt_project/published/macros`).

A build makes the pairs of `int_pairs__materialised` only, so that it grows with the contenders and not with their
pairs. For any other pair the very same SQL runs when it is asked for: each model that rests on that relation becomes a
common table expression, and two names stand in its place. It is kept as a text, which DuckDB reads as it is called, so
that it works in versions that do not understand how a newer one stores a query.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from adoption.warehouse.dbt import downstream
from ingest.database import literal
from ingest.errors import AdoptionError

PAIRS = "int_pairs__materialised"
"""The model in whose place a pair is asked for."""
PUBLISHED_AS = "published_as"
"""Where dbt's `meta` of a model says under which name the published file holds its rows."""
A, B = "{a}", "{b}"
ASKED = f"""
    select contender_named('{A}') as entity_id, contender_named('{B}') as against_entity_id
    union all
    select contender_named('{B}') as entity_id, contender_named('{A}') as against_entity_id
"""


class OnDemandError(AdoptionError):
    """A model that compares two contenders reads what is not published; the text names both."""


@dataclass(frozen=True)
class PairModels:
    """The models of a dbt project that rest on `int_pairs__materialised`."""

    manifest: Mapping[str, Any]
    compiled: Path
    """The folder in which dbt leaves compiled SQL."""

    def tables(self) -> list[tuple[str, str]]:
        """Schema and name of the intermediate tables that the queries read: they are published beside the marts."""
        names = (self._published_as(node) for node in self._read)
        split = {tuple(name.split(".", 1)) for name in names}
        return sorted((schema, table) for schema, table in split if schema == "intermediate")

    def query(self, model: str) -> str:
        """An SQL expression of the text of a model's query, for the macro parameters `a` and `b`.

        Raises:
            OnDemandError: when a model reads a table that is not published.
        """
        text = literal(self.text(model))
        for place, parameter in ((A, "a"), (B, "b")):
            text = f"replace({text}, '{place}', replace(coalesce({parameter}::varchar, ''), '''', ''''''))"
        return text

    def text(self, model: str) -> str:
        """The query of a model, with `{a}` and `{b}` where the names of the two contenders belong."""
        [node] = [name for name in self._resting if self.manifest["nodes"][name]["name"] == model]
        needed = {node, *self._needed_by(node)}
        ctes = [
            f"{self._name(name)} as materialized (\n{self._sql(name)}\n)" for name in self._resting if name in needed
        ]
        return f"with {', '.join([f'{PAIRS} as ({ASKED})', *ctes])}\nselect * from {model}"

    def _sql(self, node: str) -> str:
        """The compiled SQL of a model without its comments, each relation by the name that it has in the query."""
        props = self.manifest["nodes"][node]
        path = self.compiled / props["package_name"] / props["original_file_path"]
        lines = path.read_text(encoding="utf-8").splitlines()
        sql = "\n".join(line for line in lines if line.strip() and not line.lstrip().startswith("--"))
        for parent in props["depends_on"]["nodes"]:
            sql = sql.replace(self._relation(parent), self._name(parent))
        return sql

    def _relation(self, node: str) -> str:
        return str((self.manifest["nodes"].get(node) or self.manifest["sources"][node])["relation_name"])

    def _name(self, node: str) -> str:
        name: str = node.rsplit(".", 1)[-1]
        return name if name == PAIRS or node in self._resting else self._published_as(node)

    def _published_as(self, node: str) -> str:
        if node in self.manifest["sources"]:
            return f"meta.{self.manifest['sources'][node]['name']}"
        name = self.manifest["nodes"][node]["config"]["meta"].get(PUBLISHED_AS)
        if not name:
            raise OnDemandError(f"{node} is read on demand, and its `meta` does not say what it is {PUBLISHED_AS}")
        return str(name)

    @cached_property
    def _resting(self) -> list[str]:
        """Every model that rests on the pairs, by way of others or not, each after those that it reads."""
        return downstream(self.manifest, PAIRS)[1:]

    @cached_property
    def _read(self) -> frozenset[str]:
        """What the resting models read beside one another."""
        return frozenset(parent for name in self._resting for parent in self._outside(name))

    def _outside(self, node: str) -> Iterator[str]:
        for parent in self.manifest["nodes"][node]["depends_on"]["nodes"]:
            if parent not in self._resting and not parent.endswith(f".{PAIRS}"):
                yield parent

    def _needed_by(self, node: str) -> set[str]:
        """The resting models that a model reads, by way of others or not."""
        needed: set[str] = set()
        for parent in self.manifest["nodes"][node]["depends_on"]["nodes"]:
            if parent in self._resting:
                needed |= {parent, *self._needed_by(parent)}
        return needed
