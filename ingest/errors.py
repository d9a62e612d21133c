"""Errors that people read.

Belongs here: the exceptions that ingest raises on purpose, each with a text that says what was wrong, where, and
what was expected. Does not belong here: handling them.
"""

from __future__ import annotations


class IngestError(Exception):
    """Base of every error that ingest raises on purpose; its text is meant for people."""


class CatalogError(IngestError):
    """An entry of the catalog is wrong; the text names file, entry and field."""


class ExtractError(IngestError):
    """A whole extract cannot be read: missing, altered, undecodable or with other columns than documented."""


class LandingError(IngestError):
    """The landing itself is damaged: an event or a blob is unreadable."""
