"""The published facts, column by column, beside how they were when somebody last looked at the difference.

After a change that is meant:  python -m pytest tests/end_to_end/test_profile.py --update-snapshots, and read the diff:
each line that moved is a column whose figures moved. Right or wrong is for other tests to say; this one sees that
something moved, whatever it is, so that no change of a figure goes unread (bench/mutants.py counts on it).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

SNAPSHOT = Path(__file__).parent / "snapshots" / "profile.txt"
FACTS = """
    select table_name, list((column_name, data_type) order by column_index)
    from duckdb_columns()
    where schema_name = 'marts' and regexp_matches(table_name, '^(fct|rpt)_')
      and column_name <> 'landed_at' and not contains(column_name, 'extract_id')
    group by all
    order by all
"""
"""Tables and columns; what an extract's file is called and when it came is no figure."""
DIGITS = 6
"""Of a number that is no whole number: what another processor's last digit can not move."""
NUMBERS = ("DOUBLE", "BIGINT", "INTEGER", "HUGEINT")


def test_no_column_of_the_facts_has_changed_unseen(
    published: duckdb.DuckDBPyConnection, request: pytest.FixtureRequest
) -> None:
    profile = "".join(f"{line}\n" for line in profile_of(published))
    if request.config.getoption("--update-snapshots"):
        SNAPSHOT.write_text(profile, encoding="utf-8")
    assert profile == SNAPSHOT.read_text(encoding="utf-8"), "facts moved: if that is meant, run with --update-snapshots"


def test_one_figure_changes_the_lines_of_its_column_and_of_its_table() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.fct_made as select 1 as year, 1 / 3 as value union all select 2, null")
        before = list(profile_of(connection))
        connection.execute("update marts.fct_made set value = 0.4 where year = 1")
        after = list(profile_of(connection))
        connection.execute("update marts.fct_made set year = 3 - year")
        swapped = list(profile_of(connection))
    assert before[1:] == [
        f"  {'year':<36} {2:>7} {before[1].split()[2]}  1 to 2, sum 3",
        f"  {'value':<36} {1:>7} {before[2].split()[2]}  0.333333 to 0.333333, sum 0.333333",
    ]
    assert [old == new for old, new in zip(before, after, strict=True)] == [False, True, False]
    assert [old == new for old, new in zip(after, swapped, strict=True)] == [False, True, True]


def profile_of(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """For each table its rows and their digest; for each column values, digest, least, most, sum."""
    for table, columns in connection.execute(FACTS).fetchall():
        texts = [_text(f'"{name}"', data_type) for name, data_type in columns]
        row = "concat_ws('|', " + ", ".join(f"coalesce({text}, '')" for text in texts) + ")"
        parts = [f"count(*), {_digest(row)}"]
        for (name, data_type), text in zip(columns, texts, strict=True):
            parts.append(f'count("{name}"), {_digest(text)}, {_range(name, data_type)}')
        values = list(connection.execute(f"select {', '.join(parts)} from marts.{table}").fetchall()[0])
        yield f"{table}: {values[0]} rows, {values[1]}"
        for place, (name, _) in enumerate(columns):
            present, digest, span = values[2 + 3 * place : 5 + 3 * place]
            yield f"  {name:<36} {present:>7} {digest}  {span or ''}".rstrip()


def _text(expression: str, data_type: str) -> str:
    """A value as text that is the same on every processor."""
    return f"format('{{:.{DIGITS}g}}', {expression})" if data_type == "DOUBLE" else f"({expression})::varchar"


def _digest(text: str) -> str:
    """A digest of all values, whatever their order; another version of DuckDB may have another hash."""
    return f"lpad(to_hex(coalesce(sum(hash({text}) % 4294967296) % 4294967296, 0)::bigint), 8, '0')"


def _range(name: str, data_type: str) -> str:
    """The least and the greatest value, and of numbers their sum; nothing of texts and lists."""
    if data_type not in ("DATE", *NUMBERS):
        return "null"
    least, greatest, total = (_text(f'{function}("{name}")', data_type) for function in ("min", "max", "sum"))
    span = f"{least} || ' to ' || {greatest}"
    return span if data_type == "DATE" else f"{span} || ', sum ' || {total}"
