"""What a build says on the terminal while it runs.

Belongs here: lines for people, and a live line where the output is a terminal. Does not belong here: running
anything, or knowing where the news come from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import TracebackType

from rich.console import Console

from adoption.reports.console import Rows, table_of

STAGES = {
    "raw": "Loading landed extracts",
    "dbt": "Building and testing models",
    "claim_checks": "Testing published claims",
    "detection": "Looking for anomalies",
    "projection": "Projecting the years that are not over",
    "dbt_on_detection": "Building and testing what rests on them",
    "anomaly_checks": "Checking that they are explained",
    "brief_sentences": "Wording the brief",
    "publish": "Publishing",
}


class Progress:
    """Counts what is done; prints a line when a stage begins or ends, a layer is complete, or a check fails.

    A check that only warns has found something about the figures; it is counted here and listed by `adoption claims`
    and `adoption anomalies`, for a build that says it every time is no longer read.
    `expected` is the number of assets by layer.
    """

    def __init__(self, console: Console, expected: Mapping[str, int]) -> None:
        self._console = console
        self._expected = expected
        self._assets: Counter[str] = Counter()
        self._passed = 0
        self._checks: Counter[str] = Counter()
        self._live = console.status("Starting")

    def __enter__(self) -> Progress:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def stage_started(self, stage: str) -> None:
        """A step of the job begins."""
        self.say(STAGES.get(stage, stage))
        self._passed = 0

    def stage_done(self, seconds: float) -> None:
        """The step ended well."""
        checks = f", {_counted(self._passed, 'check')} passed" if self._passed else ""
        self.say(f"  done in {seconds:.1f} s{checks}")

    def asset_done(self, layer: str) -> None:
        """One asset was made."""
        self._assets[layer] += 1
        done, expected = self._assets[layer], self._expected.get(layer, 0)
        self._live.update(f"{layer} {done} of {expected}, {_counted(self._passed, 'check')} passed")
        if done == expected:
            self.say(f"  {layer:<14}{_counted(done, 'asset')}")

    def check_passed(self) -> None:
        """One check holds."""
        self._passed += 1
        self._checks["passed"] += 1

    def check_found(self) -> None:
        """One check found something that does not keep a build from being published."""
        self._checks["findings"] += 1

    def check_failed(self, check: str, reason: str, rows: Rows) -> None:
        """One check does not hold: say so and why, and show the first rows that break it."""
        self._checks["failed"] += 1
        self.say(f"  {'FAILED':<14}{check}{f' ({reason})' if reason else ''}")
        if rows:
            self._console.print(table_of(rows))

    def totals(self) -> None:
        """The line that closes a build."""
        passed, findings, failed = (self._checks[name] for name in ("passed", "findings", "failed"))
        where = " (adoption claims, adoption anomalies)" if findings else ""
        self.say(
            f"{_counted(sum(self._assets.values()), 'asset')}, {_counted(passed + findings + failed, 'check')}: "
            f"{passed} passed, {_counted(findings, 'finding')}{where}, {failed} failed"
        )

    def say(self, line: str) -> None:
        """Print one line, as it is."""
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
