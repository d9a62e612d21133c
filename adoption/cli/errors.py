"""What a command says when it cannot do its work: one sentence and an exit code, in one place for all commands.

Belongs here: errors raised on purpose, and those of the file system and the databases that no code can prevent. Does
not belong here: mistakes of this program, which end with their trace.
"""

from __future__ import annotations

import errno
import sqlite3
from dataclasses import dataclass
from typing import Any

import click

from adoption.cli.streams import prepare
from adoption.logs import is_json, say_error
from adoption.settings import Settings
from ingest.errors import AdoptionError, chain
from ingest.files import FULL, DiskFullError, comes_of_full, is_full

DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}


@dataclass(frozen=True)
class Failure:
    """What is printed after `Error:`, and what the command ends with."""

    message: str
    exit_code: int = 1


class Commands(click.Group):
    """A group of commands whose errors are told, and whose answers are printed whatever is on the other end."""

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as click has it
        """Look at the terminal before anything is said, also by click itself."""
        prepare()
        return super().main(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; what it cannot do ends in a sentence instead of a trace."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            settings = ctx.obj if isinstance(ctx.obj, Settings) else Settings()
            failure = failure_of(error, settings)
            if failure is None:
                raise
            say_error(failure.message if is_json() else f"Error: {failure.message}")
            raise click.exceptions.Exit(failure.exit_code) from error


def failure_of(error: BaseException, settings: Settings) -> Failure | None:
    """What to say of an error; None where it is none of ours, or one that the command line handles itself."""
    if isinstance(error, AdoptionError):
        return _failure_of_ours(error, settings)
    if isinstance(error, click.ClickException | click.exceptions.Exit | click.Abort):
        return None
    failures = (_failure_of_one(link, settings) for link in chain(error))
    return next((failure for failure in failures if failure), None)


def _failure_of_ours(error: AdoptionError, settings: Settings) -> Failure:
    """What we say ourselves; but what a library says of a full disk, and we only pass on, names no disk."""
    if isinstance(error, DiskFullError) or not comes_of_full(error):
        return Failure(str(error), error.exit_code)
    of_system = (link for link in chain(error, with_context=True) if isinstance(link, OSError) and link.errno in FULL)
    full = next(of_system, None)
    return Failure(sentence_of(full, settings) if full else str(DiskFullError(settings.data)))


def _failure_of_one(error: BaseException, settings: Settings) -> Failure | None:
    """What to say of an error of the system or of a database."""
    if isinstance(error, OSError):
        return None if error.errno == errno.EPIPE else Failure(sentence_of(error, settings))
    is_of_sqlite = isinstance(error, sqlite3.Error)  # Dagster's storage
    if not is_of_sqlite and not _is_of_duckdb(error):
        return None
    if is_full(error, settings.data):
        return Failure(str(DiskFullError(settings.data)))
    return Failure(f"{settings.dagster_home} cannot be used: {error}." if is_of_sqlite else str(error))


def sentence_of(error: OSError, settings: Settings) -> str:
    """What the operating system refused, and where; where it does not say so, it was in the data folder."""
    path = error.filename2 or error.filename or settings.data
    path = path.decode(errors="replace") if isinstance(path, bytes) else path
    if error.errno in FULL:
        return str(DiskFullError(path))
    if error.errno in DENIED:
        return f"{path} cannot be written or read by this user: {error.strerror}."
    return f"{path}: {error.strerror or error}."


def _is_of_duckdb(error: BaseException) -> bool:
    """Whether DuckDB raised it; it is imported only when something went wrong."""
    import duckdb

    return isinstance(error, duckdb.Error)
