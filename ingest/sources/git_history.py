"""Git histories: commits by month, counted in a copy of the history.

Belongs here: the raw table, and how a history as `git log` writes it is counted. A month without a row between a
repository's first and last month had no commits; saying so is dbt's work. Does not belong here: git itself
(`ingest.clients.git`).
"""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import model_validator

from ingest.clients.git import history_of, is_clone
from ingest.clients.http import Client
from ingest.errors import ExtractError
from ingest.formats.csv_file import csv_format
from ingest.formats.tabular import unpacked
from ingest.model import Connector, Fetch, FileFormat, ParsedRow, Request, Response, Scope, Source
from ingest.plan import next_period
from ingest.row_types import Count, PastMonth, RawRow, Text, ordered

SINCE = date(1970, 1, 1)
"""A history is always had whole, and git knows no earlier moment."""
FORM = "git_log"
MAX_LOG = 1 << 29
"""A log of a million commits has 150 MB."""


class MonthRow(RawRow):
    """Commits of one repository in one month, by committer date: all, and along the first parent."""

    key = ("repository", "month_date")

    repository: Text
    month_date: PastMonth
    all_commits: Count
    first_parent_commits: Count
    head_commit: Text

    @model_validator(mode="after")
    def _part_of_all(self) -> MonthRow:
        ordered(self, "first_parent_commits", "all_commits")
        return self


def _fetch(request: Request, client: Client) -> Response:
    """The whole history of one repository, up to the month of asking, which is not over."""
    name, asked_at = request.term, client.clock.now()
    url = client.url.replace("{name}", name)
    history = history_of(client, url, f"{_as_file(name)}.git")
    this_month = asked_at.astimezone(UTC).date().replace(day=1)
    # somebody's clone is as old as its last fetch, of which it says nothing: what came after its tip is not known
    until = min(this_month, _newest_month(history.log)) if is_clone(url) else this_month
    return Response(
        # without a time in it, so that the same history is the same bytes
        body=gzip.compress(history.log, mtime=0),
        filename=f"{_as_file(name)}.log.gz",
        form=FORM,
        request=history.details,
        scope=Scope("months", SINCE, until, (name,)),
    )


def _newest_month(log: bytes) -> date:
    """The month of the newest commit of a log; the day after the beginning of time where no date can be read."""
    lines = (line.split(b"\t") for line in log.splitlines())
    months = (_month_of(fields[2].decode("ascii", "replace")) for fields in lines if len(fields) == 4)
    return max(next_period(SINCE, "month"), *(month for month in months if month))


def _as_file(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "__", name)


@dataclass(frozen=True)
class _Commit:
    """One line of the log. `month` is None where the commit's date cannot be read.

    `authored` is the month that the author's clock said, which may be nonsense too.
    """

    number: int
    name: str
    month: date | None
    parents: tuple[str, ...]
    authored: date | None = None


def _parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    """Counts by month, and a row for the unfinished month of asking: staging leaves each history's last month out."""
    commits = {commit.name: commit for commit in _commits(fetch, path)}
    _check_closed(fetch, commits)
    commits = dict(_dated(commits, fetch.scope.period_end))
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


def _dated(commits: Mapping[str, _Commit], last: date) -> Iterator[tuple[str, _Commit]]:
    """The commits, each in a month that can be: one dated after it was asked for is of a clock that was wrong.

    It lies where its author's clock says, else where its nearest dated ancestor lies, else where the history ends.
    """
    known = {name: commit.month for name, commit in commits.items() if commit.month and commit.month <= last}
    for name, commit in commits.items():
        if commit.month is None or name in known:
            yield name, commit
            continue
        month = commit.authored if commit.authored and commit.authored <= last else None
        ancestor = commit
        while month is None and ancestor.parents:
            ancestor = commits[ancestor.parents[0]]
            month = known.get(ancestor.name)
        yield name, replace(commit, month=month or last)


def _commits(fetch: Fetch, path: Path) -> Iterator[_Commit]:
    try:
        lines = unpacked(path.read_bytes(), fetch.filename, MAX_LOG).decode("ascii").splitlines()
    except (ExtractError, UnicodeDecodeError) as error:
        raise ExtractError(f"{fetch.filename}: not a packed log: {error}") from error
    for number, line in enumerate(lines, start=1):
        fields = line.split("\t")
        if len(fields) != 4:
            raise ExtractError(
                f"{fetch.filename}, line {number}: expected hash, two moments and parents; found {line!r:.80}"
            )
        name, authored, committed, parents = fields
        yield _Commit(number, name, _month_of(committed), tuple(parents.split()), _month_of(authored))


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
    first, requested = next(iter(commits), None), fetch.request.get("head")
    if first is None or first != requested:
        raise ExtractError(f"{fetch.filename}: expected the log to begin with the tip {requested}; found {first}")


def _first_parents(commits: dict[str, _Commit], head: str) -> Iterator[_Commit]:
    """From the tip along the first parents to the root."""
    commit = commits[head]
    yield commit
    while commit.parents:
        commit = commits[commit.parents[0]]
        yield commit


LOG = FileFormat(FORM, "a history as `git log` writes it, packed", lambda _: None, _parse)
# a history is had whole, so all its open months are one request
CONNECTOR = Connector(table="months", fetch=_fetch, terms="each", most_periods=10_000)
TABLES = {"months": MonthRow}
SOURCE = Source("git_history", TABLES, (csv_format(**TABLES), LOG), CONNECTOR)
