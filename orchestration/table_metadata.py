"""What Dagster shows of a table that was just made: rows, period, columns, where each column comes from, a chart.

Belongs here: that metadata, for any table of the work file, asked for many tables at a time when nobody writes.
Does not belong here: metadata that needs no built table (`orchestration.provenance`), and the charts themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import dagster as dg
from sqlglot.errors import SqlglotError

from adoption.warehouse.cache import RenderCache
from adoption.warehouse.column_lineage import Column, column_lineage, made_from
from adoption.warehouse.table_stats import Contents, Table, Types, column_types, contents
from orchestration.asset_keys import LAYERS, OWNERS, asset_key
from orchestration.chart_metadata import exhibit

if TYPE_CHECKING:
    import duckdb

    from adoption.settings import Settings

ROWS, SCHEMA, LINEAGE, TABLE = (
    "dagster/row_count",
    "dagster/column_schema",
    "dagster/column_lineage",
    "dagster/table_name",
)
Manifest = Mapping[str, Any]


def table_specs(
    settings: Settings, descriptions: Mapping[dg.AssetKey, str], deps: Sequence[dg.AssetKey]
) -> list[dg.AssetSpec]:
    """The tables that a step in Python makes, each called after its place in the warehouse; all rest on `deps`."""
    return [
        dg.AssetSpec(
            key,
            deps=deps,
            description=text,
            group_name=key.path[0],
            owners=OWNERS,
            kinds={"python", "duckdb"},
            metadata={TABLE: ".".join([settings.warehouse.stem, *key.path])},
        )
        for key, text in descriptions.items()
    ]


def described(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> dict[Table, dict[str, Any]]:
    """Rows, period and columns of tables that Python makes."""
    types = column_types(connection)
    return {
        table: _statistics(stats) | {SCHEMA: _schema(types[table.schema][table.name], {})}
        for table, stats in contents(connection, tables, types).items()
    }


def raw_columns(types: Types, tables: Mapping[str, Table]) -> dict[str, dg.TableSchema]:
    """The columns of an asset that stands for several tables, each behind its table's short name.

    `tables` maps the short names to the tables; column lineage calls the columns the same.
    """
    columns = {
        _of_raw(short, column): kind
        for short, table in tables.items()
        for column, kind in types[table.schema][table.name].items()
    }
    return {SCHEMA: _schema(columns, {})}


def _of_raw(table: str, column: str) -> str:
    return f"{table}.{column}"


def _statistics(stats: Contents | None) -> dict[str, Any]:
    if stats is None:
        return {"period": "a view: its rows are made when it is read"}
    return {ROWS: stats.rows, "period": stats.period}


def _schema(types: Mapping[str, str], texts: Mapping[str, str]) -> dg.TableSchema:
    return dg.TableSchema([dg.TableColumn(name, kind, texts.get(name) or None) for name, kind in types.items()])


@dataclass(frozen=True)
class Models:
    """What is shown of the models of a dbt project; what took time is kept until the SQL or a table changes."""

    settings: Settings
    manifest: Manifest

    def described(self, connection: duckdb.DuckDBPyConnection, nodes: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The metadata of each node, by dbt's unique id; what cannot be read from its SQL is said, not left out."""
        types = column_types(connection)
        tables = {node: self._table(node) for node in nodes}
        stats = contents(connection, list(tables.values()), types)
        origins = {self._table(name): name for name in (*self.manifest["nodes"], *self.manifest["sources"])}
        cache = RenderCache(self.settings.render_cache)
        return {
            node: {
                **_statistics(stats.get(table)),
                **self._columns(node, types[table.schema][table.name], self._lineage(node, types, origins, cache)),
                **exhibit(connection, cache, table, types),
            }
            for node, table in tables.items()
        }

    def _columns(
        self, node: str, types: Mapping[str, str], lineage: Mapping[str, list[dg.TableColumnDep]] | str
    ) -> dict[str, Any]:
        """The columns with their meaning and, as links, what they are made from.

        The open-source UI draws no lineage of columns from the entry that is meant for it, so it is said twice.
        """
        texts = self._texts(node)
        if isinstance(lineage, str):
            return {SCHEMA: _schema(types, texts), "column lineage": lineage}
        descriptions = {
            name: "\n\n".join(filter(None, [texts.get(name), _made_of(lineage.get(name, []))])) for name in types
        }
        return {SCHEMA: _schema(types, descriptions), LINEAGE: dg.TableColumnLineage(lineage)}

    def _props(self, node: str) -> Mapping[str, Any]:
        props: Mapping[str, Any] = self.manifest["sources" if node.startswith("source.") else "nodes"][node]
        return props

    def _table(self, node: str) -> Table:
        props = self._props(node)
        return Table(props["schema"], props.get("identifier") or props.get("alias") or props["name"])

    def _texts(self, node: str) -> dict[str, str]:
        """What columns mean: as the model says, else the text that is written once for columns of that name."""
        common = {doc["name"]: doc["block_contents"] for doc in self.manifest["docs"].values()}
        own = {name: column["description"] for name, column in self._props(node)["columns"].items()}
        return {**common, **{name: text for name, text in own.items() if text}}

    def _lineage(
        self, node: str, types: Types, origins: Mapping[Table, str], cache: RenderCache
    ) -> dict[str, list[dg.TableColumnDep]] | str:
        """What each column is made from; in words, why that is not known."""
        props = self._props(node)
        path = self.settings.dbt_target / "compiled" / props["package_name"] / props["original_file_path"]
        sql = path.read_text(encoding="utf-8")
        parents = [self._table(name) for name in props["depends_on"]["nodes"]]
        read: dict[str, dict[str, dict[str, str]]] = {}
        for parent in parents:
            read.setdefault(parent.schema, {})[parent.name] = types[parent.schema][parent.name]
        try:
            text = cache.get(
                f"lineage/{props['name']}.json", made_from(sql, read), lambda: json.dumps(column_lineage(sql, read))
            )
        except SqlglotError as error:
            return f"not known: {error}"
        origins_by_column = {
            name: [Column(*column) for column in columns] for name, columns in json.loads(text).items()
        }
        return {name: self._deps(deps, origins) for name, deps in origins_by_column.items()}

    def _deps(self, columns: Iterable[Column], origins: Mapping[Table, str]) -> list[dg.TableColumnDep]:
        nodes = [(origins[Table(column.schema, column.table)], column.column) for column in columns]
        return [dg.TableColumnDep(key_of(self._props(node)), self._name(node, column)) for node, column in nodes]

    def _name(self, node: str, column: str) -> str:
        props = self._props(node)
        return _of_raw(props["name"], column) if key_of(props).path[0] == "raw" else column


def _made_of(deps: Sequence[dg.TableColumnDep]) -> str:
    links = [
        f"[{dep.asset_key.path[-1]}.{dep.column_name}](/assets/{'/'.join(dep.asset_key.path)}?view=overview)"
        for dep in deps
    ]
    return f"From {', '.join(links)}" if links else ""


def key_of(props: Mapping[str, Any]) -> dg.AssetKey:
    """The asset of a dbt node.

    A dbt source of the schemas raw and catalog is one raw asset, however many tables it has (dagster#33758). A table
    of another layer, which Python makes between two selections, is an asset of its own.

    Raises:
        DagsterInvalidDefinitionError: for a model in a schema that is no layer.
    """
    layer = next((layer for layer in LAYERS if layer == props["schema"]), None)
    if props["resource_type"] == "source" and layer in (None, "raw"):
        return asset_key("raw", props["source_name"])
    if layer is None:
        unique_id = props["unique_id"]
        raise dg.DagsterInvalidDefinitionError(f"{unique_id}: schema {props['schema']!r}; expected one of {LAYERS}")
    return asset_key(layer, props["name"])
