"""A year as six or seven messages, each with a picture of 1200 by 675: the thread that began the project, for any year.

Belongs here: what each message says, and how long it may be. Does not belong here: how a picture looks
(`adoption.reports.charts`), or any figure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

from adoption.reports import format as wording
from adoption.reports import score_words as words
from adoption.reports.charts import Changes, Panel, poster, size_of
from adoption.reports.charts.svg import SOFT, Svg
from adoption.reports.format import minus
from adoption.reports.page.figures import LeadChart, Picture
from adoption.reports.scoreboard import Score, compact

if TYPE_CHECKING:
    from adoption.reports.page.content import Content, Row
    from adoption.reports.page.render import Report

Network = Literal["x", "bluesky", "mastodon"]
NETWORKS: tuple[Network, ...] = get_args(Network)
LETTERS: Mapping[Network, int] = {"x": 240, "bluesky": 240, "mastodon": 450}
"""Room for the text; a link and the alternative text of the picture come on top."""
GROUPS = (
    ("downloads",),
    ("developer survey", "data-science survey"),
    ("jobs", "questions"),
    ("papers", "scholarly works"),
    ("GitHub", "repositories that use it", "Colab", "notebooks", "industry benchmarks"),
)
"""Channels that share a message, in the order of the thread; channels that stand in none share the last but one."""
GRADES = {
    "A": "Grade A: exact.",
    "B": "Grade B: nearly exact.",
    "C": "Grade C: estimated or sampled.",
    "D": "Grade D: incomplete, a proxy or heavily undercounted.",
}
CHART = (760.0, 300.0)


@dataclass(frozen=True)
class Post:
    """One message: its name, text, picture as SVG, and the picture in words."""

    name: str
    text: str
    picture: str | None
    alternative: str


def posts(report: Report, network: Network = "x") -> list[Post]:
    """The messages of a year: what this is, each group of channels that holds something, what it comes to."""
    content = report.content
    groups = [group for channels in _channels(content.scores) if (group := _of(content.scores, channels))]
    total = len(groups) + 2
    messages = [opening(report, total, network)]
    messages += [_group(report, scores, number, total, network) for number, scores in enumerate(groups, start=2)]
    return [*messages, _closing(report, total, network)]


def _channels(scores: Sequence[Score]) -> Iterator[tuple[str, ...]]:
    named = {channel for group in GROUPS for channel in group}
    yield from GROUPS
    yield tuple(dict.fromkeys(s.row["channel"] for s in scores if s.row["channel"] not in named))


def _of(scores: Sequence[Score], channels: Sequence[str]) -> list[Score]:
    """The scores of these channels of which a figure of the year is held."""
    matching = [
        score for score in scores if score.row["channel"] in channels and (words.level(score) or score.row["lead"])
    ]
    return sorted(matching, key=lambda score: channels.index(score.row["channel"]))


def opening(report: Report, total: int = 1, network: Network = "x") -> Post:
    """The first message: what this is, against whom and why, and the headline; its picture is the lead chart."""
    content = report.content
    entity, other = content.entity["label"], content.against["label"]
    sentence = content.headline.text if content.headline else f"Of {content.year} there is no data of both."
    first = sentence.split("; ")[0].removesuffix(".")
    question = f"Did {entity} grow in {content.year}?"
    what = f"{question} Measured channel by channel; {other} is the benchmark, its closest rival."
    findings = [_finding(score, content) for score in content.scores[:1]]
    text = _fit([what, f"{_without_brackets(first)}.", *findings], network, 1, total)
    picture = None
    if report.lead and isinstance(report.lead.picture.part, LeadChart):
        drawn = report.lead.picture.drawn(1060)
        under = f"{report.lead.picture.description}."
        foot = f"{_stamp(content)} {', '.join(sorted({row['label'] for row in content.sources}))}."
        picture = poster(_without_brackets(first), under, foot, drawn, size_of(drawn))
    return Post("01-overview", text, picture, report.lead.picture.text if report.lead else sentence)


def _group(report: Report, scores: Sequence[Score], number: int, total: int, network: Network) -> Post:
    content, first = report.content, scores[0]
    findings = [_finding(score, content) for score in scores[:2]]
    caveats = [
        caveat
        for section in content.sections
        for caveat in section.metric["caveats"]
        if section.metric["metric_id"] == first.row["metric_id"]
    ]
    text = _fit([*findings, *sorted(caveats, key=len)[:1]], network, number, total)
    name = f"{number:02}-{str(first.row['channel']).replace(' ', '-').lower()}"
    chosen = _picture(report, scores)
    if chosen is None:
        return Post(name, text, None, "")
    picture, shown = chosen
    row, drawn = shown[0].row, picture.drawn(*CHART)
    title = minus(_finding(shown[0], content).removesuffix("."))
    basis = f"{row['source_label']}, {wording.words(row['way_basis'] or '')}"
    under = f"{row['unit'] or ''}, {basis}; {picture.part.title if isinstance(picture.part, Panel | Changes) else ''}"
    foot = f"{_stamp(content)} {GRADES.get(shown[0].grade, '')} {_sources(content, shown)}"
    return Post(name, text, poster(title, under.strip("; "), foot, drawn, size_of(drawn)), picture.text)


def _picture(report: Report, scores: Sequence[Score]) -> tuple[Picture, Sequence[Score]] | None:
    """The picture of the first metric that has one, or shares that are known by year all on one axis; and of whom."""
    ids = report.pictures
    drawn = [(score, ids[score.row["metric_id"]].picture) for score in scores if score.row["metric_id"] in ids]
    if not drawn:
        return None
    parts = [(score, picture.part) for score, picture in drawn if isinstance(picture.part, Changes)]
    units = {part.unit.partition(" ")[0] for _, part in parts}
    first, picture = drawn[0]
    if len(parts) < len(drawn) or len(drawn) == 1 or len(units) > 1:
        return picture, [first]
    bars = [replace(bar, row=f"{score.label} {bar.row}") for score, part in parts for bar in part.bars]
    text = " ".join(one.text for _, one in drawn)
    return replace(picture, part=replace(parts[0][1], bars=bars), text=text), [score for score, _ in drawn]


def _finding(score: Score, content: Content) -> str:
    """The figure, the change, against whom: a sentence of one metric."""
    row = score.row
    year, entity, other = content.year, content.entity["label"], content.against["label"]
    level = words.level(score).removesuffix(words.PART)
    figure = f"{score.label} {year}: {entity}" + (f" {level}{_months(row)}" if level else "")
    gained = " gained" if row["kind"] == "stock" and level else ""
    change = words.change(score)
    moved = f", {change}" if change not in (words.NOT_COMPARABLE, words.UNCLEAR) else ""
    baseline = words.baseline(score)
    median = f" (median package {baseline})" if baseline else ""
    theirs = _against(row)
    standing = words.standing(score)
    whom = standing.replace("ahead", f"ahead of {other}").replace("behind", f"behind {other}")
    side = f"{';' if level or moved or median else ''} {whom}"
    gap = f", the gap {score.gap}" if score.gap in ("widened", "narrowed") else ""
    return f"{figure}{gained}{moved}{median}{theirs if standing == words.NO_DATA else side + gap}."


def _months(row: Row) -> str:
    return (
        ""
        if row["kind"] == "stock" or row["level_is_complete"] or not row["level_months"]
        else f" in {wording.plural(row['level_months'], 'month')}"
    )


def _against(row: Row) -> str:
    value = row["against_value"]
    return "" if value is None else f"; {row['against_label']} {compact(value, row['unit'] or '')}"


def _closing(report: Report, total: int, network: Network) -> Post:
    content = report.content
    verdicts = Counter(claim.verdict.text for claim in content.claims)
    counted = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common(MAX_VERDICTS))
    shown = {section.metric["metric_id"] for section in content.shown}
    lacking = [
        metric.metric.label
        for metric in content.missing
        if not metric.complete and metric.metric.channel != "context" and metric.metric.id not in shown
    ]
    parts = [
        f"Overall, {content.year}.",
        f"Of {len(content.claims)} claims {counted}." if content.claims else "",
        f"No data: {_some(lacking)}." if lacking else "",
    ]
    text = _fit([part for part in parts if part], network, total, total)
    title = f"{content.year}: what was claimed, and what cannot be told"
    drawn = _verdicts(content, lacking)
    foot = f"Each verdict with its readings stands on the page of {content.year}. {_stamp(content)}"
    under = f"{content.entity['label']} against {content.against['label']}"
    picture = poster(title, under, foot, drawn, size_of(drawn))
    claims = "; ".join(f"{claim.verdict.text}: {claim.claim['claim_text']}" for claim in content.claims)
    return Post(f"{total:02}-overall", text, picture, f"{claims}. No data: {', '.join(lacking)}." if claims else text)


def _some(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    return ", ".join(names) if len(names) <= NAMED else f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"


NAMED, MAX_VERDICTS = 3, 5
VERDICT_INKS = {"reproduced": "#00694d", "confirmed": "#00694d", "contradicted": "#a33a00"}
MAX_CLAIMS = 11


def _verdicts(content: Content, lacking: Sequence[str]) -> str:
    """The claims with their verdicts, as many as there is room for."""
    svg = Svg(1060, 40 + 28 * (min(len(content.claims), MAX_CLAIMS) + 1))
    for place, claim in enumerate(content.claims[:MAX_CLAIMS]):
        y = 24.0 + place * 28
        svg.text(
            0,
            y,
            claim.verdict.text,
            fill=VERDICT_INKS.get(str(claim.claim["verdict"]), SOFT),
            font_weight=700,
            font_size=17,
        )
        svg.text(240, y, _cut(str(claim.claim["claim_text"]), 96), font_size=17)
    y = 24.0 + 28 * min(len(content.claims), MAX_CLAIMS)
    if lacking:
        svg.text(0, y + 6, "no data", fill=SOFT, font_weight=700, font_size=17)
        svg.text(240, y + 6, _cut(", ".join(lacking), 96), font_size=17)
    return svg.drawn()


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}\u2026"


def _fit(sentences: Sequence[str], network: Network, number: int, total: int) -> str:
    """As many sentences as there is room for, in their order; the first always stays, cut between words if it must."""
    tail = f" {number}/{total}"
    room = LETTERS[network] - len(tail)
    text = ""
    for sentence in map(minus, sentences):
        longer = f"{text} {sentence}".strip()
        if len(longer) <= room:
            text = longer
    if not text:
        text = f"{minus(sentences[0])[: room - 1].rsplit(' ', 1)[0]}\u2026"
    return text + tail


def _without_brackets(text: str) -> str:
    """A sentence without what it lists in brackets."""
    outside, depth = "", 0
    for letter in text:
        depth += letter == "("
        if not depth:
            outside += letter
        depth -= letter == ")"
    return outside.replace(" ,", ",").replace("  ", " ").strip()


def _sources(content: Content, scores: Sequence[Score]) -> str:
    """Whose figures these are, and under which licence."""
    used = {score.row["way_source_id"] for score in scores}
    rows = [row for row in content.sources if row["source_id"] in used]
    named = "; ".join(f"{row['label']} (licence: {row['licence']})" for row in rows)
    return f"Source: {named}." if rows else ""


def _stamp(content: Content) -> str:
    """The day of the build, and the edition with the digest of its content where that is known; it is never cut off."""
    mark = f", {content.identity.mark}" if content.identity else ""
    return f"Adoption warehouse, {content.built_at.date()}{mark}."
