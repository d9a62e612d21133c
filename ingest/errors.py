"""Errors that people read.

Belongs here: the exceptions that ingest raises on purpose, each with a text that says what was wrong, where, and
what was expected. Does not belong here: handling them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


class IngestError(Exception):
    """Base of every error that ingest raises on purpose; its text is meant for people."""


class CatalogError(IngestError):
    """An entry of the catalog is wrong; the text names file, entry and field."""


class ExtractError(IngestError):
    """A whole extract cannot be read: missing, altered, undecodable or with other columns than documented."""


class LandingError(IngestError):
    """The landing itself is damaged: an event or a blob is unreadable."""


class AskError(IngestError):
    """A publisher gave no usable answer; the text says which, what was asked and why."""


class BusyError(AskError):
    """The publisher asks to wait, or failed in passing: the same question may succeed later.

    `wait_seconds` is how long it asks to wait, None where it does not say.
    """

    def __init__(self, reason: str, wait_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds


class UnreachableError(BusyError):
    """No connection to the publisher: other questions to it need not be tried."""


class SpentError(AskError):
    """Time or quota is used up: other questions to this publisher must wait for another day or hour."""


class NotPublishedError(AskError):
    """The publisher says that it does not have what was asked for, or not yet."""


class NotChangedError(IngestError):
    """The publisher says that its answer is still the one that was landed last."""


def reason_of(problem: ErrorDetails) -> str:
    """What was expected, in the words of the validation, without the name of an exception."""
    return problem["msg"].removeprefix("Value error, ")
