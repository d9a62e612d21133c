"""The licences of every row: those of the files behind it, else of its sources, else of all that is held.

Belongs here: the expression that an export adds to each table. Does not belong here: which licence a file has (its
fetch event says so), or what the descriptor says of a table (`adoption.export.data_package`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

NAME: Final = "licences"
TYPE: Final = "VARCHAR[]"
DESCRIPTION: Final = (
    "The licences of the figures in this row: those of the files behind it, else those of its sources, else of all "
    "that is held."
)
HELD: Final = """
select
    map_from_entries(list((extract_id, [licence]))) as of_extract,
    (
        select map_from_entries(list((source_id, licences)))
        from (
            select source_id, list(distinct licence order by licence) as licences
            from meta.licences group by source_id
        )
    ) as of_source,
    list_sort(list_distinct(list(licence))) as of_all
from meta.extracts where status = 'loaded'
"""


def with_licences(relation: str, columns: Sequence[str]) -> str:
    """The rows of a table, each with its licences."""
    extracts = [_as_list(name) for name in columns if "extract_id" in name]
    sources = [_as_list(name) for name in columns if name.endswith("source_id")]
    known = [_looked_up(lists, column) for lists, column in ((extracts, "of_extract"), (sources, "of_source")) if lists]
    return (
        f"select rows.*, coalesce({', '.join([*known, 'of_all'])}) as {NAME} from {relation} as rows, ({HELD}) as held"
    )


def _as_list(column: str) -> str:
    return f'rows."{column}"' if column.endswith("_ids") else f'[rows."{column}"]'


def _looked_up(lists: Sequence[str], column: str) -> str:
    """The licences of the ids in some lists; null where none of them is known."""
    all_ids = " || ".join(f"coalesce({ids}, [])" for ids in lists)
    licences = (
        f"list_sort(list_distinct(flatten(list_transform({all_ids}, lambda one: coalesce(held.{column}[one], [])))))"
    )
    return f"nullif({licences}, [])"
