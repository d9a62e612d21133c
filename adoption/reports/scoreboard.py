"""The year of two contenders as one row a metric: both years, the change, and their ratio now and a year before.

Belongs here: which rows stand on the scoreboard, and the ratio. Does not belong here: how it is printed
(`adoption.reports.screen`) or drawn, and any verdict on a single contender (the marts hold it).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from adoption.reports import format as wording
from adoption.reports.pairs import relation
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]
Gap = Literal["widened", "narrowed", "unchanged", "overtook", "fell behind", "unclear", "not comparable", "no data"]

PARTS_SAY = "by ratio"
TOO_CLOSE = "too close"
"""Instead of a ratio, where it is not known who is ahead."""
"""Of a part the brief has no verdict of its own."""
UNMOVED: dict[str, Gap] = {"steady": "unchanged", "inconclusive": "unclear", "mixed": "unclear"}
LEVEL = 0.03
"""Ratios that differ by less than this are the same: months estimated from windows move so much."""
ROWS = """
with lines as (
    select *, coalesce(lead_source_id, source_id) as way_source_id, coalesce(lead_basis, basis) as way_basis
    from {brief}
    where year = $year and entity_id = $entity and against_entity_id = $against and metric_id is not null
),

series as (
    select yoy.*, yoy.break_ids is null or len(yoy.break_ids) = 0 as has_no_break
    from marts.fct_adoption_yoy as yoy
    where yoy.year in ($year, $year - 1) and yoy.entity_type = 'contender' and yoy.segment = 'all'
        and yoy.entity_id in ($entity, $against)
)

select
    lines.*, sources.label as source_label, metrics.position as metric_position,
    -- both years as the change compares them: one source and basis, over the same months where both lack some
    own.series_id as level_series_id, on_common.is_so as level_is_common,
    if(on_common.is_so, own.common_value, own.value) as level_value,
    if(on_common.is_so, own.common_prior_value, own.prior_value) as level_prior_value,
    if(on_common.is_so, null, own.low) as level_low, if(on_common.is_so, null, own.high) as level_high,
    if(on_common.is_so, null, own.prior_low) as level_prior_low,
    if(on_common.is_so, null, own.prior_high) as level_prior_high,
    own.is_complete and not on_common.is_so as level_is_complete,
    own.is_prior_complete and not on_common.is_so as level_is_prior_complete,
    if(on_common.is_so, own.common_months, own.months_held) as level_months,
    own.net_additions as level_additions, own.net_additions_prior as level_prior_additions,
    greatest(mine.grade, theirs.grade) as ratio_grade,
    mine.ranking_low as mine_low, mine.ranking_high as mine_high,
    theirs.ranking_low as theirs_low, theirs.ranking_high as theirs_high,
    mine_before.ranking_low as mine_before_low, mine_before.ranking_high as mine_before_high,
    theirs_before.ranking_low as theirs_before_low, theirs_before.ranking_high as theirs_before_high,
    coalesce(
        mine.is_comparable or (mine.has_no_break and not (mine.is_complete and mine.is_prior_complete)), false
    ) and coalesce(
        theirs.is_comparable or (theirs.has_no_break and not (theirs.is_complete and theirs.is_prior_complete)), false
    ) as are_ratios_comparable,
    mine.not_comparable_reason as way_not_comparable_reason
from lines
inner join meta.metrics as metrics using (metric_id)
left join meta.sources as sources on lines.way_source_id = sources.source_id
left join series as own
    on own.year = $year and own.entity_id = $entity and lines.metric_id = own.metric_id
    and coalesce(lines.source_id, lines.way_source_id) = own.source_id
    and coalesce(lines.basis, lines.way_basis) = own.basis
cross join lateral (
    select coalesce(own.compared_on = 'common months' and own.common_value is not null, false) as is_so
) as on_common
left join series as mine
    on mine.year = $year and mine.entity_id = $entity and lines.metric_id = mine.metric_id
    and lines.way_source_id = mine.source_id and lines.way_basis = mine.basis
left join series as theirs
    on theirs.year = $year and theirs.entity_id = $against and lines.metric_id = theirs.metric_id
    and lines.way_source_id = theirs.source_id and lines.way_basis = theirs.basis
left join series as mine_before on mine_before.year = $year - 1 and mine.series_id = mine_before.series_id
left join series as theirs_before on theirs_before.year = $year - 1 and theirs.series_id = theirs_before.series_id
order by lines.line_number
"""


PARTS = """
with series as (
    select yoy.*, yoy.break_ids is null or len(yoy.break_ids) = 0 as has_no_break
    from marts.fct_adoption_yoy as yoy
    where yoy.entity_type = 'contender' and yoy.segment <> 'all' and yoy.metric_id = $metric
        and yoy.source_id = $source and yoy.basis = $basis
)

select
    mine.segment, mine.unit, mine.kind, greatest(mine.grade, theirs.grade) as ratio_grade,
    mine.ranking_low as mine_low, mine.ranking_high as mine_high,
    theirs.ranking_low as theirs_low, theirs.ranking_high as theirs_high,
    mine_before.ranking_low as mine_before_low, mine_before.ranking_high as mine_before_high,
    theirs_before.ranking_low as theirs_before_low, theirs_before.ranking_high as theirs_before_high,
    coalesce(mine.has_no_break and theirs.has_no_break, false) as are_ratios_comparable
from series as mine
inner join series as theirs
    on theirs.entity_id = $against and mine.year = theirs.year and mine.segment = theirs.segment
left join series as mine_before on mine_before.year = $year - 1 and mine.series_id = mine_before.series_id
left join series as theirs_before on theirs_before.year = $year - 1 and theirs.series_id = theirs_before.series_id
where mine.year = $year and mine.entity_id = $entity
order by mine.segment
"""


@dataclass(frozen=True)
class Ratio:
    """How many times as much one has as the other; low and high are the same where it is known as a number."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """The number that a mark stands on."""
        return math.sqrt(self.low * self.high)

    @property
    def is_number(self) -> bool:
        return math.isclose(self.low, self.high)

    @property
    def is_ahead(self) -> bool | None:
        """Whether the first is ahead; None where the bounds hold both."""
        return None if self.low <= 1 <= self.high else self.low > 1


@dataclass(frozen=True)
class Score:
    """One metric of the scoreboard: the row of the brief with its series, and the ratios."""

    row: Row
    ratio: Ratio | None
    before: Ratio | None

    @property
    def label(self) -> str:
        return str(self.row["metric_label"])

    @property
    def grade(self) -> str:
        return str(self.row["grade"] or "")

    @property
    def ratio_grade(self) -> str:
        """The worse grade of the two figures of the ratio, which may be counted otherwise than the level."""
        return str(self.row.get("ratio_grade") or self.grade)

    @property
    def gap(self) -> Gap:
        """What became of the distance between the two."""
        if self.ratio is None:
            return "no data"
        ground = self.row.get("ground", PARTS_SAY)
        if self.row.get("lead") == "inconclusive":
            return "unclear"
        if self.before is None or ground is None:
            return "no data" if self.row["are_ratios_comparable"] else "not comparable"
        if ground in UNMOVED:
            return UNMOVED[ground]
        return _gap(self.before, self.ratio) if ground == PARTS_SAY else _moved(self.before, self.ratio, ground)


def _moved(before: Ratio, now: Ratio, ground: str) -> Gap:
    """What it means for the gap that ground was gained or lost: the brief's verdict, in words of the distance."""
    is_ahead, was_ahead = now.middle >= 1, before.middle >= 1
    if is_ahead != was_ahead:
        return "overtook" if is_ahead else "fell behind"
    return "widened" if (ground == "gained") == is_ahead else "narrowed"


def _gap(before: Ratio, now: Ratio) -> Gap:
    if before.low <= now.high and now.low <= before.high and not (before.is_number and now.is_number):
        return "unclear"
    if before.is_ahead is not None and now.is_ahead is not None and before.is_ahead != now.is_ahead:
        return "overtook" if now.is_ahead else "fell behind"
    moved = abs(math.log(now.middle)) - abs(math.log(before.middle))
    if abs(moved) < LEVEL:
        return "unchanged"
    return "widened" if moved > 0 else "narrowed"


def scores(connection: duckdb.DuckDBPyConnection, year: int, entity: str, against: str) -> list[Score]:
    """Every metric of the channels of which something is known of the year, in the order of the brief."""
    query = ROWS.format(brief=relation(connection, "rpt_brief", entity, against))
    rows = fetch_dicts(connection, query, {"year": year, "entity": entity, "against": against})
    counted = {_way(row) for row in rows if row["kind"] == "flow"}
    # a share of what is counted above it says the same again
    own = (row for row in rows if row["kind"] != "share" or _way(row) not in counted)
    return [score for row in own if (score := _score(row)) is not None]


def _way(row: Row) -> tuple[object, ...]:
    return row["channel"], row["way_source_id"], row["way_basis"]


def _score(row: Row) -> Score | None:
    if row["lead"] is None and row["value"] is None and row["low"] is None and not row["parts"]:
        return None
    now = ratio_of(row["mine_low"], row["mine_high"], row["theirs_low"], row["theirs_high"])
    led = ratio_of(*_bounds(row, "lead"), *_bounds(row, "against"))
    sides = ("mine_before_low", "mine_before_high", "theirs_before_low", "theirs_before_high")
    before = ratio_of(*(row[side] for side in sides)) if row["are_ratios_comparable"] else None
    ratio = _known(row, "ratio") or led or now
    return Score(row, ratio if row["lead"] is not None else None, _known(row, "prior_ratio") or before)


def _known(row: Row, name: str) -> Ratio | None:
    """A ratio of the brief: the number, or else its bounds."""
    value, low, high = (row.get(f"{name}{end}") for end in ("", "_low", "_high"))
    if value:
        return Ratio(value, value)
    return Ratio(low, high) if low and high else None


def parts(connection: duckdb.DuckDBPyConnection, score: Score) -> list[Score]:
    """The parts of a metric that has parts only, such as conferences, each with its ratio; others are left out."""
    row = score.row
    parameters = {
        "metric": row["metric_id"],
        "source": row["way_source_id"],
        "basis": row["way_basis"],
        "year": row["year"],
        "entity": row["entity_id"],
        "against": row["against_entity_id"],
    }
    scores = []
    for part in fetch_dicts(connection, PARTS, parameters):
        now = ratio_of(*(part[side] for side in ("mine_low", "mine_high", "theirs_low", "theirs_high")))
        label = f"{row['metric_label']}: {wording.words(part['segment'].partition('=')[2])}"
        sides = ("mine_before_low", "mine_before_high", "theirs_before_low", "theirs_before_high")
        before = ratio_of(*(part[side] for side in sides)) if part["are_ratios_comparable"] else None
        if now:
            of_part = {**row, **part, "metric_label": label, "ground": PARTS_SAY, "lead": None}
            scores.append(Score(of_part, now, before))
    return scores


def _bounds(row: Row, name: str) -> tuple[float | None, float | None]:
    value = row[f"{name}_value"]
    return (value, value) if value is not None else (row[f"{name}_low"], row[f"{name}_high"])


def ratio_of(low: float | None, high: float | None, other_low: float | None, other_high: float | None) -> Ratio | None:
    """The ratio of two figures that lie within bounds; None where one is not known, or may be none at all."""
    if low is None or high is None or other_low is None or other_high is None:
        return None
    if min(low, other_low) <= 0:
        return None
    return Ratio(low / other_high, high / other_low)


def compact(value: float | None, unit: str) -> str:
    """A figure in three digits: 113.8M, 20.7k, 56.5 %."""
    if value is None:
        return ""
    if unit.startswith(wording.FRACTIONAL):
        return wording.number(value, unit)
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            scaled = value / (1e3 if letter == "k" else size)
            return f"{scaled:,.{0 if abs(scaled) >= 1000 else 1}f}{letter}"
    return f"{value:,.0f}"


def lacking(connection: duckdb.DuckDBPyConnection, year: int, entity: str, against: str) -> list[str]:
    """The channels of which no comparable figure of both is held."""
    rows = fetch_dicts(
        connection,
        f"select channels_not_measured from {relation(connection, 'rpt_brief', entity, against)} "
        "where year = ? and entity_id = ? and against_entity_id = ? and line_kind = 'headline'",
        [year, entity, against],
    )
    return [str(channel) for row in rows for channel in row["channels_not_measured"] or ()]


def in_words(ratio: Ratio | None) -> str:
    """Who is ahead, and how many times: 6.2x ahead, 1.8x behind, at least 3.5x ahead, just ahead."""
    if ratio is None:
        return ""
    if ratio.is_ahead is None:
        return TOO_CLOSE
    low = ratio.low if ratio.is_ahead else 1 / ratio.high
    side = "ahead" if ratio.is_ahead else "behind"
    if ratio.is_number and times(low) == "1.0x":
        return f"just {side}"
    return f"{times(low)} {side}" if ratio.is_number else f"≥{times(low)} {side}"


def times(value: float) -> str:
    """A multiple in two digits."""
    return f"{value:.0f}x" if value >= 10 else f"{value:.1f}x"
