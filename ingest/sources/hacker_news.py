"""Hacker News: posts of the monthly thread "Who is hiring?", counted by the terms that they name.

Belongs here: the raw table, finding the thread of a month, asking for it (Algolia, else Firebase), and counting its
posts. A post is a comment at the top level; what is said below it is none. Texts and authors stay in the landing: a raw
row is a count. Which words mean a term stands in the catalog; after a change there the landed threads are read again.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import model_validator

from ingest.errors import BudgetError, BusyError, ExtractError, FetchError, NotAvailableError
from ingest.formats.csv_file import csv_format
from ingest.formats.json_response import check_by, json_object, quote, response_format, whole_number
from ingest.model import Connector, Fetch, ParsedRow, Request, Response, Source
from ingest.row_types import Count, PastMonth, RawRow, TextList

if TYPE_CHECKING:
    from ingest.catalog import Catalog
    from ingest.clients.http import Client
    from ingest.clients.response import Reply

NAME = "hacker_news"
TITLE = re.compile(r"^Ask HN: Who is hiring\?\s*\((\w+) (\d{4})\)", re.IGNORECASE)
POSTERS = ("whoishiring", "_whoishiring")
BEFORE, AFTER = timedelta(days=3), timedelta(days=10)
"""A thread goes up this long before its month begins, or after, at most."""
PAGE = 100
TAG = re.compile(r"<[^>]*>")
Item = Mapping[str, Any]


class PostRow(RawRow):
    """How many posts of a month's thread name exactly these terms, of those that were looked for."""

    key = ("month_date", "thread_id", "terms", "has_text")

    month_date: PastMonth
    thread_id: Count
    looked_for: TextList
    terms: TextList
    has_text: bool
    posts: Count

    @model_validator(mode="after")
    def _only_what_was_looked_for(self) -> PostRow:
        if unexpected := sorted({*self.terms} - {*self.looked_for}):
            raise ValueError(f"terms that were not looked for: {', '.join(unexpected)}")
        return self


@dataclass(frozen=True)
class Thread:
    """A month's thread; a post that was deleted has no text."""

    number: int
    month: date
    posts: Sequence[str | None]


# --- reading ------------------------------------------------------------------------------------------------------


def month_of(title: object) -> date | None:
    """The month in the title of a monthly thread; None for every other title, however much it looks like one."""
    match = TITLE.match(title) if isinstance(title, str) else None
    try:
        return datetime.strptime(" ".join(match.groups()), "%B %Y").date() if match else None  # noqa: DTZ007 - no time
    except ValueError:
        return None


def thread_of(body: bytes, where: str, month: date) -> Thread:
    """A thread as Algolia answers: one tree.

    Raises:
        ExtractError: for another month's thread, one without posts, or a post twice.
    """
    story = json_object(body, where)
    children = story.get("children")
    if not isinstance(children, list):
        raise ExtractError(f"{where}: expected a thread with its children; found {quote(body)}")
    return _thread(story, children, "parent_id", where, month)


def thread_of_items(body: bytes, where: str, month: date) -> Thread:
    """A thread as Firebase answers: a line for the story, and one for each of its posts, in its order.

    Raises:
        ExtractError: as `thread_of`, or when a post is missing.
    """
    try:
        story, *items = (json.loads(line) for line in body.splitlines())
    except (ValueError, RecursionError) as error:
        raise ExtractError(f"{where}: expected a story and its posts, one a line; found {quote(body)}") from error
    if not isinstance(story, dict) or not all(isinstance(item, dict | None) for item in items):
        raise ExtractError(f"{where}: expected a story and its posts, one a line; found {quote(body)}")
    kids = _kids(story, where)
    if len(items) != len(kids):
        raise ExtractError(f"{where}: the story speaks of {len(kids)} posts; {len(items)} are here")
    # a post that was removed may be answered by null
    posts = [item or {"id": kid, "parent": story.get("id")} for kid, item in zip(kids, items, strict=True)]
    if [post.get("id") for post in posts] != kids:
        raise ExtractError(f"{where}: the story speaks of other posts than are here")
    return _thread(story, posts, "parent", where, month)


def _kids(story: Item, where: str) -> Sequence[int]:
    """The numbers of a story's posts, as Firebase lists them."""
    kids = story.get("kids") or []
    if not isinstance(kids, list):
        raise ExtractError(f"{where}: expected the numbers of its posts; found {kids!r:.80}")
    return [whole_number(kid, "the number of a post", where) for kid in kids]


def _thread(story: Item, posts: Sequence[Item], parent: str, where: str, month: date) -> Thread:
    if (title_month := month_of(story.get("title"))) != month:
        title = f"{story.get('title')!r:.100}"
        raise ExtractError(
            f"{where}: expected the thread of {month:%B %Y}; found {title} ({title_month or 'no month'})"
        )
    number = whole_number(story.get("id"), "the number of the thread", where)
    if malformed := [post for post in posts if not _is_post(post)]:
        raise ExtractError(f"{where}: expected posts with a number and a text, if any; found {malformed[0]!r:.100}")
    if of_others := [post.get("id") for post in posts if post.get(parent) != number]:
        raise ExtractError(f"{where}: no posts of thread {number}, but among them: {of_others[:5]}")
    if not posts or len({post["id"] for post in posts}) != len(posts):
        raise ExtractError(f"{where}: expected posts, each once; found {len(posts)}")
    return Thread(number, month, [post.get("text") for post in posts])


def _is_post(post: object) -> bool:
    return isinstance(post, dict) and type(post.get("id")) is int and isinstance(post.get("text"), str | None)


def words_of(text: str) -> str:
    """The words of a post, without its mark-up."""
    return html.unescape(TAG.sub(" ", text))


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    """Any of the words, whole, in any case."""
    return re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words), re.IGNORECASE)


def rows_of(thread: Thread, terms: Mapping[str, Sequence[str]], table: str) -> Iterator[ParsedRow]:
    """Posts by the exact set of terms that they name. `terms` maps each to the words that mean it."""
    patterns = {term: _pattern(words) for term, words in terms.items()}
    sets: Counter[tuple[tuple[str, ...], bool]] = Counter()
    for text in thread.posts:
        words = words_of(text or "")
        sets[tuple(sorted(t for t, pattern in patterns.items() if pattern.search(words))), bool(text)] += 1
    for number, ((named, has_text), posts) in enumerate(sorted(sets.items()), start=1):
        thread_fields = {"month_date": thread.month, "thread_id": thread.number, "looked_for": sorted(patterns)}
        yield ParsedRow(table, number, {**thread_fields, "terms": list(named), "has_text": has_text, "posts": posts})


# --- asking -------------------------------------------------------------------------------------------------------


def fetch(request: Request, client: Client) -> Response:
    """The thread of one month: from Algolia, or, where it fails and the catalog has a second address, from Firebase."""
    month = request.scope.period_start
    try:
        return _fetch_algolia(month, client)
    except (BudgetError, NotAvailableError):
        raise
    except (FetchError, ExtractError) as error:
        if len(client.access.urls) == 1:
            raise
        try:
            return _fetch_firebase(month, client, client.access.urls[1])
        except (FetchError, ExtractError) as second:
            raise type(second)(f"{second}; before that {error}") from error


def _fetch_algolia(month: date, client: Client) -> Response:
    number = _thread_by_search(month, client)
    check = check_by(partial(thread_of, month=month))
    reply = client.get(f"{client.url}/items/{number}", validate=check)
    return Response(reply.body, f"thread_{month:%Y-%m}.json", "algolia", reply.request)


def _thread_by_search(month: date, client: Client) -> int:
    """The number of the month's thread, by its title among the stories of those days."""
    first, last = (int(_midnight(day).timestamp()) for day in (month - BEFORE, month + AFTER))
    params = {
        "query": "hiring",
        "tags": f"story,({','.join(f'author_{poster}' for poster in POSTERS)})",
        "numericFilters": f"created_at_i>{first},created_at_i<{last}",
        "hitsPerPage": str(PAGE),
    }
    reply = client.get(f"{client.url}/search_by_date", params, validate=check_by(_hits))
    hits = _hits(reply.body, "the reply")
    return _only([(hit.get("title"), hit.get("objectID")) for hit in hits], month)


def _hits(body: bytes, where: str) -> list[Item]:
    """All stories that were found.

    How many there are is not read from `nbHits`: it may be an estimate, or 0 beside a message that more was asked for
    than can be had.
    """
    reply = json_object(body, where)
    hits = reply.get("hits")
    if "message" in reply or not isinstance(hits, list) or not all(isinstance(hit, dict) for hit in hits):
        raise ExtractError(f"{where}: Algolia says: {reply.get('message', quote(body))}")
    if len(hits) >= PAGE or whole_number(reply.get("nbPages"), "nbPages", where) > 1:
        raise ExtractError(
            f"{where}: {len(hits)} stories on the first of {reply['nbPages']} pages; expected all on one"
        )
    return hits


def _only(stories: Sequence[tuple[object, object]], month: date) -> int:
    numbers = [number for title, number in stories if month_of(title) == month]
    if not numbers:
        others = ", ".join(repr(title) for title, _ in stories[:5]) or "none"
        raise NotAvailableError(f"no thread of {month:%B %Y} among the stories of those days: {others}")
    if len(numbers) > 1:
        raise FetchError(f"several threads of {month:%B %Y}: {numbers}")
    return whole_number(str(numbers[0]), "the number of the thread", "search")


def _fetch_firebase(month: date, client: Client, url: str) -> Response:
    number = _thread_by_user(month, client, url)
    story = _item(number, client, url)
    kids = _kids(json_object(story.body, "the story"), "the story")
    lines = [story.body, *(_item(kid, client, url).body for kid in kids)]
    body = b"\n".join(b" ".join(line.splitlines()) for line in lines)
    try:
        thread_of_items(body, "the thread", month)
    except ExtractError as error:
        raise BusyError(str(error)) from error
    return Response(body, f"thread_{month:%Y-%m}.jsonl", "firebase", {**story.request, "posts": len(kids)})


def _thread_by_user(month: date, client: Client, url: str) -> int:
    """The number of the month's thread among all that its poster ever posted: numbers grow with time."""
    reply = client.get(f"{url}/user/{POSTERS[0]}.json", validate=check_by(_submitted))
    numbers = _submitted(reply.body, "the reply")
    low, high = 0, len(numbers)
    while low < high:
        middle = (low + high) // 2
        if _posted(numbers[middle], client, url)[1] < _midnight(month - BEFORE):
            low = middle + 1
        else:
            high = middle
    stories = []
    for number in numbers[low:]:
        title, moment = _posted(number, client, url)
        if moment >= _midnight(month + AFTER):
            break
        stories.append((title, number))
    return _only(stories, month)


def _submitted(body: bytes, where: str) -> list[int]:
    numbers = json_object(body, where).get("submitted")
    if not isinstance(numbers, list) or not numbers:
        raise ExtractError(f"{where}: expected what the user submitted; found {quote(body)}")
    return sorted(whole_number(number, "the number of an item", where) for number in numbers)


def _posted(number: int, client: Client, url: str) -> tuple[object, datetime]:
    """Title and moment of an item."""
    item = json_object(_item(number, client, url).body, f"item {number}")
    seconds = whole_number(item.get("time"), "time", f"item {number}")
    try:
        return item.get("title"), datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ExtractError(f"item {number}: expected a moment; found {seconds}") from error


def _item(number: object, client: Client, url: str) -> Reply:
    return client.get(f"{url}/item/{number}.json", validate=lambda reply: reply.json())


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


# --- the source ---------------------------------------------------------------------------------------------------


def _source(terms: Mapping[str, Sequence[str]]) -> Source:
    def parse_tree(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
        thread = thread_of(path.read_bytes(), fetch.filename, fetch.scope.period_start)
        return rows_of(thread, terms, fetch.scope.table)

    def parse_items(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
        thread = thread_of_items(path.read_bytes(), fetch.filename, fetch.scope.period_start)
        return rows_of(thread, terms, fetch.scope.table)

    return Source(
        name=NAME,
        tables={"posts": PostRow},
        forms=(
            csv_format(posts=PostRow),
            response_format("algolia", "a thread as one tree, as Algolia answers", parse_tree),
            response_format("firebase", "a thread item by item, as Firebase answers", parse_items),
        ),
        connector=Connector(table="posts", fetch=fetch, terms="everything"),
        configure=_of_catalog,
        reading=json.dumps(terms, sort_keys=True),
    )


def _of_catalog(catalog: Catalog) -> Source:
    names = catalog.requested_names(catalog.source(NAME).names)
    return _source({name.name: (name.name, *name.aliases) for name in names})


SOURCE = _source({})
