"""The whole catalog of one field, as one value.

Belongs here: what is asked of the catalog as a whole. Does not belong here: the shape of one file (a module each),
reading YAML (`ingest.catalog.loader`), and the rules between files (`ingest.catalog.validation`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ingest.catalog.entries.claims import Claims
from ingest.catalog.entries.controls import Controls
from ingest.catalog.entries.entities import (
    BaselineExclusion,
    Contender,
    ContenderMember,
    Framework,
    Market,
    Name,
    Review,
    Spelling,
)
from ingest.catalog.entries.events import Break, Event
from ingest.catalog.entries.metrics import Metric
from ingest.catalog.entries.register import Accepted
from ingest.catalog.entries.sources import SourceEntry
from ingest.catalog.entries.surveys import Survey
from ingest.catalog.entries.vocabulary import Vocabulary


@dataclass(frozen=True)
class Catalog:
    """The whole catalog of one field, validated within and between files."""

    frameworks: tuple[Framework, ...]
    contenders: tuple[Contender, ...]
    markets: tuple[Market, ...]
    vocabulary: Vocabulary
    metrics: tuple[Metric, ...]
    sources: tuple[SourceEntry, ...]
    breaks: tuple[Break, ...]
    events: tuple[Event, ...]
    baseline_exclusions: tuple[BaselineExclusion, ...]
    surveys: Mapping[str, Survey]
    review: Review
    claims: Claims
    register: tuple[Accepted, ...] = ()
    controls: Controls = field(default_factory=Controls)

    def source(self, source_id: str) -> SourceEntry:
        """The entry of one source; raises KeyError for an unknown id."""
        return {source.id: source for source in self.sources}[source_id]

    def names(self, namespace: str) -> frozenset[str]:
        """Every name, former ones too, that the catalog lists in one namespace."""
        return self._names.get(namespace, frozenset())

    @cached_property
    def _names(self) -> Mapping[str, frozenset[str]]:
        """The names of every namespace: asked for once an extract, of which there are thousands."""
        names: defaultdict[str, set[str]] = defaultdict(set)
        for entry in self.spellings():
            names[entry.namespace].add(entry.spelling)
        return {namespace: frozenset(listed) for namespace, listed in names.items()}

    def requested_names(self, namespace: str, of_markets: bool = False) -> tuple[Name, ...]:
        """The current names that a publisher is asked for: of frameworks and contenders, or of whole markets."""
        return tuple(
            spelling.entry
            for spelling in self.spellings()
            if spelling.namespace == namespace
            and (spelling.entity_type == "market") == of_markets
            and spelling.spelling == spelling.entry.name
        )

    def all_contenders(self) -> Iterator[Contender]:
        """The contenders of several frameworks, then every framework that is its own."""
        yield from self.contenders
        for framework in self.frameworks:
            if framework.role == "contender" and framework.contender is None:
                itself = ContenderMember(framework=framework.id, reason="itself")
                yield Contender(id=framework.id, label=framework.label, represented_by=framework.id, members=(itself,))

    def spellings(self) -> Iterator[Spelling]:
        """Every name of every entity, former names too."""
        kinds = {"contender": "framework", "reference": "reference"}
        named: list[tuple[str, str, Mapping[str, tuple[Name, ...]]]] = [
            *((kinds[entry.role], entry.id, entry.names) for entry in self.frameworks),
            *(("contender", entry.id, entry.names) for entry in self.contenders),
            *(("market", entry.id, entry.names) for entry in self.markets),
        ]
        for entity_type, entity_id, namespaces in named:
            for namespace, names in namespaces.items():
                for name in names:
                    for spelling in (name.name, *(former.name for former in name.formerly)):
                        yield Spelling(namespace, spelling, entity_type, entity_id, name)
