"""The catalog: the reviewed truth about what is measured, loaded from YAML and validated.

Belongs here: entries (the YAML files), and beside them the modules that read and check them. This file names what the
rest of the project uses. Does not belong here: any figure.
"""

from __future__ import annotations

from ingest.catalog.entries.claims import MEASURES
from ingest.catalog.entries.entities import Framework, Market, Name
from ingest.catalog.entries.events import AppliesTo, Break
from ingest.catalog.entries.metrics import Metric
from ingest.catalog.entries.sources import Access, Credential, Extra, Pace, SourceEntry
from ingest.catalog.entries.surveys import Edition, EditionColumns, Fieldwork, Survey
from ingest.catalog.loader import FILES, load_catalog
from ingest.catalog.model import Catalog

__all__ = [
    "FILES",
    "MEASURES",
    "Access",
    "AppliesTo",
    "Break",
    "Catalog",
    "Credential",
    "Edition",
    "EditionColumns",
    "Extra",
    "Fieldwork",
    "Framework",
    "Market",
    "Metric",
    "Name",
    "Pace",
    "SourceEntry",
    "Survey",
    "load_catalog",
]
