"""Errors that people read.

Belongs here: the root of every error that the three packages raise on purpose, and those of ingest, each with a text
that says what was wrong, where, and what was expected. Does not belong here: handling them.

What code decides by is the class of an error or a field of it, never its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MAX_QUOTED = 300
"""So many characters of a value, or of what somebody else said, are quoted in a message."""
MAX_NAMES = 12
"""So many names are quoted in a message."""


class AdoptionError(Exception):
    """Root of every error that is raised on purpose: its text is meant for people, and needs no trace beside it.

    `exit_code` is what a command ends with.
    """

    exit_code: ClassVar[int] = 1


class UnknownNameError(AdoptionError):
    """A name was given that nobody has; the text says which there are, and what may have been meant."""

    exit_code = 2


class CatalogError(AdoptionError):
    """An entry of the catalog is wrong; the text names file, entry and field."""


class ExtractError(AdoptionError):
    """A whole extract cannot be read: missing, altered, undecodable or with other columns than documented."""


class FormError(ExtractError):
    """A file has other columns than documented, or none of the documented forms: it may be somebody else's."""


class LandingError(AdoptionError):
    """The landing itself is damaged: an event or a blob is unreadable."""


class FetchError(AdoptionError):
    """A publisher gave no usable answer; the text says which, what was asked and why."""


@contextmanager
def giving_up() -> Iterator[None]:
    """Within it an ExtractError of a reply is an FetchError: no second try mends it."""
    try:
        yield
    except ExtractError as error:
        raise FetchError(str(error)) from error


class BusyError(FetchError):
    """The publisher asks to wait, or failed in passing: the same request may succeed later.

    `wait_seconds` is how long it asks to wait, None where it does not say.
    """

    def __init__(self, reason: str, wait_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds


class TurnedAwayError(BusyError):
    """The publisher says that it was asked too often (429)."""


class UnreachableError(BusyError):
    """No connection to the publisher: other requests to it need not be tried."""


class BudgetError(FetchError):
    """Time or quota is used up: other requests to this publisher must wait for another day or hour."""


class ForbiddenError(FetchError):
    """The publisher wants to know who asks, or refuses whoever asks (401, 403)."""


class NotAvailableError(FetchError):
    """The publisher says that it does not have what was asked for, or not yet."""


class NotChangedError(AdoptionError):
    """The publisher says that its response is still the one that was landed last."""


def chain(error: BaseException, with_context: bool = False) -> Iterator[BaseException]:
    """An error and what it was raised from, and if told what was being handled: libraries wrap those of the system."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or (current.__context__ if with_context else None)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: the known one that is nearest to it in spelling, if one is near."""
    spelled = {candidate.casefold(): candidate for candidate in known}
    near = get_close_matches(name.casefold(), spelled, n=1)
    return f"; did you mean {spelled[near[0]]}?" if near else ""


def shortened(text: str, most: int = MAX_QUOTED) -> str:
    """A text of at most `most` characters; what was left out is counted."""
    more = len(text) - most
    return printable(text) if more <= 0 else f"{printable(text[:most])}… ({more:,} more characters)"


def quoted(names: Iterable[object]) -> str:
    """The first of some names, each in quotation marks, and how many more there are."""
    texts = [shortened(str(name), 60) for name in names]
    more = len(texts) - MAX_NAMES
    shown = ", ".join(map(repr, texts[:MAX_NAMES]))
    return f"{shown} and {more:,} more" if more > 0 else shown


ORDERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that move, colour, rename or turn round a terminal; a line's end and a tabulator are text."""


def without_orders(text: str) -> str:
    """A text as it is, but what a terminal would obey instead of showing it is spelled out."""
    return ORDERS.sub(lambda order: f"\\x{ord(order[0]):02x}", text)


def printable(text: str) -> str:
    """A text that any file and any terminal takes: what no encoding has, or a terminal would obey, is spelled out."""
    plain = text.encode("utf-8", "backslashreplace").decode()
    return "".join(
        character if character.isprintable() or character in "\n\t" else f"\\x{ord(character):02x}"
        for character in plain
    )


OTHER_KIND = "a value is of another kind than expected"
OF_PYTHON = {
    r"unexpected keyword argument ('.*')$": r"unknown field \1",
    r"missing \d+ required .*?arguments?: (.*)$": r"\1 is missing",
    r"^(\S+ )?argument must be |^(list|string|tuple|dict) ind(ices|ex) |.* object (is|does|has|cannot) ": OTHER_KIND,
}
"""How Python speaks of a value that is not what the code made of it, and what that means to whoever wrote the value."""
OF_KIND: tuple[tuple[type[Exception], str], ...] = (
    (RecursionError, "nested too deeply"),
    (OverflowError, "a number or a moment is out of range"),
    (UnicodeError, "it holds bytes that are no text"),
    (AttributeError, "expected names with values, found something else in their place"),
)


def why_unreadable(error: Exception) -> str:
    """What was wrong with a document that was read as if it were one of ours, without the name of an exception."""
    if isinstance(error, KeyError):
        return f"{shortened(repr(error.args[0]), 60)} is missing"
    if words := [words for kind, words in OF_KIND if isinstance(error, kind)]:
        return words[0]
    text = str(error)
    if isinstance(error, TypeError):
        for pattern, words_for in OF_PYTHON.items():
            if found := re.search(pattern, text, re.DOTALL):
                return shortened(found.expand(words_for), 100)
    return shortened(text)


def reason_of(problem: ErrorDetails) -> str:
    """What was expected, in the words of the validation, without the name of an exception."""
    return problem["msg"].removeprefix("Value error, ")
