"""The shape of channels.yaml and units.yaml: words that other files of the catalog may use, each declared once.

Belongs here: the declared words. Does not belong here: holding the other files to them (`ingest.catalog.validation`).
"""

from __future__ import annotations

from typing import Literal

from ingest.catalog.base import Entry, Sentence


class Channel(Entry):
    """A way in which adoption shows; the file channels.yaml holds a list of these.

    Metrics of one channel are counted once where channels are counted; those of `context` are never counted.
    """

    name: Sentence
    about: Sentence


class Unit(Entry):
    """What a figure is given in, and how it is printed; the file units.yaml holds a list of these.

    `count` is printed whole, `percent` and `decimal` with decimals, `percent` with its sign.
    """

    name: Sentence
    format: Literal["count", "percent", "decimal"]
