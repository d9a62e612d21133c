"""ClickPy's largest packages: what is asked, what is landed when a part is refused, and what is no answer.

Belongs here: the connector and its rows. Does not belong here: the cohort (dbt's unit tests), or whether the SQL means
what these answers say (tests/ingest/clients/test_clickhouse_engine.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.sources import clickpy
from tests.ingest.made_clickpy import BUSY, MadeClickPy, answer, months_between
from tests.ingest.one_source import OneSource, named
from tests.ingest.publisher import Heard, Publisher, Say, publishing

TODAY = datetime(2020, 6, 20, 12, tzinfo=UTC)
YEAR = (date(2019, 1, 1), date(2020, 1, 1))
PACKAGES = [f"package-{place:03}" for place in range(600)]


def made(*, packages: int = 600) -> MadeClickPy:
    """A log in which a package has the less the later it is in the alphabet, and one mirror copies each."""
    downloads = {
        (package, month, installer): (1_000 - place) * share
        for place, package in enumerate([BUSY, *PACKAGES[: packages - 1]])
        for month in months_between(date(2019, 1, 1), date(2020, 6, 1))
        for installer, share in (("pip", 3), ("uv", 1), ("bandersnatch", 2))
    }
    return MadeClickPy(downloads)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as server:
        yield server


@pytest.fixture
def world(tmp_path: Path, publisher: Publisher) -> OneSource:
    url = f"{publisher.url}/?user=demo&database=pypi&param_busy={BUSY}"
    return OneSource(tmp_path, "clickpy", url, *named("anvil"), today=TODAY, population=True)


def population(world: OneSource) -> list[tuple[Any, ...]]:
    assert set(world.load()) == {""}
    return world.rows(
        "select * exclude (extract_id, row_number) from raw.clickpy__population order by total desc, package"
    )


def test_names_are_asked_for_first_and_then_a_year_of_the_largest_packages(
    world: OneSource, publisher: Publisher
) -> None:
    server = made()
    publisher.answers("/", server)
    assert {outcome.result for outcome in world.refresh(YEAR)} == {"landed"}
    assert server.asked == ["package", "largest", "population", "part", "part", "part", "part"]
    last = publisher.heard[-1].params
    assert (last["param_from"], last["param_until"], last["read_overflow_mode"]) == (
        "2019-01-01",
        "2020-01-01",
        "throw",
    )
    assert world.refresh(YEAR) == []


def test_a_package_has_a_number_for_each_month_in_each_way_of_counting(world: OneSource, publisher: Publisher) -> None:
    publisher.answers("/", made())
    world.refresh((date(2019, 1, 1), date(2019, 4, 1)))
    rows = population(world)
    assert len(rows) == 600
    package, month, total, every, pip, without, days, smallest, smallest_by = rows[1]
    assert (package, month, total) == ("package-000", date(2019, 1, 1), 17 * 999 * 6)
    assert (every, pip, without) == (["5994"] * 3, ["2997"] * 3, ["3996"] * 3)
    assert days == ["31", "28", "31"]
    # all there are: nobody is left out
    assert (smallest, smallest_by) == (0, 0)


def test_a_full_list_says_what_its_last_had_of_all_time(
    world: OneSource, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clickpy, "FIRST", 500)
    publisher.answers("/", made())
    world.refresh(YEAR)
    rows = population(world)
    assert len(rows) == 500
    assert {row[-2] for row in rows} == {17 * (1_000 - 499) * 6}


def test_what_the_server_refuses_to_read_is_not_known(world: OneSource, publisher: Publisher) -> None:
    server = made()
    calls = []

    def refusing(heard: Heard) -> Say:
        calls.append(heard)
        server.refuses = {"part"} if sum("pip_only_0" in call.body.decode() for call in calls) > 1 else set()
        return server(heard)

    publisher.answers("/", refusing)
    assert {outcome.result for outcome in world.refresh(YEAR)} == {"landed"}
    rows = population(world)
    assert [bool(row[4]) for row in rows] == [True] * 250 + [False] * 350
    assert all(len(row[3]) == 12 for row in rows)
    assert {row[-1] for row in rows} == {17 * (1_000 - 249) * 6}
    event = next(event for event in world.events() if event.scope.table == "population")
    assert "TOO_MANY_ROWS" in event.request["refused"]


@pytest.mark.parametrize("kind", ["largest", "population"])
def test_a_population_that_would_read_too_much_is_absent_and_is_no_failure(
    world: OneSource, publisher: Publisher, kind: str
) -> None:
    server = made()
    server.refuses = {kind}
    publisher.answers("/", server)
    assert [outcome.result for outcome in world.refresh(YEAR)] == ["landed", "absent"]
    assert population(world) == []
    server.refuses = set()
    assert world.refresh(YEAR) == []


def spoilt(change: Callable[[str, list[dict[str, Any]]], object]) -> Callable[[Heard], Say]:
    """The made answers with something changed, for a kind of question."""
    server = made(packages=300)

    def say(heard: Heard) -> Say:
        document = json.loads(server(heard).data)
        if "package" not in server.asked[-1:]:
            change(server.asked[-1], document["data"])
        return answer(document["data"], [column["name"] for column in document["meta"]])

    return say


def only(kind: str, change: Callable[[list[dict[str, Any]]], object]) -> Callable[[str, list[dict[str, Any]]], object]:
    return lambda kind_requested, rows: change(rows) if kind_requested == kind else None


@pytest.mark.parametrize(
    ("change", "why"),
    {
        "a stranger": (only("population", lambda rows: rows[5].update(project="stranger")), "found 'stranger'"),
        "a stranger in a part": (only("part", lambda rows: rows and rows[0].update(project="pip2")), "found 'pip2'"),
        "a package twice": (only("population", lambda rows: rows.append(rows[0])), "one row for each package"),
        "a package twice in the list": (only("largest", lambda rows: rows.append(rows[-1])), "the largest first"),
        "in no order": (only("largest", lambda rows: rows.reverse()), "the largest first"),
        "none": (only("largest", lambda rows: rows.clear()), "the largest first"),
        "a month too many": (only("population", lambda rows: rows[0].update(downloads_3="5")), "was not asked for"),
        "no number": (only("population", lambda rows: rows[0].update(downloads_0="-5")), "expected a whole number"),
        "two busy ones": (only("population", lambda rows: rows[0].update(busy="x")), "one busy package"),
    }.values(),
)
def test_what_is_no_answer_lands_nothing_and_is_asked_again(
    world: OneSource, publisher: Publisher, change: Callable[[str, list[dict[str, Any]]], object], why: str
) -> None:
    window = (date(2019, 1, 1), date(2019, 4, 1))
    publisher.answers("/", spoilt(change))
    outcomes = world.refresh(window)
    assert [outcome.result for outcome in outcomes] == ["landed", "failed"]
    assert why in outcomes[1].reason
    publisher.answers("/", made(packages=300))
    assert [outcome.result for outcome in world.refresh(window)] == ["landed"]
    assert len(population(world)) == 300


def test_a_file_may_bring_a_population() -> None:
    row = {
        "package": "x", "month_date": "2019-01-01", "total": 9, "all_installers": "1|2", "pip_only": "",
        "without_mirrors": "", "days_held": "31|28", "smallest_total": 0, "smallest_total_by_installer": "",
    }  # fmt: skip
    context = {"landed_on": date(2020, 1, 1), "names": set()}
    assert clickpy.PopulationRow.model_validate(row, context=context).all_installers == ["1", "2"]
    for wrong in ({"pip_only": "1"}, {"days_held": "31"}, {"all_installers": "1|x"}):
        with pytest.raises(ValueError, match=r"months|no count"):
            clickpy.PopulationRow.model_validate({**row, **wrong}, context=context)
