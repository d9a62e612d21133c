"""A raw download log as files: which months it has, and what can be known of each file without counting.

Belongs here: finding Parquet files in a folder or a bucket, the month that a path names, and what a file's footer says:
its columns, its rows, and whether it is the copy of another. Does not belong here: counting (`adoption.raw_log`), and
the rows that are landed of it (`ingest.sources.raw_log`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.errors import ExtractError, did_you_mean, shortened

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.fs import FileSystem

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "package": ("package", "project"),
    "moment": ("time", "timestamp", "day", "date"),
    "installer": ("installer",),
    "ci": ("ci",),
    "filename": ("filename", "file_name"),
    "downloads": ("downloads",),
}
"""What the models need, and the names under which a log may have it. Without `downloads` each row is one download."""
OPTIONAL = frozenset({"downloads"})
MONTH = re.compile(
    r"(?<![0-9A-Za-z])(?:year=)?((?:19|20)\d\d)(?:[-_/]|/month=|-W)?(0[1-9]|1[0-2])(?=$|[^0-9]|[0-3]\d(?!\d))"
)
"""A month in a path: 2020-01, 2020_01, 202001, 2020/01, year=2020/month=01, each also with a day behind it."""
TAIL = 8
"""A Parquet file ends with the length of its footer, four bytes, and the letters PAR1."""
LARGEST_FOOTER = 1 << 28


@dataclass(frozen=True)
class LogFile:
    """One file as its footer describes it.

    `place` is how an engine names it, `name` its path below the log. `columns` says which of its columns holds what;
    `digest` is equal for copies. `problem` is why it cannot be counted, empty where nothing is wrong.
    """

    place: str
    name: str
    rows: int = 0
    columns: tuple[tuple[str, str], ...] = ()
    digest: str = ""
    problem: str = ""


@dataclass(frozen=True)
class LogMonth:
    """The files of one month; `problems` name each file that keeps the month from being counted."""

    month: date
    files: tuple[LogFile, ...]
    problems: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows the footers promise."""
        return sum(file.rows for file in self.files)

    @property
    def columns(self) -> dict[str, str]:
        """Which column holds what; `downloads` is empty where each row is one download."""
        return {**dict.fromkeys(COLUMNS, ""), **dict(self.files[0].columns)}

    @property
    def inputs(self) -> str:
        """A text that changes whenever a file of the month comes, goes or changes."""
        parts = sorted([file.name, file.digest] for file in self.files)
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True)
class RawLog:
    """The months of a log in order, and the files of which nobody knows the month."""

    location: str
    months: tuple[LogMonth, ...]
    unclaimed_files: tuple[str, ...]


def open_log(location: str) -> RawLog:
    """Look at every Parquet file below a folder or a URI such as `s3://bucket/log`; only footers are read.

    Raises:
        ExtractError: when there is no such place, or no Parquet file in it.
    """
    system, root, prefix = _system(location)
    files_by_month: defaultdict[date | None, list[LogFile]] = defaultdict(list)
    for path, size in _parquet_files(system, root, location):
        name = path.removeprefix(root).lstrip("/")
        month = month_of(name)
        file = _described(system, path, size, (prefix + path, name)) if month else LogFile(prefix + path, name)
        files_by_month[month].append(file)
    if not files_by_month:
        raise ExtractError(f"{location}: no Parquet file; expected files such as downloads-2020-01.parquet")
    unclaimed_files = [
        f"{file.name}: its path names no month; expected one such as 2020-01" for file in files_by_month.pop(None, [])
    ]
    months = [
        _month(month, sorted(files, key=lambda file: file.name))
        for month, files in sorted(files_by_month.items())
        if month
    ]
    return RawLog(location, tuple(months), tuple(unclaimed_files))


def month_of(name: str) -> date | None:
    """The month that a path names, in its folders or else in the file's name; None where it names none."""
    folder, _, file = name.rpartition("/")
    whole = MONTH.search(f"{folder}/") or MONTH.search(file)
    return date(int(whole[1]), int(whole[2]), 1) if whole else None


def _system(location: str) -> tuple[FileSystem, str, str]:
    """The file system, the log's path in it, and what stands before a path where an engine is to open it."""
    from pyarrow.fs import FileSystem, LocalFileSystem

    scheme, mark, _ = location.partition("://")
    if not mark:
        return LocalFileSystem(), Path(location).absolute().as_posix(), ""
    try:
        system, path = FileSystem.from_uri(location)
    except (ValueError, OSError) as error:
        raise ExtractError(f"{location}: no place that can be opened: {shortened(str(error))}") from error
    return system, path, "" if scheme == "file" else f"{scheme}://"


def _parquet_files(system: FileSystem, root: str, location: str) -> Iterator[tuple[str, int]]:
    """Paths and sizes, in order; what begins with a dot or an underline is left by engines, and is no part of a log."""
    from pyarrow.fs import FileSelector, FileType

    try:
        listed = system.get_file_info(FileSelector(root, recursive=True))
    except (OSError, ValueError) as error:
        raise ExtractError(f"{location}: no folder of a log: {shortened(str(error))}") from error
    for info in sorted(listed, key=lambda info: str(info.path)):
        parts = info.path.removeprefix(root).strip("/").split("/")
        is_ours = not any(part.startswith((".", "_")) for part in parts)
        if info.type == FileType.File and is_ours and parts[-1].lower().endswith(".parquet"):
            yield info.path, info.size


def _described(system: FileSystem, path: str, size: int, names: tuple[str, str]) -> LogFile:
    """A file by its footer; what is wrong with it is said in `problem`."""
    import pyarrow as pa

    place, name = names
    try:
        footer = _footer(system, path, size)
        rows, schema = _metadata(system, path)
        columns = _columns(schema)
    except ExtractError as error:
        return LogFile(place, name, problem=f"{name}: {error}")
    except (OSError, ValueError, pa.ArrowException) as error:
        return LogFile(place, name, problem=f"{name}: cut, or no Parquet file: {shortened(str(error))}")
    digest = hashlib.sha256(str(size).encode() + footer).hexdigest()
    return LogFile(place, name, rows, tuple(columns.items()), digest)


def _footer(system: FileSystem, path: str, size: int) -> bytes:
    """The bytes that say where each column lies, how long it is, and its smallest and largest value."""
    with system.open_input_file(path) as handle:
        handle.seek(max(0, size - TAIL))
        tail = handle.read(TAIL)
        length = int.from_bytes(tail[:4], "little")
        if len(tail) < TAIL or tail[4:] != b"PAR1" or not 0 < length <= min(size, LARGEST_FOOTER):
            raise ExtractError("cut, or no Parquet file: it does not end with a footer")
        handle.seek(max(0, size - TAIL - length))
        return bytes(handle.read(length))


def _metadata(system: FileSystem, path: str) -> tuple[int, pa.Schema]:
    from pyarrow import parquet

    with system.open_input_file(path) as handle:
        metadata = parquet.read_metadata(handle)
    return metadata.num_rows, metadata.schema.to_arrow_schema()


def _columns(schema: pa.Schema) -> dict[str, str]:
    """Which column holds what; raises ExtractError that names those that are missing or of another type."""
    by_role = {role: next((name for name in names if name in schema.names), None) for role, names in COLUMNS.items()}
    missing = [" or ".join(COLUMNS[role]) for role, name in by_role.items() if not name and role not in OPTIONAL]
    if missing:
        hint = did_you_mean(missing[0].split()[0], schema.names)
        raise ExtractError(f"columns missing: {', '.join(missing)}; found {', '.join(schema.names[:12])}{hint}")
    columns = {role: name for role, name in by_role.items() if name}
    wrong = [_wrong_type(role, schema.field(name)) for role, name in columns.items()]
    if problems := [text for text in wrong if text]:
        raise ExtractError("; ".join(problems))
    return columns


def _wrong_type(role: str, field: Any) -> str:  # noqa: ANN401 - pyarrow has no types
    import pyarrow as pa

    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    expected, is_right = {
        "moment": ("a date or a timestamp", pa.types.is_date(kind) or pa.types.is_timestamp(kind)),
        "ci": ("true, false or null", pa.types.is_boolean(kind)),
        "downloads": ("whole numbers", pa.types.is_integer(kind)),
    }.get(role, ("texts", pa.types.is_string(kind) or pa.types.is_large_string(kind)))
    return "" if is_right else f"column {field.name}: expected {expected}, found {field.type}"


def _month(month: date, files: Sequence[LogFile]) -> LogMonth:
    problems = [file.problem for file in files if file.problem]
    first: dict[str, str] = {}
    for file in (file for file in files if not file.problem):
        if file.digest in first:
            problems.append(f"{file.name}: twice: the same file as {first[file.digest]}")
        first.setdefault(file.digest, file.name)
    layouts = {file.columns: file.name for file in files if not file.problem}
    if len(layouts) > 1:
        problems.append(f"files with other columns than each other: {', '.join(sorted(layouts.values()))}")
    return LogMonth(month, tuple(files), tuple(problems))
