"""Processes that were noted down, and ending this one by a signal in whatever state it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from adoption.settings import REPOSITORY
from adoption.warehouse.processes import TOLERANCE_SECONDS, is_alive

STATES = {
    "python": "while True: pass",
    "waiting": "threading.Event().wait()",
    "lock": "import filelock; lock = filelock.FileLock(sys.argv[1]); lock.acquire()",
    "database": "import duckdb; duckdb.sql('select sum(a.range * b.range) from range(10000000) a, range(10000000) b').fetchall()",  # noqa: E501
    "deaf": "[signal.signal(one, lambda *_: None) for one in (2, 15)]\nwhile True: pass",
    "tidying": "ENDING.add(lambda: threading.Event().wait()); threading.Event().wait()",
}
SCRIPT = """
import signal, sys, threading
from adoption.warehouse.processes import ENDING, ended_by_signals
with ended_by_signals("Nothing is lost."):
    print("ready", flush=True)
    {state}
"""


def test_this_process_is_alive_and_no_other_that_had_its_number_before() -> None:
    now = time.time()
    assert is_alive(os.getpid(), now)
    assert not is_alive(os.getpid(), now - 10 * 365 * 86_400)


def test_a_process_that_ended_is_not_alive_also_while_nobody_looked() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert is_alive(process.pid, time.time() + TOLERANCE_SECONDS)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it is a zombie now
        assert not is_alive(process.pid, time.time())
    assert not is_alive(process.pid, time.time())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
@pytest.mark.parametrize("state", STATES)
def test_a_signal_ends_the_process_with_one_sentence(state: str, number: signal.Signals, tmp_path: object) -> None:
    path = f"{tmp_path}/held.lock"
    script = SCRIPT.format(state=STATES[state].replace("\n", "\n    "))
    holder = f"import filelock; lock = filelock.FileLock({path!r}); lock.acquire(); print(1, flush=True); input()"
    variables = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    pipe, command = subprocess.PIPE, [sys.executable, "-c", script, path]
    with subprocess.Popen([sys.executable, "-c", holder], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as lock_holder:
        assert lock_holder.stdout
        assert lock_holder.stdout.readline()
        with subprocess.Popen(command, env=variables, text=True, stdout=pipe, stderr=pipe) as process:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            process.send_signal(number)
            _, errors = process.communicate(timeout=60)
        lock_holder.kill()

    assert process.returncode == 128 + number
    name = "Ctrl-C" if number == signal.SIGINT else "a request to end (SIGTERM)"
    assert errors.strip() == f"Ended by {name}. Nothing is lost."


def test_after_the_block_signals_are_as_before() -> None:
    script = (
        # what a process of a shell's background is given, and what one of its foreground is
        "import signal; before = signal.getsignal(2); signal.signal(15, signal.SIG_DFL)"
        + SCRIPT.format(state="pass")
        + "\nassert signal.getsignal(2) is before\nsignal.raise_signal(15)"
    )
    variables = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    ran = subprocess.run([sys.executable, "-c", script], env=variables, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (-signal.SIGTERM, "ready\n", "")
