"""What checks of the figures found and nobody has looked into: listed, and accepted or withdrawn.

Belongs here: asking the published file, and the lines that a decision adds to register.yaml. Does not belong here:
finding anything (dbt), and what a decision does to figures (dbt, with the next build).
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal

from adoption.publish.reader import open_published
from ingest.database import fetch_dicts
from ingest.errors import AdoptionError, did_you_mean
from ingest.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from adoption.settings import Settings

REGISTER = "register.yaml"
CONTROLS = "controls.yaml"
ALARMS = "from marts.fct_alarms where $every or status = 'new' order by start_date desc, alarm_id"
TOTALS = """
select
    source_id, metric_id || '/' || basis || '/' || entity_id as series, year(period_start) as year, count(*) as figures,
    sum(value order by value) as total
from intermediate.int_observations__deduplicated
where claim_rank = 1 and value is not null
group by all
order by source_id, series, year
"""
UNTIL = """
select source_id, max(period_end) as until
from intermediate.int_observations__deduplicated
where claim_rank = 1 and value is not null
group by all
order by all
"""
ANCHORS = """
select source_id, metric_id || '/' || basis || '/' || entity_id as series, start, value
from (
    select source_id, metric_id, basis, entity_id, period_start as start, arg_min(value, period_end) as value
    from intermediate.int_observations__deduplicated
    where claim_rank = 1 and value > 0 and segment = 'all' and member = 'primary' and entity_type <> 'contender'
    group by all
)
qualify row_number() over (partition by source_id, series order by value desc, start) = (count(*) over (
    partition by source_id, series
) + 1) // 2
order by all
"""


class UnknownAlarmError(AdoptionError):
    """There is no alarm of that name."""


def alarms(settings: Settings, every: bool = False) -> list[dict[str, Any]]:
    """The alarms that nobody has looked into; all of them, if told.

    Raises:
        NotPublishedError: when nothing is published.
    """
    with open_published(settings) as connection:
        return fetch_dicts(connection, ALARMS, {"every": every})


def decide(settings: Settings, alarm_id: str, why: str, decision: Literal["accepted", "withdrawn"] = "accepted") -> str:
    """Add an alarm to the register of the catalog, and return the lines that were added.

    Raises:
        UnknownAlarmError: when there is no new alarm of that name.
        NotPublishedError: when nothing is published.
    """
    new = {alarm["alarm_id"]: alarm for alarm in alarms(settings)}
    if alarm_id not in new:
        raise UnknownAlarmError(f"No new alarm is called {alarm_id}{did_you_mean(alarm_id, frozenset(new))}")
    path = settings.catalog / REGISTER
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = _entry(new[alarm_id], why, decision)
    write_atomically(path, f"{text.rstrip()}\n\n{lines}".lstrip().encode())
    return lines


def _entry(alarm: dict[str, Any], why: str, decision: str) -> str:
    """An entry of the register as YAML; a text is quoted as JSON quotes it, which YAML reads."""
    entities: Sequence[str] = alarm["entities"]
    fields = {
        "check": alarm["check_id"],
        "source": alarm["source_id"],
        "metric": alarm["metric_id"],
        "basis": alarm["basis"],
        **({"series": entities[0]} if len(entities) == 1 else {}),
        "start": alarm["start_date"],
        "end": alarm["end_date"],
        **({"decision": decision} if decision != "accepted" else {}),
        "why": json.dumps(why, ensure_ascii=False),
    }
    lines = [f"{name}: {value}" for name, value in fields.items()]
    return "- " + "\n  ".join(lines) + "\n"


def _by(rows: Sequence[dict[str, Any]], *values: str) -> list[str]:
    """Rows as YAML: by source and series their values in one line, which the catalog reads (its `Controls`)."""
    lines: list[str] = []
    for source, group in groupby(rows, key=lambda row: row["source_id"]):
        lines.append(f"  {source}:")
        for series, members in groupby(group, key=lambda row: row["series"]):
            texts = (" ".join(_plain(row[name]) for name in values) for row in members)
            lines.append(f"    {series}: {', '.join(texts)}")
    return lines


def _plain(value: object) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def write_controls(settings: Settings, folder: Path) -> Path:
    """Write control totals and anchor figures of what the warehouse holds now, after a person has reviewed it."""
    import duckdb

    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        totals, until, anchors = (fetch_dicts(connection, query) for query in (TOTALS, UNTIL, ANCHORS))
    lines = [
        "# Figures as they were when a person last reviewed them; every build compares (int_guards__controls).",
        "# Written by `adoption accept --controls` from what the warehouse holds: look at the difference first.",
        "#",
        "# until     the end of the last period that was reviewed, by source",
        "# totals    by source, metric/basis/entity its years: year, number of figures, their sum",
        "# anchors   by source and metric/basis/entity: first day of a period, its figure",
        "until:",
        *(f"  {row['source_id']}: {row['until']}" for row in until),
        "totals:",
    ]
    lines += _by(totals, "year", "figures", "total")
    lines += ["anchors:", *_by(anchors, "start", "value")]
    path = folder / CONTROLS
    write_atomically(path, ("\n".join(lines) + "\n").encode())
    return path
