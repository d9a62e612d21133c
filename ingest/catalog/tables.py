"""The catalog as tables of the warehouse, schema `meta`.

Belongs here: the columns of each table and how entries become rows. Does not belong here: reading or checking YAML
(`ingest.catalog.loader`), and the dimensions that people query (dbt builds them from these tables).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ingest.catalog.entries.metrics import Metric
from ingest.catalog.model import Catalog

Row = dict[str, Any]


@dataclass(frozen=True)
class CatalogTable:
    """A table of schema `meta`: its columns with DuckDB types, and its rows for a given catalog."""

    columns: Mapping[str, str]
    rows: Callable[[Catalog], Iterable[Row]]


def _columns(text: str) -> dict[str, str]:
    """Columns written as `name type, name type`; a type that is left out is VARCHAR."""
    pairs = (part.split() for part in text.split(","))
    return {name: kind[0].upper() if kind else "VARCHAR" for name, *kind in pairs}


def _entities(catalog: Catalog) -> Iterator[Row]:
    for framework in catalog.frameworks:
        kind = "framework" if framework.role == "contender" else "reference"
        yield _entity(kind, framework.id, framework.label, framework.role, released=framework.released)
    released = {framework.id: framework.released for framework in catalog.frameworks}
    for contender in catalog.all_contenders():
        first = first_release([released.get(member.framework) for member in contender.members])
        yield _entity("contender", contender.id, contender.label, "contender", contender.represented_by, first)
    for market in catalog.markets:
        yield _entity("market", market.id, market.label, "market")


def first_release(days: list[date | None]) -> date | None:
    """A contender is there since its first member; unknown if any member's day is."""
    return None if None in days else min(filter(None, days))


def _entity(
    kind: str, entity: str, label: str, role: str, represented_by: str | None = None, released: date | None = None
) -> Row:
    return {
        "entity_type": kind,
        "entity_id": entity,
        "label": label,
        "role": role,
        "represented_by": represented_by,
        "released": released,
    }


def _names(catalog: Catalog) -> Iterator[Row]:
    for spelling in catalog.spellings():
        yield {
            "namespace": spelling.namespace,
            "name": spelling.spelling,
            "native_object": spelling.entry.name,
            "entity_type": spelling.entity_type,
            "entity_id": spelling.entity_id,
            "member": spelling.entry.member,
            "valid_from": spelling.entry.valid_from,
            "valid_until": spelling.entry.valid_until,
        }


def _companions(catalog: Catalog) -> Iterator[Row]:
    for framework in catalog.frameworks:
        for companion in framework.companions:
            yield {"entity_id": framework.id, **companion.model_dump()}


def _members(catalog: Catalog) -> Iterator[Row]:
    for contender in catalog.all_contenders():
        for member in contender.members:
            yield {
                "contender_id": contender.id,
                "framework_id": member.framework,
                "is_representative": member.framework == contender.represented_by,
                "valid_from": member.valid_from,
                "valid_until": member.valid_until,
                "reason": member.reason,
            }


def _metrics(catalog: Catalog) -> Iterator[Row]:
    for position, metric in enumerate(catalog.metrics, start=1):
        yield {"metric_id": metric.id, "position": position, **metric.model_dump(exclude={"id", "sources", "choices"})}


ARITHMETIC: Mapping[str, str] = {
    "flow": "sums over complete periods; change in percent",
    "stock": "a level, never summed; it grows and leads by what it gained in the year, never by its total",
    "share": "numerator over denominator, never summed; change in points",
    "rate": "a count per so many, never summed; change in percent, with an interval",
    "index": "never summed; change in percent",
}


def _units(catalog: Catalog) -> Iterator[Row]:
    pairs = sorted({(metric.unit, metric.kind) for metric in catalog.metrics})
    for unit, kind in pairs:
        metrics = [metric.id for metric in catalog.metrics if (metric.unit, metric.kind) == (unit, kind)]
        printed = next((entry.format for entry in catalog.vocabulary.units if entry.name == unit), None)
        yield {"unit": unit, "kind": kind, "format": printed, "arithmetic": ARITHMETIC[kind], "metrics": metrics}


def _channels(catalog: Catalog) -> Iterator[Row]:
    for position, entry in enumerate(catalog.vocabulary.channels, start=1):
        yield {"channel": entry.name, "position": position, "about": entry.about}


def _caveats(catalog: Catalog) -> Iterator[Row]:
    for metric in catalog.metrics:
        for position, caveat in enumerate(metric.caveats, start=1):
            yield {"metric_id": metric.id, "position": position, "caveat": caveat}


def _metric_sources(catalog: Catalog) -> Iterator[Row]:
    for metric in catalog.metrics:
        for preference, pair in enumerate(metric.sources, start=1):
            yield {
                "metric_id": metric.id,
                "source_id": pair.source,
                "basis": pair.basis,
                "preference": preference,
                "is_preferable": pair.preferred != "never",
                "is_from_stock": pair.from_stock,
            }


def _metric_choices(catalog: Catalog) -> Iterator[Row]:
    for metric in catalog.metrics:
        pairs = [pair for pair in metric.sources if pair.preferred != "never"]
        bases = [pair.basis for pair in pairs]
        for dimension, basis in metric.choices.ways():
            for pair in (pair for pair in pairs if pair.basis == basis):
                # one name is enough unless several sources count in that way
                name = basis if bases.count(basis) == 1 else f"{basis} by {pair.source}"
                yield _choice(metric, dimension, name, pair.source, basis)
        for dimension in ("members", "window", "segment", "weighting", "measure"):
            yield from (_choice(metric, dimension, choice) for choice in getattr(metric.choices, dimension))


def _choice(metric: Metric, dimension: str, choice: str, source: str | None = None, basis: str | None = None) -> Row:
    return {"metric_id": metric.id, "dimension": dimension, "choice": choice, "source_id": source, "basis": basis}


def _sources(catalog: Catalog) -> Iterator[Row]:
    for source in catalog.sources:
        expected = source.expected
        yield {
            "source_id": source.id,
            "label": source.label,
            "publisher": source.publisher,
            "repository": source.repository,
            "licence": source.licence,
            "citation": source.citation,
            "cadence": source.cadence,
            "namespace": source.names,
            "how_to_get": source.how_to_get,
            "verified_until_date": source.verified_until,
            "trackers": list(source.trackers),
            "grain": expected.grain,
            "first_period_date": expected.first,
            "last_period_date": expected.last,
            "lag_days": expected.lag_days,
            "grade": source.grade.grade,
            "grade_reason": source.grade.reason,
        }


def _breaks(catalog: Catalog) -> Iterator[Row]:
    for entry in catalog.breaks:
        counted = entry.undercount
        yield {
            **entry.model_dump(exclude={"reach", "undercount"}),
            **entry.reach.model_dump(),
            "undercount_at_least": counted and counted.at_least,
            "undercount_at_most": counted and counted.at_most,
        }


def _register(catalog: Catalog) -> Iterator[Row]:
    for entry in catalog.register:
        named = {"check_id": entry.check, "source_id": entry.source, "metric_id": entry.metric}
        yield {**named, **entry.model_dump(exclude={"check", "source", "metric"})}


def _control_totals(catalog: Catalog) -> Iterator[Row]:
    for source, series in catalog.controls.totals.items():
        until = catalog.controls.until.get(source, date.max)
        for name, years in series.items():
            for year, (figures, total) in years.items():
                yield {**_named(source, name), "year": year, "figures": figures, "total": total, "until": until}


def _anchors(catalog: Catalog) -> Iterator[Row]:
    for source, series in catalog.controls.anchors.items():
        entry = catalog.source(source)
        page = f"https://github.com/{entry.repository}" if entry.repository else entry.how_to_get
        for name, (start, value) in series.items():
            yield {**_named(source, name), "start": start, "value": value, "page": page}


def _named(source: str, series: str) -> Row:
    metric, basis, entity = series.split("/")
    return {"source_id": source, "metric_id": metric, "basis": basis, "entity_id": entity}


def _survey_editions(catalog: Catalog) -> Iterator[Row]:
    for source, survey in catalog.surveys.items():
        for edition in survey.editions:
            yield {
                "source_id": source,
                "edition": edition.year,
                "fieldwork_start_date": edition.fieldwork.start,
                "fieldwork_end_date": edition.fieldwork.end,
                "question": edition.question,
            }


def _survey_aliases(catalog: Catalog) -> Iterator[Row]:
    for source, survey in catalog.surveys.items():
        for dimension, aliases in survey.aliases.model_dump().items():
            for label, meaning in aliases.items():
                yield {"source_id": source, "dimension": dimension, "label": label, "meaning": meaning}


def _named_windows(catalog: Catalog) -> Iterator[Row]:
    for window in catalog.claims.windows:
        first, last = window.reference or (None, None)
        yield {
            "window_id": window.id,
            "label": window.label,
            "first_month": window.months[0],
            "last_month": window.months[1],
            "reference_first_month": first,
            "reference_last_month": last,
            "same_months_of": window.same_months_of,
            "metrics": list(window.metrics),
            "reason": window.reason,
        }


def _claims(catalog: Catalog) -> Iterator[Row]:
    for position, claim in enumerate(catalog.claims.claims, start=1):
        yield {"claim_id": claim.id, "position": position, **claim.model_dump(exclude={"id", "readings"})}


def _claim_readings(catalog: Catalog) -> Iterator[Row]:
    for claim in catalog.claims.claims:
        for position, reading in enumerate(claim.readings, start=1):
            first, last = reading.months or (None, None)
            yield {
                "claim_id": claim.id,
                "position": position,
                "first_month": first,
                "last_month": last,
                **reading.model_dump(exclude={"months", "among"}),
                "among": list(reading.among),
            }


TABLES: Mapping[str, CatalogTable] = {
    "entities": CatalogTable(_columns("entity_type, entity_id, label, role, represented_by, released date"), _entities),
    "names": CatalogTable(
        _columns("namespace, name, native_object, entity_type, entity_id, member, valid_from date, valid_until date"),
        _names,
    ),
    "companions": CatalogTable(_columns("entity_id, namespace, name, needs, reason"), _companions),
    "members": CatalogTable(
        _columns("contender_id, framework_id, is_representative boolean, valid_from date, valid_until date, reason"),
        _members,
    ),
    "metrics": CatalogTable(
        _columns(
            "metric_id, position bigint, label, unit, kind, channel, combine, baseline boolean, derived_from, "
            "parts boolean, detect, reads, read_by, caveats varchar[]"
        ),
        _metrics,
    ),
    "metric_sources": CatalogTable(
        _columns("metric_id, source_id, basis, preference bigint, is_preferable boolean, is_from_stock boolean"),
        _metric_sources,
    ),
    "caveats": CatalogTable(_columns("metric_id, position bigint, caveat"), _caveats),
    "channels": CatalogTable(_columns("channel, position bigint, about"), _channels),
    "units": CatalogTable(_columns("unit, kind, format, arithmetic, metrics varchar[]"), _units),
    "metric_choices": CatalogTable(_columns("metric_id, dimension, choice, source_id, basis"), _metric_choices),
    "sources": CatalogTable(
        _columns(
            "source_id, label, publisher, repository, licence, citation, cadence, namespace, how_to_get, "
            "verified_until_date date, trackers varchar[], grain, first_period_date date, last_period_date date, "
            "lag_days bigint, grade, grade_reason"
        ),
        _sources,
    ),
    "source_biases": CatalogTable(
        _columns(
            "source_id, valid_from date, valid_until date, bases varchar[], metrics varchar[], entities varchar[], "
            "grade, direction, reason"
        ),
        lambda catalog: (
            {"source_id": source.id, **bias.model_dump()} for source in catalog.sources for bias in source.biases
        ),
    ),
    "never_held": CatalogTable(
        _columns("source_id, start date, end date, reason"),
        lambda catalog: (
            {"source_id": source.id, **never.model_dump()}
            for source in catalog.sources
            for never in source.expected.never
        ),
    ),
    "breaks": CatalogTable(
        _columns(
            "id, label, start date, end date, reason, evidence, sources varchar[], bases varchar[], "
            "metrics varchar[], entities varchar[], segments varchar[], contenders boolean, passing boolean, "
            "undercount_at_least double, undercount_at_most double"
        ),
        _breaks,
    ),
    "register": CatalogTable(
        _columns("check_id, source_id, metric_id, basis, series, segment, start date, end date, decision, why"),
        _register,
    ),
    "control_totals": CatalogTable(
        _columns("source_id, metric_id, basis, entity_id, year bigint, figures bigint, total double, until date"),
        _control_totals,
    ),
    "anchors": CatalogTable(
        _columns("source_id, metric_id, basis, entity_id, start date, value double, page"), _anchors
    ),
    "events": CatalogTable(
        _columns(
            "id, label, start date, end date, metrics varchar[], entities varchar[], sign, lag_months bigint[], "
            "reason, evidence"
        ),
        lambda catalog: (entry.model_dump() for entry in catalog.events),
    ),
    "baseline_exclusions": CatalogTable(
        _columns("name, reason"), lambda catalog: (entry.model_dump() for entry in catalog.baseline_exclusions)
    ),
    "survey_editions": CatalogTable(
        _columns("source_id, edition bigint, fieldwork_start_date date, fieldwork_end_date date, question"),
        _survey_editions,
    ),
    "survey_aliases": CatalogTable(_columns("source_id, dimension, label, meaning"), _survey_aliases),
    "survey_none_options": CatalogTable(
        _columns("source_id, option_label"),
        lambda catalog: (
            {"source_id": source, "option_label": option}
            for source, survey in catalog.surveys.items()
            for option in survey.none_options
        ),
    ),
    "review": CatalogTable(
        _columns("review_year bigint, focus, benchmark"), lambda catalog: [catalog.review.model_dump()]
    ),
    "claim_words": CatalogTable(
        _columns("id, says, form, within double, lowest double, highest double"),
        lambda catalog: (word.model_dump() for word in catalog.claims.words),
    ),
    "named_windows": CatalogTable(
        _columns(
            "window_id, label, first_month date, last_month date, reference_first_month date, "
            "reference_last_month date, same_months_of bigint, metrics varchar[], reason"
        ),
        _named_windows,
    ),
    "claims": CatalogTable(
        _columns("claim_id, position bigint, said_by, said_on, url, text, remark, needs, not_testable"), _claims
    ),
    "claim_readings": CatalogTable(
        _columns(
            "claim_id, position bigint, reading, metric, entity, over, without, source, basis, segment, measure, "
            "year bigint, first_month date, last_month date, window, relation, stated double, within double, evidence, "
            "part boolean, among varchar[], note"
        ),
        _claim_readings,
    ),
}
