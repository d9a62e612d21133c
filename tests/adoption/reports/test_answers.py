"""How much of each year is answered, on a brief of a few lines."""

from __future__ import annotations

import duckdb
import pytest

from adoption.reports.answers import read

COLUMNS = "year, entity_id, against_entity_id, line_kind, line_number, channel, move, direction, lead"
LINES = [
    (2024, "ab", "c", "headline", 1, None, None, None, None),
    (2024, "ab", "c", "channel", 2, "downloads", "up", "up", "trails"),
    (2024, "ab", "c", "channel", 3, "GitHub", "faster", "up", "mixed"),
    (2024, "ab", "c", "metric", 4, "GitHub", "up", "up", "leads"),
    (2024, "ab", "c", "channel", 5, "surveys", "inconclusive", "inconclusive", "inconclusive"),
    (2024, "ab", "c", "channel", 6, "papers", "no data", "no data", None),
    # something was added, but how fast beside the year before is not known
    (2024, "ab", "c", "channel", 7, "use", "not comparable", "up", None),
    (2025, "ab", "c", "channel", 1, "downloads", "not comparable", "not comparable", "leads"),
    (2025, "ab", "d", "channel", 1, "downloads", "down", "down", "leads"),
]


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    made.execute("create schema marts")
    made.execute(
        """create table marts.rpt_brief (year integer, entity_id varchar, against_entity_id varchar, line_kind varchar,
           line_number integer, channel varchar, move varchar, direction varchar,
           lead varchar)"""
    )
    made.execute("create table marts.dim_metrics as select 'm' as metric_id, 'papers' as channel")
    made.execute(
        """create table marts.fct_year_to_date as
           select unnest([2024, 2025]) as year, 'm' as metric_id, 'contender' as entity_type, 'ab' as entity_id,
                  'all' as segment, 'steady' as direction"""
    )
    made.executemany(f"insert into marts.rpt_brief ({COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)", LINES)
    return made


def test_a_direction_and_a_leader_are_answers_and_metrics_are_no_channels(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    actual = read(connection, "ab", "c")
    assert [(line.year, line.directions, line.leads) for line in actual] == [
        # of papers nothing compares but the months of a year that is not over
        (2024, ("downloads", "GitHub", "papers"), ("downloads",)),
        (2025, (), ("downloads",)),
    ]
    assert actual[0].counts == (3, 1)
