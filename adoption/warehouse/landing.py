"""The landing of a data folder, in it or in a bucket.

Belongs here: which of the two it is. Does not belong here: what is landed (`ingest.landing`), or how a bucket is
spoken to (`ingest.storage`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.landing import Landing
from ingest.storage import BucketStore, is_address

if TYPE_CHECKING:
    from adoption.settings import Settings


def landing_of(settings: Settings) -> Landing:
    """The landing with the shipped extracts beside it.

    Raises:
        AddressError: when the address is none of a bucket.
    """
    address = settings.landing_at
    bucket = BucketStore(address, settings.landing) if address and is_address(address) else None
    return Landing(settings.landing, settings.extracts, bucket)
