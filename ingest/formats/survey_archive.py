"""Asking for one edition of a survey: the documented addresses in order, until one has the real file.

Belongs here: what surveys that are published as a file of respondents, zipped or not, have in common when they are
asked. Does not belong here: the wire (`ingest.clients.http`), addresses (the catalog), or reading respondents
(`ingest.formats.survey_responses`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ingest.errors import BudgetError, ExtractError, FetchError, ForbiddenError, NotAvailableError, UnreachableError
from ingest.formats.survey_files import POINTER, check_whole, find, made_at
from ingest.formats.survey_responses import FORM, count
from ingest.formats.tabular import ZIP
from ingest.model import Request, Response

if TYPE_CHECKING:
    from ingest.catalog import Edition, Survey
    from ingest.clients.http import Client
    from ingest.clients.response import Reply


def edition_of(survey: Survey | None, request: Request) -> Edition:
    """The edition that a request is about.

    Raises:
        NotAvailableError: when the catalog has none of that year.
    """
    year = request.scope.period_start.year
    for edition in survey.editions if survey else ():
        if edition.year == year:
            return edition
    raise NotAvailableError(f"the catalog has no edition of {year}")


def edition_from(
    urls: Sequence[str],
    survey: Survey | None,
    edition: Edition,
    client: Client,
    headers: Mapping[str, str] | None = None,
    when_forbidden: str = "",
) -> Response:
    """The first response that is the whole file of this edition, zipped or open, checked before it is landed.

    Raises:
        FetchError: with what every address answered. An edition that no address has any more stays wanted.
        UnreachableError: when no address could be reached.
        BudgetError: when the time budget is spent.
    """
    failures: list[FetchError] = []
    for url in urls:
        try:
            reply = client.get(url, headers=headers, validate=_check_file)
            return _answer(reply, survey, edition, url)
        except BudgetError:
            raise
        except FetchError as error:
            failures.append(error)
    message = "; ".join(map(str, failures)) or f"the catalog has no address of the edition of {edition.year}"
    if when_forbidden and any(isinstance(error, ForbiddenError) for error in failures):
        message = f"{message}; {when_forbidden}"
    is_cut_off = failures and all(isinstance(error, UnreachableError) for error in failures)
    raise UnreachableError(message) if is_cut_off else FetchError(message)


def _check_file(reply: Reply) -> None:
    """A page or a pointer in the place of a file is no response, however good its status."""
    kind = reply.headers.get("Content-Type", "no content type")
    if reply.body.startswith(POINTER):
        raise FetchError("expected a zip archive or a CSV file, found a git-LFS pointer to one")
    if not reply.body.startswith(ZIP) and ("html" in kind.lower() or reply.body.lstrip()[:1] in (b"", b"<", b"{")):
        raise FetchError(f"expected a zip archive or a CSV file, found {kind}: {reply.quote()}")


def _answer(reply: Reply, survey: Survey | None, edition: Edition, url: str) -> Response:
    suffix = "zip" if reply.body.startswith(ZIP) else "csv"
    filename = f"{Path(edition.file).stem}_{edition.year}.{suffix}"
    made = _check_edition(reply.body, filename, survey, edition, url)
    return Response(
        body=reply.body,
        filename=filename,
        form=FORM,
        request=reply.request,
        available_at=made,
        available_evidence=f"time of {edition.file} inside the publisher's zip" if made else "",
    )


def _check_edition(body: bytes, name: str, survey: Survey | None, edition: Edition, url: str) -> datetime | None:
    """When the archive was made; raises FetchError unless the file is whole and gives what this very edition must.

    What was landed is not asked for again: a short answer would settle the request.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(body)
        try:
            file = find(path, name, [edition])
            if file is None:
                raise ExtractError(f"{name}: its columns are not those of the edition of {edition.year}")
            check_whole(path, name)
            count(path, name, file, survey.missing if survey else ())
        except ExtractError as error:
            raise FetchError(f"{urlsplit(url)._replace(query='').geturl()}: {error}") from error
        return made_at(path, file)
