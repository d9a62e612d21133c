"""The log of a data folder: people send it to others."""

from __future__ import annotations

import logging
from pathlib import Path

from adoption.logs import LOGGER, log_into


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
