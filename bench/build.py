"""How much slower `adoption build` is than dbt alone: whole warm processes on the same warehouse, alternating.

Run it:  python -m bench.build [--runs 5]
The target is a ratio of at most 3.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import click
from rich.console import Console
from rich.table import Table

from adoption.settings import REPOSITORY, Settings
from adoption.warehouse.dbt import Dbt
from ingest.catalog import load_catalog
from orchestration.progress import STAGES

DONE = re.compile(r"done in ([0-9.]+) s")
TARGET = 3.0


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, str]:
    """Run a command to its end; return wall seconds and what it printed."""
    started = time.perf_counter()
    done = subprocess.run(
        command, cwd=REPOSITORY, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise click.ClickException(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    return seconds, done.stdout


def build_once(settings: Settings) -> dict[str, float]:
    """Seconds of one `adoption build`: as a whole, by stage, and around the stages (starting, defining, ending)."""
    command = [sys.executable, "-c", "from adoption.cli.main import main; main()", "build"]
    whole, printed = timed(command, settings.environment())
    titles = [line for line in printed.splitlines() if line in STAGES.values()]
    stages = dict(zip(titles, map(float, DONE.findall(printed)), strict=True))
    return {**stages, "Starting, defining, ending": whole - sum(stages.values()), "adoption build": whole}


def bare_once(settings: Settings) -> dict[str, float]:
    """Seconds of one bare `dbt build` of the same project on the same warehouse, parsed before."""
    dbt = Dbt(settings, load_catalog(settings.catalog))
    command = [sys.executable, "-m", "dbt.cli.main", "--quiet", "build", *dbt.options()]
    return {"dbt build": timed(command, settings.environment())[0]}


def measure(settings: Settings, runs: int) -> dict[str, float]:
    """Medians over `runs` warm pairs; one pair before them warms both up."""
    pairs = [{**build_once(settings), **bare_once(settings)} for _ in range(runs + 1)][1:]
    return {name: median(pair[name] for pair in pairs) for name in pairs[0]}


def show(figures: dict[str, float], runs: int, console: Console) -> None:
    """Print the medians and the ratio."""
    table = Table(box=None, pad_edge=False)
    table.add_column(f"median of {runs} warm runs")
    table.add_column("seconds", justify="right")
    for name, seconds in figures.items():
        table.add_row(name, f"{seconds:.1f}")
    console.print(table)
    ratio = figures["adoption build"] / figures["dbt build"]
    console.print(f"adoption build / dbt build = {ratio:.2f} (target: at most {TARGET})", highlight=False)


@click.command()
@click.option("--runs", default=5, show_default=True, help="How many warm runs of each.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def main(runs: int, as_json: bool) -> None:
    """Time `adoption build` against a bare `dbt build`, in a data folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Settings(data=Path(folder) / "data"), runs)
    if as_json:
        click.echo(json.dumps(figures))
    else:
        show(figures, runs, Console())


if __name__ == "__main__":
    main()
