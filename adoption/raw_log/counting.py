"""From a raw log to landed months: which are new, what an engine counts of them, what is wrong, and landing the rest.

A month is landed whole or not at all: its rows in the ways of counting, and the list of the packages most downloaded.
What was counted is remembered by the files of the month, so that a month whose files changed is counted again, and
nothing is where nothing changed. Does not belong here: the engines, and what a footer says (`ingest.raw_log`).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from filelock import FileLock, Timeout

from adoption.raw_log.engines import MODELS, Engine, quoted_months, rules
from adoption.warehouse.dbt import DbtError
from adoption.warehouse.landing import landing_of
from ingest.errors import AdoptionError, shortened
from ingest.files import write_atomically
from ingest.landing import Landing, RequestNote, digest
from ingest.model import Fetch, Scope, withdrawn
from ingest.plan import next_period
from ingest.raw_log import LogMonth, RawLog
from ingest.sources import load_source

if TYPE_CHECKING:
    import duckdb

    from adoption.settings import Settings
    from ingest.catalog import Catalog

SOURCE = "raw_log"
MONTHS, POPULATION = "months", "population"
MAX_MONTHS = 36
"""So many months go into one invocation of dbt: what is counted is landed before the next one begins."""
SHOWN = 5
COUNTED = "counted.json"
MONTHS_SQL = f"""
    select log_month, package as project, month_date, basis, downloads, marked_downloads, days_held
    from {MODELS[1]}
    where log_month in ({{months}}) and package in (select unnest(?::varchar[]))
    order by all
"""
BASES = ("pip_only", "without_mirrors", "all_installers", "artifacts_only")
POPULATION_SQL = f"""
    select
        log_month, package, month_date,
        {", ".join(f"max(downloads) filter (basis = '{basis}') as {basis}" for basis in BASES)},
        max(list_length) as list_length, max(days_held) as days_held
    from {MODELS[2]}
    where log_month in ({{months}})
    group by log_month, package, month_date
    order by log_month, package
"""
FACTS_SQL = f"""
    select
        log_month,
        sum(log_rows)::bigint as log_rows,
        coalesce(sum(log_rows) filter (month_date is distinct from log_month), 0)::bigint as elsewhere,
        min(month_date) filter (month_date <> log_month) as other_month,
        count(*) filter (package is null or trim(package) = '') as nameless,
        count(*) filter (is_odd) as odd,
        min(package) filter (is_odd) as odd_name,
        count(*) filter (least_downloads < 0) as negative,
        min(package) filter (least_downloads < 0) as negative_name
    from (
        select *, package <> lower(package) or package similar to '.*([_.]|--).*' as is_odd
        from {MODELS[1]}
        where basis = 'all_installers' and log_month in ({{months}})
    )
    group by log_month
"""

Result = Literal["counted", "unchanged", "withdrawn", "refused"]


class CountingError(AdoptionError):
    """Another process counts into the same data folder."""


@dataclass(frozen=True)
class Outcome:
    """What became of one month: the extracts that speak for it, or the reasons why it was not landed."""

    month: date
    result: Result
    rows: int = 0
    extracts: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


Listener = Callable[[Outcome], object]


@dataclass(frozen=True)
class Counter:
    """One log, one engine, one warehouse."""

    settings: Settings
    catalog: Catalog
    engine: Engine

    def count(self, log: RawLog, is_requested: Callable[[date], bool] = lambda _: True) -> Iterator[Outcome]:
        """Count and land what is new or changed of the months that are wanted; yield each month as it is settled.

        Raises:
            CountingError: when another process counts into the same data folder.
        """
        months = [month for month in log.months if is_requested(month.month)]
        lock = FileLock(self.engine.folder / "count.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise CountingError(
                f"Another process counts into {self.engine.folder}. Nothing was changed; try again when it has ended."
            ) from error
        try:
            if self.engine.recover():
                _Counted(self.engine).forget_all()
            yield from self._settle(months)
        finally:
            lock.release()

    def _settle(self, months: Sequence[LogMonth]) -> Iterator[Outcome]:
        waiting = []
        state = _State.of(self.landing)
        for month in months:
            if month.problems or not month.rows:
                yield _refused(month, month.problems or ("no rows",))
            elif outcome := state.settled(month, self._stamp(month)):
                yield outcome
            else:
                waiting.append(month)
        for _, alike in groupby(waiting, key=lambda month: month.columns):
            left = list(alike)
            while left:
                yield from self._count_some(left[:MAX_MONTHS])
                left = left[MAX_MONTHS:]

    def _count_some(self, months: Sequence[LogMonth]) -> Iterator[Outcome]:
        """Count some months in one go; where that fails each half of them, down to the month that cannot be."""
        counted = _Counted(self.engine)
        try:
            fresh = [month for month in months if not counted.has(month)]
            if fresh:
                counted.forget(fresh)
                self.engine.count(fresh)
                counted.remember(fresh)
        except DbtError as error:
            if len(months) == 1:
                yield _refused(months[0], (shortened(str(error), 600),))
                return
            middle = len(months) // 2
            yield from self._count_some(months[:middle])
            yield from self._count_some(months[middle:])
            return
        yield from self._land(months)

    def _land(self, months: Sequence[LogMonth]) -> Iterator[Outcome]:
        with self.engine.results() as connection:
            wrong = problems(connection, months)
            good = [month for month in months if not wrong[month.month]]
            rows = _tables(connection, good, self._names()) if good else {}
        for month in months:
            if wrong[month.month]:
                yield _refused(month, wrong[month.month])
            else:
                yield self._land_month(month, rows)

    def _land_month(self, month: LogMonth, rows: _Rows) -> Outcome:
        """The list first, then the months, then the note: broken off before the note, the month is landed again."""
        now = datetime.now(UTC)
        extracts = [
            self.landing.land(_event(month, table, body, self._licence(), now), body).extract_id
            for table in (POPULATION, MONTHS)
            for body in [_csv(table, rows.get((month.month, table), []))]
        ]
        note = RequestNote(_scope(MONTHS, month.month), now, "landed", etag=self._stamp(month))
        self.landing.note(SOURCE, note)
        return Outcome(month.month, "counted", month.rows, tuple(extracts))

    @property
    def landing(self) -> Landing:
        """Where months are landed."""
        return landing_of(self.settings)

    def _names(self) -> list[str]:
        return sorted(self.catalog.names(self.catalog.source(SOURCE).names))

    def _licence(self) -> str:
        return self.catalog.source(SOURCE).licence

    def _stamp(self, month: LogMonth) -> str:
        """Changes with the files of a month, with the names that are wanted of it, and with the rules of counting."""
        parts = [month.inputs, *self._names(), rules()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


_Rows = dict[tuple[date, str], list[tuple[object, ...]]]


@dataclass(frozen=True)
class _State:
    """What the landing knows of the log's months: by what each was counted, and which were withdrawn."""

    stamps: dict[str, str]
    newest: dict[str, Fetch]
    withdrawn: set[str]

    @classmethod
    def of(cls, landing: Landing) -> _State:
        events = landing.events(SOURCE)
        stamps = {record.scope.key: record.etag for record in landing.request_notes(SOURCE)}
        newest = {event.scope.key: event for event in events if event.kind == "landed"}
        return cls(stamps, newest, withdrawn(events))

    def settled(self, month: LogMonth, stamp: str) -> Outcome | None:
        """The outcome of a month of which nothing changed since it was landed; None where it is to be counted."""
        keys = [_scope(table, month.month).key for table in (POPULATION, MONTHS)]
        if self.stamps.get(keys[1]) != stamp or any(key not in self.newest for key in keys):
            return None
        extracts = tuple(self.newest[key].extract_id for key in keys)
        result: Result = "withdrawn" if self.withdrawn & {*extracts} else "unchanged"
        return Outcome(month.month, result, month.rows, extracts)


@dataclass(frozen=True)
class _Counted:
    """Which months the engine's tables hold, and by which files: other names can be landed without counting again."""

    engine: Engine

    def has(self, month: LogMonth) -> bool:
        return self._read().get(str(month.month)) == _counted_by(month)

    def forget(self, months: Iterable[LogMonth]) -> None:
        names = {str(month.month) for month in months}
        self._write({name: by for name, by in self._read().items() if name not in names})

    def forget_all(self) -> None:
        (self.engine.folder / COUNTED).unlink(missing_ok=True)

    def remember(self, months: Iterable[LogMonth]) -> None:
        self._write({**self._read(), **{str(month.month): _counted_by(month) for month in months}})

    def _read(self) -> dict[str, str]:
        path = self.engine.folder / COUNTED
        try:
            content = json.loads(path.read_bytes())
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def _write(self, counted: dict[str, str]) -> None:
        write_atomically(self.engine.folder / COUNTED, json.dumps(counted, indent=1).encode())


def _counted_by(month: LogMonth) -> str:
    return f"{month.inputs}-{rules()[:12]}"


def problems(connection: duckdb.DuckDBPyConnection, months: Sequence[LogMonth]) -> dict[date, tuple[str, ...]]:
    """What is wrong with the rows of each month, seen from what was counted; empty where nothing is."""
    result = connection.execute(FACTS_SQL.format(months=quoted_months(months)))
    names = [column[0] for column in result.description or ()]
    facts = {row[0]: dict(zip(names, row, strict=True)) for row in result.fetchall()}
    return {month.month: tuple(_wrong(month, facts.get(month.month))) for month in months}


def _wrong(month: LogMonth, facts: dict[str, object] | None) -> Iterator[str]:
    """The problems of one month, each with an example."""
    files = ", ".join(file.name for file in month.files[:SHOWN])
    if facts is None:
        yield f"{files}: {month.rows:,} rows in the files, and none was counted"
        return
    if facts["log_rows"] != month.rows:
        yield f"{files}: {month.rows:,} rows in the files, {facts['log_rows']:,} were counted"
    if facts["elsewhere"]:
        other = f"of {facts['other_month']:%Y-%m}" if facts["other_month"] else "without a time"
        yield f"{files}: {facts['elsewhere']:,} rows are of another month than {month.month:%Y-%m}, such as {other}"
    if facts["nameless"]:
        yield f"{files}: rows without a package"
    if facts["odd"]:
        yield (
            f"{files}: {facts['odd']:,} packages are not written as the index writes them "
            f"(small letters, - for _ and .), such as {facts['odd_name']!r}"
        )
    if facts["negative"]:
        yield f"{files}: negative counts of {facts['negative']:,} packages, such as {facts['negative_name']!r}"


def _tables(connection: duckdb.DuckDBPyConnection, months: Sequence[LogMonth], names: list[str]) -> _Rows:
    """The rows that are landed, by month and table."""
    quoted = quoted_months(months)
    rows: _Rows = {}
    for row in connection.execute(MONTHS_SQL.format(months=quoted), [names]).fetchall():
        rows.setdefault((row[0], MONTHS), []).append(row[1:])
    for row in connection.execute(POPULATION_SQL.format(months=quoted)).fetchall():
        rows.setdefault((row[0], POPULATION), []).append(row[1:])
    return rows


def _csv(table: str, rows: Sequence[tuple[object, ...]]) -> bytes:
    """The rows in the documented form of the source: the same rows give the same bytes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(load_source(SOURCE).tables[table].model_fields)
    writer.writerows(rows)
    return text.getvalue().encode()


def _scope(table: str, month: date) -> Scope:
    return Scope(table, month, next_period(month, "month"))


def _event(month: LogMonth, table: str, body: bytes, licence: str, now: datetime) -> Fetch:
    return Fetch(
        source=SOURCE,
        scope=_scope(table, month.month),
        filename=f"{SOURCE}_{month.month:%Y-%m}_{table}.csv",
        sha256=digest(body),
        landed_at=now,
        licence=licence,
        available_at=now,
        available_evidence="counted from the log at that moment; the log may have been there earlier",
        request={"inputs": month.inputs, "rules": rules(), "rows": month.rows},
        derived_from=tuple(
            {"path": file.name, "rows": str(file.rows), "footer_sha256": file.digest} for file in month.files
        ),
        reduction="adoption count-log: the heavy dbt models",
    )


def _refused(month: LogMonth, reasons: Iterable[str]) -> Outcome:
    return Outcome(month.month, "refused", month.rows, reasons=tuple(reasons))
