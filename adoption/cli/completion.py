"""Names that a shell completes: ids of contenders, entities, metrics, sources and verdicts.

Belongs here: which names begin with what was typed. Does not belong here: what a name stands for
(`adoption.reports.names`). Where nothing is published, or a catalog is wrong, nothing is completed and nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import click

from adoption.settings import Settings
from ingest.errors import AdoptionError


def contenders(context: click.Context, _: click.Parameter, typed: str) -> list[str]:
    """Ids of contenders, and of the members that stand for one."""
    return _published("select entity_id from meta.entities group by 1 order by 1", context, typed)


def entities(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    """Ids of contenders and frameworks."""
    return contenders(context, parameter, typed)


def metrics(context: click.Context, _: click.Parameter, typed: str) -> list[str]:
    """Ids of metrics."""
    return _published("select metric_id from meta.metrics order by position", context, typed)


def verdicts(_: click.Context, __: click.Parameter, typed: str) -> list[str]:
    """Every verdict."""
    from adoption.reports.claims import VERDICTS

    return _beginning(VERDICTS, typed)


def sources(context: click.Context, _: click.Parameter, typed: str) -> list[str]:
    """Ids of sources."""
    return _published("select source_id from meta.sources order by 1", context, typed)


def _published(query: str, context: click.Context, typed: str) -> list[str]:
    with suppress(AdoptionError, OSError):
        from adoption.publish.reader import open_published

        with open_published(_settings(context)) as connection:
            return _beginning((str(row[0]) for row in connection.execute(query).fetchall()), typed)
    return []


def _settings(context: click.Context) -> Settings:
    """The warehouse that is meant: `--data` where it was given, else that of the environment."""
    data = context.find_root().params.get("data")
    return Settings(data=data) if data else Settings.from_environment()


def _beginning(names: Iterable[str], typed: str) -> list[str]:
    return [name for name in names if name.casefold().startswith(typed.casefold())]
