"""Another field by another catalog: programs that set type, two contenders, three channels, no code changed.

The expected figures follow from the extracts in tests/fixtures/another_field, which can be added up by hand.
Belongs here: what that warehouse says. Does not belong here: what happens when its extracts change (test_revision).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from adoption.reports.review import show
from adoption.settings import REPOSITORY, Settings
from ingest.catalog import load_catalog
from ingest.database import fetch_dicts
from tests.end_to_end.asking import YOY, Row, find, one, parts, title

pytestmark = pytest.mark.slow

DuckDB = duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def warehouse(other_field: Settings) -> Iterator[DuckDB]:
    with duckdb.connect(str(other_field.published), read_only=True) as connection:
        yield connection


def key(entity: str, metric: str, year: int, entity_type: str = "contender") -> Row:
    return {"entity_type": entity_type, "entity_id": entity, "metric_id": metric, "year": year}


FIGURES: list[tuple[Row, Row]] = [
    # the representing member stands for the contender; its companion is never added
    (
        key("quill_family", "pypi_downloads", 2020),
        {
            "value": 1_800,
            "prior_value": 1_200,
            "yoy_change": 600,
            "yoy_pct": 50,
            "external_name": "quillmark",
            "method": "twelve_exact_months",
            "grade": "A",
            "direction": "up",
            "lifetime_value": 1_200,
            "lifetime_multiple": 1.5,
            # the other one lacks a month, and nobody is ranked alone
            "rank_low": None,
            "ratio_to_benchmark": None,
            "is_preferred": True,
            # no source of this field lists every package
            "baseline_growth_pct": None,
            "growth_percentile": None,
        },
    ),
    (key("nib", "pypi_downloads", 2020, "framework"), {"value": 240, "prior_value": 360, "direction": "down"}),
    # a missing month is neither zero nor a fall
    (
        key("inkwell", "pypi_downloads", 2020),
        {
            "value": 1_100,
            "months_held": 11,
            "is_complete": False,
            "yoy_pct": None,
            "grade": "D",
            "not_comparable_reason": "2020 is incomplete: 11 of 12 months",
            "yoy_common_pct": 100,
            "common_months": 11,
        },
    ),
    # the break
    (
        key("quill_family", "pypi_downloads", 2021),
        {
            "value": 4_800,
            "prior_value": 1_800,
            "yoy_pct": None,
            "yoy_common_pct": None,
            "is_complete": True,
            "not_comparable_reason": "break: downloads counted on a new press, January 2021",
            "direction": "not comparable",
        },
    ),
    (
        key("inkwell", "pypi_downloads", 2021),
        {
            "not_comparable_reason": "break: downloads counted on a new press, January 2021; "
            "2020 is incomplete: 11 of 12 months"
        },
    ),
    # a stock: the last snapshot within seven days, else a bracket
    (
        key("quill_family", "github_stars", 2020),
        {
            "value": 1_700,
            "net_additions": 300,
            "net_additions_prior": 400,
            "net_additions_pct": -25,
            "external_name": "scriptorium/quillmark",
            # a stock that gained is up, though more slowly
            "direction": "up",
            "pace": "slower",
            "lifetime_value": 1_400,
        },
    ),
    (
        key("inkwell", "github_stars", 2020),
        {"value": None, "low": 480, "high": 520, "interval_kind": "bracket", "is_comparable": False, "grade": "C"},
    ),
    # a renamed repository is one series
    (key("inkwell", "github_stars", 2019), {"value": 300, "net_additions": 100, "external_name": "potters/inkwell"}),
    # two tags overlap: between the larger and the sum
    (
        key("quill_family", "stackoverflow_questions", 2020),
        {
            "value": None,
            "low": 240,
            "high": 264,
            "interval_kind": "bound",
            "yoy_interval_kind": "bound",
            "yoy_pct": None,
            "yoy_low": pytest.approx(100 * (240 / 168 - 1)),
            "yoy_high": pytest.approx(120),
            "direction": "up",
        },
    ),
    (key("inkwell", "stackoverflow_questions", 2020), {"value": 72, "yoy_pct": pytest.approx(20), "rank_low": 2}),
]


@pytest.mark.parametrize(("where", "expected"), FIGURES, ids=title)
def test_a_figure_of_the_field(warehouse: DuckDB, where: Row, expected: Row) -> None:
    assert parts(one(warehouse, YOY, **where), expected) == expected


def test_it_holds_what_its_catalog_names_and_nothing_else(warehouse: DuckDB) -> None:
    entities = {row["entity_id"] for row in find(warehouse, "marts.dim_entities")}
    assert entities == {"quillmark", "nib", "quill_family", "inkwell"}
    metrics = {row["metric_id"] for row in find(warehouse, "marts.fct_observations")}
    assert metrics == {"pypi_downloads", "github_stars", "stackoverflow_questions"}
    assert {row["status"] for row in find(warehouse, "meta.extracts")} == {"loaded"}
    assert {row["metric_id"] for row in find(warehouse, "marts.rpt_year_in_review", year=2020)} == metrics


def test_coverage_names_the_month_that_is_missing(warehouse: DuckDB) -> None:
    where = {"metric_id": "pypi_downloads", "entity_type": "framework", "entity_id": "inkwell", "year": 2020}
    expected = {"state": "partial", "held_periods": 11, "missing_months": ["2020-05"]}
    assert parts(one(warehouse, "marts.fct_coverage", **where), expected) == expected


def test_the_break_is_a_row_of_its_own(warehouse: DuckDB) -> None:
    assert one(warehouse, "marts.dim_breaks", break_id="new_press")["start_date"] == date(2021, 1, 1)


def test_its_page_is_of_its_contenders(
    other_field: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    show(other_field, 2020)
    text = capsys.readouterr().out
    assert "2020 in review: Quillmark with Nib against Inkwell" in text
    assert re.search(r"1,200 +1,800 +\+50 %", text)


def real_names() -> set[str]:
    """The names of the real field, as its own catalog lists them."""
    catalog = load_catalog(REPOSITORY / "ingest" / "catalog")
    frameworks = [entry for entry in catalog.frameworks if entry.role == "contender"]
    ids = {entry.id for entry in frameworks} | {entry.id for entry in catalog.contenders}
    return ids | {entry.label.lower() for entry in frameworks}


def test_no_name_of_the_real_field_is_anywhere_in_it(warehouse: DuckDB, other_field: Settings) -> None:
    tables = fetch_dicts(warehouse, "select schema_name || '.' || table_name as name from duckdb_tables()")
    texts = [str(find(warehouse, table["name"])) for table in tables]
    files = [
        path.read_text() for folder in (other_field.catalog, other_field.extracts) for path in Path(folder).rglob("*.*")
    ]
    everything = "\n".join([*texts, *files]).lower()
    assert "quillmark" in everything
    assert sorted(name for name in real_names() if name in everything) == []
