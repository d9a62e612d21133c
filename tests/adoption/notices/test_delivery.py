"""Handing a notice to a service on this machine, by apprise; what goes wrong names no address."""

from __future__ import annotations

import json
import logging
import subprocess
import sys

import pytest

from adoption.notices.delivery import UndeliveredError, send
from tests.ingest.publisher import Publisher, Say, publishing


def address_of(publisher: Publisher, path: str = "") -> str:
    return publisher.url.replace("http://", "json://me:s3cret@") + f"/{path}"


def test_a_service_hears_title_and_text_as_they_are() -> None:
    with publishing() as publisher:
        publisher.answers("*", Say("{}"))
        send(address_of(publisher), "A source has failed", "Conda <b> & *co* failed: 1 %.")

    [heard] = publisher.heard
    body = json.loads(heard.body)
    assert (body["title"], body["message"]) == ("A source has failed", "Conda <b> & *co* failed: 1 %.")


@pytest.mark.parametrize("address", ["nonsense", "unknown://me:s3cret@host", "json://"])
def test_what_is_no_address_is_not_quoted(address: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UndeliveredError, match="an address is none that apprise knows"):
        send(address, "title", "text")

    assert capfd.readouterr() == ("", "")


def test_a_service_that_refuses_is_told_without_its_address(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("apprise").setLevel(logging.DEBUG)
    with publishing() as publisher:
        publisher.answers("*", Say("no", 403))
        with pytest.raises(UndeliveredError, match="the service refused it or did not answer") as failure:
            send(address_of(publisher), "title", "text")

    assert "s3cret" not in f"{failure.value} {capfd.readouterr()} {caplog.text}"


def test_nothing_but_delivery_imports_apprise_and_it_only_to_send() -> None:
    program = (
        "import sys, adoption.cli.main, orchestration.definitions, adoption.notices.delivery; "
        "sys.exit('apprise' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
