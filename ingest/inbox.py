"""The inbox: where people drop files, `inbox/<source>/`.

Belongs here: trying a dropped file, landing it or refusing it with reasons. A file is taken whole or not at all: who
typed it can mend it. Does not belong here: parsing and validation (source modules), and loading (`ingest.loader`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import ExtractError, FormError, did_you_mean, printable, quoted, shortened
from ingest.formats.tabular import header_of
from ingest.landing import Landing, digest
from ingest.model import Fetch, FileFormat, Scope, Source
from ingest.plan import ALL_TIME
from ingest.row_types import RawRow
from ingest.surprises import describe_error, is_of_machine
from ingest.validation import days_of, describe, validate

if TYPE_CHECKING:
    from ingest.catalog import Catalog

DONE, REFUSED = "done", "refused"
NOTE = ".txt"
MAX_NAME = 255
"""Bytes. No file system that people use has longer names."""
MAX_PROBLEMS = 50
MAX_NOTE = 4_000
"""So much of the reasons of one refusal is shown where all sources are."""
LITTER = re.compile(
    r"\..*|~\$.*|.*~|desktop\.ini|thumbs\.db|icon\r|.*\.(crdownload|part|partial|download|tmp|swp)", re.IGNORECASE
)
"""What other programs leave in folders: locks of open workbooks, views of folders, downloads that are not finished."""


@dataclass(frozen=True)
class ValidationResult:
    """What a dropped file would be: the event to land, or the problems that forbid it.

    `has_form` says whether it has one of the documented forms of the source, although rows may be wrong or an archive
    may be broken; `rows` were found in it by that form.
    """

    fetch: Fetch | None
    problems: tuple[str, ...]
    rows: int = 0
    has_form: bool = True


@dataclass(frozen=True)
class IngestResult:
    """What became of a dropped file: the extract it is now, or the problems for which it was refused.

    `is_left` says that it lies where it was dropped: it could not be taken or moved, and the next build tries again.
    """

    source: str
    filename: str
    extract_id: str | None
    problems: tuple[str, ...]
    is_left: bool = False


def ingest_files(folder: Path, landing: Landing, source: Source, catalog: Catalog, now: datetime) -> list[IngestResult]:
    """Land every acceptable file in `folder/<source>`; move each to `done/` or, with its reasons, to `refused/`.

    Files are taken in the order of their names, each a moment after the one before: of two that speak of the same
    thing the later name counts, on every machine. What cannot be taken or moved is left, and holds up no other file.
    """
    results = []
    for position, path in enumerate(_dropped(folder / source.name)):
        try:
            moment = now + timedelta(microseconds=position)
            results.append(_ingest_file(folder, path, landing, source, catalog, moment))
        except Exception as error:  # noqa: BLE001 - no file may stop another
            name = shown_name(path)
            results.append(IngestResult(source.name, name, None, (describe_error(error, name),), is_left=True))
    return results


def rejected_files(folder: Path, source: str) -> list[tuple[str, str]]:
    """Files of a source that were refused and still lie there, with the reasons."""
    refused = folder / REFUSED / source
    return [
        (shown_name(path), _note_of(path))
        for path in sorted(refused.glob("*"))
        if path.is_file() and not LITTER.fullmatch(path.name) and _note_path(path).is_file()
    ]


def shown_name(path: Path) -> str:
    """The name of a dropped file as any text can hold it: a system's names need be no text, nor of one line."""
    return printable(path.name).replace("\n", "\\x0a").replace("\t", "\\x09")


def _note_path(path: Path) -> Path:
    """Where the reasons lie of a file that was refused; a name that has no room for the ending is cut."""
    name = os.fsencode(path.name)
    if len(name) + len(NOTE) > MAX_NAME:
        name = os.fsencode(f"{shown_name(path)[:50]}.{digest(name)[:16]}")
    return path.with_name(f"{os.fsdecode(name)}{NOTE}")


def _note_of(path: Path) -> str:
    """The reasons beside a refused file, whatever somebody made of them."""
    note = _note_path(path).read_bytes().decode("utf-8", "replace")
    return shortened(note.strip(), MAX_NOTE)


def unclaimed_files(folder: Path, sources: Collection[str]) -> list[tuple[str, str]]:
    """What lies in the inbox and nobody will take, with the reason: it must not wait there unseen for ever."""
    unclaimed = []
    for path in _visible(folder):
        if path.name in (DONE, REFUSED):
            continue
        if path.name in sources and path.is_dir():
            inner = [(inner_path, _why_not_a_file(inner_path)) for inner_path in _visible(path)]
            unclaimed += [(f"{path.name}/{shown_name(inner_path)}", why) for inner_path, why in inner if why]
            continue
        hint = did_you_mean(path.name, sources)
        what = "no source of the catalog has this name" if path.is_dir() else "not in the folder of a source"
        unclaimed.append((shown_name(path), f"{what}: expected {folder.name}/<source>/<file>{hint}"))
    return unclaimed


def _why_not_a_file(path: Path) -> str:
    if path.is_dir():
        return "a folder; expected files: drop what is inside"
    return "" if path.is_file() else "no file that can be read: a link into nothing, or a device"


def try_file(path: Path, source: Source, catalog: Catalog, now: datetime) -> ValidationResult:
    """Read a file as `source` would, without taking it; a problem names file, line, column and what was expected.

    Whatever a file does to its reader is a problem of that file.
    """
    source = source.for_catalog(catalog)
    try:
        return _try(path, source, catalog, now)
    except Exception as error:  # noqa: BLE001 - no file may stop another
        problem = printable(describe_error(error, shown_name(path)))
        return ValidationResult(None, (problem,), has_form=not isinstance(error, FormError))


def _try(path: Path, source: Source, catalog: Catalog, now: datetime) -> ValidationResult:
    form, table = _format_of(path, source)
    draft = _draft(source, form, table, path, catalog, now)
    rows = list(source.parse(draft, path))
    validated = validate(rows, source, draft, catalog)
    listed = catalog.names(catalog.source(source.name).names)
    problems = describe(validated, draft.filename, listed)
    if not rows:
        problems.append(f"{draft.filename}: the file has no rows; expected at least one below the header")
    if problems:
        more = len(problems) - MAX_PROBLEMS
        shown = [*problems[:MAX_PROBLEMS], *([f"and {more:,} more problems"] if more > 0 else [])]
        return ValidationResult(None, tuple(shown), len(rows))
    valid = [row for _, row in validated.accepted]
    return ValidationResult(
        _with_scope(draft, table, valid, frozenset() if form.is_complete else listed), (), len(rows)
    )


def _dropped(folder: Path) -> Iterator[Path]:
    yield from (path for path in _visible(folder) if path.is_file())


def _visible(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.glob("*")) if not LITTER.fullmatch(path.name))


def _ingest_file(
    folder: Path, path: Path, landing: Landing, source: Source, catalog: Catalog, now: datetime
) -> IngestResult:
    trial = try_file(path, source, catalog, now)
    refused = folder / REFUSED / source.name / path.name
    if trial.fetch is None:
        _moved(path, refused, "\n".join(trial.problems) + "\n")
        return IngestResult(source.name, shown_name(path), None, trial.problems)
    landed = landing.land(trial.fetch, path.read_bytes())
    _moved(path, folder / DONE / source.name / path.name)
    # a mended file settles the refusal of its first try
    for stale in (refused, _note_path(refused)):
        if stale.is_file():
            stale.unlink()
    return IngestResult(source.name, trial.fetch.filename, landed.extract_id, ())


def _moved(path: Path, target: Path, note: str = "") -> None:
    """Move a dropped file that was judged, its reasons beside it.

    Raises:
        ExtractError: naming what is in the way.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if note:
            _note_path(target).write_text(note, encoding="utf-8", errors="backslashreplace")
        path.replace(target)
    except OSError as error:
        if is_of_machine(error):
            raise
        place, judged = f"{target.parent.parent.name}/{target.parent.name}", "refused" if note else "taken"
        name, more = shown_name(path), f": {note.strip()}" if note else ""
        raise ExtractError(f"{name}: {judged}, but it cannot be moved to {place}/: {error.strerror}{more}") from error


def _format_of(path: Path, source: Source) -> tuple[FileFormat, str]:
    """The first documented form that the file has, and the raw table that it belongs to."""
    for form in source.forms:
        table = form.detect_table(path)
        if table is not None:
            return form, table
    expected = "; or ".join(form.expected for form in source.forms)
    try:
        actual = f"columns {quoted(sorted(header_of(path, shown_name(path))))}"
    except FormError as error:
        # it says what the file is instead
        raise FormError(f"{error}. {source.name} expects {expected}") from error
    raise FormError(f"{shown_name(path)}, line 1: none of the documented forms, found {actual}; expected {expected}")


def _draft(source: Source, form: FileFormat, table: str, path: Path, catalog: Catalog, now: datetime) -> Fetch:
    published_at = form.published_at(path) if form.published_at else None
    is_dated = published_at is not None and published_at <= now
    return Fetch(
        source=source.name,
        scope=Scope(table, *ALL_TIME),
        filename=shown_name(path),
        sha256=digest(path.read_bytes()),
        landed_at=now,
        licence=catalog.source(source.name).licence,
        available_at=published_at if is_dated else now,
        available_evidence="the publisher's own date inside the dropped file"
        if is_dated
        else "dropped into the inbox on that day; it may have been public earlier",
        derived_from=({"repository": "inbox", "path": shown_name(path)},),
        form=form.name,
    )


def _with_scope(draft: Fetch, table: str, rows: Sequence[RawRow], listed: frozenset[str]) -> Fetch:
    """The event with the scope that its rows cover: from their first date to their last, and the names they have.

    Without the names a file about one thing would replace a file about another. Rows that name no day cover all time.
    """
    days = {day for row in rows for day in days_of(row)}
    names = {value for row in rows for _, value in row if isinstance(value, str)}
    start, end = (min(days), max(days) + timedelta(days=1)) if days else ALL_TIME
    return replace(draft, scope=Scope(table, start, end, tuple(sorted(names & listed)) or None, "inbox"))
