"""A datasheet for the exported data: why it exists, what it holds, how it was collected, what it must not be used for.

Belongs here: the questions of a datasheet, and answers read from the published file. Does not belong here: anything
about the field that the catalog knows; it is never written by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from adoption.export.data_package import BUILT, NO_LICENCE, REVIEWED, exported_tables, sources
from adoption.markdown import plain, table
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

    from adoption.publish.identity import Identity

Row = dict[str, Any]

SPAN = """
select count(*) as facts, count(distinct series_id) as series, min(period_start)::varchar as first,
    max(period_end - 1)::varchar as last
from marts.fct_observations
"""
ENTITIES = """
select role, entity_type, count(*) as entities, string_agg(label, ', ' order by label) as labels
from meta.entities where entity_type <> 'framework' group by all order by role, entity_type
"""
METRICS = """
select metrics.metric_id, metrics.label, metrics.unit, metrics.kind, metrics.reads, metrics.read_by, metrics.caveats,
    count(distinct yearly.year) as years, min(yearly.year) as first, max(yearly.year) as last,
    string_agg(distinct yearly.grade, ', ' order by yearly.grade) as grades
from meta.metrics as metrics
left join marts.fct_adoption_yearly as yearly using (metric_id)
group by all order by min(metrics.position)
"""
STATES = """
select state, count(*) as cells from marts.fct_coverage where state <> 'no name in this channel'
group by all order by cells desc, state
"""
COLLECTED = """
select sources.label, sources.publisher, sources.cadence, sources.how_to_get, count(extracts.extract_id) as extracts,
    sum(extracts.rows_loaded) as rows_loaded, sum(extracts.rows_rejected) as rows_rejected
from meta.sources as sources
left join meta.extracts as extracts on sources.source_id = extracts.source_id and extracts.status = 'loaded'
group by all order by count(extracts.extract_id) = 0, sources.label
"""
BIASES = """
select sources.label, biases.* from meta.source_biases as biases
inner join meta.sources as sources using (source_id)
order by sources.label, biases.valid_until, biases.valid_from, biases.reason
"""
BREAKS = "select * from marts.dim_breaks order by start_date, break_id"
NEVER = """
select sources.label, never_held.* from meta.never_held as never_held
inner join meta.sources as sources using (source_id) order by sources.label, never_held.start
"""
CHECKS = """
select count(*) as checks, count(*) filter (not passed) as failed, count(*) filter (is_blocking) as blocking
from meta.check_results
"""
RULES = (
    "No composite score. Channels are counted, never weighed together; a metric says only what it is read to reflect.",
    "Never add, divide or compare across series (metric, source, basis, segment, entity). Kinds decide the arithmetic.",
    "Null is not zero: it means not known. An incomplete year is not a fall.",
    "A bound has no point value; a sampling interval covers chance only, since volunteers are not a random sample.",
    "Nothing here speaks of a person, and nothing here should be used to judge one.",
)


def datasheet(connection: duckdb.DuckDBPyConnection, identity: Identity | None = None) -> str:
    """The datasheet as Markdown."""
    parts = [_motivation, _composition, _collection, _biases, _uses, _licences, _files, _maintenance]
    body = (line for part in parts for line in part(connection))
    return "\n".join([*_head(connection, identity), *body]) + "\n"


def _head(connection: duckdb.DuckDBPyConnection, identity: Identity | None) -> Iterator[str]:
    yield "# Datasheet: the adoption warehouse"
    yield f"\nMade from the file that was checked and published at {fetch_dicts(connection, BUILT)[0]['at']}."
    if identity:
        yield identity.sentence


def _motivation(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    [reviewed] = fetch_dicts(connection, REVIEWED)
    yield "\n## Motivation\n"
    yield "To answer, every January: did adoption grow, more than the median package, where, and compared with what?"
    yield f"Under review: {plain(reviewed['focus'])} against {plain(reviewed['benchmark'])}."


def _composition(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    [span] = fetch_dicts(connection, SPAN)
    yield "\n## Composition\n"
    yield (
        f"{span['facts']:,} facts in {span['series']:,} series, from {span['first']} to {span['last']}. One row of "
        "`fct_observations` is one published figure; the other tables are made from it.\n"
    )
    yield from table(["role", "what", "how many", "which"], (row.values() for row in fetch_dicts(connection, ENTITIES)))
    yield ""
    names = ["metric", "unit", "kind", "years", "grades"]
    yield from table(names, (_metric(row) for row in fetch_dicts(connection, METRICS)))
    yield "\nWhat is held of what could be: entity, way of counting and year.\n"
    yield from table(["state", "cells"], (row.values() for row in fetch_dicts(connection, STATES)))


def _metric(row: Row) -> tuple[object, ...]:
    years = f"{row['first']} to {row['last']} ({row['years']})" if row["years"] else "none held"
    return row["label"], row["unit"], row["kind"], years, row["grades"]


def _collection(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    yield "\n## Collection\n"
    yield "Public figures only, each file kept as it was landed, with its hash, its time and its licence (`extracts`)."
    yield "A row that could not be accepted is counted, with its reason; it is never turned into a zero.\n"
    names = ["source", "publisher", "cadence", "how it is got", "extracts", "rows loaded", "rows rejected"]
    yield from table(names, (row.values() for row in fetch_dicts(connection, COLLECTED)))


def _biases(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    yield "\n## Known biases, breaks and gaps\n"
    for row in fetch_dicts(connection, BIASES):
        when = "".join(
            [
                f" from {row['valid_from']}" * bool(row["valid_from"]),
                f" until {row['valid_until']}" * bool(row["valid_until"]),
            ]
        )
        bases = f" ({', '.join(row['bases'])})" if row["bases"] else ""
        text = f"{row['label']}{bases}{when}: {row['reason']}. Direction {row['direction']}, grade {row['grade']}."
        yield f"* {plain(text)}"
    for row in fetch_dicts(connection, BREAKS):
        text = f"Break of {row['start_date']}: {row['label']}. {row['reason']} Reaches {', '.join(row['sources'])}."
        yield f"* {plain(text)}"
    for row in fetch_dicts(connection, NEVER):
        text = f"Never published by {row['label']}: {row['start']} to {row['end']} (exclusive); {row['reason']}."
        yield f"* {plain(text)}"


def _uses(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    yield "\n## What it can be used for, and what it must not be used for\n"
    yield from (f"* {rule}" for rule in RULES)
    yield ""
    for row in fetch_dicts(connection, METRICS):
        text = f"is read to reflect {row['reads']} ({row['read_by']}). {' '.join(row['caveats'])}"
        yield f"* **{plain(row['label'])}** {plain(text)}"


def _licences(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    yield "\n## Licences\n"
    yield "The figures belong to their publishers. Keep the citation of each source that you use. Where the licence"
    yield f'says "{NO_LICENCE}", the publisher names none: no permission is given here, ask before you build on it.\n'
    available = (row for row in sources(connection) if row["extracts"])
    rows = ((row["label"], row["publisher"], "; ".join(row["licences"]), row["citation"]) for row in available)
    yield from table(["source", "publisher", "licence", "citation"], rows)


def _files(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    yield "\n## Files\n"
    yield "Each table is there twice: `csv/<table>.csv` and `parquet/<table>.parquet`; `datapackage.json` names every"
    yield "column, type, key, size and hash. In CSV an empty field is null, no text is empty, lists are JSON arrays,"
    yield "times are UTC in ISO 8601. Rows are in the order of the columns: the same figures make the same bytes.\n"
    rows = (
        (
            item.name,
            fetch_dicts(connection, f"select count(*) as n from {item.relation}")[0]["n"],
            ", ".join(item.key),
            item.description,
        )
        for item in exported_tables(connection)
    )
    yield from table(["table", "rows", "key", "what it holds"], rows)


def _maintenance(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    [checks] = fetch_dicts(connection, CHECKS)
    yield "\n## Maintenance\n"
    yield (
        f"Rebuilt whole from the landed files by one command. {checks['checks']} checks ran on this state, of which "
        f"{checks['blocking']} forbid publishing when they fail; {checks['failed']} of the others did not hold."
    )
