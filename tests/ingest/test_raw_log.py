"""What can be seen of a raw log without counting it: months, footers, and files that cannot be right."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from ingest.errors import ExtractError
from ingest.raw_log import month_of, open_log

ROWS: dict[str, list[Any]] = {
    "package": ["anvil", "bellows"],
    "day": [date(2020, 1, 1), date(2020, 1, 31)],
    "installer": ["pip", None],
    "ci": [True, None],
    "version": ["1", "2"],
    "filename": ["anvil-1.whl", "bellows-2.tar.gz"],
}


def write(path: Path, **columns: list[Any] | pa.Array | None) -> Path:
    """A file of a log, with other columns where they are given, without those that are None."""
    path.parent.mkdir(parents=True, exist_ok=True)
    given_columns = {name: values for name, values in {**ROWS, **columns}.items() if values is not None}
    parquet.write_table(pa.table(given_columns), path)
    return path


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("downloads-2020-01.parquet", date(2020, 1, 1)),
        ("2020-01-15.parquet", date(2020, 1, 1)),
        ("20200115.parquet", date(2020, 1, 1)),
        ("202001.parquet", date(2020, 1, 1)),
        ("2020/01/part-0.parquet", date(2020, 1, 1)),
        ("2020/01/15/part-0.parquet", date(2020, 1, 1)),
        ("year=2020/month=01/part-0.parquet", date(2020, 1, 1)),
        ("month=2020-12/part-00000-20190101.parquet", date(2020, 12, 1)),
        ("part-00000-c7a201907f.parquet", None),
        ("downloads-2020-13.parquet", None),
        ("downloads.parquet", None),
    ],
)
def test_a_path_names_its_month(name: str, expected: date | None) -> None:
    assert month_of(name) == expected


def test_a_log_is_its_months_with_rows_and_columns(tmp_path: Path) -> None:
    write(tmp_path / "2020-02" / "b.parquet", downloads=[1, 2])
    write(tmp_path / "2020-02" / "a.parquet", downloads=[3, 4])
    write(tmp_path / "2020-01.parquet")
    write(tmp_path / "_temporary" / "2020-01.parquet")
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / "readme-2020-01.txt").touch()

    log = open_log(str(tmp_path))

    assert [(month.month, month.rows, month.problems) for month in log.months] == [
        (date(2020, 1, 1), 2, ()),
        (date(2020, 2, 1), 4, ()),
    ]
    assert [file.name for file in log.months[1].files] == ["2020-02/a.parquet", "2020-02/b.parquet"]
    assert log.months[0].columns["downloads"] == ""
    assert log.months[1].columns["downloads"] == "downloads"
    assert log.unclaimed_files == ()


def test_other_names_of_columns_are_known(tmp_path: Path) -> None:
    moments = [datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 2, tzinfo=UTC)]
    write(tmp_path / "2020-01.parquet", package=None, day=None, project=["anvil", "anvil"], timestamp=moments)
    (month,) = open_log(str(tmp_path)).months
    assert (month.problems, month.columns["package"], month.columns["moment"]) == ((), "project", "timestamp")


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"installer": None}, "columns missing: installer; found package, day, ci, version, filename"),
        ({"package": None, "packge": ["a", "b"]}, "did you mean packge?"),
        ({"day": ["2020-01-01", "2020-01-02"]}, "column day: expected a date or a timestamp, found string"),
        ({"ci": ["yes", "no"]}, "column ci: expected true, false or null, found string"),
        ({"downloads": [1.5, 2.0]}, "column downloads: expected whole numbers, found double"),
        ({"package": [1, 2]}, "column package: expected texts, found int64"),
    ],
)
def test_a_file_without_the_columns_is_named(tmp_path: Path, columns: dict[str, Any], expected: str) -> None:
    write(tmp_path / "2020-01.parquet", **columns)
    (month,) = open_log(str(tmp_path)).months
    (problem,) = month.problems
    assert problem.startswith("2020-01.parquet: ")
    assert expected in problem


@pytest.mark.parametrize("length", [0, 3, 8, 100, -9, -1])
def test_a_file_that_is_cut_is_named(tmp_path: Path, length: int) -> None:
    path = write(tmp_path / "2020-01.parquet")
    path.write_bytes(path.read_bytes()[:length])
    (month,) = open_log(str(tmp_path)).months
    assert "2020-01.parquet: cut, or no Parquet file" in month.problems[0]


def test_the_same_file_twice_is_named_and_a_second_part_is_not(tmp_path: Path) -> None:
    path = write(tmp_path / "2020-01" / "a.parquet")
    write(tmp_path / "2020-01" / "b.parquet", package=["anvil", "tongs"])
    assert not open_log(str(tmp_path)).months[0].problems

    (tmp_path / "2020-01" / "copy.parquet").write_bytes(path.read_bytes())
    (month,) = open_log(str(tmp_path)).months
    assert month.problems == ("2020-01/copy.parquet: twice: the same file as 2020-01/a.parquet",)


def test_files_of_one_month_must_have_the_same_columns(tmp_path: Path) -> None:
    write(tmp_path / "2020-01" / "a.parquet")
    write(tmp_path / "2020-01" / "b.parquet", downloads=[1, 2])
    (month,) = open_log(str(tmp_path)).months
    assert month.problems == ("files with other columns than each other: 2020-01/a.parquet, 2020-01/b.parquet",)


def test_the_inputs_of_a_month_change_with_every_file_of_it(tmp_path: Path) -> None:
    def inputs() -> str:
        return open_log(str(tmp_path)).months[0].inputs

    write(tmp_path / "2020-01" / "a.parquet")
    first = inputs()
    assert inputs() == first
    write(tmp_path / "2020-01" / "a.parquet", package=["anvil", "tongs"])
    changed = inputs()
    write(tmp_path / "2020-01" / "b.parquet")
    assert len({first, changed, inputs()}) == 3


def test_a_file_without_a_month_is_named(tmp_path: Path) -> None:
    write(tmp_path / "2020-01.parquet")
    write(tmp_path / "downloads.parquet")
    log = open_log(str(tmp_path))
    assert len(log.months) == 1
    assert log.unclaimed_files == ("downloads.parquet: its path names no month; expected one such as 2020-01",)


@pytest.mark.parametrize("place", ["", "nothing", "s3x://bucket/log"])
def test_no_log_is_an_error(tmp_path: Path, place: str) -> None:
    location = place if "://" in place else str(tmp_path / place)
    with pytest.raises(ExtractError):
        open_log(location)
