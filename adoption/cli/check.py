"""Looking at a catalog without building anything: `adoption check`.

Belongs here: what a catalog must have in common with the SQL models and the shipped extracts. Does not belong here:
the rules within and between its own files (`ingest.catalog`).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.catalog import load_catalog
from ingest.catalog.problems import Problem, located, not_known, unknown
from ingest.errors import CatalogError

if TYPE_CHECKING:
    from adoption.settings import Settings
    from ingest.catalog import Catalog

EMITTING = ("models/staging", "models/intermediate/observations")
"""Where the dbt project says what a figure measures."""
QUOTED = re.compile(r"""(['"])([a-z][a-z0-9_]*)\1""")


def check_catalog(settings: Settings) -> str:
    """What a valid catalog holds, in one line.

    Raises:
        CatalogError: listing every mistake with file, line, entry, field and what was expected.
    """
    catalog = load_catalog(settings.catalog)
    unlocated = [*_not_emitted(catalog, settings.dbt_project), *_never_chosen(catalog, settings.extracts)]
    problems = located(settings.catalog, unlocated)
    if problems:
        raise CatalogError("\n".join(problems))
    contenders = len(list(catalog.all_contenders()))
    return (
        f"The catalog is valid: {contenders} contenders, {len(catalog.metrics)} metrics, "
        f"{len(catalog.sources)} sources, {len(catalog.breaks)} breaks, "
        f"{len(catalog.events)} events, {len(catalog.claims.claims)} claims."
    )


def as_object(settings: Settings) -> dict[str, Any]:
    """The same for programs: `is_valid`, what is `said` of a valid catalog, and the `mistakes` of another."""
    try:
        return {"is_valid": True, "said": check_catalog(settings), "mistakes": []}
    except CatalogError as error:
        return {"is_valid": False, "said": None, "mistakes": str(error).splitlines()}


def _not_emitted(catalog: Catalog, project: Path) -> Iterator[Problem]:
    """Metrics that no model of the dbt project gives a figure of."""
    files = [path for folder in EMITTING for path in sorted((project / folder).rglob("*.sql"))]
    emitted = {word for path in files for _, word in QUOTED.findall(path.read_text(encoding="utf-8"))}
    for metric in catalog.metrics:
        if metric.id not in emitted:
            known = {other.id for other in catalog.metrics} & emitted
            text = f"no model below {' or '.join(EMITTING)} gives a figure of it; {not_known(metric.id, known)}"
            yield Problem("metrics.yaml", metric.id, "id", text, metric.id)


def _never_chosen(catalog: Catalog, extracts: Path) -> Iterator[Problem]:
    """None-options that no shipped edition of their survey offers; a survey without shipped options is left out."""
    for name, survey in catalog.surveys.items():
        labels = {label for path in sorted((extracts / name).glob("options*.csv")) for label in _labels(path)}
        if labels:
            yield from (
                unknown("surveys.yaml", name, "none_options", option, labels)
                for option in survey.none_options
                if option not in labels
            )


def _labels(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from (row["option_label"] for row in csv.DictReader(file) if "option_label" in row)
