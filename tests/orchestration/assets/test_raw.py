"""Loading inside Dagster: what is bad is red by name, what is good goes on, what is held is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import dagster as dg
import duckdb
import pytest

from ingest.catalog import load_catalog
from ingest.model import FileFormat, ParsedRow
from ingest.sources import all_sources
from orchestration.asset_keys import asset_key
from orchestration.assets.raw import ACCEPTED, CLAIMED, LANDING, READ, RECONCILED, raw_assets
from tests.conftest import GOOD_MONTHS, World

pytestmark = pytest.mark.slow

MONTHS = asset_key("raw", "pypi_tools")
MONTHS_EXTRACTS = asset_key("extracts", "pypi_tools")


def load(world: World, instance: dg.DagsterInstance, *keys: dg.AssetKey) -> dg.ExecuteInProcessResult:
    raw = raw_assets(world, load_catalog(world.catalog), all_sources())
    return dg.materialize([raw], instance=instance, selection=list(keys) or None, raise_on_error=False)


def check(result: dg.ExecuteInProcessResult, name: str, key: dg.AssetKey = MONTHS) -> dg.AssetCheckEvaluation:
    [evaluation] = [
        event for event in result.get_asset_check_evaluations() if (event.asset_key, event.check_name) == (key, name)
    ]
    return evaluation


def rows(evaluation: dg.AssetCheckEvaluation) -> list[dict[str, object]]:
    shown = evaluation.metadata["rows"]
    assert isinstance(shown, dg.TableMetadataValue)
    return [dict(record.data) for record in shown.records]


def test_every_source_is_loaded_and_checked(world: World, instance: dg.DagsterInstance) -> None:
    catalog = load_catalog(world.catalog)
    result = load(world, instance)

    assert result.success
    made = {event.asset_key for event in result.get_asset_materialization_events()}
    assert made == {
        asset_key("raw", name) for name in ("catalog", "landing", *(source.id for source in catalog.sources))
    }
    assert len(result.get_asset_check_evaluations()) == 3 * len(catalog.sources) + 1
    assert all(evaluation.passed for evaluation in result.get_asset_check_evaluations())
    [loaded] = [
        event.materialization for event in result.get_asset_materialization_events() if event.asset_key == MONTHS
    ]
    assert loaded.metadata["dagster/row_count"].value == 2
    assert loaded.metadata["newly_read"].value == 1
    assert loaded.metadata["period"].value == "2020-01-01 to 2020-03-01 (exclusive)"


def test_what_lies_in_the_inbox_and_belongs_to_nobody_is_red(world: World, instance: dg.DagsterInstance) -> None:
    (world.inbox / "pypi_tool").mkdir(parents=True)

    result = load(world, instance)

    assert result.success
    claimed = check(result, CLAIMED.name, LANDING)
    assert not claimed.passed
    assert claimed.severity == dg.AssetCheckSeverity.ERROR
    [row] = rows(claimed)
    assert row["file"] == "inbox/pypi_tool"
    assert "did you mean pypi_tools?" in str(row["reason"])


def test_a_refused_extract_is_red_by_name_and_stops_nothing(world: World, instance: dg.DagsterInstance) -> None:
    world.land(GOOD_MONTHS.replace("10", "11"), "cut.csv", sha256="0" * 64)

    result = load(world, instance)

    assert result.success
    refused = check(result, READ.name)
    assert (refused.passed, refused.severity, refused.blocking) == (False, dg.AssetCheckSeverity.ERROR, False)
    [row] = rows(refused)
    assert row["file"] == "cut.csv"
    assert "altered or cut short" in str(row["reason"])
    assert check(result, RECONCILED.name).passed
    assert check(result, READ.name, asset_key("raw", "kaggle_survey")).passed
    with duckdb.connect(str(world.warehouse)) as connection:
        assert connection.execute("select count(*) from raw.pypi_tools__months").fetchall() == [(2,)]


def test_a_refused_extract_stops_being_red_when_a_newer_one_speaks(world: World, instance: dg.DagsterInstance) -> None:
    scope = {
        "table": "months",
        "period_start": "2020-01-01",
        "period_end": "2020-03-01",
        "terms": None,
        "label": "months.csv",
    }
    world.land(GOOD_MONTHS, "bad.csv", sha256="0" * 64, scope=scope, landed_at="2021-01-04T00:00:00+00:00")
    assert check(load(world, instance), READ.name).passed

    world.land(GOOD_MONTHS, "bad.csv", sha256="0" * 64, scope=scope, landed_at="2021-01-06T00:00:00+00:00")
    assert not check(load(world, instance), READ.name).passed


def test_a_damaged_landing_is_red_for_its_source_only(world: World, instance: dg.DagsterInstance) -> None:
    (world.extracts / "pypi_tools" / "months.csv.fetch.json").write_text("{")

    result = load(world, instance)

    assert result.success
    [row] = rows(check(result, READ.name))
    assert "months.csv.fetch.json: not a readable fetch event" in str(row["reason"])
    assert check(result, READ.name, asset_key("raw", "kaggle_survey")).passed


def test_a_rejected_row_fails_its_source(world: World, instance: dg.DagsterInstance) -> None:
    world.land(f"{GOOD_MONTHS}saw,2020-01-01,-1,pypinfo,,c1\n")

    result = load(world, instance)

    rejected = check(result, ACCEPTED.name)
    assert (rejected.passed, rejected.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert check(result, READ.name).passed
    [row] = rows(rejected)
    assert (row["file"], row["line"], row["column"], row["found"]) == ("months.csv", 4, "downloads", "-1")
    assert check(result, RECONCILED.name).passed


@pytest.mark.parametrize("kind", [RuntimeError, KeyError, MemoryError, RecursionError, OSError, UnicodeError])
def test_a_surprise_of_one_source_of_whatever_kind_stops_no_other(
    world: World, instance: dg.DagsterInstance, kind: type[Exception]
) -> None:
    def parse(*_: object) -> Iterator[ParsedRow]:
        raise kind("the light went out")

    modules = all_sources()
    modules["pypi_tools"] = replace(
        modules["pypi_tools"], forms=(FileFormat("csv", "nothing", lambda _: "months", parse),)
    )
    raw = raw_assets(world, load_catalog(world.catalog), modules)
    result = dg.materialize([raw], instance=instance, raise_on_error=False)

    assert result.success
    [row] = rows(check(result, READ.name))
    assert row["file"] == "months.csv"
    assert str(row["reason"]).startswith(f"months.csv: could not be read: unexpected {kind.__name__}: ")
    others = [evaluation for evaluation in result.get_asset_check_evaluations() if evaluation.asset_key != MONTHS]
    assert all(evaluation.passed for evaluation in others)
    assert "the light went out" in (world.logs / "adoption.log").read_text()
    assert "Traceback" in (world.logs / "adoption.log").read_text()


def test_what_is_in_the_way_of_one_source_is_red_by_name(world: World, instance: dg.DagsterInstance) -> None:
    (world.inbox / "pypi_tools").mkdir(parents=True)
    (world.inbox / "pypi_tools" / "bad.csv").write_bytes(b"x")
    (world.inbox / "refused").write_text("a file where a folder should be")

    result = load(world, instance)

    assert result.success
    [row] = rows(check(result, READ.name))
    assert "refused" in str(row["reason"])
    assert check(result, READ.name, asset_key("raw", "kaggle_survey")).passed


@pytest.mark.parametrize(
    "damage",
    [
        "delete from raw.pypi_tools__months where package = 'anvil'",
        "insert into raw.pypi_tools__months from raw.pypi_tools__months",
        "update raw.extracts set rows_in = rows_in + 1",
    ],
)
def test_a_lost_or_doubled_row_blocks(world: World, instance: dg.DagsterInstance, damage: str) -> None:
    assert load(world, instance).success
    with duckdb.connect(str(world.warehouse)) as connection:
        connection.execute(damage)

    result = load(world, instance)

    assert not result.success
    lost = check(result, RECONCILED.name)
    assert (lost.passed, lost.blocking) == (False, True)
    assert [row["file"] for row in rows(lost)] == ["months.csv"]


def test_an_extract_is_reported_once(world: World, instance: dg.DagsterInstance) -> None:
    for _ in range(2):
        assert load(world, instance).success
    world.warehouse.unlink()  # a warehouse built again from the same landing is no news either
    assert load(world, instance).success
    world.land(GOOD_MONTHS.replace("10", "11"), "newer.csv")
    assert load(world, instance).success

    records = instance.fetch_materializations(MONTHS_EXTRACTS, limit=10).records
    metadata = [record.asset_materialization.metadata for record in records if record.asset_materialization]
    assert [metadata["rows"].value for metadata in metadata] == [2, 2]
    assert len({metadata["extract_id"].value for metadata in metadata}) == 2
    assert metadata[0]["period"].value == "2020-01-01 to 2020-03-01 (exclusive)"
    assert metadata[0]["licence"].value == "none stated"


def test_several_new_extracts_of_a_source_are_one_report(world: World, instance: dg.DagsterInstance) -> None:
    for number in (11, 12):
        world.land(GOOD_MONTHS.replace("10", str(number)), f"sold_{number}.csv")

    for _ in range(2):
        assert load(world, instance, MONTHS).success

    [record] = instance.fetch_materializations(MONTHS_EXTRACTS, limit=10).records
    assert record.asset_materialization is not None
    metadata = record.asset_materialization.metadata
    assert (metadata["extracts"].value, metadata["rows"].value) == (3, 6)
    listed = metadata["newest"]
    assert isinstance(listed, dg.TableMetadataValue)
    files = {record.data["file"]: record.data["rows"] for record in listed.records}
    assert files == {"months.csv": 2, "sold_11.csv": 2, "sold_12.csv": 2}


def test_a_work_file_that_a_killed_build_left_unreadable_is_made_again(
    world: World, instance: dg.DagsterInstance
) -> None:
    world.warehouse.parent.mkdir(exist_ok=True)
    world.warehouse.write_bytes(b"")

    assert load(world, instance).success
    with duckdb.connect(str(world.warehouse), read_only=True) as connection:
        assert connection.execute("select count(*) from raw.pypi_tools__months").fetchall() == [(2,)]


def test_one_source_can_be_loaded_alone(world: World, instance: dg.DagsterInstance) -> None:
    result = load(world, instance, MONTHS)

    assert result.success
    assert {event.asset_key for event in result.get_asset_materialization_events()} == {MONTHS}
    assert {event.asset_key for event in result.get_asset_check_evaluations()} == {MONTHS}
