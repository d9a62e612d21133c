"""The shape of metrics.yaml: what is counted, in which ways, and how it may be read.

Belongs here: metrics and their admissible choices. Does not belong here: SQL that emits them (dbt's staging).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from pydantic import Field, model_validator

from ingest.catalog.entries.base import Entry, Identifier, Sentence


class MetricSource(Entry):
    """A (source, basis) pair of a metric; the position in the list is the order of preference.

    `from_stock`: the flow is the difference of a total between two snapshots, which seldom fall on the edges of months.
    """

    source: Identifier
    basis: Identifier
    preferred: Literal["never"] | None = None
    from_stock: bool = False


class Choices(Entry):
    """Other choices that are as admissible as the preferred one, by dimension; one is varied at a time."""

    basis: tuple[Identifier, ...] = ()
    denominator: tuple[Identifier, ...] = ()
    merge_policy: tuple[Identifier, ...] = ()
    members: tuple[Literal["with_variants", "with_nightly"], ...] = ()
    window: tuple[Literal["calendar_year", "twelve_months", "common_months"], ...] = ()
    segment: tuple[Sentence, ...] = ()
    weighting: tuple[Literal["standardised"], ...] = ()
    measure: tuple[Literal["totals"], ...] = ()

    def ways(self) -> Iterator[tuple[str, str]]:
        """Dimension and basis of every choice that is another way of counting."""
        for dimension in ("basis", "denominator", "merge_policy"):
            yield from ((dimension, basis) for basis in getattr(self, dimension))


class Metric(Entry):
    """The file metrics.yaml holds a list of these."""

    id: Identifier
    label: Sentence
    unit: Sentence
    kind: Literal["flow", "stock", "share", "rate", "index"]
    channel: Sentence
    combine: Literal["primary", "distinct", "interval", "sum", "none"]
    baseline: bool = False
    derived_from: Identifier | None = None
    parts: bool = False
    detect: Literal["value", "increments", "none"] = "value"
    sources: tuple[MetricSource, ...] = Field(min_length=1)
    choices: Choices = Choices()
    reads: Sentence
    read_by: Sentence
    caveats: tuple[Sentence, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _varies_what_it_has(self) -> Metric:
        if self.choices.members and self.combine != "primary":
            raise ValueError(f"choices.members needs `combine: primary`, as packages add up; combine is {self.combine}")
        if self.choices.window and self.kind != "flow":
            raise ValueError(f"choices.window needs `kind: flow`, as only flows are summed; kind is {self.kind}")
        if self.choices.measure and self.kind != "stock":
            raise ValueError(f"choices.measure needs `kind: stock`, as only stocks have totals; kind is {self.kind}")
        if self.kind != "flow" and any(pair.from_stock for pair in self.sources):
            raise ValueError(f"from_stock needs `kind: flow`, as a difference is what was added; kind is {self.kind}")
        duplicates = [basis for basis, times in Counter(basis for _, basis in self.choices.ways()).items() if times > 1]
        if duplicates:
            raise ValueError(f"choices: {duplicates} stand in two dimensions; expected once")
        return self

    def admissible(self) -> frozenset[str]:
        """The bases on which a headline may be computed: all but those that are never preferred."""
        return frozenset(pair.basis for pair in self.sources if pair.preferred != "never")
