"""Whatever a text holds, Markdown shows it as it is: held against a reader of Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from adoption.markdown import CODE, cell, plain, table

READER = MarkdownIt("gfm-like", {"linkify": False, "html": True})
PIECES = [
    *"`*_[]()<>!|\\&#-+=~:.'\" 1aé\n\t",
    "<script>", "&lt;", "&#60;", "](javascript:x)", "![", "---", "===", "1. ", "- ", "# ", "~~", "__", "a_b",
    "\\`", "`x`", "|---|", "[]", "[](x)", "[x]: y", "<!--", "<a@b.c>", "https://",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
PLAIN = {"text", "text_special", "code_inline", "softbreak"}
CONTEXTS = {
    "paragraph": ("{}", ["paragraph_open", "inline", "paragraph_close"]),
    "list": (
        "* {}",
        ["bullet_list_open", "list_item_open", "paragraph_open", "inline", "paragraph_close", "list_item_close",
         "bullet_list_close"],
    ),
}  # fmt: skip


def rendered(inline: Token) -> str:
    """What a reader sees; it must be text or code and nothing else."""
    children = inline.children or []
    assert {child.type for child in children} <= PLAIN, [child.type for child in children]
    return "".join(f"`{token.content}`" if token.type == "code_inline" else token.content for token in children)


def expected(text: str) -> str:
    """The text on one line; what stands in backticks is code, of which a reader drops one blank on each side."""
    pieces = CODE.split(" ".join(text.split()))
    return "".join(_code(piece) if index % 2 else piece for index, piece in enumerate(pieces))


def _code(piece: str) -> str:
    inner = piece[1:-1]
    stripped = inner[1:-1] if inner.strip() and inner[0] == inner[-1] == " " else inner
    return f"`{stripped}`"


@pytest.mark.parametrize("context", CONTEXTS)
@given(text=TEXTS)
def test_a_text_is_read_as_text(context: str, text: str) -> None:
    frame, blocks = CONTEXTS[context]
    tokens = READER.parse(frame.format(plain(text)))
    if not text.strip():
        return
    assert [token.type for token in tokens] == blocks, plain(text)
    [inline] = [token for token in tokens if token.type == "inline"]
    assert rendered(inline) == expected(text), plain(text)


@given(texts=st.lists(TEXTS, min_size=2, max_size=2))
def test_a_cell_is_one_cell_of_text(texts: list[str]) -> None:
    tokens = READER.parse("\n".join(table(["one", "two"], [texts])))
    assert [token.type for token in tokens].count("td_open") == 2, [cell(text) for text in texts]
    seen = [rendered(token) for token in tokens if token.type == "inline"][2:]
    assert seen == [expected(text) for text in texts], [cell(text) for text in texts]


def test_what_is_no_markup_stays_as_it_is() -> None:
    for text in (
        "tf_keras, 5 % of 1,000 (about)",
        "-5 %",
        "+3 %",
        "a - b",
        "AT&T",
        "varchar[]",
        "2024.5",
        "`pip` & co: #1",
    ):
        assert plain(text) == text
    assert plain(None) == ""
    assert plain(3) == "3"
