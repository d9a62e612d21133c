"""The shape of controls.yaml: figures that were reviewed once, with which every build compares.

Belongs here: control totals of years that are over, and one anchor figure for each series. Does not
belong here: the comparison (dbt), and making the file anew after a review (`adoption accept --controls`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from ingest.catalog.entries.base import Entry, Identifier

__all__ = ["Controls"]

Named = Annotated[str, Field(pattern=r"^[^/\s]+/[^/\s]+/[^/\s]+$")]
"""A metric, a way of counting and an entity, such as `tools_sold/total/a_tool`."""


def _rows(text: object, form: str) -> list[list[str]]:
    """Rows of a text, parted by commas, and their values, parted by blanks: as many as the form has."""
    rows = [row.split() for row in text.split(",")] if isinstance(text, str) else []
    if not rows or any(len(row) != len(form.split()) for row in rows):
        raise ValueError(f"expected `{form}`, found {text!r}")
    return rows


def _years(text: object) -> object:
    rows = _rows(text, "year figures sum")
    if len({year for year, *_ in rows}) < len(rows):
        raise ValueError(f"expected each year once, found {text!r}")
    return {year: values for year, *values in rows}


def _anchor(text: object) -> object:
    rows = _rows(text, "day figure")
    if len(rows) != 1:
        raise ValueError(f"expected one `day figure`, found {text!r}")
    return rows[0]


Years = Annotated[Mapping[int, tuple[int, float]], BeforeValidator(_years)]
"""By year the number of figures and their sum, such as `2021 12 5691, 2022 12 11849`: a thousand mappings of YAML take
half a second to read, and `adoption check` has one."""
Anchor = Annotated[tuple[date, float], BeforeValidator(_anchor)]
"""The first day of a period, and its figure, such as `2021-01-01 474`."""


class Controls(Entry):
    """What was there when the figures were last reviewed.

    `totals`: by source, series and year the number of figures and their sum. `until`: by source the end of the last
    period that was reviewed. `anchors`: by source and series the first day of a period, and its figure.
    """

    until: Mapping[Identifier, date] = {}
    totals: Mapping[Identifier, Mapping[Named, Years]] = {}
    anchors: Mapping[Identifier, Mapping[Named, Anchor]] = {}
