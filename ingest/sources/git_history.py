"""Git histories: commits by month, counted in a copy of the history.

Belongs here: the raw table, and how a history as `git log` writes it is counted. A month without a row between a
repository's first and last month had no commits; saying so is dbt's work. Does not belong here: git itself
(`ingest.clients.git`).
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from ingest.clients.git import history_of
from ingest.clients.http import Client
from ingest.errors import ExtractError
from ingest.formats.csv_file import csv_form
from ingest.model import (
    Answer,
    Connector,
    Count,
    Fetch,
    Form,
    ParsedRow,
    PastDate,
    Question,
    RawRow,
    Scope,
    Source,
    Text,
)

SINCE = date(1970, 1, 1)
"""A history is always had whole, and git knows no earlier moment."""
FORM = "git_log"


class MonthRow(RawRow):
    """Commits of one repository in one month, by committer date: all, and along the first parent."""

    key = ("repository", "month_date")

    repository: Text
    month_date: PastDate
    all_commits: Count
    first_parent_commits: Count
    head_commit: Text


def _ask(question: Question, client: Client) -> Answer:
    """The whole history of one repository, up to the month of asking, which is not over."""
    name, asked_at = question.term, client.clock.now()
    history = history_of(client, client.url.replace("{name}", name), f"{_as_file(name)}.git")
    this_month = asked_at.astimezone(UTC).date().replace(day=1)
    return Answer(
        # without a time in it, so that the same history is the same bytes
        body=gzip.compress(history.log, mtime=0),
        filename=f"{_as_file(name)}.log.gz",
        form=FORM,
        request=history.told,
        scope=Scope("months", SINCE, this_month, (name,)),
    )


def _as_file(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "__", name)


@dataclass(frozen=True)
class _Commit:
    """One line of the log. `month` is None where the commit's date cannot be read."""

    number: int
    name: str
    month: date | None
    parents: tuple[str, ...]


def _parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    """Counts by month, and a row for the unfinished month of asking: staging leaves each history's last month out."""
    commits = {commit.name: commit for commit in _commits(fetch, path)}
    _check_closed(fetch, commits)
    head = next(iter(commits))
    every = Counter(commit.month for commit in commits.values())
    mainline = Counter(commit.month for commit in _first_parents(commits, head))
    (repository,) = fetch.scope.terms or ("",)
    months = sorted({month for month in every if month is not None} | {fetch.scope.period_end})
    for number, month in enumerate(months, start=1):
        fields = {
            "repository": repository,
            "month_date": month,
            "all_commits": every[month],
            "first_parent_commits": mainline[month],
            "head_commit": head,
        }
        yield ParsedRow(fetch.scope.table, number, fields)
    for commit in commits.values():
        if commit.month is None:
            fields = {"repository": repository, "head_commit": head}
            yield ParsedRow(fetch.scope.table, commit.number, fields, f"commit {commit.name} has no readable date")


def _commits(fetch: Fetch, path: Path) -> Iterator[_Commit]:
    try:
        lines = gzip.decompress(path.read_bytes()).decode("ascii").splitlines()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise ExtractError(f"{fetch.filename}: not a packed log: {error}") from error
    for number, line in enumerate(lines, start=1):
        fields = line.split("\t")
        if len(fields) != 4:
            raise ExtractError(
                f"{fetch.filename}, line {number}: expected hash, two moments and parents; found {line!r:.80}"
            )
        name, _, committed, parents = fields
        yield _Commit(number, name, _month_of(committed), tuple(parents.split()))


def _month_of(seconds: str) -> date | None:
    """The month, in UTC, of a moment in seconds since 1970."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC).date().replace(day=1)
    except (ValueError, OverflowError, OSError):
        return None


def _check_closed(fetch: Fetch, commits: dict[str, _Commit]) -> None:
    """A history is whole when the parents of every commit are in it, and begins with the tip that was asked for."""
    missing = next((parent for commit in commits.values() for parent in commit.parents if parent not in commits), None)
    if missing:
        raise ExtractError(f"{fetch.filename}: the log is cut short: the parent {missing} is not in it")
    first, asked = next(iter(commits), None), fetch.request.get("head")
    if first is None or first != asked:
        raise ExtractError(f"{fetch.filename}: expected the log to begin with the tip {asked}; found {first}")


def _first_parents(commits: dict[str, _Commit], head: str) -> Iterator[_Commit]:
    """From the tip along the first parents to the root."""
    commit = commits[head]
    yield commit
    while commit.parents:
        commit = commits[commit.parents[0]]
        yield commit


LOG = Form(FORM, "a history as `git log` writes it, packed", lambda _: None, _parse)
# a history is had whole, so all its open months are one question
CONNECTOR = Connector(table="months", ask=_ask, terms="each", most_periods=10_000)
TABLES = {"months": MonthRow}
SOURCE = Source("git_history", TABLES, (csv_form(**TABLES), LOG), CONNECTOR)
