"""Hacker News: the month's thread found, asked for and counted, from either publisher; and what is no such thread."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.catalog import Name
from ingest.errors import ExtractError
from ingest.sources.hacker_news import _hits, month_of, rows_of, thread_of
from tests.ingest.one_source import OneSource
from tests.ingest.publisher import Heard, Publisher, Say, publishing
from tests.ingest.sources.recorded import SHARED, cassette, recorded

MARCH = date(2020, 3, 1)
WINDOW = (MARCH, date(2020, 4, 1))
TITLE = "Ask HN: Who is hiring? (March 2020)"
ODD = "Ask HN: Who is hiring right now?"
NUMBER = 22465476
FIRST_OF_MARCH, MARCH_23 = 1583074858, 1584980029
NAMES = (Name(name="anvil", member="primary", aliases=("iron block",)), Name(name="tongs", member="variant"))
TEXTS = [
    "ACME | Smith | we use Anvil &amp; tongs<p>no anvils",
    "an iron&#x20;block, and an anvil",
    "canvil, tongs_2: neither",
    None,
    "<a href='x'>Tongs</a>/<b>anvil</b>.",
]
COUNTED = [
    ([], False, 1),
    ([], True, 1),
    (["anvil"], True, 1),
    (["anvil", "tongs"], True, 2),
]
ROWS = "select terms, has_text, posts from raw.hacker_news__posts order by all"


def hit(title: str, number: int = NUMBER) -> dict[str, Any]:
    return {"title": title, "objectID": str(number), "author": "whoishiring", "num_comments": 500}


def hits(*stories: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"hits": list(stories), "nbHits": len(stories), "nbPages": 1, "page": 0, "exhaustiveNbHits": False, **more}


def post(number: int, text: str | None, parent: int = NUMBER) -> dict[str, Any]:
    reply = {"id": 900 + number, "parent_id": number, "text": "anvil, says a reply", "author": "b", "children": []}
    return {"id": number, "parent_id": parent, "text": text, "author": "somebody", "children": [reply]}


POSTS = [post(number, text) for number, text in enumerate(TEXTS, start=1)]


def tree(*posts: dict[str, Any], title: str = TITLE) -> dict[str, Any]:
    return {"id": NUMBER, "type": "story", "title": title, "parent_id": None, "children": list(posts)}


GOOD = Say(tree(*POSTS))
FOUND = Say(hits(hit("Ask HN: Who wants to be hired? (March 2020)", 1), hit(ODD, 2), hit(TITLE)))


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        made.answers("/search_by_date", FOUND)
        made.answers(f"/items/{NUMBER}", GOOD)
        yield made


@pytest.fixture
def world(tmp_path: Path, publisher: Publisher) -> OneSource:
    return OneSource(tmp_path, "hacker_news", publisher.url, *NAMES)


def test_a_months_thread_is_found_by_its_title_landed_and_counted(world: OneSource, publisher: Publisher) -> None:
    assert [outcome.result for outcome in world.refresh(WINDOW)] == ["landed"]
    search = publisher.heard[0].params
    assert search["tags"] == "story,(author_whoishiring,author__whoishiring)"
    assert search["numericFilters"] == "created_at_i>1582761600,created_at_i<1583884800"
    assert world.load() == [""]
    assert world.rows(ROWS) == COUNTED
    assert world.rows("select distinct month_date, thread_id, looked_for from raw.hacker_news__posts") == [
        (MARCH, NUMBER, ["anvil", "tongs"])
    ]
    assert world.refresh(WINDOW) == []


def test_texts_and_authors_stay_in_the_landing(world: OneSource) -> None:
    world.refresh(WINDOW)
    world.load()
    (event,) = world.events()
    assert b"somebody" in world.landing.path_of(event).read_bytes()
    stored = str(world.rows("from raw.hacker_news__posts")) + str(world.rows("from raw.extracts"))
    assert "somebody" not in stored
    assert "ACME" not in stored


def test_a_name_added_later_is_counted_in_what_was_landed(world: OneSource, publisher: Publisher) -> None:
    world.refresh(WINDOW)
    world.load()
    requests = len(publisher.heard)
    world.names = (*NAMES, Name(name="smith", member="variant"))
    assert world.refresh(WINDOW) == []
    assert world.load() == [""]
    assert world.rows("select sum(posts) from raw.hacker_news__posts where list_contains(terms, 'smith')") == [(1,)]
    assert len(publisher.heard) == requests


def test_another_alias_is_looked_for_in_what_was_landed(world: OneSource) -> None:
    world.refresh(WINDOW)
    world.load()
    world.names = (Name(name="anvil", member="primary", aliases=("canvil",)), NAMES[1])
    world.load()
    assert world.rows("select sum(posts) from raw.hacker_news__posts where list_contains(terms, 'anvil')") == [(4,)]


@pytest.mark.parametrize(
    ("title", "month"),
    [
        (TITLE, MARCH),
        ("Ask HN: Who is Hiring? (April 2011)", date(2011, 4, 1)),
        (ODD, None),
        ("Ask HN: Who wants to be hired? (March 2020)", None),
        ("Ask HN: Freelancer? Seeking freelancer? (March 2020)", None),
        ("Show HN: Ask HN: Who is hiring? (March 2020)", None),
        ("Ask HN: Who is hiring? (Smarch 2020)", None),
        (None, None),
    ],
)
def test_the_month_comes_from_the_title_and_from_no_other_title(title: str | None, month: date | None) -> None:
    assert month_of(title) == month


SEARCH_FAULTS = {
    "beyond what can be had": Say(hits(nbHits=0, nbPages=0, message="you can only fetch the 1000 hits")),
    "several pages": Say(hits(hit(TITLE), nbPages=2)),
    "no hits": Say({"nbHits": 0}),
    "500": Say("", 500),
    "html": Say("<html></html>"),
    "429": Say({"message": "too many"}, 429),
}
TREE_FAULTS = {
    "another month": Say(tree(*POSTS, title="Ask HN: Who is hiring? (April 2020)")),
    "the odd thread": Say(tree(*POSTS, title=ODD)),
    "no children": Say({"id": NUMBER, "title": TITLE}),
    "an empty thread": Say(tree()),
    "a post twice": Say(tree(POSTS[0], POSTS[0])),
    "a reply among the posts": Say(tree(POSTS[0], post(77, "anvil", parent=1))),
    "cut": Say(tree(*POSTS), fault="cut"),
    "cut and said to be whole": Say(GOOD.data[:-9]),
    "an error with 200": Say({"error": "not now"}),
    "not ready": Say({}, 202),
}


@pytest.mark.parametrize("fault", SEARCH_FAULTS.values(), ids=SEARCH_FAULTS)
def test_a_search_that_may_hide_something_is_no_answer(world: OneSource, publisher: Publisher, fault: Say) -> None:
    publisher.answers("/search_by_date", fault)
    (outcome,) = world.refresh(WINDOW)
    assert (outcome.result, world.events()) == ("failed", [])
    assert "/search_by_date: " in outcome.reason
    publisher.answers("/search_by_date", fault, FOUND)
    assert [outcome.result for outcome in world.refresh(WINDOW)] == ["landed"]


@pytest.mark.parametrize("fault", TREE_FAULTS.values(), ids=TREE_FAULTS)
def test_what_is_not_the_whole_thread_is_never_counted(world: OneSource, publisher: Publisher, fault: Say) -> None:
    publisher.answers(f"/items/{NUMBER}", fault)
    (outcome,) = world.refresh(WINDOW)
    assert (outcome.result, world.events()) == ("failed", [])
    assert f"/items/{NUMBER}: " in outcome.reason
    publisher.answers(f"/items/{NUMBER}", fault, GOOD)
    world.refresh(WINDOW)
    world.load()
    assert world.rows(ROWS) == COUNTED


def test_a_month_without_a_thread_is_absent_and_says_what_there_was(world: OneSource, publisher: Publisher) -> None:
    publisher.answers("/search_by_date", Say(hits(hit(ODD, 22665398))))
    (outcome,) = world.refresh(WINDOW)
    assert outcome.result == "absent"
    assert f"no thread of March 2020 among the stories of those days: '{ODD}'" in outcome.reason


def test_a_thread_that_was_found_is_not_absent_because_it_cannot_be_had(world: OneSource, publisher: Publisher) -> None:
    publisher.answers(f"/items/{NUMBER}", Say({"status": 404, "error": "Not Found"}, 404))
    (outcome,) = world.refresh(WINDOW)
    assert outcome.result == "failed"
    assert f"/items/{NUMBER}: status 404" in outcome.reason


def test_two_threads_of_a_month_are_not_guessed_between(world: OneSource, publisher: Publisher) -> None:
    publisher.answers("/search_by_date", Say(hits(hit(TITLE, 1), hit(TITLE, 2))))
    (outcome,) = world.refresh(WINDOW)
    assert (outcome.result, "several threads of March 2020" in outcome.reason) == ("failed", True)


# --- Firebase -----------------------------------------------------------------------------------------------------

SUBMITTED = {number: 1577836800 + number for number in range(1, 40)} | {
    NUMBER - 5: FIRST_OF_MARCH - 500_000,
    NUMBER - 1: FIRST_OF_MARCH - 1,
    NUMBER: FIRST_OF_MARCH,
    22665398: MARCH_23,
}
TITLES = {NUMBER: TITLE, 22665398: ODD, NUMBER - 1: "Ask HN: Who wants to be hired? (March 2020)"}


def items(**changes: Any) -> dict[str, Any]:
    """Every item of the second publisher by its number."""
    kids = list(range(1001, 1001 + len(TEXTS)))
    posts = {k: {"id": k, "parent": NUMBER, "text": t, "by": "x"} for k, t in zip(kids, TEXTS, strict=True)}
    posts[1004] = {"id": 1004, "parent": NUMBER, "deleted": True}
    stories: dict[int, dict[str, Any]] = {
        n: {"id": n, "time": moment, "title": TITLES.get(n)} for n, moment in SUBMITTED.items()
    }
    stories[NUMBER] |= {"kids": kids}
    return {str(number): item for number, item in {**stories, **posts}.items()} | changes


def firebase(publisher: Publisher, items: dict[str, Any]) -> None:
    def item(heard: Heard) -> Say:
        return Say(json.dumps(items.get(heard.path.removeprefix("/v0/item/").removesuffix(".json"))))

    publisher.answers("*", item)
    publisher.answers("/v0/user/whoishiring.json", Say({"id": "whoishiring", "submitted": [*SUBMITTED][::-1]}))


@pytest.fixture
def fallback(tmp_path: Path, publisher: Publisher) -> OneSource:
    publisher.answers("/search_by_date", Say("down for the day", 500))
    world = OneSource(tmp_path, "hacker_news", publisher.url, *NAMES)
    world.access["urls"] = (publisher.url, f"{publisher.url}/v0")
    return world


@pytest.mark.parametrize("changes", [{}, {"1004": None}], ids=["deleted", "gone"])
def test_where_the_search_is_down_the_other_publisher_gives_the_same_counts(
    fallback: OneSource, publisher: Publisher, changes: dict[str, Any]
) -> None:
    firebase(publisher, items(**changes))
    assert [outcome.result for outcome in fallback.refresh(WINDOW)] == ["landed"]
    assert fallback.load() == [""]
    assert fallback.rows(ROWS) == COUNTED
    assert {event.form for event in fallback.events()} == {"firebase"}


def test_an_item_that_is_gone_misleads_no_search(fallback: OneSource, publisher: Publisher) -> None:
    firebase(publisher, items(**{str(NUMBER - 5): None}))
    (outcome,) = fallback.refresh(WINDOW)
    assert (outcome.result, fallback.events()) == ("failed", [])
    assert f"item {NUMBER - 5}: expected a JSON object; found null" in outcome.reason


def test_a_post_of_another_thread_is_no_answer_from_the_other_publisher_either(
    fallback: OneSource, publisher: Publisher
) -> None:
    firebase(publisher, items(**{"1002": {"id": 1002, "parent": 5, "text": "anvil"}}))
    (outcome,) = fallback.refresh(WINDOW)
    assert (outcome.result, fallback.events()) == ("failed", [])
    assert "no posts of thread" in outcome.reason
    assert "before that GET" in outcome.reason


def test_a_lost_post_is_seen_in_what_was_landed(fallback: OneSource, publisher: Publisher) -> None:
    firebase(publisher, items())
    fallback.refresh(WINDOW)
    (event,) = fallback.events()
    whole = fallback.landing.path_of(event).read_bytes().splitlines()
    path = fallback.landing.root / "short"
    path.write_bytes(b"\n".join(whole[:-1]))
    with pytest.raises(ExtractError, match="the story speaks of 5 posts; 4 are here"):
        list(fallback.source.for_catalog(fallback.catalog).parse(event, path))


# --- what was recorded --------------------------------------------------------------------------------------------


def test_the_recorded_thread_gives_the_published_counts() -> None:
    ((uri, status, body),) = cassette("recorded/hackernews/item_load.yml")
    assert (uri.rpartition("/")[2], status) == ("2396027", 200)
    with recorded("../facts/jobs/hn_who_is_hiring_monthly.csv").open(encoding="utf-8", newline="") as handle:
        published = [row for row in csv.DictReader(handle) if row["month"] == "2011-04"]
    words = {row["term"]: aliases(row["full_term"]) for row in published}
    thread = thread_of(body, "recorded", date(2011, 4, 1))
    rows = [row.fields for row in rows_of(thread, words, "posts")]
    counted = {term: sum(row["posts"] for row in rows if term in row["terms"]) for term in words}
    assert counted == {row["term"]: int(row["count"]) for row in published}
    assert (counted["Python"], counted["Machine Learning"]) == (37, 7)
    assert {sum(row["posts"] for row in rows)} == {int(row["num_comments"]) for row in published} == {219}


def aliases(full_term: str) -> list[str]:
    name, _, words = full_term.partition("/alias[")
    return words.removesuffix("]").split("|") if words else [name]


def test_the_recorded_search_gives_the_known_threads() -> None:
    pages = [json.loads(body) for _, _, body in cassette("recorded/hackernews/itemsearch_execute.yml")]
    threads = {month_of(hit["title"]): int(hit["objectID"]) for page in pages for hit in page["hits"]}
    threads.pop(None)
    with (SHARED / "facts/jobs/hn_who_is_hiring_threads.tsv").open(encoding="utf-8", newline="") as handle:
        known = [row for row in csv.DictReader(handle, delimiter="\t") if row["month_in_title"]]
    assert threads == {date.fromisoformat(f"{row['month_in_title']}-01"): int(row["item_id"]) for row in known}
    assert len(threads) == 149
    assert 22665398 not in threads.values()


def test_one_page_of_several_is_refused_as_a_search() -> None:
    _, _, body = cassette("recorded/hackernews/itemsearch_execute.yml")[0]
    with pytest.raises(ExtractError, match="20 stories on the first of 8 pages"):
        _hits(body, "recorded")
