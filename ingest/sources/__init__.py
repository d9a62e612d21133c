"""One module per source: its raw tables, and how its landed bytes become rows.

A module's name is the source's id in the catalog, and it defines `SOURCE`. What several sources share lives in
`ingest.formats.csv_file`; what belongs to the catalog (names, columns of an edition) is read from the catalog.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from ingest.model import Source


def load_source(name: str) -> Source:
    """The source defined by `ingest.sources.<name>`; raises ModuleNotFoundError when there is none."""
    source: Source = import_module(f"{__name__}.{name}").SOURCE
    return source


def source_names() -> list[str]:
    """The ids of all sources that have a module, in alphabetical order."""
    return sorted(module.name for module in iter_modules(__path__))


def all_sources() -> dict[str, Source]:
    """Every source that has a module, by its id."""
    return {name: load_source(name) for name in source_names()}
