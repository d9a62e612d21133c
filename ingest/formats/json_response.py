"""Reading a publisher's answer: once to see that it is whole, before it is landed, and once more to make rows of it.

Belongs here: what connectors share whose answers are small documents: one reading for the check of a reply and for the
parser, JSON that must be an object, whole numbers that may come as texts, and the row of a response that is one number.
Does not belong here: any publisher's protocol (its source module), or the wire (`ingest.clients.http`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ingest.errors import BusyError, ExtractError
from ingest.model import FileFormat, ParsedRow, Parser

if TYPE_CHECKING:
    from ingest.clients.http import Check
    from ingest.clients.response import Reply
    from ingest.model import Fetch

SHOWN = 200
"""How much of an unusable answer an error quotes."""
THE_REPLY = "the reply"


def check_by(read: Callable[[bytes, str], object]) -> Check:
    """A check of replies by the reading that the parser will do: what that refuses is asked for again.

    `read` gets the bytes and a name for them, and raises ExtractError.
    """

    def validate(reply: Reply) -> None:
        try:
            read(reply.body, THE_REPLY)
        except ExtractError as error:
            raise BusyError(str(error)) from error

    return validate


def json_object(body: bytes, where: str) -> dict[str, Any]:
    """The body as a JSON object.

    Raises:
        ExtractError: for anything else, quoting its beginning.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ExtractError(f"{where}: expected JSON; found {quote(body)}") from error
    if not isinstance(document, dict):
        raise ExtractError(f"{where}: expected a JSON object; found {quote(body)}")
    return document


def quote(body: bytes) -> str:
    """The beginning of a body on one line."""
    return " ".join(body.decode("utf-8", "backslashreplace")[:SHOWN].split()) or "(an empty body)"


def whole_number(value: object, what: str, where: str) -> int:
    """A count, written as a number or as a text of digits.

    Raises:
        ExtractError: for anything else, also a negative number.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,19}", value):
        return int(value)
    raise ExtractError(f"{where}: expected a whole number as {what}; found {value!r:.80}")


def count_of(fetch: Fetch, count: int) -> ParsedRow:
    """The row of a response that is one number: name and period are those that were asked for.

    Raises:
        ExtractError: when the event does not name exactly one term.
    """
    scope = fetch.scope
    if scope.terms is None or len(scope.terms) != 1:
        raise ExtractError(f"{fetch.filename}: expected a response about one name; the event names {scope.terms}")
    period = {"period_start": scope.period_start, "period_end": scope.period_end}
    return ParsedRow(scope.table, 1, {"name": scope.terms[0], **period, "count": count})


def response_format(name: str, expected: str, parse: Parser) -> FileFormat:
    """The form of a machine's answer: nobody drops it, since the request is not in it."""
    return FileFormat(name, expected, lambda _: None, parse)
