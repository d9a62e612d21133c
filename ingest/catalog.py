"""The catalog: the reviewed truth about what is measured, loaded from YAML and validated.

Belongs here: the shape of each catalog file, and the rules between files. Does not belong
here: any entry (entries live in `ingest/catalog/*.yaml`, or in the folder that `--catalog`
names), and the catalog as tables (`ingest.catalog_tables`).
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from ingest.errors import CatalogError
from ingest.model import reason_of

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
Grade = Literal["A", "B", "C", "D"]
Member = Literal["primary", "variant", "nightly", "adjacent"]


class Entry(BaseModel):
    """Base of all catalog entries: an unknown field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _check_order(first: str, start: date | None, last: str, end: date | None) -> None:
    if start is not None and end is not None and start >= end:
        raise ValueError(f"{first} {start} must lie before {last} {end}")


class Validity(Entry):
    """From when (inclusive) until when (exclusive) an entry holds; open ends are None."""

    valid_from: date | None = Field(default=None, alias="from")
    valid_until: date | None = Field(default=None, alias="until")

    @model_validator(mode="after")
    def _ordered(self) -> Validity:
        _check_order("from", self.valid_from, "until", self.valid_until)
        return self


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


class Framework(Entry):
    """What is measured: its contender (itself when none is named), role and names by namespace."""

    id: Identifier
    label: Sentence
    role: Literal["contender", "reference"]
    contender: Identifier | None = None
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


class MetricSource(Entry):
    """A (source, basis) pair of a metric; the position in the list is the order of preference."""

    source: Identifier
    basis: Identifier
    preferred: Literal["never"] | None = None


class Choices(Entry):
    """Other choices that are as admissible as the preferred one, by dimension; one is varied at a time."""

    basis: tuple[Identifier, ...] = ()
    denominator: tuple[Identifier, ...] = ()
    merge_policy: tuple[Identifier, ...] = ()
    members: tuple[Literal["with_variants", "with_nightly"], ...] = ()
    window: tuple[Literal["calendar_year", "twelve_months", "common_months"], ...] = ()
    segment: tuple[Sentence, ...] = ()
    weighting: tuple[Literal["standardised"], ...] = ()

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
    tide: bool = False
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
        twice = [basis for basis, times in Counter(basis for _, basis in self.choices.ways()).items() if times > 1]
        if twice:
            raise ValueError(f"choices: {twice} stand in two dimensions; expected once")
        return self

    def admissible(self) -> frozenset[str]:
        """The bases on which a headline may be computed: all but those that are never preferred."""
        return frozenset(pair.basis for pair in self.sources if pair.preferred != "never")


class NeverHeld(Entry):
    """A period that the publisher does not have: it is missing for good, and expected by nobody."""

    start: date = Field(alias="from")
    end: date = Field(alias="until")
    reason: Sentence

    @model_validator(mode="after")
    def _ordered(self) -> NeverHeld:
        _check_order("from", self.start, "until", self.end)
        return self


class Expected(Entry):
    """Which periods of a source should exist. `last` is exclusive; None while the source goes on."""

    grain: Literal["month", "year", "snapshot"]
    first: date
    last: date | None = None
    lag_days: int = Field(ge=0)
    never: tuple[NeverHeld, ...] = ()

    @model_validator(mode="after")
    def _ordered(self) -> Expected:
        _check_order("first", self.first, "last", self.last)
        return self


class Bias(Validity):
    """A known or suspected distortion of a source, in the periods that overlap its dates."""

    bases: tuple[Identifier, ...] = ()
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

    `user_variable` is the one with the name of the account, where a key is of no use without it. `most_requests` bounds
    a refresh with the key, in place of the bound that holds without one.
    """

    variable: Variable
    most_requests: int | None = Field(default=None, gt=0)
    user_variable: Variable | None = None
    is_required: bool = False
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
    again until `revises_days` after its end: so long does the publisher change it.
    """

    urls: tuple[Sentence, ...] = Field(min_length=1)
    pace: Pace = Pace()
    credential: Credential | None = None
    extra: Extra | None = None
    schedule: Sentence | None = None
    off: Sentence | None = Field(default=None, alias="on_demand")
    timeout_seconds: int = Field(default=60, gt=0)
    budget_seconds: int = Field(default=600, gt=0)
    most_requests: int | None = Field(default=None, gt=0)
    most_bytes: int | None = Field(default=None, gt=0)
    attempts: int = Field(default=4, ge=1)
    revises_days: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _on_or_off(self) -> Access:
        if (self.schedule is None) == (self.off is None):
            raise ValueError("expected either `schedule` or `on_demand` with the reason")
        return self


class SourceEntry(Entry):
    """The file sources.yaml holds a list of these."""

    id: Identifier
    label: Sentence
    publisher: Sentence
    repository: Sentence | None = None
    licence: Sentence
    citation: Sentence
    cadence: Sentence
    names: Identifier
    observations: tuple[Identifier, ...] = Field(min_length=1)
    population: Identifier | None = None
    how_to_get: Sentence
    access: Access | None = None
    expected: Expected
    grade: SourceGrade = SourceGrade(grade="A", reason="counted in full")
    biases: tuple[Bias, ...] = ()


class Reach(Entry):
    """What a break or an event touches; an empty list means all of that kind."""

    sources: tuple[Identifier, ...] = ()
    bases: tuple[Identifier, ...] = ()
    metrics: tuple[Identifier, ...] = ()
    entities: tuple[Identifier, ...] = ()
    segments: tuple[Sentence, ...] = ()


class Break(Entry):
    """A change of the ruler; the file breaks.yaml holds a list of these."""

    id: Identifier
    label: Sentence
    start: date
    end: date
    reach: Reach
    reason: Sentence
    evidence: Sentence

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

    @model_validator(mode="after")
    def _ordered(self) -> Event:
        _check_order("start", self.start, "end", self.end)
        if self.lag_months[0] > self.lag_months[1]:
            raise ValueError(f"lag_months {list(self.lag_months)} must not run backwards")
        return self


class TideExclude(Entry):
    """A package that moves with the frameworks compared and is left out of the tide."""

    name: Sentence
    reason: Sentence


class Review(Entry):
    """The file review.yaml: what the reports show unless told otherwise."""

    review_year: int
    focus: Identifier
    benchmark: Identifier


class Fieldwork(Entry):
    """The days on which a survey was open; `end` is exclusive."""

    start: date
    end: date

    @model_validator(mode="after")
    def _ordered(self) -> Fieldwork:
        _check_order("start", self.start, "end", self.end)
        return self


class EditionColumns(Entry):
    """Where an edition's file holds country, role and choices.

    `choices` is the one column that holds them all, with `separator` between them, or, without a separator, what the
    names of the columns begin with of which each stands for one option.
    """

    country: Sentence
    role: Sentence
    choices: Sentence
    separator: Sentence | None = None


class Edition(Entry):
    """One edition of a survey: a label, its fieldwork, how its file is recognised and read, and where it is had.

    `recognised_by` are columns that only this edition's file has together. `question` is the question's text where the
    file does not carry it in its second row. `urls` may name `{base}`, the first address of the source, and `{year}`.
    `respondents` is how many the publisher says there are: a file with fewer is cut short.
    """

    year: int
    fieldwork: Fieldwork
    file: Sentence
    columns: EditionColumns
    recognised_by: tuple[Sentence, ...] = ()
    encoding: Sentence = "utf-8"
    question: Sentence | None = None
    urls: tuple[Sentence, ...] = ()
    respondents: int | None = Field(default=None, gt=0)

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            return codecs.lookup(value).name
        except LookupError as error:
            raise ValueError("is no encoding that Python knows") from error


class Aliases(Entry):
    """Labels that mean the same, by what they label."""

    country: Mapping[str, str] = Field(default_factory=dict)
    role: Mapping[str, str] = Field(default_factory=dict)
    option: Mapping[str, str] = Field(default_factory=dict)


class Survey(Entry):
    """The file surveys.yaml maps a source to one of these. `missing` are texts that mean no answer, as blanks do."""

    editions: tuple[Edition, ...] = Field(min_length=1)
    missing: tuple[str, ...] = ()
    none_options: tuple[str, ...] = ()
    aliases: Aliases = Aliases()

    @model_validator(mode="after")
    def _one_edition_a_year(self) -> Survey:
        years = [edition.year for edition in self.editions]
        if repeated := sorted({year for year in years if years.count(year) > 1}):
            raise ValueError(f"editions of one year: {repeated}; expected one each")
        return self


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
Measure = Literal[
    "value", "growth", "change", "net_additions", "net_additions_growth", "lifetime_multiple", "lifetime_total",
    "ratio", "runner_up_ratio", "without_member", "channels_not_led", "months_mean", "months_total", "months_growth",
    "windows_mean", "window_effect",
]  # fmt: skip
PERIODS: Mapping[str, str] = {
    **dict.fromkeys(get_args(Measure), "year"),
    **dict.fromkeys(("months_mean", "months_total", "months_growth", "windows_mean"), "months"),
    "window_effect": "window",
}
"""Which field says the period of a measure."""
NEEDS: Mapping[str, frozenset[str]] = {
    "ratio": frozenset({"over"}),
    "runner_up_ratio": frozenset({"without"}),
    "without_member": frozenset({"over", "without"}),
    "channels_not_led": frozenset({"without"}),
}
"""The fields that a measure needs besides its period; another measure must not have them."""


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
    same_months_of: int | None = None
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
    measure: Measure
    year: int | None = None
    months: Months | None = None
    window: Identifier | None = None
    relation: Identifier
    stated: float | None = None
    within: float | None = Field(default=None, ge=0)
    evidence: Literal["same", "independent", "proxy"] = "same"
    note: Sentence | None = None

    @model_validator(mode="after")
    def _has_what_its_measure_needs(self) -> Reading:
        periods = {name for name in ("year", "months", "window") if getattr(self, name) is not None}
        if periods != {PERIODS[self.measure]}:
            raise ValueError(f"measure {self.measure} needs the period {PERIODS[self.measure]!r} and no other")
        given = {name for name in ("over", "without") if getattr(self, name) is not None}
        if given != NEEDS.get(self.measure, frozenset()):
            wanted = sorted(NEEDS.get(self.measure, ()))
            raise ValueError(f"measure {self.measure} divides by or leaves out {wanted}, not {sorted(given)}")
        if (self.metric is None) != (self.measure == "channels_not_led"):
            raise ValueError(f"measure {self.measure}: every measure but channels_not_led needs a metric")
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
        readings = [{**tested, **reading} for reading in entry.get("readings", ()) if isinstance(reading, dict)]
        return {**{name: value for name, value in entry.items() if name != "tested"}, "readings": readings}

    @model_validator(mode="after")
    def _tested_or_not(self) -> Claim:
        if self.not_testable is not None and (self.readings or self.needs):
            raise ValueError("not_testable leaves no readings and no needs")
        if not (self.readings or self.needs or self.not_testable):
            raise ValueError("expected readings, or what is needed for one, or why it is not testable")
        return self


class Claims(Entry):
    """The file claims.yaml."""

    words: tuple[Word, ...] = ()
    windows: tuple[NamedWindow, ...] = ()
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class Spelling:
    """One spelling of a name: whose it is, and the entry (current name, member role, validity) it belongs to."""

    namespace: str
    spelling: str
    entity_type: str
    entity_id: str
    entry: Name


FILES: Mapping[str, TypeAdapter[Any]] = {
    "frameworks": TypeAdapter(Frameworks),
    "metrics": TypeAdapter(tuple[Metric, ...]),
    "sources": TypeAdapter(tuple[SourceEntry, ...]),
    "breaks": TypeAdapter(tuple[Break, ...]),
    "events": TypeAdapter(tuple[Event, ...]),
    "tide_excludes": TypeAdapter(tuple[TideExclude, ...]),
    "surveys": TypeAdapter(dict[str, Survey]),
    "review": TypeAdapter(Review),
    "claims": TypeAdapter(Claims),
}


@dataclass(frozen=True)
class Catalog:
    """The whole catalog of one field, validated within and between files."""

    frameworks: tuple[Framework, ...]
    contenders: tuple[Contender, ...]
    markets: tuple[Market, ...]
    metrics: tuple[Metric, ...]
    sources: tuple[SourceEntry, ...]
    breaks: tuple[Break, ...]
    events: tuple[Event, ...]
    tide_excludes: tuple[TideExclude, ...]
    surveys: Mapping[str, Survey]
    review: Review
    claims: Claims

    def source(self, source_id: str) -> SourceEntry:
        """The entry of one source; raises KeyError for an unknown id."""
        return {source.id: source for source in self.sources}[source_id]

    def names(self, namespace: str) -> frozenset[str]:
        """Every name, former ones too, that the catalog lists in one namespace."""
        return frozenset(entry.spelling for entry in self.spellings() if entry.namespace == namespace)

    def asked_names(self, namespace: str, of_markets: bool = False) -> tuple[Name, ...]:
        """The current names that a publisher is asked for: of frameworks and contenders, or of whole markets."""
        return tuple(
            spelling.entry
            for spelling in self.spellings()
            if spelling.namespace == namespace
            and (spelling.entity_type == "market") == of_markets
            and spelling.spelling == spelling.entry.name
        )

    def all_contenders(self) -> Iterator[Contender]:
        """The contenders of several frameworks, then every framework that is its own."""
        yield from self.contenders
        for framework in self.frameworks:
            if framework.role == "contender" and framework.contender is None:
                itself = ContenderMember(framework=framework.id, reason="itself")
                yield Contender(id=framework.id, label=framework.label, represented_by=framework.id, members=(itself,))

    def spellings(self) -> Iterator[Spelling]:
        """Every name of every entity, former names too."""
        kinds = {"contender": "framework", "reference": "reference"}
        named: list[tuple[str, str, Mapping[str, tuple[Name, ...]]]] = [
            *((kinds[entry.role], entry.id, entry.names) for entry in self.frameworks),
            *(("contender", entry.id, entry.names) for entry in self.contenders),
            *(("market", entry.id, entry.names) for entry in self.markets),
        ]
        for entity_type, entity_id, namespaces in named:
            for namespace, names in namespaces.items():
                for name in names:
                    for spelling in (name.name, *(former.name for former in name.formerly)):
                        yield Spelling(namespace, spelling, entity_type, entity_id, name)


class _UniqueKeys(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error, where plain YAML forgets the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for key, _ in node.value:
            if keys.count(key.value) > 1:
                said = f"the key {key.value!r} stands twice"
                raise yaml.constructor.ConstructorError(None, None, said, key.start_mark)
        return super().construct_mapping(node, deep)


def load_catalog(folder: Path) -> Catalog:
    """Read and validate the catalog in `folder`.

    Raises:
        CatalogError: listing every wrong entry as file, entry, field and what was expected.
    """
    files = {name: _read_file(folder / f"{name}.yaml", adapter) for name, adapter in FILES.items()}
    people: Frameworks = files.pop("frameworks")
    catalog = Catalog(people.frameworks, people.contenders, people.markets, **files)
    problems = list(_problems(catalog))
    if problems:
        raise CatalogError("\n".join(problems))
    return catalog


def _read_file(path: Path, adapter: TypeAdapter[Any]) -> Any:  # noqa: ANN401 - each file has a type of its own
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _UniqueKeys)  # noqa: S506
    except FileNotFoundError as error:
        raise CatalogError(f"{path.name}: the file is missing in {path.parent}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CatalogError(f"{path.name}: not readable as YAML: {error}") from error
    try:
        return adapter.validate_python(content)
    except ValidationError as error:
        raise CatalogError("\n".join(_explain(path.name, content, problem) for problem in error.errors())) from error


def _explain(file: str, content: object, problem: ErrorDetails) -> str:
    """One line: file, entry by its id where it has one, field, what was expected, what was found."""
    place: list[str] = []
    entry = ""
    here = content
    for step in problem["loc"]:
        place.append(str(step))
        here = _inside(here, step)
        if isinstance(here, dict) and ("id" in here or "name" in here):
            entry, place = str(here.get("id", here.get("name"))), []
    where = f"{file}: entry {entry!r}" if entry else file
    return f"{where}: field {'.'.join(place) or '(whole)'}: {reason_of(problem)}; found {problem['input']!r:.80}"


def _inside(container: object, step: int | str) -> object:
    """The part of parsed YAML that a step leads to, None where there is none."""
    if isinstance(container, dict):
        return container.get(step)
    if isinstance(container, list) and isinstance(step, int) and step < len(container):
        return container[step]
    return None


def _problems(catalog: Catalog) -> Iterator[str]:
    """Rules between entries and files, each broken one as a line for people."""
    frameworks = {entry.id for entry in catalog.frameworks}
    contenders = {entry.id for entry in catalog.all_contenders()}
    metrics = {entry.id for entry in catalog.metrics}
    sources = {entry.id for entry in catalog.sources}
    bases = {pair.basis for metric in catalog.metrics for pair in metric.sources}
    namespaces = {spelling.namespace for spelling in catalog.spellings()}
    groups: list[tuple[str, Iterable[str]]] = [
        ("frameworks.yaml: framework", (entry.id for entry in catalog.frameworks)),
        ("frameworks.yaml: contender", (entry.id for entry in catalog.all_contenders())),
        ("frameworks.yaml: market", (entry.id for entry in catalog.markets)),
        ("metrics.yaml", (entry.id for entry in catalog.metrics)),
        ("sources.yaml", (entry.id for entry in catalog.sources)),
        ("breaks.yaml", (entry.id for entry in catalog.breaks)),
        ("events.yaml", (entry.id for entry in catalog.events)),
        ("tide_excludes.yaml", (entry.name for entry in catalog.tide_excludes)),
        ("claims.yaml: word", (entry.id for entry in catalog.claims.words)),
        ("claims.yaml: window", (entry.id for entry in catalog.claims.windows)),
        ("claims.yaml: claim", (entry.id for entry in catalog.claims.claims)),
        *(
            (f"claims.yaml: entry {claim.id!r}: reading", (entry.reading for entry in claim.readings))
            for claim in catalog.claims.claims
        ),
    ]
    for place, ids in groups:
        yield from (
            f"{place}: {name!r} occurs {times} times; expected once"
            for name, times in Counter(ids).items()
            if times > 1
        )
    yield from _membership_problems(catalog, frameworks)
    yield from _name_problems(catalog)
    yield from _claim_problems(catalog)
    references: list[Reference] = [
        *(
            ("metrics.yaml", metric.id, "sources", pair.source, sources)
            for metric in catalog.metrics
            for pair in metric.sources
        ),
        *(
            ("metrics.yaml", metric.id, f"choices.{dimension}", basis, metric.admissible())
            for metric in catalog.metrics
            for dimension, basis in metric.choices.ways()
        ),
        *(
            ("breaks.yaml", entry.id, "reach.sources", name, sources)
            for entry in catalog.breaks
            for name in entry.reach.sources
        ),
        *(
            ("breaks.yaml", entry.id, "reach.metrics", name, metrics)
            for entry in catalog.breaks
            for name in entry.reach.metrics
        ),
        *(
            ("breaks.yaml", entry.id, "reach.entities", name, frameworks | contenders)
            for entry in catalog.breaks
            for name in entry.reach.entities
        ),
        *(("events.yaml", entry.id, "metrics", name, metrics) for entry in catalog.events for name in entry.metrics),
        *(
            ("events.yaml", entry.id, "entities", name, frameworks | contenders)
            for entry in catalog.events
            for name in entry.entities
        ),
        *(
            ("breaks.yaml", entry.id, "reach.bases", name, bases)
            for entry in catalog.breaks
            for name in entry.reach.bases
        ),
        *(
            ("sources.yaml", entry.id, "biases.bases", name, bases)
            for entry in catalog.sources
            for bias in entry.biases
            for name in bias.bases
        ),
        *(("sources.yaml", entry.id, "names", entry.names, namespaces) for entry in catalog.sources),
        *(("surveys.yaml", name, "(key)", name, sources) for name in catalog.surveys),
        *_claim_references(catalog, metrics, frameworks | contenders | {entry.id for entry in catalog.markets}),
        ("review.yaml", "review", "focus", catalog.review.focus, contenders),
        ("review.yaml", "review", "benchmark", catalog.review.benchmark, contenders),
    ]
    for file, entry, field, name, known in references:
        if name not in known:
            yield f"{file}: entry {entry!r}: field {field}: {name!r} is not known; expected one of {sorted(known)}"


Reference = tuple[str, str, str, str, Collection[str]]
"""File, entry, field, the name that stands there, and the names that are known."""


def _claim_references(catalog: Catalog, metrics: set[str], entities: set[str]) -> Iterator[Reference]:
    """Every name that a window or a reading takes from elsewhere in the catalog."""
    words = {word.id for word in catalog.claims.words}
    windows = {window.id: window.metrics for window in catalog.claims.windows}
    ways = {metric.id: {f"{pair.source}/{pair.basis}" for pair in metric.sources} for metric in catalog.metrics}
    for window in catalog.claims.windows:
        yield from (("claims.yaml", window.id, "metrics", name, metrics) for name in window.metrics)
    for claim in catalog.claims.claims:
        for reading in claim.readings:
            is_of_channels = reading.measure == "channels_not_led"
            others = {metric.channel for metric in catalog.metrics} if is_of_channels else entities
            names: list[tuple[str, str | None, Collection[str]]] = [
                ("metric", reading.metric, metrics),
                ("entity", reading.entity, entities),
                ("over", reading.over, entities),
                ("without", reading.without, others),
                ("relation", reading.relation, words),
                ("window", reading.window, windows.keys()),
            ]
            if reading.source is not None or reading.basis is not None:
                way = f"{reading.source}/{reading.basis}"
                names.append(("source/basis", way, ways.get(reading.metric or "", set())))
            if reading.window in windows:
                names.append(("metric", reading.metric, windows[reading.window]))
            for field, name, known in names:
                if name is not None:
                    yield "claims.yaml", claim.id, f"{reading.reading}.{field}", name, known


def _claim_problems(catalog: Catalog) -> Iterator[str]:
    """A stated number where the word speaks of one, and none where it does not."""
    words = {word.id: word for word in catalog.claims.words}
    for claim in catalog.claims.claims:
        for reading in claim.readings:
            word = words.get(reading.relation)
            if word is not None and (reading.stated is not None) != word.has_tolerance:
                yield (
                    f"claims.yaml: entry {claim.id!r}: field {reading.reading}.stated: {word.says!r} "
                    f"{'needs' if word.has_tolerance else 'has no'} stated number; found {reading.stated}"
                )


def _membership_problems(catalog: Catalog, frameworks: set[str]) -> Iterator[str]:
    declared = {(contender.id, member.framework) for contender in catalog.contenders for member in contender.members}
    named = {(entry.contender, entry.id) for entry in catalog.frameworks if entry.contender is not None}
    for contender, framework in sorted(declared ^ named):
        yield (
            f"frameworks.yaml: entry {framework!r}: field contender: membership in {contender!r} must stand both "
            "at the framework (contender) and at the contender (members)"
        )
    for entry in catalog.contenders:
        members = {member.framework for member in entry.members}
        if entry.represented_by not in members & frameworks:
            yield (
                f"frameworks.yaml: entry {entry.id!r}: field represented_by: {entry.represented_by!r} is not one of "
                f"its members {sorted(members)}"
            )


def _name_problems(catalog: Catalog) -> Iterator[str]:
    owners: dict[tuple[str, str], list[str]] = {}
    primaries: Counter[tuple[str, str, str]] = Counter()
    for entry in catalog.spellings():
        owners.setdefault((entry.namespace, entry.spelling), []).append(entry.entity_id)
        if entry.entry.member == "primary" and entry.spelling == entry.entry.name:
            primaries[entry.namespace, entry.entity_type, entry.entity_id] += 1
    for (namespace, name), entities in owners.items():
        if len(entities) > 1:
            yield (
                f"frameworks.yaml: entries {entities}: field names.{namespace}: {name!r} is claimed "
                f"{len(entities)} times; expected once"
            )
    for (namespace, _, entity), times in primaries.items():
        if times > 1:
            yield (
                f"frameworks.yaml: entry {entity!r}: field names.{namespace}: {times} primary names; "
                "expected at most one"
            )
