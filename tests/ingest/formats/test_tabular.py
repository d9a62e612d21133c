"""Workbooks, packed files and files that are no tables: read where nothing is ambiguous, else told what they are."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from ingest.errors import ExtractError, FormError
from ingest.formats.tabular import Bounds, header_of, is_archive, records

Row = tuple[object, ...]
TABLE = [(1, ["name", "day", "count"]), (2, ["anvil", "2020-12-31", "7"]), (3, ["bellows", "2020-12-31", "0"])]


def book(
    *rows: tuple[object, ...], sheet: str = "counts", more: dict[str, list[tuple[object, ...]]] | None = None
) -> bytes:
    made = Workbook()
    made.remove(made.worksheets[0])
    for title, content in {sheet: list(rows), **(more or {})}.items():
        page = made.create_sheet(title)
        for row in content:
            page.append(row)
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


ROWS: list[tuple[object, ...]] = [
    ("name", "day", "count"),
    ("anvil", date(2020, 12, 31), 7),
    ("bellows", datetime(2020, 12, 31), 0.0),  # noqa: DTZ001 - as a workbook has it
]


SHARES = [(0.5, "0%", "50%"), (1, "0%", "100%"), (1.0, "0.00%", "100%"), (0.125, "0.0%", "12.5%"), (3, "0", "3")]
WIDE = Bounds()


def read(folder: Path, data: bytes, bounds: Bounds = WIDE) -> list[tuple[int, list[str]]]:
    path = folder / "x"
    path.write_bytes(data)
    return list(records(path, "x", {"name", "day", "count"}, bounds))


def test_a_workbook_is_the_table_that_a_csv_would_be(tmp_path: Path) -> None:
    assert read(tmp_path, book(*ROWS)) == TABLE
    assert header_of(tmp_path / "x", "x") == TABLE[0][1]
    assert not is_archive(tmp_path / "x")


def test_a_share_in_a_workbook_is_no_whole_number(tmp_path: Path) -> None:
    made = Workbook()
    page = made.active
    assert page is not None
    page.append(("name", "count"))
    for row, (value, shape, _) in enumerate(SHARES, start=2):
        page.append(("anvil", value))
        page.cell(row, 2).number_format = shape
    data = io.BytesIO()
    made.save(data)
    assert [fields[1] for _, fields in read(tmp_path, data.getvalue())[1:]] == [text for *_, text in SHARES]


def test_a_damaged_workbook_is_told_in_our_words(tmp_path: Path) -> None:
    for damage in (zip_of(xl__workbook_xml=b""), _broken(book(*ROWS), "xl/worksheets/sheet1.xml")):
        data = damage.replace(b"workbook_xml", b"workbook.xml")
        with pytest.raises(ExtractError, match=r"not readable as a workbook: it is damaged; save it as") as caught:
            read(tmp_path, data)
        assert "Error" not in str(caught.value)


def _broken(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    return zip_of(**{**members, name: members[name][:-30]})


def test_of_several_sheets_the_one_with_the_known_columns_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, book(*ROWS, more={"notes": [("read by", "a smith")], "empty": []})) == TABLE
    with pytest.raises(ExtractError, match="2 sheets hold a table: counts, again; expected one"):
        read(tmp_path, book(*ROWS, more={"again": ROWS}))


def zip_of(**members: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    {
        "old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "an Excel workbook of the old form"),
        "binary workbook": (zip_of(xl__workbook=b"") + b"", "a zip archive: unpack it first"),
        "document": (zip_of(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "an OpenDocument file"),
        "zip": (zip_of(figures=b"a,b"), "a zip archive: unpack it first"),
        "broken zip": (b"PK\x03\x04", "a zip archive that is cut short or broken"),
        "parquet": (b"PAR1xPAR1", "a Parquet file"),
        "UTF-32": ("a,b".encode("utf-32"), "text in UTF-32"),
        "7-Zip": (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        "UTF-16 without a mark": ("name,day\n".encode("utf-16-le"), "UTF-16 without its mark"),
    }.values(),
)
def test_what_is_no_table_is_told_with_how_to_save_it(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(FormError, match=message) as caught:
        read(tmp_path, data)
    assert 'save it as "CSV UTF-8", or as an Excel workbook (.xlsx)' in str(caught.value)


def test_no_more_is_unpacked_than_a_table_may_have(tmp_path: Path) -> None:
    small = Bounds(size=10_000, rows=3, columns=5)
    for bomb in (gzip.compress(bytes(1 << 24)), gzip.compress(b"a,b\n" * 3_000), b"x" * 10_001, book(*ROWS)):
        with pytest.raises(ExtractError, match=r"more than|larger than|unpacks to"):
            read(tmp_path, bomb, Bounds(size=2_000))
    with pytest.raises(ExtractError, match="more than 3 rows"):
        read(tmp_path, b"a,b\n" * 9, small)
    with pytest.raises(ExtractError, match="line 1: 6 columns; expected at most 5"):
        read(tmp_path, b"a,b,c,d,e,f\n", small)


@pytest.mark.parametrize("cut", [1, 20, 40])
def test_a_packed_file_that_is_cut_short_is_refused(tmp_path: Path, cut: int) -> None:
    with pytest.raises(ExtractError, match=r"cut short|broken"):
        read(tmp_path, gzip.compress(b"a,b\n" * 9)[:-cut] if cut < 30 else gzip.compress(gzip.compress(b"a"))[:12])
