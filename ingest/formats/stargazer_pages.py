"""Pages of single stars, as the host's GraphQL API answered them until it closed its lists of stargazers in July 2026.

Belongs here: reading what was landed then, since a landed extract must stay readable. Nothing asks for such pages any
more: who administers a repository still could, and nobody else.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from ingest.errors import ExtractError

if TYPE_CHECKING:
    from ingest.model import Scope

FORM = "graphql_stargazers"
TOLERATED_LOSS = 0.01
"""How much of the total may be missing at the end of a whole walk: withdrawn while walking, suspended accounts."""


@dataclass(frozen=True)
class _Page:
    """One page of stars, newest first."""

    repository_id: int
    total: int
    cursor: str | None
    has_next: bool
    given_at: tuple[datetime, ...]


def stars_by_month(text: str, where: str, scope: Scope) -> tuple[int, Counter[date]]:
    """The repository's number, and its stars by month; the walk is whole down to the first day of the scope.

    Raises:
        ExtractError: for pages out of order, of several repositories, or with one missing.
    """
    try:
        pages = [_page_of(page) for page in json.loads(text)]
        _check_walk(pages, scope)
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError) as error:
        raise ExtractError(f"{where}: not a whole walk through the stars: {error}") from error
    stars = Counter(moment.date().replace(day=1) for page in pages for moment in page.given_at)
    return pages[0].repository_id, stars


def _page_of(document: object) -> _Page:
    """A page as it was answered; raises ValueError, KeyError or TypeError where it is none."""
    if not isinstance(document, Mapping) or document.get("errors"):
        raise ValueError("an error in place of a page")
    repository = document["data"]["repository"]
    stars = repository["stargazers"]
    moments = tuple(datetime.fromisoformat(edge["starredAt"]).astimezone(UTC) for edge in stars["edges"])
    info = stars["pageInfo"]
    page = _Page(
        int(repository["databaseId"]), int(stars["totalCount"]), info["endCursor"], info["hasNextPage"], moments
    )
    if page.has_next and not (page.cursor and page.given_at):
        raise ValueError("an empty page that is not the last one")
    return page


def _check_order(pages: Sequence[_Page]) -> None:
    """No page twice, out of order or of another repository; raises ValueError where one is."""
    cursors = [page.cursor for page in pages if page.cursor]
    if len({*cursors}) != len(cursors):
        raise ValueError("a page of stars came twice")
    if len({page.repository_id for page in pages}) != 1:
        raise ValueError("the pages are of different repositories: the name changed hands in the middle")
    moments = [moment for page in pages for moment in page.given_at]
    if any(later > earlier for earlier, later in pairwise(moments)):
        raise ValueError("the pages of stars are not in order")
    if not all(page.has_next for page in pages[:-1]):
        raise ValueError("a page of stars follows the last one")


def _check_walk(pages: Sequence[_Page], scope: Scope) -> None:
    """In order, and none missing down to the first day; raises ValueError or IndexError where one is."""
    _check_order(pages)
    last, stars = pages[-1], sum(len(page.given_at) for page in pages)
    if last.has_next and last.given_at[-1].date() >= scope.period_start:
        raise ValueError(f"the pages of stars end at {last.given_at[-1]}, before the first day {scope.period_start}")
    total = pages[0].total
    if not last.has_next and not total * (1 - TOLERATED_LOSS) <= stars <= total:
        raise ValueError(f"{stars:,} stars came of {total:,}")
