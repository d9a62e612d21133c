"""Where the traces of surprises go: a file of the data folder, for whoever mends them.

Belongs here: the log file. Does not belong here: what is said to people (commands and checks say it in a sentence).
"""

from __future__ import annotations

import logging
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from ingest.addresses import without_secrets

LOGGER = "adoption"
MAX_BYTES, KEPT = 1 << 20, 3


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


def log_into(folder: Path) -> None:
    """Write what is logged from now on into `folder`/adoption.log."""
    logger = logging.getLogger(LOGGER)
    path = folder / "adoption.log"
    for handler in [attached for attached in logger.handlers if isinstance(attached, _LogFile)]:
        if handler.baseFilename == str(path.absolute()):
            return
        logger.removeHandler(handler)
        handler.close()
    log = _LogFile(path, maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8", delay=True)
    log.setFormatter(_Lines("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(log)
    logger.propagate = False
