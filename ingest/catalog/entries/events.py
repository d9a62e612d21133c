"""The shape of breaks.yaml and events.yaml: what changed in how it is counted, and what happened in the world.

Belongs here: breaks, events, and what they reach. Does not belong here: finding anomalies
(`adoption.detection.detector`).
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from ingest.catalog.entries.base import Entry, Identifier, Sentence, check_order


class AppliesTo(Entry):
    """What a break or an event touches; an empty list means all of that kind."""

    sources: tuple[Identifier, ...] = ()
    bases: tuple[Identifier, ...] = ()
    metrics: tuple[Identifier, ...] = ()
    entities: tuple[Identifier, ...] = ()
    segments: tuple[Sentence, ...] = ()
    contenders: bool = True
    """Whether it also reaches the contender whose figure a framework named here makes."""


class Undercount(Entry):
    """How many there were for each one that was counted before a break, at least and at most."""

    at_least: float = Field(alias="from", ge=1)
    at_most: float = Field(alias="to", ge=1)

    @model_validator(mode="after")
    def _ordered(self) -> Undercount:
        if self.at_least > self.at_most:
            raise ValueError(f"from {self.at_least} must not lie above to {self.at_most}")
        return self


class Break(Entry):
    """A break in series; the file breaks.yaml holds a list of these.

    One that is `passing` was over again at its end, with the method as before: it touches its own months only.
    """

    id: Identifier
    label: Sentence
    start: date
    end: date
    reach: AppliesTo
    reason: Sentence
    evidence: Sentence
    passing: bool = False
    undercount: Undercount | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Break:
        if self.start > self.end:
            raise ValueError(f"start {self.start} must not lie after end {self.end}")
        if not self.reach.sources:
            raise ValueError("reach.sources is empty: a break belongs to a source")
        return self


class Event(Entry):
    """Something that happened in the world; the file events.yaml holds a list of these."""

    id: Identifier
    label: Sentence
    start: date
    end: date
    metrics: tuple[Identifier, ...] = Field(min_length=1)
    entities: tuple[Identifier, ...] = ()
    sign: Literal["up", "down"]
    lag_months: tuple[int, int]
    reason: Sentence
    evidence: Sentence | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Event:
        check_order("start", self.start, "end", self.end)
        if self.lag_months[0] > self.lag_months[1]:
            raise ValueError(f"lag_months {list(self.lag_months)} must not run backwards")
        return self
