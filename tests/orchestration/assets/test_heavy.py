"""heavy/*: partitions of a raw log in Dagster, those that are landed and those that are refused."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pytest
from pyarrow import parquet

from adoption.settings import Settings
from ingest.catalog import load_catalog
from ingest.landing import Landing
from ingest.plan import next_period
from orchestration.assets.heavy import ENGINE, KEYS, LOG, heavy_assets


def write(folder: Path, month: date, stated: date | None = None) -> None:
    """A file of a month, which says of another one that it is its own."""
    days = [month + timedelta(days=number) for number in range((next_period(month, "month") - month).days)]
    columns = {"package": ["numpy"] * len(days), "day": days, "installer": ["pip"] * len(days)}
    more = {"ci": pa.array([None] * len(days), pa.bool_()), "filename": ["numpy-1.whl"] * len(days)}
    folder.mkdir(exist_ok=True)
    parquet.write_table(pa.table({**columns, **more}), folder / f"{stated or month:%Y-%m}.parquet")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv(LOG, str(tmp_path / "log"))
    monkeypatch.delenv(ENGINE, raising=False)
    return Settings(extracts=tmp_path / "shipped", data=tmp_path / "data")


def count(settings: Settings, instance: dg.DagsterInstance, first: str, last: str) -> dg.ExecuteInProcessResult:
    tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
    assets = heavy_assets(settings, load_catalog(settings.catalog))
    return dg.materialize([assets], instance=instance, raise_on_error=False, tags=tags)


def test_months_are_partitions_and_one_that_is_refused_keeps_no_other_back(tmp_path: Path, settings: Settings) -> None:
    write(tmp_path / "log", date(2020, 1, 1))
    write(tmp_path / "log", date(2020, 1, 1), stated=date(2020, 2, 1))
    with dg.DagsterInstance.ephemeral() as instance:
        result = count(settings, instance, "2020-01", "2020-03")

        assert not result.success
        (failure,) = result.get_step_failure_events()
        text = str(failure.step_failure_data.user_failure_data)
        assert "2020-02: refused" in text
        assert "rows are of another month than 2020-02" in text
        assert "2020-03: the log has no file of this month" in text
        for key in KEYS:
            assert instance.get_materialized_partitions(key) == {"2020-01"}
    events = Landing(settings.landing, settings.extracts).events("raw_log")
    assert {event.scope.period_start for event in events} == {date(2020, 1, 1)}


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [(LOG, "", "set ADOPTION_RAW_LOG"), (ENGINE, "abacus", "expected one of duckdb, spark, spark_cluster")],
)
def test_a_log_or_an_engine_that_nobody_named_is_a_failure_that_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(variable, value)
    with dg.DagsterInstance.ephemeral() as instance:
        (failure,) = count(settings, instance, "2020-01", "2020-01").get_step_failure_events()
    assert expected in str(failure.step_failure_data.user_failure_data)
