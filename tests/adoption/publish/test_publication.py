"""Publication in a bucket: the pointer names a whole file, whatever fails; and another machine takes it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from adoption.publish import digest
from adoption.publish.publication import (
    POINTER,
    Pointer,
    PublicationError,
    faults,
    is_unsent,
    place_of,
    pull,
    read_pointer,
    send,
    unnamed,
)
from adoption.publish.reader import open_published
from adoption.settings import Settings
from ingest.storage import BucketError, BucketStore

LATER = timedelta(days=2)


def publish(settings: Settings, pieces: int) -> str:
    """A small published file; its digest."""
    settings.published.parent.mkdir(parents=True, exist_ok=True)
    settings.published.unlink(missing_ok=True)
    with duckdb.connect(str(settings.published)) as connection:
        connection.execute(f"create schema meta; create table sold as select {pieces} as pieces")
    sha256 = digest.sha256_of(settings.published)
    digest.write(settings.published, [sha256])
    return sha256


def pieces(settings: Settings) -> int:
    with open_published(settings) as connection:
        return int(connection.execute("select pieces from sold").fetchall()[0][0])


@pytest.fixture
def here(bucket: str, tmp_path: Path) -> Settings:
    """The machine that builds."""
    return Settings(data=tmp_path / "here", publish_to=bucket)


@pytest.fixture
def there(bucket: str, tmp_path: Path) -> Settings:
    """A machine that reads."""
    return Settings(data=tmp_path / "there", publish_to=bucket)


def place(settings: Settings) -> BucketStore:
    found = place_of(settings)
    assert found
    return found


def test_what_is_published_here_is_pulled_there(here: Settings, there: Settings) -> None:
    sha256 = publish(here, 1)
    sent = send(here, "2020.1")
    assert sent == read_pointer(place(there))
    assert sent
    assert (sent.key, sent.sha256, sent.edition) == (f"files/{sha256}.duckdb", sha256, "2020.1")
    assert pull(there) == (sent, True)
    assert pull(there) == (sent, False)
    assert digest.sha256_of(there.published) == sha256
    assert pieces(there) == 1
    assert [path.name for path in there.published.parent.glob(".*")] == []


def test_a_file_is_sent_once_and_again_where_it_became_an_edition(here: Settings) -> None:
    publish(here, 1)
    assert is_unsent(here, None)
    assert send(here, None)
    assert not is_unsent(here, None)
    assert send(here, None) is None
    assert send(here, "2020.1")
    publish(here, 2)
    assert is_unsent(here, "2020.1")
    assert is_unsent(replace(here, publish_to=f"{here.publish_to}/other"), "2020.1")


def test_what_was_pulled_is_not_sent_back(here: Settings, there: Settings) -> None:
    publish(here, 1)
    send(here, "2020.1")
    pull(there)
    assert not is_unsent(there, None)
    assert not is_unsent(here, None)
    assert is_unsent(here, "2020.2")


def test_a_warehouse_as_of_a_day_stays_here(here: Settings) -> None:
    assert place_of(replace(here, as_of=datetime(2021, 1, 5, tzinfo=UTC).date())) is None


def test_an_upload_that_fails_leaves_the_old_pointer(
    here: Settings, there: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(here, 1)
    send(here, None)
    publish(here, 2)

    def fail(_: BucketStore, name: str, data: bytes) -> None:  # noqa: ARG001 - in place of the real one
        raise BucketError(f"s3://figures: writing {name} failed: the line was cut")

    with monkeypatch.context() as patch:
        patch.setattr(BucketStore, "replace", fail)
        with pytest.raises(BucketError, match=r"^Published here, and not sent: .*cut\. The next `adoption build`"):
            send(here, None)
    pull(there)
    assert (pieces(there), pieces(here)) == (1, 2)
    assert [*faults(here, None)] == [(f"the published file was not sent to {here.publish_to}", "adoption build")]
    assert send(here, None)
    assert pull(there)[1]
    assert pieces(there) == 2
    assert [*faults(here, None)] == []


def test_bytes_that_are_not_those_of_the_pointer_are_not_taken(here: Settings, there: Settings) -> None:
    publish(here, 1)
    send(here, None)
    pull(there)
    publish(here, 2)
    sent = send(here, None)
    assert sent
    place(here).replace(sent.key, b"something else")
    with pytest.raises(PublicationError, match=rf"{sent.key}: the bytes were altered: expected sha256 {sent.sha256}"):
        pull(there)
    [(text, _)] = faults(here, None)
    assert "another size" in text
    place(here).remove(sent.key)
    with pytest.raises(PublicationError, match=r"is missing, which current.json names"):
        pull(there)
    assert pieces(there) == 1
    assert [path.name for path in there.published.parent.glob(".*")] == []


def test_nothing_to_pull_is_said(here: Settings) -> None:
    with pytest.raises(PublicationError, match=r"Nothing is published in s3://"):
        pull(here)
    with pytest.raises(PublicationError, match=r"ADOPTION_PUBLISH_TO names no bucket"):
        pull(replace(here, publish_to=None))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "key": "x"}'])
def test_a_pointer_that_cannot_be_read_is_named(here: Settings, text: str) -> None:
    place(here).replace(POINTER, text.encode())
    with pytest.raises(PublicationError, match=r"current.json: not a readable pointer"):
        read_pointer(place(here))


def test_a_pointer_of_this_form_is_read_by_every_later_version(here: Settings) -> None:
    at = "2021-01-05T08:00:00+00:00"
    fields = {"key": "files/ab.duckdb", "sha256": "ab", "size": 3, "edition": None, "published_at": at, "format": 1}
    place(here).replace(POINTER, json.dumps(fields).encode())
    pointer = Pointer("files/ab.duckdb", "ab", 3, None, datetime(2021, 1, 5, 8, tzinfo=UTC))
    assert read_pointer(place(here)) == pointer
    assert json.loads(pointer.to_json()) == fields


def test_what_no_pointer_names_goes_after_a_day(here: Settings) -> None:
    now, first = datetime.now(UTC), publish(here, 1)
    send(here, None)
    publish(here, 2)
    place(here).upload("files/not-named-yet.duckdb", here.published)
    assert unnamed(place(here), now) == []
    send(here, None)
    names = {entry.name for entry in unnamed(place(here), now + LATER)}
    assert names == {f"files/{first}.duckdb", "files/not-named-yet.duckdb"}
    place(here).remove(POINTER)
    assert unnamed(place(here), now + LATER) == []
