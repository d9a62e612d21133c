"""Asking a public ClickHouse server by HTTP, and knowing a whole reply from a cut one.

Belongs here: what every such server does alike: placeholders, error codes (also inside a good status), and the checks
that tell a full count from a silent part of it. Does not belong here: tables and queries (the sources' modules), the
wire itself (`ingest.clients.http`).

The address in the catalog carries what differs between servers, such as `?user=…&database=…`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import NoneType
from typing import Any, Literal

from ingest.clients.http import Client
from ingest.clients.response import Reply
from ingest.errors import BusyError, ExtractError, FetchError, quoted

MAX_ROWS = 10_000
"""What the public user may be answered: as many rows or more may be a part of them."""
MAX_ROWS_READ = 1_000_000_000
"""What one query of the public user may read: whoever reads as much was stopped in the middle."""
BUSY_CODES: Mapping[int, float | None] = {159: None, 201: 60.0, 202: None, 203: None, 209: None, 210: None, 241: None}
"""Errors that pass (time, quota, too many queries, network, memory), and how long to wait at least."""
TOO_MUCH_CODES = frozenset({158, 307, 396})
"""Errors of a query that would read or answer more rows or bytes than the public user may have."""
Kind = Literal["text", "number"]
CODE = re.compile(r"Code: ([0-9]{1,9})\. DB::(?:Net)?Exception")


class TooMuchError(FetchError):
    """The server refuses to read or answer as much as the query needs: a smaller question may be answered."""


def fetch_sql(client: Client, sql: str, params: Mapping[str, str | Sequence[object]]) -> Reply:
    """Ask one query; the reply is whole, in the server's format JSON, and can be read by `rows_of`.

    A placeholder `{name:Type}` in the query takes its value from `params`; a sequence fills an array of numbers or
    texts. The query must name no format.

    Raises:
        TooMuchError: for a query that the server stops because it would read or answer too much.
        FetchError: for any other that it refuses or cuts short.
        BusyError: where time, quota or memory were used up however often it was asked.
        BudgetError, UnreachableError: as `Client.post` does.
    """
    placed = {f"param_{name}": _placed(value) for name, value in params.items()}
    # without `throw` a query that reads too much is answered by a count that is too small, and status 200; without
    # waiting for its end, what goes wrong half-way is said inside a body whose status was good
    settings = {"default_format": "JSON", "read_overflow_mode": "throw", "wait_end_of_query": "1"}
    return client.post(client.url, sql.encode(), {**settings, **placed}, validate=_check_whole, classify=_classify_code)


def rows_of(body: bytes, where: str, columns: Mapping[str, Kind]) -> list[dict[str, Any]]:
    """The rows of a whole reply with exactly these columns.

    Every value is a text, but for those of kind `number`: integers of 64 bits are texts of digits where the server is
    set so, and numbers where it is not. A count that is null or negative is for the row's model to reject.

    Raises:
        ExtractError: for a reply that is cut short, may be a part, or holds an error, other columns or other values.
    """
    reply = _document(body, where)
    actual = [column.get("name") if isinstance(column, dict) else column for column in reply["meta"]]
    if actual != list(columns):
        raise ExtractError(f"{where}: expected columns {', '.join(columns)}; found {quoted(actual)}")
    rows: list[dict[str, Any]] = reply["data"]
    if malformed := [row for row in rows if not _fits(row, columns)]:
        raise ExtractError(f"{where}: expected rows of texts and numbers; found {malformed[0]!r:.200}")
    return rows


def _fits(row: object, columns: Mapping[str, Kind]) -> bool:
    if not isinstance(row, dict) or {*row} != {*columns}:
        return False
    return all(
        isinstance(value, str) or (columns[name] == "number" and type(value) in (int, NoneType))
        for name, value in row.items()
    )


def _placed(value: str | Sequence[object]) -> str:
    """The value of a placeholder as ClickHouse writes it."""
    return _escaped(value) if isinstance(value, str) else f"[{','.join(_literal(each) for each in value)}]"


def _literal(value: object) -> str:
    return "'" + _escaped(value).replace("'", "\\'") + "'" if isinstance(value, str) else str(value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def _document(body: bytes, where: str) -> dict[str, Any]:
    """The reply as a mapping, checked for all that may go wrong inside a good status."""
    try:
        reply = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ExtractError(f"{where}: not a whole JSON reply: {_end_of(body)}") from error
    if not isinstance(reply, dict) or "exception" in reply:
        message = reply.get("exception") if isinstance(reply, dict) else reply
        raise ExtractError(f"{where}: the server stopped in the middle: {message!s:.300}")
    meta, data, rows = reply.get("meta"), reply.get("data"), reply.get("rows")
    statistics = reply.get("statistics")
    read = statistics.get("rows_read") if isinstance(statistics, dict) else None
    if not isinstance(meta, list) or not isinstance(data, list) or not isinstance(read, int):
        raise ExtractError(f"{where}: expected meta, data and statistics.rows_read; found {sorted(reply)}")
    if rows != len(data):
        raise ExtractError(f"{where}: the reply speaks of {rows} rows and holds {len(data)}")
    if len(data) >= MAX_ROWS:
        raise ExtractError(f"{where}: {len(data):,} rows; {MAX_ROWS:,} or more may be a part of them")
    if read >= MAX_ROWS_READ:
        raise ExtractError(f"{where}: {read:,} rows were read, at which the server stops: the figures may be too small")
    return reply


def _end_of(body: bytes) -> str:
    """The last words of a body: there the server says what went wrong."""
    return " ".join(body.decode("utf-8", "backslashreplace")[-300:].split()) or "(an empty body)"


def _check_whole(reply: Reply) -> None:
    if _code_in(reply.text) is None:
        reply.json()
    try:
        _document(reply.body, "reply")
    except ExtractError as error:
        raise _error(_code_in(reply.text), str(error)) from error


def _classify_code(reply: Reply) -> None:
    """What the server's own code of an error means: its status says less, for a table that it lacks is a 404."""
    if reply.status == HTTPStatus.OK:
        return
    header = reply.headers.get("X-ClickHouse-Exception-Code", "")
    code = int(header) if re.fullmatch(r"[0-9]{1,9}", header) else _code_in(reply.text)
    if code is not None:
        raise _error(code, f"status {reply.status}: {reply.quote()}")


def _code_in(text: str) -> int | None:
    match = CODE.search(text)
    # a quoted error may come without the name of its class
    match = match or re.match(r'\W*(?:"exception":\s*")?Code: ([0-9]{1,9})\.', text)
    return int(match.group(1)) if match else None


def _error(code: int | None, message: str) -> FetchError:
    if code is not None and code in BUSY_CODES:
        return BusyError(message, BUSY_CODES[code])
    return TooMuchError(message) if code in TOO_MUCH_CODES else FetchError(message)
