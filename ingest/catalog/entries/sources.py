"""The shape of sources.yaml: who publishes, how it is asked, what should exist, and what is known to distort it.

Belongs here: everything about one source. Does not belong here: asking it (`ingest.refresh`), or the editions of
surveys (`ingest.catalog.entries.surveys`).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from ingest.catalog.entries.base import Entry, Grade, Identifier, Sentence, Validity, check_order

Variable = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]


CRON_FIELDS = {"minute": (0, 59), "hour": (0, 23), "day": (1, 31), "month": (1, 12), "weekday": (0, 7)}


def _check_cron(line: str) -> str:
    """Five fields of numbers, ranges, steps and lists within what a calendar has; raises ValueError."""
    fields = line.split()
    if len(fields) != len(CRON_FIELDS):
        raise ValueError(f"a cron line has {len(CRON_FIELDS)} fields ({', '.join(CRON_FIELDS)}); found {len(fields)}")
    for (name, (least, most)), field in zip(CRON_FIELDS.items(), fields, strict=True):
        for part in field.split(","):
            matched = re.fullmatch(r"(?:\*|(\d+)(?:-(\d+))?)(?:/[1-9]\d*)?", part)
            numbers = [int(number) for number in matched.groups() if number] if matched else None
            if numbers is None or numbers != sorted(numbers) or any(not least <= number <= most for number in numbers):
                raise ValueError(f"{part!r} is not a {name}; expected * or numbers from {least} to {most}")
    return line


CronLine = Annotated[Sentence, AfterValidator(_check_cron)]


class Gap(Entry):
    """A period that the publisher does not have: it is missing for good, and expected by nobody."""

    start: date = Field(alias="from")
    end: date = Field(alias="until")
    reason: Sentence

    @model_validator(mode="after")
    def _ordered(self) -> Gap:
        check_order("from", self.start, "until", self.end)
        return self


class Expected(Entry):
    """Which periods of a source should exist. `last` is exclusive; None while the source goes on."""

    grain: Literal["month", "year", "snapshot"]
    first: date
    last: date | None = None
    lag_days: int = Field(ge=0)
    never: tuple[Gap, ...] = ()

    @model_validator(mode="after")
    def _ordered(self) -> Expected:
        check_order("first", self.first, "last", self.last)
        return self


class Bias(Validity):
    """A known or suspected distortion of a source, in the periods that overlap its dates.

    An empty list means all of that kind. An entity's bias reaches the contender whose figure it makes.
    """

    bases: tuple[Identifier, ...] = ()
    metrics: tuple[Identifier, ...] = ()
    entities: tuple[Identifier, ...] = ()
    grade: Grade
    direction: Literal["low", "high", "unknown"]
    reason: Sentence


class SourceGrade(Entry):
    """The best grade that a source's figures can have, and why."""

    grade: Grade
    reason: Sentence


class Pace(Entry):
    """How often a host may be asked; what is not given is not limited."""

    seconds_between: float | None = Field(default=None, gt=0)
    per_second: float | None = Field(default=None, gt=0)
    per_minute: float | None = Field(default=None, gt=0)
    per_hour: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_rate_per_second(self) -> Pace:
        if self.seconds_between is not None and self.per_second is not None:
            raise ValueError("expected either `seconds_between` or `per_second`")
        return self


class Credential(Entry):
    """The environment variable that may hold a key, whether nothing goes without it, and what it is good for.

    Of each variable NAME the environment may have NAME_FILE instead: the file that holds the secret. `is_path` is for a
    key that is a file itself, whose path is what NAME holds.

    `user_variable` is the one with the name of the account, where a key is of no use without it; `token_variable` that
    of a token, which stands alone and is taken where both are there. `most_requests` bounds a refresh with the key, in
    place of the bound that holds without one.
    """

    variable: Variable
    most_requests: int | None = Field(default=None, gt=0)
    user_variable: Variable | None = None
    token_variable: Variable | None = None
    is_required: bool = False
    is_path: bool = False
    gives: Sentence


class Extra(Entry):
    """An optional part of this project, and the Python module by which one sees that it is installed."""

    name: Identifier
    module: Sentence


class Access(Entry):
    """How a source is asked.

    `urls` are tried in order. `schedule` is a cron line in UTC; without one the source is asked only when somebody
    says so, and `on_demand` says why (YAML takes a plain `off` for a truth value). `extra` is the optional part of this
    project that brings what is needed to ask. `budget_seconds` and `most_requests` bound one refresh, `timeout_seconds`
    one reply, `most_bytes` what a publisher that is paid by the byte may read for one refresh. A period is asked for
    again until `revises_days` after its end: so long does the publisher change it. `redirects` are the other hosts to
    which the publisher may send whoever asks, who get no credential; a reply has at most `most_reply_bytes`.
    """

    urls: tuple[Sentence, ...] = Field(min_length=1)
    pace: Pace = Pace()
    credential: Credential | None = None
    extra: Extra | None = None
    schedule: CronLine | None = None
    off: Sentence | None = Field(default=None, alias="on_demand")
    timeout_seconds: int = Field(default=60, gt=0)
    budget_seconds: int = Field(default=600, gt=0)
    most_requests: int | None = Field(default=None, gt=0)
    most_bytes: int | None = Field(default=None, gt=0)
    redirects: tuple[Sentence, ...] = ()
    most_reply_bytes: int = Field(default=1 << 28, gt=0)
    attempts: int = Field(default=4, ge=1)
    revises_days: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _on_or_off(self) -> Access:
        if (self.schedule is None) == (self.off is None):
            raise ValueError("expected either `schedule` or `on_demand` with the reason")
        return self


class SourceEntry(Entry):
    """The file sources.yaml holds a list of these.

    `names` is the list of names by which it calls things, `other_names` those that it reads beside that one.
    `verified_until` is the day up to which the publisher's method is known to be unchanged: a figure of a period that
    ends later says so. `trackers` are the pages on which a change of the method would be told.
    """

    id: Identifier
    label: Sentence
    publisher: Sentence
    repository: Sentence | None = None
    licence: Sentence
    citation: Sentence
    cadence: Sentence
    names: Identifier
    other_names: tuple[Identifier, ...] = ()
    observations: tuple[Identifier, ...] = Field(min_length=1)
    population: Identifier | None = None
    cohorts: Identifier | None = None
    population_months: Identifier | None = None
    how_to_get: Sentence
    verified_until: date | None = None
    trackers: tuple[Sentence, ...] = ()
    access: Access | None = None
    expected: Expected
    grade: SourceGrade
    biases: tuple[Bias, ...] = ()

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Every list of names that it reads."""
        return (self.names, *self.other_names)
