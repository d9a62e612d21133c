"""Compares the depth the detector says it can see with what a full search finds.

python bench/detectability.py --data DIR [--series 10] [--places 12]

An even drop of the stated depth is put into some series, in evenly spread places, one at a time, and searched for.
Found means a slump that shares half of its months with the drop. If the statement is right, about 80 % are found.
Belongs here: the comparison. Does not belong here: the statement (`adoption/detection/detector.py`), reading
(`bench/anomaly.py`).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from adoption.detection.detector import DETECTABLE_MONTHS, detect_one, detectability
from adoption.detection.events import MonthlySeries
from bench.anomaly import read_series


def main(argv: list[str] | None = None) -> int:
    """Print a line for each series and length, then the share found overall."""
    parser = argparse.ArgumentParser(description="Compare stated detectability with the full search.")
    parser.add_argument("--data", type=Path, required=True, help="folder with series.csv and meta.csv")
    parser.add_argument("--series", type=int, default=10)
    parser.add_argument("--places", type=int, default=12)
    arguments = parser.parse_args(argv)
    stated, seconds = _state(read_series(arguments.data))
    print(f"stated for {len(stated)} series in {seconds:.1f} CPU seconds")
    chosen = [stated[i] for i in np.linspace(0, len(stated) - 1, arguments.series).astype(int)]
    shares: dict[int, list[float]] = {months: [] for months in DETECTABLE_MONTHS}
    for series, depths in chosen:
        for months, depth in depths.items():
            if depth is not None:
                share = share_found(series, months, depth, arguments.places)
                shares[months].append(share)
                print(f"{series.series_id:30s} {months} months  depth {depth:.2f}  found {share:.2f}")
    for months, found_shares in shares.items():
        print(f"{months} months: found {np.mean(found_shares):.2f} on average of {len(found_shares)} series")
    return 0


def share_found(series: MonthlySeries, months: int, depth: float, places: int) -> float:
    """Share of the places in which the full search finds such a drop."""
    finished = len(series.months) - sum(event.kind == "partial" for event in detect_one(series))
    starts = np.unique(np.linspace(1, finished - months, places).astype(int))
    return float(np.mean([_is_found(series, int(start), months, depth) for start in starts]))


def _state(series: Sequence[MonthlySeries]) -> tuple[list[tuple[MonthlySeries, dict[int, float | None]]], float]:
    """Every series for which something can be said, with what is said, and the CPU seconds it took."""
    started = time.process_time()
    stated = [(member, detectability(member)) for member in series]
    seconds = time.process_time() - started
    return [(member, depths) for member, depths in stated if any(depths.values())], seconds


def _is_found(series: MonthlySeries, start: int, months: int, depth: float) -> bool:
    values = series.values.copy()
    values[start : start + months] *= 1 - depth
    first, last = series.months[start], series.months[start + months - 1]
    for event in detect_one(replace(series, values=values)):
        shared = sum(event.start <= month <= event.end and first <= month <= last for month in series.months)
        either = sum(event.start <= month <= event.end or first <= month <= last for month in series.months)
        if event.kind == "slump" and 2 * shared >= either:
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
