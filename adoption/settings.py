"""Where things are: the catalog, the shipped extracts, the data folder and what lives inside it.

Belongs here: paths, and the environment variables that carry them to other processes (the web server, dbt).
Does not belong here: anything about the content of the files.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """The folders of one warehouse. All of `data` except landing, inbox and editions can be rebuilt."""

    catalog: Path = REPOSITORY / "ingest" / "catalog"
    extracts: Path = REPOSITORY / "ingest" / "extracts"
    data: Path = REPOSITORY / "data"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Settings from ADOPTION_CATALOG, ADOPTION_EXTRACTS and ADOPTION_DATA, each optional."""
        given = {name: environment.get(f"ADOPTION_{name.upper()}") for name in ("catalog", "extracts", "data")}
        return cls(**{name: Path(value).resolve() for name, value in given.items() if value})

    def environment(self) -> dict[str, str]:
        """What another process needs to find the same warehouse."""
        return {
            "ADOPTION_CATALOG": str(self.catalog),
            "ADOPTION_EXTRACTS": str(self.extracts),
            "ADOPTION_DATA": str(self.data),
            "ADOPTION_WAREHOUSE": str(self.warehouse),
            "DAGSTER_HOME": str(self.dagster_home),
        }

    @property
    def dbt_project(self) -> Path:
        """The dbt project: always the one of this repository."""
        return REPOSITORY / "dbt_project"

    @property
    def dbt_target(self) -> Path:
        """Dbt's working files."""
        return self.data / "dbt_target"

    @property
    def kept(self) -> Path:
        """What was drawn or read from SQL, until it changes."""
        return self.data / "kept"

    @property
    def warehouse(self) -> Path:
        """The work file; only a build opens it."""
        return self.data / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """The file that people open, swapped whole."""
        return self.data / "published" / "adoption.duckdb"

    @property
    def export(self) -> Path:
        """Where `adoption export` writes unless told otherwise."""
        return self.data / "export"

    @property
    def docs(self) -> Path:
        """Where `adoption docs` writes unless told otherwise."""
        return self.data / "docs"

    @property
    def landing(self) -> Path:
        """Landed bytes and fetch events."""
        return self.data / "landing"

    @property
    def inbox(self) -> Path:
        """Where people drop files."""
        return self.data / "inbox"

    @property
    def dagster_home(self) -> Path:
        """Dagster's runs and events."""
        return self.data / "dagster_home"
