"""What the file has under some words.

Belongs here: matching words against names and descriptions, in Python: what is asked never becomes SQL or a pattern.
Does not belong here: any meaning of the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from adoption.assistants.answer import clipped
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

LONGEST: Final = 220
WORD: Final = re.compile(r"\w+")
THINGS: Final = """
select 'entity' as kind, entity_id as id, label as name, entity_type as text, 1 as rank from meta.entities
union all
select 'metric', metric_id, label, channel || '; ' || reads || '; in ' || unit, 0 from meta.metrics
union all
select 'source', source_id, label, publisher || '; licence: ' || licence, 2 from meta.sources
union all
select 'claim', claim_id, claim_text,
    'said by ' || said_by || ', ' || replace(verdict, '_', ' ') || coalesce(': ' || verdict_reason, ''), 3
from (select distinct claim_id, claim_text, said_by, verdict, verdict_reason from marts.fct_claims)
union all
select 'break', break_id, label, start_date::varchar || ': ' || reason, 4 from marts.dim_breaks
order by rank, kind, id, text
"""


@dataclass(frozen=True)
class Thing:
    """Something that the file knows by name."""

    kind: str
    id: str
    name: str
    text: str
    rank: int

    def line(self) -> str:
        """As a line of an answer."""
        return clipped(f"{self.kind} {self.id}: {self.name} ({self.text})", LONGEST)

    def score(self, words: list[str]) -> int:
        """How many of the words it holds; a name counts twice, a whole word more than its beginning.

        What is called exactly so comes before what only speaks of it.
        """
        is_name = words in (_words(self.id), _words(self.name))
        held = sum(2 * _matches(word, f"{self.id} {self.name}") + _matches(word, self.text) for word in words)
        return held + 4 * is_name * len(words)


def search(connection: duckdb.DuckDBPyConnection, text: str) -> list[str]:
    """Lines of what holds most of the words, best first."""
    words = [word for word in _words(text) if len(word) > 1]
    scored = [(thing.score(words), thing) for thing in _things(connection)]
    best = max((score for score, _ in scored), default=0)
    matches = [(score, thing) for score, thing in scored if score and 2 * score >= best]
    return [thing.line() for _, thing in sorted(matches, key=lambda match: (-match[0], match[1].rank))]


def _things(connection: duckdb.DuckDBPyConnection) -> Iterator[Thing]:
    return (Thing(**row) for row in fetch_dicts(connection, THINGS))


def _words(text: str) -> list[str]:
    return WORD.findall(text.casefold().replace("_", " "))


def _matches(word: str, text: str) -> int:
    """Two for the whole word, one for a word that begins so, else none."""
    words = _words(text)
    return 2 if word in words else int(len(word) > 2 and any(candidate.startswith(word) for candidate in words))
