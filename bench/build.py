"""What a build costs, as ratios that do not depend on the machine: whole processes, in pairs, by their CPU seconds.

Belongs here: timing the build against dbt alone and against its SQL alone, a build with nothing new, a report of an
unchanged year, and the loading of large landings. Does not belong here: anything of the site.

Run it:  python -m bench.build [--runs 5]
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import click
from rich.console import Console
from rich.table import Table

from adoption.settings import REPOSITORY, Settings
from adoption.warehouse.dbt import Dbt
from ingest.catalog import load_catalog

ADOPTION = (sys.executable, "-c", "from adoption.cli.main import main; main()")
YEAR = "2020"
MEGABYTE = 1024


@dataclass(frozen=True)
class Cost:
    """What a process took: CPU seconds of user and system, and its largest size in MB."""

    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Target:
    """A line of the table: what is measured, from the medians, and what it may be at most."""

    title: str
    most: float
    of: Callable[[Mapping[str, float]], float]


TARGETS = (
    Target("full build / bare dbt build without unit tests", 1.8, lambda cost: cost["full"] / cost["bare"]),
    Target("full build / the same SQL in one DuckDB process", 4.5, lambda cost: cost["full"] / cost["plain"]),
    Target("build with nothing new / full build", 0.05, lambda cost: cost["nothing new"] / cost["full"]),
    Target("build with nothing new, CPU s", 2.0, lambda cost: cost["nothing new"]),
    Target("report of an unchanged year, second / first", 0.3, lambda cost: cost["again"] / cost["report"]),
    Target("first load of 5,840 events, CPU s", 6.0, lambda cost: cost["5840 events"]),
    Target("landing of 30,000 events rebuilt, CPU s", 60.0, lambda cost: cost["30000 events"]),
    Target("peak memory of a build, MB", 700.0, lambda cost: cost["peak"]),
)


def timed(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """Run a command to its end.

    Raises:
        ClickException: when it fails.
    """
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env={**os.environ, **environment}, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            raise click.ClickException(f"{' '.join(command)}\n{output.read().decode(errors='replace')}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / MEGABYTE)


def adoption(settings: Settings, *arguments: str) -> Cost:
    """One command of this program."""
    return timed([*ADOPTION, *arguments], settings.environment())


def round_of(settings: Settings, folder: Path) -> dict[str, float]:
    """One run of everything, one after the other, so that all have the same weather."""
    target = folder / "target"
    bare = [sys.executable, "-m", "dbt.cli.main", "--quiet", "build", "--exclude-resource-type", "unit_test"]
    options = [*Dbt(settings, load_catalog(settings.catalog)).options(), "--target-path", str(target)]
    full = adoption(settings, "build", "--force")
    figures = {"full": full.seconds, "peak": full.megabytes}
    figures["bare"] = timed([*bare, *options], settings.environment()).seconds
    copy = folder / "plain" / settings.warehouse.name  # what is compiled names the database, which is the file's name
    copy.parent.mkdir(exist_ok=True)
    shutil.copyfile(settings.warehouse, copy)
    plain = [sys.executable, "-m", "bench.plain", str(target / "manifest.json"), str(copy)]
    figures["plain"] = timed(plain, settings.environment()).seconds
    adoption(settings, "build", "--force")  # what dbt alone built is not what is published
    figures["nothing new"] = adoption(settings, "build").seconds
    shutil.rmtree(settings.reports, ignore_errors=True)
    figures["report"] = adoption(settings, "report", YEAR).seconds
    figures["again"] = adoption(settings, "report", YEAR).seconds
    return figures


def loads(runs: int) -> Iterator[dict[str, float]]:
    """Landings of many events, loaded into an empty warehouse and told to Dagster."""
    for events in (5840, 30000):
        command = [sys.executable, "-m", "bench.landing", "--events", str(events), "--json"]
        costs = []
        for _ in range(runs):
            done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
            costs.append(sum(json.loads(done.stdout).values()))
        yield {f"{events} events": median(costs)}


def measure(folder: Path, runs: int) -> dict[str, float]:
    """Medians over `runs` rounds; one round before them warms everything up."""
    settings = Settings(data=folder / "data")
    rounds = [round_of(settings, folder) for _ in range(runs + 1)][1:]
    medians = {name: median(figures[name] for figures in rounds) for name in rounds[0]}
    for more in loads(runs):
        medians |= more
    return medians


def show(medians: Mapping[str, float], runs: int, console: Console) -> bool:
    """Print the medians and each target; return whether all are met."""
    table = Table(box=None, pad_edge=False)
    for title in (f"medians of {runs} rounds", "found", "at most", ""):
        table.add_column(title, justify="left" if "medians" in title else "right")
    for target in TARGETS:
        value = target.of(medians)
        table.add_row(target.title, f"{value:.2f}", f"{target.most:g}", "" if value <= target.most else "MISSED")
    console.print(table)
    console.print(
        "CPU seconds: " + ", ".join(f"{name} {value:.1f}" for name, value in medians.items()), highlight=False
    )
    console.print(f"python -m bench.build --runs {runs}", highlight=False)
    return all(target.of(medians) <= target.most for target in TARGETS)


@click.command()
@click.option("--runs", default=5, show_default=True, help="How many rounds are measured.")
@click.option("--json", "as_json", is_flag=True, help="Print the medians as JSON.")
def main(runs: int, as_json: bool) -> None:
    """Time builds and reports in a data folder of its own. Exit code 1: a target is missed."""
    with tempfile.TemporaryDirectory() as folder:
        medians = measure(Path(folder), runs)
    if as_json:
        click.echo(json.dumps(medians))
    elif not show(medians, runs, Console()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
