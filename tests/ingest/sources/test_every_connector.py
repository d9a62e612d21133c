"""Every connector that asks by HTTP against every fault of the wire and of the publisher, one test for each pair.

Belongs here: what must hold of all of them: a fault is a clear failure and lands nothing, whether it comes at once or
in the middle, and after it the same is landed as if it had never been. Does not belong here: a fault that only one
publisher knows (that connector's own tests), git and the paid log (their wires are other programs'), or the surveys
(which have several addresses; see their tests).
"""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.plan import ALL_TIME, Span
from tests.ingest.one_source import OneSource, named
from tests.ingest.publisher import Heard, Publisher, Say, Script, publishing
from tests.ingest.sources import (
    test_arxiv,
    test_clickpy,
    test_clickpy_population,
    test_conda,
    test_gharchive,
    test_github,
    test_github_stargazers,
    test_hacker_news,
    test_hugging_face,
    test_indeed,
    test_npm,
    test_openalex,
    test_pypistats,
    test_semantic_scholar,
    test_stack_exchange,
)


@dataclass(frozen=True)
class Case:
    """A source, the answers that its publisher gives when all is well, and what is asked of it.

    `lacks` where a page that is not there says that the publisher does not have the thing. `several` where one refresh
    takes more than one reply. `label` where a source has more than one case: the second one is about its population.
    """

    source: str
    answers: Mapping[str, Script]
    window: Span = ALL_TIME
    names: Sequence[str] = ("anvil",)
    query: str = ""
    today: Any = None
    lacks: bool = False
    several: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    label: str = ""

    @property
    def key(self) -> str:
        return self.label or self.source

    def world(self, folder: Path, publisher: Publisher) -> OneSource:
        """The source with an address at this publisher."""
        if self.source == "indeed":
            return test_indeed.Indeed(folder, publisher)
        more = {"today": self.today} if self.today else {}
        names = test_hacker_news.NAMES if self.source == "hacker_news" else named(*self.names)
        url = f"{publisher.url}{self.query}"
        made = OneSource(folder, self.source, url, *names, population=bool(self.label), **more)
        made.environment.update(self.environment)
        return made


CASES = {
    case.key: case
    for case in [
        Case("arxiv", {"/query": test_arxiv.GOOD}, test_arxiv.WINDOW),
        Case(
            "clickpy",
            {"/": Say(test_clickpy.reply(test_clickpy.GOOD))},
            test_clickpy.SPAN,
            query="/?user=demo&database=pypi&param_busy=pip",
            today=test_clickpy.TODAY,
        ),
        Case(
            "clickpy",
            {"/": test_clickpy_population.made(packages=20)},
            (date(2020, 2, 1), date(2020, 4, 1)),
            query="/?user=demo&database=pypi&param_busy=pip",
            today=test_clickpy.TODAY,
            several=True,
            label="clickpy_population",
        ),
        Case("conda", {test_conda.PATH: Say(test_conda.parquet())}, test_conda.MONTH, lacks=True),
        Case(
            "gharchive",
            {"/": test_gharchive.Archive()},
            test_gharchive.AUTUMN,
            ("smith/anvil",),
            "/?user=demo&database=github&param_busy=guild/hall",
            several=True,
        ),
        Case("github", {"/repos/smith/anvil": test_github.GOOD}, names=("smith/anvil",), lacks=True),
        Case(
            "github_stargazers",
            {
                test_github_stargazers.REPOSITORY: test_github_stargazers.GOOD,
                test_github_stargazers.HISTORY: test_github_stargazers.pages,
            },
            names=("smith/anvil",),
            several=True,
        ),
        Case(
            "hacker_news",
            {"/search_by_date": test_hacker_news.FOUND, f"/items/{test_hacker_news.NUMBER}": test_hacker_news.GOOD},
            test_hacker_news.WINDOW,
            several=True,
        ),
        Case(
            "hugging_face",
            {test_hugging_face.PATH: test_hugging_face.good},
            today=test_hugging_face.TODAY,
            several=True,
        ),
        Case(
            "indeed",
            {
                test_indeed.SECTOR: Say(test_indeed.sector(*test_indeed.FEBRUARY, *test_indeed.MARCH)),
                test_indeed.SHARE: Say(test_indeed.share(*test_indeed.MARCH)),
            },
            lacks=True,
            several=True,
        ),
        Case("npm", {test_npm.PATH: test_npm.GOOD}, test_npm.SPAN, (test_npm.NAME,)),
        Case("openalex", {"/works": test_openalex.GOOD}, today=test_openalex.TODAY),
        Case(
            "pypistats",
            {test_pypistats.PATH: Say(test_pypistats.reply(test_pypistats.days(3)))},
            query="/api",
            lacks=True,
        ),
        Case(
            "semantic_scholar",
            {test_semantic_scholar.PATH: Say(test_semantic_scholar.page(3, 3))},
            test_semantic_scholar.YEAR,
            today=test_semantic_scholar.TODAY,
        ),
        Case("stack_exchange", {"/questions": test_stack_exchange.GOOD}, test_stack_exchange.WINDOW),
    ]
}
HTML = {"Content-Type": "text/html"}
FAULTS = {
    "429": Say("slow down", 429),
    "429 Retry-After": Say("slow down", 429, {"Retry-After": "7"}),
    "403 secondary limit": Say({"message": "You have exceeded a secondary rate limit."}, 403),
    "403": Say("forbidden", 403),
    "400": Say("bad", 400),
    "404": Say("no such page", 404),
    "500": Say("oops", 500),
    "503 Retry-After": Say("later", 503, {"Retry-After": "7"}),
    "202 not ready": Say("{}", 202),
    "204": Say(status=204),
    "301 in a circle": Say(status=301, headers={"Location": "/circle"}),
    "304 unasked": Say(status=304),
    "cut": Say("a reply that is cut in the middle", fault="cut"),
    "cut chunks": Say("a reply that is cut", headers={"Transfer-Encoding": "chunked"}, fault="cut"),
    "hang up": Say(fault="hang up"),
    "not packed": Say("not gzip", headers={"Content-Encoding": "gzip"}),
    "html": Say("<html><body>We are busy</body></html>", headers=HTML),
    "empty": Say(""),
    "not text": Say(b"\xff\xfe\x00\x01"),
    "null": Say("null"),
    "text": Say('"Ok."'),
    "empty list": Say("[]"),
    "empty object": Say("{}"),
    "error": Say({"error": "something went wrong"}),
    "errors": Say({"errors": [{"message": "something went wrong"}], "data": None}),
    "message": Say({"message": "try again later"}),
    "nested deep": Say("[" * 100_000),
}
PAIRS = [
    pytest.param(case, fault, after, id=f"{source}-{name}-{after}")
    for source, case in CASES.items()
    for name, fault in FAULTS.items()
    for after in ((0, 1) if case.several else (0,))
]


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        yield made


def heal(case: Case, publisher: Publisher) -> None:
    """Let the publisher answer as it should."""
    for path, script in case.answers.items():
        publisher.answers(path, script)


def spoil(case: Case, publisher: Publisher, fault: Say, after: int) -> None:
    """Let the publisher answer so many times as it should, and then by the fault for ever."""
    lock, left = threading.Lock(), [after]

    def spoilt(script: Script) -> Callable[[Heard], Say]:
        def say(heard: Heard) -> Say:
            with lock:
                left[0] -= 1
                good = left[0] >= 0
            if not good:
                return fault
            return script if isinstance(script, Say) else script(heard)

        return say

    for path, script in case.answers.items():
        publisher.answers(path, spoilt(script))
    publisher.answers("/circle", Say(status=301, headers={"Location": "/circle"}))


def landed(world: OneSource) -> set[tuple[str, str]]:
    """What every request was answered, byte by byte: rows are made of nothing else."""
    return {(event.scope.key, event.sha256) for event in world.events()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, set[tuple[str, str]]]:
    """What each source lands when all is well."""
    found = {}
    with publishing() as publisher:
        for case in CASES.values():
            heal(case, publisher)
            world = case.world(tmp_path_factory.mktemp(case.key), publisher)
            assert {asking.result for asking in world.refresh(case.window)} == {"landed"}
            assert set(world.load()) == {""}
            found[case.key] = landed(world)
    return found


@pytest.mark.parametrize(("case", "fault", "after"), PAIRS)
def test_a_fault_is_a_clear_failure_and_after_it_nothing_is_lost(
    case: Case,
    fault: Say,
    after: int,
    publisher: Publisher,
    tmp_path: Path,
    undisturbed: Mapping[str, set[tuple[str, str]]],
) -> None:
    world, expected = case.world(tmp_path, publisher), undisturbed[case.key]
    spoil(case, publisher, fault, after)
    askings = [asking for asking in world.refresh(case.window) if asking.result != "landed"]
    assert askings
    is_absence = case.lacks and fault.status in (404, 410)
    assert {asking.result for asking in askings} <= ({"absent"} if is_absence else {"failed", "not fetched"})
    assert all(asking.reason for asking in askings)
    assert landed(world) < expected

    heal(case, publisher)
    if not is_absence:
        world.refresh(case.window)
        assert landed(world) == expected


Document = Any
GONE = object()
SPOILT = {"null": None, "half of a character": "\ud800", "list": [], "text": "x", "gone": GONE}


def places(document: Document, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value of a document; of a list, to its first one only."""
    inner = document.items() if isinstance(document, dict) else enumerate(document[:1]) if document else ()
    for name, value in inner:
        yield (*before, name)
        if isinstance(value, dict | list):
            yield from places(value, (*before, name))


def with_spoilt(document: Document, place: tuple[Any, ...], value: object) -> Document:
    """The document with another value in one place, or without it; as it was if it has no such place."""
    made = inner = json.loads(json.dumps(document))
    try:
        for name in place[:-1]:
            inner = inner[name]
        if value is GONE:
            del inner[place[-1]]
        else:
            inner[place[-1]] = value
    except (KeyError, IndexError, TypeError):
        return document
    return made


def said(script: Script, heard: Heard) -> Document:
    say = script if isinstance(script, Say) else script(heard)
    return json.loads(gzip.decompress(say.data) if "Content-Encoding" in say.headers else say.data)


@pytest.mark.parametrize("value", SPOILT.values(), ids=SPOILT)
@pytest.mark.parametrize("source", sorted(set(CASES) - {"arxiv", "conda", "indeed"}))
def test_a_document_with_one_wrong_value_ends_no_refresh_and_makes_no_zero(
    source: str, value: object, publisher: Publisher, tmp_path: Path
) -> None:
    case = CASES[source]
    heal(case, publisher)
    undisturbed = case.world(tmp_path / "undisturbed", publisher)
    undisturbed.refresh(case.window)
    undisturbed.load()
    heard = {request.path: request for request in reversed(publisher.heard)}
    spoilt = [(path, place) for path in heard for place in places(said(case.answers[path], heard[path]))]
    assert spoilt
    for number, (path, place) in enumerate(spoilt):
        script = case.answers[path]
        heal(case, publisher)
        publisher.answers(
            path,
            lambda request, s=script, p=place: Say(with_spoilt(said(s, request), p, value)),  # type: ignore[misc]
        )
        world = case.world(tmp_path / str(number), publisher)
        results = [asking.result for asking in world.refresh(case.window)]
        assert set(results) <= {"landed", "failed", "not fetched", "absent"}
        if "landed" in results:
            assert set(world.load()) == {""}, (path, place)
            assert zeros(world) <= zeros(undisturbed), (path, place)


def zeros(world: OneSource) -> int:
    """How many counts of nothing the raw tables hold."""
    rows = [
        row for table in world.source.tables for row in world.rows(f"select * from raw.{world.source.name}__{table}")
    ]
    return sum(type(cell) is int and cell == 0 for row in rows for cell in row)
