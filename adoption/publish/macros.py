"""The SQL that runs in the published file when it is made: tables about its content, and macros for those who ask it.

Belongs here: reading `dbt_project/published/`, writing its tables and macros, and verifying the macros. Does not
belong here: the SQL itself, or when a file is published (`adoption.publish.writer`).

A file begins with comments: what it is, an empty line, then `name: meaning` lines. Of a table these are its columns; of
a macro its parameters, `returns` and `example`, in which {focus}, {benchmark}, {metric} and {year} stand for what the
catalog reviews. Where a macro says `query({model})` the SQL of that dbt model is put in (`adoption.publish.on_demand`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb as db

from adoption.publish.metadata import Table
from adoption.publish.on_demand import PairModels
from ingest.database import literal
from ingest.errors import AdoptionError

if TYPE_CHECKING:
    import duckdb

CTE = re.compile(r"\s*(\w+) as \(")
BRACKETS = re.compile(r"'(?:[^']|'')*'|[()]")
"""Brackets, and the texts in which one means nothing."""
MODEL = re.compile(r"\bquery\(\{(\w+)\}\)")
NOT_PARAMETERS = ("returns", "example")
REVIEWED = """
select focus, benchmark, review_year, (select first(metric_id order by position) from meta.metrics)
from meta.review
"""
MACROS = Table(
    "macros",
    "The macros of this file: select * from yoy('an entity', 'a metric') works in any client that opened it.",
    {
        "macro_name": ("varchar", "The name by which it is called."),
        "form": ("varchar", "table (stands behind from) or scalar (stands behind select)."),
        "parameters": ("varchar[]", "What it is asked with, in order: name and meaning."),
        "description": ("varchar", "The question that it answers."),
        "returns": ("varchar", "What a row of the answer is."),
        "columns": ("varchar[]", "The columns of the answer; they mean what they mean in the marts."),
        "example": ("varchar", "A call that works on this file."),
    },
)


class PublishedSqlError(AdoptionError):
    """A file of `dbt_project/published/` that DuckDB refuses; the text names it and says why."""


@dataclass(frozen=True)
class SqlFile:
    """A file of SQL with what its head says: the text, and the meaning of each name."""

    name: str
    text: str
    meanings: Mapping[str, str]
    sql: str

    @property
    def form(self) -> str:
        """Of a macro: table or scalar."""
        return "table" if ") as table" in self.sql else "scalar"


@dataclass(frozen=True)
class PublishedSql:
    """The tables and macros of one dbt project; none where it has no folder `published`.

    `tables` go to schema `meta`; `tour` goes to `main`, which is what `show tables` shows whoever opens the file.
    """

    tables: tuple[SqlFile, ...] = ()
    macros: tuple[SqlFile, ...] = ()
    tour: tuple[SqlFile, ...] = ()
    models: PairModels | None = None
    """What macros compute on demand; None where none does."""

    @classmethod
    def of(cls, dbt_project: Path, models: PairModels | None = None) -> PublishedSql:
        """Read the files of a project; scalar macros first, since table macros call them."""
        folder = dbt_project / "published"
        macros = sorted(_files(folder / "macros"), key=lambda file: (file.form, file.name))
        tour = {file.name: file for file in _files(folder / "main")}
        # the months first: years say how many of them add up; the rest says which years there are
        first = [tour.pop(name) for name in ("monthly", "yearly") if name in tour]
        return cls(tuple(_files(folder / "tables")), tuple(macros), (*first, *tour.values()), models)

    def write(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Write tables, macros, their comments, and the table that lists the macros.

        Raises:
            PublishedSqlError: when a file does not run.
        """
        for schema, files in (("meta", self.tables), ("main", self.tour)):
            for file in files:
                _run(connection, file, f"create table {schema}.{file.name} as from ({file.sql}) order by all")
                meanings = {name: ("", text) for name, text in file.meanings.items()}
                Table(file.name, file.text, meanings, schema).describe(connection)
        for file in self.macros:
            table = "table " if file.form == "table" else ""
            _run(connection, file, self._with_models(without_ctes(file.sql)))
            _run(connection, file, f"comment on macro {table}{file.name} is {literal(file.text)}")
        MACROS.write(connection, [_row(connection, file) for file in self.macros])

    def _with_models(self, sql: str) -> str:
        """A macro with the queries of the models that it names."""
        models = self.models
        return sql if models is None else MODEL.sub(lambda named: f"query({models.query(named[1])})", sql)

    def faults(self, connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
        """What is wrong with the macros of the file: one is not described, or its example fails."""
        macros = _macros_in(connection)
        for file in self.macros:
            parameters, comment = macros[file.name]
            described = [name for name in file.meanings if name not in NOT_PARAMETERS]
            if comment != file.text or described != parameters or not set(NOT_PARAMETERS) <= set(file.meanings):
                yield f"macro {file.name}: its head must describe {', '.join([*parameters, *NOT_PARAMETERS])}"
            yield from _faults_of_example(connection, file)


def _files(folder: Path) -> Iterator[SqlFile]:
    for path in sorted(folder.glob("*.sql")):
        lines = path.read_text(encoding="utf-8").splitlines()
        head = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
        split = head.index("")
        meanings = dict(line.split(": ", 1) for line in head[split + 1 :])
        sql = "\n".join(line for line in lines if not line.startswith("--"))
        yield SqlFile(path.stem, " ".join(head[:split]), meanings, sql)


def without_ctes(sql: str) -> str:
    """The same macro with each common table expression in the place where it is named.

    DuckDB 1.4.0 reads a macro that a later version stored, but not the common table expressions in it.
    """
    head, ctes, body = sql.partition("\nwith\n")
    if not ctes:
        return sql
    definitions, rest = _ctes_of(body)
    for name, inner in reversed(definitions):
        rest = re.sub(rf"\b(from|join)\s+{name}\b(?!\.| as\b)", rf"\1 {name} as {name}", rest)
        # no escapes of its own: a backslash in the query stays one
        rest = re.sub(rf"\s{name} as ", f" (\n{inner}\n) as ".replace("\\", r"\\"), rest)
    return f"{head}\n{rest.strip()}\n"


def _ctes_of(sql: str) -> tuple[list[tuple[str, str]], str]:
    """Each common table expression by its name, and the query after them."""
    ctes: list[tuple[str, str]] = []
    end = 0
    while begun := CTE.match(sql, end):
        close = _closing(sql, begun.end())
        ctes.append((begun[1], sql[begun.end() : close]))
        end = close + 1
        if not sql.startswith(",", end):
            break
        end += 1
    return ctes, sql[end:]


def _closing(sql: str, start: int) -> int:
    """Where the bracket closes that was opened right before `start`."""
    depth = 1
    for bracket in BRACKETS.finditer(sql, start):
        depth += {"(": 1, ")": -1}.get(bracket[0], 0)
        if not depth:
            return bracket.start()
    raise ValueError(f"a bracket is not closed: {sql[start : start + 60]!r}")


def _run(connection: duckdb.DuckDBPyConnection, file: SqlFile, sql: str) -> duckdb.DuckDBPyConnection:
    try:
        return connection.execute(sql)
    except db.Error as error:
        raise PublishedSqlError(f"published/{file.name}.sql: {error}") from error


def _macros_in(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[Sequence[str], str]]:
    query = """
        select function_name, parameters, comment from duckdb_functions()
        where database_name = current_database() and schema_name = 'main' and not internal
    """
    return {name: (parameters, comment) for name, parameters, comment in connection.execute(query).fetchall()}


def _row(connection: duckdb.DuckDBPyConnection, file: SqlFile) -> tuple[object, ...]:
    example = _example(connection, file)
    parameters = [f"{name}: {text}" for name, text in file.meanings.items() if name not in NOT_PARAMETERS]
    columns = (
        [row[0] for row in _run(connection, file, f"describe {example}").fetchall()] if file.form == "table" else []
    )
    return file.name, file.form, parameters, file.text, file.meanings["returns"], columns, example


def _example(connection: duckdb.DuckDBPyConnection, file: SqlFile) -> str:
    focus, benchmark, year, metric = connection.execute(REVIEWED).fetchall()[0]
    names = {"focus": literal(focus), "benchmark": literal(benchmark), "metric": literal(metric), "year": year}
    return file.meanings["example"].format(**names)


def _faults_of_example(connection: duckdb.DuckDBPyConnection, file: SqlFile) -> Iterator[str]:
    # that it gives no row is no fault: of the reviewed pair nothing may be known yet
    example = _example(connection, file)
    try:
        connection.execute(example).fetchall()
    except db.Error as error:
        yield f"macro {file.name}: {example} fails: {error}"
