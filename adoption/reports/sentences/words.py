"""What several kinds of sentences share: names in brackets, levels, and how a figure was counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from adoption.reports import format as wording

Row = dict[str, Any]

MAX_NAMES: Final = 6
"""So many names a list in brackets holds; of more it says how many."""


def named(names: Sequence[str] | None) -> str:
    """Names in brackets, where there are any."""
    if not names:
        return ""
    shown = ", ".join(names[:MAX_NAMES])
    return f" ({shown})" if len(names) <= MAX_NAMES else f" ({shown} and {len(names) - MAX_NAMES} more)"


def counted(names: Sequence[str]) -> str:
    """How many, and which."""
    return f"{len(names)}{named(names)}"


def capital(text: str) -> str:
    """A text as the beginning of a line."""
    return text[:1].upper() + text[1:]


def level(row: Row) -> str:
    """The figure of the year, or its bounds."""
    return wording.of_what(wording.known(row["value"], row["low"], row["high"], row["interval_kind"], row["unit"]), row)


def prior_level(row: Row) -> str:
    """The figure of the year before, or its bounds."""
    return wording.known(row["prior_value"], row["prior_low"], row["prior_high"], None, row["unit"])


def way(row: Row, side: str = "") -> str:
    """Whose figures, counted how, in brackets."""
    text = counted_as(row, side)
    return f" ({text})" if text else ""


def counted_as(row: Row, side: str = "") -> str:
    """Whose figures, counted how; `side` says of which figures of the row."""
    basis = row[f"{side}basis"]
    return "" if basis is None else f"{row[f'{side}source_label']}, {wording.words(basis)}"


def specifications(agreeing: int, exceptions: Sequence[str], inconclusive: Sequence[str]) -> str:
    """In k of n specifications, with the exceptions; one that is inconclusive is no exception."""
    text = f"in {agreeing} of {wording.plural(agreeing + len(exceptions), 'specification')}"
    text += f", but {' and '.join(exceptions)}" if exceptions else ""
    open_ones = " and ".join(map(wording.specification, inconclusive))
    return text + (f", inconclusive {open_ones}" if open_ones else "")
