"""Small damage to valid files, by their structure: what people, spreadsheets and publishers do to them.

Belongs here: making one mutation of bytes, of a table or of a JSON document, from a random generator. Does not belong
here: what must come of it (the tests say so).
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**63, 10**30, 1.5, float("nan"), float("inf"), "", " ", "0", "NaN", "None",
    "\ud800", "\x00", "[/x]", "<script>", "²", "\uff11\uff12", "1e9", "+00", "2022-02-30", "0000-00-00", "9999-12-31",
    "1969-12-31T23:59:59+00", "10000-01-01", "../../etc", "x" * 5_000, [], {}, [None], [[]], {"a": 1}, ["a", "a"],
)  # fmt: skip
"""What stands in places where something else should."""
Mutation = Callable[[bytes, Random], bytes]


def of_bytes(data: bytes, random: Random) -> bytes:
    """A few bytes lost, doubled, or of something else."""
    start = random.randrange(len(data) + 1)
    end = min(len(data), start + random.choice((0, 1, 1, 2, 9, 300)))
    piece = random.choice((b"", b"\x00", b"\xff", b'"', b"\r", b"\n", b",", b"\xef\xbb\xbf", data[start:end] * 2))
    return data[:start] + piece + data[end:]


def of_container(data: bytes, random: Random) -> bytes:
    """The same text saved in another way, well or badly."""
    text = data.decode("utf-8", "replace")
    ways: Sequence[Callable[[], bytes]] = (
        lambda: text.encode("utf-16"),
        lambda: text.encode("utf-16-le"),
        lambda: text.encode("utf-32"),
        lambda: text.encode("latin-1", "replace"),
        lambda: b"\xef\xbb\xbf" + data,
        lambda: gzip.compress(data),
        lambda: gzip.compress(data)[: random.randrange(1, 40)],
        lambda: gzip.compress(gzip.compress(data)),
        lambda: text.replace(",", ";").encode(),
        lambda: text.replace(",", "\t").encode(),
        lambda: text.replace(",", "|").encode(),
        lambda: text.replace("\n", "\r").encode(),
        lambda: text.replace("\n", "\r\n").encode(),
        lambda: b"PK\x03\x04" + data,
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + data,
        lambda: b"<html><body>busy</body></html>",
        lambda: data[: random.randrange(len(data) + 1)],
    )
    return random.choice(ways)()


def of_table(data: bytes, random: Random) -> bytes:
    """A table with one thing changed: a field, a row, or a column."""
    rows = list(csv.reader(io.StringIO(data.decode())))
    row = random.randrange(len(rows))
    column = random.randrange(len(rows[row]) or 1) if rows[row] else 0
    match random.randrange(9):
        case 0 | 1 | 2:
            value = random.choice(VALUES)
            if rows[row]:
                rows[row][column] = str(value).encode("utf-8", "replace").decode()
        case 3:
            rows.insert(row, list(rows[row]))
        case 4:
            del rows[row]
        case 5:
            rows = [[*row[:column], *row[column + 1 :]] for row in rows]
        case 6:
            rows = [[*row, "x"] for row in rows]
        case 7:
            rows[row] = rows[row][:column]
        case _:
            other = random.randrange(len(rows))
            rows[row], rows[other] = rows[other], rows[row]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def of_json(data: bytes, random: Random) -> bytes:
    """A JSON document with one place changed: another value, one less, one twice."""
    document = json.loads(data)
    changed = changed_somewhere(document, random)
    return json.dumps(changed).encode()


def changed_somewhere(document: Any, random: Random) -> Any:  # noqa: ANN401 - any document
    """The same document with one place changed, at any depth."""
    if random.random() < 0.15 or not (isinstance(document, dict | list) and document):
        return random.choice(VALUES)
    if isinstance(document, dict):
        name = random.choice(list(document))
        without = {key: value for key, value in document.items() if key != name}
        more = {**document, f"{name}x": document[name]}
        return random.choice((without, more, *[{**document, name: changed_somewhere(document[name], random)}] * 6))
    place = random.randrange(len(document))
    changed = [*document[:place], changed_somewhere(document[place], random), *document[place + 1 :]]
    return random.choice((document[:place] + document[place + 1 :], [*document, document[place]], *[changed] * 4))


def damaged(data: bytes, random: Random) -> bytes:
    """One mutation of any kind that the bytes allow."""
    kinds: list[Mutation] = [of_bytes, of_container]
    if data[:1] in (b"{", b"["):
        kinds += [of_json] * 6
    elif b"," in data[:2_000] and b"\0" not in data and not data.startswith((b"PAR1", b"<")):
        kinds += [of_table] * 4
    try:
        return random.choice(kinds)(data, random)
    except (ValueError, IndexError, RecursionError):  # already too damaged to have a structure
        return of_bytes(data, random)


def say(line: str) -> None:
    """Print a count beside the tests (`-s`)."""
    sys.stdout.write(f"{line}\n")
