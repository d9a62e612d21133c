"""docs/methodology.md: every number in bold and every table is what the published file answers.

Belongs here: running the queries in the page's source. Does not belong here: whether the method is right.
With `--update-snapshots` the numbers are written instead of compared.
"""

from __future__ import annotations

import re

import duckdb
import pytest

from adoption.settings import REPOSITORY, Settings

pytestmark = pytest.mark.slow

PAGE = REPOSITORY / "docs" / "methodology.md"
NUMBER = re.compile(r"\*\*(?P<said>[^*\n]+)\*\*<!-- (?P<query>select .*?) -->", re.DOTALL)
TABLE = re.compile(r"<!-- table\n(?P<query>.*?)\n-->\n(?P<said>(?:\|[^\n]*\n)+)", re.DOTALL)


def number(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    [(value,)] = connection.execute(query).fetchall()
    return str(value)


def table(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    result = connection.execute(query)
    names = [column[0] for column in result.description or ()]
    rows = result.fetchall()
    assert rows, query
    lines = [names, ["---"] * len(names), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def made(connection: duckdb.DuckDBPyConnection, text: str) -> str:
    """The page with the numbers of this file."""
    text = NUMBER.sub(lambda match: f"**{number(connection, match['query'])}**<!-- {match['query']} -->", text)
    return TABLE.sub(lambda match: f"<!-- table\n{match['query']}\n-->\n{table(connection, match['query'])}", text)


def test_the_numbers_are_those_of_the_build(built: Settings, request: pytest.FixtureRequest) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(NUMBER.findall(text)) >= 10
    assert len(TABLE.findall(text)) == text.count("<!-- table") >= 5
    with duckdb.connect(str(built.published), read_only=True) as connection:
        page = made(connection, text)
    if request.config.getoption("--update-snapshots"):
        PAGE.write_text(page, encoding="utf-8")
        return
    assert page == text, "run `pytest tests/docs --update-snapshots`"


def test_a_number_that_moved_is_found(built: Settings) -> None:
    with duckdb.connect(str(built.published), read_only=True) as connection:
        assert made(connection, "**7**<!-- select 8 -->") == "**8**<!-- select 8 -->"


def test_every_bold_number_has_a_query() -> None:
    bold = re.findall(r"\*\*([+-]?[\d,.]+)\*\*(?!<!--)", PAGE.read_text(encoding="utf-8"))
    assert bold == []
