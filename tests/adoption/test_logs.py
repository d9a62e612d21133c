"""The log of a data folder: people send it to others."""

from __future__ import annotations

import errno
import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from adoption.cli.main import main
from adoption.logs import FORMAT, LOGGER, log_into, of_run


def test_lines_and_traces_have_no_secret(tmp_path: Path) -> None:
    log_into(tmp_path)
    try:
        try:
            raise ValueError("https://me:s3cret@example.org/a?token=s3cret is no answer")
        except ValueError:
            logging.getLogger(LOGGER).exception("asked %s", "https://example.org/b?api_key=s3cret")
    finally:
        log_into(tmp_path / "elsewhere")
    log = (tmp_path / "adoption.log").read_text(encoding="utf-8")
    assert "s3cret" not in log
    assert "Traceback" in log
    assert "https://example.org/a?token=*** is no answer" in log


@pytest.fixture
def as_json(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Programs read standard error, until the test is over."""
    monkeypatch.setenv(FORMAT, "json")
    yield
    monkeypatch.setenv(FORMAT, "text")
    log_into(tmp_path / "elsewhere")


@pytest.mark.usefixtures("as_json")
def test_a_line_of_json_has_time_level_message_source_and_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log_into(tmp_path)
    log_into(tmp_path)
    logger = logging.getLogger(LOGGER)
    with of_run("r1"):
        logger.info("fetched %d", 3, extra={"source": "conda"})
        try:
            raise ValueError("https://example.org/a?token=s3cret")
        except ValueError:
            logger.exception("two\nlines")
    logging.getLogger("py.warnings").warning("something is old")

    first, second, third = map(json.loads, capsys.readouterr().err.splitlines())
    assert set(first) == {"time", "level", "message", "source", "run_id"}
    assert datetime.fromisoformat(first.pop("time")).utcoffset() == timedelta(0)
    assert first == {"level": "info", "message": "fetched 3", "source": "conda", "run_id": "r1"}
    assert (second["level"], second["source"]) == ("error", None)
    assert second["message"].startswith("two\nlines\nTraceback")
    assert "token=***" in second["message"]
    assert (third["level"], third["run_id"]) == ("warning", None)
    # the file keeps what it had: surprises, as text
    assert "fetched 3" not in (tmp_path / "adoption.log").read_text(encoding="utf-8")


@pytest.mark.usefixtures("as_json")
def test_the_error_that_a_command_ends_with_is_a_line_of_json(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--log-format", "json", "--data", str(tmp_path / "data"), "review", "2020"])

    assert result.exit_code == 1
    [line] = result.stderr.splitlines()
    assert json.loads(line)["message"].startswith("Nothing is published yet")
    text = CliRunner().invoke(main, ["--log-format", "text", "--data", str(tmp_path / "data"), "review", "2020"])
    assert text.stderr.startswith("Error: Nothing is published yet")


def test_a_log_of_a_library_that_cannot_be_written_says_nothing_to_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As dbt's own log file on a full disk: a trace on standard error, above the sentence that names the disk."""

    class Full(StringIO):
        def write(self, _: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(logging, "raiseExceptions", True)
    log_into(tmp_path)
    logger = logging.Logger("of a library")
    logger.addHandler(logging.StreamHandler(Full()))
    logger.warning("deprecated")
    log_into(tmp_path / "elsewhere")
    assert capsys.readouterr().err == ""
