"""Dagster's storage in PostgreSQL, with connections that stay open.

Belongs here: how the database is spoken to. Does not belong here: where it is (`deploy/dagster.yaml` names the class
and the variables). The stock class opens a connection, with its handshake, for each of the 1,400 events of a build.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.utils import create_pg_engine, pg_url_from_config

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dagster._serdes import ConfigurableClassData

RECYCLE_SECONDS = 3600


class Storage(DagsterPostgresStorage):
    """The stock storage; each process keeps a connection to each of its parts, and one that broke is opened anew."""

    def __init__(self, postgres_url: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(postgres_url, inst_data=inst_data)
        for part in (self._run_storage, self._event_log_storage, self._schedule_storage):
            part._engine = create_pg_engine(
                postgres_url,
                None,
                isolation_level="AUTOCOMMIT",
                pool_size=1,
                max_overflow=-1,
                pool_pre_ping=True,
                pool_recycle=RECYCLE_SECONDS,
                pool_use_lifo=True,
            )

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> Storage:
        return cls(pg_url_from_config(config_value), inst_data)
