"""A survey's file of respondents, reduced to counts while it is read: nobody is kept.

Belongs here: recognising which edition a file is, reading only the columns that its entry in the catalog names, and
counting respondents by the exact set of options they chose, country and role. Does not belong here: what a particular
survey makes of the counts (its source module), shares and unions (dbt), or any spelling (the catalog).
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ingest.errors import ExtractError, FormError
from ingest.formats.tabular import SEPARATORS, is_archive
from ingest.model import Fetch, FileFormat, ParsedRow, RawRow

if TYPE_CHECKING:
    import pyarrow as pa

    from ingest.catalog import Catalog, Edition, Survey

FORM = "responses"
Given = Callable[[Sequence[RawRow]], Iterable[Mapping[str, int]]]
POINTER = b"version https://git-lfs"
"""How a git-LFS pointer begins: copies of surveys on GitHub are often such a pointer of some 130 bytes."""
HEADER_BYTES = 1 << 17
"""The header of a survey is long, its column names are ASCII in every edition."""
BLOCK = 1 << 22
MAX_UNPACKED = 1 << 29
"""The largest file of respondents has 200 MB; what unpacks to more than this is none."""
MAX_RATIO, SMALL = 100, 1 << 26
"""A file of respondents packs to a tenth. What packs to less than a hundredth is made to fill a memory."""
MAX_MEMBERS = 1_000
MAX_OPTIONS = 62
"""So many options fit a set that is kept as one number."""


@dataclass(frozen=True)
class Found:
    """A file of respondents: the edition that it is, and the member of the archive that holds it, None if it is open.

    `columns` are those of its header, with `separator` between them.
    """

    edition: Edition
    member: str | None
    columns: tuple[str, ...]
    separator: str = ","


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
        found = find(path, fetch.filename, survey.editions) if survey else None
        if found is None or survey is None:
            raise ExtractError(f"{fetch.filename}: no edition of the catalog; expected {expected(survey)}")
        return rows(_count_once(_Job(fetch.sha256, found, survey.missing, path, fetch.filename)))

    def published_at(path: Path) -> datetime | None:
        return made_at(path, find(path, path.name, survey.editions)) if survey else None

    return FileFormat(FORM, expected(survey), detect_table, parse, is_complete=True, published_at=published_at)


def expected(survey: Survey | None) -> str:
    """What a file of respondents is, for people."""
    years = [edition.year for edition in survey.editions] if survey else []
    span = f" of {min(years)} to {max(years)}" if years else ""
    return f"the publisher's zip archive, or the file of respondents{span} inside it, as published"


def find(path: Path, name: str, editions: Sequence[Edition]) -> Found | None:
    """The file of respondents that `path` is or holds; None for an open file that is no edition.

    Raises:
        ExtractError: for an archive without exactly one edition, a broken one, and a git-LFS pointer.
    """
    if not is_archive(path):
        _check_size(name, path.stat().st_size)
        with path.open("rb") as handle:
            return _recognise(handle, name, None, editions)
    with _archive(path, name) as archive:
        _check_archive(archive, name)
        members = [member for member in archive.namelist() if member.lower().endswith(".csv")]
        found = []
        for member in members:
            with archive.open(member) as handle:
                found.append(_recognise(handle, f"{name}/{member}", member, editions))
    known = [one for one in found if one]
    if len(known) != 1:
        held = ", ".join(f"{one.member} ({one.edition.year})" for one in known) or ", ".join(members) or "no CSV file"
        files = sorted({edition.file for edition in editions})
        raise ExtractError(f"{name}: expected one file of respondents inside ({' or '.join(files)}); found {held}")
    return known[0]


def _check_archive(archive: zipfile.ZipFile, name: str) -> None:
    """Raise ExtractError for an archive that unpacks to more than any survey; no member gives more than it declares."""
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise ExtractError(f"{name}: {len(members):,} files inside; expected a survey")
    size, packed = (sum(getattr(one, what) for one in members) for what in ("file_size", "compress_size"))
    _check_size(name, size)
    if size > SMALL and size > MAX_RATIO * packed:
        raise ExtractError(f"{name}: {packed:,} bytes unpack to {size:,}: no survey packs like that")


def _check_size(name: str, size: int) -> None:
    if size > MAX_UNPACKED:
        raise ExtractError(f"{name}: {size:,} bytes; expected a survey of at most {MAX_UNPACKED:,}")


@dataclass(frozen=True)
class _Job:
    """A file to count. Two jobs are the same if they read the same bytes in the same way, wherever these lie."""

    sha256: str
    found: Found
    missing: tuple[str, ...]
    path: Path = field(compare=False)
    name: str = field(compare=False)


@lru_cache(maxsize=1)
def _count_once(job: _Job) -> Counts:
    """A file that was tried is not read again when it is loaded a moment later."""
    return count(job.path, job.name, job.found, job.missing)


def count(path: Path, name: str, found: Found, missing: Sequence[str]) -> Counts:
    """Count the respondents of a file that was recognised.

    Raises:
        ExtractError: when a row has too few or too many fields, a quote is left open, respondents are missing, or the
            bytes are not in the documented encoding.
    """
    edition = found.edition
    choices = choice_columns(edition, found.columns, name)
    with _opened(path, name, found.member) as handle:
        table = _read(handle, name, found, [*_places(edition), *choices])
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


def holds_of(survey: Survey | None, rows: Sequence[RawRow], given: Given) -> list[str]:
    """What the counts of whole editions give otherwise than these must.

    `given` adds up the rows of one edition: respondents, those answering and options, as far as its rows say.
    """
    editions = {edition.year: edition for edition in survey.editions} if survey else {}
    by_edition: defaultdict[int, list[RawRow]] = defaultdict(list)
    for row in rows:
        by_edition[getattr(row, "edition")].append(row)  # noqa: B009 - every row model of a survey has one
    wrong = []
    for year, of_edition in by_edition.items():
        for found in given(of_edition) if year in editions else ():
            wrong += editions[year].differences(found)
    return list(dict.fromkeys(wrong))


def choice_columns(edition: Edition, columns: Sequence[str], name: str) -> list[str]:
    """The columns that hold the choices of the edition's question, free text left out.

    Raises:
        FormError: when the file has no such column, or lacks country or role.
    """
    wanted = edition.columns
    if wanted.separator:
        choices = [column for column in columns if column == wanted.choices]
    else:
        choices = [column for column in columns if column.startswith(wanted.choices) and not column.endswith("_TEXT")]
    used = [*_places(edition), *choices]
    if twice := sorted({column for column in used if columns.count(column) > 1}):
        raise FormError(f"{name}, line 1: columns that are there twice: {', '.join(twice)}")
    missing = [column for column in _places(edition) if column not in columns]
    if missing or not choices:
        sought = wanted.choices if wanted.separator else f"{wanted.choices}…"
        raise FormError(f"{name}, line 1: columns missing: {', '.join(missing) or sought}")
    if len(choices) > MAX_OPTIONS:
        raise ExtractError(f"{name}, line 1: {len(choices)} columns begin with {wanted.choices}; expected options")
    return choices


def _places(edition: Edition) -> list[str]:
    """The columns that say where a respondent belongs, each once."""
    student = edition.columns.student
    names = (edition.columns.country, edition.columns.role, *([student.column] if student else ()))
    return list(dict.fromkeys(names))


def _recognise(handle: IO[bytes], name: str, member: str | None, editions: Sequence[Edition]) -> Found | None:
    start = handle.read(HEADER_BYTES)
    if start.startswith(POINTER):
        size = re.search(rb"^size (\d+)", start, re.MULTILINE)
        real = f" of {int(size.group(1)):,} bytes" if size else ""
        raise ExtractError(f"{name}: a git-LFS pointer, not the file{real} that it stands for; fetch the file itself")
    header = start.decode("latin-1").removeprefix("ï»¿")
    matching = [found for separator in SEPARATORS for found in _editions(header, member, separator, editions)]
    if len(matching) > 1:
        years = ", ".join(str(one.edition.year) for one in matching)
        raise ExtractError(f"{name}, line 1: the columns are those of several editions ({years}); expected one")
    return matching[0] if matching else None


def _editions(header: str, member: str | None, separator: str, editions: Sequence[Edition]) -> Iterator[Found]:
    """The editions whose columns a header has, if they are written with this separator."""
    try:
        columns = next(csv.reader(io.StringIO(header), delimiter=separator), [])
    except csv.Error:  # no table, or none of this kind
        return
    for edition in editions:
        if edition.recognised_by and {*edition.recognised_by} <= {*columns}:
            yield Found(edition, member, tuple(columns), separator)


@contextmanager
def _archive(path: Path, name: str) -> Iterator[zipfile.ZipFile]:
    """An archive that is read; whatever is broken in it is an ExtractError."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise ExtractError(f"{name}: not a whole zip archive: {error}") from error


def check_whole(path: Path, name: str) -> None:
    """Raise ExtractError unless every member of an archive has its documented checksum; an open file has none."""
    if is_archive(path):
        with _archive(path, name) as archive:
            if broken := archive.testzip():
                raise ExtractError(f"{name}: {broken} is broken")


@contextmanager
def _opened(path: Path, name: str, member: str | None) -> Iterator[IO[bytes]]:
    if member is None:
        with path.open("rb") as handle:
            yield handle
    else:
        with _archive(path, name) as archive, archive.open(member) as handle:
            yield handle


def made_at(path: Path, found: Found | None) -> datetime | None:
    """When the publisher wrote the file, as its archive says; an open file does not say."""
    if found is None or found.member is None:
        return None
    with _archive(path, path.name) as archive:
        written = archive.getinfo(found.member).date_time
    try:
        moment = datetime(*written, tzinfo=UTC)
    except ValueError:  # such as 1980-00-00, which a zip without a date has
        return None
    # a clock that was wrong: nobody answered before the survey was open
    return moment if moment.date() >= found.edition.fieldwork.start else None


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


def _read(handle: IO[bytes], name: str, found: Found, columns: list[str]) -> pa.Table:
    """The named columns as text, nothing read as missing: "None" is an answer."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    edition, quotes = found.edition, _Quotes(handle)
    try:
        table = arrow.read_csv(
            quotes,
            # with several threads an error would not name the row
            arrow.ReadOptions(block_size=BLOCK, encoding=edition.encoding, use_threads=False),
            arrow.ParseOptions(delimiter=found.separator, newlines_in_values=True),
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

    strange = sorted({str(text) for text in compute.unique(answered).to_pylist()} - {"", label})
    if strange and edition.respondents:
        found = ", ".join(map(repr, strange[:3]))
        raise ExtractError(
            f"column {column}: expected {label!r} where it was chosen, and blank where not; found {found!s:.200}: the "
            "answers were changed when it was saved"
        )


def _numbers(bits: int) -> tuple[int, ...]:
    return tuple(position + 1 for position in range(bits.bit_length()) if bits >> position & 1)


def _by_text(table: pa.Table, edition: Edition, missing: Sequence[str]) -> Counts:
    """One column holds all options that a respondent chose."""
    import pyarrow as pa

    wanted = edition.columns
    countries, choices = _texts(table[wanted.country], missing), _texts(table[wanted.choices], missing)
    # by position: one column may serve twice
    texts = pa.table([countries, _roles(table, edition, missing), choices], names=["0", "1", "2"])
    groups = texts.group_by(["0", "1", "2"]).aggregate([([], "count_all")]).to_pydict()
    split = {text: split_options(text, wanted.separator or "") for text in set(groups["2"])}
    options = sorted({option for chosen in split.values() for option in chosen})
    if len(options) > MAX_OPTIONS and edition.respondents:
        raise ExtractError(
            f"{len(options):,} options, such as {options[0]!r:.120}; expected at most {MAX_OPTIONS}, with "
            f"{wanted.separator!r} between them"
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
