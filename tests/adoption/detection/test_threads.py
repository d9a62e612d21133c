"""The detector finds the same events however many threads the linear algebra uses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# The first months of this series hold two windows that explain the same figures: they differ by a missing month.
DETECTED = """
import csv, sys
from datetime import date
from pathlib import Path

import numpy as np

from adoption.detection.detector import detect_one
from adoption.detection.events import MonthlySeries, next_month

with Path("ingest/extracts/pypi_tools/months.csv").open(encoding="utf-8", newline="") as file:
    held = {date.fromisoformat(row["month_date"]): float(row["downloads"])
            for row in csv.DictReader(file) if row["package"] == "__all_pypi__"}
months = [min(held)]
while months[-1] < max(held):
    months.append(next_month(months[-1]))
figures = np.array([held.get(month, np.nan) for month in months])
for event in detect_one(MonthlySeries("all", "family", tuple(months), figures, None)):
    print(event.kind, event.start, event.end, *(f"{number:.6f}" for number in (event.depth, event.gain) if number))
"""


def detected(threads: int) -> str:
    """The events that a process with so many threads finds, a line each."""
    limits = {name: str(threads) for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    process = subprocess.run(
        [sys.executable, "-c", DETECTED],
        cwd=ROOT,
        env={**os.environ, **limits, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


@pytest.mark.parametrize("threads", [2, 4])
def test_threads_of_linear_algebra_change_no_event(threads: int) -> None:
    alone = detected(1)
    assert "spike" in alone
    assert detected(threads) == alone
