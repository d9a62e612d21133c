"""The shape of controls.yaml: figures that were reviewed once, with which every build compares.

Belongs here: control totals of years that are over, and one anchor figure for each series, with its page. Does not
belong here: the comparison (dbt), and making the file anew after a review (`adoption accept --controls`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import Field

from ingest.catalog.entries.base import Entry, Identifier

__all__ = ["Controls"]

Named = Annotated[str, Field(pattern=r"^[^/\s]+/[^/\s]+/[^/\s]+$")]
"""A metric, a way of counting and an entity, such as `tools_sold/total/a_tool`."""


class Controls(Entry):
    """What was there when the figures were last reviewed.

    `totals`: by source, series and year the number of figures and their sum. `until`: by source the end of the last
    period that was reviewed. `anchors`: by source and series the first day of a period, and its figure. `pages`: where
    the figures of a source are to be read.
    """

    until: Mapping[Identifier, date] = {}
    totals: Mapping[Identifier, Mapping[Named, Mapping[int, tuple[int, float]]]] = {}
    anchors: Mapping[Identifier, Mapping[Named, tuple[date, float]]] = {}
    pages: Mapping[Identifier, str] = {}
