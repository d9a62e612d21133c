"""Where the traces of surprises go: a file of the data folder, for whoever mends them, and stderr for programs.

Belongs here: the log file, and the lines of JSON that `--log-format json` writes. Does not belong here: what is said to
people (commands and checks say it in a sentence).
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO

import click

from ingest.addresses import without_secrets

LOGGER = "adoption"
MAX_BYTES, KEPT = 1 << 20, 3
FORMAT = "ADOPTION_LOG_FORMAT"
"""The environment variable that says `json`: by it the option reaches the processes of Dagster."""
OTHERS = ("py.warnings",)
"""Loggers beside ours whose lines would else go to standard error as text."""
_RUN: list[str] = []
"""The run that this process is in, innermost last."""


class _LogFile(RotatingFileHandler):
    """A log that is made, with its folder, by its first line; one that cannot be written stops nothing."""

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging calls it so
        """A full disk is told by what could not be done, not by what could not be logged."""


class _Lines(logging.Formatter):
    """Lines and traces without secrets: people send a log to others."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class _JsonLines(logging.Formatter):
    """A record as one JSON object in one line: time, level, message, source and run, each always there."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": without_secrets(super().format(record)),
            "source": getattr(record, "source", None),
            "run_id": _RUN[-1] if _RUN else None,
        }
        return json.dumps(line, ensure_ascii=False)


class _Stderr(logging.StreamHandler[TextIO]):
    """Standard error as it is when a line is written; one that is closed stops nothing."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(_JsonLines("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging calls it so
        """Nobody reads any more: that is no reason to stop."""


def say_error(text: str) -> None:
    """Say on standard error what went wrong: to people as it is, to programs as JSON."""
    if is_json():
        logging.getLogger(LOGGER).error("%s", text)
    else:
        click.echo(text, err=True)


def is_json() -> bool:
    """Whether programs read standard error."""
    return os.environ.get(FORMAT) == "json"


@contextmanager
def of_run(run_id: str) -> Iterator[None]:
    """Name the run in each line that is logged within."""
    _RUN.append(run_id)
    try:
        yield
    finally:
        _RUN.remove(run_id)


def _log_to_stderr() -> None:
    """Write what is logged from now on to standard error as JSON, or no longer, as the environment says."""
    loggers = [logging.getLogger(name) for name in (LOGGER, *OTHERS)]
    for logger in loggers:
        for handler in [attached for attached in logger.handlers if isinstance(attached, _Stderr)]:
            logger.removeHandler(handler)
    logging.captureWarnings(is_json())
    loggers[0].setLevel(logging.INFO if is_json() else logging.NOTSET)
    if is_json():
        for logger in loggers:
            logger.addHandler(_Stderr())
            logger.propagate = False


def log_into(folder: Path) -> None:
    """Write what is logged from now on into `folder`/adoption.log; where programs read it, also to standard error."""
    # a library's log that cannot be written, such as dbt's on a full disk, is no reason for a trace either
    logging.raiseExceptions = False
    _log_to_stderr()
    logger = logging.getLogger(LOGGER)
    path = folder / "adoption.log"
    for handler in [attached for attached in logger.handlers if isinstance(attached, _LogFile)]:
        if handler.baseFilename == str(path.absolute()):
            return
        logger.removeHandler(handler)
        handler.close()
    log = _LogFile(path, maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8", delay=True)
    log.setLevel(logging.WARNING)
    log.setFormatter(_Lines("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(log)
    logger.propagate = False
