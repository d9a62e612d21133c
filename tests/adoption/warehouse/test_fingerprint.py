"""The rules as digests: equal for a copy, another for every change that can move a figure."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from adoption.publish.metadata import BUILD_INPUTS
from adoption.settings import REPOSITORY
from adoption.warehouse.fingerprint import FIGURE_CODE, build_inputs, read
from tests.conftest import World, world_in


@pytest.fixture
def copy(world: World, tmp_path: Path) -> World:
    shutil.copytree(world.catalog, tmp_path / "copy" / "catalog")
    shutil.copytree(world.project, tmp_path / "copy" / "project")
    return world_in(tmp_path / "copy")


def changed(world: World, copy: World) -> set[str]:
    before, after = build_inputs(world), build_inputs(copy)
    return {name for name in before | after if before.get(name) != after.get(name)}


def test_a_copy_elsewhere_has_the_same_rules(world: World, copy: World) -> None:
    assert changed(world, copy) == set()
    assert set(build_inputs(world)) == {"catalog", "dbt_project", "code", "program"}


@pytest.mark.parametrize("pattern", FIGURE_CODE)
def test_code_that_makes_figures_exists(pattern: str) -> None:
    assert list(REPOSITORY.glob(pattern))


def test_each_change_shows_in_its_own_digest(world: World, copy: World) -> None:
    copy.edit("models/marts/fct_months.sql", "select", "select /* other */")
    assert changed(world, copy) == {"dbt_project"}
    (copy.catalog / "review.yaml").write_text("review_year: 2021\n")
    assert changed(world, copy) == {"catalog", "dbt_project"}


def test_what_dbt_writes_and_the_day_of_a_build(world: World, copy: World) -> None:
    (copy.project / "target").mkdir()
    (copy.project / "target" / "compiled.sql").write_text("select 1")
    assert changed(world, replace(copy, as_of=date(2021, 1, 5))) == {"as_of"}


def test_a_file_carries_them_and_one_without_them_says_nothing() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema meta")
        assert read(connection) == {}
        BUILD_INPUTS.write(connection, [("catalog", "c"), ("as_of", "2021-01-05")])
        assert read(connection) == {"catalog": "c", "as_of": "2021-01-05"}
        assert read(connection, "memory") == {"catalog": "c", "as_of": "2021-01-05"}
