"""Notices at a terminal: what waits is sent, or a test of every address."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from adoption.notices.addresses import VARIABLE, addresses
from adoption.notices.delivery import UndeliveredError, send
from ingest.errors import AdoptionError
from orchestration.notices import tell_of_runs

if TYPE_CHECKING:
    from adoption.settings import Settings

TITLE = "A test"
TEXT = "Notices of the adoption warehouse arrive here."


class NobodyToTellError(AdoptionError):
    """No address is configured."""

    exit_code = 2


def notify(settings: Settings, is_test: bool) -> bool:
    """Send what waits, or a test to each address; print what came of it, and return whether everything was taken.

    Raises:
        NobodyToTellError: when no address is configured.
        SecretError: when the file of addresses cannot be read.
    """
    known = list(addresses(os.environ).values())
    if not known:
        raise NobodyToTellError(f"{VARIABLE} or {VARIABLE}_FILE must name where notices go: docs/how-to/be-told.md")
    problems = list(_tested(known)) if is_test else tell_of_runs(settings)
    for problem in problems:
        click.echo(f"Not delivered: {problem}")
    if not problems:
        click.echo(f"Sent to {len(known)} address{'' if len(known) == 1 else 'es'}." if is_test else "Nothing waits.")
    return not problems


def _tested(known: list[str]) -> Iterator[str]:
    for place, address in enumerate(known, start=1):
        try:
            send(address, TITLE, TEXT)
        except UndeliveredError as error:
            yield f"to address {place} of {len(known)}: {error}"
