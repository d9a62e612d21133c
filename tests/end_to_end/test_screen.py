"""The screens of the shipped warehouse: the answer fits one, and no name is broken on any.

Belongs here: what a person sees at 60 to 140 columns. Does not belong here: whether a figure is right (test_figures).
"""

from __future__ import annotations

import json
import re
from io import StringIO
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner
from rich.console import Console

from adoption.cli.main import main
from adoption.reports import review, screen
from adoption.reports.years import ENOUGH
from adoption.settings import REPOSITORY, Settings
from ingest.database import fetch_dicts
from tests.end_to_end.asking import one

README = REPOSITORY / "README.md"
SCREEN = re.compile(r"(?<=```\n)\d{4} on \d{4}: .*?(?=```)", re.DOTALL)
WIDTHS = (60, 80, 100, 140)
YEARS = range(2016, 2026)
PAIR = "entity_id = 'tf_keras' and against_entity_id = 'pytorch'"


def shown(settings: Settings, width: int, year: int | None) -> list[str]:
    output = StringIO()
    screen.show(settings, year, Console(file=output, width=width, highlight=False))
    return output.getvalue().splitlines()


def reviewed(settings: Settings, width: int, year: int | None, is_verbose: bool = False) -> str:
    output = StringIO()
    review.show(settings, year, console=Console(file=output, width=width, highlight=False), is_verbose=is_verbose)
    return output.getvalue()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_answer_fits_one_screen_and_no_name_is_broken(
    built: Settings, published: duckdb.DuckDBPyConnection, width: int
) -> None:
    for year in YEARS:
        lines = shown(built, width, year)
        labels = {
            row["metric_label"]
            for row in fetch_dicts(
                published,
                f"from marts.rpt_brief where {PAIR} and year = {year} and lead is not null and metric_id is not null",
            )
        } - {"Share of listed downloads"}

        assert len(lines) <= screen.LINES, year
        assert max(map(len, lines)) <= width, year
        assert lines[0] == f"{year} on {year - 1}: TensorFlow/Keras against PyTorch"
        scored = [line for line in lines if re.search(r"(ahead|behind|mixed|too close|inconclusive)\b", line)]
        whole = {label for label in labels if any(line.startswith(label) for line in scored)}
        [more] = [int(match[1]) for line in lines if (match := re.match(r"and (\d+) more: ", line))] or [0]
        assert whole <= labels
        assert len(labels - whole) <= more, year


def test_the_screen_has_both_years_the_change_the_median_the_ratio_and_the_gap(built: Settings) -> None:
    lines = shown(built, 80, 2020)
    heading = next(line for line in lines if "on PyTorch" in line)

    assert heading.split() == ["2019", "2020", "change", "median", "on", "PyTorch", "gap", "gr."]
    downloads = next(line for line in lines if line.startswith("Package downloads  "))
    assert re.search(r"44\.1M +113\.8M +\+158 % +\+\d+ % 6\.2x ahead +widened +B", downloads)
    assert any(line.startswith("GitHub stars") and "slower" in line and "narrowed" in line for line in lines)


def test_without_a_year_the_newest_with_enough_channels_is_shown_and_the_screen_says_so(
    built: Settings, published: duckdb.DuckDBPyConnection
) -> None:
    query = f"select max(year) as y from marts.rpt_brief where {PAIR} and channels_measured >= {ENOUGH}"
    newest = fetch_dicts(published, query)[0]["y"]
    text = " ".join(shown(built, 80, None))

    assert text.startswith(f"{newest} on {newest - 1}:")
    assert f"{newest} is the newest year with 3 or more channels of both" in text
    assert f"adoption run --year {one(published, 'meta.review')['review_year']}" in text
    assert f"{newest} is the newest year" in reviewed(built, 80, None)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_review_breaks_no_name_and_no_number(
    built: Settings, published: duckdb.DuckDBPyConnection, width: int
) -> None:
    names = [row["label"] for row in fetch_dicts(published, "select label from marts.dim_entities")]
    for year in (2016, 2020, 2024):
        text, whole = reviewed(built, width, year), reviewed(built, 400, year)

        assert max(map(len, text.splitlines())) <= width
        assert set(re.findall(r"\d[\d,.]*\d", text)) == set(re.findall(r"\d[\d,.]*\d", whole))
        assert [name for name in names if name in text] == [name for name in names if name in whole]


def test_the_review_tells_caveats_only_when_asked(built: Settings) -> None:
    assert "Caveat:" not in reviewed(built, 100, 2020)
    assert "Caveat:" in reviewed(built, 100, 2020, is_verbose=True)


def test_what_holds_nothing_is_one_line_of_the_review(built: Settings) -> None:
    text = " ".join(reviewed(built, 80, 2020).split())

    assert "Conda downloads" in text.partition("No data: ")[2]
    assert "Conda downloads" not in text.partition("No data: ")[0]


def call(settings: Settings, *arguments: str) -> Any:  # noqa: ANN401 - whatever the command answers
    places = ["--data", str(settings.data), "--catalog", str(settings.catalog), "--extracts", str(settings.extracts)]
    result = CliRunner().invoke(main, [*places, *arguments, "--json"])
    assert result.exit_code in (0, 3), result.output
    return json.loads(result.output)


def test_every_answer_is_json_for_programs(built: Settings) -> None:
    assert {source["source_id"] for source in call(built, "status")["sources"]} > {"kaggle_survey"}
    ready = call(built, "ready", "2020")
    assert ready["year"] == 2020
    assert {metric["state"] for metric in ready["metrics"]} > {"held"}
    assert next(line["line_kind"] for line in call(built, "brief", "2020")["lines"]) == "headline"
    downloads = [row for row in call(built, "review", "2020")["rows"] if row["metric_id"] == "pypi_downloads"]
    assert [row["entity_id"] for row in downloads] == ["tf_keras", "pytorch"]
    assert downloads[0]["value"] == 113_788_105
    claims = call(built, "claims")
    assert all(claim["verdict"] for claim in claims)
    assert any(claim["readings"] for claim in claims)
    assert call(built, "claims", "--windows")
    assert call(built, "anomalies")["anomalies"]
    assert call(built, "check") == {"is_valid": True, "said": call(built, "check")["said"], "mistakes": []}
    assert {part["part"] for part in call(built, "doctor")["parts"]}


def test_no_short_help_is_cut() -> None:
    for group in ([], ["inbox"]):
        result = CliRunner().invoke(main, [*group, "--help"], terminal_width=80)
        assert "..." not in result.output.partition("Commands:")[2]


def test_readme_shows_the_screen_as_it_is_printed(built: Settings, request: pytest.FixtureRequest) -> None:
    printed = "".join(f"{line.rstrip()}\n" for line in shown(built, 80, None))
    if request.config.getoption("--update-snapshots"):
        README.write_text(SCREEN.sub(lambda _: printed, README.read_text(encoding="utf-8"), count=1), encoding="utf-8")

    screens = SCREEN.findall(README.read_text(encoding="utf-8"))
    assert screens == [printed], "the screen changed: if that is meant, run with --update-snapshots"


def test_names_are_completed(built: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in built.environment().items():
        monkeypatch.setenv(name, value)

    def completed(words: str) -> set[str]:
        completion = {"_ADOPTION_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        result = CliRunner().invoke(main, prog_name="adoption", env=completion)
        return {line.partition(",")[2] for line in result.output.splitlines() if line}

    assert completed("adoption brief --entity pyt") == {"pytorch"}
    assert "github_stars" in completed("adoption anomalies --metric git")
    assert "kaggle_survey" in completed("adoption refresh kag")
    assert "contradicted" in completed("adoption claims --verdict con")
    assert completed("adoption brief --entity zzz") == set()
