"""The vocabulary: identity of scopes and events, and what each column type accepts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ingest.model import Scope
from tests.ingest.made_up import LANDED_AT, fetch_of

SCOPE = Scope("counts", date(2020, 1, 1), date(2020, 2, 1), ("a", "b"), "x")


def test_scope_key_ignores_the_order_of_terms() -> None:
    assert SCOPE.key == replace(SCOPE, terms=("b", "a")).key


@pytest.mark.parametrize(
    "other",
    [
        replace(SCOPE, table="notes"),
        replace(SCOPE, period_start=date(2020, 1, 2)),
        replace(SCOPE, period_end=date(2020, 2, 2)),
        replace(SCOPE, terms=("a",)),
        replace(SCOPE, terms=("ab",)),
        replace(SCOPE, terms=()),
        replace(SCOPE, terms=None),
        replace(SCOPE, label="y"),
    ],
)
def test_scope_key_tells_other_scopes_apart(other: Scope) -> None:
    assert SCOPE.key != other.key


def test_extract_id_is_of_source_scope_bytes_moment_and_kind() -> None:
    fetch = fetch_of(b"x")
    others = [
        replace(fetch, source="other"),
        replace(fetch, scope=SCOPE),
        replace(fetch, sha256="0" * 64),
        replace(fetch, landed_at=LANDED_AT + timedelta(microseconds=1)),
        replace(fetch, kind="retracted"),
    ]
    assert len({fetch.extract_id, *(other.extract_id for other in others)}) == 6
    assert replace(fetch, licence="MIT").extract_id == fetch.extract_id
    assert fetch.extract_id.startswith("guild_counts-")
