"""What a report says of a year: the brief, each metric, claims, what is missing, and where it all comes from.

Belongs here: asking the published file, and laying figures out with the place in the marts that each is taken from.
Does not belong here: any figure or sentence (the marts hold them), how one is worded (`adoption.reports.format`,
`adoption.reports.review`, `adoption.reports.claims`), pictures (`adoption.reports.page.figures`), or how a page looks
(`templates/`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from adoption.reports import brief as briefs
from adoption.reports import claims as claimed
from adoption.reports import format as wording
from adoption.reports import readiness, review, scoreboard
from adoption.reports import score_words as words
from adoption.reports.charts import inks
from adoption.reports.names import chosen
from adoption.reports.one_way import in_one_way
from adoption.reports.readiness import Readiness
from ingest.catalog import Catalog, load_catalog
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

    from adoption.publish.identity import Identity
    from adoption.reports.charts.inks import Ink
    from adoption.reports.scoreboard import Score
    from adoption.settings import Settings

Row = dict[str, Any]

ALL = "all"
CELLS: Sequence[Sequence[str]] = (
    ("entity_id",),
    ("prior_value", "prior_low", "prior_high", "prior_months_held"),
    ("value", "low", "high", "numerator", "denominator", "months_held"),
    ("yoy_change", "yoy_pct", "yoy_low", "net_additions", "net_additions_prior", "net_additions_pct"),
    ("yoy_low", "yoy_high"),
    ("baseline_growth_pct", "growth_percentile"),
    ("ratio_to_benchmark",),
    ("grade",),
)
"""The columns of the review behind each cell of `adoption.reports.review.row_cells`."""

KEYS = "select table_name, columns from meta.keys"
BUILT = """
select
    (select max(checked_at) from meta.check_results) as built_at,
    (select max(landed_at) from meta.extracts where status = 'loaded') as newest_at
"""
SOURCES = """
select sources.*, max(extracts.available_at) as newest_at, max(extracts.landed_at) as landed_at
from marts.dim_sources as sources
left join meta.extracts as extracts on sources.source_id = extracts.source_id and extracts.status = 'loaded'
where list_contains(?, sources.source_id)
group by all order by sources.label
"""
MEMBERS = "select contender_id, framework_id from meta.members"


@dataclass(frozen=True)
class Figure:
    """Words on the page, and the columns of the row (or rows) of a mart that they are taken from."""

    text: str
    mart: str
    key: Mapping[str, Any]
    raw: Mapping[str, Any]

    @property
    def place(self) -> str:
        """Where it stands in the published file, for people: the table, the row, the columns."""
        row = ", ".join(str(value) for value in self.key.values() if value is not None)
        columns = f"; {', '.join(self.raw)}" if self.raw else ""
        return f"marts.{self.mart}: {row}{columns}"

    @property
    def key_json(self) -> str:
        return json.dumps(self.key, default=str, ensure_ascii=False)

    @property
    def raw_json(self) -> str:
        return json.dumps(self.raw, default=str, ensure_ascii=False)


@dataclass(frozen=True)
class Marts:
    """The published file, and what makes a row of each of its tables unique."""

    connection: duckdb.DuckDBPyConnection
    keys: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection) -> Marts:
        return cls(connection, {row["table_name"]: row["columns"] for row in fetch_dicts(connection, KEYS)})

    def figure(self, text: str, mart: str, row: Mapping[str, Any], *columns: str) -> Figure:
        """A figure of one row of a mart."""
        # an expression over a column that may be null stands for that column
        names = [re.sub(r"coalesce\((\w+),.*", r"\1", column) for column in self.keys[mart]]
        key = {column: row[column] for column in names}
        return Figure(text, mart, key, {column: row[column] for column in columns})


@dataclass(frozen=True)
class Line:
    """A sentence of the brief, its name set apart; a metric is a line of the channel above it."""

    sentence: Figure
    name: str
    rest: str
    direction: Figure
    lead: Figure
    is_part: bool


@dataclass(frozen=True)
class Section:
    """One metric: its table with a row for each entity or part, and what must stand beside the figures."""

    metric: Row
    rows: Sequence[Row]
    way: str
    headings: Sequence[str]
    table: Sequence[Sequence[Figure]]
    remarks: Sequence[Figure]

    @property
    def is_known(self) -> bool:
        """Whether anything is held of the year itself."""
        return any(row["is_known"] for row in self.rows)

    @property
    def says_anything(self) -> bool:
        """Whether a figure of this year or the one before is held."""
        return self.is_known or any(row["prior_value"] is not None or row["prior_low"] is not None for row in self.rows)

    @property
    def is_pair(self) -> bool:
        """Whether it is two contenders side by side, and not a list of parts or markets."""
        return all(row["segment"] == ALL and row["entity_type"] == "contender" for row in self.rows)

    @property
    def is_context(self) -> bool:
        return bool(self.metric["channel"] == readiness.CONTEXT)


@dataclass(frozen=True)
class Claim:
    """A published statement, its verdict, and its readings: cells by name, each a figure."""

    claim: Row
    verdict: Figure
    readings: Sequence[Mapping[str, Figure]]
    source_ids: frozenset[str]


@dataclass(frozen=True)
class Content:
    """All that the page, the Markdown and the posts are made of."""

    year: int
    entity: Row
    against: Row
    headline: Figure | None
    lines: Sequence[Line]
    briefs: Mapping[str, Row]
    sections: Sequence[Section]
    crossings: Sequence[Figure]
    claims: Sequence[Claim]
    missing: Sequence[Readiness]
    sources: Sequence[Row]
    built_at: datetime
    newest_at: datetime | None
    scores: Sequence[Score]
    ratios: Sequence[Score]
    board: Sequence[Sequence[Figure | str]]
    inks: tuple[Ink, Ink]
    identity: Identity | None = None

    @property
    def colours(self) -> dict[str, str]:
        """The colours of the two, by their names."""
        return {row["label"]: ink.light for row, ink in zip((self.entity, self.against), self.inks, strict=True)}

    @property
    def shown(self) -> list[Section]:
        """The sections that hold a figure of the year."""
        return [section for section in self.sections if section.is_known]

    @property
    def title(self) -> str:
        return f"{self.year} in review: {self.entity['label']} against {self.against['label']}"

    @property
    def board_columns(self) -> list[tuple[int, str, bool]]:
        """The columns of the brief that say something: place, heading, and whether they hold words, not figures."""
        on = f"On {self.against['label']}"
        heads = (str(self.year - 1), str(self.year), "Change", "Median package", on, "The gap", "Grade")
        texts = [[cell if isinstance(cell, str) else cell.text for cell in cells] for cells in self.board]
        places = [place for place in range(1, len(heads) + 1) if any(row[place] for row in texts)]
        return [(place, heads[place - 1], place >= heads.index(on) + 1) for place in places]

    @property
    def pair(self) -> list[Row]:
        """The rows of the two contenders that stand for a metric as a whole."""
        return [row for section in self.sections if section.is_pair for row in section.rows]


def read(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    year: int,
    entity: str | None = None,
    against: str | None = None,
    catalog: Catalog | None = None,
) -> Content:
    """The content of the report of a year and two contenders, by default the catalog's.

    Raises:
        UnknownYearError: when no source covers the year.
        UnknownContenderError: when the catalog has no such contender, or both are the same.
        CatalogError: when the catalog is not valid.
    """
    marts, (focus, other) = Marts.of(connection), chosen(connection, entity, against)
    rows = review.read(connection, year, focus["entity_id"], other["entity_id"])
    lines, crossings = _brief(marts, year, focus, other)
    shown = in_one_way(connection, year, rows)
    sections = [_section(marts, year, list(group)) for _, group in groupby(shown, key=lambda row: row["metric_id"])]
    claims = _claims(marts, year, focus, other)
    board = scoreboard.scores(connection, year, focus["entity_id"], other["entity_id"])
    colours, built = inks.of_contenders(connection), fetch_dicts(connection, BUILT)[0]
    return Content(
        year=year,
        entity=focus,
        against=other,
        headline=next((_sentence(marts, line) for line in lines if line["line_kind"] == "headline"), None),
        lines=[_line(marts, line) for line in lines if line["line_kind"] != "headline"],
        briefs={line["metric_id"]: line for line in lines if line["metric_id"]},
        sections=sections,
        crossings=crossings,
        claims=claims,
        missing=_missing(
            catalog or load_catalog(settings.catalog), year, rows, (focus, other), built["built_at"].date()
        ),
        sources=_sources(connection, _source_ids([*rows, *shown], claims)),
        scores=board,
        ratios=[part for score in board for part in ([score] if score.ratio else scoreboard.parts(connection, score))],
        board=[_board_row(marts, score) for score in board],
        inks=(colours[focus["entity_id"]], colours[other["entity_id"]]),
        **built,
    )


def _sources(connection: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> list[Row]:
    """The sources that are used, each with where it is found."""
    return [{**row, "address": address_of(row["repository"])} for row in fetch_dicts(connection, SOURCES, [ids])]


def _brief(marts: Marts, year: int, focus: Row, other: Row) -> tuple[list[Row], list[Figure]]:
    """The brief's lines and passings; none for a year of which there is no data of both."""
    ids = [focus["entity_id"], other["entity_id"]]
    labels = {row["entity_id"]: row["label"] for row in (focus, other)}
    lines = briefs.lines_of(marts.connection, year, *ids)
    passed = briefs.crossovers_of(marts.connection, year, *ids)
    columns = ("value", "low", "high", "against_value", "against_low", "against_high", "month_date", "grade")
    return lines, [marts.figure(briefs.crossing(row, labels), "fct_crossovers", row, *columns) for row in passed]


def _board_row(marts: Marts, score: Score) -> list[Figure | str]:
    """A metric of the brief as cells, those of one row of a mart with the columns that they are taken from."""
    row = score.row
    series = {**row, "series_id": row["level_series_id"]}
    before, now = words.levels_in_full(row)
    return [
        row["metric_label"],
        marts.figure(before, "fct_adoption_yoy", series) if before and row["level_series_id"] else "",
        marts.figure(now, "fct_adoption_yoy", series) if now and row["level_series_id"] else "",
        marts.figure(words.change(score), "rpt_brief", row, "move", "change", "yoy_common_pct"),
        marts.figure(words.baseline(score), "rpt_brief", row, "baseline_growth_pct", "growth_percentile"),
        words.standing(score),
        score.gap,
        marts.figure(words.GRADES.get(score.grade, score.grade), "rpt_brief", row, "grade", "grade_reason"),
    ]


def _sentence(marts: Marts, line: Row) -> Figure:
    return marts.figure(line["sentence"], "rpt_brief", line, "sentence")


def _line(marts: Marts, line: Row) -> Line:
    name, _, rest = line["sentence"].partition(": ")
    direction = marts.figure(line["move"], "rpt_brief", line, "move")
    lead = marts.figure(line["lead"] or wording.NOT_KNOWN, "rpt_brief", line, "lead")
    return Line(_sentence(marts, line), name, rest, direction, lead, line["line_kind"] == "metric")


def _section(marts: Marts, year: int, rows: list[Row]) -> Section:
    shown = review.worth_showing(rows)
    table = [[marts.figure(text, _mart([row]), row, *columns) for text, columns in _cells(row)] for row in shown]
    headings = review.cell_headings(year)
    # a column that says nothing is left out
    used = [index for index in range(len(headings)) if any(cells[index].text for cells in table)]
    some = {"year": year, "metric_id": rows[0]["metric_id"]}
    return Section(
        metric=rows[0],
        rows=shown,
        way=review.way(shown),
        headings=[headings[index] for index in used],
        table=[[cells[index] for index in used] for cells in table],
        remarks=[Figure(text, _mart(shown), some, {}) for text in review.remarks(shown)],
    )


def _mart(rows: Sequence[Row]) -> str:
    """Where rows of the review are found: those that are counted as the other one is are no rows of the review."""
    return "fct_adoption_yoy" if any(row["own_basis"] for row in rows) else "rpt_year_in_review"


def _cells(row: Row) -> Iterable[tuple[str, Sequence[str]]]:
    return zip(review.row_cells(row), CELLS, strict=True)


def _claims(marts: Marts, year: int, focus: Row, other: Row) -> list[Claim]:
    """The claims that speak of the year and of one of the two, or of nobody."""
    pair = {focus["entity_id"], other["entity_id"]}
    members = {row["framework_id"] for row in fetch_dicts(marts.connection, MEMBERS) if row["contender_id"] in pair}
    all_claims = claimed.claims(marts.connection)
    return [_claim(marts, readings) for readings in all_claims if _speaks_of(readings, year, pair | members)]


def _speaks_of(readings: Sequence[Row], year: int, names: set[str]) -> bool:
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    dated = [row for row in readings if row["period_start"]]
    entities = {name for row in readings for name in (row["entity_id"], row["over_entity_id"]) if name}
    in_year = any(row["period_start"] < after and row["period_end"] > first for row in dated)
    # what has no period was said of the year that had just ended, or was under way
    is_of_that_time = not dated and str(readings[0]["said_on"])[:4] in (str(year), str(year + 1))
    return (in_year or is_of_that_time) and (not entities or bool(entities & names))


def _claim(marts: Marts, readings: list[Row]) -> Claim:
    claim = readings[0]
    verdict = marts.figure(wording.words(claim["verdict"]), "fct_claims", claim, "verdict")
    named = [row for row in readings if row["reading_id"]]
    sources = frozenset(row["source_id"] for row in named if row["source_id"])
    return Claim(claim, verdict, [_reading(marts, row) for row in named], sources)


def _reading(marts: Marts, row: Row) -> dict[str, Figure]:
    columns = {
        "reading": ("reading_id", "evidence_kind"),
        "outcome": ("outcome",),
        "computed": ("value", "low", "high", "deviation_pct"),
        "admitted": ("says", "accepted_low", "accepted_high"),
        "grade": ("grade",),
        "evidence": ("evidence", "outcome_reason", "note"),
    }
    return {
        name: marts.figure(text, "fct_claims", row, *columns[name]) for name, text in claimed.described(row).items()
    }


def _missing(catalog: Catalog, year: int, rows: Sequence[Row], pair: Iterable[Row], today: date) -> list[Readiness]:
    """The metrics that lack the year, wholly or for one of the two, and what can be done about it."""
    known = [{**row, "is_bounded": row["value"] is None} for row in rows if row["is_known"]]
    labels = [row["label"] for row in pair]
    metrics = readiness.readiness(catalog, year, known, labels, today)
    return [metric for metric in metrics if metric.state != "held"]


def _source_ids(rows: Sequence[Row], claims: Sequence[Claim]) -> list[str]:
    used = {row["source_id"] for row in rows if row["source_id"]}
    return sorted(used.union(*(claim.source_ids for claim in claims)))


def address_of(text: str | None) -> str:
    """Where a source is found, if what the catalog names is an address or a repository."""
    if not text:
        return ""
    return text if text.startswith("http") else f"https://github.com/{text}" if text.count("/") == 1 else ""
