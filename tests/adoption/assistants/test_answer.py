"""An answer fits: whole lines are left out, what closes it never is.

Belongs here: lengths. Does not belong here: what answers say (tests/end_to_end/test_assistants.py).
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adoption.assistants.answer import LIMIT, Response, clauses, clipped

LINES = st.lists(st.text("ab c", max_size=400), max_size=12)


@given(LINES)
def test_an_answer_is_never_longer_than_its_limit_and_keeps_head_and_close(lines: list[str]) -> None:
    text = Response("Head.", lines, ["Close."], "ask less").text()
    assert len(text) <= LIMIT
    assert text.startswith("Head.\n")
    assert text.endswith("\nClose.")
    shown = [line for line in text.split("\n")[1:-1] if "left out" not in line]
    assert shown == lines[: len(shown)]
    if len(shown) < len(lines):
        assert f"({len(lines) - len(shown)} more line" in text


def test_a_head_that_is_too_long_is_cut() -> None:
    assert len(Response("word " * 1_000, [], ["Close."]).text()) <= LIMIT


def test_a_text_is_cut_between_words() -> None:
    assert clipped("one two three", 9) == "one two…"
    assert clipped("one two", 9) == "one two"


def test_a_clause_is_said_once() -> None:
    assert clauses("a; b; a", 100) == "a; b"
    assert clauses(None, 100) == ""
