"""The shape of claims.yaml: published statements, and the ways in which each can be computed.

Belongs here: words, windows, claims and their readings. Does not belong here: verdicts (dbt derives them).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ingest.catalog.entries.base import Entry, Identifier, Sentence, Year
from ingest.errors import did_you_mean


def _month(value: object) -> object:
    """A month as people write it, 2020-03, as its first day."""
    return f"{value}-01" if isinstance(value, str) else value


def _as_text(value: object) -> object:
    """A day, a month or a year: YAML makes a date or a number of some of them."""
    return str(value) if isinstance(value, date | int) else value


Month = Annotated[date, BeforeValidator(_month)]
Months = tuple[Month, Month]
"""First and last month, both within."""
Written = Annotated[Sentence, BeforeValidator(_as_text)]


class Measure(NamedTuple):
    """What a reading may compute: over which kind of period, and which entities it must name besides its own."""

    name: str
    period: Literal["year", "months", "window"] = "year"
    needs: frozenset[str] = frozenset()


OVER, WITHOUT = frozenset({"over"}), frozenset({"without"})
MEASURES = (
    Measure("value"),
    Measure("growth"),
    Measure("change"),
    Measure("net_additions"),
    Measure("net_additions_growth"),
    Measure("projected_growth"),
    Measure("lifetime_multiple"),
    Measure("lifetime_total"),
    Measure("ratio", needs=OVER),
    Measure("runner_up_ratio", needs=WITHOUT),
    Measure("without_member", needs=OVER | WITHOUT),
    Measure("channels_not_led", needs=WITHOUT),
    Measure("months_mean", "months"),
    Measure("months_total", "months"),
    Measure("months_growth", "months"),
    Measure("months_ratio", "months", OVER),
    Measure("windows_mean", "months"),
    Measure("window_effect", "window"),
)
"""Each is computed by one of the models that `int_claims__computed` collects."""
BY_NAME: Mapping[str, Measure] = {measure.name: measure for measure in MEASURES}


def _known_measure(name: str) -> str:
    if name not in BY_NAME:
        raise ValueError(f"is not a measure{did_you_mean(name, BY_NAME)}")
    return name


class Word(Entry):
    """What the wording of a claim admits: a tolerance around the stated number, or a range."""

    id: Identifier
    says: Sentence
    form: Literal["percent", "points", "at_least", "range", "not_known"]
    within: float | None = Field(default=None, ge=0)
    lowest: float | None = Field(default=None, alias="from")
    highest: float | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _of_one_form(self) -> Word:
        if (self.within is not None) != self.has_tolerance:
            raise ValueError(f"form {self.form} {'needs' if self.has_tolerance else 'has no'} `within`")
        if (self.lowest is None and self.highest is None) == (self.form == "range"):
            raise ValueError(f"form {self.form} {'needs' if self.form == 'range' else 'has no'} `from` or `to`")
        return self

    @property
    def has_tolerance(self) -> bool:
        """Whether it speaks of a stated number."""
        return self.form in ("percent", "points", "at_least")


class NamedWindow(Entry):
    """A stretch of months against a reference: other months, or the same months of another year."""

    id: Identifier
    label: Sentence
    months: Months
    reference: Months | None = None
    same_months_of: Year | None = None
    metrics: tuple[Identifier, ...] = Field(min_length=1)
    reason: Sentence

    @model_validator(mode="after")
    def _against_one_reference(self) -> NamedWindow:
        if (self.reference is None) == (self.same_months_of is None):
            raise ValueError("expected either `reference` or `same_months_of`")
        if self.same_months_of is not None and self.months[0].year != self.months[1].year:
            raise ValueError("with `same_months_of` the months must lie within one year")
        for span in (self.months, *([self.reference] if self.reference else [])):
            _check_months(span)
        return self


def _check_months(months: Months) -> None:
    if months[0] > months[1]:
        raise ValueError(f"the first month {months[0]:%Y-%m} must not lie after the last {months[1]:%Y-%m}")


class Reading(Entry):
    """One way in which a claim can be computed."""

    reading: Identifier
    metric: Identifier | None = None
    entity: Identifier
    over: Identifier | None = None
    without: Sentence | None = None
    source: Identifier | None = None
    basis: Identifier | None = None
    segment: Sentence = "all"
    measure: Annotated[Identifier, AfterValidator(_known_measure)]
    year: Year | None = None
    months: Months | None = None
    window: Identifier | None = None
    relation: Identifier
    stated: float | None = None
    within: float | None = Field(default=None, ge=0)
    evidence: Literal["same", "independent", "proxy", "context"] = "same"
    part: bool = False
    """Whether the figures are a part of what was claimed, so that they bound it from below."""
    among: tuple[Identifier, ...] = ()
    """The metrics that the author looked at, where channels are counted."""
    note: Sentence | None = None

    @model_validator(mode="after")
    def _has_what_its_measure_needs(self) -> Reading:
        periods = {name for name in ("year", "months", "window") if getattr(self, name) is not None}
        measure = BY_NAME[self.measure]
        if periods != {measure.period}:
            raise ValueError(f"measure {self.measure} needs the period {measure.period!r} and no other")
        provided = {name for name in ("over", "without") if getattr(self, name) is not None}
        if provided != measure.needs:
            expected = sorted(measure.needs)
            raise ValueError(f"measure {self.measure} divides by or leaves out {expected}, not {sorted(provided)}")
        if (self.metric is None) != (self.measure == "channels_not_led"):
            raise ValueError(f"measure {self.measure}: every measure but channels_not_led needs a metric")
        if self.among and self.measure != "channels_not_led":
            raise ValueError(f"measure {self.measure}: only channels are counted `among` metrics")
        if self.months:
            _check_months(self.months)
        return self


class Claim(Entry):
    """A published statement, in our words, with the readings in which it can be computed, or why there is none."""

    id: Identifier
    said_by: Sentence
    said_on: Written
    url: Sentence
    text: Sentence
    remark: Sentence | None = None
    needs: Sentence | None = None
    not_testable: Sentence | None = None
    readings: tuple[Reading, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _share_what_is_tested(cls, entry: Any) -> Any:  # noqa: ANN401 - as it stands in the file
        """Each reading with what stands once for all of them under `tested`."""
        if not (isinstance(entry, dict) and isinstance(tested := entry.get("tested"), dict)):
            return entry
        readings = entry.get("readings", [])
        if isinstance(readings, list):  # what is no reading stays in its place, to be refused there
            readings = [{**tested, **reading} if isinstance(reading, dict) else reading for reading in readings]
        return {**{name: value for name, value in entry.items() if name != "tested"}, "readings": readings}

    @model_validator(mode="after")
    def _tested_or_not(self) -> Claim:
        if self.not_testable is not None and (self.readings or self.needs):
            raise ValueError("not_testable leaves no readings and no needs")
        if not (self.readings or self.needs or self.not_testable):
            raise ValueError("expected readings, or what is needed for one, or why it is not testable")
        if self.readings and self.needs is None and all(reading.evidence == "context" for reading in self.readings):
            raise ValueError("readings that are context decide nothing: expected another one, or `needs`")
        return self


class Claims(Entry):
    """The file claims.yaml."""

    words: tuple[Word, ...] = ()
    windows: tuple[NamedWindow, ...] = ()
    claims: tuple[Claim, ...] = ()
