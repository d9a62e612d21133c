"""`adoption count-log`: a raw download log to landed months, told month by month.

Belongs here: what people read. Does not belong here: counting and landing (`adoption.raw_log`).
"""

from __future__ import annotations

from collections import Counter as Tally
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from adoption.raw_log.counting import Counter, Outcome
from adoption.raw_log.engines import EngineName, engine_of
from ingest.catalog import load_catalog
from ingest.raw_log import open_log

if TYPE_CHECKING:
    from datetime import date

    from adoption.settings import Settings


def count_log(settings: Settings, location: str, engine: EngineName, window: tuple[date | None, date | None]) -> bool:
    """Count and land the months of a log that are new or changed; print each, and return whether none was refused.

    Raises:
        ExtractError: when there is no log at that place.
        NoEngineError: when the engine is not here.
    """
    console = Console(highlight=False)
    log = open_log(location)
    counter = Counter(settings, load_catalog(settings.catalog), engine_of(engine, settings))
    for problem in log.unclaimed_files:
        console.print(Text(f"refused    {problem}", style="red"), soft_wrap=True)
    outcomes = []
    first, last = window
    for outcome in counter.count(log, lambda month: (first or month) <= month <= (last or month)):
        outcomes.append(outcome)
        _tell(console, outcome)
    console.print(_summary(outcomes, len(log.unclaimed_files)), markup=False, soft_wrap=True)
    return not log.unclaimed_files and all(outcome.result != "refused" for outcome in outcomes)


def _tell(console: Console, outcome: Outcome) -> None:
    line = f"{outcome.result:<10} {outcome.month:%Y-%m}  {outcome.rows:>15,} rows"
    console.print(Text(line, style="red" if outcome.result == "refused" else ""), soft_wrap=True)
    for reason in outcome.reasons:
        console.print(f"  {reason}", markup=False, soft_wrap=True)


def _summary(outcomes: list[Outcome], unclaimed_files: int) -> str:
    counts = Tally(outcome.result for outcome in outcomes)
    parts = [f"{number} {result}" for result, number in sorted(counts.items())]
    parts += [f"{unclaimed_files} files without a month"] if unclaimed_files else []
    more = " Run `adoption build` to take them." if counts["counted"] else ""
    return f"Months: {', '.join(parts) or 'none'}.{more}"
