"""Puts corruptions into the figures of a built warehouse, as if a publisher had answered so, and counts what is seen.

    python -m bench.corruptions [--data DIR] [--number 120] [--seed 1] [--without-controls]

Belongs here: kinds of corruption, and the table. Does not belong here: the guards (dbt, `int_guards__*`), whose SQL
runs as it was compiled by the last build.

The fast path changes the figures after the extracts were read, in a transaction that is rolled back, and runs those
guards only. A corruption is wrong where it moves the figure of a year by `HARM`. It is withheld where every such figure
is left out, whole or in part (a year of which months are missing has no direction), named where an alarm of its source
is new and a wrong figure is published all the same, and silent else. Thresholds were chosen on the sources of one half
(`tuned`); the other half (`held out`) counts. What the loader refuses (rows of a key twice, columns out of order), what
jumps in all series of a source, and what the detector finds is not in these numbers.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from adoption.settings import Settings

HARM = 0.05
"""A figure of a year that moves by this share makes another sentence."""
FIGURES = "intermediate.int_observations__deduplicated"
GUARDS = ("int_guards__contradictions", "int_guards__controls")
COUNTED = f"select * from {FIGURES} where claim_rank = 1"
FACTS = "int_observations__resolved"
Years = dict[tuple[str, int, bool], tuple[int, float]]
"""By entity and year, of long and of short periods: how many figures, and their sum."""


@dataclass(frozen=True)
class Target:
    """Where a corruption is put: one way of counting, one name and another, a year and a month of it."""

    source: str
    metric: str
    basis: str
    entity: str
    other: str
    year: int
    day: str

    @property
    def counted_so(self) -> str:
        """The rows of the way of counting."""
        return f"source_id = '{self.source}' and metric_id = '{self.metric}' and basis = '{self.basis}'"

    @property
    def way(self) -> str:
        """Those of them that count."""
        return f"{self.counted_so} and claim_rank = 1"

    @property
    def own(self) -> str:
        """The rows of the name."""
        return f"{self.way} and entity_id = '{self.entity}'"

    @property
    def own_and_other(self) -> str:
        """The rows of both names."""
        return f"{self.counted_so} and entity_id in ('{self.entity}', '{self.other}')"

    @property
    def in_year(self) -> str:
        """Its rows of the year."""
        return f"{self.own} and year(period_start) = {self.year}"

    @property
    def of_period(self) -> str:
        """Its rows of one period."""
        return f"{self.own} and period_start = date '{self.day}'"


def _scaled(where: Callable[[Target], str], factor: float) -> Callable[[Target], str]:
    return lambda target: f"update {FIGURES} set value = value * {factor} where {where(target)}"


def _dropped(where: Callable[[Target], str]) -> Callable[[Target], str]:
    return lambda target: f"delete from {FIGURES} where {where(target)}"


def _exchanged(when: Callable[[Target], str]) -> Callable[[Target], str]:
    return lambda t: (
        f"update {FIGURES} set entity_id = case entity_id when '{t.entity}' then '{t.other}' else '{t.entity}' end "
        f"where {t.way} and entity_id in ('{t.entity}', '{t.other}') and {when(t)}"
    )


def _from_period(months: int) -> Callable[[Target], str]:
    """The figures of a year are those of so many months before."""
    same = " and ".join(
        f"held.{column} = earlier.{column}"
        for column in ("source_id", "metric_id", "basis", "entity_id", "segment", "native_object", "claim_rank")
    )
    alike = "abs((earlier.period_end - earlier.period_start) - (held.period_end - held.period_start)) <= 3"
    before = f"earlier.period_start = held.period_start - interval {months} month"
    return lambda t: (
        f"update {FIGURES} as held set value = earlier.value from (select * from {FIGURES}) as earlier "
        f"where held.source_id = '{t.source}' and held.metric_id = '{t.metric}' and held.basis = '{t.basis}' "
        f"and year(held.period_start) = {t.year} and {same} and {before} and {alike}"
    )


KINDS: Mapping[str, Callable[[Target], str]] = {
    "one period is zero": _scaled(lambda t: t.of_period, 0),
    "one period of all is zero": _scaled(lambda t: f"{t.way} and period_start = date '{t.day}'", 0),
    "a year is zero": _scaled(lambda t: t.in_year, 0),
    "one period is missing": _dropped(lambda t: t.of_period),
    "a year is missing": _dropped(lambda t: t.in_year),
    "a name is missing": _dropped(lambda t: t.own),
    "one period ten times": _scaled(lambda t: t.of_period, 10),
    "a year ten times": _scaled(lambda t: t.in_year, 10),
    "a year a thousand times": _scaled(lambda t: t.in_year, 1000),
    "a year a tenth": _scaled(lambda t: t.in_year, 0.1),
    "a year counted double": _scaled(lambda t: t.in_year, 2),
    "percent for a fraction": _scaled(lambda t: t.own, 0.01),
    "level shift of one": _scaled(lambda t: f"{t.own} and period_start >= date '{t.day}'", 1.4),
    "level shift of all": _scaled(lambda t: f"{t.way} and period_start >= date '{t.day}'", 1.4),
    "two names exchanged in a year": _exchanged(lambda t: f"year(period_start) = {t.year}"),
    "two names exchanged for ever": _exchanged(lambda _: "true"),
    "two names exchanged in one period": _exchanged(lambda t: f"period_start = date '{t.day}'"),
    "a year repeats the last": _from_period(12),
    "periods one month late": _from_period(1),
    "a partial month": _scaled(lambda t: f"{t.way} and period_start = date '{t.day}'", 0.4),
    "a counter stands still": lambda t: (
        f"update {FIGURES} set value = (select min(value) from {FIGURES} where {t.of_period}) "
        f"where {t.own} and period_start >= date '{t.day}' and period_start < date '{t.day}' + interval 6 month"
    ),
    "two names merged": lambda t: (
        f"update {FIGURES} set value = value * 1.8 where {t.own} and period_start >= date '{t.day}'"
    ),
    "rounded to thousands": lambda t: f"update {FIGURES} set value = round(value / 1000) * 1000 where {t.way}",
    "cut at a threshold": lambda t: (
        f"delete from {FIGURES} where {t.way} and year(period_start) = {t.year} and value < "
        f"(select median(value) from {FIGURES} where {t.way})"
    ),
    "another basis": lambda t: (
        f"update {FIGURES} set value = value * 0.7 where {t.way} and year(period_start) = {t.year}"
    ),
}


@dataclass(frozen=True)
class Outcome:
    """What became of one corruption: how far a figure moved before and after the guards, and which of them spoke."""

    kind: str
    target: Target
    harm: float
    published: float
    noticed_by: tuple[str, ...]

    @property
    def is_wrong(self) -> bool:
        """Whether another sentence would be said."""
        return self.harm >= HARM

    @property
    def is_withheld(self) -> bool:
        """Whether none of the wrong figures is published."""
        return self.is_wrong and self.published < HARM

    @property
    def is_silent(self) -> bool:
        """Whether a wrong figure is published, and nothing says so."""
        return self.is_wrong and not self.is_withheld and not self.noticed_by


def half_of(source: str) -> str:
    """In which half a source is: the thresholds were chosen on the one, and are judged on the other."""
    return "tuned" if hashlib.sha256(source.encode()).digest()[0] % 2 else "held out"


@contextmanager
def undone(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """What is changed within is taken back at the end."""
    connection.execute("begin")
    try:
        yield
    finally:
        connection.execute("rollback")


class Bench:
    """A copy of a built warehouse, and the guards as they were compiled."""

    def __init__(self, settings: Settings, folder: Path, with_controls: bool = True) -> None:
        """Copy the warehouse; raises FileNotFoundError where nothing was built."""
        path = folder / settings.warehouse.name
        shutil.copy(settings.warehouse, path)
        self.connection = duckdb.connect(str(path))
        self.connection.execute("set threads = 1")
        if not with_controls:
            self.connection.execute("delete from meta.control_totals; delete from meta.anchors")
        self._sql = {name: _compiled(settings, name) for name in (*GUARDS, FACTS)}
        self._before = self._findings()

    def compiled(self, name: str) -> str:
        """The SQL of a guard."""
        return self._sql[name]

    def targets(self) -> list[Target]:
        """Every name of every way of counting that has figures of at least two years, and another name beside it."""
        rows = self.connection.execute(f"""
            with figures as (
                select distinct source_id, metric_id, basis, entity_id, period_start
                from {FIGURES}
                where claim_rank = 1 and value > 0 and segment = 'all' and member = 'primary'
                    and entity_type = 'framework'
                qualify count(*) over (partition by source_id, metric_id, basis, entity_id) >= 3
            )
            select
                one.source_id, one.metric_id, one.basis, one.entity_id, min(other.entity_id), year(one.period_start),
                min(one.period_start)::varchar
            from figures as one
            inner join (select distinct source_id, metric_id, basis, entity_id from figures) as other
                on one.source_id = other.source_id and one.metric_id = other.metric_id and one.basis = other.basis
                and one.entity_id <> other.entity_id
            group by all order by all
        """).fetchall()
        return [Target(*row) for row in rows]

    def outcome_of(self, kind: str, target: Target) -> Outcome:
        """Put one corruption in, look what is noticed and what is left, and take it out again."""
        before = self._years(target, COUNTED)
        with undone(self.connection):
            self.connection.execute(KINDS[kind](target))
            after = self._years(target, COUNTED)
            new = self._findings() - self._before
            left = self._years(target, self._sql[FACTS])
        noticed = sorted({check for check, source, *_ in new if source == target.source})
        unnoticed = {key: figure for key, figure in before.items() if key in left and left[key][0] >= figure[0]}
        return Outcome(kind, target, _furthest(before, after), _furthest(unnoticed, left), tuple(noticed))

    def _years(self, target: Target, figures: str) -> Years:
        rows = self.connection.execute(f"""
            select entity_id, year(period_start), period_end - period_start > 45, count(*), sum(coalesce(value, 0))
            from ({figures}) where {target.own_and_other} group by all
        """).fetchall()
        return {(entity, year, is_long): (count, total) for entity, year, is_long, count, total in rows}

    def _findings(self) -> set[tuple[str, ...]]:
        queries = []
        for name, start in zip(GUARDS, ("period_start", "start_date"), strict=True):
            self.connection.execute(f"create or replace temp table {name} as {self._sql[name]}")
            queries.append(
                f"select check_id, source_id, metric_id, basis, entity_id, {start} as start, decision from {name}"
            )
        return set(self.connection.execute(f"from ({' union all '.join(queries)}) where decision is null").fetchall())


def _furthest(before: Years, after: Years) -> float:
    """How far the figure moved that moved furthest, as a share; 1 where one is gone."""
    moved = [
        abs(after[key][1] - total) / max(abs(total), 1e-9) if key in after else 1.0
        for key, (_, total) in before.items()
    ]
    return max(moved, default=0.0)


def _compiled(settings: Settings, name: str) -> str:
    """The SQL of a model as the last build ran it, without the name of the database, and with guards of its own."""
    [path] = settings.dbt_target.glob(f"compiled/**/{name}.sql")
    text = re.sub(r'"?\bwarehouse"?\.', "", path.read_text(encoding="utf-8"))
    return re.sub(r'"?\bintermediate"?\."?(int_guards__\w+)"?', r"\1", text)


def chosen(targets: Sequence[Target], number: int, seed: int) -> Iterator[tuple[str, Target]]:
    """So many corruptions: kinds in turn, each on a source in turn, the rest by chance."""
    chance = random.Random(seed)
    sources = sorted({target.source for target in targets})
    kinds = list(KINDS)
    for place in range(number):
        source = sources[(place + place // len(sources)) % len(sources)]
        yield kinds[place % len(kinds)], chance.choice([target for target in targets if target.source == source])


def table(outcomes: Sequence[Outcome]) -> list[str]:
    """By kind and half: how many, how many wrong, and how many of these were withheld, named only, or silent."""
    heading = f"{'kind':<36} {'tried':>6} {'wrong':>6} {'withheld':>9} {'named':>6} {'silent':>7} {'share':>6}  by"
    kinds = [_line(kind, [outcome for outcome in outcomes if outcome.kind == kind]) for kind in KINDS]
    halves = [
        _line(f"all, {half}", [outcome for outcome in outcomes if half_of(outcome.target.source) == half])
        for half in ("tuned", "held out")
    ]
    return [heading, *kinds, *halves, _line("all", outcomes)]


def _line(name: str, outcomes: Sequence[Outcome]) -> str:
    wrong = [outcome for outcome in outcomes if outcome.is_wrong]
    withheld = sum(outcome.is_withheld for outcome in wrong)
    silent = sum(outcome.is_silent for outcome in wrong)
    by = Counter(check for outcome in wrong for check in outcome.noticed_by)
    share = f"{100 * withheld / len(wrong):.0f} %" if wrong else ""
    reasons = ", ".join(f"{check} {count}" for check, count in by.most_common(3))
    named = len(wrong) - withheld - silent
    return f"{name:<36} {len(outcomes):>6} {len(wrong):>6} {withheld:>9} {named:>6} {silent:>7} {share:>6}  {reasons}"


def run(settings: Settings, number: int, seed: int, with_controls: bool = True) -> list[Outcome]:
    """Try so many corruptions on a copy of what was built."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(settings, Path(folder), with_controls)
        return [bench.outcome_of(kind, target) for kind, target in chosen(bench.targets(), number, seed)]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table, and each corruption of which a wrong figure is published."""
    parser = argparse.ArgumentParser(description="What is noticed of corrupted figures.")
    parser.add_argument("--data", type=Path, help="the data folder of a build")
    parser.add_argument("--number", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without-controls", action="store_true", help="as if every figure were of a new period")
    options = parser.parse_args(argv)
    settings = Settings(data=options.data) if options.data else Settings()
    outcomes = run(settings, options.number, options.seed, not options.without_controls)
    print("\n".join(table(outcomes)))
    for outcome in outcomes:
        if outcome.is_wrong and not outcome.is_withheld:
            print(f"{'silent' if outcome.is_silent else 'named'}: {outcome.kind}: {outcome.target}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
