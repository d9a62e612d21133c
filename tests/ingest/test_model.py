"""The vocabulary: identity of scopes and events, and what each column type accepts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from ingest import model
from ingest.model import Scope
from tests.ingest.made_up import GOOD_ROW, HEADER, LANDED_AT, CountRow, fetch_of

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


def _accepts(annotation: Any, value: object, **context: object) -> object:  # noqa: ANN401
    return TypeAdapter(annotation).validate_python(value, context=context)


@pytest.mark.parametrize(
    ("annotation", "text", "expected"),
    [
        (model.Count, "0", 0),
        (model.Count, "9223372036854775807", 2**63 - 1),
        (model.Text, "  anvil ", "anvil"),
        (model.PastDate, "2021-01-05", date(2021, 1, 5)),
        (model.UtcTimestamp, "2021-01-05T12:00:00+02:00", datetime(2021, 1, 5, 10)),  # noqa: DTZ001
        (model.UtcTimestamp, "2021-01-05 12:00:00", datetime(2021, 1, 5, 12)),  # noqa: DTZ001
        (model.OptionalCount, "", None),
        (model.OptionalCount, "0", 0),
        (model.OptionalText, "", None),
        (model.OptionalTimestamp, "", None),
        (model.TextList, "1|4|12", ["1", "4", "12"]),
        (model.TextList, "", []),
    ],
)
def test_accepted_texts(annotation: object, text: str, expected: object) -> None:
    assert _accepts(annotation, text, landed_on=date(2021, 1, 5)) == expected


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (model.Count, "-1"),
        (model.Count, "1.5"),
        (model.Count, "many"),
        (model.Count, ""),
        (model.Count, "nan"),
        (model.Text, "   "),
        (model.PastDate, "2021-01-06"),
        (model.PastDate, "2021-02-30"),
        (model.PastDate, ""),
        (model.UtcTimestamp, ""),
        (model.OptionalCount, "-1"),
        (model.OptionalCount, " "),
        (model.ListedName, "tongs"),
    ],
)
def test_refused_texts(annotation: object, text: str) -> None:
    with pytest.raises(ValidationError):
        _accepts(annotation, text, landed_on=date(2021, 1, 5), names=frozenset({"anvil"}))


def test_a_listed_name_is_compared_after_trimming() -> None:
    assert _accepts(model.ListedName, " anvil ", names=frozenset({"anvil"})) == "anvil"


def test_without_context_names_and_dates_are_free() -> None:
    far = datetime.now(UTC).date() + timedelta(days=400)
    assert _accepts(model.PastDate, far.isoformat()) == far
    assert _accepts(model.ListedName, "tongs") == "tongs"


def test_a_zone_is_turned_into_utc() -> None:
    noon = datetime(2021, 1, 5, 12, tzinfo=timezone(timedelta(hours=-3)))
    assert _accepts(model.UtcTimestamp, noon) == datetime(2021, 1, 5, 15)  # noqa: DTZ001


def test_a_row_refuses_unknown_columns_and_change() -> None:
    fields: dict[str, Any] = dict(zip(HEADER.split(","), GOOD_ROW.split(","), strict=True))
    row = CountRow.model_validate(fields)
    with pytest.raises(ValidationError, match="frozen"):
        row.sold = 8  # type: ignore[misc]
    with pytest.raises(ValidationError, match="Extra inputs"):
        CountRow.model_validate({**fields, "colour": "red"})
