"""Texts of the catalog, of files and of publishers inside Markdown: they are read as text, whatever stands in them.

Belongs here: escaping. Does not belong here: any document. Code in backticks stays code, as it does on the pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

CODE = re.compile(r"(`[^`]+`)")
SIGN = re.compile(r"[\\`*<~]|\[(?!\](?![(\[:]))|(?<!\[)\]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")
"""What begins or ends markup; an underscore inside a word does not, nor does `[]`."""
START = re.compile(r"(\d{1,9}(?=[.)](?: |$)))|(?=#{1,6}(?: |$)|[-+](?: |$)|>|=+$|-+$)")
"""What begins a heading, a list or a quotation at the beginning of a line."""
ENTITIES = {"<": "&lt;", "&": "&amp;"}


def plain(value: object) -> str:
    """A value on one line of Markdown; None is empty."""
    text = "" if value is None else " ".join(str(value).split())
    pieces = CODE.split(text)
    escaped = "".join(piece if index % 2 else SIGN.sub(_escaped, piece) for index, piece in enumerate(pieces))
    sign = START.match(escaped)
    return f"{sign[0]}\\{escaped[sign.end() :]}" if sign else escaped


def cell(value: object) -> str:
    """A value in a cell of a table."""
    return plain(value).replace("|", "\\|")


def table(names: Sequence[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Lines of a table; null is an empty cell."""
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    for row in rows:
        yield f"| {' | '.join(map(cell, row))} |"


def _escaped(sign: re.Match[str]) -> str:
    return ENTITIES.get(sign[0], f"\\{sign[0]}")
