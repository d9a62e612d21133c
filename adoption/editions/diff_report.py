"""The differences between two warehouses on a terminal, as CSV or as JSON.

Belongs here: layout. Does not belong here: finding differences or their reasons (`adoption.editions.diff`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from adoption.reports.console import print_records
from adoption.reports.format import NOT_KNOWN

if TYPE_CHECKING:
    from adoption.editions.attribution import Why
    from adoption.editions.diff import Comparison, Difference
    from adoption.reports.console import OutputFormat

SHOWN = 10
"""How many numbers of one mart are printed unless all are asked for."""
COLUMNS = (
    "table",
    "key",
    "column",
    "kind",
    "before",
    "after",
    "difference",
    "difference_pct",
    "why_kind",
    "why",
    "extracts",
)


def print_comparison(comparison: Comparison, title: str, form: OutputFormat, everything: bool = False) -> None:
    """Print all differences: as text for people, the first of each mart unless `everything`, else all as records."""
    if form == "table":
        _Page(Console(highlight=False), comparison, everything).print(title)
    else:
        print_records(COLUMNS, [record(difference, form) for difference in comparison.differences], form)


def record(difference: Difference, form: OutputFormat) -> dict[str, Any]:
    """A difference as a flat record; in CSV its key and extracts are texts."""
    is_flat = form == "csv"
    values = (
        difference.table,
        json.dumps(dict(difference.key), default=str) if is_flat else dict(difference.key),
        difference.column,
        difference.kind,
        difference.before,
        difference.after,
        difference.difference,
        difference.difference_pct,
        difference.why.kind,
        difference.why.text,
        " ".join(difference.why.extracts) if is_flat else list(difference.why.extracts),
    )
    return dict(zip(COLUMNS, values, strict=True))


class _Page:
    """Turns first, then mart by mart; the reasons stand below, by number."""

    def __init__(self, console: Console, comparison: Comparison, everything: bool) -> None:
        self._console = console
        self._comparison = comparison
        self._most = len(comparison.differences) if everything else SHOWN
        self._reasons: dict[Why, int] = {}

    def print(self, title: str) -> None:
        """Print the whole page."""
        differences = self._comparison.differences
        self._console.print()
        self._console.rule(Text(title, style="bold"), align="left")
        for mart in self._comparison.unmatched:
            self._console.print(Text(f"Not compared: {mart} is not in both files, or has no key.", style="yellow"))
        if not differences:
            self._console.print("No number differs." + (f" {self._rules()}" if self._comparison.rules else ""))
            return
        self._block("Turned", [difference for difference in differences if difference.kind == "turned"], has_table=True)
        rest = [difference for difference in differences if difference.kind != "turned"]
        for mart, group in groupby(rest, key=lambda difference: difference.table):
            self._block(mart, list(group), has_table=False)
        self._why()

    def _block(self, title: str, differences: Sequence[Difference], has_table: bool) -> None:
        if not differences:
            return
        counts = Counter(difference.kind for difference in differences)
        counted = ", ".join(f"{number:,} {kind}" for kind, number in sorted(counts.items(), reverse=True))
        self._console.print()
        self._console.print(Text.assemble((title, "bold"), f"  {counted}"))
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
        for name in ("what", "column", "before", "after", "by", "", "why"):
            table.add_column(
                name, justify="right" if name in ("before", "after", "by", "") else "left", overflow="fold"
            )
        # what moved says more than what is new
        shown = sorted(differences, key=lambda difference: difference.kind not in ("turned", "moved"))[: self._most]
        before = ""
        for difference in shown:
            what, *cells = self._cells(difference, has_table)
            table.add_row("" if what == before else what, *cells)
            before = what
        self._console.print(table)
        if len(differences) > len(shown):
            self._console.print(
                Text(f"and {len(differences) - len(shown):,} more: --all, --csv or --json", style="dim")
            )

    def _cells(self, difference: Difference, has_table: bool) -> tuple[str, ...]:
        key = ", ".join("-" if value is None else str(value) for value in difference.key.values())
        reason = self._reasons.setdefault(difference.why, len(self._reasons) + 1)
        by, share = difference.difference, difference.difference_pct
        return (
            f"{difference.table}: {key}" if has_table else key,
            difference.column,
            _cell(difference.before),
            _cell(difference.after),
            "" if by is None else _signed(by),
            "" if share is None else f"{share:+,.2f} %",
            f"[{reason}]",
        )

    def _why(self) -> None:
        self._console.print()
        self._console.print(Text("Why", style="bold"))
        for why, number in self._reasons.items():
            self._console.print(Text(f"[{number}] {why.text}", style="red" if why.kind == "unexplained" else ""))
        if self._comparison.rules:
            self._console.print(Text(self._rules(), style="yellow"))

    def _rules(self) -> str:
        changed = ", ".join(self._comparison.rules)
        return f"Changed between the two: {changed}. A number that is traced to an extract may owe to that too."


def _cell(value: Any) -> str:  # noqa: ANN401 - any value of a mart
    if value is None:
        return NOT_KNOWN
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value).replace("_", " ")


def _signed(value: float) -> str:
    text = _cell(float(value))
    return text if text.startswith("-") else f"+{text}"
