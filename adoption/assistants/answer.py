"""The form of an answer: short, and never without what must stand beside a figure.

Belongs here: fitting lines into the length that an assistant reads, and the lines that close every answer. Does not
belong here: what the lines say (`adoption.assistants.questions`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

LIMIT: Final = 1_500
"""An answer is at most so long, in characters."""
ELLIPSIS: Final = "…"


@dataclass(frozen=True)
class Response:
    """An answer: what it is about, its lines, the most important first, and what closes it.

    Where it would be too long lines are left out from the end, whole, and it says how many and what to ask instead;
    head and close stay.
    """

    head: str
    lines: Sequence[str]
    close: Sequence[str] = ()
    more: str = "ask more narrowly"
    limit: int = field(default=LIMIT)

    def text(self) -> str:
        """The answer as text."""
        for shown in range(len(self.lines), -1, -1):
            text = "\n".join(self._parts(shown))
            if len(text) <= self.limit:
                return text
        return clipped("\n".join(self._parts(0)), self.limit)

    def _parts(self, shown: int) -> Iterable[str]:
        yield self.head
        yield from self.lines[:shown]
        left_out = len(self.lines) - shown
        if left_out:
            yield f"({left_out} more {'line' if left_out == 1 else 'lines'} left out; {self.more}.)"
        yield from self.close


def clipped(text: str, length: int) -> str:
    """A text of at most so many characters, cut between two words."""
    if len(text) <= length:
        return text
    return f"{text[: length - 1].rsplit(' ', 1)[0].rstrip(',;: ')}{ELLIPSIS}"


def clauses(text: str | None, length: int) -> str:
    """The clauses of a remark, each once, as long as they fit."""
    return clipped("; ".join(dict.fromkeys((text or "").split("; "))), length)
