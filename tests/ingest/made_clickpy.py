"""A ClickPy on this machine: a made download log, and true answers to each of the connector's questions.

Belongs here: the arithmetic of the answers. Does not belong here: whether the SQL says the same
(tests/ingest/clients/test_clickhouse_engine.py runs it), or any fault.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from ingest.plan import next_period
from ingest.sources import clickpy
from tests.ingest.publisher import Heard, Say

MIRRORS = {"bandersnatch", "z3c.pypimirror", "Artifactory", "devpi"}
BUSY = "pip"
Key = tuple[str, date, str]
"""Package, month, installer."""


@dataclass
class MadeClickPy:
    """Downloads by package, month and installer. `refuses` names the kinds of question that would read too much."""

    downloads: Mapping[Key, int]
    refuses: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._of: defaultdict[str, list[tuple[date, str, int]]] = defaultdict(list)
        for (package, month, installer), count in self.downloads.items():
            self._of[package].append((month, installer, count))

    def __call__(self, heard: Heard) -> Say:
        sql = heard.body.decode()
        kind = (
            "package"
            if "{project:String}" in sql
            else "part"
            if "pip_only_0" in sql
            else "population"
            if "downloads_0" in sql
            else "largest"
        )
        self.asked.append(kind)
        if kind in self.refuses:
            return Say("Code: 158. DB::Exception: Limit for rows to read exceeded (TOO_MANY_ROWS)", 500)
        params = {name.removeprefix("param_"): value for name, value in heard.params.items()}
        return answer(getattr(self, f"_{kind}")(params), KINDS[kind])

    def _months(self, params: Mapping[str, str]) -> list[date]:
        month, months = date.fromisoformat(params["from"]), []
        while month < date.fromisoformat(params["until"]):
            months.append(month)
            month = next_period(month, "month")
        return months

    def _totals(self, first: int) -> list[tuple[str, int]]:
        totals = Counter({package: sum(count for *_, count in rows) for package, rows in self._of.items()})
        return sorted(totals.items(), key=lambda item: (-item[1], item[0]))[:first]

    def _package(self, params: Mapping[str, str]) -> list[dict[str, Any]]:
        months = self._months(params)
        packages = {params["project"], BUSY}
        return [
            {
                "month_date": str(month),
                "project": package,
                "installer": installer,
                "downloads": str(count),
                "days": str((next_period(month, "month") - month).days),
                "busy": BUSY,
            }
            for (package, month, installer), count in sorted(self.downloads.items())
            if package in packages and month in months
        ]

    def _largest(self, params: Mapping[str, str]) -> list[dict[str, Any]]:
        first = int(params["first"])
        return [{"project": name, "total": str(total), "first": first} for name, total in self._totals(first)]

    def _population(self, params: Mapping[str, str]) -> list[dict[str, Any]]:
        months = self._months(params)
        rows = []
        for package in sorted({BUSY, *(name for name, _ in self._totals(int(params["first"])))}):
            counts = self._counts(package, lambda _: True)
            row: dict[str, Any] = {"project": package, "busy": BUSY}
            for place in range(clickpy.MONTHS):
                month = months[place] if place < len(months) else None
                row[f"downloads_{place}"] = str(counts[month]) if month else "0"
            for place in range(clickpy.MONTHS):
                is_told = package == BUSY and place < len(months) and counts[months[place]]
                days = (next_period(months[place], "month") - months[place]).days if is_told else 0
                row[f"days_{place}"] = str(days)
            if any(counts[month] for month in months):
                rows.append(row)
        return rows

    def _part(self, params: Mapping[str, str]) -> list[dict[str, Any]]:
        months, skipped = self._months(params), int(params["skipped"])
        names = [name for name, _ in self._totals(int(params["first"]))][skipped : skipped + int(params["part"])]
        rows = []
        for package in sorted(names):
            row: dict[str, Any] = {"project": package}
            for name, is_wanted in (
                ("pip_only", "pip".__eq__),
                ("without_mirrors", lambda installer: installer not in MIRRORS),
            ):
                counts = self._counts(package, is_wanted)
                for place in range(clickpy.MONTHS):
                    row[f"{name}_{place}"] = str(counts[months[place]]) if place < len(months) else "0"
            rows.append(row)
        return rows

    def _counts(self, package: str, is_wanted: Any) -> Mapping[date, int]:  # noqa: ANN401 - a test of a text
        counts: defaultdict[date, int] = defaultdict(int)
        for month, installer, count in self._of[package]:
            if is_wanted(installer):
                counts[month] += count
        return counts


KINDS: Mapping[str, Sequence[str]] = {
    "package": list(clickpy.COLUMNS),
    "largest": list(clickpy.LARGEST_COLUMNS),
    "population": list(clickpy.POPULATION_COLUMNS),
    "part": list(clickpy.PART_COLUMNS),
}


def answer(rows: list[dict[str, Any]], columns: Sequence[str]) -> Say:
    """Rows as the server writes them."""
    return Say(
        {
            "meta": [{"name": name, "type": "String"} for name in columns],
            "data": rows,
            "rows": len(rows),
            "statistics": {"elapsed": 0.01, "rows_read": 1000, "bytes_read": 8000},
        }
    )


def months_between(start: date, until: date) -> list[date]:
    """First days of months."""
    months = []
    while start < until:
        months.append(start)
        start = (start + timedelta(days=31)).replace(day=1)
    return months
