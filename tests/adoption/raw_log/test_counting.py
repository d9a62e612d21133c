"""A raw log to landed months on DuckDB: what is landed, what is refused and named, and what is done again."""

from __future__ import annotations

import csv
from collections import Counter as Tally
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet

from adoption.raw_log import counting
from adoption.raw_log.counting import Counter, Outcome
from adoption.raw_log.engines import DuckDb, engine_of
from adoption.settings import Settings
from adoption.warehouse.dbt import DbtError
from ingest.catalog import Catalog, load_catalog
from ingest.landing import Landing
from ingest.model import Fetch
from ingest.plan import next_period
from ingest.raw_log import LogMonth, open_log

NAME = "numpy"
"""A name that the catalog lists."""
JANUARY, FEBRUARY, MARCH = date(2020, 1, 1), date(2020, 2, 1), date(2020, 3, 1)
Row = tuple[str, date, str | None, bool | None, str]


def rows_of(month: date, more: int = 0) -> list[Row]:
    """A download of each kind on every day of a month, and some more on the first."""
    days = (next_period(month, "month") - month).days
    kinds: list[tuple[str, str | None, bool | None, str]] = [
        (NAME, "pip", True, "numpy-1.whl"),
        (NAME, "pip", None, "numpy-1.tar.gz"),
        (NAME, "bandersnatch", None, "numpy-1.egg"),
        (NAME, None, False, "numpy-1.zip"),
        ("package-1", "uv", None, "package-1-1.whl.metadata"),
    ]
    every = [(package, month + timedelta(days=day), *rest) for day in range(days) for package, *rest in kinds]
    return [*every, *[(NAME, month, "pip", None, "numpy-1.whl")] * more]  # type: ignore[list-item]


def write(path: Path, rows: list[Row], **more: list[Any]) -> None:
    names = ("package", "day", "installer", "ci", "filename")
    columns: dict[str, list[Any]] = {
        name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.table({**columns, **more}), path)


@dataclass
class World:
    """A log, and the warehouse that it is counted for."""

    log: Path
    settings: Settings
    catalog: Catalog
    engine: DuckDb

    def count(self, is_requested: Callable[[date], bool] = lambda _: True) -> dict[date, Outcome]:
        counter = Counter(self.settings, self.catalog, self.engine)
        outcomes = list(counter.count(open_log(str(self.log)), is_requested))
        assert max(Tally(outcome.month for outcome in outcomes).values(), default=1) == 1
        return {outcome.month: outcome for outcome in outcomes}

    def results(self) -> dict[date, str]:
        return {month: outcome.result for month, outcome in sorted(self.count().items())}

    @property
    def landing(self) -> Landing:
        return Landing(self.settings.landing, self.settings.extracts)

    def landed(self) -> list[Fetch]:
        return self.landing.events("raw_log")

    def rows(self, month: date, table: str = "months") -> list[dict[str, str]]:
        """What the newest extract of a month says."""
        event = [
            landed for landed in self.landed() if (landed.scope.table, landed.scope.period_start) == (table, month)
        ][-1]
        with self.landing.path_of(event).open(newline="") as handle:
            return list(csv.DictReader(handle))


@pytest.fixture
def world(tmp_path: Path) -> World:
    settings = Settings(extracts=tmp_path / "shipped", data=tmp_path / "data")
    engine = engine_of("duckdb", settings)
    assert isinstance(engine, DuckDb)
    return World(tmp_path / "log", settings, load_catalog(settings.catalog), engine)


@pytest.fixture
def two_months(world: World) -> World:
    for month in (JANUARY, FEBRUARY):
        write(world.log / f"downloads-{month:%Y-%m}.parquet", rows_of(month))
    return world


def test_a_month_is_landed_by_way_of_counting_with_the_marked_and_the_population(two_months: World) -> None:
    assert two_months.results() == {JANUARY: "counted", FEBRUARY: "counted"}

    by_basis = {row["basis"]: row for row in two_months.rows(FEBRUARY)}
    assert {basis: (int(row["downloads"]), int(row["marked_downloads"])) for basis, row in by_basis.items()} == {
        "pip_only": (2 * 29, 29),
        "without_mirrors": (3 * 29, 29),
        "all_installers": (4 * 29, 29),
        "artifacts_only": (3 * 29, 29),
    }
    assert {(row["project"], row["month_date"], row["days_held"]) for row in by_basis.values()} == {
        (NAME, "2020-02-01", "29")
    }
    population = {row["package"]: row for row in two_months.rows(FEBRUARY, "population")}
    assert population[NAME]["all_installers"] == str(4 * 29)
    assert population["package-1"]["pip_only"] == ""  # nobody fetched it with pip
    assert population["package-1"]["without_mirrors"] == "29"
    assert set(population) == {NAME, "package-1"}
    event = two_months.landed()[-1]
    assert (event.licence, event.derived_from[0]["path"]) == (
        two_months.catalog.source("raw_log").licence,
        "downloads-2020-02.parquet",
    )


def test_what_is_wrong_is_named_and_keeps_only_its_own_month_away(world: World) -> None:
    months = [date(2020, number, 1) for number in range(1, 12)]
    paths = {month: world.log / f"{month:%Y-%m}.parquet" for month in months}
    for month, path in paths.items():
        write(path, rows_of(month))
    write(paths[months[1]], rows_of(months[0]))
    parquet.write_table(pa.table({"a": [1]}), paths[months[2]])
    paths[months[3]].write_bytes(paths[months[3]].read_bytes()[:-20])
    (world.log / "again-2020-05.parquet").write_bytes(paths[months[4]].read_bytes())
    write(paths[months[5]], rows_of(months[5]), downloads=[-1, *[1] * (len(rows_of(months[5])) - 1)])
    write(paths[months[6]], [*rows_of(months[6]), ("NumPy", months[6], "pip", None, "x.whl")])
    write(paths[months[7]], [*rows_of(months[7]), (None, months[7], "pip", None, "x.whl")])  # type: ignore[list-item]
    write(paths[months[8]], [*rows_of(months[8]), (NAME, None, "pip", None, "x.whl")])  # type: ignore[list-item]
    damaged = bytearray(paths[months[9]].read_bytes())
    damaged[10:60] = b"\xff" * 50  # the footer is whole, what it speaks of is not
    paths[months[9]].write_bytes(damaged)

    outcomes = world.count()

    assert [month for month, outcome in outcomes.items() if outcome.result == "counted"] == [months[0], months[10]]
    reasons = {month.month: "; ".join(outcome.reasons) for month, outcome in outcomes.items()}
    assert "2020-02.parquet" in reasons[2]
    assert "rows are of another month than 2020-02, such as of 2020-01" in reasons[2]
    assert "2020-03.parquet: columns missing: package" in reasons[3]
    assert "2020-04.parquet: cut" in reasons[4]
    assert "twice: the same file as 2020-05.parquet" in reasons[5] or "again-2020-05.parquet" in reasons[5]
    assert "2020-06.parquet: negative counts of 1 packages, such as 'numpy'" in reasons[6]
    assert "such as 'NumPy'" in reasons[7]
    assert "rows without a package" in reasons[8]
    assert "such as without a time" in reasons[9]
    assert reasons[10]
    assert {event.scope.period_start for event in world.landed()} == {months[0], months[10]}


def test_a_month_whose_files_changed_is_replaced_whole_and_no_other_is_counted(two_months: World) -> None:
    two_months.count()
    before = len(two_months.landed())
    assert two_months.results() == {JANUARY: "unchanged", FEBRUARY: "unchanged"}
    write(two_months.log / "downloads-2020-02.parquet", [row for row in rows_of(FEBRUARY) if row[2] == "pip"])

    assert two_months.results() == {JANUARY: "unchanged", FEBRUARY: "counted"}

    assert {row["basis"]: row["downloads"] for row in two_months.rows(FEBRUARY)} == dict.fromkeys(
        ("pip_only", "without_mirrors", "all_installers", "artifacts_only"), str(2 * 29)
    )
    assert {row["package"] for row in two_months.rows(FEBRUARY, "population")} == {NAME}
    assert len(two_months.landed()) == before + 2
    with two_months.engine.results() as connection:
        query = "select log_month, sum(log_rows) from heavy_downloads__months group by 1 order by 1"
        assert connection.execute(query).fetchall() == [(JANUARY, 5 * 31), (FEBRUARY, 2 * 29)]


def test_only_the_months_that_are_wanted_are_counted(two_months: World) -> None:
    assert list(two_months.count(lambda month: month == FEBRUARY)) == [FEBRUARY]
    assert two_months.results() == {JANUARY: "counted", FEBRUARY: "unchanged"}


@pytest.mark.parametrize("killed_at", [0, 1, 2, 3])
def test_a_run_that_was_killed_is_made_good_by_the_next(
    two_months: World, monkeypatch: pytest.MonkeyPatch, killed_at: int
) -> None:
    calls = 0
    land = Landing.land

    def dies(self: Landing, fetch: Fetch, data: bytes) -> Fetch:
        nonlocal calls
        if calls == killed_at:
            raise KeyboardInterrupt
        calls += 1
        return land(self, fetch, data)

    with monkeypatch.context() as context:
        context.setattr(Landing, "land", dies)
        with pytest.raises(KeyboardInterrupt):
            two_months.count()
    assert set(two_months.results().values()) <= {"counted", "unchanged"}

    scopes = Tally(event.scope.key for event in two_months.landed())
    assert set(scopes.values()) == {1}
    assert len(scopes) == 4


def test_what_was_counted_and_not_landed_is_not_counted_again(
    two_months: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "problems", _dies)
    with pytest.raises(KeyboardInterrupt):
        two_months.count()
    monkeypatch.undo()
    monkeypatch.setattr(DuckDb, "count", _dies)
    assert two_months.results() == {JANUARY: "counted", FEBRUARY: "counted"}


def test_a_month_is_counted_again_where_counting_was_broken_off(
    two_months: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_months.count()
    write(two_months.log / "downloads-2020-02.parquet", rows_of(FEBRUARY, more=3))
    monkeypatch.setattr(DuckDb, "count", _dies)
    with pytest.raises(KeyboardInterrupt):
        two_months.count()
    monkeypatch.undo()
    write(two_months.log / "downloads-2020-02.parquet", rows_of(FEBRUARY))
    # the files are those of before, but nobody knows what became of the table
    assert two_months.results() == {JANUARY: "unchanged", FEBRUARY: "unchanged"}
    write(two_months.log / "downloads-2020-02.parquet", rows_of(FEBRUARY, more=4))
    assert two_months.results() == {JANUARY: "unchanged", FEBRUARY: "counted"}
    assert {row["downloads"] for row in two_months.rows(FEBRUARY) if row["basis"] == "pip_only"} == {str(2 * 29 + 4)}


def test_tables_that_a_killed_run_left_unreadable_are_made_again(two_months: World) -> None:
    engine = two_months.engine
    assert isinstance(engine, DuckDb)
    engine.store.write_bytes(b"")
    assert list(two_months.count(lambda month: month == JANUARY)) == [JANUARY]

    engine.store.write_bytes(engine.store.read_bytes()[:5_000])
    write(two_months.log / "downloads-2020-01.parquet", rows_of(JANUARY, more=2))
    assert two_months.results() == {JANUARY: "counted", FEBRUARY: "counted"}


def test_a_month_that_was_withdrawn_stays_so_until_its_files_change(two_months: World) -> None:
    two_months.count()
    gone = two_months.landed()[-1]
    two_months.landing.retract(gone.extract_id, "a test", datetime.now(UTC))
    month = gone.scope.period_start
    assert two_months.results()[month] == "withdrawn"
    write(two_months.log / f"downloads-{month:%Y-%m}.parquet", rows_of(month, more=1))
    assert two_months.results()[month] == "counted"


def test_a_name_that_the_catalog_learned_is_landed_without_counting_again(
    two_months: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_months.count()
    entry = next(entry for entry in two_months.catalog.frameworks if entry.names.get("pypi"))
    added = entry.model_copy(
        update={
            "id": "added",
            "names": {"pypi": (entry.names["pypi"][0].model_copy(update={"name": "package-1"}),)},
        }
    )
    two_months.catalog = replace(two_months.catalog, frameworks=(*two_months.catalog.frameworks, added))
    monkeypatch.setattr(DuckDb, "count", _dies)
    assert two_months.results() == {JANUARY: "counted", FEBRUARY: "counted"}
    assert {row["project"] for row in two_months.rows(FEBRUARY)} == {NAME, "package-1"}


def test_two_processes_do_not_count_into_one_folder(two_months: World) -> None:
    counter = Counter(two_months.settings, two_months.catalog, two_months.engine)
    first = counter.count(open_log(str(two_months.log)))
    assert isinstance(first, Generator)
    next(first)
    with pytest.raises(counting.CountingError, match="Another process counts"):
        list(counter.count(open_log(str(two_months.log))))
    first.close()
    assert two_months.results()


@dataclass(frozen=True)
class BrokenEngine:
    """An engine that cannot count one month, and says nothing of which."""

    folder: Path
    bad: date

    def recover(self) -> bool:
        return False

    def count(self, months: Sequence[LogMonth]) -> None:
        if self.bad in [month.month for month in months]:
            raise DbtError("the cluster is tired")

    @contextmanager
    def results(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect() as connection:
            yield connection


def test_the_month_that_an_engine_cannot_count_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for number in range(1, 8):
        month = date(2020, number, 1)
        write(world.log / f"{month:%Y-%m}.parquet", rows_of(month))
    monkeypatch.setattr(counting, "problems", lambda _, months: {month.month: ("seen",) for month in months})
    counter = Counter(world.settings, world.catalog, BrokenEngine(tmp_path, date(2020, 5, 1)))
    reasons = {outcome.month.month: outcome.reasons for outcome in counter.count(open_log(str(world.log)))}
    assert reasons == {**dict.fromkeys(range(1, 8), ("seen",)), 5: ("the cluster is tired",)}


def _dies(*_: object) -> None:
    raise KeyboardInterrupt
