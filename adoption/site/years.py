"""The year pages: the focus against each other contender, linked to one another and into the explorer.

Belongs here: which pages there are, and where each leads. Does not belong here: what a page says
(`adoption.reports.page`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adoption.reports.names import chosen, contenders
from adoption.reports.page.render import Links, Report, made_of
from ingest.catalog import load_catalog
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

    from adoption.publish.identity import Identity
    from adoption.settings import Settings

FIRST = 2016
HELD = """
select distinct year, against_entity_id as other from marts.rpt_brief
where entity_id = ? and line_kind = 'headline' and channels_measured > 0 and year >= ? order by year, other
"""
SPAN = 3
"""A chart leads into the explorer at so many years up to that of the page."""


@dataclass(frozen=True)
class Page:
    """One year and one pair; both orders of a pair share it."""

    year: int
    other: str
    label: str
    path: str

    @property
    def depth(self) -> str:
        """The way back to the first page of the site."""
        return "../" * self.path.count("/")


def pages(connection: duckdb.DuckDBPyConnection) -> list[Page]:
    """Every page: of each year the pair of the catalog first, then each other contender that something is held of."""
    focus, benchmark = (row["entity_id"] for row in chosen(connection, None, None))
    labels = contenders(connection)
    pairs = [(row["year"], row["other"]) for row in fetch_dicts(connection, HELD, [focus, FIRST])]
    pairs.sort(key=lambda pair: (pair[0], pair[1] != benchmark, labels[pair[1]]))
    return [Page(year, other, labels[other], _path(year, other, benchmark)) for year, other in pairs]


def _path(year: int, other: str, benchmark: str) -> str:
    return f"{year}/index.html" if other == benchmark else f"{year}/{other}/index.html"


def texts(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    every: Sequence[Page],
    head: Callable[[str, str, str], str],
    identity: Identity,
) -> Iterator[tuple[Page, Report, str]]:
    """Every page with its report and its text; `head` gives what others show of it, by title, headline and path."""
    catalog = load_catalog(settings.catalog)
    for page in every:
        report = made_of(settings, connection, page.year, None, page.other, catalog).of_edition(identity)
        sentence = report.content.headline.text if report.content.headline else report.content.title
        yield page, report, report.page(_links(page, every, report, head(report.content.title, sentence, page.path)))


def _links(page: Page, every: Sequence[Page], report: Report, head: str) -> Links:
    def to(other: Page) -> str | None:
        return None if other == page else f"{page.depth}{other.path}"

    years = [(str(linked.year), to(linked)) for linked in every if linked.other == page.other]
    pairs = [(f"against {linked.label}", to(linked)) for linked in every if linked.year == page.year]
    focus = report.content.entity["entity_id"]
    span = f"from={page.year - SPAN + 1}&to={page.year}&e={focus},{page.other}"
    ways = {
        score.row["metric_id"]: f"{score.row['way_source_id']}.{score.row['way_basis']}"
        for score in report.content.scores
    }

    def explorer(metric: str) -> str:
        way = f"&way={ways[metric]}" if metric in ways else ""
        return f"{page.depth}index.html#metric={metric}{way}&{span}"

    return Links(
        head=head,
        home=f"{page.depth}index.html",
        years=years,
        pairs=pairs,
        explorer=explorer,
        csv=lambda metric: f"{page.depth}data/yearly/{metric}.csv",
    )
