"""The landing: bytes by content, fetches as events, and what damage looks like."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.errors import ExtractError, LandingError
from ingest.files import write_atomically
from ingest.landing import SIDECAR_SUFFIX, Landing, digest, event_from_json, event_to_json
from ingest.model import Fetch
from tests.ingest.made_up import LANDED_AT, fetch_of

A, B = b"a\n1\n", b"a\n2\n"


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path / "landing", tmp_path / "shipped")


def land(landing: Landing, data: bytes, hours: int = 0, label: str = "") -> Fetch:
    return landing.land(fetch_of(data, label=label, landed_at=LANDED_AT + timedelta(hours=hours)), data)


def ship(landing: Landing, data: bytes, landed_at: datetime = LANDED_AT) -> Fetch:
    fetch = fetch_of(data, landed_at=landed_at)
    folder = landing.shipped / fetch.source
    folder.mkdir(parents=True, exist_ok=True)
    (folder / fetch.filename).write_bytes(data)
    (folder / f"{fetch.filename}{SIDECAR_SUFFIX}").write_text(event_to_json(fetch), encoding="utf-8")
    return fetch


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def blob_of(landing: Landing, data: bytes) -> Path:
    return landing.root / "blobs" / digest(data)[:2] / digest(data)


def event_of(landing: Landing, fetch: Fetch) -> Path:
    return landing.root / "events" / fetch.source / f"{fetch.extract_id}.json"


def test_landed_bytes_lie_under_their_digest(landing: Landing) -> None:
    fetch = land(landing, A)
    assert files(landing.root).keys() == {
        f"blobs/{fetch.sha256[:2]}/{fetch.sha256}",
        f"events/guild_counts/{fetch.extract_id}.json",
    }
    assert landing.path_of(fetch) == blob_of(landing, A)
    assert landing.path_of(fetch).read_bytes() == A


def test_the_same_bytes_in_two_scopes_are_kept_once(landing: Landing) -> None:
    land(landing, A)
    land(landing, A, label="x")
    assert len(list((landing.root / "blobs").rglob("*/*"))) == 1
    assert len(landing.events()) == 2


def test_an_event_survives_the_way_through_json() -> None:
    fetch = replace(
        fetch_of(A),
        available_at=datetime(2021, 1, 4, 9, 30, tzinfo=UTC),
        available_evidence="commit date, Zürich",
        request={"url": "x", "page": 2},
        derived_from=({"repository": "r", "path": "p"},),
        reduction="summed",
        kind="retracted",
        retracts="guild_counts-1",
        reason="wrong",
    )
    everything = replace(fetch, scope=replace(fetch.scope, terms=None))
    assert event_from_json(event_to_json(fetch), "x") == fetch
    assert event_from_json(event_to_json(everything), "x") == everything


def test_landing_the_same_again_writes_nothing(landing: Landing) -> None:
    first = land(landing, A)
    before = files(landing.root)
    assert land(landing, A, hours=5) == first
    assert files(landing.root) == before


def test_a_restatement_and_back_is_three_events_and_ends_where_it_began(landing: Landing) -> None:
    landed = [land(landing, data, hours) for hours, data in enumerate((A, B, A))]
    events = landing.events("guild_counts")
    assert events == landed
    assert [landing.path_of(event).read_bytes() for event in events] == [A, B, A]


def test_another_scope_is_no_restatement(landing: Landing) -> None:
    land(landing, A)
    land(landing, B, hours=1, label="x")
    assert land(landing, A, hours=2).landed_at == LANDED_AT


def test_bytes_after_a_retraction_are_news(landing: Landing) -> None:
    first = land(landing, A)
    landing.retract(first.extract_id, "a mistake", LANDED_AT + timedelta(hours=1))
    again = land(landing, A, hours=2)
    assert [event.kind for event in landing.events()] == ["landed", "retracted", "landed"]
    assert landing.events()[-1] == again


def test_events_come_oldest_first_whatever_their_file_names(landing: Landing) -> None:
    hours = [5, 1, 9, 3, 7]
    for number in hours:
        land(landing, A, number, label=str(number))
    assert [event.landed_at for event in landing.events()] == [
        LANDED_AT + timedelta(hours=number) for number in sorted(hours)
    ]


def test_events_of_one_source(landing: Landing) -> None:
    mine = land(landing, A)
    other = landing.land(replace(fetch_of(B), source="other"), B)
    assert landing.events("guild_counts") == [mine]
    assert landing.events("other") == [other]
    assert landing.events("nobody") == []
    assert len(landing.events()) == 2


def test_bytes_that_are_not_those_of_the_event_are_not_landed(landing: Landing) -> None:
    with pytest.raises(LandingError, match=rf"counts\.csv: the event names sha256 {digest(A)}, the bytes have"):
        landing.land(fetch_of(A), B)
    assert files(landing.root) == {}


def test_a_crash_before_the_event_leaves_a_landing_that_can_be_read_and_repeated(landing: Landing) -> None:
    repeated = land(landing, B, label="x")
    write_atomically(blob_of(landing, A), A)
    drafts = [
        blob_of(landing, A).with_name(f".{digest(A)}.4711"),
        event_of(landing, repeated).with_name(f".{repeated.extract_id}.json.4711"),
    ]
    for draft in drafts:
        draft.write_bytes(b"{half")
    assert landing.events() == [repeated]
    fetch = land(landing, A, hours=1)
    assert landing.events() == [repeated, fetch]
    assert landing.path_of(fetch).read_bytes() == A


@pytest.mark.parametrize("folder", ["blobs", "events"])
def test_a_crash_while_renaming_leaves_no_event(landing: Landing, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    rename = Path.replace

    def power_cut(self: Path, target: Path) -> Path:
        if target.parent.parent.name == folder:
            raise OSError("power cut")
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", power_cut)
        with pytest.raises(OSError, match="power cut"):
            land(landing, A)
    assert landing.events() == []
    fetch = land(landing, A)
    assert landing.events() == [fetch]
    assert landing.path_of(fetch).read_bytes() == A


def test_bytes_reach_the_disk_before_the_name_and_the_blob_before_the_event(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    sync, rename = os.fsync, Path.replace

    def noted_sync(handle: int) -> None:
        steps.append("sync")
        sync(handle)

    def noted_rename(self: Path, target: Path) -> Path:
        steps.append(target.parent.parent.name)
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "replace", noted_rename)
    land(landing, A)
    assert steps == ["sync", "blobs", "sync", "events"]


def test_shipped_files_are_landed_already(landing: Landing) -> None:
    fetch = ship(landing, A)
    assert landing.events() == [fetch]
    assert landing.path_of(fetch).read_bytes() == A
    assert land(landing, A, hours=1) == fetch
    assert not landing.root.exists()


def test_a_later_fetch_speaks_for_the_scope_of_a_shipped_file(landing: Landing) -> None:
    shipped = ship(landing, A)
    newer = land(landing, B, hours=1)
    assert landing.events() == [shipped, newer]
    assert [landing.path_of(event).read_bytes() for event in landing.events()] == [A, B]


@pytest.mark.parametrize("data", [A[:-1], b"", B])
def test_a_shipped_file_that_is_not_the_one_its_sidecar_names(landing: Landing, data: bytes) -> None:
    fetch = ship(landing, A)
    (landing.shipped / fetch.source / fetch.filename).write_bytes(data)
    with pytest.raises(ExtractError) as caught:
        landing.path_of(fetch)
    assert str(caught.value) == (
        f"counts.csv: the bytes were altered or cut short: expected sha256 {digest(A)}, found {digest(data)}"
    )


def test_a_shipped_file_that_is_missing(landing: Landing) -> None:
    fetch = ship(landing, A)
    (landing.shipped / fetch.source / fetch.filename).unlink()
    with pytest.raises(ExtractError, match=rf"counts\.csv: the file .* is missing; expected sha256 {digest(A)}"):
        landing.path_of(fetch)


def test_a_blob_that_was_altered_or_removed(landing: Landing) -> None:
    fetch = land(landing, A)
    blob_of(landing, A).write_bytes(B)
    with pytest.raises(ExtractError, match=f"altered or cut short: expected sha256 {digest(A)}, found {digest(B)}"):
        landing.path_of(fetch)
    blob_of(landing, A).unlink()
    with pytest.raises(ExtractError, match=f"the file .*{digest(A)} is missing"):
        landing.path_of(fetch)


@pytest.mark.parametrize("damage", ["", "{half", "[]", "{}", '{"scope": {}}'])
def test_a_damaged_event_is_named(landing: Landing, damage: str) -> None:
    path = event_of(landing, land(landing, A))
    path.write_text(damage, encoding="utf-8")
    with pytest.raises(LandingError, match=rf"{path.name}: not a readable fetch event"):
        landing.events()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("landed_at", "yesterday", "yesterday"),
        ("landed_at", None, "expected a moment such as .*, found None"),
        ("available_at", "soon", "soon"),
        ("colour", "red", "unknown field 'colour'"),
        ("scope", {}, "'table' is missing"),
        ("scope", [], "expected names with values"),
        ("scope", "counts", "expected names with values"),
        ("derived_from", [1], "derived_from must map names to values, found 1"),
        ("derived_from", 5, "of another kind than expected"),
        ("landed_at", "9999-12-31T23:59:59-23:00", "out of range"),
    ],
)
def test_a_wrong_field_of_an_event_is_told(landing: Landing, field: str, value: object, message: str) -> None:
    path = event_of(landing, land(landing, A))
    path.write_text(json.dumps({**json.loads(path.read_text()), field: value}), encoding="utf-8")
    with pytest.raises(LandingError, match=rf"{path.name}: not a readable fetch event: .*{message}") as caught:
        landing.events()
    assert not re.search(r"[A-Z][a-z]+Error", str(caught.value))


def test_an_event_without_source_is_damaged(landing: Landing) -> None:
    path = event_of(landing, land(landing, A))
    fields = json.loads(path.read_text())
    del fields["source"]
    path.write_text(json.dumps(fields), encoding="utf-8")
    with pytest.raises(LandingError, match="source"):
        landing.events()


def test_damage_in_one_source_does_not_hide_another(landing: Landing) -> None:
    event_of(landing, land(landing, A)).write_text("{half", encoding="utf-8")
    other = landing.land(replace(fetch_of(B), source="other"), B)
    assert landing.events("other") == [other]


@pytest.mark.parametrize("damage", [b"null", b'"text"', b'{"scope": null}', b'{"scope": "x"}', b"\xff\xfe{}"])
def test_an_event_of_another_shape_is_named(landing: Landing, damage: bytes) -> None:
    path = event_of(landing, land(landing, A))
    path.write_bytes(damage)
    with pytest.raises(LandingError, match=path.name):
        landing.events()


def test_a_moment_without_a_zone_is_a_damaged_event(landing: Landing) -> None:
    land(landing, A)
    path = event_of(landing, land(landing, B, label="x"))
    path.write_text(path.read_text().replace("+00:00", ""), encoding="utf-8")
    with pytest.raises(LandingError, match=rf"{path.name}.*zone"):
        landing.events()


def test_an_event_that_is_not_the_one_its_name_says(landing: Landing) -> None:
    path = event_of(landing, land(landing, A))
    path.write_text(path.read_text().replace("2021-01-05", "2020-01-05"), encoding="utf-8")
    with pytest.raises(LandingError, match=path.name):
        landing.events()


@pytest.mark.parametrize("damage", [None, b"", B])
def test_landing_again_mends_a_lost_blob(landing: Landing, damage: bytes | None) -> None:
    fetch = land(landing, A)
    blob_of(landing, A).unlink()
    if damage is not None:
        blob_of(landing, A).write_bytes(damage)
    land(landing, A, hours=1)
    assert landing.path_of(fetch).read_bytes() == A


def test_a_retraction_is_an_event_that_leaves_bytes_and_event_alone(landing: Landing) -> None:
    first = land(landing, A)
    before = files(landing.root)
    event = landing.retract(first.extract_id, "a mistake", LANDED_AT + timedelta(hours=1))
    assert landing.events() == [first, event]
    assert (event.kind, event.retracts, event.reason) == ("retracted", first.extract_id, "a mistake")
    assert before.items() <= files(landing.root).items()
    assert landing.path_of(first).read_bytes() == A


def test_damage_in_one_source_stops_no_withdrawal_in_another(landing: Landing) -> None:
    event_of(landing, land(landing, A)).write_text("{half", encoding="utf-8")
    other = landing.land(replace(fetch_of(B), source="other"), B)
    event = landing.retract(other.extract_id, "a mistake", LANDED_AT + timedelta(hours=1))
    assert event.retracts == other.extract_id
    with pytest.raises(LandingError, match="not a readable fetch event"):
        landing.retract("guild_counts-0", "a mistake", LANDED_AT)


def test_a_pipe_among_the_events_is_not_waited_for(landing: Landing) -> None:
    path = event_of(landing, land(landing, A))
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(OSError, match="is a pipe, and no file") as caught:
        landing.events()
    assert caught.value.filename == str(path)


def test_only_what_is_landed_and_not_withdrawn_can_be_retracted(landing: Landing) -> None:
    first = land(landing, A)
    with pytest.raises(LandingError, match="no extract 'guild_counts-0' was landed"):
        landing.retract("guild_counts-0", "a mistake", LANDED_AT)
    event = landing.retract(first.extract_id, "a mistake", LANDED_AT + timedelta(hours=1))
    for extract_id, message in ((first.extract_id, "is withdrawn already"), (event.extract_id, "no extract")):
        with pytest.raises(LandingError, match=message):
            landing.retract(extract_id, "again", LANDED_AT + timedelta(hours=2))
    assert len(landing.events()) == 2
