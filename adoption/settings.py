"""Where things are: the catalog, the shipped extracts, the data folder and what lives inside it.

Belongs here: paths, and the environment variables that carry them to other processes (the web server, dbt).
Does not belong here: anything about the content of the files.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from adoption.resources import CODE, DBT_PROJECT, default_data
from ingest.storage import is_address

REPOSITORY = CODE
PATHS = ("catalog", "extracts", "data", "dagster_yaml")
"""The settings that the environment may name a path for."""
ADDRESSES = {"landing_at": "ADOPTION_LANDING", "publish_to": "ADOPTION_PUBLISH_TO"}
"""The settings that the environment may name a bucket for, and the variables."""


@dataclass(frozen=True)
class Settings:
    """The folders of one warehouse. All of `data` except landing, inbox and editions can be rebuilt.

    With `as_of` it is the warehouse of what was available on that day: built from the same landing under the same lock,
    with work files of its own, so that nothing of the warehouse of today is touched.
    """

    catalog: Path = REPOSITORY / "ingest" / "catalog"
    extracts: Path = REPOSITORY / "ingest" / "extracts"
    data: Path = field(default_factory=default_data)
    as_of: date | None = field(default=None, kw_only=True)
    keep_days: int = field(default=90, kw_only=True)
    """How long runs, dropped files, as-of files and clones are kept."""
    memory: str = field(default="350MB", kw_only=True)
    """What DuckDB may hold of the work file in memory while dbt runs; what is more goes to disk beside it."""
    dagster_yaml: Path | None = field(default=None, kw_only=True)
    """Dagster's configuration where a deployment has its own; a build as of a day keeps its runs to itself."""
    landing_at: str | None = field(default=None, kw_only=True)
    """The bucket where the landing lies, such as s3://figures/landing, or another folder than `data/landing`."""
    publish_to: str | None = field(default=None, kw_only=True)
    """The bucket to which the published file is copied, with a pointer to the newest."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Settings from ADOPTION_CATALOG and the like (docs/how-to/deploy.md lists them), each optional."""
        variables = {name: environment.get(f"ADOPTION_{name.upper()}") for name in PATHS}
        values: dict[str, Any] = {name: Path(value).resolve() for name, value in variables.items() if value}
        values |= {name: environment.get(variable) or None for name, variable in ADDRESSES.items()}
        if environment.get("ADOPTION_KEEP_DAYS", "").isdecimal():
            values["keep_days"] = int(environment["ADOPTION_KEEP_DAYS"])
        if environment.get("ADOPTION_MEMORY"):
            values["memory"] = environment["ADOPTION_MEMORY"]
        return cls(**values)

    def environment(self) -> dict[str, str]:
        """What another process needs to find the same warehouse."""
        return {
            "ADOPTION_CATALOG": str(self.catalog),
            "ADOPTION_EXTRACTS": str(self.extracts),
            "ADOPTION_DATA": str(self.data),
            "ADOPTION_WAREHOUSE": str(self.warehouse),
            "ADOPTION_KEEP_DAYS": str(self.keep_days),
            "ADOPTION_MEMORY": self.memory,
            "DAGSTER_HOME": str(self.dagster_home),
            **{variable: getattr(self, name) for name, variable in ADDRESSES.items() if getattr(self, name)},
            **({"ADOPTION_DAGSTER_YAML": str(self.dagster_yaml)} if self.dagster_yaml else {}),
        }

    @property
    def dbt_project(self) -> Path:
        """The dbt project: always the one that came with this code."""
        return DBT_PROJECT

    @property
    def work(self) -> Path:
        """Where a build works. Builds as of a day share one place: what is loaded there once serves every day."""
        return self.data if self.as_of is None else self.data / "as_of" / ".work"

    @property
    def dbt_target(self) -> Path:
        """Dbt's working files."""
        return self.work / "dbt_target"

    @property
    def render_cache(self) -> Path:
        """What was drawn or read from SQL, until it changes."""
        return self.data / "render_cache"

    @property
    def warehouse(self) -> Path:
        """The work file; only a build opens it."""
        return self.work / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """The file that people open, swapped whole."""
        if self.as_of is None:
            return self.data / "published" / "adoption.duckdb"
        return self.data / "as_of" / f"{self.as_of}.duckdb"

    @property
    def editions(self) -> Path:
        """Frozen copies of the published file, one folder each."""
        return self.data / "editions"

    @property
    def export(self) -> Path:
        """Where `adoption export` writes unless told otherwise."""
        return self.data / "export"

    @property
    def docs(self) -> Path:
        """Where `adoption docs` writes unless told otherwise."""
        return self.data / "docs"

    @property
    def reports(self) -> Path:
        """Where `adoption report` writes unless told otherwise, a folder for each year."""
        return self.data / "reports"

    @property
    def site(self) -> Path:
        """Where `adoption site` writes unless told otherwise."""
        return self.data / "site"

    @property
    def logs(self) -> Path:
        """Traces of what nobody expected."""
        return self.data / "logs"

    @property
    def notices(self) -> Path:
        """What people were told of."""
        return self.data / "notices"

    @property
    def landing(self) -> Path:
        """Landed bytes and fetch events; of a landing in a bucket, the copies of this machine."""
        if self.landing_at is None:
            return self.data / "landing"
        return self.data / "landing_copies" if is_address(self.landing_at) else Path(self.landing_at).resolve()

    @property
    def inbox(self) -> Path:
        """Where people drop files; a build as of a day takes none."""
        return self.work / "inbox"

    @property
    def dagster_home(self) -> Path:
        """Dagster's runs and events."""
        return self.work / "dagster_home"
