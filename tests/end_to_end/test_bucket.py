"""A warehouse whose landing and publication lie in a bucket says the same as one in a folder.

Belongs here: builds on an S3 of this machine, compared figure by figure. Does not belong here: what a store does
(tests/ingest/test_storage.py), or kills (tests/faults).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from adoption.publish.publication import pull
from adoption.settings import Settings
from adoption.warehouse.landing import landing_of
from ingest.landing import Landing
from tests.conftest import GOOD_MONTHS, World, content_of, run_build

MORE_MONTHS = "anvil,2020-03-01,30,pypinfo,,c2\n"


Place = TypeVar("Place", bound=Settings)


def land_what_is_shipped(settings: Place, nothing: Path) -> Place:
    """Land every shipped extract, as it was, where the landing of `settings` lies, and ship nothing any more."""
    nothing.mkdir(exist_ok=True)
    moved = replace(settings, extracts=nothing)
    shipped, landing = Landing(settings.data / "unused", settings.extracts), landing_of(moved)
    for event in shipped.events():
        assert landing.land(event, shipped.path_of(event).read_bytes()) == event
    return moved


def differing(one: Path, other: Path) -> list[str]:
    """The tables that do not hold the same rows; what a build says of its machine and rules is left out."""
    left, right = content_of(one), content_of(other)
    return sorted(name for name in {*left, *right} if left.get(name) != right.get(name))


def test_a_small_world_in_a_bucket_says_what_it_says_in_a_folder(world: World, bucket: str, tmp_path: Path) -> None:
    world.land(MORE_MONTHS, name="more.csv", landed_at="2021-02-05T00:00:00+00:00")
    assert run_build(world).outcome.published
    away = replace(world, data=tmp_path / "away", landing_at=f"{bucket}/landing", publish_to=f"{bucket}/published")
    away = land_what_is_shipped(away, tmp_path / "nothing")

    made = run_build(away)

    assert made.outcome.published, made.output
    assert GOOD_MONTHS.encode() in b"".join(data for _, data in landing_of(away).store.contents("blobs/*/*"))
    assert differing(world.published, away.published) == []
    reader = Settings(data=tmp_path / "reader", publish_to=f"{bucket}/published")
    assert pull(reader)[1]
    assert differing(world.published, reader.published) == []

    # a bucket that does not answer is no empty landing
    lost = run_build(replace(away, landing_at="s3://nobody-made-it/landing"))
    assert not lost.outcome.published
    assert "s3://nobody-made-it/landing: listing events failed" in "".join(lost.outcome.failures)
    assert differing(world.published, away.published) == []


@pytest.mark.slow
def test_the_shipped_figures_in_a_bucket_are_those_in_the_folder(built: Settings, bucket: str, tmp_path: Path) -> None:
    away = Settings(data=tmp_path / "away", landing_at=f"{bucket}/landing", publish_to=f"{bucket}/published")
    away = land_what_is_shipped(away, tmp_path / "nothing")

    made = run_build(away)

    assert made.outcome.published, made.output
    assert differing(built.published, away.published) == []
    reader = Settings(data=tmp_path / "reader", publish_to=f"{bucket}/published")
    assert pull(reader)[1]
    assert differing(built.published, reader.published) == []
