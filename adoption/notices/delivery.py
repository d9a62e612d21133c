"""Handing one notice to one service. The only module that knows apprise, which is an extra."""

from __future__ import annotations

import logging
from importlib.util import find_spec

from ingest.errors import AdoptionError

MISSING = "the extra notify is not installed: .venv/bin/pip install -e '.[notify]'"
LOGGER = logging.getLogger("adoption")


class UndeliveredError(AdoptionError):
    """A service did not take a notice; the text says why, and never names the address."""


def send(address: str, title: str, text: str) -> None:
    """Hand a notice to the service of an address.

    Raises:
        UndeliveredError: when it was not taken.
    """
    if find_spec("apprise") is None:
        raise UndeliveredError(MISSING)
    import apprise

    # its own log quotes addresses, with their secrets
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    service = apprise.Apprise(asset=apprise.AppriseAsset(app_id="adoption", app_desc="Adoption warehouse"))
    try:
        if not service.add(address):
            raise UndeliveredError("an address is none that apprise knows")
        is_taken = service.notify(text, title, body_format=apprise.NotifyFormat.TEXT)
    except UndeliveredError:
        raise
    except Exception as error:  # noqa: BLE001 - a service's own; its trace would quote the address
        LOGGER.error("a notice was not delivered: unexpected %s", type(error).__name__)
        raise UndeliveredError(f"unexpected {type(error).__name__}") from None
    if not is_taken:
        raise UndeliveredError("the service refused it or did not answer")
