"""The models of pairs as one query: in order, in place of relations, and only of what is published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from adoption.publish.on_demand import PAIRS, OnDemandError, PairModels

SQL = {
    PAIRS: "select 'never', 'read'",
    "int_sides": "select 'a' as entity_id, 1 as size",
    "int_gaps": f"""-- who is larger; it's a comment
    with final as (
        -- of each pair
        select pairs.*, me.size - other.size as gap
        from "work"."intermediate"."{PAIRS}" as pairs
        inner join "work"."intermediate"."int_sides" as me on pairs.entity_id = me.entity_id
        inner join "work"."intermediate"."int_sides" as other on pairs.against_entity_id = other.entity_id
    )
    select * from final""",
    "fct_gaps": """select gaps.*, review.focus, 'it''s -- no comment' as remark
    from "work"."intermediate"."int_gaps" as gaps cross join "work"."meta"."review" as review""",
    "fct_other": 'select * from "work"."intermediate"."int_sides"',
}
PARENTS = {
    PAIRS: [],
    "int_sides": [],
    "int_gaps": [PAIRS, "int_sides"],
    "fct_gaps": ["int_gaps", "source.small.catalog.review"],
    "fct_other": ["int_sides"],
}
PUBLISHED = """
create schema intermediate; create schema meta;
create table meta.review as select 'anvil' as focus;
create table intermediate.int_sides as from (values ('o''hare', 5), ('anvil', 3)) as sides(entity_id, size);
create macro contender_named(name) as lower(name);
"""


def models(folder: Path, published_as: str | None = "intermediate.int_sides") -> PairModels:
    nodes: dict[str, Any] = {}
    for name, sql in SQL.items():
        path = folder / "small" / f"{name}.sql"
        path.parent.mkdir(exist_ok=True)
        path.write_text(sql)
        parents = [parent if "." in parent else f"model.small.{parent}" for parent in PARENTS[name]]
        nodes[f"model.small.{name}"] = {
            "resource_type": "model",
            "name": name,
            "package_name": "small",
            "original_file_path": f"{name}.sql",
            "relation_name": f'"work"."intermediate"."{name}"',
            "depends_on": {"nodes": parents},
            "config": {"meta": {"published_as": published_as} if name == "int_sides" and published_as else {}},
        }
    review = {"name": "review", "relation_name": '"work"."meta"."review"'}
    return PairModels({"nodes": nodes, "sources": {"source.small.catalog.review": review}}, folder)


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    made.execute(PUBLISHED)
    return made


def test_a_query_computes_either_order_of_the_pair_that_is_asked_for(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    query = models(tmp_path).query("fct_gaps")
    connection.execute(f"create macro gaps(a, b) as table select * from query({query})")
    rows = connection.execute("from gaps('O''Hare', 'anvil') order by all").fetchall()
    remark = "it's -- no comment"
    assert rows == [("anvil", "o'hare", -2, "anvil", remark), ("o'hare", "anvil", 2, "anvil", remark)]


def test_only_what_the_pairs_read_is_published_beside_the_marts(tmp_path: Path) -> None:
    assert models(tmp_path).tables() == [("intermediate", "int_sides")]


def test_a_model_that_reads_what_is_not_published_is_named(tmp_path: Path) -> None:
    with pytest.raises(OnDemandError, match=r"int_sides is read on demand"):
        models(tmp_path, published_as=None).query("fct_gaps")


def test_a_project_without_pairs_publishes_nothing_more() -> None:
    assert PairModels({"nodes": {}, "sources": {}}, Path("nowhere")).tables() == []
