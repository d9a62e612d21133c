"""docs/sql.md: every query runs on the published file, and the answer shown is the answer given.

Belongs here: running what the page says. Does not belong here: what the macros compute (tests/end_to_end).
With `--update-snapshots` the answers are written instead of compared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pytest

from adoption.settings import REPOSITORY, Settings

PAGE = REPOSITORY / "docs" / "sql.md"
BLOCK = re.compile(r"```sql *(?P<word>\w*)\n(?P<query>.*?)\n```\n(?:\n```text\n(?P<answer>.*?)\n```\n)?", re.DOTALL)
WORDS = {"", "empty", "error"}


@dataclass(frozen=True)
class Block:
    """A query of the page: what it promises (rows, `empty` or `error`), and the answer shown below it."""

    word: str
    query: str
    answer: str | None


def blocks() -> list[Block]:
    return [Block(**match.groupdict()) for match in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))]


def answer_of(connection: duckdb.DuckDBPyConnection, block: Block) -> str:
    """The answer as the page shows it."""
    if block.word == "error":
        with pytest.raises(duckdb.Error) as error:
            connection.execute(block.query)
        return wrapped(str(error.value))
    result = connection.execute(block.query)
    columns = [column[0] for column in result.description or ()]
    rows = result.fetchall()
    assert bool(rows) is (block.word != "empty"), f"{len(rows)} rows of: {block.query}"
    return laid_out(columns, rows)


def wrapped(text: str, width: int = 116) -> str:
    return re.sub(rf"(.{{1,{width}}})(?:\s+|$)", r"\1\n", text).rstrip()


def laid_out(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Rows in aligned columns, numbers to the right; null is shown as a dot."""
    texts = [["·" if value is None else str(value) for value in row] for row in rows]
    widths = [max(map(len, cells)) for cells in zip(columns, *texts, strict=True)]
    right = [any(isinstance(row[place], int | float) for row in rows) for place in range(len(columns))]

    def line(cells: Sequence[str]) -> str:
        padded = (cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(cells, widths, right, strict=True))
        return "  ".join(padded).rstrip()

    return "\n".join([line(columns), *map(line, texts)])


def test_the_page_asks_at_least_a_dozen_questions() -> None:
    assert len(blocks()) >= 12
    assert PAGE.read_text(encoding="utf-8").count("```sql") == len(blocks())
    assert {block.word for block in blocks()} == WORDS


def test_every_answer_is_the_one_shown(built: Settings, request: pytest.FixtureRequest) -> None:
    with duckdb.connect(str(built.published), read_only=True) as connection:
        answers = {block.query: answer_of(connection, block) for block in blocks()}
    if request.config.getoption("--update-snapshots"):
        PAGE.write_text(BLOCK.sub(lambda match: written(match, answers), PAGE.read_text(encoding="utf-8")))
    assert {block.query: block.answer for block in blocks()} == answers


def written(match: re.Match[str], answers: dict[str, str]) -> str:
    word = f" {match['word']}" if match["word"] else ""
    return f"```sql{word}\n{match['query']}\n```\n\n```text\n{answers[match['query']]}\n```\n"
