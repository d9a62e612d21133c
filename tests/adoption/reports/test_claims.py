"""How a reading is worded, and what the command prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from adoption.cli.main import main
from adoption.reports import claims
from adoption.settings import Settings

NOTHING = dict.fromkeys(
    ("value", "low", "high", "deviation_pct", "bias", "unit", "accepted_low", "accepted_high", "interval_kind")
)
FEW_POSTS = {"unit": "times", "measure": "months_ratio", "interval_kind": "sampling"}


def reading(**columns: object) -> dict[str, Any]:
    return {**NOTHING, "measure": "value", **columns}


@pytest.mark.parametrize(
    ("columns", "computed"),
    [
        ({"value": 1234.0, "unit": "tools", "deviation_pct": -1.06}, "1,234 (-1.1 %)"),
        ({"value": 12.3, "unit": "percent"}, "12.3 %"),
        ({"value": 12.34, "unit": "percent", "measure": "growth"}, "+12.3 %"),
        ({"value": -0.2, "unit": "points", "measure": "change"}, "-0.20 points"),
        ({**FEW_POSTS, "value": 8.0, "low": 1.0, "high": 63.96}, "8.00 x (1.00 x to 63.96 x, sampling)"),
        ({"low": 0.0, "high": 4.0, "unit": "channels", "interval_kind": "bound"}, "0 to 4"),
        ({"value": 1.874, "unit": "times"}, "1.87 x"),
        ({"low": 12.02, "high": 12.79, "unit": "percent"}, "12.0 % to 12.8 %"),
        ({"low": 0.5, "high": 2.0, "unit": "times"}, "0.50 x to 2.00 x"),
        ({}, "not known"),
    ],
)
def test_what_was_computed_is_worded_by_unit(columns: dict[str, object], computed: str) -> None:
    assert claims.computed(reading(**columns)) == computed


@pytest.mark.parametrize(
    ("low", "high", "admitted"),
    [
        (98, 102, "98 to 102"),
        (98, None, "98 or more"),
        (None, -5, "-5 or less"),
        (0, 0, "0"),
        (None, None, "no number at all"),
    ],
)
def test_what_the_words_admit_may_be_open(low: float | None, high: float | None, admitted: str) -> None:
    assert claims.admitted(reading(unit="tools", accepted_low=low, accepted_high=high)) == admitted


def output_of(settings: Settings, *options: str) -> str:
    result = CliRunner(env={"COLUMNS": "240"}).invoke(main, ["--data", str(settings.data), "claims", *options])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_prints_verdict_text_and_readings(built: Settings) -> None:
    text = output_of(built)

    assert "tf_downloads_2020  reproduced" in text
    assert "TensorFlow was downloaded 115 million times in 2020" in text
    assert "113,788,105 (-1.1 %)  an exact number: 112,700,000 to 117,300,000" in text
    assert "1.46 x to 1.67 x" in text
    assert "tf_keras: 94; pytorch: 312" in text
    assert "in opposite directions" in text


def test_one_verdict_can_be_asked_for(built: Settings) -> None:
    text = output_of(built, "--verdict", "not_testable")

    assert "slump_cause_covid" in text
    assert "tf_downloads_2020" not in text
    assert output_of(built, "--verdict", "Not testable") == text


def test_a_verdict_that_there_is_not_is_refused(built: Settings) -> None:
    result = CliRunner().invoke(main, ["--data", str(built.data), "claims", "--verdict", "contradictd"])

    assert result.exit_code == 2
    assert "No verdict is called 'contradictd'; expected one of reproduced, " in result.output
    assert "did you mean contradicted?" in result.output


def test_named_windows_are_printed_with_their_series(built: Settings) -> None:
    text = output_of(built, "--windows")

    assert "AI share of job postings, postings: up in 7 of 9" in text
    (line,) = [line for line in text.splitlines() if "United States" in line and "-24.5 %" in line]
    assert line.split()[-6:] == ["2020-04", "2020-06", "-35", "%", "2021-02", "A"]


def test_nothing_published_is_said_plainly(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--data", str(tmp_path), "claims"])

    assert result.exit_code == 1
    assert "Nothing is published yet" in result.output
