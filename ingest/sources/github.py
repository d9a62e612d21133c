"""GitHub: stars, forks and watchers of repositories on the day of the request.

Belongs here: the request for one repository and its response. What is true of every request to the host lives in
`ingest.clients.github`. The past cannot be asked for: the day is data.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ingest.clients.github import classify_limits, headers_of
from ingest.clients.http import Client
from ingest.clients.response import Reply, raise_if_missing
from ingest.errors import ExtractError, FetchError
from ingest.formats.csv_file import csv_format, read_text
from ingest.model import Connector, Fetch, FileFormat, ParsedRow, Request, Response, Source
from ingest.row_types import Count, PastDate, RawRow, Text

# what the API calls watchers_count is stars, for historical reasons; those who watch are its subscribers
COUNTS = {"stars": "stargazers_count", "forks": "forks_count", "watchers": "subscribers_count"}
FORM = "rest_repository"


class SnapshotRow(RawRow):
    """Stars, forks and watchers of one repository on one day.

    `repository` is the name that was asked for, `full_name` the present one, `repository_id` outlives both.
    """

    one_row_for = ("repository", "snapshot_date")

    snapshot_date: PastDate
    repository: Text
    repository_id: Count
    full_name: Text
    stars: Count
    forks: Count
    watchers: Count


def _fetch(request: Request, client: Client) -> Response:
    """One repository as it is today; a rename is followed."""
    url = f"{client.url}/repos/{request.term}"
    reply = client.get(
        url, headers=headers_of(client), validate=_check, classify=_classify, validators=request.validators
    )
    filename = f"{request.term.replace('/', '__')}_{request.scope.period_start}.json"
    return Response(reply.body, filename, FORM, reply.request, etag=reply.etag, modified=reply.modified)


def _classify(reply: Reply) -> None:
    classify_limits(reply)
    raise_if_missing(reply)


def _check(reply: Reply) -> None:
    if problem := _problem(reply.json()):
        raise FetchError(f"{problem}: {reply.quote()}")


def _problem(document: object) -> str:
    """What a repository's document lacks, empty if nothing."""
    if not isinstance(document, Mapping):
        return "expected one repository"
    expected = {"id": int, "full_name": str, **dict.fromkeys(COUNTS.values(), int)}
    wrong = [name for name, kind in expected.items() if type(document.get(name)) is not kind]
    return f"expected a repository with {', '.join(wrong)}" if wrong else ""


def _parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    try:
        document = json.loads(read_text(path, fetch.filename))
    except (ValueError, RecursionError) as error:
        raise ExtractError(f"{fetch.filename}: not JSON: {error}") from error
    if problem := _problem(document):
        raise ExtractError(f"{fetch.filename}: {problem}")
    (repository,) = fetch.scope.terms or ("",)
    fields: dict[str, Any] = {
        "snapshot_date": fetch.scope.period_start,
        "repository": repository,
        "repository_id": document["id"],
        "full_name": document["full_name"],
        **{name: document[key] for name, key in COUNTS.items()},
    }
    yield ParsedRow(fetch.scope.table, 1, fields)


REST = FileFormat(FORM, "a repository as the REST API answers it", lambda _: None, _parse)
CONNECTOR = Connector(table="snapshots", fetch=_fetch, terms="each", sees_past=False)
TABLES = {"snapshots": SnapshotRow}
SOURCE = Source("github", TABLES, (csv_format(**TABLES), REST), CONNECTOR)
