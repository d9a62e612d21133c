"""Readiness: what is held of a year, what is to come, what is to be got and what never will be."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
import yaml

from adoption.publish.reader import open_published
from adoption.reports.readiness import Readiness, prospect, readiness, show
from adoption.reports.review import UnknownYearError
from adoption.settings import Settings
from ingest.catalog import SourceEntry, load_catalog
from ingest.database import fetch_dicts

CATALOG = load_catalog(Settings().catalog)
CONTENDERS = ["Ours", "Theirs"]
TODAY = date(2026, 11, 24)


def source(grain: str = "month", first: str = "2018-02-01", **expected: object) -> SourceEntry:
    """A source with these expectations."""
    entry = {
        **CATALOG.sources[0].model_dump(by_alias=True, exclude={"expected", "access"}),
        "expected": {"grain": grain, "first": first, "lag_days": 5, **expected},
    }
    return SourceEntry.model_validate(entry)


GAP = {"from": "2024-07-01", "until": "2024-08-01", "reason": "no July"}


@pytest.mark.parametrize(
    ("entry", "kind", "year", "state", "text"),
    [
        (source(), "flow", 2020, "missing", "ships with the project"),
        (source(), "flow", 2026, "to come", "by 2027-01-06 "),
        (source(), "flow", 2018, "never", "begins with 2018-02"),
        # a stock is what it is at the end of the year: that the source began in February is no matter
        (source("snapshot"), "stock", 2018, "missing", "ships with the project"),
        (source("snapshot"), "stock", 2026, "to come", "by 2027-01-06 "),
        (source("snapshot", last="2024-12-01"), "stock", 2024, "never", "ended: nothing from 2024-12 on"),
        (source(last="2023-06-01"), "flow", 2023, "never", "ended: nothing from 2023-06 on"),
        (source(last="2024-01-01"), "flow", 2023, "missing", "ships with the project"),
        (source("year", "2017-01-01", last="2023-01-01"), "share", 2022, "missing", "ships with the project"),
        (source("year", "2017-01-01", last="2023-01-01"), "share", 2023, "never", "ended: nothing from 2023-01 on"),
        (source("year", "2017-01-01"), "share", 2026, "to come", "by 2027-01-06 "),
        (source(never=[GAP]), "flow", 2024, "never", "no July"),
        (source("snapshot", never=[GAP]), "stock", 2024, "missing", "ships with the project"),
    ],
)
def test_what_a_source_can_still_give(entry: SourceEntry, kind: str, year: int, state: str, text: str) -> None:
    actual = prospect(entry, kind, year, TODAY)
    assert actual.state == state
    assert actual.text.startswith(text)


def test_a_period_is_due_when_its_delay_has_passed() -> None:
    days = [prospect(source(), "flow", 2025, day).state for day in (date(2026, 1, 5), date(2026, 1, 6))]
    assert days == ["to come", "missing"]


def known_row(metric: str, label: str, is_complete: bool = True) -> dict[str, object]:
    return {"metric_id": metric, "entity_label": label, "is_complete": is_complete}


def of(metric: str, rows: Sequence[dict[str, object]], year: int = 2020) -> Readiness:
    statuses = readiness(CATALOG, year, rows, CONTENDERS, TODAY)
    return next(status for status in statuses if status.metric.id == metric)


def test_a_metric_has_its_year_when_both_contenders_have_it_whole() -> None:
    both = [known_row("pypi_downloads", label) for label in CONTENDERS]
    assert (of("pypi_downloads", both).state, of("pypi_downloads", both).is_open) == ("held", False)

    status = of("pypi_downloads", both[:1])
    assert (status.state, status.lacking, status.is_open) == ("missing", ["Theirs"], True)
    ways = dict.fromkeys(way.source for way in CATALOG.metrics[0].sources)
    assert [way.source for way in status.prospects] == [CATALOG.source(way).label for way in ways]

    part = of("pypi_downloads", [known_row("pypi_downloads", label, is_complete=False) for label in CONTENDERS])
    assert (part.state, part.in_part) == ("missing", CONTENDERS)


def test_market_context_is_never_waited_for() -> None:
    context = next(metric.id for metric in CATALOG.metrics if metric.channel == "context")
    assert of(context, []).state == "missing"
    assert not of(context, []).is_open


def test_the_shipped_years(
    built: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    assert not show(built, 2020, TODAY)
    held_part, missing = capsys.readouterr().out.split("Published, not available, and how to get it")
    assert "2020: 13 of " in held_part
    assert "Package downloads" in held_part
    assert "LinkedIn job posts" in missing
    assert "read the numbers off and drop a CSV" in missing
    assert "Not ready: 0 still to come, " in missing

    assert not show(built, 2026, TODAY)
    to_come, never = capsys.readouterr().out.split("Never will")
    assert "GitHub stars" in to_come
    assert "Kaggle survey" in never

    with pytest.raises(UnknownYearError, match="No source of the catalog covers 1990"):
        show(built, 1990, TODAY)


def test_a_year_of_which_nothing_more_is_to_come_is_ready(
    built: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(built.catalog, tmp_path / "catalog")
    path = tmp_path / "catalog" / "sources.yaml"
    sources = yaml.safe_load(path.read_text(encoding="utf-8"))
    with open_published(built) as connection:
        query = "select distinct source_id from marts.rpt_year_in_review where year = 2020 and is_complete"
        holding = {row["source_id"] for row in fetch_dicts(connection, query)}
    for entry in sources:
        if entry["id"] not in holding:
            entry["expected"] |= {"first": date(2021, 1, 1), "last": date(2025, 1, 1)}
    path.write_text(yaml.safe_dump(sources, allow_unicode=True), encoding="utf-8")

    assert show(Settings(catalog=tmp_path / "catalog", data=built.data), 2020, TODAY)
    assert "Ready: nothing more is to come or to be got." in capsys.readouterr().out
