"""A text is made once, and again only when what it is made from changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from adoption.warehouse.cache import RenderCache


def test_a_text_is_made_again_only_when_it_is_made_from_something_else(tmp_path: Path) -> None:
    made: list[str] = []

    def make() -> str:
        made.append("x")
        return f"line {len(made)}\nend"

    cache = RenderCache(tmp_path / "kept")
    assert cache.get("a/b.txt", ["1", "2"], make) == "line 1\nend"
    assert RenderCache(tmp_path / "kept").get("a/b.txt", ["1", "2"], make) == "line 1\nend"
    assert cache.get("a/b.txt", ["12"], make) == "line 2\nend"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["b.txt"]


def test_what_could_not_be_made_is_not_kept(tmp_path: Path) -> None:
    def fail() -> str:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        RenderCache(tmp_path).get("a", ["1"], fail)
    assert list(tmp_path.iterdir()) == []
