"""A survey's file of respondents, reduced to counts while it is read: nobody is kept.

Belongs here: recognising which edition a file is, reading only the columns that its entry in the catalog names, and
counting respondents by the exact set of options they chose, country and role. Does not belong here: what a particular
survey makes of the counts (its source module), shares and unions (dbt), or any spelling (the catalog).
"""

from __future__ import annotations

import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ingest.errors import ExtractError
from ingest.formats.survey_files import (
    MAX_OPTIONS,
    RecognisedFile,
    choice_columns,
    expected,
    find,
    made_at,
    opened,
    places,
)
from ingest.model import Fetch, FileFormat, ParsedRow
from ingest.row_types import RawRow

if TYPE_CHECKING:
    import pyarrow as pa

    from ingest.catalog import Catalog, Edition, Survey

FORM = "responses"
Given = Callable[[Sequence[RawRow]], Iterable[Mapping[str, int]]]
BLOCK = 1 << 22


@dataclass(frozen=True)
class Counts:
    """Respondents of one edition by country, role (as the file writes it) and the numbers of the options they chose.

    Options are numbered from 1, in the order of their columns, or of their labels where one column holds them all.
    An empty set did not answer.
    """

    edition: Edition
    question: str
    options: tuple[str, ...]
    sets: Counter[tuple[str, str, tuple[int, ...]]]

    @property
    def all_respondents(self) -> int:
        """Everybody in the file."""
        return sum(self.sets.values())

    @property
    def answering(self) -> int:
        """Those who chose anything, the answer "none" too."""
        return sum(count for (_, _, chosen), count in self.sets.items() if chosen)


def reading_of(catalog: Catalog, source: str) -> str:
    """A text that changes when the catalog reads the files of a survey in another way."""
    survey = catalog.surveys.get(source)
    return "" if survey is None else json.dumps(survey.model_dump(mode="json", exclude={"aliases", "none_options"}))


def responses_format(survey: Survey | None, table: str, rows: Callable[[Counts], Iterator[ParsedRow]]) -> FileFormat:
    """The form of a publisher's file of respondents, open or zipped; `rows` makes rows of what was counted."""

    def detect_table(path: Path) -> str | None:
        return table if survey and find(path, path.name, survey.editions) else None

    def parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
        file = find(path, fetch.filename, survey.editions) if survey else None
        if file is None or survey is None:
            raise ExtractError(f"{fetch.filename}: no edition of the catalog; expected {expected(survey)}")
        return rows(_count_once(_Job(fetch.sha256, file, survey.missing, path, fetch.filename)))

    def published_at(path: Path) -> datetime | None:
        return made_at(path, find(path, path.name, survey.editions)) if survey else None

    return FileFormat(FORM, expected(survey), detect_table, parse, is_complete=True, published_at=published_at)


@dataclass(frozen=True)
class _Job:
    """A file to count. Two jobs are the same if they read the same bytes in the same way, wherever these lie."""

    sha256: str
    file: RecognisedFile
    missing: tuple[str, ...]
    path: Path = field(compare=False)
    name: str = field(compare=False)


@lru_cache(maxsize=1)
def _count_once(job: _Job) -> Counts:
    """A file that was tried is not read again when it is loaded a moment later."""
    return count(job.path, job.name, job.file, job.missing)


def count(path: Path, name: str, file: RecognisedFile, missing: Sequence[str]) -> Counts:
    """Count the respondents of a file that was recognised.

    Raises:
        ExtractError: when a row has too few or too many fields, a quote is left open, respondents are missing, or the
            bytes are not in the documented encoding.
    """
    edition = file.edition
    choices = choice_columns(edition, file.columns, name)
    with opened(path, name, file.member) as handle:
        table = _read(handle, name, file, [*places(edition), *choices])
    by_text = edition.columns.separator is not None
    try:
        counts = _by_text(table, edition, missing) if by_text else _by_columns(table, choices, edition, missing)
    except ExtractError as error:
        raise ExtractError(f"{name}: {error}") from error
    if wrong := _differences(counts):
        raise ExtractError(f"{name}: {'; '.join(wrong)}")
    return counts


def _differences(counts: Counts) -> list[str]:
    """What a file gives otherwise than its edition must; an option that nobody chose was lost when it was saved."""
    edition = counts.edition
    wrong = edition.differences(
        {
            "respondents": counts.all_respondents,
            "answering": counts.answering,
            "options": len(counts.options),
        }
    )
    if edition.respondents and not edition.columns.separator:
        chosen = {number for _, _, numbers in counts.sets for number in numbers}
        lost = [label for number, label in enumerate(counts.options, start=1) if number not in chosen]
        wrong += [f"nobody chose {', '.join(map(repr, lost))!s:.200}"] if lost else []
    return wrong


def holds_of(survey: Survey | None, rows: Sequence[RawRow], counts_of: Given) -> list[str]:
    """What the counts of whole editions give otherwise than these must.

    `counts_of` adds up the rows of one edition: respondents, those answering and options, as far as its rows say.
    """
    editions = {edition.year: edition for edition in survey.editions} if survey else {}
    by_edition: defaultdict[int, list[RawRow]] = defaultdict(list)
    for row in rows:
        by_edition[getattr(row, "edition")].append(row)  # noqa: B009 - every row model of a survey has one
    wrong = []
    for year, of_edition in by_edition.items():
        for counts in counts_of(of_edition) if year in editions else ():
            wrong += editions[year].differences(counts)
    return list(dict.fromkeys(wrong))


class _Quotes(io.RawIOBase):
    """A file that counts its quotes as it is read: an odd number means one that was never closed.

    The parser would take the rows after it for one long answer.
    """

    def __init__(self, handle: IO[bytes]) -> None:
        self._handle = handle
        self.number = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any buffer
        data = self._handle.read(len(buffer))
        buffer[: len(data)] = data
        self.number += data.count(b'"')
        return len(data)


def _read(handle: IO[bytes], name: str, file: RecognisedFile, columns: list[str]) -> pa.Table:
    """The named columns as text, nothing read as missing: "None" is an answer."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    edition, quotes = file.edition, _Quotes(handle)
    try:
        table = arrow.read_csv(
            quotes,
            # with several threads an error would not name the row
            arrow.ReadOptions(block_size=BLOCK, encoding=edition.encoding, use_threads=False),
            arrow.ParseOptions(delimiter=file.separator, newlines_in_values=True),
            arrow.ConvertOptions(
                include_columns=columns, column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise ExtractError(f"{name}: not readable as {edition.year}'s file: {_without_answers(str(error))}") from error
    if quotes.number % 2:
        raise ExtractError(f"{name}: a quote is never closed: the file is cut short, or not CSV")
    return table


def _without_answers(problem: str) -> str:
    """A parser's problem without the row that it quotes: a row is a person."""
    return re.sub(r"(Expected \d+ columns, got \d+).*", r"\1", problem.splitlines()[0])


def _texts(column: pa.ChunkedArray, missing: Sequence[str]) -> pa.ChunkedArray:
    """Trimmed texts; those that mean no answer are blank."""
    import pyarrow as pa
    from pyarrow import compute

    trimmed = compute.utf8_trim_whitespace(column)
    if not missing:
        return trimmed
    return compute.if_else(compute.is_in(trimmed, value_set=pa.array(missing)), "", trimmed)


def _roles(table: pa.Table, edition: Edition, missing: Sequence[str]) -> pa.ChunkedArray:
    """The role of each respondent; a student who was asked for no title has that of students."""
    from pyarrow import compute

    roles, student = _texts(table[edition.columns.role], missing), edition.columns.student
    if student is None:
        return roles
    studies = compute.equal(_texts(table[student.column], missing), student.answer)
    return compute.if_else(compute.and_(compute.equal(roles, ""), studies), student.role, roles)


def _by_columns(table: pa.Table, choices: Sequence[str], edition: Edition, missing: Sequence[str]) -> Counts:
    """Each option has a column of its own, which holds its label where it was chosen. Row 2 has the texts."""
    from pyarrow import compute

    texts = {} if edition.question else table.slice(0, 1).to_pylist()[0] if table.num_rows else {}
    answers = table if edition.question else table.slice(1)
    labels = [str(texts.get(column, column)).rpartition(" - ") for column in choices]
    bits: Any = 0
    for position, column in enumerate(choices):
        answered = _texts(answers[column], missing)
        _check_ticks(answered, column, labels[position][2].strip(), edition)
        ticked = compute.not_equal(answered, "")
        bits = bits + (ticked.to_numpy().astype("int64") << position)
    countries, roles = _texts(answers[edition.columns.country], missing), _roles(answers, edition, missing)
    by_bits = Counter(zip(countries.to_pylist(), roles.to_pylist(), bits.tolist(), strict=True))
    return Counts(
        edition,
        edition.question or labels[0][0].strip(),
        tuple(label.strip() for _, _, label in labels),
        Counter({(country, role, _numbers(chosen)): n for (country, role, chosen), n in by_bits.items()}),
    )


def _check_ticks(answered: pa.ChunkedArray, column: str, label: str, edition: Edition) -> None:
    """Raise ExtractError unless a column holds its label or nothing: 0 and 1 would count everybody."""
    from pyarrow import compute

    unexpected = sorted({str(text) for text in compute.unique(answered).to_pylist()} - {"", label})
    if unexpected and edition.respondents:
        examples = ", ".join(map(repr, unexpected[:3]))
        raise ExtractError(
            f"column {column}: expected {label!r} where it was chosen, and blank where not; found {examples!s:.200}: "
            "the answers were changed when it was saved"
        )


def _numbers(bits: int) -> tuple[int, ...]:
    return tuple(position + 1 for position in range(bits.bit_length()) if bits >> position & 1)


def _by_text(table: pa.Table, edition: Edition, missing: Sequence[str]) -> Counts:
    """One column holds all options that a respondent chose."""
    import pyarrow as pa

    columns = edition.columns
    countries, choices = _texts(table[columns.country], missing), _texts(table[columns.choices], missing)
    # by position: one column may serve twice
    texts = pa.table([countries, _roles(table, edition, missing), choices], names=["0", "1", "2"])
    groups = texts.group_by(["0", "1", "2"]).aggregate([([], "count_all")]).to_pydict()
    split = {text: split_options(text, columns.separator or "") for text in set(groups["2"])}
    options = sorted({option for chosen in split.values() for option in chosen})
    if len(options) > MAX_OPTIONS and edition.respondents:
        raise ExtractError(
            f"{len(options):,} options, such as {options[0]!r:.120}; expected at most {MAX_OPTIONS}, with "
            f"{columns.separator!r} between them"
        )
    number = {option: position for position, option in enumerate(options, start=1)}
    sets: Counter[tuple[str, str, tuple[int, ...]]] = Counter()
    numbers = {text: tuple(sorted(number[option] for option in chosen)) for text, chosen in split.items()}
    for country, role, text, respondents in zip(*groups.values(), strict=True):
        sets[country, role, numbers[text]] += respondents
    return Counts(edition, edition.question or "", tuple(options), sets)


def split_options(text: str, separator: str) -> tuple[str, ...]:
    """The options in one text, trimmed, each once."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(separator) if part.strip()))
