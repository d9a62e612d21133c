"""Alarms: listed from the published file, and written into the register when a person has looked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from adoption.cli.main import main
from adoption.reports import alarms
from adoption.settings import Settings
from ingest.catalog.entries.register import Accepted

ALARM: dict[str, Any] = {
    "alarm_id": "zero_between_guild_sales_total_anvil_2020_02_01_2020_03_01",
    "check_id": "zero_between",
    "status": "new",
    "metric_id": "sales",
    "source_id": "guild",
    "basis": "total",
    "entities": ["anvil"],
    "start_date": "2020-02-01",
    "end_date": "2020-03-01",
    "label": "sales of anvil, 2020-02-01 to 2020-03-01: 0.0 beside 90.0 (zero between)",
    "filename": "sales.csv",
}
MARKET = {**ALARM, "alarm_id": "slump_guild_sales_total_2020_04_01", "check_id": "slump", "entities": []}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A catalog of one register, and a published file with two alarms."""
    raised: list[dict[str, Any]] = [ALARM, MARKET]
    monkeypatch.setattr(alarms, "alarms", lambda _settings, _every=False: raised)
    return replace(Settings(data=tmp_path), catalog=tmp_path)


def accepted(settings: Settings) -> list[Accepted]:
    entries = yaml.safe_load((settings.catalog / "register.yaml").read_text(encoding="utf-8"))
    return [Accepted.model_validate(entry) for entry in entries]


def test_what_an_alarm_was_is_written_into_the_register(settings: Settings) -> None:
    (settings.catalog / "register.yaml").write_text("# what was looked into\n", encoding="utf-8")
    alarms.decide(settings, ALARM["alarm_id"], 'the list was "empty": it came back')
    alarms.decide(settings, MARKET["alarm_id"], "a strike", "withdrawn")

    alarm, market = accepted(settings)
    assert (alarm.check, alarm.source, alarm.metric, alarm.basis, alarm.series) == (
        "zero_between",
        "guild",
        "sales",
        "total",
        "anvil",
    )
    assert (str(alarm.start), str(alarm.end), alarm.decision) == ("2020-02-01", "2020-03-01", "accepted")
    assert alarm.why == 'the list was "empty": it came back'
    assert (market.series, market.decision) == (None, "withdrawn")
    assert (settings.catalog / "register.yaml").read_text().startswith("# what was looked into\n")


def test_an_unknown_alarm_is_refused_with_the_nearest_name(settings: Settings) -> None:
    with pytest.raises(alarms.UnknownAlarmError, match=f"did you mean {MARKET['alarm_id']}"):
        alarms.decide(settings, MARKET["alarm_id"][:-1], "a strike")
    assert not (settings.catalog / "register.yaml").exists()


def test_the_command_lists_what_is_new_and_says_so_by_its_exit_code(settings: Settings, tmp_path: Path) -> None:
    assert settings.data == tmp_path
    result = CliRunner().invoke(main, ["--data", str(tmp_path), "alarms"])

    assert result.exit_code == 3
    assert "new: sales of anvil, 2020-02-01 to 2020-03-01: 0.0 beside 90.0 (zero between) (sales.csv)" in result.output
    assert ALARM["alarm_id"] in result.output


def test_accepting_needs_an_alarm_and_a_reason(settings: Settings) -> None:
    result = CliRunner().invoke(main, ["--data", str(settings.data), "accept", ALARM["alarm_id"]])

    assert result.exit_code == 2
    assert "--why" in result.output


def test_controls_written_from_a_build_are_those_that_ship(built: Settings, tmp_path: Path) -> None:
    path = alarms.write_controls(built, tmp_path)

    assert path.read_text(encoding="utf-8") == (built.catalog / "controls.yaml").read_text(encoding="utf-8")
