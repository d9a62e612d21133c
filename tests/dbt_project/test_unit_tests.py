"""dbt's unit tests of the SQL: what each model makes of given rows.

Belongs here: running them once, against a warehouse whose tables are there and empty. A build leaves them out, since
what they are given is the same in every build. Does not belong here: the unit tests (beside the models).
"""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from adoption.detection.warehouse_io import prepare as prepare_detection
from adoption.projection.warehouse_io import prepare as prepare_projection
from adoption.warehouse.dbt import Dbt, DbtError
from adoption.settings import Settings
from ingest.catalog import load_catalog
from ingest.raw_tables import load_catalog_tables, prepare
from ingest.sources import all_sources
from tests.conftest import World

UNIT_TESTS = ("test", "--select", "test_type:unit")


def on_empty_tables(settings: Settings) -> Dbt:
    """The dbt project with every model built, and no row landed."""
    catalog = load_catalog(settings.catalog)
    settings.data.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.warehouse)) as connection:
        prepare_detection(connection)
        prepare_projection(connection)
        prepare(connection, list(all_sources().values()))
        load_catalog_tables(connection, catalog)
    dbt = Dbt(settings, catalog)
    dbt.invoke(["run", "--empty"])
    return dbt


def test_every_unit_test_of_the_sql_passes(tmp_path_factory: pytest.TempPathFactory) -> None:
    dbt = on_empty_tables(Settings(data=tmp_path_factory.mktemp("empty")))
    heard: list[dict[str, Any]] = []

    dbt.invoke(UNIT_TESTS, heard.append)  # an error names each unit test that failed, and what differs

    ran = {event["data"]["node_info"]["unique_id"] for event in heard}
    declared = set(dbt.manifest()["unit_tests"])
    assert declared
    assert ran >= declared


def test_a_unit_test_that_fails_is_named_with_the_difference(world: World) -> None:
    world.edit(
        "models/marts/fct_months.sql",
        "select package, month_date, downloads\n",
        "select package, month_date, 8 as downloads\n",
    )

    with pytest.raises(DbtError, match=r"unit_test a_month_keeps_its_count: [\s\S]*7→8"):
        on_empty_tables(world).invoke(UNIT_TESTS)
