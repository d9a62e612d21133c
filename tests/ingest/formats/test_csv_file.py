"""Reading files: what is refused whole, with the place, and what is passed on row by row."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.errors import ExtractError
from ingest.formats.csv_file import check_header, csv_rows, csv_source, read_text
from ingest.formats.tabular import header_of
from ingest.model import ParsedRow
from ingest.row_types import RawRow
from tests.ingest.made_up import fetch_of


class TwoRow(RawRow):
    """Two columns are enough to be read in another order."""

    first: str
    second: str


def parse(folder: Path, data: bytes) -> list[ParsedRow]:
    path = folder / "two.csv"
    path.write_bytes(data)
    return list(csv_rows(replace(fetch_of(data), filename="two.csv"), path, TwoRow))


def seen(folder: Path, data: bytes) -> list[tuple[int, dict[str, str], str]]:
    return [(row.number, dict(row.fields), row.defect) for row in parse(folder, data)]


AB = {"first": "a", "second": "b"}


def test_rows_carry_table_line_and_text(tmp_path: Path) -> None:
    rows = parse(tmp_path, b"first,second\na,b\nc,\n")
    assert rows == [
        ParsedRow("counts", 2, {"first": "a", "second": "b"}),
        ParsedRow("counts", 3, {"first": "c", "second": ""}),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"first,second\na,b",
        b"first,second\r\na,b\r\n",
        b"\xef\xbb\xbffirst,second\na,b\n",
        b'"first","second"\n"a","b"\n',
        b"second,first\nb,a\n",
        b"first;second\na;b\n",
        b"first\tsecond\na\tb\n",
        b"sep=;\nfirst;second\na;b\n",
        "first,second\na,b\n".encode("utf-16"),
        "first;second\r\na;b\r\n".encode("utf-16-be").join([b"\xfe\xff", b""]),
        b"first,second\ra,b\r",
        gzip.compress(b"first,second\na,b\n"),
        gzip.compress(b"first,second\n") + gzip.compress(b"a,b\n"),
    ],
    ids=[
        "no last newline",
        "CRLF",
        "byte order mark",
        "quotes",
        "columns in another order",
        "semicolons",
        "tabs",
        "a hint for Excel",
        "UTF-16",
        "UTF-16, the other end first",
        "carriage returns",
        "gzip",
        "gzip of several parts",
    ],
)
def test_forms_that_mean_the_same(tmp_path: Path, data: bytes) -> None:
    assert [row[1:] for row in seen(tmp_path, data)] == [(AB, "")]


def test_blank_lines_are_no_rows_but_count_as_lines(tmp_path: Path) -> None:
    assert seen(tmp_path, b"first,second\n\na,b\n\n\na,b\n\n") == [(3, AB, ""), (6, AB, "")]


def test_a_quoted_newline_stays_in_the_field(tmp_path: Path) -> None:
    rows = seen(tmp_path, b'first,second\n"a\n1","b, ""c"""\na,b\n')
    assert rows == [(3, {"first": "a\n1", "second": 'b, "c"'}, ""), (4, AB, "")]


def test_blanks_are_left_to_the_row_model(tmp_path: Path) -> None:
    assert seen(tmp_path, b"first,second\n a ,b\n") == [(2, {"first": " a ", "second": "b"}, "")]


@pytest.mark.parametrize(("line", "count"), [(b"a", 1), (b"a,b,c", 3), (b"  ", 1)])
def test_a_ragged_row_is_passed_on_with_its_defect(tmp_path: Path, line: bytes, count: int) -> None:
    rows = seen(tmp_path, b"first,second\n" + line + b"\na,b\n")
    assert (rows[0][0], rows[0][2]) == (2, f"expected 2 fields, found {count}")
    assert rows[1] == (3, AB, "")


def test_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    assert parse(tmp_path, b"first,second\n") == []


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ExtractError, match=r"^two\.csv: the file is empty; expected a header line$"):
        parse(tmp_path, data)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"first", r"two\.csv, line 1: columns missing: 'second'; expected first, second"),
        (b"first,second,third", "columns unknown: 'third'; expected"),
        (b"first,second,first", "columns repeated: 'first'; expected"),
        (b"first, second", "columns missing: 'second'; unknown: ' second'; expected"),
        (b"First,second", "columns missing: 'first'; unknown: 'First'; expected"),
        (b"first|second", "columns missing: 'first', 'second'; unknown: 'first|second'; expected"),
        (b"first,secnd", "columns missing: 'second'; unknown: 'secnd'; expected first, second; did you mean second"),
        (b"", "columns missing: 'first', 'second'; expected"),
    ],
)
def test_another_header_is_refused_by_name(tmp_path: Path, header: bytes, message: str) -> None:
    with pytest.raises(ExtractError, match=message):
        parse(tmp_path, header + b"\na,b\n")


def test_all_faults_of_a_header_are_told_at_once() -> None:
    with pytest.raises(ExtractError, match=r"missing: 'b'; unknown: 'x', 'x'; repeated: 'x'; expected a, b$"):
        check_header("f.csv", ["a", "x", "x"], ["a", "b"])


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"first,second\na,b\ncaf\xe9,b\n", r"two\.csv, line 3: byte 20 \(0xe9\) is not UTF-8; expected UTF-8 text"),
        ("first,second\n".encode("utf-16-le"), "line 1: zero bytes: no text, or UTF-16 without its mark"),
        (b"\xef\xbb\xbffirst,second\n\xff", r"line 2: byte 16 \(0xff\) is not UTF-8"),
    ],
    ids=["latin-1", "utf-16 without its mark", "after a byte order mark"],
)
def test_bytes_that_are_not_utf8_are_refused_with_their_place(tmp_path: Path, data: bytes, place: str) -> None:
    with pytest.raises(ExtractError, match=place):
        parse(tmp_path, data)


@pytest.mark.parametrize("data", [b"b,a\n1,2\n", b"\xef\xbb\xbfb,a\r\n", b'"b",a'])
def test_the_header_of_a_file_is_its_first_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    assert header_of(path, "x.csv") == ["b", "a"]


def test_an_empty_file_has_no_header(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"")
    with pytest.raises(ExtractError, match=r"^x\.csv: the file is empty; expected a header line$"):
        header_of(path, "x.csv")


def test_text_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes("é\r\n\u2028…".encode())
    assert read_text(path, "x") == "é\r\n\u2028…"


def test_a_table_the_source_does_not_have_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"first,second\n")
    source = csv_source("guild_counts", twos=TwoRow)
    with pytest.raises(ExtractError, match=r"counts\.csv: the scope names table 'counts'; expected \['twos'\]"):
        list(source.parse(fetch_of(b""), path))


@pytest.mark.parametrize(
    "data",
    [
        b'first,second\na,"b\na,b\n',
        b'first,second\na,"b\n' + b"a,b\n" * 40_000,
        b"first,second\na,b\rc\n",
        b'first,second\na,"b"c\n',
    ],
    ids=[
        "quote never closed",
        "the same, long",
        "a stray carriage return",
        "text after quote",
    ],
)
def test_broken_quoting_is_refused_with_its_line(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ExtractError, match=r"two\.csv, line \d+: "):
        parse(tmp_path, data)
