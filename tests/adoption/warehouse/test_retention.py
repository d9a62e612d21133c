"""What a data folder need not keep goes after its time; what cannot be made again never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from adoption.settings import Settings
from adoption.warehouse.landing import landing_of
from adoption.warehouse.retention import removable
from ingest.landing import Landing, blob_name, digest
from ingest.model import Fetch, Scope

KEEP = timedelta(days=90)
KEPT = (
    "published/adoption.duckdb",
    "published/adoption.duckdb.sha256",
    "editions/2020.1/adoption.duckdb",
    "inbox/guild/waiting.csv",
    "inbox/guild/.DS_Store",
    "warehouse.duckdb",
    "dagster_home/dagster.yaml",
    "reports/2020/index.html",
    "mine/.thesis.2020",
)
OLD = {
    "inbox/done/guild/taken.csv": "inbox files, done",
    "inbox/refused/guild/wrong.csv": "inbox files, refused",
    "inbox/refused/guild/wrong.csv.txt": "inbox files, refused",
    "as_of/2021-01-05.duckdb": "as-of files",
    "as_of/2021-01-05.duckdb.sha256": "as-of files",
    "as_of/.work/warehouse.duckdb": "as-of files",
    "cache/git_history/anvil/HEAD": "clones",
}
DRAFTS = {
    "published/.adoption.duckdb.4711": "drafts",
    "published/.adoption.duckdb.4711.tmp/block": "drafts",
    "published/.adoption.duckdb.last": "drafts",
    "as_of/.2021-01-05.duckdb.4711": "drafts",
    "editions/.2020.2.4711/adoption.duckdb": "drafts",
    "warehouse.duckdb.tmp/block": "drafts",
    "landing/events/guild/.guild-1.json.4711": "drafts",
    "reports/.2020.adoption-draft-0123abcd/index.html": "folder drafts",
    ".export.adoption-draft-0123abcd/datapackage.json": "folder drafts",
    "landing/blobs/ab/ab12": "orphan blobs",
    "kept/figures/0123.svg": "caches of an earlier version",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A data folder with something of every kind, and one landed extract."""
    made = Settings(data=tmp_path / "data", extracts=tmp_path / "shipped")
    made.extracts.mkdir()
    for name in (*KEPT, *OLD, *DRAFTS):
        path = made.data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"something")
    scope = Scope("counts", date(2020, 1, 1), date(2021, 1, 1))
    fetch = Fetch("guild", scope, "counts.csv", digest(b"one"), datetime(2021, 1, 1, tzinfo=UTC), "none stated")
    Landing(made.landing, made.extracts).land(fetch, b"one")
    return made


def files(settings: Settings) -> set[str]:
    return {path.relative_to(settings.data).as_posix() for path in settings.data.rglob("*") if path.is_file()}


def prune(settings: Settings, after: timedelta) -> dict[str, int]:
    """Remove what may go at a later moment, and count it by kind."""
    counts: dict[str, int] = {}
    for item in list(removable(settings, KEEP, datetime.now(UTC) + after)):
        assert item.bytes > 0
        counts[item.kind] = counts.get(item.kind, 0) + 1
        item.remove()
    return counts


def test_drafts_go_after_a_day_and_all_else_stays(settings: Settings) -> None:
    landed = files(settings) - {*KEPT, *OLD, *DRAFTS}
    assert len(landed) == 2

    assert set(prune(settings, timedelta(days=2))) == set(DRAFTS.values())
    assert files(settings) == {*KEPT, *OLD, *landed}


def test_a_blob_whose_event_may_still_come_stays(settings: Settings) -> None:
    prune(settings, timedelta(hours=1))
    assert "landing/blobs/ab/ab12" in files(settings)


def test_old_files_go_after_their_time_and_what_cannot_be_made_again_never(settings: Settings) -> None:
    landed = files(settings) - {*KEPT, *OLD, *DRAFTS}

    prune(settings, timedelta(days=89))
    assert set(OLD) <= files(settings)
    assert set(prune(settings, timedelta(days=91))) == set(OLD.values())
    assert files(settings) == {*KEPT, *landed}
    assert prune(settings, timedelta(days=9999)) == {}


def test_a_blob_of_a_bucket_that_no_event_names_goes_after_a_day(bucket: str, settings: Settings) -> None:
    away, now = replace(settings, landing_at=bucket), datetime.now(UTC)
    landing, data = landing_of(away), b"something else"
    scope = Scope("counts", date(2020, 1, 1), date(2021, 1, 1))
    fetch = landing.land(Fetch("guild", scope, "else.csv", digest(data), now, "none stated"), data)
    orphan = blob_name(digest(b"half"))
    landing.store.put_if_absent(orphan, b"half")
    assert [item.path for item in removable(away, KEEP, now) if item.kind == "orphan blobs"] == []
    [item] = [item for item in removable(away, KEEP, now + timedelta(days=2)) if item.kind == "orphan blobs"]
    assert (item.path, item.bytes) == (f"{bucket}/{orphan}", 4)
    item.remove()
    assert [entry.name for entry in landing.store.entries("blobs")] == [blob_name(fetch.sha256)]
