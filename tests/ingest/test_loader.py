"""The loader: every row is either in its raw table or among the rejected, with the reason; and twice is once."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import loader, raw_tables
from ingest.catalog.tables import TABLES as CATALOG_TABLES
from ingest.catalog.tables import CatalogTable
from ingest.errors import LandingError
from ingest.loader import load_version
from ingest.model import Fetch, ParsedRow, Source
from ingest.raw_tables import columns_of, duckdb_type, load_catalog_tables, prepare
from ingest.row_types import RawRow
from tests.ingest.made_up import (
    GOOD_ROW,
    GUILD,
    HEADER,
    LANDED_AT,
    CountRow,
    Warehouse,
    file_of,
)

REJECTED = "select row_number, column_name, found, reason from raw.rejected_rows order by row_number"


def row_with(**changes: str) -> str:
    fields = dict(zip(HEADER.split(","), GOOD_ROW.split(","), strict=True)) | changes
    return ",".join(fields.values())


# --- raw tables ---------------------------------------------------------------------------------------------------


def test_raw_tables_have_the_types_of_their_row_model(warehouse: Warehouse) -> None:
    columns = warehouse.rows(
        "select column_name, data_type from duckdb_columns() where table_name = 'guild_counts__counts'"
    )
    assert columns == [
        ("tool", "VARCHAR"),
        ("day", "DATE"),
        ("sold", "BIGINT"),
        ("counted_by", "VARCHAR"),
        ("weight", "DOUBLE"),
        ("is_final", "BOOLEAN"),
        ("broken", "BIGINT"),
        ("remark", "VARCHAR"),
        ("seen_at", "TIMESTAMP"),
        ("tags", "VARCHAR[]"),
        ("extract_id", "VARCHAR"),
        ("row_number", "BIGINT"),
    ]
    assert list(columns_of(CountRow).items()) == columns


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (Annotated[date, "x"], "DATE"),
        (Literal[1, 2], "VARCHAR"),
        (int | None, "BIGINT"),
        (None | datetime, "TIMESTAMP"),
        (list[Annotated[int, "x"]], "BIGINT[]"),
    ],
)
def test_types_of_annotations(annotation: object, expected: str) -> None:
    assert duckdb_type(annotation) == expected


def test_an_annotation_without_a_column_type_is_an_error() -> None:
    with pytest.raises(TypeError, match="no DuckDB type for <class 'bytes'>"):
        duckdb_type(bytes)


def test_preparing_again_keeps_what_is_held(warehouse: Warehouse) -> None:
    warehouse.land(file_of(GOOD_ROW))
    warehouse.load()
    before = warehouse.content()
    prepare(warehouse.connection, [GUILD])
    assert warehouse.content() == before


# --- many extracts --------------------------------------------------------------------------------------------------


def land_many(warehouse: Warehouse, number: int) -> None:
    """Extracts of every outcome: with and without optional values, with a rejected row, refused, without rows."""
    for label in map(str, range(number)):
        kinds = (
            file_of(row_with(remark=label, broken="3"), GOOD_ROW),
            file_of(row_with(sold="-1"), GOOD_ROW),
            b"no such header\n",
            file_of(),
        )
        warehouse.land(kinds[int(label) % len(kinds)], label=label)


def test_many_extracts_are_one_insert_a_table(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    inserted: list[str] = []
    insert: Any = raw_tables.insert_rows

    def listening(connection: object, table: str, columns: Iterable[str], rows: Sequence[dict[str, object]]) -> None:
        inserted.extend([table] if rows else [])
        insert(connection, table, columns, rows)

    monkeypatch.setattr("ingest.loader.insert_rows", listening)
    land_many(warehouse, 12)
    reports = warehouse.load()

    assert sorted(report.status for report in reports) == ["loaded"] * 9 + ["refused"] * 3
    assert sorted(inserted) == ["raw.extracts", "raw.guild_counts__counts", "raw.rejected_rows"]
    assert warehouse.rows("select count(*), sum(rows_loaded), sum(rows_rejected) from raw.extracts") == [(12, 9, 3)]


@pytest.mark.parametrize("at_once", [1, 3, 1000])
def test_how_many_rows_wait_makes_no_difference(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Also where the extracts arrive one by one."""
    single = Warehouse(tmp_path / "single")
    land_many(warehouse, 8)
    monkeypatch.setattr(loader, "BATCH_ROWS", at_once)
    warehouse.load()
    for number in range(1, 9):
        land_many(single, number)
        single.load()

    assert warehouse.content() == single.content()


# --- rows ---------------------------------------------------------------------------------------------------------


def test_a_row_arrives_typed_with_extract_and_line(warehouse: Warehouse) -> None:
    fetch = warehouse.land(
        file_of("", row_with(broken="0", remark=" dented ", seen_at="2020-12-31T12:00:00+02:00", tags="new|blue"))
    )
    (report,) = warehouse.load()
    assert (report.status, report.rows_in, report.rows_loaded, report.rows_rejected) == ("loaded", 1, 1, 0)
    assert warehouse.rows("from raw.guild_counts__counts") == [
        (
            "anvil",
            date(2020, 12, 31),
            7,
            "hand",
            1.5,
            True,
            0,
            "dented",
            datetime(2020, 12, 31, 10),  # noqa: DTZ001
            ["new", "blue"],
            fetch.extract_id,
            3,
        )
    ]


def test_missing_is_null_and_not_zero(warehouse: Warehouse) -> None:
    warehouse.land(file_of(row_with(sold="0")))
    warehouse.load()
    assert warehouse.rows("select sold, broken, remark, seen_at, tags from raw.guild_counts__counts") == [
        (0, None, None, None, [])
    ]


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("sold", "-1", "greater than or equal to 0"),
        ("sold", "1.5", "valid integer"),
        ("sold", "many", "valid integer"),
        ("sold", "", "valid integer"),
        ("sold", "nan", "valid integer"),
        ("day", "2021-01-06", "lies in the future: the extract was landed on 2021-01-05"),
        ("day", "31.12.2020", "valid date"),
        ("day", "2020-02-30", "valid date"),
        ("day", "", "valid date"),
        ("counted_by", "guess", "'hand' or 'scales'"),
        ("counted_by", "", "'hand' or 'scales'"),
        ("tool", "tongs", "is not a name that the catalog lists for this source"),
        ("tool", "", "at least 1 character"),
        ("weight", "heavy", "valid number"),
        ("is_final", "perhaps", "valid boolean"),
        ("broken", "-2", "greater than or equal to 0"),
        ("seen_at", "noon", "valid datetime"),
    ],
)
def test_a_wrong_value_is_kept_with_its_place_and_reason(
    warehouse: Warehouse, column: str, text: str, reason: str
) -> None:
    bad = row_with(**{column: text})
    fetch = warehouse.land(file_of(GOOD_ROW, bad, GOOD_ROW))
    (report,) = warehouse.load()
    assert (report.rows_in, report.rows_loaded, report.rows_rejected) == (3, 2, 1)
    assert warehouse.rows("select row_number from raw.guild_counts__counts order by 1") == [(2,), (4,)]
    ((row_number, stored_column, stored_value, why),) = warehouse.rows(REJECTED)
    assert (row_number, stored_column, stored_value) == (3, column, text)
    assert reason in why
    ((*place, fields),) = warehouse.rows(
        "select extract_id, source_id, table_name, filename, fields from raw.rejected_rows"
    )
    assert place == [fetch.extract_id, "guild_counts", "counts", "counts.csv"]
    assert json.loads(fields) == dict(zip(HEADER.split(","), bad.split(","), strict=True))


def test_a_row_of_another_length_is_rejected(warehouse: Warehouse) -> None:
    warehouse.land(file_of("anvil,2020-12-31", GOOD_ROW, GOOD_ROW + ",more"))
    (report,) = warehouse.load()
    assert (report.rows_in, report.rows_loaded, report.rows_rejected) == (3, 1, 2)
    assert warehouse.rows(REJECTED) == [
        (2, "(row)", "", "expected 10 fields, found 2"),
        (4, "(row)", "", "expected 10 fields, found 11"),
    ]


def test_the_day_of_landing_is_not_the_future_and_is_counted_in_utc(warehouse: Warehouse) -> None:
    late = datetime(2021, 1, 5, 23, tzinfo=timezone(timedelta(hours=-3)))
    warehouse.land(file_of(row_with(day="2021-01-06"), row_with(day="2021-01-07")), landed_at=late)
    warehouse.load()
    assert warehouse.rows("select day from raw.guild_counts__counts") == [(date(2021, 1, 6),)]
    assert warehouse.rows("select landed_at from raw.extracts") == [(datetime(2021, 1, 6, 2),)]  # noqa: DTZ001


def test_former_names_are_listed_names(warehouse: Warehouse) -> None:
    warehouse.land(file_of(*(row_with(tool=name) for name in ("amboss", "anvil-small", "__all__", "yardstick"))))
    warehouse.load()
    assert warehouse.rows("select tool from raw.guild_counts__counts order by 1") == [
        ("__all__",),
        ("amboss",),
        ("anvil-small",),
    ]
    assert warehouse.rows(REJECTED)[0][:3] == (5, "tool", "yardstick")


VALUES = {
    "tool": ([("anvil", 1), (" hammer ", 1), ("amboss", 1)], ["tongs", "", "Anvil", "anvil;--", "é"]),
    "day": ([("2020-12-31", 1), ("2021-01-05", 1)], ["2021-01-06", "yesterday", "", "2020-13-01", "-1"]),
    "sold": ([("0", 1), ("7", 1), ("9007199254740993", 1)], ["-1", "1.5", "", "seven", "inf", "0x7"]),
    "counted_by": ([("hand", 1), ("scales", 1)], ["", "Hand", "hand ", "feet"]),
    "weight": ([("1.5", 1), ("-3e2", 1), ("0", 1)], ["", "1,5", "heavy"]),
    "is_final": ([("true", 1), ("0", 1)], ["", "maybe", "2"]),
    "broken": ([("", 1), ("4", 1)], ["-4", " ", "x"]),
    "remark": ([("", 1), ('a, "b"', 1), ("two\nlines", 1), ("…", 1)], ["  "]),
    "seen_at": ([("", 1), ("2020-12-31T10:00:00Z", 1)], ["noon", "2020-12-31T25:00:00Z"]),
    "tags": ([("", 1), ("a|b", 1), ("|", 1)], []),
}


def _field(good: list[tuple[str, int]], bad: list[str]) -> st.SearchStrategy[tuple[str, int]]:
    """A text and whether it is acceptable; four times in five it is."""
    fine = st.sampled_from(good)
    return st.one_of(fine, fine, fine, fine, st.sampled_from([(text, 0) for text in bad]) if bad else fine)


ROWS = st.lists(st.tuples(*(_field(good, bad) for good, bad in VALUES.values())), max_size=30)


@settings(max_examples=30)
@given(rows=ROWS)
def test_rows_in_are_rows_loaded_and_rows_rejected(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[tuple[str, int], ...]]
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([list(VALUES), *([value for value, _ in row] for row in rows)])
    warehouse = Warehouse(tmp_path_factory.mktemp("made"))
    warehouse.land(text.getvalue().encode())
    (report,) = warehouse.load()
    good = sum(all(fine for _, fine in row) for row in rows)
    assert (report.rows_in, report.rows_loaded, report.rows_rejected) == (len(rows), good, len(rows) - good)
    assert warehouse.rows("select count(*) from raw.guild_counts__counts") == [(good,)]
    assert warehouse.rows("select count(*) from raw.rejected_rows") == [(len(rows) - good,)]
    assert warehouse.rows("select rows_in, rows_loaded, rows_rejected from raw.extracts") == [
        (len(rows), good, len(rows) - good)
    ]
    assert warehouse.rows("select count(*) from raw.rejected_rows where reason = '' or column_name = ''") == [(0,)]


@settings(max_examples=30)
@given(body=st.binary(max_size=60).filter(lambda data: not set(data) & set(b'"\r')))
def test_whatever_the_bytes_they_are_refused_or_reconciled(
    tmp_path_factory: pytest.TempPathFactory, body: bytes
) -> None:
    warehouse = Warehouse(tmp_path_factory.mktemp("made"))
    warehouse.land(f"{HEADER}\n{GOOD_ROW}\n".encode() + body)
    (report,) = warehouse.load()
    assert report.status in {"loaded", "refused"}
    assert report.rows_in == report.rows_loaded + report.rows_rejected
    assert (report.status == "refused") == ("is not UTF-8" in report.error)
    assert report.rows_loaded == (report.status == "loaded")


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("sold", "9223372036854775808"),
        ("sold", "99999999999999999999"),
        ("seen_at", "0001-01-01T00:00:00+05:00"),
    ],
)
def test_a_value_out_of_range_is_a_rejected_row(warehouse: Warehouse, column: str, text: str) -> None:
    warehouse.land(file_of(GOOD_ROW, row_with(**{column: text})))
    (report,) = warehouse.load()
    assert (report.rows_loaded, report.rows_rejected) == (1, 1)
    assert warehouse.rows(REJECTED)[0][:3] == (3, column, text)


@pytest.mark.parametrize(
    ("column", "text"), [("day", "0"), ("day", "86400"), ("seen_at", "1577836800"), ("sold", "1_000"), ("sold", "7.0")]
)
def test_a_number_is_no_date_and_a_count_has_digits_only(warehouse: Warehouse, column: str, text: str) -> None:
    warehouse.land(file_of(row_with(**{column: text})))
    (report,) = warehouse.load()
    assert (report.rows_loaded, report.rows_rejected) == (0, 1)


def test_nothing_of_a_row_that_is_too_long_is_lost(warehouse: Warehouse) -> None:
    warehouse.land(file_of(GOOD_ROW + ",surplus"))
    warehouse.load()
    assert "surplus" in warehouse.rows("select fields from raw.rejected_rows")[0][0]


def test_reasons_begin_with_the_reason(warehouse: Warehouse) -> None:
    warehouse.land(file_of(row_with(tool="tongs")))
    warehouse.load()
    assert warehouse.rows(REJECTED)[0][3].startswith("is not a name")


# --- extracts -----------------------------------------------------------------------------------------------------


def test_an_extract_is_recorded_with_everything_its_event_says(warehouse: Warehouse) -> None:
    data = file_of(GOOD_ROW, row_with(sold="x"))
    fetch = warehouse.land(data)
    warehouse.load()
    result = warehouse.connection.execute("from raw.extracts")
    ((values),) = result.fetchall()
    record = dict(zip([column[0] for column in result.description or ()], values, strict=True))
    assert record == {
        "extract_id": fetch.extract_id,
        "source_id": "guild_counts",
        "table_name": "counts",
        "scope_key": fetch.scope.key,
        "period_start": date(2020, 12, 1),
        "period_end": date(2021, 1, 1),
        "terms": ["anvil", "bellows"],
        "filename": "counts.csv",
        "sha256": fetch.sha256,
        "form": "csv",
        "scope_label": None,
        "request": None,
        "landed_at": LANDED_AT.replace(tzinfo=None),
        "available_at": None,
        "available_evidence": None,
        "licence": "none stated",
        "derived_from": None,
        "reduction": None,
        "kind": "landed",
        "retracts": None,
        "reason": None,
        "load_version": load_version(GUILD, warehouse.catalog.names("guild")),
        "status": "loaded",
        "error": None,
        "rows_in": 2,
        "rows_loaded": 1,
        "rows_rejected": 1,
    }


def test_provenance_of_an_extract_is_recorded(warehouse: Warehouse) -> None:
    data = file_of(GOOD_ROW)
    fetch = replace(
        warehouse.land(data, label="x"),
        scope=replace(warehouse.land(data).scope, terms=None, label="y"),
        available_at=datetime(2021, 1, 4, 23, tzinfo=timezone(timedelta(hours=-2))),
        available_evidence="commit date",
        derived_from=({"repository": "r", "path": "p"},),
        reduction="summed",
    )
    warehouse.landing.land(fetch, data)
    warehouse.load()
    assert warehouse.rows(
        f"""select terms, available_at, available_evidence, derived_from, reduction
            from raw.extracts where extract_id = '{fetch.extract_id}'"""
    ) == [(None, datetime(2021, 1, 5, 1), "commit date", '[{"repository": "r", "path": "p"}]', "summed")]  # noqa: DTZ001


def test_loading_twice_changes_nothing(warehouse: Warehouse) -> None:
    warehouse.land(file_of(GOOD_ROW, row_with(sold="x")))
    assert len(warehouse.load()) == 1
    before = warehouse.content()
    assert warehouse.load() == []
    assert warehouse.content() == before


def test_only_what_is_new_is_loaded(warehouse: Warehouse) -> None:
    warehouse.land(file_of(GOOD_ROW))
    warehouse.load()
    second = warehouse.land(file_of(GOOD_ROW, GOOD_ROW), landed_at=LANDED_AT + timedelta(hours=1))
    assert [report.extract_id for report in warehouse.load()] == [second.extract_id]
    assert warehouse.rows("select count(*) from raw.guild_counts__counts") == [(3,)]


def test_both_tables_of_a_source_are_filled_by_their_scopes(warehouse: Warehouse) -> None:
    warehouse.land(file_of(GOOD_ROW))
    warehouse.land(b"note\nthe book is wet\n", table="notes")
    warehouse.load()
    assert warehouse.rows("select note, row_number from raw.guild_counts__notes") == [("the book is wet", 2)]
    assert warehouse.rows("select count(*) from raw.guild_counts__counts") == [(1,)]


def test_a_restatement_and_back_is_three_extracts_in_order(warehouse: Warehouse) -> None:
    for hours, sold in enumerate(("7", "8", "7")):
        warehouse.land(file_of(row_with(sold=sold)), landed_at=LANDED_AT + timedelta(hours=hours))
    warehouse.load()
    query = "select sold from raw.guild_counts__counts join raw.extracts using (extract_id) order by landed_at"
    assert warehouse.rows(query) == [(7,), (8,), (7,)]


def test_a_refused_extract_is_recorded_and_the_others_are_loaded(warehouse: Warehouse) -> None:
    refused = warehouse.land(file_of("anvil,7", header="tool,sold"), label="x")
    warehouse.land(file_of(GOOD_ROW), landed_at=LANDED_AT + timedelta(hours=1))
    first, second = warehouse.load()
    assert (first.extract_id, first.status, first.rows_in, second.status) == (
        refused.extract_id,
        "refused",
        0,
        "loaded",
    )
    assert first.error.startswith("countsx.csv, line 1: columns missing: 'day', 'counted_by'")
    assert warehouse.rows("select status, error, rows_in from raw.extracts where status <> 'loaded'") == [
        ("refused", first.error, 0)
    ]
    assert warehouse.rows("select count(*) from raw.guild_counts__counts") == [(1,)]


def test_what_an_extract_does_not_have_is_null_and_no_empty_text(warehouse: Warehouse) -> None:
    warehouse.land(file_of(GOOD_ROW))
    warehouse.load()
    texts = "select column_name from duckdb_columns() where table_name = 'extracts' and data_type = 'VARCHAR'"
    for (column,) in warehouse.rows(texts):
        assert warehouse.rows(f"select {column} from raw.extracts where {column} in ('', '[]')") == []


def test_a_refused_extract_is_tried_again_and_loaded_once_mended(warehouse: Warehouse) -> None:
    fetch = warehouse.land(file_of(GOOD_ROW))
    blob = warehouse.landing.path_of(fetch)
    data = blob.read_bytes()
    blob.unlink()
    for _ in range(2):
        (report,) = warehouse.load()
        assert (report.status, "is missing" in report.error) == ("refused", True)
    assert warehouse.rows("select count(*) from raw.extracts") == [(1,)]
    blob.write_bytes(data)
    (report,) = warehouse.load()
    assert (report.status, report.error) == ("loaded", "")
    assert warehouse.rows("select status, error, rows_loaded from raw.extracts") == [("loaded", None, 1)]
    assert warehouse.load() == []


def test_an_extract_held_before_is_kept_while_its_bytes_are_gone(warehouse: Warehouse) -> None:
    fetch = warehouse.land(file_of(GOOD_ROW))
    warehouse.load()
    before = warehouse.content()
    warehouse.landing.path_of(fetch).unlink()
    assert warehouse.load() == []
    assert warehouse.content() == before


def test_a_retraction_is_recorded_and_has_no_rows(warehouse: Warehouse) -> None:
    fetch = warehouse.land(file_of(GOOD_ROW))
    warehouse.landing.retract(fetch.extract_id, "a mistake", LANDED_AT + timedelta(hours=1))
    reports = warehouse.load()
    assert [(report.status, report.rows_in) for report in reports] == [("loaded", 1), ("retracted", 0)]
    assert warehouse.rows("select kind, retracts, reason, status, rows_in from raw.extracts order by landed_at") == [
        ("landed", None, None, "loaded", 1),
        ("retracted", fetch.extract_id, "a mistake", "retracted", 0),
    ]
    assert warehouse.load() == []


def test_a_mended_parser_reads_everything_again_once(warehouse: Warehouse) -> None:
    warehouse.land(file_of(GOOD_ROW, row_with(sold="x")))
    warehouse.load()
    before = warehouse.content()
    warehouse.source = replace(GUILD, parser_version=2)
    assert len(warehouse.load()) == 1
    after = warehouse.content()
    assert warehouse.load() == []
    assert after.pop("extracts") != before.pop("extracts")
    assert after == before


def test_a_name_added_to_the_catalog_lets_rejected_rows_in(warehouse: Warehouse) -> None:
    warehouse.land(file_of(GOOD_ROW, row_with(tool="tongs")))
    warehouse.load()
    assert warehouse.rows("select count(*) from raw.rejected_rows") == [(1,)]
    bellows = warehouse.catalog.frameworks[2]
    (name,) = bellows.names["guild"]
    tongs = bellows.model_copy(update={"id": "tongs", "names": {"guild": (name.model_copy(update={"name": "tongs"}),)}})
    warehouse.catalog = replace(warehouse.catalog, frameworks=(*warehouse.catalog.frameworks, tongs))
    (report,) = warehouse.load()
    assert (report.rows_loaded, report.rows_rejected) == (2, 0)
    assert warehouse.rows("select tool from raw.guild_counts__counts order by 1") == [("anvil",), ("tongs",)]
    assert warehouse.rows("select count(*) from raw.rejected_rows") == [(0,)]


def test_load_version_is_of_parser_and_names() -> None:
    base = load_version(GUILD, frozenset({"a", "b"}))
    assert base == load_version(GUILD, frozenset({"b", "a"}))
    others = {
        load_version(GUILD, frozenset({"a"})),
        load_version(GUILD, frozenset({"ab"})),
        load_version(replace(GUILD, parser_version=2), frozenset({"a", "b"})),
    }
    assert len(others) == 3
    assert base not in others


def _breaks_at(filename: str) -> Source:
    def parse(fetch: Fetch, path: Path) -> Iterator[ParsedRow]:
        yield from GUILD.parse(fetch, path)
        if fetch.filename == filename:
            raise RuntimeError("the light went out")

    return replace(GUILD, forms=(replace(GUILD.forms[0], parse=parse),), parser_version=2)


def test_a_surprise_in_one_extract_is_its_own_trouble_and_is_not_tried_again(warehouse: Warehouse) -> None:
    warehouse.land(file_of(GOOD_ROW, row_with(sold="x")))
    warehouse.load()
    before = warehouse.content()
    warehouse.land(file_of(GOOD_ROW), label="x", landed_at=LANDED_AT + timedelta(hours=1))
    warehouse.source = _breaks_at("countsx.csv")
    report = warehouse.load()[-1]
    assert (report.status, report.error) == (
        "refused",
        "countsx.csv: could not be read: unexpected RuntimeError: the light went out",
    )
    assert warehouse.content()["guild_counts__counts"] == before["guild_counts__counts"]
    assert warehouse.load() == []
    warehouse.source = replace(GUILD, parser_version=3)
    assert [report.rows_loaded for report in warehouse.load()] == [1, 1]


def test_a_damaged_event_stops_the_source_and_leaves_everything_as_it_was(warehouse: Warehouse) -> None:
    warehouse.land(file_of(GOOD_ROW))
    warehouse.load()
    before = warehouse.content()
    fetch = warehouse.land(file_of(GOOD_ROW), label="x")
    (warehouse.landing.root / "events" / "guild_counts" / f"{fetch.extract_id}.json").write_text("{")
    with pytest.raises(LandingError, match=fetch.extract_id):
        warehouse.load()
    assert warehouse.content() == before


def test_a_shipped_extract_that_was_replaced_leaves_nothing_behind(warehouse: Warehouse, tmp_path: Path) -> None:
    fetch = warehouse.land(file_of(GOOD_ROW))
    warehouse.load()
    (warehouse.landing.root / "events" / "guild_counts" / f"{fetch.extract_id}.json").unlink()
    warehouse.land(file_of(row_with(sold="8")))
    warehouse.load()
    rebuilt = Warehouse(tmp_path / "again")
    rebuilt.landing = warehouse.landing
    rebuilt.load()
    assert warehouse.content() == rebuilt.content()


def test_a_row_model_that_gained_a_column_is_loaded_again(warehouse: Warehouse) -> None:
    warehouse.land(b"note\nwet\n", table="notes")
    warehouse.load()

    class WiderRow(RawRow):
        note: str
        author: str = "unknown"

    tables: dict[str, type[RawRow]] = {**GUILD.tables, "notes": WiderRow}
    warehouse.source = replace(GUILD, tables=tables, parser_version=2)
    prepare(warehouse.connection, [warehouse.source])
    warehouse.load()
    assert warehouse.rows("select note, author from raw.guild_counts__notes") == [("wet", "unknown")]


# --- the catalog as tables ----------------------------------------------------------------------------------------


def test_catalog_tables_are_replaced_whole(warehouse: Warehouse) -> None:
    first = load_catalog_tables(warehouse.connection, warehouse.catalog)
    assert load_catalog_tables(warehouse.connection, warehouse.catalog) == first
    assert {name: warehouse.rows(f"select count(*) from meta.{name}")[0][0] for name in first} == first
    load_catalog_tables(warehouse.connection, replace(warehouse.catalog, events=()))
    assert warehouse.rows("from meta.events") == []


def test_a_failure_while_loading_the_catalog_leaves_the_old_one(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_catalog_tables(warehouse.connection, warehouse.catalog)

    def broken(_catalog: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
        raise RuntimeError("no ink")

    monkeypatch.setitem(CATALOG_TABLES, "review", CatalogTable({"review_year": "BIGINT"}, broken))
    with pytest.raises(RuntimeError, match="no ink"):
        load_catalog_tables(warehouse.connection, replace(warehouse.catalog, events=()))
    warehouse.connection.execute("begin")
    assert warehouse.rows("select id from meta.events") == [("fair",)]
