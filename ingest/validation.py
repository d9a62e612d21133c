"""What is accepted: one rule for shipped, fetched and dropped files.

Belongs here: judging the parsed rows of one file by its row models, against each other, and against what the catalog
says that such a file must give. Does not belong here: parsing (`ingest.formats`), or what becomes of a file that is
not accepted (the inbox refuses it, the loader fails its source).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ingest.errors import did_you_mean, printable, reason_of, shortened
from ingest.model import Fetch, ParsedRow, Source
from ingest.row_types import MOST, UNKNOWN_NAME, RawRow

if TYPE_CHECKING:
    from ingest.catalog import Catalog

MAX_HINTS = 20
"""For so many unknown names the nearest one is looked for."""
SHOWN_LINES = 5
WHOLE_ROW = "(row)"
HALF = re.compile("[\ud800-\udfff]")
"""What JSON can spell and no encoding can write: one of the two halves of which UTF-16 makes rare characters."""


@dataclass(frozen=True)
class Problem:
    """What is wrong in one row: the column, what was found in it, and what was expected."""

    row: ParsedRow
    column: str
    value: str
    reason: str


@dataclass
class ValidatedRows:
    """Accepted rows, each beside what was parsed; what is wrong in the others; faults of the whole file."""

    accepted: list[tuple[ParsedRow, RawRow]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def validate(rows: Sequence[ParsedRow], source: Source, fetch: Fetch, catalog: Catalog) -> ValidatedRows:
    """Judge the rows of one file of `source`, which is that of the catalog (`Source.for_catalog`)."""
    entry = catalog.source(source.name)
    names = catalog.names(entry.names)
    context = {
        "landed_on": fetch.landed_at.astimezone(UTC).date(),
        "names": names,
        "grain": entry.expected.grain,
        "available_on": fetch.available_at.astimezone(UTC).date() if fetch.available_at else None,
    }
    validated = ValidatedRows()
    for row in rows:
        _validate_row(row, source.tables.get(row.table), context, validated)
    _reject_duplicates(validated)
    if not validated.problems and source.holds:
        validated.faults += source.holds([row for _, row in validated.accepted])
    return validated


def describe(validated: ValidatedRows, name: str, names: frozenset[str] = frozenset()) -> list[str]:
    """What is wrong, for people: one line for what is wrong alike, however many lines it is on."""
    groups: defaultdict[tuple[str, str], list[Problem]] = defaultdict(list)
    for problem in validated.problems:
        groups[problem.column, problem.reason].append(problem)
    hints = 0
    lines = []
    for (column, reason), problems in groups.items():
        first = problems[0]
        hint = ""
        if reason == UNKNOWN_NAME and hints < MAX_HINTS:
            hints += 1
            hint = did_you_mean(first.value, names)
        where = f", column {column}" if column != WHOLE_ROW else ""
        value = f"; found {shortened(repr(first.value), 120)}" if column != WHOLE_ROW else ""
        others = len({problem.value for problem in problems}) - 1
        also = f" and {others:,} other values" if others and value else ""
        lines.append(f"{name}, {_lines(problems)}{where}: {shortened(reason)}{value}{also}{hint}")
    return [*lines, *(f"{name}: {shortened(fault, 600)}" for fault in validated.faults)]


def _lines(problems: Sequence[Problem]) -> str:
    numbers = [str(problem.row.number) for problem in problems]
    if len(numbers) == 1:
        return f"line {numbers[0]}"
    more = len(numbers) - SHOWN_LINES
    return f"lines {', '.join(numbers[:SHOWN_LINES])}" + (f" and {more:,} more" if more > 0 else "")


def _validate_row(
    row: ParsedRow, model: type[RawRow] | None, context: dict[str, Any], validated: ValidatedRows
) -> None:
    if row.defect or model is None:
        reason = row.defect or f"no table {row.table!r} of this source"
        validated.problems.append(Problem(row, WHOLE_ROW, "", reason))
        return
    try:
        accepted = model.model_validate(row.fields, context=context)
    except ValidationError as error:
        for problem in error.errors():
            column = ".".join(map(str, problem["loc"])) or WHOLE_ROW
            validated.problems.append(Problem(row, column, str(problem["input"]), reason_of(problem)))
        return
    problems = [
        Problem(row, column, printable(str(value)), reason)
        for column, value in accepted.__dict__.items()
        if (reason := _unkeepable(value))
    ]
    validated.problems += problems
    if not problems:
        validated.accepted.append((row, accepted))


def _unkeepable(value: object) -> str:
    """Why a value that a row model takes cannot be kept in the warehouse; empty where it can."""
    if type(value) is int:
        return f"is more than anything that is counted: expected at most {MOST:,}" if value > MOST else ""
    texts = value if type(value) is list else (value,)
    if any(type(text) is str and not text.isascii() and HALF.search(text) for text in texts):
        return "holds half of a character, which no encoding has"
    return ""


def _reject_duplicates(validated: ValidatedRows) -> None:
    """Of two rows about one fact neither is believed, equal or not: whoever adds them up counts twice."""
    first: dict[tuple[object, ...], ParsedRow] = {}
    unique = []
    for parsed, row in validated.accepted:
        columns = type(row).one_row_for or type(row).key
        if not columns:
            unique.append((parsed, row))
            continue
        fact = tuple(_hashable(row.__dict__[column]) for column in columns)
        before = first.setdefault((parsed.table, *fact), parsed)
        if before is parsed:
            unique.append((parsed, row))
            continue
        key = ", ".join(str(row.__dict__[column]) for column in columns)
        reason = f"line {before.number} speaks of the same already ({shortened(key, 120)}); expected one row for each"
        validated.problems.append(Problem(parsed, WHOLE_ROW, "", reason))
    validated.accepted = unique


def _hashable(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def days_of(row: RawRow) -> Iterator[date]:
    """Every day that a row names, and both ends of its edition or year."""
    for column, value in row.__dict__.items():
        if isinstance(value, date) and not isinstance(value, datetime):
            yield value
        elif column in ("edition", "year") and isinstance(value, int):
            yield from (date(value, 1, 1), date(value, 12, 31))
