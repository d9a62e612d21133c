"""The answer on one screen: the headline, a scoreboard, what has no data, and what to type next.

Belongs here: the layout, at most 24 lines of 80 columns. Does not belong here: any figure or sentence
(`adoption.reports.scoreboard`, `adoption.reports.brief`).
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from adoption.publish.reader import open_published
from adoption.reports import brief as briefs
from adoption.reports import score_words as words
from adoption.reports.format import minus
from adoption.reports.scoreboard import Score, lacking, scores
from adoption.reports.years import ChosenYear, reviewed_year
from ingest.catalog import Catalog, load_catalog
from ingest.sources import all_sources

if TYPE_CHECKING:
    from adoption.settings import Settings

LINES = 24
HEADLINE_LINES = 4
NARROWEST, WIDE_GAP = 60, 2
GAPS = {"overtook": "flipped", "fell behind": "flipped", "unchanged": "steady", "not comparable": "n/c", "no data": ""}
"""The words for what became of a gap that are too long for a narrow screen."""
DIRECTIONS = {"up": "green", "down": "red"}


@dataclass(frozen=True)
class Column:
    """A column of the scoreboard; the higher its rank, the sooner a narrow terminal goes without it."""

    heading: str
    cells: Sequence[Text]
    rank: int
    is_number: bool = False

    @property
    def width(self) -> int:
        return max(len(self.heading), *(cell.cell_len for cell in self.cells))


@dataclass(frozen=True)
class Screen:
    """All that the screen says."""

    year: ChosenYear
    reviewed: int
    entity: str
    against: str
    headline: str
    scores: Sequence[Score]
    lacking: Sequence[str]
    fetched: Sequence[str]


def show(settings: Settings, year: int | None = None, console: Console | None = None) -> None:
    """Print the screen of a year, by default the newest that enough channels speak of.

    Raises:
        NotPublishedError: when nothing is published.
        UnknownYearError: when one of the two has no figures in the year.
        CatalogError: when the catalog is not valid.
    """
    console = console or Console(highlight=False)
    for line in lines(read(settings, year), max(console.width, NARROWEST)):
        console.print(line, soft_wrap=True)


def read(settings: Settings, year: int | None = None) -> Screen:
    """The screen of the catalog's focus against its benchmark; raises as `show` does."""
    catalog = load_catalog(settings.catalog)
    with open_published(settings) as connection:
        brief = briefs.read(connection, year, None, None)
        headline = brief.lines[0]
        pair = headline["entity_id"], headline["against_entity_id"]
        missing = lacking(connection, headline["year"], *pair)
        return Screen(
            year=brief.year,
            reviewed=reviewed_year(connection),
            entity=headline["entity_label"],
            against=headline["against_label"],
            headline=headline["sentence"],
            scores=scores(connection, headline["year"], *pair),
            lacking=missing,
            fetched=_fetched(catalog, missing),
        )


def _fetched(catalog: Catalog, channels: Sequence[str]) -> list[str]:
    """The channels of these that a refresh can ask for."""
    modules = all_sources()
    live = {
        source.id
        for source in catalog.sources
        if source.access and not source.access.off and modules[source.id].connector
    }
    fetchable = {metric.channel for metric in catalog.metrics if live & {way.source for way in metric.sources}}
    return [channel for channel in channels if channel in fetchable]


def lines(screen: Screen, width: int) -> list[Text]:
    """The screen, line by line, for a terminal of this width."""
    top = [*_title(screen, width), Text(), *_headline(screen.headline, width), Text()]
    steps = _next(screen, width)
    whole = _table(screen, screen.scores, width)
    bottom = [Text(), *_without_data(screen, "\n".join(line.plain for line in whole), width), *steps]
    room = LINES - len(top) - len(bottom) - 1
    if len(screen.scores) <= room:
        return [*top, *whole, *bottom]
    table = _table(screen, screen.scores[: room - 1], width)
    more = f"and {len(screen.scores) - room + 1} more: adoption review {screen.year.year}"
    return [*top, *table, Text(more, "dim"), *bottom]


def _title(screen: Screen, width: int) -> list[Text]:
    year = screen.year.year
    title = [Text(f"{year} on {year - 1}: {screen.entity} against {screen.against}", "bold")]
    if screen.year.reason and year != screen.reviewed:
        note = f"{year} is {screen.year.reason}; for {screen.reviewed}: adoption run --year {screen.reviewed}"
        title += [Text(line, "dim") for line in textwrap.wrap(note, width)]
    return title


def _headline(sentence: str, width: int) -> list[Text]:
    """The headline; one that is too long leaves the names in brackets to the scoreboard."""
    wrapped = textwrap.wrap(minus(sentence), width)
    if len(wrapped) > HEADLINE_LINES:
        wrapped = textwrap.wrap(re.sub(r" \([^()]*\)", "", minus(sentence)), width)
    if len(wrapped) > HEADLINE_LINES:
        wrapped = [*wrapped[: HEADLINE_LINES - 1], f"{wrapped[HEADLINE_LINES - 1][: width - 2]} …"]
    return [Text(line, "bold") for line in wrapped]


def _table(screen: Screen, shown: Sequence[Score], width: int) -> list[Text]:
    if not shown:
        return [Text("No channel holds a figure of the year.", "dim")]
    columns = _columns(screen, shown)
    gap = WIDE_GAP
    while sum(column.width for column in columns) + gap * (len(columns) - 1) > width:
        if gap == WIDE_GAP:  # first the columns stand closer
            gap = 1
            continue
        dropped = max(columns, key=lambda column: column.rank)
        if not dropped.rank:
            break
        columns.remove(dropped)
        gap = WIDE_GAP
    heading = _line([Text(column.heading, "dim") for column in columns], columns, gap)
    return [heading, *(_line([column.cells[i] for column in columns], columns, gap) for i in range(len(shown)))]


def _line(cells: Sequence[Text], columns: Sequence[Column], gap: int) -> Text:
    line = Text()
    for number, (cell, column) in enumerate(zip(cells, columns, strict=True)):
        room = " " * (column.width - cell.cell_len)
        line.append_text(
            Text.assemble(" " * gap if number else "", *((room, cell) if column.is_number else (cell, room)))
        )
    line.rstrip()
    return line


def _columns(screen: Screen, shown: Sequence[Score]) -> list[Column]:
    year = screen.year.year
    gaps = [GAPS.get(score.gap, score.gap) for score in shown]
    return [
        Column("", [Text(score.label) for score in shown], 0),
        Column(str(year - 1), [Text(words.prior(score)) for score in shown], 2, is_number=True),
        Column(str(year), [Text(words.level(score)) for score in shown], 1, is_number=True),
        Column("change", [_coloured(score) for score in shown], 0, is_number=True),
        Column("median", [Text(words.baseline(score), "dim") for score in shown], 3, is_number=True),
        Column(f"on {screen.against}", [_faint(words.standing(score)) for score in shown], 0),
        Column("gap", [Text(gap, "" if gap in ("widened", "narrowed", "flipped") else "dim") for gap in gaps], 0),
        Column("gr.", [Text(score.grade) for score in shown], 0),
    ]


def _coloured(score: Score) -> Text:
    text = words.change(score)
    if text in (words.NOT_COMPARABLE, words.UNCLEAR):
        return Text(text, "dim")
    return Text(text, "" if score.row["kind"] == "stock" else DIRECTIONS.get(score.row["move"], ""))


def _faint(text: str) -> Text:
    return Text(text, "dim" if text == words.NO_DATA else "")


def _notes(shown: str) -> list[str]:
    """What the signs of the table mean, as far as they stand in it."""
    signs = {
        words.PART: "* part of the year",
        "\u2265": "\u2265 at least",
        "n/c": "n/c not comparable",
    }
    return (
        [f"{'; '.join(meaning for sign, meaning in signs.items() if sign in shown)}."]
        if any(map(shown.count, signs))
        else []
    )


def _without_data(screen: Screen, shown: str, width: int) -> list[Text]:
    """What the signs mean, what has no data, and what a refresh brings."""
    notes = _notes(shown)
    if screen.lacking:
        notes.append(f"No data: {', '.join(screen.lacking)}.")
    if screen.fetched:
        notes.append(f"`adoption refresh` (needs a network) fetches {', '.join(screen.fetched)}.")
    return [Text(line, "dim") for line in textwrap.wrap(" ".join(notes), width)]


def _next(screen: Screen, width: int) -> list[Text]:
    year = screen.year.year
    steps = [f"adoption review {year} -v (why, caveats)", f"adoption report {year} (a page)", "adoption sql"]
    lines = textwrap.wrap("Next: " + " \u00b7 ".join(step.replace(" ", "\0") for step in steps), width)
    return [Text(line.replace("\0", " "), "dim") for line in lines]
