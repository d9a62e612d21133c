"""What moved between two warehouses: each number, by how much and why; verdicts, directions and ranks that turned.

Belongs here: comparing two published files, row by row. Does not belong here: tracing a difference to extracts or rules
(`adoption.editions.attribution`), freezing (`adoption.editions.store`), or layout (`adoption.editions.diff_report`).

A mart's key is the one that its dbt test `unique_combination` holds it to: one truth for both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb
import yaml

from adoption.editions.attribution import NOT_ASKED, Causes, Why, causes
from adoption.editions.former_names import attach_translated
from adoption.editions.store import NAME, database_of
from adoption.publish.digest import verify
from adoption.publish.reader import published_file
from ingest.database import connect, fetch_dicts
from ingest.errors import AdoptionError

if TYPE_CHECKING:
    from adoption.settings import Settings

PUBLISHED = "published"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
TURNING = ("verdict", "outcome", "direction", "lead", "rank_low", "rank_high")
"""Columns whose change is a turn: what would be said in words is another thing."""
KNOWN_BY = {
    "rpt_brief": (
        "year",
        "entity_id",
        "against_entity_id",
        "line_kind",
        "coalesce(channel, '')",
        "coalesce(metric_id, '')",
    )
}
"""Keys of marts whose tested key has the place of a row in a list: another line above moves it, and says nothing."""
CONTEXT = ("metric_id", "source_id", "extract_id", "extract_ids")
"""Columns by which a row is traced to extracts."""
NUMBER = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*)")
ORDER = re.compile(r"(.*_)?position|line_number")
"""Columns that only say in which order to show rows."""

Kind = Literal["turned", "moved", "appeared", "gone"]

COLUMNS = """
select table_name, column_name, data_type from duckdb_columns()
where database_name = ? and schema_name = 'marts' and not starts_with(table_name, 'dim_')
order by table_name, column_index
"""


class DiffError(AdoptionError):
    """A side cannot be compared; the text says what was expected."""


@dataclass(frozen=True)
class Difference:
    """One number, or one word, that differs. `difference` is after minus before, in the unit of the column."""

    table: str
    key: Mapping[str, Any]
    column: str
    kind: Kind
    before: Any
    after: Any
    why: Why

    @property
    def difference(self) -> float | None:
        """By how much, where both are numbers."""
        sides = (self.before, self.after)
        is_number = all(isinstance(value, int | float) and not isinstance(value, bool) for value in sides)
        return float(self.after - self.before) if is_number else None

    @property
    def difference_pct(self) -> float | None:
        """By how many percent of what it was; None where that was zero."""
        return None if self.difference is None or self.before == 0 else 100 * self.difference / abs(self.before)


@dataclass(frozen=True)
class Comparison:
    """All that differs between two files: turns first, then by table and key.

    `rules` are the kinds of rules that changed; `unmatched` are marts that only one of the files has.
    """

    differences: Sequence[Difference]
    rules: tuple[str, ...]
    unmatched: tuple[str, ...]


def compare(settings: Settings, before: str, after: str) -> Comparison:
    """Compare two warehouses, each an edition (2020.1), `published`, a day (an as-of build) or a DuckDB file.

    Raises:
        DiffError: when a side is none of these, or was made before extracts named their scope.
        EditionError: when there is no such edition, or it was altered.
        NotPublishedError: when nothing is published.
    """
    with _attached(side(settings, before), side(settings, after)) as connection:
        tables, unmatched = _tables(connection, keys_of(settings.dbt_project))
        known_causes = causes(connection)
        differences = [difference for table in tables for difference in table.differences(connection, known_causes)]
    ordered = sorted(
        differences,
        key=lambda difference: (difference.kind != "turned", not difference.table.startswith("rpt_"), difference.table),
    )
    return Comparison(ordered, known_causes.rules, unmatched)


def turns(settings: Settings, before: Path, after: Path, columns: Sequence[str]) -> list[Difference]:
    """The words of these columns that turned between two files; nothing else is compared, and no reason is looked for.

    Raises:
        DiffError: when one of them was made before extracts named their scope.
    """
    with _attached(before, after) as connection:
        tables, _ = _tables(connection, keys_of(settings.dbt_project))
        chosen = [replace(table, only=columns) for table in tables]
        differences = [difference for table in chosen for difference in table.differences(connection, NOT_ASKED)]
    return [difference for difference in differences if difference.kind == "turned"]


def _tables(
    connection: duckdb.DuckDBPyConnection, keys: Mapping[str, Sequence[str]]
) -> tuple[list[_Table], tuple[str, ...]]:
    """The marts that can be compared, and the names of those that only one file has or that have no key."""
    before, after = _columns(connection, "before"), _columns(connection, "after")
    unmatched = set(before) ^ set(after) | (set(before) & set(after)) - set(keys)
    tables = [
        _Table(name, keys[name], {column: kind for column, kind in before[name].items() if column in columns})
        for name, columns in after.items()
        if name not in unmatched
    ]
    return tables, tuple(sorted(unmatched))


def side(settings: Settings, name: str) -> Path:
    """The file that a side of a comparison names.

    Raises:
        DiffError, EditionError, NotPublishedError: see `compare`.
    """
    if NAME.fullmatch(name):
        return database_of(settings, name)
    if name == PUBLISHED:
        return published_file(settings)
    if DAY.fullmatch(name):
        path = replace(settings, as_of=_day(name)).published
        if not path.exists():
            raise DiffError(f"Nothing is built as of {name}. Run `adoption build --as-of {name}`.")
        verify(path)
        return path
    if not Path(name).is_file():
        raise DiffError(f"{name!r}: expected an edition such as 2020.1, {PUBLISHED}, a day, or a DuckDB file")
    return Path(name)


def _day(text: str) -> date:
    """The day that a side names.

    Raises:
        DiffError: when no calendar has it.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise DiffError(f"{text!r}: no calendar has this day; expected one such as 2021-01-05") from error


def keys_of(project: Path) -> dict[str, list[str]]:
    """The key of each mart, as its dbt test names it: columns, or expressions over them."""
    keys = {}
    for path in sorted((project / "models" / "marts").rglob("*.yml")):
        for model in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("models", ()):
            for test in model.get("data_tests", ()):
                if "unique_combination" in test:
                    keys[model["name"]] = [str(part) for part in test["unique_combination"]["arguments"]["columns"]]
    return keys | {name: list(key) for name, key in KNOWN_BY.items() if name in keys}


@contextmanager
def _attached(before: Path, after: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect() as connection:
        for name, path in (("before", before), ("after", after)):
            try:
                attach_translated(connection, path, name)
                connection.execute(f"select scope_key from {name}.meta.extracts limit 0")
            except duckdb.Error as error:
                reason = str(error).splitlines()[0]
                raise DiffError(f"{path.name} is not a published file of this version: {reason}") from error
        yield connection


def _columns(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, dict[str, str]]:
    """Type by column, by mart."""
    tables: dict[str, dict[str, str]] = {}
    for row in fetch_dicts(connection, COLUMNS, [database]):
        tables.setdefault(row["table_name"], {})[row["column_name"]] = row["data_type"]
    return tables


@dataclass(frozen=True)
class _Table:
    """A mart that both files hold: its key, and the columns that both have, with their types."""

    name: str
    key: Sequence[str]
    columns: Mapping[str, str]
    only: Sequence[str] = ()

    @property
    def compared(self) -> list[str]:
        """Numbers and turning words that are no part of the key."""
        if self.only:
            return [column for column in self.columns if column in self.only]
        return [
            column
            for column, kind in self.columns.items()
            if column in TURNING
            or (NUMBER.fullmatch(kind) and not ORDER.fullmatch(column) and column not in self.key_columns)
        ]

    @property
    def key_columns(self) -> list[str]:
        """The columns that the key is made of."""
        words = {word for part in self.key for word in re.findall(r"\w+", re.sub(r"'[^']*'", "", part))}
        return [column for column in self.columns if column in words]

    def differences(self, connection: duckdb.DuckDBPyConnection, known_causes: Causes) -> Iterator[Difference]:
        """Every number and turning word that differs, row by row in the order of the key."""
        if not self.compared:
            return
        for row in fetch_dicts(connection, self._query()):
            before, after = row["before_row"], row["after_row"]
            why = known_causes.of(before, after)
            key = {column: (after or before)[column] for column in self.key_columns}
            for column in self.compared:
                values = (None if before is None else before[column], None if after is None else after[column])
                if values[0] != values[1]:
                    yield Difference(self.name, key, column, _kind(column, *values), *values, why)

    def _query(self) -> str:
        names = ", ".join(f"key_{number}" for number in range(len(self.key)))
        return f"""
            select before_row, after_row
            from ({self._side("before")}) full join ({self._side("after")}) using ({names})
            where before_parts is distinct from after_parts
            order by {names}
        """

    def _side(self, name: str) -> str:
        key = ", ".join(f"{part} as key_{number}" for number, part in enumerate(self.key))
        context = [column for column in CONTEXT if column in self.columns]
        row = _struct([*self.key_columns, *self.compared, *context])
        return (
            f"select {key}, {row} as {name}_row, {_struct(self.compared)} as {name}_parts from {name}.marts.{self.name}"
        )


def _struct(columns: Sequence[str]) -> str:
    """Several columns as one value, each once."""
    return "{" + ", ".join(f"'{column}': \"{column}\"" for column in dict.fromkeys(columns)) + "}"


def _kind(column: str, before: Any, after: Any) -> Kind:  # noqa: ANN401 - any value of a mart
    """A number or word that is known in one file only appeared or is gone, whether or not its row is in both."""
    if before is None:
        return "appeared"
    if after is None:
        return "gone"
    return "turned" if column in TURNING else "moved"
