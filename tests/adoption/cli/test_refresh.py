"""What `adoption refresh` says, and the periods that people may name."""

from __future__ import annotations

from datetime import date

import pytest

from adoption.cli.refresh import UnreadablePeriodError, window_of
from adoption.reports.refresh import reasons, summary, timetable
from ingest.catalog import load_catalog
from ingest.model import Scope
from ingest.plan import ALL_TIME
from ingest.refresh import RequestOutcome

DOWN = "GET there: no connection: refused"


def outcome(month: int, result: str, reason: str = "") -> RequestOutcome:
    scope = Scope("counts", date(2020, month, 1), date(2020, month + 1, 1), ("anvil",))
    return RequestOutcome(scope, result, reason)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("first", "last", "window"),
    [
        (None, None, ALL_TIME),
        ("2019", "2020", (date(2019, 1, 1), date(2021, 1, 1))),
        ("2019-03", "2019-03", (date(2019, 3, 1), date(2019, 4, 1))),
        (None, "2020-12", (date.min, date(2021, 1, 1))),
    ],
)
def test_a_window_is_said_in_years_or_months_both_within(
    first: str | None, last: str | None, window: tuple[date, date]
) -> None:
    assert window_of(first, last) == window


@pytest.mark.parametrize(("first", "last"), [("soon", None), ("2020-13", None), ("2021", "2020"), ("2020-1-1", None)])
def test_what_is_no_window_is_refused_in_words(first: str, last: str | None) -> None:
    with pytest.raises(UnreadablePeriodError, match=r"expected a year such as 2020|must not lie after"):
        window_of(first, last)


def test_outcomes_are_counted_by_what_became_of_them() -> None:
    assert summary([]) == "nothing to fetch: everything expected is available"
    outcomes = [outcome(1, "landed"), outcome(2, "landed"), outcome(3, "failed", "x"), outcome(4, "not fetched", "y")]
    assert summary(outcomes) == "2 landed, 1 failed, 1 not fetched"


def test_a_reason_is_said_once_with_the_periods_it_concerns() -> None:
    outcomes = [
        outcome(1, "landed"),
        outcome(2, "failed", DOWN),
        *(outcome(month, "not fetched", DOWN) for month in (3, 4)),
    ]
    assert list(reasons(outcomes)) == [
        f"1 failed (2020-02-01 to 2020-02-29): {DOWN}",
        f"2 not fetched (2020-03-01 to 2020-04-30): {DOWN}",
    ]


def test_many_reasons_are_cut_and_counted() -> None:
    lines = list(reasons([outcome(month, "failed", f"reason {month}") for month in range(1, 9)]))
    assert len(lines) == 6
    assert lines[-1] == "and 3 other reasons"


def test_the_timetable_names_every_source_once() -> None:
    from adoption.settings import Settings

    catalog = load_catalog(Settings().catalog)
    named = [
        name.strip() for _, lines in timetable(catalog, {}) for line in lines for name in line.split(":")[0].split(",")
    ]
    assert sorted(named) == sorted(source.id for source in catalog.sources)
