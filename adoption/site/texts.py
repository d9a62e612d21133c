"""What is not a page: CSV of every series, the feed of what changed, and the lists for machines.

Belongs here: the forms, and which rows go into them. Does not belong here: the explorer, JSON, or year pages.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from adoption.markdown import plain
from adoption.reports import format as wording
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]

MAX_ENTRIES = 100
YEARLY = """
select yoy.entity_id, entities.label as entity, yoy.metric_id, metrics.label as metric, yoy.source_id,
    sources.label as source, yoy.basis, yoy.segment, yoy.year, yoy.value, yoy.low, yoy.high, yoy.unit, yoy.months_held,
    yoy.net_additions, yoy.yoy_pct, yoy.yoy_change, yoy.yoy_low, yoy.yoy_high, yoy.baseline_growth_pct,
    yoy.growth_percentile, yoy.grade, yoy.grade_reason, yoy.not_comparable_reason, sources.licence
from marts.fct_adoption_yoy as yoy
inner join marts.dim_metrics as metrics using (metric_id)
inner join marts.dim_entities as entities using (entity_type, entity_id)
left join marts.dim_sources as sources using (source_id)
where yoy.entity_type in ('contender', 'market') and (yoy.segment = 'all' or metrics.has_parts_only)
    and (yoy.value is not null or yoy.low is not null)
order by all
"""
MONTHLY = """
select monthly.entity_id, entities.label as entity, monthly.metric_id, metrics.label as metric, monthly.source_id,
    sources.label as source, monthly.basis, monthly.segment, monthly.month_date, monthly.value, monthly.low,
    monthly.high, monthly.unit, monthly.grade, monthly.grade_reason, sources.licence
from marts.fct_adoption_monthly as monthly
inner join marts.dim_metrics as metrics using (metric_id)
inner join marts.dim_entities as entities using (entity_type, entity_id)
left join marts.dim_sources as sources using (source_id)
where monthly.entity_type in ('contender', 'market') and (monthly.segment = 'all' or metrics.has_parts_only)
    and (monthly.value is not null or monthly.low is not null)
order by all
"""
LEADS = """
select crossovers.*, metrics.label as metric, one.label as entity, other.label as against, sources.label as source
from marts.fct_crossovers as crossovers
inner join marts.dim_metrics as metrics using (metric_id)
inner join meta.entities as one on one.entity_type = 'contender' and crossovers.entity_id = one.entity_id
inner join meta.entities as other
    on other.entity_type = 'contender' and crossovers.against_entity_id = other.entity_id
left join marts.dim_sources as sources using (source_id)
where crossovers.state = 'passed' and crossovers.month_date is not null
order by crossovers.month_date desc, metric, entity
"""
VERDICTS = """
select claim_id, any_value(claim_text) as text, any_value(verdict) as verdict, any_value(said_by) as said_by
from marts.fct_claims group by claim_id order by claim_id
"""


@dataclass(frozen=True)
class Entry:
    """One entry of the feed; `key` stays the same as long as it says the same."""

    key: str
    title: str
    text: str
    day: str
    link: str = "index.html"


def tables(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """Path and content of every CSV: all years, all months, and those of each metric."""
    for name, query in (("yearly", YEARLY), ("monthly", MONTHLY)):
        rows = fetch_dicts(connection, query)
        yield f"data/{name}.csv", table(rows)
        for metric in sorted({row["metric_id"] for row in rows}):
            yield f"data/{name}/{metric}.csv", table([row for row in rows if row["metric_id"] == metric])


def table(rows: Sequence[Row]) -> str:
    """Rows as CSV; null is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if rows:
        writer.writerow(rows[0])
        writer.writerows(["" if value is None else value for value in row.values()] for row in rows)
    return text.getvalue()


def entries(connection: duckdb.DuckDBPyConnection, built: str, editions: Sequence[tuple[str, str]]) -> list[Entry]:
    """What changed: who passed whom, the verdicts as of the build, and the editions (name and day), newest first."""
    news = [
        Entry(f"edition-{name}", f"Edition {name} was frozen", "It never changes again.", day) for name, day in editions
    ]
    for row in fetch_dicts(connection, LEADS):
        month = f"{row['month_date']:%Y-%m}"
        news.append(
            Entry(
                f"lead-{row['metric_id']}-{row['source_id']}-{row['basis']}-{row['entity_id']}-{row['against_entity_id']}-{month}",
                f"{row['entity']} passed {row['against']} in {row['metric']}",
                f"In {row['month_date']:%B %Y}, counted by {row['source']}, {wording.words(row['basis'])}; "
                f"ahead for three months since. Grade {row['grade']}.",
                f"{row['month_date']:%Y-%m-%d}",
                f"index.html#metric={row['metric_id']}&e={row['entity_id']},{row['against_entity_id']}",
            )
        )
    for row in fetch_dicts(connection, VERDICTS):
        verdict = wording.words(row["verdict"])
        news.append(
            Entry(f"verdict-{row['claim_id']}-{row['verdict']}", f"{verdict}: {row['text']}", row["said_by"], built)
        )
    return sorted(news, key=lambda entry: (entry.day, entry.key), reverse=True)[:MAX_ENTRIES]


def feed(entries: Sequence[Entry], built: str, url: str, edition: str) -> str:
    """The entries as an Atom feed, which says of which edition they are."""
    items = "".join(
        f"<entry><id>urn:adoption:{escape(entry.key)}</id><title>{escape(entry.title)}</title>"
        f"<updated>{entry.day}T00:00:00Z</updated><link href={quoteattr(url + entry.link)}/>"
        f"<summary>{escape(entry.text)}</summary></entry>\n"
        for entry in entries
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        "<id>urn:adoption:feed</id><title>Adoption of frameworks: what changed</title>"
        f"<subtitle>{escape(edition)}</subtitle>"
        f"<updated>{built}T00:00:00Z</updated><author><name>Adoption warehouse</name></author>"
        f'<link rel="self" href={quoteattr(url + "feed.xml")}/>\n{items}</feed>\n'
    )


def sitemap(paths: Sequence[str], built: str, url: str) -> str:
    """The pages as a sitemap."""
    items = "".join(f"<url><loc>{escape(url + path)}</loc><lastmod>{built}</lastmod></url>\n" for path in paths)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{items}</urlset>\n'
    )


def llms(connection: duckdb.DuckDBPyConnection, pages: Sequence[tuple[str, str]], built: str, edition: str) -> str:
    """What a language model should read first: what this is, what the words mean, and where the figures are."""
    metrics = fetch_dicts(connection, "select metric_id, label, unit, reads from marts.dim_metrics order by position")
    contenders = fetch_dicts(
        connection, "select entity_id, label from meta.entities where entity_type = 'contender' order by entity_id"
    )
    return "\n".join(
        [
            "# Adoption of deep-learning frameworks",
            "",
            f"> Downloads, surveys, questions, job posts, papers and GitHub, year by year, as of {built}. Every figure "
            "has its source, licence, grade and, where two years may not be compared, the reason. Do not add or "
            "compare figures across sources or bases. `not comparable`, `inconclusive` and `no data` are answers.",
            "",
            edition,
            "",
            "Grades: A exact, B nearly exact, C estimated or sampled, D incomplete, a proxy or heavily undercounted.",
            "",
            "## Pages",
            "",
            *(f"- [{plain(title)}]({path})" for path, title in pages),
            "",
            "## Figures",
            "",
            "- [Index of all JSON files](api/v1/index.json): `api/v1/ENTITY/METRIC/YEAR.json`",
            "- [All years as CSV](data/yearly.csv), [all months](data/monthly.csv); a metric: `data/yearly/METRIC.csv`",
            "- [What changed](feed.xml)",
            "",
            "## Entities",
            "",
            *(f"- `{row['entity_id']}`: {plain(row['label'])}" for row in contenders),
            "",
            "## Metrics",
            "",
            *(f"- `{row['metric_id']}`: {plain(_meaning(row))}" for row in metrics),
            "",
        ]
    )


def _meaning(metric: dict[str, Any]) -> str:
    return f"{metric['label']}, {metric['unit']}; interpreted as {metric['reads']}"
