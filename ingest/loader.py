"""Landing to raw: every landed extract that the warehouse does not hold yet, validated, in one transaction.

Belongs here: raw tables, their reconciliation (rows in = rows loaded + rows rejected), rejected rows with reasons,
and the catalog as tables. Does not belong here: asking sources, or any rule about which extract counts (dbt's work).

Raw tables are named `raw.<source>__<table>`. Beside the columns of its row model each has `extract_id` and
`row_number` (the line in the file). `raw.extracts` has one row per fetch event, `raw.rejected_rows` one per row that
could not be accepted.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ingest.database import transaction
from ingest.errors import ExtractError, shortened
from ingest.landing import latest_moment
from ingest.model import Fetch, Source, withdrawn_by
from ingest.raw_tables import BOOKKEEPING, columns_of, insert_rows
from ingest.surprises import describe_error
from ingest.validation import ValidatedRows, validate

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from ingest.catalog import Catalog
    from ingest.landing import Landing

RULES = 1
"""Goes up when what is accepted changes (`ingest.validation`, row models): then every extract is judged again."""
NOT_FINAL = ""
"""In place of a version where an extract is to be tried again at the next build."""
MAX_TOLD = 2_000
"""So many characters of one refusal, or of one rejected row, are kept."""


BATCH_ROWS = 100_000
"""How many rows wait in memory before they are inserted."""


@dataclass(frozen=True)
class ExtractReport:
    """What became of one extract: `loaded`, `refused` (with the error) or `retracted`."""

    extract_id: str
    filename: str
    status: str
    rows_in: int
    rows_loaded: int
    rows_rejected: int
    error: str = ""


def load_version(source: Source, names: frozenset[str]) -> str:
    """Changes when the parser, or what it reads by or checks against, changes: then an extract is parsed again."""
    listed = hashlib.sha256("\n".join([*sorted(names), source.reading]).encode()).hexdigest()[:8]
    return f"{RULES}-{source.parser_version}-{listed}"


def load_extracts(
    connection: duckdb.DuckDBPyConnection,
    landing: Landing,
    source: Source,
    catalog: Catalog,
    now: datetime | None = None,
) -> list[ExtractReport]:
    """Load every landed extract of one source that the warehouse does not hold yet, in one transaction.

    An extract that cannot be read is recorded as refused, with its error; the others are loaded. It is read again when
    its bytes come back, or when what is accepted changes. Rows that cannot be accepted go to `raw.rejected_rows`. What
    is no longer landed is forgotten, so that the raw tables are always those that a rebuilding from the landing would
    give. What claims to be landed after `now` is refused: it would speak for its scope until then.
    """
    source = source.for_catalog(catalog)
    names = catalog.names(catalog.source(source.name).names)
    version = load_version(source, names)
    query = "select extract_id from raw.extracts where source_id = ? and load_version = ?"
    loaded = {row[0] for row in connection.execute(query, [source.name, version]).fetchall()}
    events = landing.events(source.name)
    with transaction(connection):
        _forget_all_but(connection, source, [fetch.extract_id for fetch in events])
        news = {fetch.extract_id: fetch for fetch in events if fetch.extract_id not in loaded}
        _forget(connection, source, list(news))
        terms = _Terms(catalog, version, latest_moment(now or datetime.now(UTC)))
        batch = _Batch(connection, source)
        reports = [_load_extract(batch, landing, source, fetch, terms) for fetch in news.values()]
        batch.write()
        return reports


def _forget_all_but(connection: duckdb.DuckDBPyConnection, source: Source, landed: Sequence[str]) -> None:
    query = (
        "select extract_id from raw.extracts where source_id = ? and extract_id not in (select unnest(?::varchar[]))"
    )
    _forget(connection, source, [row[0] for row in connection.execute(query, [source.name, list(landed)]).fetchall()])


def _forget(connection: duckdb.DuckDBPyConnection, source: Source, extract_ids: Sequence[str]) -> None:
    if not extract_ids:
        return
    for table in (*(f"{source.name}__{name}" for name in source.tables), "rejected_rows", "extracts"):
        query = f"delete from raw.{table} where extract_id in (select unnest(?::varchar[]))"
        connection.execute(query, [list(extract_ids)])


class _Batch:
    """Rows of one source on their way into its raw tables: many extracts in one insert a table."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, source: Source) -> None:
        tables = {f"{source.name}__{name}": columns_of(model) for name, model in source.tables.items()}
        self.connection = connection
        self._columns: Mapping[str, Mapping[str, str]] = {**tables, **BOOKKEEPING}
        self._rows: dict[str, list[Mapping[str, Any]]] = {table: [] for table in self._columns}
        self._waiting = 0

    @property
    def has_repositories(self) -> bool:
        """Whether the numbers of repositories were asked for; before that they are what the warehouse holds."""
        return "repositories" in self.__dict__

    @cached_property
    def repositories(self) -> _Repositories:
        """The numbers of repositories, read when the first is met and kept up after that."""
        self.write()
        return _Repositories(self.connection)

    def add(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Take rows of one table of schema raw; write all that wait when they are many."""
        self._rows[table].extend(rows)
        self._waiting += len(rows)
        if self._waiting >= BATCH_ROWS:
            self.write()

    def write(self) -> None:
        """Insert what waits."""
        for table, rows in self._rows.items():
            insert_rows(self.connection, f"raw.{table}", self._columns[table], rows)
            rows.clear()
        self._waiting = 0


@dataclass(frozen=True)
class _Terms:
    """By what an extract is read and judged: the catalog, the version of both, and the latest moment of landing."""

    catalog: Catalog
    version: str
    latest: datetime


def _load_extract(batch: _Batch, landing: Landing, source: Source, fetch: Fetch, terms: _Terms) -> ExtractReport:
    """Load one extract; what makes it unreadable, of whatever kind, is its own trouble."""
    report = ExtractReport(fetch.extract_id, fetch.filename, "retracted", 0, 0, 0)
    is_final = True
    if fetch.kind != "retracted":
        try:
            _check_moment(fetch, terms.latest)
            path = landing.path_of(fetch)
        except Exception as error:  # noqa: BLE001 - no extract may stop another
            # the file may come back, and so may the clock: it is looked for again next time
            report, is_final = _refused(fetch, describe_error(error, fetch.filename)), False
        else:
            report = _read_rows(batch, source, fetch, path, terms.catalog)
    elif batch.has_repositories:
        batch.repositories.add(fetch, {})
    batch.add("extracts", [_extract_row(fetch, terms.version if is_final else NOT_FINAL, report)])
    return report


def _check_moment(fetch: Fetch, latest: datetime) -> None:
    if fetch.landed_at > latest:
        raise ExtractError(
            f"{fetch.filename}: landed_at {fetch.landed_at:%Y-%m-%d %H:%M} UTC lies after now: the clock was wrong. "
            f"Drop or fetch it again, and withdraw this one: adoption inbox retract {fetch.extract_id}"
        )


def _refused(fetch: Fetch, why: str) -> ExtractReport:
    return ExtractReport(fetch.extract_id, fetch.filename, "refused", 0, 0, 0, shortened(why, MAX_TOLD))


def _read_rows(batch: _Batch, source: Source, fetch: Fetch, path: Path, catalog: Catalog) -> ExtractReport:
    try:
        rows = list(source.parse(fetch, path))
        validated = validate(rows, source, fetch, catalog)
        numbers = _numbers(validated)
        validated.faults += _strangers(batch, fetch, numbers)
    except Exception as error:  # noqa: BLE001 - no extract may stop another
        return _refused(fetch, describe_error(error, fetch.filename))
    report = _load_rows(batch, source, fetch, len(rows), validated)
    if numbers and report.status == "loaded" and not report.rows_rejected:
        batch.repositories.add(fetch, numbers)
    return report


def _numbers(validated: ValidatedRows) -> Mapping[str, set[int]]:
    """The numbers that an extract gives each repository."""
    numbers_by_repository: defaultdict[str, set[int]] = defaultdict(set)
    for _, row in validated.accepted:
        fields = row.__dict__
        if "repository_id" in fields:
            numbers_by_repository[fields["repository"]].add(fields["repository_id"])
    return numbers_by_repository


def _strangers(batch: _Batch, fetch: Fetch, numbers_by_repository: Mapping[str, set[int]]) -> Iterator[str]:
    """Repositories whose number is another than was known under the name: the name has changed hands."""
    for repository, numbers in numbers_by_repository.items():
        known = batch.repositories.known(repository, _naive(fetch.landed_at))
        if len(numbers) > 1 or (known and not numbers <= known):
            before = f"; it was {', '.join(map(str, sorted(known)))} before" if known else ""
            yield f"{repository} has the number {', '.join(map(str, sorted(numbers)))}{before}: another repository"


class _Repositories:
    """The numbers of repositories in all that was landed and stands, whichever source said so; asked for once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._extracts: defaultdict[str, defaultdict[int, list[tuple[datetime, str]]]]
        self._extracts = defaultdict(lambda: defaultdict(list))
        query = "select extract_id, retracts from raw.extracts where retracts is not null"
        self._retractions: dict[str, str] = dict(connection.execute(query).fetchall())
        self._withdrawn = withdrawn_by(self._retractions)
        tables = connection.execute(
            "select table_name from duckdb_columns() where schema_name = 'raw' and column_name = 'repository_id'"
        ).fetchall()
        for (table,) in tables:
            query = f"""
                select distinct repository, repository_id, landed_at, extract_id
                from raw.{table} inner join raw.extracts using (extract_id)
                where status = 'loaded' and rows_rejected = 0
                order by landed_at"""
            for repository, number, landed_at, extract_id in connection.execute(query).fetchall():
                self._extracts[repository][number].append((landed_at, extract_id))

    def add(self, fetch: Fetch, numbers_by_repository: Mapping[str, set[int]]) -> None:
        """Take what an extract says that was loaded, or that it withdraws another."""
        if fetch.retracts:
            self._retractions[fetch.extract_id] = fetch.retracts
            self._withdrawn = withdrawn_by(self._retractions)
        for repository, numbers in numbers_by_repository.items():
            for number in numbers:
                self._extracts[repository][number].append((_naive(fetch.landed_at), fetch.extract_id))

    def known(self, repository: str, before: datetime) -> set[int]:
        """The numbers of a repository in what was landed before a moment."""
        return {
            number
            for number, extracts in self._extracts.get(repository, {}).items()
            if any(landed < before and extract_id not in self._withdrawn for landed, extract_id in extracts)
        }


def _load_rows(batch: _Batch, source: Source, fetch: Fetch, rows_in: int, validated: ValidatedRows) -> ExtractReport:
    """Keep the rows that are right, and those that are not with their reasons.

    An extract with a single row that cannot be accepted does not speak (`stg_landing__extracts`), since nobody could
    tell that row from one that the publisher never had.
    """
    accepted: dict[str, list[dict[str, Any]]] = {table: [] for table in source.tables}
    extract_id = fetch.extract_id
    for parsed, row in validated.accepted:
        accepted[parsed.table].append({**row.__dict__, "extract_id": extract_id, "row_number": parsed.number})
    rejected = _rejected_rows(validated, source, fetch)
    for table, good in accepted.items():
        batch.add(f"{source.name}__{table}", good)
    batch.add("rejected_rows", rejected)
    loaded = sum(len(good) for good in accepted.values())
    why = shortened("; ".join(validated.faults), MAX_TOLD)
    status = "refused" if why else "loaded"
    error = f"{fetch.filename}: {why}" if why else ""
    return ExtractReport(fetch.extract_id, fetch.filename, status, rows_in, loaded, len(rejected), error)


def _rejected_rows(validated: ValidatedRows, source: Source, fetch: Fetch) -> list[dict[str, Any]]:
    """One row for each that was rejected, with the first thing that is wrong in it."""
    first = {id(problem.row): problem for problem in reversed(validated.problems)}
    return [
        {
            "extract_id": fetch.extract_id,
            "source_id": source.name,
            "table_name": problem.row.table,
            "filename": fetch.filename,
            "row_number": problem.row.number,
            "column_name": problem.column,
            "found": shortened(problem.value),
            "reason": shortened(problem.reason),
            "fields": shortened(json.dumps(problem.row.fields, default=str, ensure_ascii=False), MAX_TOLD),
        }
        for problem in sorted(first.values(), key=lambda problem: problem.row.number)
    ]


def _extract_row(fetch: Fetch, version: str, report: ExtractReport) -> dict[str, Any]:
    """A row of `raw.extracts`; what is not there is null, never an empty text."""
    return {
        "extract_id": fetch.extract_id,
        "source_id": fetch.source,
        "table_name": fetch.scope.table,
        "scope_key": fetch.scope.key,
        "scope_label": fetch.scope.label or None,
        "period_start": fetch.scope.period_start,
        "period_end": fetch.scope.period_end,
        "terms": None if fetch.scope.terms is None else list(fetch.scope.terms),
        "filename": fetch.filename,
        "sha256": fetch.sha256,
        "form": fetch.form,
        "landed_at": _naive(fetch.landed_at),
        "available_at": None if fetch.available_at is None else _naive(fetch.available_at),
        "available_evidence": fetch.available_evidence or None,
        "licence": fetch.licence,
        "request": json.dumps(dict(fetch.request)) if fetch.request else None,
        "derived_from": json.dumps(list(map(dict, fetch.derived_from))) if fetch.derived_from else None,
        "reduction": fetch.reduction or None,
        "kind": fetch.kind,
        "retracts": fetch.retracts,
        "reason": fetch.reason or None,
        "load_version": version,
        "status": report.status,
        "error": report.error or None,
        "rows_in": report.rows_in,
        "rows_loaded": report.rows_loaded,
        "rows_rejected": report.rows_rejected,
    }


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
