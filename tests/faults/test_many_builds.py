"""Build after build after build: what Dagster records of them does not grow without end.

Belongs here: the size after many builds. Does not belong here: which runs go (tests/orchestration/test_retention).
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conftest import World, run_build
from tests.faults.mutations import say
from tests.faults.soak import times

pytestmark = [pytest.mark.slow, pytest.mark.processes, pytest.mark.soak]

SETTLED = 5
"""After so many builds every file has been written anew once."""


def size_of(world: World) -> int:
    return sum(path.stat().st_size for path in world.dagster_home.rglob("*") if path.is_file())


def test_the_storage_of_many_builds_is_that_of_a_few(world: World) -> None:
    """As if each build came when the runs before it are older than they are kept."""
    old = replace(world, keep_days=0)
    sizes = []
    for _ in range(times(100)):
        assert run_build(old).outcome.published
        sizes.append(size_of(old))
    say(f"{len(sizes)} builds: {sizes[0] / 2**20:.1f} MB after the first, {sizes[-1] / 2**20:.1f} MB after the last")
    assert max(sizes[SETTLED:]) <= 1.5 * max(sizes[:SETTLED])
