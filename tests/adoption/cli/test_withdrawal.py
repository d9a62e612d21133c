"""`adoption inbox retract`: what falls is said before and after, a reason is needed, and it can be undone.

Belongs here: what people read. Does not belong here: the events (tests/ingest) or leaving an extract out (dbt's tests).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from adoption.cli.main import main
from adoption.settings import Settings
from ingest.landing import Landing, digest
from ingest.model import Fetch, Scope, withdrawn

FEEDS = """
create schema meta;
create table meta.metrics (metric_id varchar, label varchar, position int);
insert into meta.metrics values ('lent', 'Tools lent', 2), ('sold', 'Tools sold', 1);
create table meta.extract_metrics (
    extract_id varchar, metric_id varchar, observations bigint, first_period_date date, last_period_date date);
"""
FED = "insert into meta.extract_metrics values (?, ?, ?, ?, ?)"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A data folder and no shipped extracts."""
    (tmp_path / "shipped").mkdir()
    return Settings(data=tmp_path / "data", extracts=tmp_path / "shipped")


def land(settings: Settings, data: bytes, day: int) -> Fetch:
    """One year of counts of a guild, landed on a day."""
    scope = Scope("counts", date(2020, 1, 1), date(2021, 1, 1))
    moment = datetime(2021, 1, 1, tzinfo=UTC) + timedelta(days=day)
    fetch = Fetch("guild", scope, "counts.csv", digest(data), moment, "none stated")
    return Landing(settings.landing, settings.extracts).land(fetch, data)


@pytest.fixture
def extract(settings: Settings) -> Fetch:
    """A landed extract that the published file takes figures of two metrics from."""
    fetch = land(settings, b"one", 0)
    settings.published.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.published)) as connection:
        connection.execute(FEEDS)
        for metric, count, month in (("lent", 3, 1), ("sold", 1000, 2), ("sold", 234, 5)):
            day = date(2020, month, 1)
            connection.execute(FED, [fetch.extract_id, metric, count, day, day])
    return fetch


def retract(settings: Settings, *arguments: str) -> Result:
    places = ["--data", str(settings.data), "--extracts", str(settings.extracts)]
    return CliRunner().invoke(main, [*places, "inbox", "retract", *arguments])


def gone(settings: Settings) -> set[str]:
    return withdrawn(Landing(settings.landing, settings.extracts).events())


def test_a_dry_run_says_what_falls_and_changes_nothing(settings: Settings, extract: Fetch) -> None:
    result = retract(settings, extract.extract_id, "--dry-run")

    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        f"Would be withdrawn: {extract.extract_id} "
        "(counts.csv of guild, table counts, 2020-01-01 to before 2021-01-01)",
        "  falls: Tools sold, 1,234 figures, 2020-02-01 to 2020-05-01",
        "  falls: Tools lent, 3 figures, 2020-01-01 to 2020-01-01",
        "  in its place: none; no other extract has its scope",
        "Nothing was changed.",
    ]
    assert gone(settings) == set()


def test_a_withdrawal_says_the_same_and_how_to_undo_it(settings: Settings, extract: Fetch) -> None:
    planned = retract(settings, extract.extract_id, "--dry-run").output.splitlines()
    done = retract(settings, extract.extract_id, "--reason", "counted twice").output.splitlines()

    assert done[0] == planned[0].replace("Would be withdrawn", "Withdrawn")
    assert done[1:-1] == planned[1:-1]
    assert f"adoption inbox retract {extract.extract_id} --undo" in done[-1]
    assert gone(settings) == {extract.extract_id}


def test_the_extract_that_speaks_instead_is_named(settings: Settings, extract: Fetch) -> None:
    newest = land(settings, b"two", 1)
    withdrawn_one = land(settings, b"three", 2)
    retract(settings, withdrawn_one.extract_id, "--reason", "a slip")

    output = retract(settings, newest.extract_id, "--dry-run").output

    assert "  no figure of the published file comes from it" in output
    assert f"  in its place: {extract.extract_id} (counts.csv, landed 2021-01-01)" in output


@pytest.mark.parametrize("arguments", [[], ["--reason", ""], ["--reason", "42"], ["--undo"]])
def test_without_words_for_a_reason_nothing_is_done(settings: Settings, extract: Fetch, arguments: list[str]) -> None:
    if "--undo" in arguments:
        retract(settings, extract.extract_id, "--reason", "counted twice")
    before = gone(settings)
    result = retract(settings, extract.extract_id, *arguments)

    assert result.exit_code == 2
    assert "expected --reason with words" in result.output
    assert gone(settings) == before


def test_a_withdrawal_is_undone(settings: Settings, extract: Fetch) -> None:
    retract(settings, extract.extract_id, "--reason", "counted twice")
    planned = retract(settings, extract.extract_id, "--undo", "--dry-run")
    assert planned.output.startswith(f"Would be restored: {extract.extract_id} ")
    assert extract.extract_id in gone(settings)

    done = retract(settings, extract.extract_id, "--undo", "--reason", "was right")
    assert done.output.startswith(f"Restored: {extract.extract_id} ")
    assert extract.extract_id not in gone(settings)


@pytest.mark.parametrize("more", [["--dry-run"], ["--reason", "counted twice"]])
def test_what_is_not_there_or_done_already_is_refused(settings: Settings, extract: Fetch, more: list[str]) -> None:
    assert "no extract 'guild-0' was landed" in retract(settings, "guild-0", *more).output
    assert "is not withdrawn" in retract(settings, extract.extract_id, "--undo", *more).output
    retract(settings, extract.extract_id, "--reason", "counted twice")
    again = retract(settings, extract.extract_id, *more)
    assert (again.exit_code, "is withdrawn already" in again.output) == (1, True)
