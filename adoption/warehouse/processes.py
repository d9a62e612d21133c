"""Processes of this machine: whether one that was noted down is still the same, and ending this one at once.

Belongs here: what the operating system knows of processes and signals. Does not belong here: whose they are.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

TOLERANCE_SECONDS = 5
"""Between the start of a process and its first note, clocks of both may differ by so much."""
CLEANUP_SECONDS = 2
QUIET = "ignore:resource_tracker:UserWarning"
"""Python's helper removes the semaphores of a process that ended, and would have the last word about it."""
NAMES = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "a request to end (SIGTERM)"}


def is_alive(pid: int, noted_at: float) -> bool:
    """Whether the process that had this number at `noted_at` (seconds of the epoch) still runs.

    Numbers are given again, after a restart of the machine soon: a process that started later is another one.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    except OverflowError:
        return False
    started = _started_at(pid)
    return started is not None and started <= noted_at + TOLERANCE_SECONDS


def _started_at(pid: int) -> float | None:
    """When a process started, None when it has ended and only its parent was not told yet."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return _started_by_ps(pid)
    fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    if fields[0] in "ZX":
        return None
    [boot] = [line for line in Path("/proc/stat").read_text(encoding="ascii").splitlines() if line.startswith("btime ")]
    return int(boot.split()[1]) + int(fields[19]) / os.sysconf("SC_CLK_TCK")


def _started_by_ps(pid: int) -> float | None:
    """The same where there is no /proc."""
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
    state, _, text = ran.stdout.strip().partition(" ")
    if not text or state.startswith("Z"):
        return None
    return datetime.strptime(text.strip(), "%a %b %d %H:%M:%S %Y").astimezone(UTC).timestamp()


class Ending:
    """What is tidied up when a signal ends this process; all of it can be left out, as after a power cut."""

    def __init__(self) -> None:
        self.steps: list[Callable[[], None]] = []
        self.signal: signal.Signals | None = None

    def add(self, step: Callable[[], None]) -> None:
        """Have something done before the end, if there is time for it."""
        self.steps.append(step)

    def run(self) -> None:
        """Do it; an error in it is no reason to stay."""
        for step in self.steps:
            with suppress(Exception):
                step()


ENDING = Ending()


@contextmanager
def ended_by_signals(message: str) -> Iterator[None]:
    """Within the block, Ctrl-C and SIGTERM end the process in seconds with one sentence, whatever it is doing.

    Python handles a signal only between two of its own steps, and Dagster and dbt handle it in ways of their own. So a
    thread is told by the system itself. Nothing is lost: whatever is written here survives a power cut.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    sys.warnoptions.append(QUIET)
    receiver, sender = socket.socketpair()
    sender.setblocking(False)
    handlers = {number: signal.signal(number, _ignore) for number in NAMES}
    before = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    thread = threading.Thread(target=_wait, args=(receiver, message), daemon=True)
    thread.start()
    try:
        yield
    finally:
        if ENDING.signal:  # the other thread is about to end the process: say nothing more
            thread.join()
        signal.set_wakeup_fd(before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        sender.close()
        thread.join()
        receiver.close()
        ENDING.steps.clear()
        sys.warnoptions.remove(QUIET)


def _ignore(number: int, _: object) -> None:
    """A handler must be there, so that the thread is told."""


def _wait(receiver: socket.socket, message: str) -> None:
    while received := receiver.recv(1):
        if received[0] in NAMES:
            _end(signal.Signals(received[0]), message)


def _end(number: signal.Signals, message: str) -> None:
    ENDING.signal = number
    cleanup = threading.Thread(target=ENDING.run, daemon=True)
    cleanup.start()
    cleanup.join(CLEANUP_SECONDS)
    show_cursor = "\x1b[?25h" if sys.stderr.isatty() else ""
    with suppress(OSError):
        os.write(2, f"{show_cursor}\nEnded by {NAMES[number]}. {message}\n".encode())
    os._exit(128 + number)
