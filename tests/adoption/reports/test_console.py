"""Rows on a terminal and behind a pipe: every value is there, as it is.

Belongs here: how values are laid out. Does not belong here: which rows there are.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from adoption.reports.console import json_of, json_of_rows, print_values, table_lines, table_of, text_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
PRINTABLE = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=12)
TABLES = st.integers(1, 5).flatmap(
    lambda wide: st.tuples(
        st.lists(PRINTABLE, min_size=wide, max_size=wide),
        st.lists(st.lists(PRINTABLE, min_size=wide, max_size=wide), max_size=4),
    )
)


@given(VALUES)
def test_json_means_the_value_again(value: object) -> None:
    assert json.loads(json_of(value)) == value


@given(st.lists(st.lists(VALUES, min_size=2, max_size=2)))
def test_rows_are_an_array_of_objects(rows: list[list[object]]) -> None:
    assert json.loads(json_of_rows(["a", 'b"c'], rows)) == [dict(zip(["a", 'b"c'], row, strict=True)) for row in rows]


@pytest.mark.parametrize(
    ("value", "text", "written"),
    [
        (None, "", "null"),
        (True, "true", "true"),
        (Decimal("1.50"), "1.50", "1.50"),
        (Decimal("12345678901234567890.123456789"),) + ("12345678901234567890.123456789",) * 2,
        (float("nan"), "nan", '"NaN"'),
        (float("-inf"), "-inf", '"-Infinity"'),
        (2**80, str(2**80), str(2**80)),
        (date(2020, 1, 31), "2020-01-31", '"2020-01-31"'),
        (datetime(2020, 1, 31, 5), "2020-01-31 05:00:00", '"2020-01-31 05:00:00"'),  # noqa: DTZ001 - as DuckDB gives it
        (["a", None, 1], '["a", null, 1]', '["a", null, 1]'),
        ({1: Decimal("0.1")}, '{"1": 0.1}', '{"1": 0.1}'),
        (b"\x00\xff", "00ff", '"00ff"'),
    ],
)
def test_a_value_of_each_type(value: object, text: str, written: str) -> None:
    assert text_of(value) == text
    assert json_of(value) == written


@given(TABLES, st.integers(1, 80))
def test_on_a_terminal_every_value_is_there_whole_and_a_table_is_no_wider(
    table: tuple[list[str], list[list[str]]], width: int
) -> None:
    columns, rows = table
    lines = list(table_lines(columns, rows, width))

    for text in [*columns, *(text for row in rows for text in row)]:
        assert any(text in line for line in lines) or not rows
    is_table = len(lines) == 1 + len(rows or ["no rows"]) and not lines[0].startswith("row 1")
    assert not is_table or all(cell_len(line) <= max(width, 7) for line in lines)


def test_a_terminal_is_given_no_orders() -> None:
    rows = [["\x1b[2J", "a\rb"], ["caf\u00e9\u00a0au", "\x07"]]
    lines = list(table_lines(["plain", "\x1b]0;title\x07"], rows, 200))
    assert lines[0].split() == ["plain", r"\x1b]0;title\x07"]
    assert [line.split() for line in lines[1:]] == [[r"\x1b[2J", r"a\x0db"], ["caf\u00e9", "au", r"\x07"]]


def test_columns_of_one_name_are_told_apart_in_json() -> None:
    text = json_of_rows(["a", "a", "a_1", "a"], [[1, 2, 3, 4]])
    assert json.loads(text) == [{"a": 1, "a_2": 2, "a_1": 3, "a_3": 4}]


def test_a_wide_row_or_a_text_of_two_lines_is_a_block() -> None:
    assert list(table_lines(["a", "bb"], [["1", "2"]], 5)) == ["a  bb", "1  2"]
    assert list(table_lines(["a", "bb"], [["1", "2"]], 4)) == ["row 1", "a   1", "bb  2"]
    assert list(table_lines(["a"], [["1\n2"]], 80)) == ["row 1", "a  1\n2"]
    assert list(table_lines(["a", "b"], [], 80)) == ["a  b", "no rows"]


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2)))
def test_in_a_pipe_a_row_is_a_line_and_a_value_a_field(rows: list[list[str]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        output = io.StringIO()
        patch.setattr("sys.stdout", output)
        print_values(["a", "b"], rows, "table")
    assert [line.count("\t") for line in output.getvalue().removesuffix("\n").split("\n")] == [1] * (1 + len(rows))


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")), min_size=2, max_size=2)
    )
)
def test_csv_means_the_texts_again(rows: list[list[str]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        output = io.StringIO()
        patch.setattr("sys.stdout", output)
        print_values(["a", "b"], rows, "csv")
    assert list(csv.reader(io.StringIO(output.getvalue(), newline=""))) == [["a", "b"], *rows]


@pytest.mark.parametrize("text", ["a:100:b", "[red]x[/red]", "[/x]", "[x]"])
def test_rows_of_a_failing_check_are_no_markup(text: str) -> None:
    console = Console(file=io.StringIO(), width=80)
    with console.capture() as output:
        console.print(table_of([{text: text}]))
    assert output.get().split() == [text, text]
