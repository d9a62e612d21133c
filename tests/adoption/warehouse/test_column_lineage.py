"""Which columns a column is made from: by name, through stars, unions, unpivots and subqueries."""

from __future__ import annotations

import pytest
from sqlglot.errors import SqlglotError

from adoption.warehouse.column_lineage import Column, column_lineage

TABLES = {
    "raw": {
        "counts": {"name": "VARCHAR", "first": "BIGINT", "second": "BIGINT"},
        "labels": {"id": "VARCHAR", "label": "VARCHAR"},
    }
}
NAME, FIRST, SECOND = (Column("raw", "counts", name) for name in ("name", "first", "second"))
LABEL = Column("raw", "labels", "label")


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select first + second as total, 1 as one from raw.counts", {"total": [FIRST, SECOND], "one": []}),
        ("with a as (select * from x.raw.counts) select name, second from a", {"name": [NAME], "second": [SECOND]}),
        ("select name from raw.counts join raw.labels on id = name where first > 1", {"name": [NAME]}),
        (
            "with a as (select first, name from raw.counts union all by name"
            " select name, second as first from raw.counts) select * from a",
            {"first": [FIRST, SECOND], "name": [NAME]},
        ),
        (
            "with a as (select first from raw.counts union all select second from raw.counts) select * from a",
            {"first": [FIRST, SECOND]},
        ),
        (
            "with c as (select * from raw.counts), a as (unpivot c on first, second into name way value held)"
            " select name, way, held from a",
            {"name": [NAME], "way": [], "held": [FIRST, SECOND]},
        ),
        (
            "select (select max(label) from raw.labels where id = name) as label from raw.counts",
            {"label": [LABEL]},
        ),
        ("select unnested from raw.counts, unnest([first]) as t(unnested)", {"unnested": [FIRST]}),
        ("select sum(first) over (partition by name) as total from raw.counts", {"total": [FIRST, NAME]}),
    ],
)  # fmt: skip
def test_a_column_names_what_its_value_is_made_from(sql: str, expected: dict[str, list[Column]]) -> None:
    assert column_lineage(sql, TABLES) == expected


@pytest.mark.parametrize("sql", ["select absent.first from raw.counts", "select from from", "create table t (i int)"])
def test_what_cannot_be_read_is_an_error(sql: str) -> None:
    with pytest.raises(SqlglotError):
        column_lineage(sql, TABLES)
