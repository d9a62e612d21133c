"""OpenAlex: works whose title or abstract names a term, by year of publication.

Belongs here: the raw table, the request, and reading the groups. All years are asked for at once, whichever are
missing: the collection behind the response is rebuilt now and then, and figures of two days are not of one collection.
Does not belong here: months (too many works are dated the first of January), or full text (held for some works only).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.errors import BudgetError, ExtractError, quoted, shortened
from ingest.formats.counts import CountRow
from ingest.formats.csv_file import csv_format
from ingest.formats.json_response import check_by, json_object, response_format, whole_number
from ingest.model import Connector, Fetch, ParsedRow, Request, Response, Scope, Source

if TYPE_CHECKING:
    from ingest.catalog import Catalog
    from ingest.clients.http import Client
    from ingest.clients.response import Reply

NAME, FORM = "openalex", "groups"
NOTHING_LEFT, SECONDS = re.compile(r"0(\.0*)?|-.*"), re.compile(r"\d{1,6}")


def works_of(body: bytes, where: str, scope: Scope) -> dict[int, int]:
    """Works by year, of every year of the scope.

    A year without works has no group. That it has none, and is not merely on another page, is known because the groups
    add up to the total.

    Raises:
        ExtractError: for an error, a part of the groups, or years that were not asked for.
    """
    reply = json_object(body, where)
    if "error" in reply:
        said = shortened(f"{reply['error']}: {reply.get('message', '')}")
        raise ExtractError(f"{where}: OpenAlex says: {said}")
    meta, groups = reply.get("meta"), reply.get("group_by")
    if not isinstance(meta, dict) or not isinstance(groups, list):
        raise ExtractError(f"{where}: expected meta and group_by; found {quoted(sorted(reply)) or 'nothing'}")
    works = dict(_group(group, where) for group in groups)
    total = whole_number(meta.get("count"), "meta.count", where)
    if len(works) != len(groups) or sum(works.values()) != total:
        raise ExtractError(
            f"{where}: a part of the response: {len(groups)} groups of {len(works)} years add up to "
            f"{sum(works.values()):,}; expected {total:,}"
        )
    years = range(scope.period_start.year, scope.period_end.year)
    if strangers := sorted({*works} - {*years}):
        raise ExtractError(f"{where}: years that were not requested: {strangers}; expected {years[0]} to {years[-1]}")
    return {year: works.get(year, 0) for year in years}


def _known(body: bytes, where: str, scope: Scope) -> None:
    """A new reply, which repeats nothing of the question: one without a work in any year is no evidence of none."""
    if not any(works_of(body, where, scope).values()):
        raise ExtractError(f"{where}: no work in any year: whether the name was understood is not known")


def _group(group: Any, where: str) -> tuple[int, int]:  # noqa: ANN401 - whatever stands in the list
    if not isinstance(group, dict):
        raise ExtractError(f"{where}: expected groups with key and count; found {group!r:.80}")
    return whole_number(group.get("key"), "the key of a group", where), whole_number(group.get("count"), "count", where)


def fetch(first: date, request: Request, client: Client) -> Response:
    """All years of one name since `first`."""
    scope = replace(request.scope, period_start=min(first, request.scope.period_start))
    last = scope.period_end - timedelta(days=1)
    params = {
        "filter": f'title_and_abstract.search:"{request.term}",'
        f"from_publication_date:{scope.period_start},to_publication_date:{last}",
        "group_by": "publication_year",
    }
    if key := client.credential():
        params["api_key"] = key
    validate, classify = check_by(partial(_known, scope=scope)), partial(_classify, client.clock.now())
    reply = client.get(f"{client.url}/works", params, validate=validate, classify=classify)
    return Response(reply.body, f"{request.term}_{last:%Y}.json", FORM, reply.request, scope=scope)


def _classify(now: datetime, reply: Reply) -> None:
    """A day's budget that is spent is no passing failure; its reset is told in seconds from now."""
    if reply.status != HTTPStatus.TOO_MANY_REQUESTS:
        return
    left, reset = reply.headers.get("X-RateLimit-Remaining", ""), reply.headers.get("X-RateLimit-Reset", "")
    if NOTHING_LEFT.fullmatch(left):
        then = now + timedelta(seconds=int(reset)) if SECONDS.fullmatch(reset) else None
        until = f"{then:%Y-%m-%d %H:%M} UTC" if then else "midnight UTC"
        raise BudgetError(f"the day's budget is spent until {until}: {reply.quote()}")


def _parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
    (name,) = fetch.scope.terms or ("",)
    works = works_of(path.read_bytes(), fetch.filename, fetch.scope)
    for number, (year, count) in enumerate(works.items(), start=1):
        period = {"period_start": date(year, 1, 1), "period_end": date(year + 1, 1, 1)}
        yield ParsedRow(fetch.scope.table, number, {"name": name, **period, "count": count})


def _source(first: date) -> Source:
    return Source(
        name=NAME,
        tables={"counts": CountRow},
        forms=(csv_format(counts=CountRow), response_format(FORM, "works by year, as answered", _parse)),
        connector=Connector(table="counts", fetch=partial(fetch, first), most_periods=1_000),
        configure=_of_catalog,
    )


def _of_catalog(catalog: Catalog) -> Source:
    return _source(catalog.source(NAME).expected.first)


SOURCE = _source(date.max)
