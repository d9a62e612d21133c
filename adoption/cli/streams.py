"""Standard input, output and the arguments as text: whatever encoding, width or pipe somebody runs a command in.

Belongs here: what makes every character of an answer printable, and every character of a question readable. Does not
belong here: what is printed (`adoption.reports.console`), or what a pipe that was closed ends with (click says that).
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from pathlib import Path

import click

ESCAPED = "adoption-escaped"
"""The name of our handler of characters that an encoding does not have."""
COLUMNS = "COLUMNS"


def prepare() -> None:
    """Have standard output take every character, and lines that are at least one character wide."""
    if os.environ.get(COLUMNS, "").strip("0 ") == "":
        # of a width of nothing, which some machines without a terminal state, every line would be empty
        os.environ.pop(COLUMNS, None)
    codecs.register_error(ESCAPED, _escaped)
    if sys.stdout is None:  # closed by whoever started the command, and so wants no answer
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the program lasts
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ESCAPED)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """Characters as JSON writes them in letters of ASCII, so that JSON stays JSON."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    pairs = (units[place : place + 2].hex() for place in range(0, len(units), 2))
    return "".join(f"\\u{pair}" for pair in pairs), error.end


def query_of(argument: str) -> str:
    """The text of a query: the argument, or where that is `-` what standard input holds.

    Raises:
        click.UsageError: when there is no standard input, or what was given is not UTF-8.
    """
    if argument != "-":
        # where the locale has no letters but those of ASCII, Python keeps the bytes of the others aside
        given = os.fsencode(argument)
    elif sys.stdin is None:
        raise click.UsageError("There is no standard input to read the query from.")
    else:
        given = sys.stdin.buffer.read()
    try:
        return given.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"The query is not UTF-8: byte {error.start} is 0x{given[error.start]:02x}.") from error
