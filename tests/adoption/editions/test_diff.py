"""What moved between two files, by how much and why, on files small enough to be read here."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from adoption.editions.diff import Comparison, Difference, DiffError, compare, keys_of
from adoption.editions.diff_report import print_comparison
from adoption.editions.store import EditionError
from adoption.publish.metadata import BUILD_INPUTS
from adoption.publish.reader import NotPublishedError
from adoption.settings import REPOSITORY, Settings

TABLES = """
create schema marts; create schema meta;
create table marts.dim_tools (tool varchar, position bigint);
create table marts.fct_observations (
    series_id varchar, period_start date, period_end date, metric_id varchar, source_id varchar, extract_id varchar,
    value double, numerator double, denominator double, low double, high double
);
create table marts.fct_ranks (series_id varchar, metric_id varchar, source_id varchar, rank_low integer,
    position bigint, direction varchar, label varchar);
create table marts.fct_verdicts (claim_id varchar, reading_id varchar, verdict varchar, value double);
create table meta.extracts (extract_id varchar, source_id varchar, scope_key varchar, filename varchar, kind varchar,
    retracts varchar, reason varchar, landed_at timestamp, status varchar, available_at timestamp);
"""
MARTS_YML = """
models:
  - name: fct_observations
    data_tests: [{unique_combination: {arguments: {columns: [series_id, period_start, period_end]}}}]
  - name: fct_ranks
    data_tests: [{unique_combination: {arguments: {columns: [series_id]}}}]
  - name: fct_verdicts
    data_tests: [{unique_combination: {arguments: {columns: [claim_id, "coalesce(reading_id, 'none')"]}}}]
"""
RULES = {"catalog": "c1", "dbt_project": "d1", "code": "p1"}
Facts = Mapping[str, tuple[str, float]]


@dataclass(frozen=True)
class Small(Settings):
    """A data folder with a dbt project that only names the keys of three marts."""

    project: Path = field(default=Path())

    @property
    def dbt_project(self) -> Path:
        return self.project

    def file(self, name: str, facts: Facts, extracts: str = "('e1', 'guild', 'k', 'tools.csv')", **more: Any) -> str:
        """A file with one observation a series: its extract and value. `extracts`: rows of id, source, scope, file."""
        path = self.data / f"{name}.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute(TABLES)
            for series, (extract, value) in facts.items():
                row = [series, "sold", "guild", extract, value]
                connection.execute(
                    "insert into marts.fct_observations by name select ? as series_id, "
                    "date '2020-01-01' as period_start, date '2020-02-01' as period_end, "
                    "? as metric_id, ? as source_id, ? as extract_id, ? as value",
                    row,
                )
            connection.execute(
                "insert into meta.extracts by name select *, 'landed' as kind, 'loaded' as status, "
                f"timestamp '2021-01-05' as landed_at "
                f"from (values {extracts}) as t (extract_id, source_id, scope_key, filename)"
            )
            for statement in more.get("sql", ()):
                connection.execute(statement)
            BUILD_INPUTS.write(connection, more.get("rules", RULES).items())
        return str(path)


@pytest.fixture
def small(tmp_path: Path) -> Small:
    folder = tmp_path / "project" / "models" / "marts"
    folder.mkdir(parents=True)
    (folder / "_models.yml").write_text(MARTS_YML)
    return Small(data=tmp_path, project=tmp_path / "project")


def only(comparison: Comparison) -> Difference:
    (difference,) = comparison.differences
    return difference


def test_a_number_that_moved_is_named_with_its_key_and_by_how_much(small: Small) -> None:
    before = small.file("a", {"anvil": ("e1", 10), "hammer": ("e1", 5)})
    after = small.file("b", {"anvil": ("e1", 12), "hammer": ("e1", 5)}, rules={**RULES, "catalog": "c2"})

    moved = only(compare(small, before, after))

    assert (moved.table, moved.column, moved.kind) == ("fct_observations", "value", "moved")
    assert moved.key == {"series_id": "anvil", "period_start": date(2020, 1, 1), "period_end": date(2020, 2, 1)}
    assert (moved.before, moved.after, moved.difference, moved.difference_pct) == (10, 12, 2, 20)


def test_a_file_compared_with_itself_has_no_difference(small: Small) -> None:
    file = small.file("a", {"anvil": ("e1", 10)})
    assert compare(small, file, file) == Comparison([], (), ())


def test_what_is_known_in_one_file_only_appeared_or_is_gone(small: Small) -> None:
    before = small.file("a", {"anvil": ("e1", 10)})
    after = small.file("b", {"tongs": ("e1", 0)})

    actual = {
        (difference.key["series_id"], difference.kind, difference.before, difference.after)
        for difference in compare(small, before, after).differences
    }

    assert actual == {("anvil", "gone", 10, None), ("tongs", "appeared", None, 0)}


def test_turns_come_first_and_positions_labels_and_dimensions_are_no_figures(small: Small) -> None:
    ranks = "insert into marts.fct_ranks values ('anvil', 'sold', 'guild', {}, {}, '{}', '{}')"
    verdict = "insert into marts.fct_verdicts values ('claim', null, '{}', 1)"
    dim = "insert into marts.dim_tools values ('anvil', {})"
    before = small.file(
        "a", {"anvil": ("e1", 1)}, sql=[ranks.format(1, 1, "up", "x"), verdict.format("reproduced"), dim.format(1)]
    )
    after = small.file(
        "b", {"anvil": ("e1", 2)}, sql=[ranks.format(2, 9, "down", "y"), verdict.format("contradicted"), dim.format(2)]
    )

    actual = [
        (difference.kind, difference.column, difference.before, difference.after)
        for difference in compare(small, before, after).differences
    ]

    assert actual == [
        ("turned", "rank_low", 1, 2),
        ("turned", "direction", "up", "down"),
        ("turned", "verdict", "reproduced", "contradicted"),
        ("moved", "value", 1, 2),
    ]


OLD = "('e1', 'guild', 'k', 'tools.csv')"
RETRACTED = """
insert into meta.extracts values
    ('r1', 'guild', 'k', 'tools.csv', 'retracted', 'e1', 'a slip', '2021-02-01', 'retracted', null)
"""
OUT = "update meta.extracts set available_at = '{}' where extract_id = '{}'"
AS_OF = {**RULES, "as_of": "2021-01-05"}


@pytest.mark.parametrize(
    ("facts", "extracts", "more", "kind", "behind"),
    [
        ({"anvil": ("e2", 12)}, f"{OLD}, ('e2', 'guild', 'k', 'tools.csv')", {}, "revision", ("e2",)),
        ({"anvil": ("e2", 12)}, f"{OLD}, ('e2', 'guild', 'l', 'more.csv')", {}, "new extract", ("e2",)),
        ({}, OLD, {"sql": [RETRACTED]}, "withdrawal", ("e1",)),
        ({}, f"{OLD}, ('e2', 'guild', 'k', 'tools.csv')", {}, "revision", ("e2",)),
        ({"anvil": ("e1", 12)}, OLD, {"rules": {**RULES, "dbt_project": "d2"}}, "rule", ()),
        ({"anvil": ("e1", 12)}, OLD, {"rules": AS_OF}, "release", ("e1",)),
        ({"anvil": ("e1", 12)}, OLD, {}, "unexplained", ()),
        # something new of another source explains nothing nearer, but it is all there is
        ({"anvil": ("e1", 12)}, f"{OLD}, ('e3', 'mint', 'k', 'coins.csv')", {}, "new extract", ("e3",)),
    ],
)
def test_a_difference_is_traced(
    small: Small, facts: Facts, extracts: str, more: dict[str, Any], kind: str, behind: tuple[str, ...]
) -> None:
    before = small.file("a", {"anvil": ("e1", 10)})
    after = small.file("b", facts, extracts, **more)

    why = only(compare(small, before, after)).why

    assert (why.kind, why.extracts) == (kind, behind)


NEWER = f"{OLD}, ('e2', 'guild', 'k', 'tools.csv')"
RANK = "insert into marts.fct_ranks values ('hammer', '{}', '{}', {}, 1, 'up', 'x')"


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        # landed in both; out in between
        (({}, OLD, [OUT.format("2021-02-01", "e1")]), ({"anvil": ("e1", 10)}, OLD, []), {"release"}),
        # the newer one was landed for that day only, and is silent on it: it explains nothing, also not of its source
        (
            ({}, NEWER, [OUT.format("2021-02-01", "e2"), RANK.format("melted", "guild", 1)]),
            ({"anvil": ("e1", 10)}, OLD, [RANK.format("melted", "guild", 2)]),
            {"release"},
        ),
        # of its moments nothing is known, and no row of it counts that day
        (({}, NEWER, []), ({"anvil": ("e1", 10)}, OLD, [RANK.format("melted", "guild", 2)]), {"release"}),
        # the newer one was landed since, and nothing of its scope was out that day
        (({}, OLD, []), ({"anvil": ("e2", 12)}, NEWER, []), {"release"}),
        # the older one was out that day, the newer one was landed since
        (
            ({"anvil": ("e1", 10)}, OLD, [OUT.format("2021-01-05 23:00", "e1")]),
            ({"anvil": ("e2", 12)}, NEWER, []),
            {"revision"},
        ),
        (({}, OLD, []), ({"anvil": ("e2", 12)}, "('e2', 'guild', 'l', 'more.csv')", []), {"new extract"}),
    ],
)
def test_what_was_not_out_on_a_day_explains_nothing_of_it(
    small: Small, before: tuple[Facts, str, list[str]], after: tuple[Facts, str, list[str]], kinds: set[str]
) -> None:
    that_day = small.file("a", before[0], before[1], sql=before[2], rules=AS_OF)
    today = small.file("b", after[0], after[1], sql=after[2])

    for sides in ((that_day, today), (today, that_day)):
        assert {difference.why.kind for difference in compare(small, *sides).differences} == kinds


def test_a_refused_extract_explains_nothing(small: Small) -> None:
    refused = "insert into meta.extracts (extract_id, source_id, scope_key, filename, kind, status) values "
    after = small.file(
        "b", {"anvil": ("e1", 12)}, sql=[f"{refused} ('e9', 'guild', 'k', 'x.csv', 'landed', 'refused')"]
    )
    assert only(compare(small, small.file("a", {"anvil": ("e1", 10)}), after)).why.kind == "unexplained"


def test_a_comparing_row_is_traced_through_the_observations_of_its_metric_and_source(small: Small) -> None:
    rank = "insert into marts.fct_ranks values ('hammer', 'sold', 'guild', {}, 1, 'up', 'x')"
    extracts = f"{OLD}, ('e2', 'guild', 'l', 'more.csv')"
    before = small.file("a", {"anvil": ("e1", 1)}, extracts=OLD, sql=[rank.format(1)])
    after = small.file("b", {"anvil": ("e2", 9)}, extracts=extracts, sql=[rank.format(2)])

    turned = compare(small, before, after).differences[0]

    assert (turned.key, turned.why.kind, turned.why.extracts) == ({"series_id": "hammer"}, "new extract", ("e2",))


@pytest.mark.parametrize("day", ["2021-02-30", "0000-01-01", "\u0662\u0660\u0662\u0661-01-01"])
def test_a_day_that_no_calendar_has_is_said_so(small: Small, tmp_path: Path, day: str) -> None:
    file = small.file("a", {})
    with pytest.raises(DiffError, match="no calendar has this day; expected one such as 2021-01-05"):
        compare(Settings(data=tmp_path), day, str(file))


def test_a_side_that_is_nothing_says_what_was_expected(small: Small, tmp_path: Path) -> None:
    file = small.file("a", {})
    with pytest.raises(DiffError, match=r"expected an edition such as 2020\.1, published, a day, or a DuckDB file"):
        compare(small, file, "nonsense")
    with pytest.raises(DiffError, match="Run `adoption build --as-of 2021-01-05`"):
        compare(small, "2021-01-05", file)
    with pytest.raises(EditionError, match=r"No edition 2020\.1; there are: none yet\."):
        compare(small, "2020.1", file)
    with pytest.raises(NotPublishedError):
        compare(small, "published", file)
    (tmp_path / "text.duckdb").write_text("no database")
    with pytest.raises(DiffError, match=r"text\.duckdb is not a published file of this version"):
        compare(small, file, str(tmp_path / "text.duckdb"))


def test_a_mart_without_a_partner_or_a_key_is_named(small: Small) -> None:
    before = small.file("a", {}, sql=["create table marts.fct_old (value double)"])
    after = small.file(
        "b", {}, sql=["create table marts.fct_old (value double)", "create table marts.rpt_new (v double)"]
    )
    assert compare(small, before, after).unmatched == ("fct_old", "rpt_new")


def test_every_mart_of_the_project_has_a_key() -> None:
    marts = {path.stem for path in (REPOSITORY / "dbt_project" / "models" / "marts").rglob("*.sql")}
    assert set(keys_of(REPOSITORY / "dbt_project")) == marts


def test_csv_and_json_hold_every_difference(small: Small, capsys: pytest.CaptureFixture[str]) -> None:
    facts = {f"tool{number:02}": ("e1", float(number)) for number in range(1, 16)}
    comparison = compare(small, small.file("a", {}), small.file("b", facts))

    print_comparison(comparison, "a to b", "csv")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(json.loads(row["key"])["series_id"], float(row["after"]), row["before"]) for row in rows] == [
        (series, value, "") for series, (_, value) in facts.items()
    ]
    print_comparison(comparison, "a to b", "json")
    assert [row["after"] for row in json.loads(capsys.readouterr().out)] == [value for _, value in facts.values()]


def test_the_page_shows_the_first_the_number_of_the_others_and_each_reason_once(
    small: Small, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    facts = {f"tool{number:02}": ("e2", float(number)) for number in range(1, 16)}
    extracts = f"{OLD}, ('e2', 'guild', 'l', 'more.csv')"
    before = small.file("a", {}, extracts=OLD)
    comparison = compare(small, before, small.file("b", facts, extracts, rules={**RULES, "catalog": "c2"}))

    print_comparison(comparison, "a to b", "table")
    page = capsys.readouterr().out
    assert "fct_observations  15 appeared" in page
    assert "tool10, 2020-01-01, 2020-02-01  value   not known     10        [1]" in page
    assert "tool11" not in page
    assert "and 5 more: --all, --csv or --json" in page
    assert page.count("new extract: more.csv of guild, landed 2021-01-05") == 1
    assert "Changed between the two: the catalog." in page
    print_comparison(comparison, "a to b", "table", everything=True)
    assert "tool15" in capsys.readouterr().out
    print_comparison(replace(comparison, differences=[], rules=()), "a to b", "table")
    assert "No number differs." in capsys.readouterr().out
