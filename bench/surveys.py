"""How much slower a survey's archive is landed and loaded than pandas reads the open file, and in how much memory.

Run it:  python -m bench.surveys [--runs 5] [--raw FOLDER]
The targets are a ratio of at most 3, and 600 MB. Each measurement is a process of its own, imports aside: taking the
archive from the inbox (read, validated, landed) and loading what was landed, against `pandas.read_csv`.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import click
from rich.console import Console
from rich.table import Table

from adoption.settings import REPOSITORY, Settings
from ingest.catalog import load_catalog
from tests.ingest.survey_files import of_any_size, write_open

RATIO, MEGABYTES = 3.0, 600.0
RAW = REPOSITORY.parent / "shared" / "raw"
KAGGLE_YEAR = 2020
DEVELOPERS: dict[int, int] = {2019: 88_883, 2024: 65_437}
"""Editions of the developer survey that are generated with their real layout, and how many people were asked."""


def take_and_load(archive: Path, source_name: str) -> float:
    """Seconds from a dropped archive to loaded rows."""
    import duckdb
    import pandas  # noqa: F401 - pyarrow imports it when it first computes
    import pyarrow.compute
    import pyarrow.csv

    from ingest.inbox import ingest_files
    from ingest.landing import Landing
    from ingest.loader import load_extracts
    from ingest.raw_tables import prepare
    from ingest.sources import load_source

    catalog = load_catalog(Settings().catalog)
    surveys = {name: of_any_size(survey) for name, survey in catalog.surveys.items()}
    catalog, source = replace(catalog, surveys=surveys), load_source(source_name)
    with tempfile.TemporaryDirectory() as name, duckdb.connect() as connection:
        folder = Path(name)
        (folder / "inbox" / source.name).mkdir(parents=True)
        (folder / "inbox" / source.name / archive.name).write_bytes(archive.read_bytes())
        landing = Landing(folder / "landing", folder / "shipped")
        prepare(connection, [source])
        pyarrow.compute.utf8_trim_whitespace(pyarrow.array(["x"]))
        started = time.perf_counter()
        (result,) = ingest_files(folder / "inbox", landing, source, catalog, datetime.now(UTC))
        (report,) = load_extracts(connection, landing, source, catalog)
        seconds = time.perf_counter() - started
    if result.problems or report.status != "loaded" or report.rows_rejected:
        raise click.ClickException(f"{archive.name}: {result.problems or report}")
    return seconds


def read_with_pandas(file: Path, _: str) -> float:
    """Seconds of a plain `pandas.read_csv`."""
    import warnings

    import pandas as pd

    warnings.simplefilter("ignore", pd.errors.DtypeWarning)
    started = time.perf_counter()
    pd.read_csv(file)
    return time.perf_counter() - started


WAYS: dict[str, Callable[[Path, str], float]] = {"ours": take_and_load, "pandas": read_with_pandas}


def measured(way: str, file: Path, source: str) -> tuple[float, float]:
    """Seconds and peak megabytes of one way, in a process of its own."""
    command = [sys.executable, "-m", "bench.surveys", "--one", way, str(file), source]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    seconds, megabytes = json.loads(done.stdout.splitlines()[-1])
    return float(seconds), float(megabytes)


def files_of_kaggle(raw: Path, folder: Path) -> tuple[Path, Path] | None:
    """The publisher's archive, and the file inside it, open; None where it is not here."""
    archive = raw / "kaggle" / str(KAGGLE_YEAR) / f"kaggle-survey-{KAGGLE_YEAR}.zip"
    if not archive.exists():
        return None
    member = f"kaggle_survey_{KAGGLE_YEAR}_responses.csv"
    with zipfile.ZipFile(archive) as members:
        return archive, Path(members.extract(member, folder))


def files_of_developers(year: int, folder: Path) -> tuple[Path, Path]:
    """A generated file of real size and layout, zipped and open."""
    survey = load_catalog(Settings().catalog).surveys["stackoverflow_survey"]
    file, archive = folder / "survey_results_public.csv", folder / f"developers_{year}.zip"
    write_open(file, year, survey, DEVELOPERS[year])
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as members:
        members.write(file, file.name)
    return archive, file


def compare(name: str, archive: Path, file: Path, source: str, runs: int) -> list[str]:
    """One line of the table: medians of alternating runs, ratio and peak memory."""
    ours, pandas = [], []
    for _ in range(runs):
        ours.append(measured("ours", archive, source))
        pandas.append(measured("pandas", file, source))
    seconds, plain = median(run[0] for run in ours), median(run[0] for run in pandas)
    peak = max(run[1] for run in ours)
    verdict = "met" if seconds / plain <= RATIO and peak < MEGABYTES else "MISSED"
    size = f"{file.stat().st_size / 1e6:,.0f} MB"
    return [name, size, f"{seconds:.2f}", f"{plain:.2f}", f"{seconds / plain:.2f}", f"{peak:,.0f} MB", verdict]


@click.command()
@click.option("--runs", default=5, show_default=True, help="Runs of each; medians are shown.")
@click.option("--raw", default=RAW, type=click.Path(path_type=Path), help="The folder with the publishers' archives.")
@click.option("--one", nargs=3, hidden=True, help="Measure one way in this process: way, file, source.")
def main(runs: int, raw: Path, one: tuple[str, str, str] | None) -> None:
    """Time the way of a survey's archive into the warehouse against pandas."""
    if one:
        seconds = WAYS[one[0]](Path(one[1]), one[2])
        click.echo(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
        return
    table = Table("survey", "open file", "take + load, s", "pandas, s", f"ratio (≤ {RATIO:g})", "peak", "target")
    with tempfile.TemporaryDirectory() as name:
        kaggle = files_of_kaggle(raw, Path(name))
        if kaggle is None:
            click.echo(f"SKIPPED: no archive of Kaggle's survey in {raw}")
        else:
            table.add_row(*compare(f"Kaggle {KAGGLE_YEAR}", *kaggle, "kaggle_survey", runs))
        for year in DEVELOPERS:
            files = files_of_developers(year, Path(name))
            table.add_row(*compare(f"Stack Overflow {year} (generated)", *files, "stackoverflow_survey", runs))
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
