"""The rules between the entries and files of a catalog.

Belongs here: names that must be declared, and what must stand once. Does not belong here: the shape of one entry
(a module for each file).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from ingest.catalog.entries.register import CHECKS, Accepted
from ingest.catalog.model import Catalog
from ingest.catalog.problems import Problem, unknown

Reference = tuple[str, str, str, str, Collection[str]]
"""File, entry, field, the name that stands there, and the names that are known."""


def problems_between(catalog: Catalog) -> Iterator[Problem]:
    """Every broken rule between entries and files."""
    yield from _repeated(catalog)
    yield from _membership_problems(catalog, {entry.id for entry in catalog.frameworks})
    yield from _name_problems(catalog)
    yield from _claim_problems(catalog)
    for file, entry, field, name, known in _references(catalog):
        if name not in known:
            yield unknown(file, entry, field, name, known)


def _repeated(catalog: Catalog) -> Iterator[Problem]:
    """Identities that stand more than once where they must be unique."""
    groups: list[tuple[str, str | None, str, Iterable[str]]] = [
        ("frameworks.yaml", None, "framework: ", (entry.id for entry in catalog.frameworks)),
        ("frameworks.yaml", None, "contender: ", (entry.id for entry in catalog.all_contenders())),
        ("frameworks.yaml", None, "market: ", (entry.id for entry in catalog.markets)),
        ("frameworks.yaml", None, "companion: ", _held_to_another(catalog)),
        ("vocabulary.yaml", None, "channel: ", (entry.name for entry in catalog.vocabulary.channels)),
        ("vocabulary.yaml", None, "unit: ", (entry.name for entry in catalog.vocabulary.units)),
        ("metrics.yaml", None, "", (entry.id for entry in catalog.metrics)),
        *(
            ("metrics.yaml", metric.id, "source/basis: ", (f"{pair.source}/{pair.basis}" for pair in metric.sources))
            for metric in catalog.metrics
        ),
        ("register.yaml", None, "finding: ", map(_of_register, catalog.register)),
        ("sources.yaml", None, "", (entry.id for entry in catalog.sources)),
        ("breaks.yaml", None, "", (entry.id for entry in catalog.breaks)),
        ("events.yaml", None, "", (entry.id for entry in catalog.events)),
        ("baseline_exclusions.yaml", None, "", (entry.name for entry in catalog.baseline_exclusions)),
        ("claims.yaml", None, "word: ", (entry.id for entry in catalog.claims.words)),
        ("claims.yaml", None, "window: ", (entry.id for entry in catalog.claims.windows)),
        ("claims.yaml", None, "claim: ", (entry.id for entry in catalog.claims.claims)),
        *(
            ("claims.yaml", claim.id, "reading: ", (entry.reading for entry in claim.readings))
            for claim in catalog.claims.claims
        ),
    ]
    for file, entry, kind, ids in groups:
        yield from (
            Problem(file, entry, None, f"{kind}{name!r} occurs {times} times; expected once", name)
            for name, times in Counter(ids).items()
            if times > 1
        )


def _of_register(entry: Accepted) -> str:
    """What an entry of the register covers, in words."""
    parts = (entry.check, entry.source, entry.metric, entry.basis, entry.series, entry.segment, entry.start, entry.end)
    return " ".join(str(part) for part in parts if part is not None)


def _held_to_another(catalog: Catalog) -> Iterator[str]:
    """The packages whose counts are held to those of a companion; each to one, or a count would be two bounds."""
    for framework in catalog.frameworks:
        yield from (f"{companion.namespace} {companion.name}" for companion in framework.companions)


def _references(catalog: Catalog) -> Iterator[Reference]:
    """Every name in the catalog that must be declared elsewhere in it."""
    compared = {entry.id for entry in catalog.frameworks} | {entry.id for entry in catalog.all_contenders()}
    metrics = {entry.id for entry in catalog.metrics}
    sources = {entry.id for entry in catalog.sources}
    yield from _metric_references(catalog, sources)
    yield from _break_references(catalog, sources, metrics, compared)
    yield from _event_references(catalog, metrics, compared)
    yield from _companion_references(catalog)
    yield from _source_references(catalog, metrics, compared)
    yield from _register_references(catalog, sources, metrics)
    yield from _control_references(catalog, sources, compared | {entry.id for entry in catalog.markets})
    yield from (("surveys.yaml", name, "(key)", name, sources) for name in catalog.surveys)
    yield from _claim_references(catalog, metrics, compared | {entry.id for entry in catalog.markets})
    contenders = {entry.id for entry in catalog.all_contenders()}
    yield "review.yaml", "review", "focus", catalog.review.focus, contenders
    yield "review.yaml", "review", "benchmark", catalog.review.benchmark, contenders


def _pairs(catalog: Catalog) -> list[tuple[str, str, str]]:
    """Metric, source and basis of every way in which something is counted."""
    return [(metric.id, pair.source, pair.basis) for metric in catalog.metrics for pair in metric.sources]


def _metric_references(catalog: Catalog, sources: set[str]) -> Iterator[Reference]:
    channels = {entry.name for entry in catalog.vocabulary.channels}
    units = {entry.name for entry in catalog.vocabulary.units}
    for metric in catalog.metrics:
        yield "metrics.yaml", metric.id, "channel", metric.channel, channels
        yield "metrics.yaml", metric.id, "unit", metric.unit, units
        for pair in metric.sources:
            yield "metrics.yaml", metric.id, "sources", pair.source, sources
        for dimension, basis in metric.choices.ways():
            yield "metrics.yaml", metric.id, f"choices.{dimension}", basis, metric.admissible()
        if metric.derived_from:
            others = {other.id for other in catalog.metrics if other.id != metric.id}
            yield "metrics.yaml", metric.id, "derived_from", metric.derived_from, others


def _break_references(
    catalog: Catalog, sources: set[str], metrics: set[str], entities: set[str]
) -> Iterator[Reference]:
    """A basis or metric must be one that a source of the break has, or the break would reach nothing."""
    pairs = _pairs(catalog)
    for entry in catalog.breaks:
        reach = entry.reach
        own = [pair for pair in pairs if pair[1] in reach.sources]
        measured = {metric for metric, _, _ in own} if own else metrics
        of_metrics = [pair for pair in own if not reach.metrics or pair[0] in reach.metrics]
        known = {"sources": sources, "metrics": measured, "entities": entities}
        for field, names in {**known, "bases": {basis for _, _, basis in of_metrics}}.items():
            for name in getattr(reach, field):
                yield "breaks.yaml", entry.id, f"reach.{field}", name, names


def _event_references(catalog: Catalog, metrics: set[str], entities: set[str]) -> Iterator[Reference]:
    for entry in catalog.events:
        yield from (("events.yaml", entry.id, "metrics", name, metrics) for name in entry.metrics)
        yield from (("events.yaml", entry.id, "entities", name, entities) for name in entry.entities)


def _companion_references(catalog: Catalog) -> Iterator[Reference]:
    """Both packages are names of the framework in one list; otherwise nothing would ever be held to anything."""
    for framework in catalog.frameworks:
        for companion in framework.companions:
            yield "frameworks.yaml", framework.id, "companions.namespace", companion.namespace, framework.names
            names = [entry.name for entry in framework.names.get(companion.namespace, ())]
            for field in ("name", "needs") if names else ():
                yield "frameworks.yaml", framework.id, f"companions.{field}", getattr(companion, field), names


def _source_references(catalog: Catalog, metrics: set[str], entities: set[str]) -> Iterator[Reference]:
    """What biases reach, and lists of names: each that a source reads is in the catalog, and each in it is read."""
    pairs = _pairs(catalog)
    listed = {spelling.namespace: spelling.entity_id for spelling in catalog.spellings()}
    read = {name for entry in catalog.sources for name in entry.namespaces}
    for entry in catalog.sources:
        own = [pair for pair in pairs if pair[1] == entry.id]
        measured = {metric for metric, _, _ in own}
        for bias in entry.biases:
            # one that several sources share names the metrics of all of them
            reached = metrics if measured.intersection(bias.metrics) else measured or metrics
            known = {"bases": {basis for _, _, basis in own}, "metrics": reached, "entities": entities}
            for field, names in known.items():
                yield from (("sources.yaml", entry.id, f"biases.{field}", name, names) for name in getattr(bias, field))
        yield from (("sources.yaml", entry.id, "names", name, listed) for name in entry.namespaces)
    yield from (("frameworks.yaml", entity, "names", name, read) for name, entity in listed.items())


def _register_references(catalog: Catalog, sources: set[str], metrics: set[str]) -> Iterator[Reference]:
    bases = {basis for _, _, basis in _pairs(catalog)}
    for entry in catalog.register:
        known = (
            ("check", entry.check, CHECKS),
            ("source", entry.source, sources),
            ("metric", entry.metric, metrics),
            ("basis", entry.basis, bases),
        )
        for field, name, names in known:
            if name is not None:
                yield "register.yaml", f"{entry.check} {entry.start}", field, name, names


def _control_references(catalog: Catalog, sources: set[str], entities: set[str]) -> Iterator[Reference]:
    """A figure under a name that no series has would be compared with nothing, and nobody would know."""
    controls = catalog.controls
    for source in {**controls.until, **controls.totals, **controls.anchors}:
        yield "controls.yaml", source, "(key)", source, sources
    for field, by_source in (("totals", controls.totals), ("anchors", controls.anchors)):
        for source in sources.intersection(by_source):
            ways = {f"{metric}/{basis}" for metric, own, basis in _pairs(catalog) if own == source}
            parts = [name.rsplit("/", 1) for name in by_source[source]]
            yield from (("controls.yaml", source, field, way, ways) for way in {way for way, _ in parts})
            yield from (
                ("controls.yaml", source, field, entity, entities) for entity in {entity for _, entity in parts}
            )


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
            is_of_a_metric = reading.metric is None or reading.metric in ways
            if is_of_a_metric and (reading.source is not None or reading.basis is not None):
                way = f"{reading.source}/{reading.basis}"
                names.append(("source/basis", way, ways.get(reading.metric or "", set())))
            if reading.window in windows:
                names.append(("metric", reading.metric, windows[reading.window]))
            for field, name, known in names:
                if name is not None:
                    yield "claims.yaml", claim.id, f"{reading.reading}.{field}", name, known


def _claim_problems(catalog: Catalog) -> Iterator[Problem]:
    """A stated number where the word speaks of one, and none where it does not."""
    words = {word.id: word for word in catalog.claims.words}
    for claim in catalog.claims.claims:
        for reading in claim.readings:
            word = words.get(reading.relation)
            if word is not None and (reading.stated is not None) != word.has_tolerance:
                needs = "needs" if word.has_tolerance else "has no"
                text = f"{word.says!r} {needs} stated number; found {reading.stated}"
                yield Problem("claims.yaml", claim.id, f"{reading.reading}.stated", text, reading.reading)


def _membership_problems(catalog: Catalog, frameworks: set[str]) -> Iterator[Problem]:
    declared = {(contender.id, member.framework) for contender in catalog.contenders for member in contender.members}
    named = {(entry.contender, entry.id) for entry in catalog.frameworks if entry.contender is not None}
    for contender, framework in sorted(declared ^ named):
        text = (
            f"membership in {contender!r} must stand both at the framework (contender) and at the contender (members)"
        )
        yield Problem("frameworks.yaml", framework, "contender", text, contender)
    for entry in catalog.contenders:
        members = {member.framework for member in entry.members}
        if entry.represented_by not in members & frameworks:
            text = f"{entry.represented_by!r} is not one of its members {sorted(members)}"
            yield Problem("frameworks.yaml", entry.id, "represented_by", text, entry.represented_by)


def _name_problems(catalog: Catalog) -> Iterator[Problem]:
    owners: dict[tuple[str, str], list[str]] = {}
    primaries: Counter[tuple[str, str, str]] = Counter()
    for entry in catalog.spellings():
        owners.setdefault((entry.namespace, entry.spelling), []).append(entry.entity_id)
        if entry.entry.member == "primary" and entry.spelling == entry.entry.name:
            primaries[entry.namespace, entry.entity_type, entry.entity_id] += 1
    for (namespace, name), entities in owners.items():
        if len(entities) > 1:
            text = f"{name!r} is claimed {len(entities)} times, by {', '.join(entities)}; expected once"
            yield Problem("frameworks.yaml", entities[-1], f"names.{namespace}", text, name)
    for (namespace, _, entity), times in primaries.items():
        if times > 1:
            text = f"{times} primary names; expected at most one"
            yield Problem("frameworks.yaml", entity, f"names.{namespace}", text)
