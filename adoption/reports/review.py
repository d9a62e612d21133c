"""The year in review on a terminal: channel by channel, the contender in focus against the benchmark.

Belongs here: asking the published review and laying it out. Does not belong here: any figure (the marts hold them)
or how a figure is worded (`adoption.reports.format`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from adoption.publish.reader import open_published
from adoption.reports import format as wording
from adoption.reports import to_date
from adoption.reports.console import print_json
from adoption.reports.one_way import in_one_way
from adoption.reports.sentences.moves import own_count
from adoption.reports.years import ChosenYear, chosen_year
from ingest.database import fetch_dicts
from ingest.errors import AdoptionError

if TYPE_CHECKING:
    import duckdb

    from adoption.settings import Settings

Row = dict[str, Any]

INDENT, GAP = 2, 2
NUMBERS = (1, 2, 3)
"""The cells that stand on the right of their column."""
DROPPED_FIRST = (4, 5, 6, 1, 2, 7)
"""The cells that a narrow terminal says below the table, in this order: interval, baseline, ratio, levels, grade."""

REVIEW = """
with review as (
    from marts.rpt_year_in_review
    select * replace (
        entity_id = coalesce($entity, any_value(entity_id) filter (is_focus) over ()) as is_focus,
        entity_id = coalesce($against, any_value(entity_id) filter (is_benchmark) over ()) as is_benchmark,
        -- the ratio of the marts is to the catalog's benchmark only
        if(
            coalesce($against = any_value(entity_id) filter (is_benchmark) over (), true), ratio_to_benchmark, null
        ) as ratio_to_benchmark
    )
)

select review.*, sources.label as source_label
from review
left join marts.dim_sources as sources using (source_id)
where review.year = $year and (review.is_focus or review.is_benchmark or review.entity_type = 'market' or $everyone)
order by
    review.position, review.segment, review.is_focus desc, review.is_benchmark desc, review.value desc nulls last,
    review.entity_label
"""
YEARS = "select min(year) as first, max(year) as last from marts.rpt_year_in_review"
FOCUS = "select focus, benchmark from meta.review"


class UnknownYearError(AdoptionError):
    """The year lies outside what is held; the text names the years that can be asked for."""


def show(
    settings: Settings,
    year: int | None = None,
    everyone: bool = False,
    console: Console | None = None,
    is_verbose: bool = False,
    as_json: bool = False,
) -> None:
    """Print the review of `year`, by default the newest that enough channels speak of; of all contenders if `everyone`.

    Metrics that hold nothing are named in one line at the end; how each is read and its caveats are printed if
    `is_verbose`. It goes to the terminal, or to `console`.

    Raises:
        NotPublishedError: when nothing is published.
        UnknownYearError: when no source covers the year.
    """
    with open_published(settings) as connection:
        review = fetch_dicts(connection, FOCUS)[0]
        chosen = chosen_year(connection, year, review["focus"], review["benchmark"])
        rows = in_one_way(connection, chosen.year, read(connection, chosen.year, everyone=everyone))
        running = to_date.read(connection, chosen.year, review["focus"], review["benchmark"])
    if as_json:
        print_json({"year": chosen.year, "year_is": chosen.reason or "given", "rows": rows, "to_date": running})
        return
    console = console or Console(highlight=False)
    _print_title(console, chosen, rows)
    metrics = [worth_showing(list(group)) for _, group in groupby(rows, key=lambda row: row["metric_id"])]
    for shown in metrics:
        if holds_anything(shown):
            _print_metric(console, chosen.year, shown, is_verbose)
    to_date.print_section(console, running, _labels(rows))
    _print_empty(console, [shown[0] for shown in metrics if not holds_anything(shown)])


def read(
    connection: duckdb.DuckDBPyConnection,
    year: int,
    entity: str | None = None,
    against: str | None = None,
    everyone: bool = False,
) -> list[Row]:
    """The review of a year: two contenders, by default the catalog's, or all, and the markets; raises as `show` does.

    `is_focus` and `is_benchmark` mark the two that were asked for. Each row is in the contender's own preferred way of
    counting; `in_one_way` puts the two side by side.
    """
    parameters = {"year": year, "entity": entity, "against": against, "everyone": everyone}
    rows = fetch_dicts(connection, REVIEW, parameters)
    if not rows:
        years = fetch_dicts(connection, YEARS)[0]
        raise UnknownYearError(f"No source covers {year}; ask for a year from {years['first']} to {years['last']}.")
    return rows


def worth_showing(rows: list[Row]) -> list[Row]:
    """The rows of a metric; of one that has parts, those that are known, or one row that says none is."""
    known = [row for row in rows if row["is_known"]]
    return rows if all(row["segment"] == "all" for row in rows) else known or rows[:1]


def holds_anything(rows: list[Row]) -> bool:
    """Whether a figure of this year or the one before is held by any of the rows of a metric."""
    return any(row["is_known"] or row["prior_value"] is not None or row["prior_low"] is not None for row in rows)


def _labels(rows: list[Row]) -> dict[str, str]:
    """The focus and the benchmark, by what they are called."""
    pair = [next(row for row in rows if row[role]) for role in ("is_focus", "is_benchmark")]
    return {row["entity_id"]: row["entity_label"] for row in pair}


def _print_title(console: Console, chosen: ChosenYear, rows: list[Row]) -> None:
    focus, benchmark = _labels(rows).values()
    console.print()
    console.rule(Text(f"{chosen.year} in review: {focus} against {benchmark}", style="bold"), align="left")
    if chosen.reason:
        console.print(Text(f"{chosen.year} is {chosen.reason}.", style="dim"))


def _print_metric(console: Console, year: int, rows: list[Row], is_verbose: bool) -> None:
    console.print()
    console.print(Text.assemble((rows[0]["metric_label"], "bold"), f"  {way(rows)}"))
    cells = [row_cells(row) for row in rows]
    headings = cell_headings(year)
    # a column that says nothing is left out
    used = [index for index in range(len(headings)) if any(row[index] for row in cells)]
    shown = _fitting(used, headings, cells, console.width - INDENT)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for index in shown:
        # a cell goes on in the next line between two words; a name never does
        table.add_column(
            headings[index],
            justify="right" if index in NUMBERS else "left",
            no_wrap=index == 0,
            min_width=_narrowest(index, headings, cells),
        )
    for row in cells:
        table.add_row(*(row[index] for index in shown))
    console.print(Padding(table, (0, 0, 0, INDENT)))
    left = [
        f"{row[0]}: {headings[index]} {row[index]}"
        for index in used
        if index not in shown
        for row in cells
        if row[index]
    ]
    notes = [f"Interpreted as: {rows[0]['reads']}.", *(f"Caveat: {caveat}" for caveat in rows[0]["caveats"])]
    for line in [*left, *remarks(rows), *(notes if is_verbose else ())]:
        console.print(Padding(Text(line, style="dim"), (0, 0, 0, INDENT)))


def _fitting(used: list[int], headings: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> list[int]:
    """The columns of which no word must be broken in this width; the others are said below the table."""
    shown = list(used)
    for dropped in DROPPED_FIRST:
        needed = sum(_narrowest(index, headings, cells) + GAP for index in shown) - GAP
        if needed <= width:
            break
        if dropped in shown:
            shown.remove(dropped)
    return shown


def _narrowest(index: int, headings: Sequence[str], cells: Sequence[Sequence[str]]) -> int:
    """The width of a column's longest word; of a name, of all its words."""
    texts = [headings[index], *(row[index] for row in cells)]
    return max(len(word) for text in texts for word in ([text] if index == 0 else text.split() or [""]))


def _print_empty(console: Console, metrics: Sequence[Row]) -> None:
    """The metrics that hold nothing, in one line."""
    if not metrics:
        return
    names = ", ".join(row["metric_label"] for row in metrics)
    console.print()
    console.print(Text(f"No data: {names}. How to get it: adoption ready {metrics[0]['year']}", style="dim"))


def way(rows: list[Row]) -> str:
    """How the rows were counted, if all in one way; else each row's remark says it."""
    ways = {_counted(row) for row in rows if row["is_known"]}
    return next(iter(ways)) if len(ways) == 1 else ""


def _counted(row: Row) -> str:
    return f"{row['source_label']}, {wording.words(row['basis'])}"


def cell_headings(year: int) -> tuple[str, ...]:
    """What the cells of a row are."""
    return ("", str(year - 1), str(year), "change", "interval", "baseline", "ratio", "grade")


def row_cells(row: Row) -> tuple[str, ...]:
    """The cells of a row, as people read them; empty where there is nothing to say."""
    if not row["is_known"]:
        return (name(row), wording.prior_level(row), wording.NOT_KNOWN, wording.NO_DATA, "", "", "", "")
    ratio = row["ratio_to_benchmark"] if row["is_focus"] else None
    return (
        name(row),
        wording.prior_level(row),
        wording.level(row),
        wording.change(row),
        wording.interval(row),
        wording.baseline(row),
        "" if ratio is None else wording.ratio(ratio),
        row["grade"],
    )


def name(row: Row) -> str:
    """The entity, with its part where a metric has parts only."""
    return (
        row["entity_label"] if row["segment"] == "all" else f"{row['entity_label']}, {row['segment'].partition('=')[2]}"
    )


def remarks(rows: list[Row]) -> list[str]:
    """What must stand beside the figures. A remark that several rows share is made once, for all of them."""
    names_by_remark: dict[str, list[str]] = {}
    for row in rows:
        for remark in _row_remarks(row, way(rows) == ""):
            names_by_remark.setdefault(remark, []).append(name(row))
    return [
        f"{remark[:1].upper()}{remark[1:]}" if len(names) == len(rows) else f"{'; '.join(names)}: {remark}"
        for remark, names in names_by_remark.items()
    ]


def _row_remarks(row: Row, name_way: bool) -> Iterator[str]:
    if not row["is_known"]:
        yield f"{row['no_data_reason']}. {row['how_to_get']}"
        return
    if row["segment"] == "all" and row["entity_type"] == "contender" and row["external_name"] != row["entity_id"]:
        yield f"measured on {row['external_name']}" + (f", counted by {_counted(row)}" if name_way else "")
    if row["is_focus"] and row["ratio_basis"] not in (None, row["basis"]):
        yield f"ratio by {wording.words(row['ratio_basis'])}, which holds both"
    if own := own_count(row):
        yield own
    yield from _comparison_remarks(row)
    if row["grade_reason"]:
        yield f"grade {row['grade']}: {'; '.join(wording.reasons(row['grade_reason']))}"


def _comparison_remarks(row: Row) -> Iterator[str]:
    """What the change does not say by itself."""
    before = row["year"] - 1
    if row["not_comparable_reason"]:
        yield f"not comparable with {before}: {row['not_comparable_reason']}"
        if row["yoy_common_pct"] is not None:
            common = wording.signed(row["yoy_common_pct"], "percent")
            yield f"{common} over the {row['common_months']} months both years hold"
    if row["other_ways"]:
        verdict = "inconclusive; " if row["direction"] in wording.UNSAID else ""
        yield f"{verdict}otherwise counted, {', '.join(row['other_ways'])}"
    if row["yoy_standardised"] is not None:
        yield (
            f"{wording.signed(row['yoy_standardised'], 'points')} with the countries and roles of {before} "
            f"(cells with {row['standardised_coverage_pct']:.0f} % of its respondents)"
        )
