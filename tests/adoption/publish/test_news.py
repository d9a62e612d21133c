"""What makes a build worth while, and when it would only publish the same file again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from adoption.publish import digest, news
from adoption.settings import Settings
from tests.conftest import GOOD_MONTHS, SMALL_PROJECT, World, altered, run_build, world_in

Change = Callable[[World], object]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small world, built."""
    folder = tmp_path_factory.mktemp("news")
    shutil.copytree(SMALL_PROJECT, folder / "project")
    shutil.copytree(Settings().catalog, folder / "catalog")
    (folder / "catalog" / "claims.yaml").write_text("{}")
    world = world_in(folder)
    world.land(GOOD_MONTHS)
    assert run_build(world).outcome.exit_code == 0
    shutil.rmtree(world.dagster_home)
    return folder


@pytest.fixture
def built_world(published: Path, tmp_path: Path) -> World:
    """A copy of it that a test may change."""
    return world_in(shutil.copytree(published, tmp_path / "copy"))


def dropped(world: World, place: str) -> None:
    path = world.inbox / place
    path.parent.mkdir(parents=True)
    path.write_text("something")


def retracted(world: World) -> None:
    from datetime import UTC, datetime

    from ingest.landing import Landing

    landing = Landing(world.landing, world.extracts)
    landing.retract(landing.events()[0].extract_id, "a wrong file", datetime(2026, 1, 1, tzinfo=UTC))


def written_into(world: World) -> None:
    world.published.chmod(0o644)
    with duckdb.connect(str(world.published)) as connection:
        connection.execute("create table mine as select 1")


def damaged_event(world: World) -> None:
    folder = world.landing / "events" / "pypi_tools"
    folder.mkdir(parents=True)
    (folder / "pypi_tools-0123.json").write_text("{")


def red(world: World) -> None:
    world.published.chmod(0o644)
    with altered(world.published) as connection:
        connection.execute(
            "update meta.check_results set passed = false, severity = 'ERROR' where asset = 'raw/pypi_tools'"
        )


def test_a_second_build_would_change_nothing(built_world: World) -> None:
    assert news.news(built_world) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda world: world.land(GOOD_MONTHS.replace("10", "11"), "more.csv"), "pypi_tools: 1 extract landed or gone"),
        (lambda world: (world.extracts / "pypi_tools" / "months.csv.fetch.json").unlink(),
         "pypi_tools: 1 extract landed or gone"),
        (retracted, "pypi_tools: 1 extract landed or gone"),
        (damaged_event, "not a readable fetch event"),
        (lambda world: dropped(world, "pypi_tools/months.csv"), "inbox/pypi_tools/months.csv was dropped"),
        (lambda world: dropped(world, "nobody.csv"), "inbox/nobody.csv: not in the folder of a source"),
        (lambda world: dropped(world, "refused/pypi_tools/a.csv"), "inbox/refused/pypi_tools/a.csv was refused"),
        (lambda world: (world.catalog / "review.yaml").write_text("review_year: 2021\n"), "the catalog changed"),
        (lambda world: world.edit("models/marts/fct_months.sql", "select", "select /* other */"),
         "the dbt project changed"),
        (lambda world: (world.project / "models" / "texts.md").write_text("a text"), "the program changed"),
        (written_into, "was changed after it was published"),
        (lambda world: digest.beside(world.published).unlink(), "was not signed"),
        (lambda world: world.published.unlink(), "nothing is published yet"),
        (red, "raw/pypi_tools was red: every_landed_extract_is_loaded"),
    ],
)  # fmt: skip
def test_each_change_is_news(built_world: World, change: Change, expected: str) -> None:
    change(built_world)

    assert expected in "\n".join(news.news(built_world))


def test_what_was_done_with_the_inbox_is_no_news(built_world: World) -> None:
    dropped(built_world, "done/pypi_tools/months.csv")
    dropped(built_world, "pypi_tools/.months.csv.part")

    assert news.news(built_world) == []


def test_another_day_and_another_package_are_news(
    built_world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    as_of = replace(built_world, as_of=date(2021, 1, 5))
    as_of.published.parent.mkdir(parents=True)
    for path in (built_world.published, digest.beside(built_world.published)):
        shutil.copy(path, as_of.published.parent / path.name.replace("adoption", "2021-01-05"))
    assert news.news(as_of) == ["the day of the warehouse changed"]

    (tmp_path / "installed_since-1.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert news.news(built_world) == ["the program changed"]
