"""The export: valid for the reference validator, the same rows in both forms, whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import pytest

from adoption.export.writer import ExportRefused, export
from adoption.publish.identity import Identity
from adoption.publish.reader import NotPublishedError
from adoption.settings import Settings
from ingest.catalog import load_catalog
from ingest.files import FolderRefused, replacing
from tests.conftest import altered

pytestmark = pytest.mark.slow

Descriptor = dict[str, Any]


@pytest.fixture(scope="module")
def folder(built: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of the shipped warehouse."""
    target = tmp_path_factory.mktemp("export") / "made"
    export(built, target)
    return target


@pytest.fixture(scope="module")
def descriptor(folder: Path) -> Descriptor:
    text = (folder / "datapackage.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


@pytest.fixture(scope="module")
def reader(built: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(built.published), read_only=True) as connection:
        yield connection


def test_the_reference_validator_accepts_the_whole_package(folder: Path, descriptor: Descriptor) -> None:
    report = frictionless.validate(str(folder / "datapackage.json"))

    assert report.valid, report.flatten(["name", "type", "note"])[:20]
    assert [task.name for task in report.tasks] == [resource["name"] for resource in descriptor["resources"]]
    assert not [warning for task in report.tasks for warning in task.warnings]


def test_the_validator_looks_at_the_rows(folder: Path, tmp_path: Path) -> None:
    """What it accepts above it would refuse with one wrong type, one repeated key, or one changed byte."""
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    [table] = [resource for resource in described["resources"] if resource["name"] == "fct_minimum_detectable_effects"]
    header, first, *rest = (folder / table["path"]).read_text(encoding="utf-8").splitlines()
    (tmp_path / "csv").mkdir()
    place = [field["name"] for field in table["schema"]["fields"]].index("window_months")
    cells = next(csv.reader([first]))
    wrong = ",".join([*cells[:place], "three", *cells[place + 1 :]])
    (tmp_path / table["path"]).write_text("\n".join([header, first, first, wrong, *rest]), encoding="utf-8")
    (tmp_path / "datapackage.json").write_text(json.dumps({**described, "resources": [table]}), encoding="utf-8")

    report = frictionless.validate(str(tmp_path / "datapackage.json"))

    assert {"type-error", "primary-key", "hash-count"} <= {row[0] for row in report.flatten(["type"])}


def relation(resource: Descriptor) -> str:
    """Where a table stands in the published file."""
    return f"{'meta' if resource['name'] == 'extracts' else 'marts'}.{resource['name']}"


def test_every_mart_is_there_with_every_column_typed_and_described(
    descriptor: Descriptor, reader: duckdb.DuckDBPyConnection
) -> None:
    query = "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"
    marts = [row[0] for row in reader.execute(query).fetchall()]
    assert [resource["name"] for resource in descriptor["resources"]] == [*marts, "extracts"]
    for resource in descriptor["resources"]:
        query = "select column_name, comment from duckdb_columns() where table_name = ?"
        columns = dict(reader.execute(query, [resource["name"]]).fetchall())
        fields = [field for field in resource["schema"]["fields"] if field["name"] != "licences"]
        assert {field["name"]: field["description"] for field in fields} == columns
        assert ("licence" in columns) is (len(fields) == len(resource["schema"]["fields"]))
        assert resource["description"]
        is_empty = reader.execute(f"from {relation(resource)} limit 1").fetchall() == []
        assert ("sources" in resource, "licenses" in resource) == (not is_empty, not is_empty), resource["name"]


def test_keys_are_those_that_the_build_checks_where_they_cannot_be_null(descriptor: Descriptor) -> None:
    keys = {resource["name"]: resource["schema"].get("primaryKey") for resource in descriptor["resources"]}
    assert keys["fct_adoption_yoy"] == ["series_id", "year"]
    assert keys["extracts"] == ["extract_id"]
    # a claim without a reading, a passing without a date, missing months (a list), a choice without a way of counting
    keyless = ["fct_claims", "fct_crossovers", "fct_projection_tests", "fct_robustness"]
    assert [name for name, key in keys.items() if key is None] == keyless


def test_parquet_and_csv_hold_the_rows_of_the_file(
    folder: Path, descriptor: Descriptor, reader: duckdb.DuckDBPyConnection
) -> None:
    for resource in descriptor["resources"]:
        table = relation(resource)
        for stored in (resource, resource["parquet"]):
            data = (folder / stored["path"]).read_bytes()
            assert (stored["bytes"], stored["hash"]) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
        columns = [field["name"] for field in resource["schema"]["fields"]]
        own = "* exclude (licences)" if "licences" in columns else "*"
        parquet = f"(select {own} from read_parquet('{folder / resource['parquet']['path']}'))"
        for left, right in ((table, parquet), (parquet, table)):
            assert reader.execute(f"from {left} except all from {right} limit 1").fetchall() == []
        with (folder / resource["path"]).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        fields = [field for field in resource["schema"]["fields"] if field["name"] != "licences"]
        count = "count(*), " + ", ".join(f'count("{field["name"]}")' for field in fields)
        total, *counts = reader.execute(f"select {count} from {table}").fetchall()[0]
        assert len(rows) == total
        # an empty field is null and nothing else
        for field, known in zip(fields, counts, strict=True):
            assert sum(row[field["name"]] != "" for row in rows) == known, (table, field["name"])


def test_every_row_has_its_licences(folder: Path, descriptor: Descriptor, reader: duckdb.DuckDBPyConnection) -> None:
    for resource in descriptor["resources"]:
        names = [field["name"] for field in resource["schema"]["fields"]]
        [column] = [name for name in names if name in ("licence", "licences")]
        file = folder / resource["parquet"]["path"]
        without = f"select count(*) from '{file}' where coalesce(len({column}), 0) = 0"
        assert reader.execute(without).fetchall() == [(0,)], resource["name"]
    query = """
        select count(*), count(*) filter (facts.licences <> [extracts.licence])
        from read_parquet(?) as facts inner join meta.extracts as extracts using (extract_id)
    """
    [(facts, others)] = reader.execute(query, [str(folder / "parquet" / "fct_observations.parquet")]).fetchall()
    assert (facts > 1_000, others) == (True, 0)


def test_every_file_that_can_say_it_names_the_edition(built: Settings, tmp_path: Path) -> None:
    identity = Identity("2020.3", "ab" * 32)
    export(built, tmp_path / "export", identity, "version: '2020.3'\n")
    described = json.loads((tmp_path / "export" / "datapackage.json").read_text(encoding="utf-8"))
    assert (described["version"], described["content_sha256"]) == ("2020.3", identity.sha256)
    assert identity.sentence in (tmp_path / "export" / "datasheet.md").read_text(encoding="utf-8")
    assert (tmp_path / "export" / "CITATION.cff").read_text(encoding="utf-8") == "version: '2020.3'\n"
    for path in (tmp_path / "export" / "parquet").iterdir():
        pairs = duckdb.execute("select key, value from parquet_kv_metadata(?)", [str(path)]).fetchall()
        assert {(b"edition", b"2020.3"), (b"content_sha256", identity.sha256.encode())} <= set(pairs)
    metadata = json.loads((tmp_path / "export" / "croissant.json").read_text(encoding="utf-8"))
    assert (metadata["version"], metadata["identifier"]) == ("2020.3.0", f"sha256:{identity.sha256}")


def test_every_source_that_is_held_is_named_with_its_licences(descriptor: Descriptor, built: Settings) -> None:
    catalog = load_catalog(built.catalog)
    cited = {source["title"]: source for source in descriptor["sources"]}
    available = {source.citation for source in catalog.sources if any((built.extracts / source.id).glob("*.csv"))}
    assert set(cited) == available != set()
    licences = {licence["name"]: licence["title"] for licence in descriptor["licenses"]}
    assert "Indeed Hiring Lab" in licences["CC-BY-4.0"]
    assert "Hugo van Kemenade" in licences["LicenseRef-none-stated"]


def test_the_datasheet_says_what_the_catalog_knows(folder: Path, built: Settings) -> None:
    text = (folder / "datasheet.md").read_text(encoding="utf-8")
    catalog = load_catalog(built.catalog)
    for metric in catalog.metrics:
        assert metric.label in text
        assert metric.reads in text
        assert all(caveat in text for caveat in metric.caveats)
    for source in catalog.sources:
        assert source.how_to_get in text
        assert all(bias.reason in text for bias in source.biases)
    assert all(entry.reason in text for entry in catalog.breaks)
    for heading in (
        "Motivation",
        "Composition",
        "Collection",
        "Known biases",
        "must not be used for",
        "Licences",
        "Files",
    ):
        assert f"{heading}" in text
    assert "None" not in text.replace("None stated", "")


def test_the_same_file_gives_the_same_bytes(built: Settings, folder: Path, tmp_path: Path) -> None:
    export(built, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_older_export_is_replaced_whole(built: Settings, folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "export"
    with replacing(target, "export") as draft:
        (draft / "fct_of_yesterday.csv").write_text("gone")

    export(built, target)

    assert contents(target) == contents(folder)
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_is_no_export_is_never_replaced(built: Settings, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(FolderRefused, match=r"thesis\.txt was not written by this program"):
        export(built, tmp_path)
    assert contents(tmp_path) == {"thesis.txt": b"mine"}


def test_without_a_published_file_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(NotPublishedError):
        export(Settings(data=tmp_path / "data"), tmp_path / "export")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_text_is_refused_since_csv_could_not_tell_it_from_null(
    copy_of_built: Settings, tmp_path: Path
) -> None:
    with altered(copy_of_built.published) as connection:
        connection.execute("update marts.dim_metrics set read_by = '' where position = 1")

    with pytest.raises(ExportRefused, match=r"marts\.dim_metrics\.read_by \(1 rows\)"):
        export(copy_of_built, tmp_path / "export")

    assert not (tmp_path / "export").exists()
