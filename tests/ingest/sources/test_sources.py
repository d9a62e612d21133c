"""What holds of every source's module."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from ingest.errors import ExtractError
from ingest.landing import digest
from ingest.model import Fetch, Source
from ingest.raw_tables import columns_of
from ingest.row_types import RawRow
from ingest.sources import load_source, source_names
from tests.ingest.made_up import fetch_of

TABLES = [(name, table) for name in source_names() for table in load_source(name).tables]


def model_of(name: str, table: str) -> type[RawRow]:
    return load_source(name).tables[table]


def empty_extract(source: Source, table: str, folder: Path) -> tuple[Fetch, Path]:
    path = folder / "x.csv"
    data = ",".join(source.tables[table].model_fields).encode()
    path.write_bytes(data)
    fetch = fetch_of(data, table=table)
    return replace(fetch, source=source.name, sha256=digest(data), filename="x.csv"), path


def test_the_walking_channels_have_their_sources() -> None:
    assert {"github_ranking", "kaggle_survey", "pypi_tools", "top_pypi_packages"} <= set(source_names())
    assert source_names() == sorted(source_names())


def test_a_source_without_module_is_an_error() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"ingest\.sources\.guild"):
        load_source("guild")


@pytest.mark.parametrize(("name", "table"), TABLES)
def test_every_table_has_column_types_and_a_description(name: str, table: str) -> None:
    assert set(columns_of(model_of(name, table)).values()) <= {
        "VARCHAR",
        "BIGINT",
        "DOUBLE",
        "BOOLEAN",
        "DATE",
        "TIMESTAMP",
        "VARCHAR[]",
    }
    assert model_of(name, table).__doc__


@pytest.mark.parametrize(("name", "table"), TABLES)
def test_every_table_refuses_an_empty_and_an_unknown_field(name: str, table: str) -> None:
    with pytest.raises(ValidationError):
        model_of(name, table).model_validate(dict.fromkeys(model_of(name, table).model_fields, ""))
    with pytest.raises(ValidationError, match="Extra inputs"):
        model_of(name, table).model_validate({"no_such_column": "1"})


@pytest.mark.parametrize(("name", "table"), TABLES)
def test_every_parser_reads_its_own_header_and_no_other(name: str, table: str, tmp_path: Path) -> None:
    source = load_source(name)
    fetch, path = empty_extract(source, table, tmp_path)
    assert list(source.parse(fetch, path)) == []
    path.write_bytes(path.read_bytes() + b",no_such_column")
    with pytest.raises(ExtractError, match=r"x\.csv, line 1: columns unknown: 'no_such_column'; expected "):
        list(source.parse(fetch, path))


@pytest.mark.parametrize("name", source_names())
def test_every_parser_refuses_a_table_that_it_does_not_have(name: str, tmp_path: Path) -> None:
    source = load_source(name)
    fetch, path = empty_extract(source, next(iter(source.tables)), tmp_path)
    stranger = replace(fetch, scope=replace(fetch.scope, table="elsewhere"))

    def rows() -> Iterator[object]:
        yield from source.parse(stranger, path)

    with pytest.raises(ExtractError, match="the scope names table 'elsewhere'; expected "):
        list(rows())
