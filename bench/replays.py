"""Replays the last twelve monthly editions of every source, and counts the alarms that each would have raised.

    python -m bench.replays [--data DIR] [--months 12]

Belongs here: cutting the figures of a built warehouse at the end of a month, and the table. Does not belong here: the
guards (dbt, `int_guards__contradictions`), whose SQL runs as it was compiled by the last build.

A month is one in which a period of the source ended. Alarms that a person has decided since are counted too: nobody had
then. Controls are left out, since they were reviewed later, and so are movements, which the detector finds.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from adoption.settings import Settings
from bench.corruptions import FIGURES, GUARDS, Bench, undone

ALARMS = "select distinct check_id, metric_id, basis, period_start from ({}) where source_id = '{}'"


@dataclass(frozen=True)
class Replay:
    """How many alarms were new in each month of a source, oldest first."""

    source: str
    new: tuple[int, ...]


def months_of(bench: Bench, source: str, number: int) -> list[date]:
    """The first days after the last months in which a period of the source ended, and of one before, oldest first."""
    rows = bench.connection.execute(f"""
        select distinct (date_trunc('month', period_end - 1) + interval 1 month)::date as day
        from {FIGURES} where claim_rank = 1 and source_id = '{source}' order by day desc limit {number + 1}
    """).fetchall()
    return [day for (day,) in reversed(rows)]


def replayed(bench: Bench, source: str, number: int) -> Replay:
    """What each of the last months would have said of a source that was not said the month before."""
    sql = bench.compiled(GUARDS[0])
    alarms: list[set[tuple[object, ...]]] = []
    for day in months_of(bench, source, number):
        with undone(bench.connection):
            bench.connection.execute(
                f"delete from {FIGURES} where source_id <> '{source}' or period_end > date '{day}'"
            )
            alarms.append(set(bench.connection.execute(ALARMS.format(sql, source)).fetchall()))
    return Replay(source, tuple(len(later - sooner) for sooner, later in pairwise(alarms)))


def run(settings: Settings, number: int) -> Iterator[Replay]:
    """Replay every source of a copy of what was built."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(settings, Path(folder), with_controls=False)
        sources = bench.connection.execute(f"select distinct source_id from {FIGURES} order by all").fetchall()
        for (source,) in sources:
            yield replayed(bench, source, number)


def table(replays: Sequence[Replay]) -> list[str]:
    """A source a line, with the new alarms of each month."""
    lines = [
        f"{replay.source:<24} {len(replay.new):>6} {max(replay.new, default=0):>5}  {list(replay.new)}"
        for replay in replays
    ]
    return [f"{'source':<24} {'months':>6} {'most':>5}  new alarms, oldest month first", *lines]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="What the guards would have said of the last monthly editions.")
    parser.add_argument("--data", type=Path, help="the data folder of a build")
    parser.add_argument("--months", type=int, default=12)
    options = parser.parse_args(argv)
    settings = Settings(data=options.data) if options.data else Settings()
    print("\n".join(table(list(run(settings, options.months)))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
