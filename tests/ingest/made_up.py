"""A made-up field, so that ingest is tested without any real name: three tools, one source, and its files.

Belongs here: the catalog of that field as plain data, its source, and short ways to make extracts.
Does not belong here: assertions, or anything about the shipped catalog and extracts.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import duckdb
import yaml

from ingest.catalog import Catalog, load_catalog
from ingest.formats.csv_file import csv_source
from ingest.landing import Landing, digest
from ingest.loader import ExtractReport, load_extracts
from ingest.model import Fetch, Scope
from ingest.raw_tables import prepare
from ingest.row_types import (
    Count,
    ListedName,
    OptionalCount,
    OptionalText,
    OptionalTimestamp,
    PastDate,
    RawRow,
    TextList,
)

LANDED_AT = datetime(2021, 1, 5, 12, tzinfo=UTC)
HEADER = "tool,day,sold,counted_by,weight,is_final,broken,remark,seen_at,tags"
GOOD_ROW = "anvil,2020-12-31,7,hand,1.5,true,,,,"


def catalog_files() -> dict[str, Any]:
    """A fresh copy of the field's catalog: file name (without ending) to content."""
    return {
        "frameworks": {
            "contenders": [
                {
                    "id": "smithy",
                    "label": "Smithy",
                    "represented_by": "anvil",
                    "members": [
                        {"framework": "anvil", "reason": "the heavy part"},
                        {"framework": "hammer", "until": date(2022, 1, 1), "reason": "sold with it until then"},
                    ],
                }
            ],
            "markets": [{"id": "all_tools", "label": "All tools", "names": {"guild": [_name("__all__", "primary")]}}],
            "frameworks": [
                {
                    "id": "anvil",
                    "label": "Anvil",
                    "role": "contender",
                    "contender": "smithy",
                    "names": {
                        "guild": [
                            {**_name("anvil", "primary"), "formerly": [{"name": "amboss", "until": date(2019, 5, 1)}]},
                            _name("anvil-small", "variant"),
                        ]
                    },
                },
                {
                    "id": "hammer",
                    "label": "Hammer",
                    "role": "contender",
                    "contender": "smithy",
                    "names": {"guild": [_name("hammer", "primary")]},
                },
                {
                    "id": "bellows",
                    "label": "Bellows",
                    "role": "contender",
                    "names": {"guild": [_name("bellows", "primary")]},
                },
                {"id": "yardstick", "label": "Yardstick", "role": "reference"},
            ],
        },
        "vocabulary": {
            "channels": [{"name": "sales", "about": "tools that change hands"}],
            "units": [{"name": "tools", "format": "count"}],
        },
        "metrics": [
            {
                "id": "tools_sold",
                "label": "Tools sold",
                "unit": "tools",
                "kind": "flow",
                "channel": "sales",
                "combine": "primary",
                "sources": [
                    {"source": "guild_counts", "basis": "counted"},
                    {"source": "guild_counts", "basis": "guessed", "preferred": "never"},
                ],
                "reads": "what smiths buy",
                "read_by": "the guild",
                "caveats": ["Second-hand tools are not counted."],
            }
        ],
        "sources": [
            {
                "id": "guild_counts",
                "label": "Counts of the guild",
                "publisher": "the guild",
                "licence": "none stated",
                "citation": "The guild's book",
                "cadence": "monthly",
                "names": "guild",
                "observations": ["stg_guild_counts__counts"],
                "how_to_get": "ask the guild",
                "expected": {"grain": "month", "first": date(2020, 1, 1), "lag_days": 3},
                "grade": {"grade": "A", "reason": "counted in full"},
                "biases": [
                    {"until": date(2020, 2, 1), "grade": "D", "direction": "low", "reason": "half of the book is lost"}
                ],
            }
        ],
        "breaks": [
            {
                "id": "new_scales",
                "label": "new scales",
                "start": date(2020, 6, 1),
                "end": date(2020, 6, 2),
                "reach": {"sources": ["guild_counts"], "metrics": ["tools_sold"], "entities": ["anvil", "smithy"]},
                "reason": "The old scales broke.",
                "evidence": "a note in the book",
            }
        ],
        "events": [
            {
                "id": "fair",
                "label": "The great fair",
                "start": date(2020, 8, 1),
                "end": date(2020, 8, 9),
                "metrics": ["tools_sold"],
                "entities": ["bellows"],
                "sign": "up",
                "lag_months": [0, 1],
                "reason": "Everybody came.",
            }
        ],
        "baseline_exclusions": [{"name": "nails", "reason": "sold with every hammer"}],
        "surveys": {},
        "review": {"review_year": 2020, "focus": "smithy", "benchmark": "bellows"},
        "claims": {},
    }


def _name(name: str, member: str) -> dict[str, Any]:
    return {"name": name, "member": member}


def write_catalog(folder: Path, files: dict[str, Any]) -> Path:
    """Write each file as YAML into `folder`; a text is written as it stands."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@cache
def made_up_catalog() -> Catalog:
    """The field's catalog, by way of files; read once, since it cannot change."""
    with TemporaryDirectory() as folder:
        return load_catalog(write_catalog(Path(folder), catalog_files()))


class CountRow(RawRow):
    """One row with a column of every type that raw tables know."""

    tool: ListedName
    day: PastDate
    sold: Count
    counted_by: Literal["hand", "scales"]
    weight: float
    is_final: bool
    broken: OptionalCount
    remark: OptionalText
    seen_at: OptionalTimestamp
    tags: TextList


class NoteRow(RawRow):
    """A second table of the same source."""

    note: str


GUILD = csv_source("guild_counts", counts=CountRow, notes=NoteRow)


def file_of(*rows: str, header: str = HEADER) -> bytes:
    """A CSV file of table `counts` with these lines."""
    return "".join(f"{line}\n" for line in (header, *rows)).encode()


def fetch_of(data: bytes, *, label: str = "", table: str = "counts", landed_at: datetime = LANDED_AT) -> Fetch:
    """A fetch event of the made-up source for these bytes; `label` makes it another scope and file."""
    scope = Scope(table, date(2020, 12, 1), date(2021, 1, 1), ("anvil", "bellows"), label)
    return Fetch("guild_counts", scope, f"{table}{label}.csv", digest(data), landed_at, "none stated")


class Warehouse:
    """A landing, a catalog and a warehouse in memory, for the made-up source."""

    def __init__(self, folder: Path) -> None:
        self.landing = Landing(folder / "landing", folder / "shipped")
        self.catalog = made_up_catalog()
        self.connection = duckdb.connect()
        self.source = GUILD
        prepare(self.connection, [GUILD])

    def land(self, data: bytes, *, label: str = "", table: str = "counts", landed_at: datetime = LANDED_AT) -> Fetch:
        """Land bytes as `fetch_of` describes them."""
        return self.landing.land(fetch_of(data, label=label, table=table, landed_at=landed_at), data)

    def load(self) -> list[ExtractReport]:
        """Load what is landed and not available."""
        return load_extracts(self.connection, self.landing, self.source, self.catalog)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The result of a query."""
        return self.connection.execute(query).fetchall()

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every raw table's rows, in one order."""
        tables = self.rows("select table_name from duckdb_tables() where schema_name = 'raw' order by all")
        return {name: self.rows(f"from raw.{name} order by all") for (name,) in tables}
