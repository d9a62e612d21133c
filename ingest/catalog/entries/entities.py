"""The shape of frameworks.yaml, baseline_exclusions.yaml and review.yaml: what is measured and compared.

Belongs here: frameworks, contenders, markets, their names, and which of them reports show. Does not belong here: the
rules between files (`ingest.catalog.validation`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field

from ingest.catalog.entries.base import Entry, Identifier, Sentence, Validity, Year

Member = Literal["primary", "variant", "nightly", "adjacent"]


class FormerName(Entry):
    """A name that the same object had until a day (exclusive)."""

    name: Sentence
    until: date


class Name(Validity):
    """A name of an entity in one namespace, and what kind of member it is.

    `aliases` are other words that mean the same where a text is searched for the name.
    """

    name: Sentence
    member: Member
    aliases: tuple[Sentence, ...] = ()
    formerly: tuple[FormerName, ...] = ()


class Companion(Entry):
    """A package, of one list of names, that cannot run without another one of the same list.

    `name` and `needs` are names of the framework in `namespace`. Where a source counts `name` well above what it
    `needs`, the figure of `name` is a bound between the two.
    """

    namespace: Identifier
    name: Sentence
    needs: Sentence
    reason: Sentence


class Framework(Entry):
    """What is measured: its contender (itself when none is named), role and names by namespace.

    `released` is the day from which the public could have it: nothing is compared with what did not exist.
    """

    id: Identifier
    label: Sentence
    role: Literal["contender", "reference"]
    released: date | None = None
    contender: Identifier | None = None
    companions: tuple[Companion, ...] = ()
    names: Mapping[Identifier, tuple[Name, ...]] = Field(default_factory=dict)


class ContenderMember(Validity):
    """A framework's membership in a contender, with its dates and reason."""

    framework: Identifier
    reason: Sentence


class Contender(Entry):
    """A unit of comparison made of several frameworks."""

    id: Identifier
    label: Sentence
    represented_by: Identifier
    members: tuple[ContenderMember, ...] = Field(min_length=1)
    names: Mapping[Identifier, tuple[Name, ...]] = Field(default_factory=dict)


class Market(Entry):
    """A whole that figures are read against."""

    id: Identifier
    label: Sentence
    names: Mapping[Identifier, tuple[Name, ...]]


class Frameworks(Entry):
    """The file frameworks.yaml."""

    contenders: tuple[Contender, ...] = ()
    markets: tuple[Market, ...] = ()
    frameworks: tuple[Framework, ...] = Field(min_length=1)


class BaselineExclusion(Entry):
    """A package that moves with the frameworks compared and is left out of the baseline."""

    name: Sentence
    reason: Sentence


class Review(Entry):
    """The file review.yaml: what the reports show unless told otherwise."""

    review_year: Year
    focus: Identifier
    benchmark: Identifier


@dataclass(frozen=True)
class Spelling:
    """One spelling of a name: whose it is, and the entry (current name, member role, validity) it belongs to."""

    namespace: str
    spelling: str
    entity_type: str
    entity_id: str
    entry: Name
