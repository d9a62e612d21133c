"""What more contenders cost: the models of the last build for 71 contenders, as a ratio of those for 11.

Belongs here: a warehouse with made-up contenders, and the CPU seconds and the memory of its models. Does not belong
here: what a build costs for the contenders that there are (`bench.build`).

Each of the 60 is a copy of one that there is, under names of its own and with its figures scaled, in every raw table
that names it; answers to surveys are left as they are. So they have as many pairs, ways of counting and months as the
others. The models are made in one process without dbt, from what dbt compiled in the last build, with the memory that a
build allows DuckDB.

Run it:  python -m bench.contenders [--data DIR] [--more 60]
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import duckdb

from adoption.settings import Settings
from adoption.warehouse.dbt import in_order
from ingest.database import connect, literal

MEGABYTE = 1024
TARGETS = (("CPU of the models", 3.0), ("peak memory", 1.5))
CONTENDERS = "select entity_id from meta.entities where entity_type = 'contender' order by entity_id"
WITH_FIGURES = "select count(distinct entity_id) from marts.fct_adoption_yoy where entity_type = 'contender'"
NAMED = "select native_object from meta.names where entity_type in ('framework', 'contender')"
TEXTS = """
select table_name, column_name from duckdb_columns()
where database_name = current_database() and schema_name = 'raw' and data_type = 'VARCHAR' order by all
"""
NUMBERS = """
select column_name, data_type from duckdb_columns()
where database_name = current_database() and schema_name = 'raw' and table_name = ?
    and data_type in ('BIGINT', 'DOUBLE')
    -- the length of a window, and what all together have, stay what they are
    and column_name not in ('row_number', 'window_days', 'all_papers', 'all_posts')
"""


def copy_contenders(connection: duckdb.DuckDBPyConnection, more: int) -> None:
    """Add contenders with names and figures of their own, each a copy of one that there is."""
    originals = [name for (name,) in connection.execute(CONTENDERS).fetchall()]
    places = list(_places(connection))
    for number in range(1, more + 1):
        original, suffix = originals[number % len(originals)], f"_{number}"
        names = _copy_catalog(connection, original, suffix)
        for table, columns in places:
            _copy_rows(connection, table, columns, names, suffix, 1 + number / 100)


def _places(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, list[str]]]:
    """The raw tables that name contenders, each with the columns in which they do."""
    columns: dict[str, list[str]] = {}
    for table, column in connection.execute(TEXTS).fetchall():
        query = f'select 1 from raw."{table}" semi join ({NAMED}) as named on "{column}" = native_object limit 1'
        if "survey" not in table and connection.execute(query).fetchall():
            columns.setdefault(table, []).append(column)
    yield from columns.items()


def _copy_catalog(connection: duckdb.DuckDBPyConnection, original: str, suffix: str) -> list[str]:
    """Enter a copy of a contender with its members; return the names that the original has in the sources."""
    members = f"select framework_id from meta.members where contender_id = {literal(original)}"
    is_own = f"(entity_type = 'contender' and entity_id = {literal(original)}) or (entity_type = 'framework' "
    is_own += f"and entity_id in ({members} union all select {literal(original)}))"
    named = connection.execute(f"select distinct native_object from meta.names where {is_own}").fetchall()
    renamed = {
        "entities": f"entity_id || '{suffix}' as entity_id, label || '{suffix}' as label, "
        f"represented_by || '{suffix}' as represented_by",
        "names": f"entity_id || '{suffix}' as entity_id, native_object || '{suffix}' as native_object, "
        f"name || '{suffix}' as name",
        "members": f"contender_id || '{suffix}' as contender_id, framework_id || '{suffix}' as framework_id",
    }
    for table, columns in renamed.items():
        condition = f"contender_id = {literal(original)}" if table == "members" else is_own
        connection.execute(f"insert into meta.{table} select * replace ({columns}) from meta.{table} where {condition}")
    return [name for (name,) in named]


def _copy_rows(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Sequence[str],
    names: Sequence[str],
    suffix: str,
    factor: float,
) -> None:
    listed = ", ".join(literal(name) for name in names)
    replaced = [f'if("{name}" in ({listed}), "{name}" || \'{suffix}\', "{name}") as "{name}"' for name in columns]
    replaced += [
        f'({factor} * "{name}")::{kind} as "{name}"' for name, kind in connection.execute(NUMBERS, [table]).fetchall()
    ]
    condition = " or ".join(f'"{name}" in ({listed})' for name in columns)
    connection.execute(
        f'insert into raw."{table}" select * replace ({", ".join(replaced)}) from raw."{table}" where {condition}'
    )


def make_models(settings: Settings, warehouse: Path) -> int:
    """Make every model of the last build in this process; return how many contenders have figures."""
    manifest = json.loads((settings.dbt_target / "manifest.json").read_bytes())
    with connect(warehouse, config={"memory_limit": settings.memory}) as connection:
        for name in in_order(manifest):
            node = manifest["nodes"][name]
            path = settings.dbt_target / "compiled" / node["package_name"] / node["original_file_path"]
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            relation = f'{node["schema"]}."{node["alias"]}"'
            connection.execute(f"create or replace {kind} {relation} as ({path.read_text(encoding='utf-8')}\n)")
        return int(connection.execute(WITH_FIGURES).fetchall()[0][0])


def measure(data: Path, warehouse: Path) -> dict[str, float]:
    """CPU seconds and MB of the models of a warehouse, in a process of its own."""
    command = [sys.executable, "-m", "bench.contenders", "--data", str(data), "--models", str(warehouse)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="The data folder of a build.  [default: data]")
@click.option("--more", default=60, show_default=True, help="How many contenders are added.")
@click.option("--models", type=click.Path(path_type=Path), hidden=True)
def main(data: Path | None, more: int, models: Path | None) -> None:
    """Measure the models with and without more contenders. Exit code 1: a target is missed."""
    settings = Settings(data=data.resolve()) if data else Settings.from_environment()
    if models:
        count = make_models(settings, models)
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(json.dumps({"count": count, "cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / MEGABYTE}))
        return
    with tempfile.TemporaryDirectory() as folder:
        # what is compiled names the database, which is the file's name
        few, many = (Path(folder) / name / settings.warehouse.name for name in ("few", "many"))
        for copy in (few, many):
            copy.parent.mkdir()
            shutil.copyfile(settings.warehouse, copy)
        with duckdb.connect(str(many)) as connection:
            copy_contenders(connection, more)
        found = [measure(settings.data, copy) for copy in (few, many)]
    ratios = [found[1][name] / found[0][name] for name in ("cpu", "mb")]
    for (title, most), ratio in zip(TARGETS, ratios, strict=True):
        print(f"{title}: {ratio:.2f} (at most {most:g}){'' if ratio <= most else '  MISSED'}")
    for one in found:
        print(f"{one['count']:.0f} contenders with figures: {one['cpu']:.1f} CPU s, {one['mb']:.0f} MB")
    if any(ratio > most for (_, most), ratio in zip(TARGETS, ratios, strict=True)):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
