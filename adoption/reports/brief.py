"""The brief on a terminal: what can be said of a year, one generated sentence a line.

Belongs here: asking the published brief, its choices, crossovers and momentum, and laying them out. Does not belong
here: any sentence of the brief (`adoption.reports.sentences`), any figure or verdict (dbt writes them).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from adoption.publish.reader import open_published
from adoption.reports import format as wording
from adoption.reports import projections, sentences, to_date
from adoption.reports.console import print_json
from adoption.reports.names import chosen
from adoption.reports.pairs import relation
from adoption.reports.review import UnknownYearError
from adoption.reports.years import ChosenYear, chosen_year
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

    from adoption.settings import Settings

Row = dict[str, Any]

COLOURS = {
    **dict.fromkeys(("up", "faster"), "green"),
    **dict.fromkeys(("down", "slower"), "red"),
    **dict.fromkeys(("flat", "steady", "mixed"), "yellow"),
    **dict.fromkeys(wording.UNSAID, "dim"),
}
"""Every verdict of a change, and the colour in which it is shown."""

LINES = """
select * from {brief}
where year = ? and entity_id = ? and against_entity_id = ?
order by line_number
"""
CROSSOVERS = """
select crossovers.*, metrics.label as metric_label, sources.label as source_label
from {crossovers} as crossovers
inner join marts.dim_metrics as metrics using (metric_id)
inner join marts.dim_sources as sources using (source_id)
where list_sort([crossovers.entity_id, crossovers.against_entity_id]) = list_sort([?, ?])
    and crossovers.state = 'passed' and year(crossovers.month_date) = ?
order by metrics.position, crossovers.month_date, crossovers.source_id, crossovers.basis
"""
MOMENTUM = """
select momentum.*, metrics.label as metric_label, sources.label as source_label
from marts.fct_momentum as momentum
inner join marts.dim_metrics as metrics using (metric_id)
inner join marts.dim_sources as sources using (source_id)
where momentum.entity_type = 'contender' and momentum.entity_id = ? and momentum.is_comparable
    and year(momentum.period_end - 1) = ?
qualify row_number() over (partition by momentum.series_id, momentum.measure order by momentum.period_end desc) = 1
order by metrics.position, momentum.source_id, momentum.basis, momentum.measure
"""
UNCOMPUTED = """
select
    metrics.label as metric_label, robustness.headline, robustness.not_computable_reason as reason,
    list(robustness.choice order by robustness.choice) as choices
from {robustness} as robustness
inner join marts.dim_metrics as metrics using (metric_id)
where robustness.year = ? and robustness.entity_id = ? and coalesce(robustness.against_entity_id, ?) = ?
    and robustness.segment = 'all' and robustness.headline in ('direction', 'lead')
    -- of a headline that cannot be said at all the sentence gives the reason
    and not robustness.is_computable and robustness.choices_agreeing is not null
group by metrics.position, metrics.label, robustness.headline, robustness.not_computable_reason
order by metrics.position, robustness.headline, reason
"""
MEASURES = {
    "three_months_on_a_year_ago": "last 3 months on a year ago",
    "twelve_months_on_twelve_before": "last 12 months on the 12 before",
}
"""Every measure of momentum, and the heading of its column."""
YEARS = "select min(year) as first, max(year) as last from marts.rpt_brief"


@dataclass(frozen=True)
class Brief:
    """What the page shows: the lines, the choices that they leave out, passings, and how the entity moved lately."""

    lines: list[Row]
    uncomputed: list[Row]
    crossovers: list[Row]
    momentum: list[Row]
    to_date: list[Row]
    projections: list[Row]
    labels: dict[str, str]
    year: ChosenYear


def show(
    settings: Settings,
    year: int | None = None,
    entity: str | None = None,
    against: str | None = None,
    console: Console | None = None,
    as_json: bool = False,
) -> None:
    """Print the brief of `year` for `entity` against another contender.

    Whoever is not given is the catalog's; the year is the newest that enough channels speak of.

    It goes to the terminal, or to `console`.

    Raises:
        NotPublishedError: when nothing is published.
        UnknownContenderError: when the catalog has no such contender, or both are the same.
        UnknownYearError: when one of the two has no figures in the year.
    """
    with open_published(settings) as connection:
        brief = read(connection, year, entity, against)
    if as_json:
        names = ("lines", "uncomputed", "crossovers", "momentum", "to_date", "projections")
        print_json(
            {"year": brief.year.year, "year_is": brief.year.reason or "given", **{n: getattr(brief, n) for n in names}}
        )
        return
    console = console or Console(highlight=False)
    headline, *lines = brief.lines
    console.print()
    console.rule(Text(_title(headline), style="bold"), align="left")
    if brief.year.reason:
        console.print(Text(f"{brief.year.year} is {brief.year.reason}.", style="dim"))
    console.print(Padding(Text(headline["sentence"], style="bold"), (1, 0, 1, 0)))
    for line in lines:
        _print_line(console, line)
    to_date.print_section(console, brief.to_date, brief.labels)
    _print_uncomputed(console, brief)
    _print_crossovers(console, brief)
    _print_momentum(console, brief)
    projections.print_section(console, brief.projections, brief.labels)


def read(connection: duckdb.DuckDBPyConnection, year: int | None, entity: str | None, against: str | None) -> Brief:
    """The brief of a year and two contenders; raises as `show` does."""
    focus, benchmark = chosen(connection, entity, against)
    entity_id, against_id = focus["entity_id"], benchmark["entity_id"]
    labels = {entity_id: focus["label"], against_id: benchmark["label"]}
    selected = chosen_year(connection, year, entity_id, against_id)
    reported_year = selected.year
    lines = lines_of(connection, reported_year, entity_id, against_id)
    if not lines:
        years = fetch_dicts(connection, YEARS)[0]
        raise UnknownYearError(
            f"There is no data of both {labels[entity_id]} and {labels[against_id]} for {reported_year}; "
            f"briefs go from {years['first']} to {years['last']}."
        )
    crossovers = crossovers_of(connection, reported_year, entity_id, against_id)
    uncomputed = _uncomputed(connection, reported_year, entity_id, against_id)
    momentum = fetch_dicts(connection, MOMENTUM, [entity_id, reported_year])
    so_far = to_date.read(connection, reported_year, entity_id, against_id)
    projected = projections.read(connection, reported_year, [entity_id, against_id])
    return Brief(lines, uncomputed, crossovers, momentum, so_far, projected, labels, selected)


def lines_of(connection: duckdb.DuckDBPyConnection, year: int, entity: str, against: str) -> list[Row]:
    """The lines of a brief in words, whichever pair it is of; none where nothing is available of both."""
    query = LINES.format(brief=relation(connection, "rpt_brief", entity, against))
    return sentences.worded(fetch_dicts(connection, query, [year, entity, against]))


def crossovers_of(connection: duckdb.DuckDBPyConnection, year: int, entity: str, against: str) -> list[Row]:
    """Which of the two passed the other in a year, and in what."""
    query = CROSSOVERS.format(crossovers=relation(connection, "fct_crossovers", entity, against))
    return fetch_dicts(connection, query, [entity, against, year])


def _uncomputed(connection: duckdb.DuckDBPyConnection, year: int, entity: str, against: str) -> list[Row]:
    query = UNCOMPUTED.format(robustness=relation(connection, "fct_robustness", entity, against))
    return fetch_dicts(connection, query, [year, entity, against, against])


def _title(headline: Row) -> str:
    return f"{headline['year']} in brief: {headline['entity_label']} against {headline['against_label']}"


def _print_line(console: Console, line: Row) -> None:
    """A channel, or a metric of the channel above it; the name that the sentence begins with stands out."""
    name, _, rest = line["sentence"].partition(": ")
    text = Text.assemble(
        (f"{name}  ", "bold"), (line["move"], COLOURS[line["move"]]), f"\n{rest[:1].upper()}{rest[1:]}"
    )
    console.print(Padding(text, (0, 0, 1, 0 if line["line_kind"] == "channel" else 4)))


def _print_uncomputed(console: Console, brief: Brief) -> None:
    """What k of n leaves out: by metric and headline, the choices with the reason that they share."""
    if not brief.uncomputed:
        return
    console.print(Text("Specifications that cannot be computed, and are not counted above", style="bold"))
    for (label, headline), rows in groupby(brief.uncomputed, key=lambda row: (row["metric_label"], row["headline"])):
        listed = ((wording.specifications(row["choices"]), row["reason"]) for row in rows)
        reasons = "; ".join(f"{choices} ({reason})" for choices, reason in listed)
        what = "who leads" if headline == "lead" else "direction"
        console.print(Padding(Text(f"{label}, {what}: {reasons}."), (0, 0, 0, 2)))
    console.print()


def _print_crossovers(console: Console, brief: Brief) -> None:
    if not brief.crossovers:
        return
    console.print(Text("Passed in this year, and ahead for three months since", style="bold"))
    for row in brief.crossovers:
        console.print(Padding(Text(crossing(row, brief.labels)), (0, 0, 0, 2)))
    console.print()


def crossing(row: Row, labels: dict[str, str]) -> str:
    """A passing as a sentence: who, whom, when, and the figures of that month."""
    counts = f"{_count(row, '')} against {_count(row, 'against_')}"
    return (
        f"{row['metric_label']}: {labels[row['entity_id']]} passed {labels[row['against_entity_id']]} in "
        f"{row['month_date']:%B %Y} ({counts}), {_counted(row)}; {wording.grade(row['grade'])}."
    )


def _count(row: Row, side: str) -> str:
    """A month's figure, or what is known of it where it is known within bounds only."""
    value = row[f"{side}value"]
    return f"{row[f'{side}low']:,.0f} to {row[f'{side}high']:,.0f}" if value is None else f"{value:,.0f}"


def _counted(row: Row) -> str:
    return f"{row['source_label']}, {wording.words(row['basis'])}"


def _print_momentum(console: Console, brief: Brief) -> None:
    """A row for each way of counting, a column for each measure."""
    if not brief.momentum:
        return
    console.print(Text("Recent trend (latest complete month)", style="bold"))
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for heading in ("", *MEASURES.values()):
        table.add_column(heading, overflow="fold", max_width=18 if heading else None)
    for (metric, counted), rows in groupby(brief.momentum, key=lambda row: (row["metric_label"], _counted(row))):
        measured = {row["measure"]: row for row in rows}
        grade = max(row["grade"] for row in measured.values())
        name = Text.assemble(metric, (f"\n{counted}; grade {grade}", "dim"))
        table.add_row(name, *(_moved(measured.get(measure)) for measure in MEASURES))
    console.print(Padding(table, (0, 0, 0, 2)))


def _moved(row: Row | None) -> Text:
    """The change of a stretch of months, whether it says a direction, and with which month it ends."""
    if row is None:
        return Text(wording.NOT_KNOWN, style="dim")
    is_inconclusive = row["direction"] in wording.UNSAID
    # of rare things bounds would tell more than is known: they say nothing of chance
    changed = [] if is_inconclusive and row["kind"] == "rate" else [_change(row)]
    words = "\n".join([*changed, *([row["direction"]] if is_inconclusive else [])])
    last = row["period_end"] - timedelta(days=1)
    return Text.assemble((words, COLOURS[row["direction"]]), (f"\nto {last:%b %Y}", "dim"))


def _change(row: Row) -> str:
    """The number, or its bounds, or that it is not known."""
    if row["change"] is not None:
        return wording.signed(row["change"], row["change_unit"])
    if row["change_low"] is None or row["change_high"] is None:
        return wording.NOT_KNOWN
    low, high = (wording.signed(row[side], row["change_unit"]) for side in ("change_low", "change_high"))
    return f"{low} to {high}"
