"""The bench of mutants: one change at a time, where words are what they seem to be; the table counts rightly."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from bench.mutants import Mutant, Verdict, chosen, mutants_of, table

pytestmark = pytest.mark.slow

SQL = """-- sum of 3, where nothing is changed
with final as (
    select coalesce(a.value, greatest(b.value, 0)) as value, count(*) as rows, '2 < 3' as text, a.left
    from a left join b on a.id = b.id and a.day <= b.day
    where a.kind is distinct from b.kind and a.last is not null
    union all
    select distinct sum, 1 as rows, 'x' as text, null from c
)
select * from final
"""


def changed(kind: str) -> list[str]:
    """What stands where, by each mutant of a kind."""
    return [
        f"{SQL[mutant.start : mutant.end]} -> {mutant.text}"
        for mutant in mutants_of("model", SQL)
        if mutant.kind == kind
    ]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("coalesce dropped", ["coalesce(a.value, greatest(b.value, 0)) -> (a.value)"]),
        ("aggregate", ["greatest -> least"]),
        ("constant", ["0 -> 1", "1 -> 2"]),
        ("join", ["left -> inner"]),
        ("comparison", ["<= -> <"]),
        ("and, or", ["and -> or", "and -> or"]),
        ("filter removed", ["where -> where true or"]),
        ("null", ["is not -> is"]),
        ("union", ["union all -> union"]),
        ("distinct removed", ["distinct -> "]),
        ("arithmetic", []),
        ("neighbour", []),
    ],
)
def test_a_word_is_changed_where_it_is_what_it_seems(kind: str, expected: list[str]) -> None:
    assert changed(kind) == expected


def test_a_mutant_differs_in_one_place_and_knows_its_line() -> None:
    [mutant] = [candidate for candidate in mutants_of("model", SQL) if candidate.kind == "join"]
    assert mutant.line == 4
    assert mutant.of(SQL) == SQL.replace("left join", "inner join")


def test_models_and_kinds_have_their_turn() -> None:
    every = [Mutant(model, kind, 1, 0, 1, "") for model in "abc" for kind in ("join", "join", "constant")]
    selected = chosen(every, 4, seed=1)

    assert {mutant.model for mutant in selected} == {"a", "b", "c"}
    assert sorted(mutant.kind for mutant in selected) == ["constant", "constant", "join", "join"]
    assert selected == chosen(every, 4, seed=1)
    assert len(chosen(every, 99, seed=1)) == len(every)


def test_the_share_is_of_those_that_are_not_equivalent() -> None:
    mutant = Mutant("model", "join", 1, 0, 1, "")
    lines = table([replace(mutant, verdict=verdict) for verdict in get_args(Verdict)])

    assert lines[-1].split() == ["all", "6", "1", "1", "1", "1", "1", "1", "80", "%"]
