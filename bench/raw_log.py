"""What counting a raw download log costs by the heavy dbt models on DuckDB, against the leanest SQL of the same tables.

Run it:  python -m bench.raw_log [--rows 100000000] [--months 36] [--runs 3]
The targets are a ratio of at most 1.3 in CPU seconds, 1 GB, and one more month at most 6 % of the whole: medians of
pairs, and the most memory of any. Each way is a process of its own, dbt's imports and parsing among its seconds; one
more month is what counting it costs a process that counts already. The log is made with a seed, and removed afterwards.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from statistics import median

import click
import duckdb
from rich.console import Console
from rich.table import Table

from adoption.resources import CODE
from adoption.settings import Settings
from tests.ingest.made_log import write_log

RATIO, MEGABYTES, ONE_MORE = 1.3, 1_024.0, 0.06
FIRST = date(2020, 1, 1)
LEAN = """
    insert into months
    select
        '{month}'::date, date_trunc('month', day)::date as month_date, package, coalesce(installer, ''),
        if(ci, 'marked', 'not marked'), count(*),
        count(*) filter (filename like '%.whl' or filename like '%.tar.gz' or filename like '%.zip'),
        bit_or(1::bigint << (day(day) - 1))
    from '{path}' group by all;
    insert into bases
    select
        log_month, month_date, package, basis, sum(downloads)::bigint,
        sum(if(automation = 'marked', downloads, 0))::bigint
    from (
        select *, 'pip_only' as basis from months where log_month = '{month}' and installer = 'pip'
        union all
        select *, 'without_mirrors' from months
        where log_month = '{month}' and installer not in ('bandersnatch', 'z3c.pypimirror', 'Artifactory', 'devpi')
        union all
        select *, 'all_installers' from months where log_month = '{month}'
        union all
        select * replace (artifacts as downloads), 'artifacts_only' from months
        where log_month = '{month}' and artifacts > 0
    )
    group by all;
    insert into population
    select * from bases where log_month = '{month}'
    qualify row_number() over (partition by basis order by downloads desc, package) <= 3000;
"""
TABLES = """
    create table months (
        log_month date, month_date date, package varchar, installer varchar, automation varchar, downloads bigint,
        artifacts bigint, days bigint
    );
    create table bases (
        log_month date, month_date date, package varchar, basis varchar, downloads bigint, marked bigint
    );
    create table population as from bases;
"""


Cost = dict[str, float]
"""Seconds, CPU seconds and peak megabytes of one way; of the heavy models those of one more month too."""


def lean(log: Path, work: Path) -> Cost:
    """The same tables by SQL alone, file by file."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": "800MB",
        "temp_directory": str(work / "tmp"),
        "preserve_insertion_order": "false",
    }
    with duckdb.connect(str(work / "lean.duckdb"), config=config) as connection:
        connection.execute(TABLES)
        for path in sorted(log.glob("*.parquet")):
            connection.execute(LEAN.format(month=f"{path.stem[-7:]}-01", path=path))
    return {}


def ours(log: Path, work: Path) -> Cost:
    """The heavy models: all months but the last, then the last alone."""
    from adoption.raw_log.engines import engine_of
    from ingest.raw_log import open_log

    engine = engine_of("duckdb", Settings(data=work))
    months = open_log(str(log)).months
    engine.count(months[:-1])
    before, started = time.process_time(), time.perf_counter()
    engine.count(months[-1:])
    return {"more_cpu": time.process_time() - before, "more_seconds": time.perf_counter() - started}


WAYS: dict[str, Callable[[Path, Path], Cost]] = {"lean": lean, "ours": ours}


def measured(way: str, log: Path, work: Path) -> Cost:
    """One way in a process of its own, in a folder of its own, which is removed."""
    folder = work / way
    folder.mkdir()
    command = [sys.executable, "-m", "bench.raw_log", "--one", way, str(log), str(folder)]
    done = subprocess.run(command, cwd=CODE, capture_output=True, text=True, check=False, env=dict(os.environ))
    if done.returncode:
        raise click.ClickException(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    shutil.rmtree(folder)
    return {name: float(value) for name, value in json.loads(done.stdout.splitlines()[-1]).items()}


def one(way: str, log: Path, work: Path) -> Cost:
    """One way in this process, with what it used."""
    started = time.perf_counter()
    extra = WAYS[way](log, work)
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = {"seconds": time.perf_counter() - started, "cpu": used.ru_utime + used.ru_stime}
    return {**seconds, "megabytes": used.ru_maxrss / 1024, **extra}


def verdict(is_met: bool) -> str:
    """Whether a target is met, in one word."""
    return "met" if is_met else "MISSED"


@click.command()
@click.option("--rows", default=100_000_000, show_default=True, help="Rows of the made log.")
@click.option("--months", default=36, show_default=True, help="Months, a file each.")
@click.option("--runs", default=3, show_default=True, help="Pairs, of which the medians are taken.")
@click.option("--one", "single", nargs=3, hidden=True, help="Measure one way in this process: way, log, folder.")
def main(rows: int, months: int, runs: int, single: tuple[str, str, str] | None) -> None:
    """Time the heavy models against the leanest SQL."""
    if single:
        click.echo(json.dumps(one(single[0], Path(single[1]), Path(single[2]))))
        return
    bench = Settings().data / "bench"
    bench.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="raw_log_", dir=bench))
    try:
        started = time.perf_counter()
        paths = write_log(work / "log", rows, FIRST, months)
        size = sum(path.stat().st_size for path in paths) / 1e6
        click.echo(f"{rows:,} rows in {months} files, {size:,.0f} MB, made in {time.perf_counter() - started:.0f} s")
        pairs = [{way: measured(way, work / "log", work) for way in WAYS} for _ in range(runs)]
    finally:
        shutil.rmtree(work)
    report(pairs)


def report(pairs: Sequence[Mapping[str, Cost]]) -> None:
    """Print what the pairs cost, and whether each target is met."""
    table = Table("way", "seconds", "CPU s", "peak MB")
    for pair in pairs:
        for name, cost in (("leanest SQL", pair["lean"]), ("heavy models", pair["ours"])):
            table.add_row(name, f"{cost['seconds']:.1f}", f"{cost['cpu']:.1f}", f"{cost['megabytes']:,.0f}")
    Console(width=100).print(table)
    ratio = median(pair["ours"]["cpu"] / pair["lean"]["cpu"] for pair in pairs)
    share = median(pair["ours"]["more_cpu"] / pair["ours"]["cpu"] for pair in pairs)
    peak = max(pair["ours"]["megabytes"] for pair in pairs)
    click.echo(f"ratio {ratio:.2f} (at most {RATIO}): {verdict(ratio <= RATIO)}")
    click.echo(f"peak {peak:,.0f} MB (at most {MEGABYTES:,.0f}): {verdict(peak <= MEGABYTES)}")
    more = median(pair["ours"]["more_seconds"] for pair in pairs)
    line = f"one more month {more:.2f} s, {share:.1%} of the CPU of the whole"
    click.echo(f"{line} (at most {ONE_MORE:.0%}): {verdict(share <= ONE_MORE)}")


if __name__ == "__main__":
    main()
