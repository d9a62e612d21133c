"""Runs the detector over a folder of the anomaly benchmark's form and writes its events as predictions.

    python bench/anomaly.py --data DIR --out pred.csv

Belongs here: reading series.csv and meta.csv (series_id, grain, family, as_of; nothing else) and writing predictions.
Does not belong here: any detection, which is `adoption/detection/detector.py`, and any scoring.
Daily series are summed to whole months; the days before the first and after the last whole month are left out.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TypeVar

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # so that CPU seconds are those of one thread
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that a checkout runs without being installed

import numpy as np

from adoption.detection.detector import detect
from adoption.detection.events import Event, MonthlySeries, next_month

HEADER = ("series_id", "kind", "start", "end", "depth", "scope", "recovered", "shortfall", "gain")
Values = dict[date, float]
T = TypeVar("T")


def main(argv: list[str] | None = None) -> int:
    """Detect, write the predictions, print how long it took."""
    parser = argparse.ArgumentParser(description="Write the detector's events for one benchmark folder.")
    parser.add_argument("--data", type=Path, required=True, help="folder with series.csv and meta.csv")
    parser.add_argument("--out", type=Path, required=True, help="predictions to write")
    arguments = parser.parse_args(argv)
    series = read_series(arguments.data)
    started = time.process_time()
    events = detect(series)
    seconds = time.process_time() - started
    write_events(arguments.out, events)
    print(f"series {len(series)}  events {len(events)}  CPU seconds {seconds:.1f}")
    return 0


def read_series(folder: Path) -> list[MonthlySeries]:
    """The series of a folder in the order of meta.csv; raises ValueError naming file, row, column and value."""
    values = _read_values(folder / "series.csv")
    series = []
    for row, meta in _rows(folder / "meta.csv"):
        by_month = values[meta["series_id"]]
        if meta["grain"] == "D":
            by_month = _whole_months(by_month)
        as_of = _parse(folder / "meta.csv", row, "as_of", meta, date.fromisoformat) if meta["as_of"] else None
        months = _months(by_month)
        figures = np.array([by_month.get(month, np.nan) for month in months], dtype=float)
        series.append(MonthlySeries(meta["series_id"], meta["family"], months, figures, as_of))
    return series


def write_events(path: Path, events: Iterable[Event]) -> None:
    """Write the columns score.py reads, and the gain; what does not apply stays empty."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for event in events:
            fields = [getattr(event, name) for name in HEADER]
            writer.writerow([int(field) if isinstance(field, bool) else field for field in fields])


def _read_values(path: Path) -> Mapping[str, Values]:
    values: dict[str, Values] = defaultdict(dict)
    for row, record in _rows(path):
        period = _parse(path, row, "period", record, date.fromisoformat)
        values[record["series_id"]][period] = _parse(path, row, "value", record, lambda text: float(text or "nan"))
    return values


def _rows(path: Path) -> Iterable[tuple[int, dict[str, str]]]:
    """Records with their line number."""
    with path.open(newline="", encoding="utf-8") as file:
        yield from enumerate(csv.DictReader(file), start=2)


def _parse(path: Path, row: int, column: str, record: Mapping[str, str], read: Callable[[str], T]) -> T:
    try:
        return read(record[column])
    except ValueError as error:
        raise ValueError(f"{path.name}, row {row}, column {column}: {record[column]!r} ({error})") from error


def _whole_months(days: Values) -> Values:
    by_month: dict[date, list[float]] = defaultdict(list)
    for day, value in days.items():
        by_month[day.replace(day=1)].append(value)
    return {
        month: sum(values)
        for month, values in by_month.items()
        if len(values) == monthrange(month.year, month.month)[1]
    }


def _months(values: Values) -> tuple[date, ...]:
    """Every month from the first to the last that is held."""
    if not values:
        return ()
    months, last = [min(values)], max(values)
    while months[-1] < last:
        months.append(next_month(months[-1]))
    return tuple(months)


if __name__ == "__main__":
    sys.exit(main())
