"""The heavy models on Apache Spark against DuckDB: every row of all three, and the bytes that are landed.

`make test-spark` runs it, with Java and the environment of Spark; `RAW_LOG_ROWS` asks for a larger log.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from adoption.raw_log.counting import Counter, Outcome
from adoption.raw_log.engines import MODELS, SPARK_PYTHON, EngineName, engine_of, spark_python
from adoption.settings import Settings
from ingest.catalog import load_catalog
from ingest.errors import AdoptionError
from ingest.landing import Landing
from ingest.raw_log import open_log
from tests.ingest.made_log import write_log

pytestmark = pytest.mark.spark

ROWS = int(os.environ.get("RAW_LOG_ROWS", "1000000"))
MONTHS = 24


@dataclass(frozen=True)
class Both:
    """One log, counted by both engines, each for a warehouse of its own."""

    log: Path
    settings: dict[str, Settings]

    def count(self, engine: EngineName) -> list[Outcome]:
        settings = self.settings[engine]
        counter = Counter(settings, load_catalog(settings.catalog), engine_of(engine, settings))
        return list(counter.count(open_log(str(self.log))))

    def landed(self, engine: EngineName) -> dict[str, str]:
        settings = self.settings[engine]
        events = Landing(settings.landing, settings.extracts).events("raw_log")
        return {event.scope.key: event.sha256 for event in events}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    try:
        spark_python()
    except AdoptionError as error:
        pytest.skip(str(error))
    if shutil.which("java") is None:
        pytest.skip("no Java here: apt-get install openjdk-17-jre-headless")
    folder = tmp_path_factory.mktemp("raw_log")
    write_log(folder / "log", ROWS, date(2024, 1, 1), MONTHS)
    settings = {name: Settings(extracts=folder / "shipped", data=folder / name) for name in ("duckdb", "spark")}
    made = Both(folder / "log", settings)
    for engine in ("duckdb", "spark"):
        assert {outcome.result for outcome in made.count(engine)} == {"counted"}
    return made


def _differences(both: Both, model: str) -> tuple[int, int, int]:
    """How many rows DuckDB has, how many of them Spark lacks, and how many only Spark has."""
    store = both.settings["duckdb"].data / "heavy" / "duckdb" / "counts.duckdb"
    with engine_of("spark", both.settings["spark"]).results() as connection:
        connection.execute(f"attach '{store}' as held (read_only)")
        columns = ", ".join(row[0] for row in connection.execute(f"describe held.main.{model}").fetchall())
        ours, theirs = f"select {columns} from held.main.{model}", f"select {columns} from {model}"
        return (
            _rows(connection, ours),
            _rows(connection, f"{ours} except all {theirs}"),
            _rows(connection, f"{theirs} except all {ours}"),
        )


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    ((rows,),) = connection.execute(f"select count(*) from ({query})").fetchall()
    return int(rows)


@pytest.mark.parametrize("model", MODELS)
def test_every_row_is_the_same(both: Both, model: str) -> None:
    rows, missing, more = _differences(both, model)
    assert rows > 1000
    assert (missing, more) == (0, 0)


def test_what_is_landed_is_the_same(both: Both) -> None:
    landed = both.landed("duckdb")
    assert landed == both.landed("spark")
    assert len(landed) == 2 * MONTHS


def test_a_month_that_changed_is_replaced_whole_on_spark_too(both: Both) -> None:
    """The partition of the month is overwritten, and no other is touched."""
    shutil.copy(both.log / "downloads-2024-01.parquet", both.log.parent / "kept.parquet")
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (from '{both.log.parent}/kept.parquet' where package <> 'package-00000')"
            f" to '{both.log}/downloads-2024-01.parquet' (format parquet)"
        )
    for engine in ("duckdb", "spark"):
        changed = [outcome.month for outcome in both.count(engine) if outcome.result == "counted"]
        assert changed == [date(2024, 1, 1)]
    for model in MODELS:
        assert _differences(both, model)[1:] == (0, 0)


def test_no_spark_is_an_error_that_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SPARK_PYTHON, str(tmp_path / "python"))
    with pytest.raises(AdoptionError, match="make spark"):
        spark_python()
