"""What `adoption status` says of each source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from adoption.publish.reader import NotPublishedError
from adoption.reports.status import label, listing, show, span
from adoption.settings import Settings
from ingest.catalog import load_catalog

TODAY = date(2026, 9, 15)
MONTHS = [date(2020, month, 1) for month in (1, 2, 3, 4)]


def lines_of(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[bool, dict[str, str]]:
    """Whether nothing failed, and the line of each source."""
    monkeypatch.setenv("COLUMNS", "300")
    well = show(settings, TODAY)
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    return well, {line.split("  ")[0].rstrip(": "): line for line in reversed(lines) if line}


def test_a_period_is_written_as_people_write_it() -> None:
    assert label(date(2020, 3, 1), "year") == "2020"
    assert label(date(2020, 3, 1), "month") == label(date(2020, 3, 1), "snapshot") == "2020-03"


@pytest.mark.parametrize(
    ("periods", "text"), [([], "none"), (MONTHS[:1], "1: 2020-01 to 2020-01"), (MONTHS, "4: 2020-01 to 2020-04")]
)
def test_what_is_held_is_counted_from_first_to_last(periods: Sequence[date], text: str) -> None:
    assert span(periods, "month") == text


@pytest.mark.parametrize(
    ("periods", "text"),
    [([], ""), (MONTHS[:3], "2020-01, 2020-02, 2020-03"), (MONTHS, "4, last 2020-02, 2020-03, 2020-04")],
)
def test_few_periods_are_listed_and_many_are_counted(periods: Sequence[date], text: str) -> None:
    assert listing(periods, "month") == text


def test_every_source_has_a_line_held_or_not(
    built: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    well, lines = lines_of(built, capsys, monkeypatch)
    assert well
    assert "complete" in lines["conference_papers"]
    assert "8: 2015 to 2022" in lines["conference_papers"]
    assert "behind" in lines["pypi_tools"]
    assert "6: 2017 to 2022" in lines["kaggle_survey"]
    for source in ("linkedin", "arxiv", "google_scholar", "colab", "meta_kaggle"):
        assert lines[source].split("  ")[1:] != []
        assert "not available" in lines[source]


def test_what_is_missing_and_what_was_never_to_be_had_stand_below(
    built: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    show(built, TODAY)
    below = capsys.readouterr().out.partition("\nMissing\n")[2]
    missing, _, rest = below.partition("\nNot published\n")
    never = rest.partition("\n\n")[0]
    assert "kaggle_survey" not in missing
    assert re.search(r"  pypi_tools: +\d+, last ", missing)
    assert "conference_papers" not in missing
    assert [line.split() for line in never.splitlines() if "pypi_tools" in line] == [["pypi_tools:", "2016-04"]]


@pytest.mark.parametrize("columns", [80, 120])
def test_nothing_is_cut_off_in_a_terminal_of_any_usual_width(
    built: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    show(built, TODAY)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= columns
    assert not [line for line in lines if "…" in line]
    sources = [source.id for source in load_catalog(built.catalog).sources]
    assert [line.split()[0] for line in lines[1 : len(sources) + 1]] == sources


def test_what_is_not_held_is_followed_by_how_to_get_it(
    built: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    show(built, TODAY)
    advice = capsys.readouterr().out.partition("Not available, and how to get it\n")[2].partition("\n\n")[0]
    named = {line.split(":")[0].strip() for line in advice.splitlines()}
    assert {"linkedin", "arxiv", "google_scholar", "colab", "meta_kaggle"} <= named
    assert "kaggle_survey" not in named


def test_every_source_says_when_it_is_asked_or_why_not(
    built: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    show(built, TODAY)
    section = capsys.readouterr().out.partition("Not available, and how to get it\n")[2].partition("\n\n")[2]
    named = {name.strip() for line in section.splitlines() for name in line.split(":")[0].split(",")}
    assert {source.id for source in load_catalog(built.catalog).sources} <= named


def test_a_file_refused_at_the_inbox_makes_its_source_red(
    copy_of_built: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    note = copy_of_built.inbox / "refused" / "linkedin" / "posts.csv.txt"
    note.parent.mkdir(parents=True)
    note.with_suffix("").write_text("month,posts\n2020-01,-\n", encoding="utf-8")
    note.write_text("posts.csv, line 2, column count: expected a count\n", encoding="utf-8")
    monkeypatch.setenv("COLUMNS", "300")
    assert not show(copy_of_built, TODAY)
    printed = capsys.readouterr().out
    (line,) = [line for line in printed.splitlines() if line.startswith("linkedin ")]
    assert line.split()[1] == "failed"
    assert "linkedin: posts.csv, line 2, column count: expected a count" in printed


def test_a_folder_of_the_inbox_that_is_nobodys_is_red(
    copy_of_built: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (copy_of_built.inbox / "linkdin").mkdir(parents=True)
    monkeypatch.setenv("COLUMNS", "300")
    assert not show(copy_of_built, TODAY)
    assert "inbox/linkdin: no source of the catalog has this name" in capsys.readouterr().out


def test_before_the_first_build_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotPublishedError, match=r"Nothing is published yet: .* Run `adoption build`"):
        show(Settings(data=tmp_path))
