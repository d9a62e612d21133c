"""Doing something in a process of its own, which the kernel may end at any moment: by a timer, as a kill would.

Belongs here: the fork, and what its end is taken for. Does not belong here: what is done (killed, killed_builds).
"""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable


def forked(
    work: Callable[[], object], seconds: float | None = None, meanwhile: Callable[[], object] | None = None
) -> bool:
    """Do something in a process of its own, which the kernel ends after some seconds; whether it ended by itself.

    `meanwhile` is done here, again and again, until that process has ended.
    """
    child = os.fork()
    if child == 0:
        try:
            if seconds is not None:
                signal.setitimer(signal.ITIMER_REAL, seconds)
            work()
        except BaseException:  # noqa: BLE001 - told, and the process ends
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    status = _status(child, meanwhile)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGALRM, status
        return False
    assert os.WEXITSTATUS(status) == 0, "see the trace above"
    return True


def _status(child: int, meanwhile: Callable[[], object] | None) -> int:
    """How a process ended."""
    if meanwhile is None:
        return os.waitpid(child, 0)[1]
    while True:
        meanwhile()
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
