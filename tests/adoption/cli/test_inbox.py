"""`adoption inbox check` and `adoption inbox forms`: nothing is taken, and every form is documented."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adoption.cli.inbox import forms
from adoption.cli.main import main
from adoption.settings import REPOSITORY, Settings
from ingest.catalog import load_catalog
from ingest.sources import load_source, source_names

HOW_TO = REPOSITORY / "docs" / "how-to" / "add-a-file.md"
BEGIN, END = "--update-snapshots -->\n", "<!-- /forms -->"
QUESTIONS = """tag,month_date,questions,available_at,source_commit
tensorflow,2020-01-01,5,2020-03-01,c1
tensorflow,2020-02-01,7,2020-03-01,c1
"""
COUNTS = "name,period_start,period_end,count\nTensorFlow,2020-01-01,2020-02-01,6200\n"


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--data", str(folder / "data"), "inbox", *arguments])


def checked(folder: Path, text: str | bytes, *arguments: str, name: str = "dropped.csv") -> Result:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    result = run(folder, "check", str(path), *arguments)
    assert path.exists()
    assert not (folder / "data").exists()
    return result


def test_a_good_file_is_shown_with_its_source_form_rows_period_and_names(tmp_path: Path) -> None:
    result = checked(tmp_path, QUESTIONS)
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "stackoverflow_trends would take it",
        "  form    csv, table months",
        "  rows    2",
        "  period  2020-01-01 to 2020-02-01",
        "  names   tensorflow",
        "  drop it into inbox/stackoverflow_trends/",
    ]


def test_a_form_that_several_sources_share_is_shown_for_each(tmp_path: Path) -> None:
    result = checked(tmp_path, COUNTS)
    assert result.exit_code == 0
    takers = {line.split()[0] for line in result.output.splitlines() if line.endswith("would take it")}
    assert {"arxiv", "google_scholar", "meta_kaggle"} <= takers
    # what is the same for all of them is said once
    assert result.output.count("  form    csv") == 1
    assert "  drop it into one of inbox/arxiv/, " in result.output
    only = checked(tmp_path, COUNTS, "--source", "arxiv")
    assert only.output.count("would take it") == 1


def test_wrong_rows_are_named_by_the_source_whose_form_it_is(tmp_path: Path) -> None:
    result = checked(tmp_path, QUESTIONS.replace(",5,", ",-5,").replace("2020-02-01", "2920-02-01"))
    assert result.exit_code == 1
    assert "stackoverflow_trends would refuse it" in result.output
    assert "dropped.csv, line 2, column questions: " in result.output
    assert "dropped.csv, line 3, column month_date: lies in the future" in result.output
    assert result.output.count("would refuse it") == 1


def test_a_file_of_nobody_is_said_to_be_nobodys(tmp_path: Path) -> None:
    result = checked(tmp_path, "tool,sold\nanvil,1\n")
    assert result.exit_code == 1
    assert "dropped.csv: none of the documented forms of any source; found the columns 'tool', 'sold'" in result.output


def test_what_one_source_expects_is_said_if_it_is_named(tmp_path: Path) -> None:
    result = checked(tmp_path, "tool,sold\nanvil,1\n", "--source", "linkedin")
    assert result.exit_code == 1
    assert "expected name, period_start, period_end, count" in result.output


def test_a_broken_archive_is_named_by_those_who_take_archives(tmp_path: Path) -> None:
    result = checked(tmp_path, b"PK\x03\x04" + b"x" * 99, name="survey.zip")
    assert result.exit_code == 1
    assert "kaggle_survey would refuse it" in result.output
    assert "survey.zip: not a whole zip archive" in result.output
    assert "linkedin" not in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("no_such_file.csv",), "no_such_file.csv: no such file"),
        ((str(HOW_TO), "--source", "linkdin"), "No source is called 'linkdin'; expected one of"),
    ],
)
def test_what_is_not_there_is_said(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    result = run(tmp_path, "check", *arguments)
    assert result.exit_code == 2
    assert message in result.output


def test_every_source_has_a_documented_form() -> None:
    for name in source_names():
        assert load_source(name).forms
        assert all(form.expected for form in load_source(name).forms)


def test_the_how_to_lists_every_form_of_every_source(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    made = forms(load_catalog(Settings().catalog))
    text = HOW_TO.read_text(encoding="utf-8")
    before, after = text.index(BEGIN) + len(BEGIN), text.index(END)
    if request.config.getoption("--update-snapshots"):
        HOW_TO.write_text(text[:before] + made + text[after:], encoding="utf-8")
        return
    assert text[before:after] == made, "run `pytest tests/adoption/cli/test_inbox.py --update-snapshots`"
    assert run(tmp_path, "forms").output == made
