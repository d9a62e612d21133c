"""Replays of monthly editions: a figure that is contradicted when it comes is one alarm in its month."""

from __future__ import annotations

from pathlib import Path

import pytest

from adoption.settings import Settings
from bench.corruptions import FIGURES, Bench
from bench.replays import Replay, months_of, replayed, table

pytestmark = pytest.mark.slow


def test_a_month_that_contradicts_is_an_alarm_when_it_comes(built: Settings, tmp_path: Path) -> None:
    bench = Bench(built, tmp_path, with_controls=False)
    months = months_of(bench, "git_history", 6)
    assert months == sorted(months)
    assert len(months) == 7
    assert replayed(bench, "git_history", 6) == Replay("git_history", (0,) * 6)

    bench.connection.execute(
        f"update {FIGURES} set value = 0 where source_id = 'git_history' and entity_id = 'jax'"
        f" and basis = 'all_commits' and period_end = date '{months[-3]}'"
    )
    assert sum(replayed(bench, "git_history", 6).new) == 1


def test_the_table_has_the_month_with_most() -> None:
    assert table([Replay("guild", (0, 2, 1))])[1].split(maxsplit=3) == ["guild", "3", "2", "[0, 2, 1]"]
