"""A made raw download log: monthly Parquet files of any size, the same for the same seed.

Belongs here: rows that look like those of a package index, one a download, drawn by hashing their number. Run it:

    python -m tests.ingest.made_log FOLDER --rows 1000000 --first 2024-01 --months 24
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import click
import duckdb

from ingest.catalog import load_catalog
from ingest.plan import next_period

PACKAGES = 20_000
HEAD = ["tensorflow", "torch"]
SQL = """
copy (
    with drawn as (
        select
            i,
            -- five numbers from 0 to 1, each of a hash of its own
            {numbers}
        from range($first_row::bigint, $until::bigint) as rows(i)
    ),
    chosen as (
        select *, case
            when u1 < 0.004 + 0.0002 * $number::integer then $names[1]
            when u1 < 0.010 + 0.0002 * $number::integer then $names[2]
            when u1 < 0.050 then $names[1 + (floor(u2 * len($names)))::integer]
            else 'package-' || lpad((floor(power(u2, 3) * $packages::integer))::integer::varchar, 5, '0')
        end as package
        from drawn
    )
    select
        package,
        $month::date + floor(u3 * $days::integer)::integer as day,
        case
            when u4 < 0.70 then 'pip' when u4 < 0.82 then 'uv' when u4 < 0.88 then 'bandersnatch'
            when u4 < 0.92 then 'Artifactory' when u4 < 0.97 then 'poetry'
        end as installer,
        case when u5 < 0.3 + 0.004 * $number::integer then true end as ci,
        '1.' || floor(u1 * 1000)::integer % 12 as version,
        package || '-1.' || floor(u1 * 1000)::integer % 12 || case
            when u5 < 0.70 then '-py3-none-any.whl' when u5 < 0.90 then '.tar.gz' when u5 < 0.91 then '.zip'
            when u5 < 0.99 then '-py3-none-any.whl.metadata' else '.egg'
        end as filename
    from chosen
) to '{path}' (format parquet, compression zstd)
"""


def listed_names(catalog: Path | None = None) -> list[str]:
    """The packages of the catalog that measure a contender; first those that grow most."""
    from adoption.settings import Settings

    entries = load_catalog(catalog or Settings().catalog).frameworks
    names = (name for entry in entries for name in entry.names.get("pypi", ()))
    listed = [name.name for name in names if name.member == "primary" and not name.name.startswith("__")]
    return [*HEAD, *(name for name in listed if name not in HEAD)]


def months_from(first: date, months: int) -> list[date]:
    """So many months, each by its first day."""
    run_of_months = [first]
    while len(run_of_months) < months:
        run_of_months.append(next_period(run_of_months[-1], "month"))
    return run_of_months


def write_log(folder: Path, rows: int, first: date, months: int, seed: int = 20) -> list[Path]:
    """Write one file a month, each as long as the others; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    names = listed_names()
    per_month = rows // months
    with duckdb.connect(config={"threads": 2}) as connection:
        paths = []
        for number, month in enumerate(months_from(first, months)):
            paths.append(folder / f"downloads-{month:%Y-%m}.parquet")
            _write_month(connection, paths[-1], (month, number, per_month), names, seed)
    return paths


def _write_month(
    connection: duckdb.DuckDBPyConnection, path: Path, what: tuple[date, int, int], names: Sequence[str], seed: int
) -> None:
    month, number, rows = what
    numbers = ", ".join(f"(hash(i, {seed * 10 + k}) % 1000003) / 1000003.0 as u{k}" for k in range(1, 6))
    parameters = {
        "first_row": number * rows,
        "until": (number + 1) * rows,
        "number": number,
        "names": list(names),
        "packages": PACKAGES,
        "month": month,
        "days": (next_period(month, "month") - month).days,
    }
    connection.execute(SQL.format(numbers=numbers, path=str(path).replace("'", "''")), parameters)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--rows", default=1_000_000, show_default=True)
@click.option("--first", default="2024-01", show_default=True, type=click.DateTime(["%Y-%m"]))
@click.option("--months", default=24, show_default=True)
@click.option("--seed", default=20, show_default=True)
def main(folder: Path, rows: int, first: datetime, months: int, seed: int) -> None:
    """Write a made log to FOLDER."""
    paths = write_log(folder, rows, first.replace(tzinfo=UTC).date(), months, seed)
    click.echo(f"{len(paths)} files, {sum(path.stat().st_size for path in paths) / 1e6:,.0f} MB: {folder}")


if __name__ == "__main__":
    main()
