"""Where things are, and how another process learns it."""

from __future__ import annotations

from pathlib import Path

from adoption.settings import REPOSITORY, Settings
from adoption.warehouse.landing import landing_of


def test_everything_is_in_the_repository_unless_told_otherwise() -> None:
    settings = Settings.from_environment({})

    assert settings.data == REPOSITORY / "data"
    assert (settings.catalog / "sources.yaml").exists()
    assert (settings.extracts / "pypi_tools").is_dir()
    assert (settings.dbt_project / "dbt_project.yml").exists()


def test_what_is_given_to_another_process_leads_it_to_the_same_place(tmp_path: Path) -> None:
    settings = Settings(
        catalog=tmp_path / "catalog",
        data=tmp_path / "data",
        extracts=tmp_path / "extracts",
        memory="2GB",
        dagster_yaml=tmp_path / "dagster.yaml",
        landing_at="s3://figures/landing",
        publish_to="s3://figures/published",
    )

    assert Settings.from_environment(settings.environment()) == settings


def test_all_that_is_built_lies_in_the_data_folder(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    built = [
        settings.warehouse,
        settings.published,
        settings.landing,
        settings.inbox,
        settings.dagster_home,
        settings.dbt_target,
    ]

    assert all(path.is_relative_to(tmp_path) for path in built)


def test_the_landing_lies_where_the_environment_says(tmp_path: Path) -> None:
    given = {"ADOPTION_DATA": str(tmp_path), "ADOPTION_LANDING": str(tmp_path / "elsewhere")}
    assert Settings.from_environment(given).landing == tmp_path / "elsewhere"
    assert landing_of(Settings.from_environment(given)).bucket is None

    there = Settings.from_environment({**given, "ADOPTION_LANDING": "s3://figures/landing"})
    assert there.landing == tmp_path / "landing_copies"
    assert landing_of(there).store.where("x") == "s3://figures/landing/x"
