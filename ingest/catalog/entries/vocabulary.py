"""The shape of vocabulary.yaml: words that other files of the catalog may use, each declared once.

Belongs here: the declared words. Does not belong here: holding the other files to them (`ingest.catalog.validation`).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ingest.catalog.entries.base import Entry, Sentence


class Channel(Entry):
    """A way in which adoption shows.

    Metrics of one channel are counted once where channels are counted; those of `context` are never counted.
    """

    name: Sentence
    about: Sentence


class Unit(Entry):
    """What a figure is given in, and how it is printed.

    `count` is printed whole, `percent` and `decimal` with decimals, `percent` with its sign.
    """

    name: Sentence
    format: Literal["count", "percent", "decimal"]


class Vocabulary(Entry):
    """The file vocabulary.yaml holds one of these."""

    channels: tuple[Channel, ...] = Field(min_length=1)
    units: tuple[Unit, ...] = Field(min_length=1)
