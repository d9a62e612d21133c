"""Looking at a catalog without building anything: `adoption check`.

Belongs here: what a catalog must have in common with the SQL models. Does not belong here: the rules within and between
its own files (`ingest.catalog`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.catalog import load_catalog
from ingest.catalog.loader import located
from ingest.catalog.problems import Problem, unknown
from ingest.errors import CatalogError

if TYPE_CHECKING:
    from adoption.settings import Settings
    from ingest.catalog import Catalog

EMITTING = ("models/staging", "models/intermediate/observations")
"""Where the dbt project says what a figure measures."""
QUOTED = re.compile(r"'([a-z][a-z0-9_]*)'")


def check_catalog(settings: Settings) -> str:
    """What a valid catalog holds, in one line.

    Raises:
        CatalogError: listing every mistake with file, line, entry, field and what was expected.
    """
    catalog = load_catalog(settings.catalog)
    problems = [located(settings.catalog, problem) for problem in _not_emitted(catalog, settings.dbt_project)]
    if problems:
        raise CatalogError("\n".join(problems))
    contenders = len(list(catalog.all_contenders()))
    return (
        f"The catalog is valid: {contenders} contenders, {len(catalog.metrics)} metrics, "
        f"{len(catalog.sources)} sources, {len(catalog.breaks)} breaks, "
        f"{len(catalog.events)} events, {len(catalog.claims.claims)} claims."
    )


def _not_emitted(catalog: Catalog, project: Path) -> Iterator[Problem]:
    """Metrics that no model of the dbt project gives a figure of."""
    files = [path for folder in EMITTING for path in sorted((project / folder).rglob("*.sql"))]
    emitted = {word for path in files for word in QUOTED.findall(path.read_text(encoding="utf-8"))}
    for metric in catalog.metrics:
        if metric.id not in emitted:
            known = {other.id for other in catalog.metrics} & emitted
            hint = unknown("", "", "", metric.id, known).text
            text = f"no model below {' or '.join(EMITTING)} gives a figure of it; {hint}"
            yield Problem("metrics.yaml", metric.id, "id", text, metric.id)
