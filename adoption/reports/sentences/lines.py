"""A line of a brief in words, and the sentences of the pair under review written into their mart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from adoption.reports import format as wording
from adoption.reports.sentences.headline import headline
from adoption.reports.sentences.leads import ANOTHER_WAY, lead
from adoption.reports.sentences.moves import PACES, moves
from adoption.reports.sentences.words import Row, capital
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

OWN_PAIR: Final = """
select brief.* from marts.rpt_brief as brief
semi join (
    select focus as entity_id, benchmark as against_entity_id from meta.review
    union all
    select benchmark, focus from meta.review
) as pair using (entity_id, against_entity_id)
order by all
"""
WRITE: Final = """
update marts.rpt_brief as brief set sentence = worded.sentence
from worded
where brief.year = worded.year and brief.entity_id = worded.entity_id
    and brief.against_entity_id = worded.against_entity_id and brief.line_number = worded.line_number
"""
KEY: Final = ("year", "entity_id", "against_entity_id", "line_number")


def write_sentences(connection: duckdb.DuckDBPyConnection) -> int:
    """Write the sentences of the review's own pair, either of them first, into the mart; return how many."""
    rows = fetch_dicts(connection, OWN_PAIR)
    columns = "year integer, entity_id varchar, against_entity_id varchar, line_number integer, sentence varchar"
    connection.execute(f"create or replace temporary table worded ({columns})")
    if rows:
        values = [(*(row[column] for column in KEY), sentence(row)) for row in rows]
        connection.executemany("insert into worded values (?, ?, ?, ?, ?)", values)
    connection.execute(WRITE)
    connection.execute("drop table worded")
    return len(rows)


def worded(rows: Iterable[Row]) -> list[Row]:
    """The lines of a brief, each with its sentence."""
    return [{**row, "sentence": sentence(row)} for row in rows]


def sentence(row: Row) -> str:
    """The line of a brief in words."""
    if row["line_kind"] == "headline":
        return headline(row)
    name = row["metric_label"] or capital(row["channel"])
    clauses = _channel(row) if row["metric_label"] is None else _metric(row)
    # a figure that is counted in another way than the one before it begins a sentence of its own
    return f"{name}: {'; '.join(clauses)}.".replace(f"; {ANOTHER_WAY}", f". {ANOTHER_WAY}")


def _metric(row: Row) -> Iterator[str]:
    yield from moves(row)
    yield lead(row)
    of_source = row["source_grade_reason"] if row["source_grade"] == row["grade"] else None
    yield wording.grade(row["grade"], row["grade_reason"] or of_source)


def _channel(row: Row) -> Iterator[str]:
    """A channel of several metrics, or of none."""
    if row["move"] == "no data":
        yield f"no data ({row['no_data_reason']})"
        return
    moves = ", ".join(f"{name} {move}" for name, move in zip(row["metrics_of"], row["metric_moves"], strict=True))
    yield f"{_channel_move(row)} ({moves})"
    yield _channel_lead(row)
    yield wording.grade(row["grade"])


def _channel_move(row: Row) -> str:
    label, move = row["entity_label"], row["move"]
    if move in PACES:
        return f"{label} {PACES[move]}"
    if move == "not comparable":
        return f"no figure of {label} compares with {row['year'] - 1}"
    return f"whether {label} is up is inconclusive" if move == "inconclusive" else f"{label} is {move}"


def _channel_lead(row: Row) -> str:
    led, trailed, undecided = row["metrics_led"], row["metrics_trailed"], row["metrics_undecided"]
    against = row["against_label"]
    if row["lead"] is None:
        return f"no comparable figure of both it and {against}"
    if row["lead"] in ("leads", "trails"):
        return f"it {row['lead']} {against} in {', '.join(led if row['lead'] == 'leads' else trailed)}"
    places = (("leads in", led), ("trails in", trailed), ("is inconclusive in", undecided))
    return f"against {against} it {', '.join(f'{verb} {_listed(names)}' for verb, names in places if names)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
