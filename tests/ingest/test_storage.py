"""One contract for a folder and a bucket; what an address must be; and what is said where a bucket does not answer."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.errors import ExtractError
from ingest.landing import Landing, RequestNote, blob_name, digest, event_name
from ingest.storage import AddressError, BucketError, BucketStore, FolderStore, Store, is_address, parts_of
from tests.ingest.made_up import LANDED_AT, fetch_of

A, B = b"a\n1\n", b"a\n2\n"
NOTHING_LISTENS = "http://127.0.0.1:9"


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Each kind of store, empty."""
    if request.param == "folder":
        return FolderStore(tmp_path / "store")
    return BucketStore(request.getfixturevalue("bucket"), tmp_path / "copies")


def test_what_was_put_is_there_under_its_name(store: Store) -> None:
    assert store.read("events/guild/one.json") is None
    assert store.put_if_absent("events/guild/one.json", A)
    assert store.read("events/guild/one.json") == A


def test_what_is_there_is_never_put_again(store: Store) -> None:
    assert store.put_if_absent("blobs/aa/one", A)
    assert not store.put_if_absent("blobs/aa/one", B)
    assert store.read("blobs/aa/one") == A


def test_what_is_replaced_is_the_new_one_at_once(store: Store) -> None:
    store.replace("asked/guild/note.json", A)
    assert list(store.contents("asked/guild/*.json", is_fixed=False)) == [("asked/guild/note.json", A)]
    store.replace("asked/guild/note.json", B)
    assert list(store.contents("asked/guild/*.json", is_fixed=False)) == [("asked/guild/note.json", B)]


def test_a_pattern_finds_its_own_folders_only(store: Store) -> None:
    for name in (
        "events/guild/b.json",
        "events/guild/a.json",
        "events/other/c.json",
        "events/guild/a.txt",
        "blobs/aa/x",
    ):
        store.put_if_absent(name, name.encode())
    assert store.names("events/*/*.json") == ["events/guild/a.json", "events/guild/b.json", "events/other/c.json"]
    assert store.names("events/guild/*.json") == ["events/guild/a.json", "events/guild/b.json"]
    assert store.names("events/nobody/*.json") == []
    assert list(store.contents("events/other/*.json")) == [("events/other/c.json", b"events/other/c.json")]


def test_a_listing_has_sizes_and_moments_and_what_is_removed_is_gone(store: Store) -> None:
    store.put_if_absent("blobs/aa/one", A)
    store.put_if_absent("blobs/bb/two", A * 3)
    entries = store.entries("blobs")
    assert [(entry.name, entry.bytes) for entry in entries] == [("blobs/aa/one", 4), ("blobs/bb/two", 12)]
    assert all(abs(entry.changed - datetime.now(UTC)) < timedelta(hours=1) for entry in entries)
    store.remove("blobs/aa/one")
    store.remove("blobs/aa/never-there")
    assert [entry.name for entry in store.entries("blobs")] == ["blobs/bb/two"]


def test_a_file_of_this_machine_has_the_bytes(store: Store) -> None:
    store.put_if_absent("blobs/aa/one", A)
    assert store.file("blobs/aa/one", digest(A)).read_bytes() == A
    assert not store.file("blobs/aa/none", digest(B)).exists()


def test_of_many_writers_at_once_one_wins(bucket: str, tmp_path: Path) -> None:
    stores = [BucketStore(bucket, tmp_path / str(number)) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda pair: pair[1].put_if_absent("x", str(pair[0]).encode()), enumerate(stores)))
    assert won.count(True) == 1
    assert stores[0].read("x") == str(won.index(True)).encode()


@pytest.mark.slow
def test_more_objects_than_a_page_of_a_listing_are_all_listed(bucket: str, tmp_path: Path) -> None:
    store = BucketStore(bucket, tmp_path)
    names = [f"events/guild/{number:04}.json" for number in range(1_050)]
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda name: store.put_if_absent(name, name.encode()), names))
    assert store.names("events/*/*.json") == names
    assert [name.encode() for name in names] == [data for _, data in store.contents("events/guild/*.json")]


@pytest.fixture
def machines(bucket: str, tmp_path: Path) -> tuple[Landing, Landing]:
    """Two machines with one landing."""
    one, two = (tmp_path / name for name in ("one", "two"))
    return (
        Landing(one, tmp_path / "shipped", BucketStore(bucket, one)),
        Landing(two, tmp_path / "shipped", BucketStore(bucket, two)),
    )


def test_what_one_machine_lands_another_one_reads(machines: tuple[Landing, Landing]) -> None:
    one, two = machines
    landed = one.land(fetch_of(A), A)
    assert two.events() == [landed]
    assert two.extract_ids() == {landed.extract_id}
    assert two.path_of(landed).read_bytes() == A
    withdrawn = two.retract(landed.extract_id, "wrong month", LANDED_AT + timedelta(hours=1))
    assert one.events() == [landed, withdrawn]


def test_two_machines_that_land_the_same_lose_nothing(machines: tuple[Landing, Landing]) -> None:
    one, two = machines
    first = one.land(fetch_of(A), A, events=[])
    second = two.land(fetch_of(A, landed_at=LANDED_AT + timedelta(minutes=1)), A, events=[])
    assert one.events() == two.events() == [first, second]
    assert [entry.bytes for entry in one.store.entries("blobs")] == [len(A)]


def test_a_note_of_one_machine_is_seen_by_another(machines: tuple[Landing, Landing]) -> None:
    one, two = machines
    note = RequestNote(fetch_of(A).scope, LANDED_AT, "absent", "not yet")
    one.note("guild_counts", note)
    assert two.request_notes("guild_counts") == [note]
    two.note("guild_counts", replace(note, outcome="landed", reason=""))
    assert one.request_notes("guild_counts") == [replace(note, outcome="landed", reason="")]


def test_a_copy_that_was_damaged_is_asked_for_again(machines: tuple[Landing, Landing]) -> None:
    one, _ = machines
    landed = one.land(fetch_of(A), A)
    one.path_of(landed).write_bytes(B)
    assert one.path_of(landed).read_bytes() == A


def test_a_blob_that_the_bucket_lost_is_missing_or_altered_and_landed_again(machines: tuple[Landing, Landing]) -> None:
    one, two = machines
    landed = one.land(fetch_of(A), A)
    one.store.replace(blob_name(landed.sha256), B)
    assert two.events() == [landed]
    with pytest.raises(ExtractError, match="altered or cut short"):
        two.path_of(landed)
    one.store.remove(blob_name(landed.sha256))
    with pytest.raises(ExtractError, match=f"{blob_name(landed.sha256)} is missing"):
        two.path_of(landed)
    two.land(fetch_of(A, landed_at=LANDED_AT + timedelta(hours=1)), A)
    assert two.path_of(landed).read_bytes() == A


def test_an_event_that_left_the_bucket_is_gone_whatever_copies_there_are(machines: tuple[Landing, Landing]) -> None:
    one, two = machines
    landed = one.land(fetch_of(A), A)
    assert two.events() == [landed]
    one.store.remove(event_name(landed))
    assert two.events() == []


@pytest.mark.parametrize(
    ("address", "parts"),
    [("s3://figures", ("figures", "")), ("s3://figures/a/b.c/", ("figures", "a/b.c/"))],
)
def test_an_address_has_a_bucket_and_perhaps_a_prefix(address: str, parts: tuple[str, str]) -> None:
    assert is_address(address)
    assert parts_of(address) == parts


@pytest.mark.parametrize(
    "address",
    ["s3://", "s3://UPPER", "gs://figures", "s3://figures//x", "s3://a:hunter2@figures/x", "s3://figures?x=1"],
)
def test_what_is_no_address_is_said_without_its_password(address: str, tmp_path: Path) -> None:
    with pytest.raises(AddressError, match=r"no address of a bucket; expected s3://BUCKET/PREFIX") as raised:
        BucketStore(address, tmp_path)
    assert "hunter2" not in str(raised.value)


ASKED: dict[str, Callable[[Store], object]] = {
    "read": lambda store: store.read("x"),
    "put": lambda store: store.put_if_absent("x", A),
    "replace": lambda store: store.replace("x", A),
    "list": lambda store: store.names("events/*/*.json"),
    "remove": lambda store: store.remove("x"),
}


@pytest.mark.parametrize("asked", ASKED)
def test_a_bucket_that_is_not_there_is_an_error_and_no_empty_one(asked: str, bucket: str, tmp_path: Path) -> None:
    store = BucketStore(bucket.replace("figures", "nobody-made-it", 1), tmp_path)
    with pytest.raises(BucketError, match=r"^s3://nobody-made-it/.*: .* failed: .*bucket does not exist"):
        ASKED[asked](store)


def test_without_the_extra_an_address_says_which_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(AddressError, match=r"^s3://figures/x needs the extra s3: .*\[s3\]"):
        BucketStore("s3://figures/x", tmp_path)


def test_keys_are_read_from_files_and_never_said(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(BucketError, match=r"Unable to locate credentials"):
        BucketStore(bucket, tmp_path).read("x")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        (tmp_path / name).write_text("hunter2\n")
        monkeypatch.setenv(f"{name}_FILE", str(tmp_path / name))
    assert BucketStore(bucket, tmp_path).put_if_absent("x", A)
    with pytest.raises(BucketError) as raised:
        BucketStore(bucket.replace("figures", "nobody-made-it", 1), tmp_path).names("*")
    assert "hunter2" not in str(raised.value)


@pytest.mark.slow
@pytest.mark.usefixtures("bucket")
def test_a_server_that_does_not_answer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", NOTHING_LISTENS)
    with pytest.raises(BucketError, match=r"^s3://figures/x: writing y failed: Could not connect"):
        BucketStore("s3://figures/x", tmp_path).put_if_absent("y", A)
