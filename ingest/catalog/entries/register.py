"""The shape of register.yaml: what a check found unusual, and a person has looked into.

Belongs here: one accepted finding, and what it covers. Does not belong here: the checks themselves (dbt), and writing
the file (`adoption accept`).
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import model_validator

from ingest.catalog.entries.base import Entry, Identifier, Sentence, check_order

__all__ = ["CHECKS", "Accepted"]

AGAINST_ITSELF = {"zero_between", "stock_dips", "stock_peaks", "flow_peaks", "flow_troughs", "flow_stands_still"}
AGAINST_OTHERS = {"period_repeats", "whole_differs", "twin_names", "names_exchange", "control_total", "anchor"}
OF_MANY = {"common_jump", "level_shift_of_one_basis", "market_movement"}
DETECTED = {"slump", "spike", "level_shift", "gap", "partial", "yoy_flip", "collapse", "surge"}
CHECKS = frozenset(AGAINST_ITSELF | AGAINST_OTHERS | OF_MANY | DETECTED)
"""The checks whose findings a person can accept, as the models and the detector name them: of a series against itself,
against another name, period or source, of many series at once, and what the detector finds in one."""


class Accepted(Entry):
    """One finding that a person has looked into, and `why` says what it was.

    Where it is accepted the figures are as the publisher has them, and count; withdrawn ones are known to be wrong, and
    stay out.

    What is left out covers all of its kind: an entry without `series` accepts the finding for every series of the
    source. It covers what begins from `start` (inclusive) until `end` (exclusive).
    """

    check: Identifier
    source: Identifier
    metric: Identifier | None = None
    basis: Identifier | None = None
    series: Sentence | None = None
    segment: Sentence | None = None
    start: date
    end: date
    decision: Literal["accepted", "withdrawn"] = "accepted"
    why: Sentence

    @model_validator(mode="after")
    def _ordered(self) -> Accepted:
        check_order("start", self.start, "end", self.end)
        return self
