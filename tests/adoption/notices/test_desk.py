"""That a notice goes out once: over builds, over failures of a service, and over a kill at any moment."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adoption.notices import Notice, findings, opened, told
from adoption.notices.addresses import addresses
from adoption.notices.delivery import UndeliveredError
from adoption.notices.desk import AGAIN, MOST, Send
from adoption.notices.record import NAME, Record
from adoption.settings import Settings
from ingest.credentials import SecretError

TO = {"ADOPTION_NOTIFY": "json://one/s3cret json://two/s3cret"}
FAILED = Notice("source_failed", "conda/file", "Conda failed.")
TURNED = Notice("turned", "lead/1", "Torch leads.")


class KilledError(BaseException):
    """The process dies: nothing after it is done."""


@dataclass
class Services:
    """What arrived at each address; `refusing` take nothing, and at the `dies_at`-th sending the process is killed."""

    arrived: list[tuple[str, str]] = field(default_factory=list)
    refusing: set[str] = field(default_factory=set)
    dies_at: int = -1
    dies_after: bool = False
    sendings: int = 0

    def send(self, address: str, _: str, text: str) -> None:
        self.sendings += 1
        host = address.split("/")[2]
        if self.sendings == self.dies_at and not self.dies_after:
            raise KilledError
        if host in self.refusing:
            raise UndeliveredError("the service refused it or did not answer")
        self.arrived.append((host, text))
        if self.sendings == self.dies_at:
            raise KilledError

    def texts(self, host: str) -> list[str]:
        return [text for name, text in self.arrived if name == host]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


def build(settings: Settings, send: Send, *held: Notice, told: tuple[Notice, ...] = ()) -> list[str]:
    """What a build does at its end."""
    with opened(settings, TO) as desk:
        desk.send = send
        desk.hold("published", held)
        desk.tell(told)
        return desk.deliver()


def test_what_is_wrong_is_told_once_until_it_was_well(settings: Settings) -> None:
    services = Services()
    for held in ((), (FAILED,), (FAILED,), (FAILED,), (), (FAILED,)):
        assert build(settings, services.send, *held) == []

    assert services.texts("one") == services.texts("two") == ["Conda failed.", "Conda failed."]


def test_a_service_that_refuses_gets_it_from_the_next_build_and_the_other_one_not_twice(settings: Settings) -> None:
    services = Services(refusing={"two"})
    problems = build(settings, services.send, FAILED, told=(TURNED,))

    assert problems == ["the service refused it or did not answer"]
    assert services.sendings == 3  # what refuses one notice is not asked to take the next
    [finding] = findings(settings, TO)
    assert finding.line.startswith("notice_failed: 2 notices were not delivered, the oldest of ")

    services.refusing = set()
    assert build(settings, services.send, FAILED) == []
    assert findings(settings, TO) == []
    assert services.texts("one") == services.texts("two") == ["Conda failed.", "Torch leads."]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("moment", range(1, 5))
def test_a_kill_loses_none_and_doubles_one_at_most_which_says_so(settings: Settings, moment: int, after: bool) -> None:
    services = Services(dies_at=moment, dies_after=after)
    with pytest.raises(KilledError):
        build(settings, services.send, FAILED, told=(TURNED,))
    build(settings, services.send, FAILED)
    build(settings, services.send, FAILED)

    plain = [(host, text.removeprefix(AGAIN)) for host, text in services.arrived]
    expected = {(host, text) for host in ("one", "two") for text in ("Conda failed.", "Torch leads.")}
    assert set(plain) == expected
    assert len(plain) == len(expected) + after
    assert sum(text.startswith(AGAIN) for _, text in services.arrived) == 1


def test_what_began_before_anybody_wanted_to_be_told_is_told_when_somebody_does(settings: Settings) -> None:
    with opened(settings, {}) as desk:
        desk.hold("refresh/conda", [FAILED])
        assert desk.deliver() == []
    services = Services()
    with opened(settings, TO) as desk:
        desk.send = services.send
        desk.hold("refresh/conda", [FAILED])
        desk.deliver()

    assert services.texts("one") == ["Conda failed."]
    assert [finding.line for finding in findings(settings, {})] == ["conda: failed: Conda failed."]


def test_many_of_a_kind_end_in_one_line_that_counts_the_rest(settings: Settings) -> None:
    services = Services()
    build(settings, services.send, told=tuple(Notice("turned", str(n), f"Turn {n:02}.") for n in range(MOST + 5)))

    assert len(services.texts("one")) == MOST + 1
    assert services.texts("one")[-1] == "And 5 more. adoption brief, adoption claims lists them."


def test_an_address_that_is_no_longer_configured_gets_nothing(settings: Settings) -> None:
    services = Services(refusing={"two"})
    build(settings, services.send, FAILED)
    with opened(settings, {"ADOPTION_NOTIFY": "json://one/s3cret"}) as desk:
        desk.send = services.send
        assert desk.deliver() == []

    assert Record.read(settings.notices).waiting == []


def test_no_address_and_no_secret_is_in_the_record(settings: Settings) -> None:
    services = Services(refusing={"one", "two"})
    notice = Notice("source_failed", "k", "https://me:s3cret@guild.example/x?token=s3cret failed.")
    build(settings, services.send, notice)

    text = (settings.notices / NAME).read_text(encoding="utf-8")
    assert "s3cret" not in text
    assert "json://" not in text
    assert json.loads(text)["waiting"][0]["text"] == "https://guild.example/x?token=*** failed."


def test_a_record_that_cannot_be_read_stops_nothing(settings: Settings) -> None:
    settings.notices.mkdir(parents=True)
    (settings.notices / NAME).write_text('{"waiting": 3')
    services = Services()
    build(settings, services.send, FAILED)

    assert services.texts("one") == ["Conda failed."]


def test_addresses_come_from_the_environment_or_a_file_with_remarks(tmp_path: Path) -> None:
    path = tmp_path / "addresses"
    path.write_text("# the team\njson://one/s3cret\n\n  # nobody\njson://two/a,b\n")

    assert list(addresses({"ADOPTION_NOTIFY_FILE": str(path)}).values()) == ["json://one/s3cret", "json://two/a,b"]
    assert list(addresses(TO).values()) == ["json://one/s3cret", "json://two/s3cret"]
    assert addresses({}) == {}
    with pytest.raises(SecretError):
        addresses({"ADOPTION_NOTIFY_FILE": str(tmp_path / "nowhere")})


def test_a_file_of_addresses_that_cannot_be_read_is_a_finding(settings: Settings) -> None:
    [finding] = findings(settings, {"ADOPTION_NOTIFY_FILE": "nowhere"})

    assert finding.line == (
        "notice_failed: no notice is sent: ADOPTION_NOTIFY_FILE names nowhere, which cannot be read: "
        "No such file or directory"
    )


def test_a_full_disk_stops_nothing_and_is_said_in_the_systems_words_with_the_place(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("adoption.notices.desk.write_atomically", write)
    assert told(settings, lambda desk: desk.hold("conda", [FAILED])) == [f"No space left on device: {settings.notices}"]
