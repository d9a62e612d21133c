"""The brief of the shipped extracts: what it must say, and that every sentence is true to its row.

Belongs here: what the brief, robustness, momentum and crossovers say. Does not belong here: whether a figure of a year
is right (test_figures).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import groupby

import duckdb
import pytest

from adoption.reports.brief import show
from adoption.reports.names import UnknownContenderError
from adoption.reports.review import UnknownYearError
from adoption.settings import Settings
from ingest.database import fetch_dicts
from tests.end_to_end.asking import Row, find, one

DuckDB = duckdb.DuckDBPyConnection
CANNOT_BE_SAID = "cannot be said"
SENTENCES_MOVE = pytest.mark.skip(reason="the sentences move to Python, with tests of their own, in the next change")
NUMBER = r"[\d,]+(?:\.\d+)?"
LEVEL = rf"(?:below\ )?{NUMBER}(?:\ %)?(?:\ to\ {NUMBER}(?:\ %)?)?"
SIZE = rf"{NUMBER}\ (?:%|points)"
GAIN = rf"[-+]{NUMBER}(?:\ to\ [-+]{NUMBER})?"
PACE = r"grew\ faster|grew\ more\ slowly|grew\ as\ fast|grew|shrank"


def choices(name: str) -> str:
    """The pattern of "in k of n choices"."""
    return rf"in\ (?P<{name}_k>\d+)\ of\ (?P<{name}_n>\d+)\ choices(?:,\ but\ not\ by\ <{name}>)?"


UNDECIDED = rf"""
    (?P<disagree>ways\ of\ counting\ disagree)
    | (?P<too_small>the\ counts\ are\ too\ small)
    | (?P<small_bounds>the\ counts\ are\ small,\ and\ known\ only\ within\ bounds)
    | (?P<from_nothing>the\ year\ before\ may\ be\ next\ to\ nothing)
    | the\ change\ lies\ between\ (?P<between_low>[-+]{SIZE})\ and\ (?P<between_high>[-+]{SIZE})
    | (?P<no_prior>what\ was\ added\ in\ <prior>\ is\ not\ known)
"""
MOVE = rf"""
    (?:
        is\ (?P<up>up|down)\ (?P<least>at\ least\ )?(?:(?P<size>{SIZE})|from\ none)
            ,\ to\ (?P<to>{LEVEL})<per>\ from\ (?P<was>{LEVEL})\ in\ <prior>
        | (?P<pace>{PACE}),\ (?P<gain>[-+]{NUMBER})\ to\ (?P<stock>{LEVEL})
            (?:,\ after\ (?P<gain_before>[-+]{NUMBER})\ in\ <prior>(?:\ \((?P<gain_pct>[-+]{SIZE})\))?)?
        | is\ (?P<flat>flat)\ at\ (?P<flat_at>{LEVEL})<per>
        | is\ (?:at\ )?(?P<at>{LEVEL})<per>,\ after\ (?P<after>{LEVEL})\ in\ <prior>(?:\ \((?P<went>[-+]{SIZE})\))?
        | is\ (?:at\ )?(?P<only>{LEVEL})<per>(?:\ at\ the\ end\ of\ <year>|\ in\ what\ is\ held\ of\ <year>)?
            ,\ and\ whether\ that\ is\ up\ (?P<not_comparable>cannot\ be\ said)\ \(<reason>\)
        | is\ (?:up\ in\ (?P<parts_up>\d+)(?:\ and\ down\ in\ (?P<parts_down>\d+))?|down\ in\ (?P<parts_only_down>\d+))
            \ of\ (?P<parts_compared>\d+)\ \w+(?P<split>,\ so\ that\ no\ direction\ can\ be\ said)?
        | (?P<no_level>the\ level)\ of\ <me>\ at\ the\ end\ of\ <year>\ is\ not\ held
        | (?P<no_parts>whether)\ <me>\ is\ up\ cannot\ be\ said\ \(<reason>\)
    )
    (?P<undecided>,\ and\ whether\ that\ is\ (?:up|faster)\ cannot\ be\ said\ \((?:{UNDECIDED})\))?
    (?:,\ at\ percentile\ (?P<percentile>\d+)\ with\ the\ median\ package\ at\ (?P<baseline>[-+]{SIZE})
        (?:,\ (?:level\ with|where)\ <against>(?:\ is)?\ at\ (?P<against_percentile>\d+))?)?
    (?:;\ (?P<common>[-+]{SIZE})\ over\ the\ (?P<common_months>\d+)\ months?\ that\ both\ years\ hold)?
    (?:;\ (?P<answer>up|down|flat|faster|slower|undecided)\ {choices("direction")}
        |;\ (?P<alone>no\ other\ choice\ can\ be\ computed))?
    (?:;\ (?P<standardised>[-+]{SIZE})\ with\ the\ countries\ and\ roles\ of\ <prior>)?
    ;\ (?:
        no\ comparable\ figure\ is\ held\ of\ both\ it\ and\ <against>(?P<no_lead>)
        | against\ <against>\ it\ (?:
            leads\ in\ (?P<parts_led>\d+)(?:\ and\ trails\ in\ (?P<parts_trailed>\d+))?
            |trails\ in\ (?P<parts_only_trailed>\d+)
        )\ of\ (?P<lead_parts>\d+)\ \w+
        | whether\ it\ leads\ <against>\ cannot\ be\ said\ in\ any\ \w+(?P<no_part_told>)
        | (?:it\ (?P<lead>leads|trails)\ <against>|whether\ it\ leads\ <against>\ (?P<no_leader>cannot\ be\ said))
            ,\ (?:(?P<mine>{LEVEL})\ against\ (?P<theirs>{LEVEL})
                |(?P<my_gain>{GAIN})\ added\ against\ (?P<their_gain>{GAIN}))
            (?:\ over\ the\ (?P<lead_months>\d+)\ months\ held\ of\ both)?
            (?:\ \(in\ total\ (?P<my_total>{LEVEL})\ against\ (?P<their_total>{LEVEL})\))?
            (?:\ \(both\ counted\ as\ (?P<way>[\w\ ]+)\))?
            (?:,\ (?:undecided\ )?{choices("lead")})?
    )
    ;\ grade\ (?P<grade>[A-D])(?:,\ [^;]+)?\.
"""
HEADLINE = re.compile(
    r"In (?P<year>\d{4}) (?:comparable figures of both are held in only (?P<thin>\d+) of (?P<channels>\d+) channels "
    r"\(no data: (?P<thin_unmeasured>.+?)\): )?"
    r"(?:no channel has a comparable figure of both .+? and .+?"
    r"|.+? leads .+? in (?P<led>\d+) of (?P<measured>\d+) channels? that can be measured(?: \((?P<led_names>[^)]+)\))?"
    r"(?:, trails in (?P<trailed>\d+) \((?P<trailed_names>[^)]+)\))?"
    r"(?:, is mixed in (?P<mixed>\d+) \((?P<mixed_names>[^)]+)\))?"
    r"(?:, cannot be placed in (?P<unplaced>\d+) \((?P<unplaced_names>[^)]+)\))?)"
    r"; (?:in no channel can it be said whether .+? grows"
    r"|\S.*? grows in (?P<up>\d+) of (?P<compared>\d+) channels? whose years compare(?: \((?P<up_names>[^)]+)\))?)"
    r"(?:; not measurable: (?P<unmeasured>.+))?\."
)
CHANNEL = re.compile(
    r"(?:nothing can be said \((?P<unknown>.+)\)"
    r"|whether <me> is up (?P<unsaid>cannot be said)(?:, as no two years compare(?P<uncompared>)| \((?P<split>.+?)\))"
    r"|<me> (?P<direction>is up|is down|is flat|grows faster|grows more slowly) \((?P<agreed>.+?)\))"
    r"(?:; no comparable figure is held of both it and <against>(?P<no_lead>)"
    r"|; it (?P<lead>leads|trails) <against> in (?P<where>.+?)"
    r"|; against <against> it is mixed \((?P<mixed>.+?)\)"
    r"|; who leads, it or <against>, (?P<no_leader>cannot be said))?"
    r"(?:; grade (?P<grade>[A-D]))?\."
)
SUPERLATIVE = re.compile(
    r"\b(?:most|best|worst|ever|record|undisputed|(?!least\b|interest\b)\w{3,}est)\b", re.IGNORECASE
)


@pytest.fixture(scope="module")
def lines(published: DuckDB) -> list[Row]:
    """Every line of every brief."""
    return fetch_dicts(published, "from marts.rpt_brief order by year, entity_id, against_entity_id, line_number")


def of(lines: list[Row], year: int, entity: str, against: str) -> dict[str, Row]:
    """The lines of one brief by metric, else by channel, else `headline`."""
    page = [
        row for row in lines if (row["year"], row["entity_id"], row["against_entity_id"]) == (year, entity, against)
    ]
    return {row["metric_id"] or row["channel"] or "headline": row for row in page}


def about(text: str | None, value: float | None) -> bool:
    """Whether a number in a sentence is the value, rounded to the digits that are shown."""
    if text is None or value is None:
        return text is None and value is None
    number = re.sub(r"[^-\d.]", "", text)
    digits = len(number.partition(".")[2])
    return bool(abs(float(number) - value) <= 0.5 * 10**-digits + 1e-9)


def is_level(text: str, value: float | None, low: float | None, high: float | None) -> bool:
    """Whether a level in a sentence is the value, or its bounds."""
    if value is not None:
        return about(text, value)
    if text.startswith("below "):
        return low == 0 and about(text, high)
    ends = text.split(" to ") if " to " in text else [text, text]
    return about(ends[0], low) and about(ends[1], high)


def parsed(row: Row) -> dict[str, str | None]:
    """The numbers and words of a metric's sentence; the texts of the row are held against it as they are."""
    sentence = row["sentence"].removeprefix(f"{row['metric_label']}: ").removeprefix(f"{row['entity_label']} ")
    texts = {
        "reason": row["not_comparable_reason"],
        "direction": " or ".join(row["direction_dissenters"] or ()),
        "lead": " or ".join(row["lead_dissenters"] or ()),
    }
    if row["is_comparable"]:
        del texts["reason"]
    known = {name: text for name, text in texts.items() if text and text in sentence}
    for name, text in known.items():
        sentence = sentence.replace(text, f"<{name}>", 1)
    per = f" {row['unit']}" if row["kind"] == "rate" else ""
    pattern = MOVE.replace("<per>", re.escape(per)).replace("<against>", re.escape(row["against_label"]))
    pattern = pattern.replace("<me>", re.escape(row["entity_label"]))
    pattern = pattern.replace("<year>", str(row["year"])).replace("<prior>", str(row["year"] - 1))
    found = re.fullmatch(pattern, sentence, re.VERBOSE)
    assert found, row["sentence"]
    return found.groupdict()


def wrong_in_move(row: Row, said: dict[str, str | None]) -> Iterator[str]:
    """What the first clause says that the row does not."""
    level = (row["value"], row["low"], row["high"])
    prior = (row["prior_value"], row["prior_low"], row["prior_high"])
    for name, figure in (
        ("to", level),
        ("flat_at", level),
        ("at", level),
        ("only", level),
        ("stock", level),
        ("was", prior),
        ("after", prior),
    ):
        text = said[name]
        if text is not None and not is_level(text, *figure):
            yield f"{name}: {text} is not {figure}"
    if said["size"]:
        change = row["change"]
        bound = row["change_low"] if row["direction"] == "up" else row["change_high"]
        number = bound if said["least"] else change
        if not about(said["size"], abs(number)) or (number > 0) != (said["up"] == "up"):
            yield f"change: {said['up']} {said['size']} is not {number}"
    for name, column in (
        ("went", "change"),
        ("gain", "change"),
        ("gain_before", "change_prior"),
        ("gain_pct", "change_of_change_pct"),
        ("between_low", "change_low"),
        ("between_high", "change_high"),
    ):
        if said[name] is not None and not about(said[name], row[column]):
            yield f"{name}: {said[name]} is not {row[column]}"
    yield from wrong_direction(row, said)


def wrong_direction(row: Row, said: dict[str, str | None]) -> Iterator[str]:
    """A direction that the row does not have, or one that it has and the sentence does not say."""
    if said["parts_compared"] is not None:
        counts = [int(said["parts_up"] or 0), int(said["parts_down"] or said["parts_only_down"] or 0)]
        if [*counts, int(said["parts_compared"])] != [row["parts_up"], row["parts_down"], row["parts_compared"]]:
            yield f"parts: {counts}"
        if (row["direction"] == CANNOT_BE_SAID) != (said["split"] is not None):
            yield "direction of the parts"
    elif (told := direction_said(said)) not in (None, row["direction"]):
        yield f"direction: {told} is not {row['direction']}"
    if said["pace"] == "shrank" and row["change"] >= 0:
        yield "shrank"
    if (said["no_level"] is not None) != (row["value"] is None and row["low"] is None and row["parts"] is None):
        yield "level"
    if ((said["not_comparable"] or said["no_parts"] or said["no_level"]) is not None) == row["is_comparable"]:
        yield "is_comparable"
    yield from wrong_reason(row, said)


def wrong_reason(row: Row, said: dict[str, str | None]) -> Iterator[str]:
    """Why two years that compare say no direction: it must be told, and hold of the row."""
    is_open = row["is_comparable"] and row["parts"] is None and row["direction"] == CANNOT_BE_SAID
    if is_open != (said["undecided"] is not None):
        yield "undecided, or not"
    holds = {
        "disagree": bool(row["direction_dissenters"]),
        "too_small": row["kind"] == "rate" and 0 in (row["value"], row["prior_value"]),
        "small_bounds": row["kind"] == "rate" and None in (row["value"], row["prior_value"]),
        "from_nothing": row["prior_low"] == 0 and row["change_high"] is None,
        "between_low": (row["change_low"] or 0) <= 0 <= (row["change_high"] or 0),
        "no_prior": row["kind"] == "stock" and row["change_prior"] is None,
    }
    yield from (name for name, is_true in holds.items() if said[name] is not None and not is_true)


def direction_said(said: dict[str, str | None]) -> str | None:
    """The direction that the sentence claims; what shrank may do so faster or more slowly."""
    paces = {"grew faster": "up", "grew more slowly": "down", "grew as fast": "flat", "shrank": None}
    if said["undecided"] is None and said["pace"] in paces:
        return paces[said["pace"] or ""]
    return said["up"] or said["flat"] or CANNOT_BE_SAID


def wrong_in_the_rest(row: Row, said: dict[str, str | None]) -> Iterator[str]:
    """What the other clauses say that the row does not."""
    numbers = {
        "percentile": "growth_percentile",
        "baseline": "baseline_growth_pct",
        "against_percentile": "against_percentile",
        "standardised": "yoy_standardised",
        "direction_k": "direction_agreeing",
        "direction_n": "direction_choices",
        "lead_k": "lead_agreeing",
        "lead_n": "lead_choices",
    }
    for name, column in numbers.items():
        if name.endswith(("_k", "_n")) and row[f"{name[:-2]}_choices"] == 1:
            # alone it is no count
            if said[name] is not None or (name == "direction_k" and said["alone"] is None and row["is_comparable"]):
                yield f"{name}: one choice only"
            continue
        # what a row has and cannot be compared is left unsaid
        if not about(said[name], row[column]) and not (
            said[name] is None and not row["is_comparable"] and not name.startswith("lead")
        ):
            yield f"{name}: {said[name]} is not {row[column]}"
    if said["common"] is not None and not (
        about(said["common"], row["yoy_common_pct"]) and about(said["common_months"], row["common_months"])
    ):
        yield "months of both years"
    yield from wrong_lead(row, said)
    if not about(said["lead_months"], row["lead_common_months"]):
        yield f"lead over {said['lead_months']} months"
    if said["grade"] != row["grade"]:
        yield f"grade: {said['grade']} is not {row['grade']}"


def wrong_lead(row: Row, said: dict[str, str | None]) -> Iterator[str]:
    """Who is ahead, and by which figures."""
    yield from wrong_figures_of_the_lead(row, said)
    if said["no_part_told"] is not None:
        if (row["lead"], row["parts_led"], row["parts_trailed"]) != (CANNOT_BE_SAID, 0, 0):
            yield "no part told"
        return
    if said["lead_parts"] is None:
        lead = None if said["no_lead"] is not None else said["lead"] or said["no_leader"]
        if lead != row["lead"]:
            yield f"lead: {lead} is not {row['lead']}"
        return
    counts = [int(said["parts_led"] or 0), int(said["parts_trailed"] or said["parts_only_trailed"] or 0)]
    if [*counts, int(said["lead_parts"])] != [row["parts_led"], row["parts_trailed"], row["lead_parts"]]:
        yield "parts led"


def wrong_figures_of_the_lead(row: Row, said: dict[str, str | None]) -> Iterator[str]:
    """Figures of both that the row does not have: levels, or what was added, with the totals."""
    for name, columns in (("mine", "lead"), ("theirs", "against"), ("my_gain", "lead"), ("their_gain", "against")):
        text = said[name]
        if text is not None and not is_level(text, *(row[f"{columns}_{part}"] for part in ("value", "low", "high"))):
            yield f"{name}: {text}"
    for name, columns in (("my_total", "lead_total"), ("their_total", "against_total")):
        text = said[name]
        if text is not None and not is_level(text, *(row[f"{columns}{part}"] for part in ("", "_low", "_high"))):
            yield f"{name}: {text}"
    is_gain = row["kind"] == "stock" and row["lead"] is not None
    if {said[name] is not None for name in ("my_gain", "their_gain", "my_total", "their_total")} != {is_gain}:
        yield "what was added, and the totals"


@SENTENCES_MOVE
def test_every_sentence_of_a_metric_says_what_its_row_says_and_nothing_else(lines: list[Row]) -> None:
    metrics = [row for row in lines if row["metric_id"] is not None and "nothing can be said" not in row["sentence"]]
    assert {row["year"] for row in metrics} >= set(range(2016, 2026))
    assert len(metrics) > 2000
    # each distinct sentence once: they repeat where the other contender is not held
    wrong = {}
    for row in {(row["sentence"], row["year"], row["against_entity_id"]): row for row in metrics}.values():
        said = parsed(row)
        if faults := [*wrong_in_move(row, said), *wrong_in_the_rest(row, said)]:
            wrong[row["sentence"]] = faults
    assert wrong == {}


def briefs(lines: list[Row]) -> Iterator[list[Row]]:
    """The lines of each brief."""
    for _, group in groupby(lines, key=briefed):
        yield list(group)


def briefed(row: Row) -> tuple[int, str, str]:
    """The brief of a line."""
    return row["year"], row["entity_id"], row["against_entity_id"]


def word(row: Row) -> str:
    """How a channel's sentence names the direction of one of its metrics."""
    if not row["is_comparable"]:
        return "not comparable"
    paces = {"up": "faster", "down": "slower", "flat": "as fast"} if row["kind"] == "stock" else {}
    return paces.get(row["direction"]) or str(row["direction"])


def wrong_channel(row: Row, metrics: list[Row]) -> Iterator[str]:
    """What the sentence of a channel of several metrics, or of none, says that its rows do not."""
    text = row["sentence"].partition(": ")[2]
    pattern = CHANNEL.pattern.replace("<me>", re.escape(row["entity_label"]))
    found = re.fullmatch(pattern.replace("<against>", re.escape(row["against_label"])), text)
    assert found, row["sentence"]
    said = found.groupdict()
    if (said["unknown"] is not None) != (not metrics):
        yield "held, or not"
    named = said["split"] or said["agreed"]
    if named is not None and named != ", ".join(f"{one['metric_label']} {word(one)}" for one in metrics):
        yield f"metrics: {named}"
    compared = {one["direction"] for one in metrics if one["is_comparable"]}
    words = {"grows faster": "up", "grows more slowly": "down"}
    told = said["direction"] or CANNOT_BE_SAID
    direction = words.get(told, told.removeprefix("is "))
    expected = compared.pop() if len(compared) == 1 else CANNOT_BE_SAID
    if not direction == expected == row["direction"]:
        yield f"direction: {direction}"
    kinds = {one["kind"] for one in metrics if one["is_comparable"]}
    if (said["direction"] or "").startswith("grows") and kinds != {"stock"}:
        yield "a pace of what does not pile up"
    if (said["uncompared"] is not None) != (bool(metrics) and not any(one["is_comparable"] for one in metrics)):
        yield "no two years compare"
    yield from wrong_channel_lead(row, metrics, said)
    if said["grade"] != max((one["grade"] for one in metrics), default=None) or said["grade"] != row["grade"]:
        yield f"grade: {said['grade']}"


def wrong_channel_lead(row: Row, metrics: list[Row], said: dict[str, str | None]) -> Iterator[str]:
    """Who leads the channel, and in which metrics."""
    leads = {
        lead: ", ".join(one["metric_label"] for one in metrics if one["lead"] in held)
        for lead, held in (("leads", ["leads"]), ("trails", ["trails"]), (CANNOT_BE_SAID, ["mixed", CANNOT_BE_SAID]))
    }
    told = {lead: names for lead, names in leads.items() if names}
    lead = "mixed" if said["mixed"] else said["lead"] or said["no_leader"]
    where = "; ".join(f"{how} in {names}" for how, names in told.items()) if said["mixed"] else leads.get(lead or "")
    where = None if said["no_leader"] else where
    if lead != row["lead"] or (said["mixed"] or said["where"]) != where:
        yield f"lead: {lead} in {said['mixed'] or said['where']}"
    if (lead in leads and set(told) != {lead}) or (lead is None and told) or (lead == "mixed" and len(told) < 2):
        yield f"lead: {lead} of {told}"


@SENTENCES_MOVE
def test_every_sentence_of_a_channel_says_what_its_metrics_say(lines: list[Row]) -> None:
    wrong, read = {}, 0
    for page in briefs(lines):
        for row in page:
            if row["line_kind"] == "channel" and row["metric_id"] is None:
                metrics = [one for one in page if one["line_kind"] == "metric" and one["channel"] == row["channel"]]
                read += 1
                if faults := list(wrong_channel(row, metrics)):
                    wrong[row["year"], row["sentence"]] = faults
    assert wrong == {}
    assert read > 1000


@SENTENCES_MOVE
def test_a_channel_that_says_something_else_is_found(lines: list[Row]) -> None:
    page = next(page for page in briefs(lines) if briefed(page[0]) == (2020, "tf_keras", "pytorch"))
    metrics = [row for row in page if row["line_kind"] == "metric" and row["channel"] == "GitHub"]
    (row,) = [row for row in page if row["channel"] == "GitHub" and row["metric_id"] is None]
    for old, new in (
        ("stars slower", "stars faster"),
        ("(leads in GitHub stars", "(leads in GitHub watchers"),
        ("grade D", "grade A"),
        ("whether TensorFlow/Keras is up cannot be said", "TensorFlow/Keras is up"),
    ):
        altered = row["sentence"].replace(old, new)
        assert altered != row["sentence"]
        assert list(wrong_channel({**row, "sentence": altered}, metrics)) != []
    assert list(wrong_channel(row, metrics)) == []


def test_where_nothing_can_be_said_nothing_is_known(published: DuckDB) -> None:
    query = """
        select brief.year, brief.entity_id, brief.against_entity_id, brief.channel, bool_or(review.is_known) as is_known
        from marts.rpt_brief as brief
        inner join marts.rpt_year_in_review as review using (year, entity_id, channel)
        where brief.line_kind = 'channel' and brief.metric_id is null and review.entity_type = 'contender'
        group by all
        having
            contains(any_value(brief.sentence), 'nothing can be said')
            = (bool_or(review.is_known) or any_value(brief.lead) is not null)
    """
    assert fetch_dicts(published, query) == []


@SENTENCES_MOVE
def test_the_headline_counts_the_channels_below_it(lines: list[Row]) -> None:
    for headline, *rest in briefs(lines):
        channels = [row for row in rest if row["line_kind"] == "channel"]
        said = HEADLINE.fullmatch(headline["sentence"])
        assert said, headline["sentence"]
        leads = {
            lead: [row["channel"] for row in channels if row["lead"] == lead]
            for lead in ("leads", "trails", "mixed", CANNOT_BE_SAID, None)
        }
        measured = [row for row in channels if row["lead"] is not None]
        compared = [row for row in channels if row["is_comparable"]]
        growing = [row["channel"] for row in compared if row["direction"] == "up"]
        assert int(said["year"]) == headline["year"]
        assert f" {headline['entity_label']} " in headline["sentence"]
        assert f" {headline['against_label']}" in headline["sentence"]
        assert (said["led"], said["measured"]) == (
            (str(len(leads["leads"])), str(len(measured))) if measured else (None, None)
        )
        for name, names in (
            ("led_names", leads["leads"]),
            ("trailed_names", leads["trails"]),
            ("mixed_names", leads["mixed"]),
            ("unplaced_names", leads[CANNOT_BE_SAID]),
            ("up_names", growing),
        ):
            assert (said[name] or "") == ", ".join(names), headline["sentence"]
        # what is missing is said first where fewer than three channels hold both, else last
        thin = len(measured) in (1, 2) and bool(leads[None])
        assert (said["thin_unmeasured" if thin else "unmeasured"] or "") == ", ".join(leads[None]), headline["sentence"]
        assert (said["thin"], said["channels"]) == ((str(len(measured)), str(len(channels))) if thin else (None, None))
        for name, names in (
            ("trailed", leads["trails"]),
            ("mixed", leads["mixed"]),
            ("unplaced", leads[CANNOT_BE_SAID]),
        ):
            assert int(said[name] or 0) == len(names), headline["sentence"]
        assert int(said["up"] or 0) == len(growing) == headline["channels_up"]
        assert int(said["compared"] or 0) == len(compared) == headline["channels_compared"]


def test_a_line_repeats_the_figures_of_the_year_and_no_direction_where_years_do_not_compare(published: DuckDB) -> None:
    differing = fetch_dicts(
        published,
        """
        select brief.year, brief.entity_id, brief.metric_id
        from marts.rpt_brief as brief
        inner join marts.fct_adoption_yoy as yoy
            on yoy.is_preferred and yoy.entity_type = 'contender' and yoy.segment = 'all' and brief.year = yoy.year
            and brief.entity_id = yoy.entity_id and brief.metric_id = yoy.metric_id
        where brief.parts is null and (
            brief.value is distinct from yoy.value or brief.low is distinct from yoy.low
            -- of a stock the brief tells the pace
            or brief.kind <> 'stock' and brief.direction <> yoy.direction
            or brief.is_comparable <> yoy.is_comparable or brief.source_id <> yoy.source_id or brief.basis <> yoy.basis
            or (not yoy.is_comparable and brief.change is not null)
            or (yoy.compared_on is null and brief.direction in ('up', 'down', 'flat'))
        )
        """,
    )
    assert differing == []


def test_who_leads_is_the_same_from_both_sides(published: DuckDB) -> None:
    query = """
        select me.year, me.entity_id, me.against_entity_id, me.channel, me.metric_id
        from marts.rpt_brief as me
        inner join marts.rpt_brief as other
            on me.year = other.year and me.entity_id = other.against_entity_id
            and me.against_entity_id = other.entity_id
            and me.channel = other.channel and me.metric_id = other.metric_id
        where (me.lead = 'leads') <> (other.lead = 'trails') or (me.lead is null) <> (other.lead is null)
    """
    assert fetch_dicts(published, query) == []


def test_no_sentence_has_a_superlative(lines: list[Row]) -> None:
    assert [row["sentence"] for row in lines if SUPERLATIVE.search(row["sentence"])] == []
    assert SUPERLATIVE.search("the strongest year")
    assert not SUPERLATIVE.search("up at least 3 %")


def test_2020_downloads_are_up_for_both_at_the_same_place_in_the_baseline(lines: list[Row]) -> None:
    both = [of(lines, 2020, *names)["pypi_downloads"] for names in (("tf_keras", "pytorch"), ("pytorch", "tf_keras"))]
    assert [row["direction"] for row in both] == ["up", "up"]
    assert [round(row["growth_percentile"]) for row in both] == [85, 84]
    assert all("level with" in row["sentence"] for row in both)
    assert (both[0]["direction_agreeing"], both[0]["direction_choices"]) == (4, 4)


def test_2020_whether_commits_are_up_depends_on_the_merge_policy(lines: list[Row]) -> None:
    row = of(lines, 2020, "tf_keras", "pytorch")["github_commits"]
    assert row["direction"] == "inconclusive"
    assert (row["direction_agreeing"], row["direction_choices"]) == (1, 2)
    assert row["direction_dissenters"] == ["all commits (down, -9.3 %)"]


def test_2020_stars_came_more_slowly(lines: list[Row]) -> None:
    for names in (("tf_keras", "pytorch"), ("pytorch", "tf_keras")):
        row = of(lines, 2020, *names)["github_stars"]
        assert (row["direction"], "grew more slowly" in row["sentence"]) == ("down", True)


def test_2020_kaggle_is_up_by_any_denominator_less_when_standardised_and_not_among_data_scientists(
    published: DuckDB, lines: list[Row]
) -> None:
    row = of(lines, 2020, "tf_keras", "pytorch")["kaggle_survey"]
    assert (row["direction"], row["direction_agreeing"], row["direction_choices"]) == ("up", 5, 5)
    assert 0 < row["yoy_standardised"] < row["change"]
    # what is inconclusive is no dissent
    assert row["direction_dissenters"] == []
    headline = {"headline": "direction", "year": 2020, "metric_id": "kaggle_survey", "entity_id": "tf_keras"}
    choices = {choice["choice"]: choice["answer"] for choice in find(published, "marts.fct_robustness", **headline)}
    assert choices == {
        "answering": "up",
        "using_any": "up",
        "all_respondents": "up",
        "standardised": "up",
        "role=Student": "up",
        "role=Data Scientist": "inconclusive",
    }


@pytest.mark.parametrize(
    ("year", "metric", "expected"),
    [
        (2024, "pypi_downloads", ("trails", 174_436_646, 174_436_646, 227_641_956, 9, "D")),
        (2025, "pypi_downloads", ("trails", 260_728_610, 260_728_610, 637_534_027, 11, "C")),
        (2019, "stackoverflow_questions", ("leads", 14_905, 24_386, 2_915, 11, "D")),
    ],
)
def test_a_year_that_is_not_whole_is_led_over_the_months_held_of_both(
    lines: list[Row], year: int, metric: str, expected: tuple[str, int, int, int, int, str]
) -> None:
    row = of(lines, year, "tf_keras", "pytorch")[metric]
    low, high = (row["lead_value"] if row[f"lead_{end}"] is None else row[f"lead_{end}"] for end in ("low", "high"))
    figures = (round(low), round(high), round(row["against_value"]))
    assert (row["lead"], *figures, row["lead_common_months"], row["grade"]) == expected


@pytest.mark.parametrize(
    ("year", "metric", "expected"),
    [
        (2020, "github_stars", ("leads", 12_494, 12_494, 10_120, 10_120, 152_029, 45_135, None, "A")),
        (2021, "github_forks", ("trails", 2_414, 2_414, 2_604, 2_604, 86_035, 14_568, None, "D")),
        (2023, "github_stars", ("trails", 9_712, 9_712, 12_694, 12_694, 179_730, 74_005, None, "A")),
        # a level between two snapshots, a purge after which ten months are left
        (2025, "github_stars", ("trails", 5_981, 6_968, 10_626, 13_049, 193_132, 96_251, None, "C")),
        (2024, "github_forks", ("trails", 559, 677, 1_865, 2_476, None, None, 10, "C")),
    ],
)
def test_who_leads_in_what_piles_up_is_decided_by_what_was_added(
    lines: list[Row], year: int, metric: str, expected: tuple[object, ...]
) -> None:
    row = of(lines, year, "tf_keras", "pytorch")[metric]
    ends = [
        row[f"{side}_value"] if row[f"{side}_{end}"] is None else row[f"{side}_{end}"]
        for side in ("lead", "against")
        for end in ("low", "high")
    ]
    found = (row["lead"], *ends, row["lead_total"], row["against_total"], row["lead_common_months"], row["grade"])
    assert found == expected


def test_a_lead_by_totals_that_is_none_by_additions_is_a_dissenter(lines: list[Row]) -> None:
    row = of(lines, 2023, "tf_keras", "pytorch")["github_stars"]
    assert (row["lead_agreeing"], row["lead_choices"], row["lead_dissenters"]) == (1, 2, ["totals (leads)"])
    assert "+9,712 added against +12,694 (in total 179,730 against 74,005)" in row["sentence"]


def test_of_the_first_year_of_a_stock_nobody_leads(lines: list[Row]) -> None:
    row = of(lines, 2018, "tf_keras", "pytorch")["github_stars"]
    assert (row["value"], row["lead"], row["lead_value"]) == (117_667, None, None)


def test_2024_says_first_what_is_missing(lines: list[Row]) -> None:
    (sentence,) = (
        row["sentence"]
        for row in lines
        if row["line_kind"] == "headline"
        and (row["year"], row["entity_id"], row["against_entity_id"]) == (2024, "tf_keras", "pytorch")
    )
    assert sentence.startswith("In 2024 comparable figures of both are held in only 2 of 10 channels (no data: dev")
    assert "leads PyTorch in 0 of 2 channels that can be measured, trails in 2 (downloads, GitHub)" in sentence


def test_2020_research_is_the_other_ones_by_proxy(lines: list[Row]) -> None:
    row = of(lines, 2020, "pytorch", "tf_keras")["conference_papers"]
    assert (row["lead"], row["parts_led"], row["lead_parts"]) == ("leads", 6, 6)
    assert "a proxy" in row["sentence"]


def test_what_cannot_be_computed_is_listed_with_its_reason(published: DuckDB) -> None:
    headline = {"headline": "direction", "year": 2020, "metric_id": "pypi_downloads", "entity_id": "tf_keras"}
    assert one(published, "marts.fct_robustness", **headline, choice="without_mirrors by pypi_tools")[
        "not_computable_reason"
    ] == ("2019 is incomplete: 3 of 12 months")
    unsaid = "select * from marts.fct_robustness where is_computable = (not_computable_reason is not null)"
    assert fetch_dicts(published, unsaid) == []


def crossover(published: DuckDB, source: str, basis: str, entity: str = "pytorch", against: str = "tf_keras") -> Row:
    way = {"metric_id": "pypi_downloads", "source_id": source, "basis": basis}
    return one(published, "marts.fct_crossovers", **way, entity_id=entity, against_entity_id=against)


def test_one_package_passes_the_other_in_the_window_of_march_2024_pip_only(published: DuckDB) -> None:
    row = crossover(published, "top_pypi_packages", "pip_only")
    assert (row["state"], row["month_date"]) == ("passed", date(2024, 3, 1))
    # the month, estimated from the window of 30 days that was published
    assert (round(row["value"]), round(row["against_value"])) == (23_963_111, 23_347_629)
    # July 2024 is not held: it neither ended the stretch nor counted in it
    assert (row["last_month_behind_date"], row["months_ahead"]) == (date(2024, 2, 1), 7)


def test_where_no_date_of_passing_is_known_none_is_said(published: DuckDB) -> None:
    ahead = crossover(published, "top_pypi_packages", "all_installers")
    assert (ahead["state"], ahead["month_date"], ahead["first_month_ahead_date"]) == (
        "already ahead",
        None,
        date(2024, 11, 1),
    )
    unknown = crossover(published, "pypi_tools", "without_mirrors")
    assert (unknown["state"], unknown["month_date"], unknown["reason"]) == ("not known", None, "PyTorch is not held")


def test_momentum_of_a_whole_year_is_the_growth_of_that_year(published: DuckDB) -> None:
    row = one(
        published,
        "marts.fct_momentum",
        series_id=one(
            published,
            "marts.fct_adoption_yoy",
            metric_id="github_commits",
            basis="first_parent",
            entity_type="contender",
            entity_id="tf_keras",
            year=2020,
            segment="all",
        )["series_id"],
        measure="twelve_months_on_twelve_before",
        period_end=date(2021, 1, 1),
    )
    assert (row["value"], row["prior_value"], row["direction"]) == (20_720, 20_651, "up")
    unsaid = "not is_comparable and (change is not null or direction <> 'not comparable')"
    assert fetch_dicts(published, f"from marts.fct_momentum where {unsaid}") == []


def test_the_printed_page_has_every_sentence(
    built: Settings, lines: list[Row], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "4000")
    show(built, 2024, "pytorch", "tf_keras")
    page = capsys.readouterr().out
    for row in of(lines, 2024, "pytorch", "tf_keras").values():
        assert row["sentence"].partition(": ")[2].lower() in page.lower()
    assert "PyTorch passed TensorFlow/Keras in March 2024 (23,190,107 against 22,594,480)" in page
    show(built, 2020)
    page = capsys.readouterr().out
    assert "2020 in brief: TensorFlow/Keras against PyTorch" in page
    assert "Package downloads, direction: without mirrors by pypi tools (2019 is incomplete: 3 of 12 months); " in page
    # bounds of rare things are no change
    assert "Hacker News job posts" in page
    assert "+4.8 % to +78 %" not in page
    show(built, 2020, against="tensorflow/keras")
    assert "2020 in brief: PyTorch against TensorFlow/Keras" in capsys.readouterr().out


def test_what_cannot_be_asked_is_said_with_what_can(built: Settings) -> None:
    with pytest.raises(UnknownContenderError, match="No contender is called 'tensorflw'; expected one of caffe, "):
        show(built, 2020, "tensorflw")
    with pytest.raises(UnknownContenderError, match=r"did you mean TensorFlow\?$"):
        show(built, 2020, "TensorFlw")
    with pytest.raises(UnknownContenderError, match="TensorFlow/Keras cannot be compared with itself"):
        show(built, 2020, "tensorflow", "Keras")
    with pytest.raises(UnknownContenderError, match="PyTorch cannot be compared with itself"):
        show(built, 2020, "pytorch", "pytorch")
    with pytest.raises(UnknownYearError, match=r"Nothing is held of both .* for 1999; briefs go from 20"):
        show(built, 1999)
