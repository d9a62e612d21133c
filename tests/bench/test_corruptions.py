"""The bench of corruptions at a small size: what it puts in is noticed, taken out again, and counted rightly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adoption.settings import Settings
from bench.corruptions import KINDS, Bench, Outcome, Target, chosen, half_of, table

pytestmark = pytest.mark.slow

STARS = Target("github_ranking", "github_stars", "total", "pytorch", "keras", 2020, "2020-06-01")


@pytest.fixture(scope="module")
def bench(built: Settings, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(built, tmp_path_factory.mktemp("bench"))


@pytest.fixture
def stars(bench: Bench) -> Iterator[Target]:
    """A snapshot of the stars that the warehouse has."""
    [target] = [
        candidate
        for candidate in bench.targets()
        if replace(candidate, day="", other="") == replace(STARS, day="", other="")
    ]
    yield replace(target, other=STARS.other)
    assert bench.outcome_of("one period is zero", replace(target, entity="nobody")).noticed_by == ()


@pytest.mark.parametrize(
    ("kind", "noticed_by"),
    [
        ("one period is zero", {"zero_between"}),
        ("two names exchanged for ever", {"anchor"}),
        ("a year is missing", {"control_total"}),
    ],
)
def test_a_corruption_is_noticed_by_what_it_contradicts(
    bench: Bench, stars: Target, kind: str, noticed_by: set[str]
) -> None:
    outcome = bench.outcome_of(kind, stars)
    assert noticed_by <= set(outcome.noticed_by)
    assert not outcome.is_silent


def test_nothing_is_noticed_where_nothing_was_changed(bench: Bench, stars: Target) -> None:
    outcome = bench.outcome_of("a year is zero", replace(stars, year=1999))
    assert (outcome.harm, outcome.published, outcome.noticed_by) == (0.0, 0.0, ())


def test_every_source_and_kind_has_its_turn() -> None:
    targets = [replace(STARS, source=f"source_{number}") for number in range(7)]
    selected = list(chosen(targets, 200, seed=1))

    assert {kind for kind, _ in selected} == set(KINDS)
    assert {target.source for _, target in selected} == {target.source for target in targets}
    assert selected == list(chosen(targets, 200, seed=1))
    assert selected != list(chosen(targets, 200, seed=2)) or len({target.day for target in targets}) == 1


def test_the_table_counts_what_is_wrong_and_withheld() -> None:
    outcomes = [
        Outcome("a year is zero", STARS, 1.0, 0.0, ("anchor",)),
        Outcome("a year is zero", STARS, 1.0, 0.05, ("anchor",)),
        Outcome("a year is zero", STARS, 0.05, 0.05, ()),
        Outcome("a year is zero", STARS, 0.04, 0.04, ()),
    ]
    lines = table(outcomes)

    [line] = [line for line in lines if line.startswith("a year is zero")]
    assert line.split()[4:10] == ["4", "3", "1", "1", "1", "33"]
    assert lines[-1].split()[:7] == ["all", "4", "3", "1", "1", "1", "33"]
    assert any(line.startswith(f"all, {half_of(STARS.source)}") for line in lines)


def test_it_needs_a_build(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Bench(Settings(data=tmp_path), tmp_path)
