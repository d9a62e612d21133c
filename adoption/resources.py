"""Where that is which is not Python: the dbt project and Dagster's configuration.

In a checkout they stand beside the packages, in an installed wheel inside this one. Nothing is written there: a package
may be read-only, so an installed one keeps its data in the folder where it is started.
"""

from __future__ import annotations

from pathlib import Path

CODE = Path(__file__).resolve().parent.parent
"""The folder of the three packages: a checkout, or the site-packages of an environment."""
IS_CHECKOUT = (CODE / "dbt_project").is_dir()
RESOURCES = CODE if IS_CHECKOUT else CODE / "adoption" / "_resources"
DBT_PROJECT = RESOURCES / "dbt_project"
DAGSTER_CONFIGURATION = RESOURCES / "dagster.yaml"


def default_data() -> Path:
    """The data folder unless told otherwise: of the checkout, or of the current folder."""
    return (CODE if IS_CHECKOUT else Path.cwd()) / "data"
