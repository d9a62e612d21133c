"""What nobody expected of one source: told in one sentence, kept with its trace, and no other source's trouble.

Belongs here: telling a mistake in this program, or an input that nobody thought of, from a machine that cannot go on.
Does not belong here: errors that are raised on purpose (`ingest.errors`).
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from traceback import format_exception

from ingest.errors import AdoptionError, chain, shortened

LOGGER = logging.getLogger("adoption")
"""Where traces go; whoever runs the sources says into which file."""
LOGGER.addHandler(logging.NullHandler())
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def is_of_machine(error: BaseException) -> bool:
    """Whether no source can go on after this: a full disk, or a warehouse that DuckDB can no longer write."""
    import duckdb

    for current in chain(error):
        if isinstance(current, OSError) and current.errno in FULL:
            return True
        if isinstance(current, duckdb.FatalException | duckdb.IOException | duckdb.InternalException):
            return True
    return False


def describe_error(error: Exception, what: str, clean: Callable[[str], str] = str) -> str:
    """A sentence about an error that stopped `what`; one that was not raised on purpose is logged with its trace.

    `clean` takes out of a text what nobody may read.

    Raises:
        Exception: the same, where the machine cannot go on.
    """
    if is_of_machine(error):
        raise error
    if isinstance(error, AdoptionError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:  # the system's own word on a file, and no mistake of ours
        place = f" ({error.filename})" if error.filename else ""
        return clean(f"{what}: could not be read: {error.strerror}{place}")
    LOGGER.error("%s: unexpected %s\n%s", what, type(error).__name__, clean("".join(format_exception(error))))
    message = shortened(clean(" ".join(str(error).split()))) or "no word"
    return f"{what}: could not be read: unexpected {type(error).__name__}: {message}"
