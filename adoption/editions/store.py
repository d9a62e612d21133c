"""Editions: the published file of a year, frozen with its texts and a manifest, and never changed again.

Belongs here: freezing, the identity of what is frozen, and opening it again. Does not belong here: what the texts say
(their modules), or what moved between two editions (`adoption.editions.diff`).

An edition is a folder `data/editions/YEAR.N`. It is written under another name, made read-only and durable, and then
renamed; a correction makes the next N. Two freezes of the same inputs have the same content: rows without their order,
and without the moments at which we looked, and the ids that are made of them.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import distributions
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from rich.console import Console

from adoption.editions.citation import CITATION, citation
from adoption.publish.digest import remove_wal, sha256_of
from adoption.publish.identity import Identity
from adoption.publish.reader import open_published, published_file
from adoption.publish.writer import make_durable
from adoption.reports import brief, review
from adoption.settings import REPOSITORY
from adoption.warehouse import fingerprint
from adoption.warehouse.landing import landing_of
from adoption.warehouse.lock import locked
from ingest.database import connect, fetch_dicts
from ingest.errors import AdoptionError
from ingest.files import write_atomically

if TYPE_CHECKING:
    from adoption.settings import Settings

DATABASE = "adoption.duckdb"
MANIFEST = "manifest.json"
SAME_AS_EDITION = "same.json"
"""Beside the editions: which of them says the same as the file that is published now, though it was built again."""
NAME = re.compile(r"(\d{4})\.([1-9]\d*)")
DRAFT = re.compile(rf"\.{NAME.pattern}\.\d+")
"""An edition that is being written, or that nobody finished: the lock says that nobody else writes one now."""
TEXT_WIDTH = 120

WHEN_WE_LOOKED = frozenset({"checked_at", "landed_at", "extract_id", "extract_ids", "other_extract_id", "retracts"})
"""Columns that say when we looked, not what there was to see: moments of our own, and ids made of them."""
NOT_CONTENT = frozenset({"build_inputs"})
"""Tables of schema `meta` that say how the content came about."""

TABLES = """
select schema_name || '.' || table_name as name, list(column_name order by column_name) as columns
from duckdb_columns() where database_name = current_database() and not internal group by all order by all
"""
EXTRACTS = """
select extract_id, source_id, filename, sha256, available_at, available_evidence, landed_at, kind, retracts, status,
       period_start, period_end, licence, rows_loaded, rows_rejected
from meta.extracts order by source_id, landed_at, extract_id
"""
CHECKS = "select asset, check_name, passed, severity from meta.check_results order by all"


class EditionError(AdoptionError):
    """What was asked cannot be frozen, or a frozen edition is not there or not what it was; the text says why."""


Writer = Callable[["Settings", int, Console], None]


def _brief(settings: Settings, year: int, console: Console) -> None:
    brief.show(settings, year, console=console)


def _review(settings: Settings, year: int, console: Console) -> None:
    review.show(settings, year, console=console)


TEXTS: Mapping[str, Writer] = {"brief.txt": _brief, "review.txt": _review}
"""The texts of an edition, by file name: each is printed, from the published file, on a page of `TEXT_WIDTH`."""


@dataclass(frozen=True)
class Frozen:
    """The edition that holds what is published now, and whether it was made just now."""

    name: str
    folder: Path
    is_new: bool


@dataclass(frozen=True)
class Content:
    """What an edition says, in digests: of each table with its number of rows, of each text, and of the whole."""

    tables: Mapping[str, Mapping[str, Any]]
    texts: Mapping[str, str]

    @property
    def sha256(self) -> str:
        """Equal for equal tables and texts."""
        parts = {**{name: table["sha256"] for name, table in self.tables.items()}, **self.texts}
        return _sha256("\n".join(f"{name} {parts[name]}" for name in sorted(parts)).encode())


def freeze(settings: Settings, year: int, now: datetime | None = None) -> Frozen:
    """Freeze the published file as the next edition of `year`, unless its last edition says the same.

    Raises:
        BuildRunning: when a build runs.
        NotPublishedError: when nothing is published.
        UnknownYearError: when no source covers the year.
        EditionError: when the published file does not hold what was landed, or was made by other rules.
    """
    with locked(settings):
        _require_current(settings)
        texts = {name: _text(settings, year, write) for name, write in TEXTS.items()}
        with open_published(settings) as connection:
            content = Content(table_digests(connection), {name: _sha256(text) for name, text in texts.items()})
            last = last_edition(settings, year)
            if last and manifest_of(settings, last)["content_sha256"] == content.sha256:
                return _unchanged(settings, last)
            name = f"{year}.{_number(last) + 1 if last else 1}"
            at = now or datetime.now(UTC)
            cited = citation(connection, Identity(name, content.sha256), at)
        _write(settings, name, {**texts, CITATION: cited.encode()}, content, at)
        return Frozen(name, settings.editions / name, is_new=True)


def _unchanged(settings: Settings, name: str) -> Frozen:
    """The edition that says what is published; a file that was built again is known as this edition from now on."""
    note = {sha256_of(settings.published): name}
    write_atomically(settings.editions / SAME_AS_EDITION, f"{json.dumps(note)}\n".encode())
    return Frozen(name, settings.editions / name, is_new=False)


def _require_current(settings: Settings) -> None:
    """What is published must be what a build would publish now, or the edition would not be of what is held."""
    with open_published(settings) as connection:
        published_ids = {row["extract_id"] for row in fetch_dicts(connection, "select extract_id from meta.extracts")}
        sources = {row["source_id"] for row in fetch_dicts(connection, "select source_id from meta.sources")}
        rules = fingerprint.read(connection)
    landed = landing_of(settings).events()
    news = [event.filename for event in landed if event.source in sources and event.extract_id not in published_ids]
    today = fingerprint.build_inputs(settings)
    changed = [label for rule, label in fingerprint.RULES.items() if rules.get(rule) != today[rule]]
    reasons = [f"lacks {len(news)} landed extracts ({', '.join(news[:3])})"] if news else []
    reasons += [f"was made before {' and '.join(changed)} changed"] if changed else []
    if reasons:
        raise EditionError(f"The published file {' and '.join(reasons)}. Run `adoption build` first.")


def _text(settings: Settings, year: int, write: Writer) -> bytes:
    page = StringIO()
    write(settings, year, Console(file=page, width=TEXT_WIDTH, highlight=False, color_system=None))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()).encode() + b"\n"


def table_digests(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """Rows and digest of each table that is content. The digest knows columns by name, and no order of rows."""
    digests = {}
    for table in fetch_dicts(connection, TABLES):
        if table["name"].partition(".")[2] not in NOT_CONTENT:
            columns = [column for column in table["columns"] if column not in WHEN_WE_LOOKED]
            digests[table["name"]] = _table_digest(connection, table["name"], columns)
    return digests


def _table_digest(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> dict[str, Any]:
    row = ", ".join(f'"{column}"' for column in columns)
    query = f"""
        select count(*) as rows, sha256(? || coalesce(string_agg(digest, '' order by digest), '')) as sha256
        from (select sha256(to_json(said)::varchar) as digest from (select {row} from {table}) as said)
    """
    return fetch_dicts(connection, query, [json.dumps(columns)])[0]


def _write(settings: Settings, name: str, texts: Mapping[str, bytes], content: Content, now: datetime) -> None:
    settings.editions.mkdir(parents=True, exist_ok=True)
    for leftover in settings.editions.iterdir():
        if DRAFT.fullmatch(leftover.name):
            shutil.rmtree(leftover)
    draft = settings.editions / f".{name}.{os.getpid()}"
    draft.mkdir()
    shutil.copyfile(settings.published, draft / DATABASE)
    for file, text in texts.items():
        (draft / file).write_bytes(text)
    files = {path.name: _sha256(path.read_bytes()) for path in sorted(draft.iterdir())}
    manifest = {"edition": name, "frozen_at": now.isoformat(), **_manifest(draft / DATABASE, content), "files": files}
    (draft / MANIFEST).write_text(json.dumps(manifest, default=str, ensure_ascii=False, indent=1) + "\n", "utf-8")
    for path in draft.iterdir():
        path.chmod(0o444)
        make_durable(path)
    make_durable(draft)
    draft.rename(settings.editions / name)
    make_durable(settings.editions)


def _manifest(database: Path, content: Content) -> dict[str, Any]:
    with connect(database, read_only=True) as connection:
        rules, extracts, checks = (
            fingerprint.read(connection),
            fetch_dicts(connection, EXTRACTS),
            fetch_dicts(connection, CHECKS),
        )
    return {
        "content_sha256": content.sha256,
        "tables": content.tables,
        "texts": content.texts,
        "build_inputs": {
            "rules_sha256": {rule: value for rule, value in rules.items() if rule != fingerprint.PROGRAM},
            "git": git_state(),
            "python": platform.python_version(),
            "packages": {
                package.name: package.version for package in sorted(distributions(), key=lambda package: package.name)
            },
        },
        "checks": {
            "passed": sum(check["passed"] for check in checks),
            "failed": [f"{check['asset']}: {check['check_name']}" for check in checks if not check["passed"]],
        },
        "extracts": extracts,
    }


def git_state(folder: Path = REPOSITORY) -> dict[str, Any] | None:
    """The commit of the checkout, and whether files differ from it; None where there is no checkout, or no git."""
    try:
        top = _git(folder, "rev-parse", "--show-toplevel")
        if Path(top).resolve() != folder.resolve():
            return None
        commit, changes = _git(folder, "rev-parse", "HEAD"), _git(folder, "status", "--porcelain")
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None
    return {"commit": commit, "has_changes": bool(changes)}


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def editions(settings: Settings, year: int | None = None) -> list[str]:
    """The names of the editions, of one year or of all, oldest first."""
    folders = settings.editions.iterdir() if settings.editions.exists() else ()
    names = [folder.name for folder in folders if NAME.fullmatch(folder.name)]
    selected = [name for name in names if year is None or name.startswith(f"{year}.")]
    return sorted(selected, key=lambda name: (name[:4], _number(name)))


def last_edition(settings: Settings, year: int) -> str | None:
    """The newest edition of a year, if there is one."""
    return next(reversed(editions(settings, year)), None)


def identity(settings: Settings, year: int | None = None) -> Identity:
    """What names the published file: the edition that holds it, one of `year` before any other.

    It is that edition where it is the same file, byte for byte, or where `freeze` found that it says the same.

    Raises:
        NotPublishedError: when nothing is published.
    """
    published = sha256_of(published_file(settings))
    newest_first = editions(settings)[::-1]
    names = sorted(newest_first, key=lambda name: not name.startswith(f"{year}."))
    same = _same_as_edition(settings).get(published)
    for name in names:
        manifest = manifest_of(settings, name)
        if name == same or manifest["files"][DATABASE] == published:
            return Identity(name, manifest["content_sha256"])
    return Identity(None, published)


def citation_of(settings: Settings, name: str) -> str | None:
    """How an edition is cited; None of one that was frozen before editions said so."""
    path = settings.editions / name / CITATION
    return path.read_text(encoding="utf-8") if path.exists() else None


def _same_as_edition(settings: Settings) -> dict[str, str]:
    """The edition that says the same as a published file, by the digest of the file."""
    path = settings.editions / SAME_AS_EDITION
    by_digest: dict[str, str] = json.loads(path.read_bytes()) if path.exists() else {}
    return by_digest


def _number(name: str) -> int:
    return int(name.partition(".")[2])


def manifest_of(settings: Settings, name: str) -> dict[str, Any]:
    """The manifest of an edition.

    Raises:
        EditionError: when there is no such edition, or it has no manifest; the text lists those that there are.
    """
    path = settings.editions / name / MANIFEST
    if path.parent.exists() and not path.exists():
        raise EditionError(f"The edition {name} was altered: it has no {MANIFEST}.")
    if not path.exists():
        raise EditionError(f"No edition {name}; there are: {', '.join(editions(settings)) or 'none yet'}.")
    manifest: dict[str, Any] = json.loads(path.read_bytes())
    return manifest


def database_of(settings: Settings, name: str) -> Path:
    """The DuckDB file of an edition, after a look at every file of it.

    Raises:
        EditionError: when there is no such edition, or a file of it is missing or was altered.
    """
    folder = settings.editions / name
    for file, expected in manifest_of(settings, name)["files"].items():
        actual = _sha256((folder / file).read_bytes()) if (folder / file).exists() else "nothing"
        if actual != expected:
            raise EditionError(f"The edition {name} was altered: {file} should have sha256 {expected}, found {actual}.")
    remove_wal(folder / DATABASE)
    return folder / DATABASE


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
