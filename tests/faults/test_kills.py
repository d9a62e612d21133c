"""Hundreds of kills over each step that writes: nothing torn, nothing lost, nothing left over after `prune`.

Belongs here: how often. Does not belong here: the steps (killed), or kills of whole builds (test_kill).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from adoption.settings import REPOSITORY
from tests.faults.killed import STEPS
from tests.faults.mutations import say
from tests.faults.soak import times

pytestmark = [pytest.mark.slow, pytest.mark.processes, pytest.mark.soak]

WHOLE = dict.fromkeys(STEPS, 100) | {"export": 400, "export in two steps": 400}
"""How often each step is killed. The swap of a folder takes a moment only."""


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_moment_tears_and_loses_nothing(step: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.faults.killed", step, str(tmp_path), str(times(WHOLE[step]))]
    ran = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-3_000:]
    count = json.loads(ran.stdout)
    seen = f", there in each of {count['looks']} looks" if count["looks"] else ""
    say(f"kills of {step}: {count['killed']}, {count['ended']} attempts ended first; 0 torn, 0 lost, no litter{seen}")
    assert bool(seen) == (step == "export")
    assert count["killed"] >= times(WHOLE[step]) // 2
