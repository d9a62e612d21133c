"""One notice, and the words above it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["source_failed", "run_failed", "check_blocked", "anomaly_new", "turned", "year_complete"]

TITLES: Final[dict[Kind, str]] = {
    "source_failed": "A source has failed",
    "run_failed": "A run has failed",
    "check_blocked": "A check blocks publishing",
    "anomaly_new": "A new anomaly",
    "turned": "A lead or a verdict turned",
    "year_complete": "A year is complete",
}
MORE: Final[dict[Kind, str]] = {
    "source_failed": "adoption status",
    "run_failed": "adoption ui",
    "check_blocked": "adoption ui",
    "anomaly_new": "adoption alarms, adoption anomalies",
    "turned": "adoption brief, adoption claims",
    "year_complete": "adoption status",
}
"""Which command says more of a kind."""


@dataclass(frozen=True)
class Notice:
    """What is told in one line. `key` stays the same as long as it says the same: it is not told twice."""

    kind: Kind
    key: str
    text: str
