"""Which columns of its parents each column of a query is made from, read from the compiled SQL.

Belongs here: reading SQL. Does not belong here: running it, where the SQL and the tables' columns come from, or what
is done with the answer (`orchestration.table_metadata`).

Only what a value is made from counts: a column that merely joins, filters or orders is not named. The library's own
lineage function walks the whole query anew for each column and pairs the sides of `union all by name` by position,
which is wrong; this walk remembers what it has seen, and pairs them by name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from sqlglot import MappingSchema, exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

DIALECT = "duckdb"
QUERIES = (exp.Select, exp.SetOperation)
"""What has a scope of its own; brackets around it have none."""

Tables = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Schema, table and column to the column's type."""


class Column(NamedTuple):
    """A column of a table."""

    schema: str
    table: str
    column: str


def column_lineage(sql: str, tables: Tables) -> dict[str, list[Column]]:
    """Each column of a query with the columns that its value is made from; none for a constant or a count.

    `tables` must hold every table that the query reads: without it a star says nothing.

    Raises:
        sqlglot.errors.SqlglotError: when the SQL cannot be read, or names a column that no table has.
    """
    query = parse_one(sql, dialect=DIALECT).transform(_unpivot_as_select)
    # the name of the database says nothing here: each warehouse has one file
    for table in query.find_all(exp.Table):
        table.set("catalog", None)
    known = MappingSchema({schema: dict(named) for schema, named in tables.items()}, dialect=DIALECT)
    qualified = qualify(query, schema=known, dialect=DIALECT, validate_qualify_columns=False)
    scope = build_scope(qualified)
    if scope is None or not isinstance(qualified, exp.Query):
        raise SqlglotError("it is not a query")
    tracer = _Tracer(scope)
    return {name.lower(): sorted(tracer.origins(scope, name)) for name in qualified.named_selects}


def made_from(sql: str, tables: Tables) -> list[str]:
    """All that the answer depends on: the same texts give the same answer."""
    return [sql, json.dumps(tables), version("sqlglot"), Path(__file__).read_text(encoding="utf-8")]


def _unpivot_as_select(node: exp.Expr) -> exp.Expr:
    """`unpivot t on a, b into name n value v` as a plain select whose columns are made from the same columns."""
    if not (isinstance(node, exp.Pivot) and node.args.get("unpivot") and isinstance(node.parent, exp.CTE)):
        return node
    into = node.args["into"]
    turned = [column.copy() for column in node.expressions]
    name, value = into.this.name, into.expressions[0].name
    rest = exp.Star(**{"except_": [exp.to_identifier(column.name) for column in turned]})
    merged = exp.Coalesce(this=turned[0], expressions=turned[1:])
    return exp.select(rest, exp.alias_(exp.Literal.string(""), name), exp.alias_(merged, value)).from_(node.this.copy())


class _Tracer:
    """Walks the scopes of one qualified query, each column of each scope once."""

    def __init__(self, root: Scope) -> None:
        self._scopes = {id(scope.expression): scope for scope in root.traverse()}
        self._seen: dict[tuple[int, str], set[Column]] = {}

    def origins(self, scope: Scope, name: str) -> set[Column]:
        """The columns of tables that a column of a query is made from."""
        key = (id(scope), name.lower())
        if key not in self._seen:
            self._seen[key] = set()  # a recursive query meets itself here
            self._seen[key] = set(self._find(scope, name.lower()))
        return self._seen[key]

    def _find(self, scope: Scope, name: str) -> Iterator[Column]:
        query = scope.expression
        if isinstance(query, exp.SetOperation):
            yield from self._of_both_sides(scope, query, name)
        elif isinstance(query, exp.Query):
            for projection in query.selects:
                if projection.alias_or_name.lower() == name:
                    yield from self._of_expression(scope, projection)
        else:  # a table function: its rows are made from what it is given
            yield from self._of_expression(scope, query)

    def _of_both_sides(self, scope: Scope, query: exp.SetOperation, name: str) -> Iterator[Column]:
        names = [column.lower() for column in query.named_selects]
        for side in scope.set_operation_scopes:
            selected = [column.lower() for column in _selected(side)]
            if not query.args.get("by_name"):
                yield from self.origins(side, selected[names.index(name)])
            elif name in selected:
                yield from self.origins(side, name)

    def _of_expression(self, scope: Scope, expression: exp.Expr) -> Iterator[Column]:
        """The columns that an expression names; of a query inside it, those that it selects."""
        for node in expression.walk(prune=lambda node: isinstance(node, QUERIES)):
            if isinstance(node, QUERIES) and node is not expression:
                inner = self._scopes[id(node)]
                for name in node.named_selects:
                    yield from self.origins(inner, name)
            elif isinstance(node, exp.Column):
                yield from self._of_column(scope, node)

    def _of_column(self, scope: Scope, column: exp.Column) -> Iterator[Column]:
        at: Scope | None = scope
        while at is not None and column.table not in at.sources:
            at = at.parent  # a correlated subquery names a table of the query around it
        if at is None:
            if column.table:
                raise SqlglotError(f"{column.sql(DIALECT)}: no table of that name is read here")
            return  # the parameter of a lambda
        source = at.sources[column.table]
        if isinstance(source, exp.Table):
            yield Column(source.db, source.name, column.name.lower())
        else:
            yield from self.origins(source, column.name)


def _selected(scope: Scope) -> list[str]:
    return list(scope.expression.named_selects) if isinstance(scope.expression, exp.Query) else []
