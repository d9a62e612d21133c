"""The year that is not over, in a line per metric: the same months of two years, and the newest month that is held.

Belongs here: asking marts.fct_year_to_date and saying a row. Does not belong here: any figure (dbt computes them).
"""

from __future__ import annotations

from calendar import month_name
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from adoption.reports import format as wording
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]

# one way of counting a metric: the first that holds both over the same months, else the first that holds the entity
ROWS = """
select me.*, (select max(year) from marts.fct_year_to_date) as running_year,
    metrics.label as metric_label, sources.label as source_label,
    other.value as other_value, other.low as other_low, other.high as other_high,
    other.prior_value as other_prior_value, other.change as other_change,
    other.change_low as other_change_low, other.change_high as other_change_high, other.direction as other_direction,
    other.growth_percentile as other_percentile
from marts.fct_year_to_date as me
left join marts.fct_year_to_date as other
    on me.metric_id = other.metric_id and me.source_id = other.source_id and me.basis = other.basis
    and me.segment = other.segment and me.year = other.year and me.month_numbers = other.month_numbers
    and other.entity_type = 'contender' and other.entity_id = ?
inner join marts.dim_metrics as metrics on me.metric_id = metrics.metric_id
inner join marts.dim_sources as sources on me.source_id = sources.source_id
where me.entity_type = 'contender' and me.entity_id = ? and me.year = ? and me.segment = 'all'
qualify row_number() over (partition by me.metric_id order by other.series_id is null, me.preference) = 1
order by metrics.position
"""


def read(connection: duckdb.DuckDBPyConnection, year: int, entity: str, against: str) -> list[Row]:
    """A row for each metric of which the year is not over, or of which no more is held."""
    return fetch_dicts(connection, ROWS, [against, entity, year])


def print_section(console: Console, rows: Sequence[Row], labels: dict[str, str]) -> None:
    """The section, if the year has one; `labels` names the entity first, then whom it is compared with."""
    if not rows:
        return
    console.print(Text(heading(rows[0]), style="bold"))
    for row in rows:
        console.print(Padding(Text(sentence(row, *labels.values())), (0, 0, 0, 2)))
    console.print()


def heading(row: Row) -> str:
    """What the section shows: a year that is over is none to date, though a series ends within it."""
    if row["year"] < row["running_year"]:
        return f"What ends within {row['year']}, on the same months of the year before"
    return "Year to date, on the same months of the year before"


def sentence(row: Row, name: str, against: str) -> str:
    """A row in words: both, the median package, the months, the newest one, the source and the grade."""
    parts = [f"{name} {_moved(row)}"]
    if row["other_value"] is not None:
        parts.append(f"{against} {_moved({**row, **_of_other(row)})}")
    if row["baseline_growth_pct"] is not None:
        parts.append(f"the median package {wording.signed(row['baseline_growth_pct'], 'percent')}")
    newest = f"{month_name[row['newest_month_date'].month]} {row['newest_month_date'].year}"
    return (
        f"{row['metric_label']}: {', '.join(parts)}, over {months(row['month_numbers'])}; newest month {newest}, "
        f"{row['source_label']}, {wording.words(row['basis'])}; grade {row['grade']}."
    )


def _of_other(row: Row) -> Row:
    names = ("value", "low", "high", "prior_value", "change", "change_low", "change_high", "direction")
    return {name: row[f"other_{name}"] for name in names}


def _moved(row: Row) -> str:
    """What it came to, and from what; a stock says what it gained, and its pace."""
    unit = row["unit"]
    if row["kind"] == "stock":
        gained = f"{row['value']:+,.0f} after {row['prior_value']:+,.0f}"
        return f"{gained} ({row['direction']})" if row["direction"] else gained
    figures = f"{wording.of_what(_level(row, '', unit), row)} after {_level(row, 'prior_', unit)}"
    change = [wording.signed(row["change"], row["change_unit"])] if row["change"] is not None else []
    # a number beside which chance is not said would be read as a finding
    if row["direction"] in wording.UNSAID or (row["direction"] and not change):
        change.append(row["direction"])
    return f"{figures} ({', '.join(change)})" if change else figures


def _level(row: Row, side: str, unit: str) -> str:
    value = row[f"{side}value"]
    if value is not None:
        return wording.number(value, unit)
    low, high = row.get(f"{side}low"), row.get(f"{side}high")
    return f"{wording.number(low, unit)} to {wording.number(high, unit)}"


def months(numbers: Sequence[int]) -> str:
    """The months by name, those that follow one another as from the first to the last."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][-1] + 1:
            spans[-1].append(number)
        else:
            spans.append([number])
    names = [
        month_name[span[0]] if len(span) == 1 else f"{month_name[span[0]]} to {month_name[span[-1]]}" for span in spans
    ]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
