"""The rules between the entries and files of a catalog.

Belongs here: names that must be declared, and what must stand once. Does not belong here: the shape of one entry
(a module for each file).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from ingest.catalog.model import Catalog

Reference = tuple[str, str, str, str, Collection[str]]
"""File, entry, field, the name that stands there, and the names that are known."""


def problems_between(catalog: Catalog) -> Iterator[str]:
    """Rules between entries and files, each broken one as a line for people."""
    yield from _repeated(catalog)
    yield from _membership_problems(catalog, {entry.id for entry in catalog.frameworks})
    yield from _name_problems(catalog)
    yield from _claim_problems(catalog)
    for file, entry, field, name, known in _references(catalog):
        if name not in known:
            yield f"{file}: entry {entry!r}: field {field}: {name!r} is not known; expected one of {sorted(known)}"


def _repeated(catalog: Catalog) -> Iterator[str]:
    """Identities that stand more than once where they must be unique."""
    groups: list[tuple[str, Iterable[str]]] = [
        ("frameworks.yaml: framework", (entry.id for entry in catalog.frameworks)),
        ("frameworks.yaml: contender", (entry.id for entry in catalog.all_contenders())),
        ("frameworks.yaml: market", (entry.id for entry in catalog.markets)),
        ("metrics.yaml", (entry.id for entry in catalog.metrics)),
        ("sources.yaml", (entry.id for entry in catalog.sources)),
        ("breaks.yaml", (entry.id for entry in catalog.breaks)),
        ("events.yaml", (entry.id for entry in catalog.events)),
        ("baseline_exclusions.yaml", (entry.name for entry in catalog.baseline_exclusions)),
        ("claims.yaml: word", (entry.id for entry in catalog.claims.words)),
        ("claims.yaml: window", (entry.id for entry in catalog.claims.windows)),
        ("claims.yaml: claim", (entry.id for entry in catalog.claims.claims)),
        *(
            (f"claims.yaml: entry {claim.id!r}: reading", (entry.reading for entry in claim.readings))
            for claim in catalog.claims.claims
        ),
    ]
    for place, ids in groups:
        yield from (
            f"{place}: {name!r} occurs {times} times; expected once"
            for name, times in Counter(ids).items()
            if times > 1
        )


def _references(catalog: Catalog) -> Iterator[Reference]:
    """Every name in the catalog that must be declared elsewhere in it."""
    compared = {entry.id for entry in catalog.frameworks} | {entry.id for entry in catalog.all_contenders()}
    metrics = {entry.id for entry in catalog.metrics}
    sources = {entry.id for entry in catalog.sources}
    yield from _metric_references(catalog, sources)
    yield from _break_references(catalog, sources, metrics, compared)
    yield from _event_references(catalog, metrics, compared)
    yield from _source_references(catalog, metrics, compared)
    yield from (("surveys.yaml", name, "(key)", name, sources) for name in catalog.surveys)
    yield from _claim_references(catalog, metrics, compared | {entry.id for entry in catalog.markets})
    contenders = {entry.id for entry in catalog.all_contenders()}
    yield "review.yaml", "review", "focus", catalog.review.focus, contenders
    yield "review.yaml", "review", "benchmark", catalog.review.benchmark, contenders


def _bases(catalog: Catalog) -> set[str]:
    return {pair.basis for metric in catalog.metrics for pair in metric.sources}


def _metric_references(catalog: Catalog, sources: set[str]) -> Iterator[Reference]:
    for metric in catalog.metrics:
        for pair in metric.sources:
            yield "metrics.yaml", metric.id, "sources", pair.source, sources
        for dimension, basis in metric.choices.ways():
            yield "metrics.yaml", metric.id, f"choices.{dimension}", basis, metric.admissible()


def _break_references(
    catalog: Catalog, sources: set[str], metrics: set[str], entities: set[str]
) -> Iterator[Reference]:
    bases = _bases(catalog)
    for entry in catalog.breaks:
        known = {"sources": sources, "metrics": metrics, "entities": entities, "bases": bases}
        for field, names in known.items():
            for name in getattr(entry.reach, field):
                yield "breaks.yaml", entry.id, f"reach.{field}", name, names


def _event_references(catalog: Catalog, metrics: set[str], entities: set[str]) -> Iterator[Reference]:
    for entry in catalog.events:
        yield from (("events.yaml", entry.id, "metrics", name, metrics) for name in entry.metrics)
        yield from (("events.yaml", entry.id, "entities", name, entities) for name in entry.entities)


def _source_references(catalog: Catalog, metrics: set[str], entities: set[str]) -> Iterator[Reference]:
    known = {"bases": _bases(catalog), "metrics": metrics, "entities": entities}
    namespaces = {spelling.namespace for spelling in catalog.spellings()}
    for entry in catalog.sources:
        for bias in entry.biases:
            for field, names in known.items():
                yield from (("sources.yaml", entry.id, f"biases.{field}", name, names) for name in getattr(bias, field))
        yield "sources.yaml", entry.id, "names", entry.names, namespaces


def _claim_references(catalog: Catalog, metrics: set[str], entities: set[str]) -> Iterator[Reference]:
    """Every name that a window or a reading takes from elsewhere in the catalog."""
    words = {word.id for word in catalog.claims.words}
    windows = {window.id: window.metrics for window in catalog.claims.windows}
    ways = {metric.id: {f"{pair.source}/{pair.basis}" for pair in metric.sources} for metric in catalog.metrics}
    for window in catalog.claims.windows:
        yield from (("claims.yaml", window.id, "metrics", name, metrics) for name in window.metrics)
    for claim in catalog.claims.claims:
        for reading in claim.readings:
            is_of_channels = reading.measure == "channels_not_led"
            others = {metric.channel for metric in catalog.metrics} if is_of_channels else entities
            names: list[tuple[str, str | None, Collection[str]]] = [
                ("metric", reading.metric, metrics),
                ("entity", reading.entity, entities),
                ("over", reading.over, entities),
                ("without", reading.without, others),
                ("relation", reading.relation, words),
                ("window", reading.window, windows.keys()),
            ]
            names += (("among", name, metrics) for name in reading.among)
            if reading.source is not None or reading.basis is not None:
                way = f"{reading.source}/{reading.basis}"
                names.append(("source/basis", way, ways.get(reading.metric or "", set())))
            if reading.window in windows:
                names.append(("metric", reading.metric, windows[reading.window]))
            for field, name, known in names:
                if name is not None:
                    yield "claims.yaml", claim.id, f"{reading.reading}.{field}", name, known


def _claim_problems(catalog: Catalog) -> Iterator[str]:
    """A stated number where the word speaks of one, and none where it does not."""
    words = {word.id: word for word in catalog.claims.words}
    for claim in catalog.claims.claims:
        for reading in claim.readings:
            word = words.get(reading.relation)
            if word is not None and (reading.stated is not None) != word.has_tolerance:
                yield (
                    f"claims.yaml: entry {claim.id!r}: field {reading.reading}.stated: {word.says!r} "
                    f"{'needs' if word.has_tolerance else 'has no'} stated number; found {reading.stated}"
                )


def _membership_problems(catalog: Catalog, frameworks: set[str]) -> Iterator[str]:
    declared = {(contender.id, member.framework) for contender in catalog.contenders for member in contender.members}
    named = {(entry.contender, entry.id) for entry in catalog.frameworks if entry.contender is not None}
    for contender, framework in sorted(declared ^ named):
        yield (
            f"frameworks.yaml: entry {framework!r}: field contender: membership in {contender!r} must stand both "
            "at the framework (contender) and at the contender (members)"
        )
    for entry in catalog.contenders:
        members = {member.framework for member in entry.members}
        if entry.represented_by not in members & frameworks:
            yield (
                f"frameworks.yaml: entry {entry.id!r}: field represented_by: {entry.represented_by!r} is not one of "
                f"its members {sorted(members)}"
            )


def _name_problems(catalog: Catalog) -> Iterator[str]:
    owners: dict[tuple[str, str], list[str]] = {}
    primaries: Counter[tuple[str, str, str]] = Counter()
    for entry in catalog.spellings():
        owners.setdefault((entry.namespace, entry.spelling), []).append(entry.entity_id)
        if entry.entry.member == "primary" and entry.spelling == entry.entry.name:
            primaries[entry.namespace, entry.entity_type, entry.entity_id] += 1
    for (namespace, name), entities in owners.items():
        if len(entities) > 1:
            yield (
                f"frameworks.yaml: entries {entities}: field names.{namespace}: {name!r} is claimed "
                f"{len(entities)} times; expected once"
            )
    for (namespace, _, entity), times in primaries.items():
        if times > 1:
            yield (
                f"frameworks.yaml: entry {entity!r}: field names.{namespace}: {times} primary names; "
                "expected at most one"
            )
