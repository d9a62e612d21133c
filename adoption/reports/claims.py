"""Published statements and what became of them, and the named windows, on a terminal.

Belongs here: asking the marts for claims and wording each reading. Does not belong here: any verdict or figure
(dbt derives them), or the claims themselves (`ingest/catalog/claims.yaml`).
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from adoption.publish.reader import open_published
from adoption.reports import format as wording
from adoption.reports.console import print_json
from adoption.reports.names import resolve
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

    from adoption.settings import Settings

Row = dict[str, Any]

VERDICTS = {
    "reproduced": "green",
    "confirmed": "green",
    "contradicted": "red",
    "contradicted_by_a_proxy": "red",
    "depends_on_the_reading": "yellow",
    "not_testable_here": "dim",
    "not_testable": "dim",
}
"""Every verdict, and the colour in which it is shown."""
CHANGES = ("growth", "net_additions_growth", "projected_growth", "months_growth", "window_effect")
"""Measures whose figure is a change in percent, so that its sign is shown."""
KNOWN_WITHIN = ("months_ratio", "projected_growth")
"""Measures that are known within their interval only: it decides, and is shown."""

CLAIMS = """
select claims.*, sources.label as source_label
from marts.fct_claims as claims
left join meta.sources as sources using (source_id)
where ? is null or verdict = ?
order by claim_position, reading_position
"""
WINDOWS = """
select windows.*, metrics.label as metric_label, metrics.position, entities.label as entity_label
from marts.fct_named_windows as windows
inner join marts.dim_metrics as metrics using (metric_id)
inner join marts.dim_entities as entities using (entity_type, entity_id)
where windows.effect_pct is not null and windows.entity_type <> 'contender'
order by window_id, metrics.position, basis, entity_label
"""


def show(settings: Settings, verdict: str | None = None, as_json: bool = False) -> None:
    """Print every claim with its verdict and readings, or those with one verdict.

    Raises:
        NotPublishedError: when nothing is published.
        UnknownNameError: when there is no such verdict.
    """
    verdict = _verdict(verdict) if verdict else None
    with open_published(settings) as connection:
        rows = claims(connection, verdict)
    if as_json:
        print_json([_record(readings) for readings in rows])
        return
    console = Console(highlight=False)
    if not rows:
        console.print(f"No claim has the verdict {verdict}." if verdict else "The catalog holds no claim.")
    for readings in rows:
        _print_claim(console, readings)


def _record(readings: list[Row]) -> Row:
    """A claim as a program reads it: what belongs to the statement, and its readings below."""
    of_claim = ("claim_id", "claim_text", "said_by", "said_on", "verdict", "verdict_reason", "remark")
    return {
        **{name: readings[0][name] for name in of_claim},
        "readings": [
            {name: value for name, value in row.items() if name not in of_claim}
            for row in readings
            if row["reading_id"]
        ],
    }


def _verdict(name: str) -> str:
    """The verdict that is meant, as it is written in the marts or in words."""
    return resolve("verdict", name, {verdict: wording.words(verdict) for verdict in VERDICTS})


def claims(connection: duckdb.DuckDBPyConnection, verdict: str | None = None) -> list[list[Row]]:
    """The claims in the catalog's order, each as its readings; one without readings has one row."""
    rows = fetch_dicts(connection, CLAIMS, [verdict, verdict])
    return [list(readings) for _, readings in groupby(rows, key=lambda row: row["claim_id"])]


def _print_claim(console: Console, readings: list[Row]) -> None:
    claim = readings[0]
    verdict = (wording.words(claim["verdict"]), VERDICTS[claim["verdict"]])
    console.print()
    console.print(Text.assemble((claim["claim_id"], "bold"), "  ", verdict))
    quotation = f"{claim['claim_text']} ({claim['said_by']}, {claim['said_on']})"
    for line in (quotation, claim["verdict_reason"], claim["remark"]):
        if line:
            console.print(Padding(Text(line), (0, 0, 0, 2)))
    if claim["reading_id"] is None:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in ("reading", "outcome", "computed", "admitted", "grade", "evidence"):
        table.add_column(name, justify="right" if name == "computed" else "left", no_wrap=name == "outcome")
    for row in readings:
        table.add_row(*described(row).values())
    console.print(Padding(table, (0, 0, 0, 2)))


def described(reading: Row) -> dict[str, str]:
    """A reading in words: name, outcome, computed, admitted, grade, and the evidence with how it was counted."""
    kind = "" if reading["evidence_kind"] == "same" else f" ({reading['evidence_kind']})"
    return {
        "reading": f"{wording.words(reading['reading_id'])}{kind}",
        "outcome": reading["outcome"],
        "computed": computed(reading),
        "admitted": f"{reading['says']}: {admitted(reading)}",
        "grade": reading["grade"] or "",
        "evidence": "; ".join(
            line
            for line in (_counted(reading), *(reading["evidence"] or ()), reading["outcome_reason"], reading["note"])
            if line
        ),
    }


def computed(reading: Row) -> str:
    """The figure, or its bounds, with its distance from the number that was stated."""
    if reading["value"] is None and reading["low"] is None:
        return wording.NOT_KNOWN
    if reading["value"] is None and reading["unit"] not in ("points", "times", "channels"):
        return wording.bounds(reading["low"], reading["high"], None, reading["unit"])
    if reading["value"] is None:
        return f"{figure(reading['low'], reading)} to {figure(reading['high'], reading)}"
    text = figure(reading["value"], reading)
    if reading["measure"] in KNOWN_WITHIN and reading["low"] is not None:
        interval = f"{figure(reading['low'], reading)} to {figure(reading['high'], reading)}"
        return f"{text} ({interval}, {reading['interval_kind']})"
    return text if reading["deviation_pct"] is None else f"{text} ({reading['deviation_pct']:+.1f} %)"


def admitted(reading: Row) -> str:
    """The range that the words admit."""
    low, high = reading["accepted_low"], reading["accepted_high"]
    if low is None and high is None:
        return "no number at all"
    if high is None:
        return f"{figure(low, reading)} or more"
    if low is None:
        return f"{figure(high, reading)} or less"
    return figure(low, reading) if low == high else f"{figure(low, reading)} to {figure(high, reading)}"


def figure(value: float, reading: Row) -> str:
    """A number in the unit of the reading; one that is not available has none."""
    if reading["unit"] == "points":
        return wording.signed(value, "points")
    if reading["unit"] == "times":
        return f"{value:.2f} x"
    if reading["measure"] in CHANGES:
        return f"{value:+,.1f} %"
    return (
        f"{value:,.4g}"
        if reading["unit"] is None and abs(value) < wording.READABLE_WHOLE
        else wording.number(value, reading["unit"] or "")
    )


def _counted(reading: Row) -> str | None:
    """Whose figures, counted how; what is not available was counted in no way."""
    if reading["series_id"] is None:
        return None
    return f"{reading['source_label']}, {wording.words(reading['basis'])}"


def show_windows(settings: Settings, as_json: bool = False) -> None:
    """Print every named window: each series of its metrics against the reference.

    Raises:
        NotPublishedError: when nothing is published.
    """
    with open_published(settings) as connection:
        rows = fetch_dicts(connection, WINDOWS)
    if as_json:
        print_json(rows)
        return
    console = Console(highlight=False)
    for label, group in groupby(rows, key=lambda row: row["window_label"]):
        console.print()
        console.print(Text(label, style="bold"))
        for metric, series in groupby(group, key=lambda row: (row["metric_label"], row["basis"])):
            _print_window(console, metric, list(series))


def _print_window(console: Console, metric: tuple[str, str], series: list[Row]) -> None:
    up = sum(row["effect_pct"] > 0 for row in series)
    console.print(f"\n  {metric[0]}, {wording.words(metric[1])}: up in {up} of {len(series)}")
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in ("", "effect", "starts", "trough", "", "back", "grade"):
        table.add_column(name, justify="right" if name == "effect" else "left")
    for row in series:
        trough = f"{row['trough_date']:%Y-%m}", f"{row['trough_pct']:+.0f} %"
        table.add_row(
            row["entity_label"],
            f"{row['effect_pct']:+.1f} %",
            *(
                (_month(row["start_date"]), *trough, _month(row["back_date"]))
                if row["start_date"]
                else ("", "", "", "")
            ),
            row["grade"],
        )
    console.print(Padding(table, (0, 0, 0, 4)))


def _month(day: Any) -> str:  # noqa: ANN401 - a date as the database gives it
    return f"{day:%Y-%m}" if day else "not yet"
