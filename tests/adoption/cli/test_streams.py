"""Answers and questions in any encoding, on any terminal: never a trace, never an empty answer, never another question.

Belongs here: what a process is given by its surroundings. Does not belong here: what a command says.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from adoption.settings import Settings
from tests.conftest import with_published

pytestmark = pytest.mark.slow

COMMAND = "from adoption.cli.main import main; main()"
QUERY = "select '\N{BUG} \u00e9 \u2500' as \"\u00fc\", 7 as n"
ROW = {"\u00fc": "\N{BUG} \u00e9 \u2500", "n": 7}
SURROUNDINGS: dict[str, dict[str, str | None]] = {
    "ASCII": {"PYTHONIOENCODING": "ascii"},
    "ASCII, strictly": {"PYTHONIOENCODING": "ascii:strict"},
    "Latin-1": {"PYTHONIOENCODING": "latin-1"},
    "the code page of an old console": {"PYTHONIOENCODING": "cp437"},
    "no locale": {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "POSIX"},
    "UTF-16": {"PYTHONIOENCODING": "utf-16-le"},
    "no home": {"HOME": None},
    "a terminal of no width": {"COLUMNS": "0"},
    "a terminal of less": {"COLUMNS": "-5"},
    "a width that is none": {"COLUMNS": "wide"},
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return with_published(tmp_path)


def run(settings: Settings, *arguments: str | bytes, **more: object) -> subprocess.CompletedProcess[bytes]:
    changes = more.pop("changes", {})
    assert isinstance(changes, dict)
    environment = {name: value for name, value in {**os.environ, **changes}.items() if value is not None}
    command = [sys.executable, "-c", COMMAND, "--data", str(settings.data), *arguments]
    return subprocess.run(command, check=False, capture_output=True, env=environment, **more)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize("changes", SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_every_character_is_answered_in_every_surrounding(settings: Settings, changes: dict[str, str | None]) -> None:
    encoding = (changes.get("PYTHONIOENCODING") or "utf-8").partition(":")[0]
    done = run(settings, "sql", QUERY, "--json", changes=changes)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout.decode(encoding)) == [ROW]
    for form in ((), ("--csv",)):
        done = run(settings, "sql", QUERY, *form, changes=changes)
        assert (done.returncode, done.stderr, len(done.stdout.decode(encoding).splitlines())) == (0, b"", 2)
    told = run(settings, "inbox", "forms", changes=changes)
    assert (told.returncode, told.stderr) == (0, b"")
    assert len(told.stdout.decode(encoding).splitlines()) > 20
    unknown = run(settings, "sql", "from \u00fc", changes=changes)
    assert unknown.returncode == 1
    assert b"Traceback" not in unknown.stderr


def test_a_query_that_is_no_text_is_refused_and_not_mended(settings: Settings) -> None:
    for done in (run(settings, "sql", b"select '\xff'"), run(settings, "sql", "-", input=b"select '\xff'")):
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"The query is not UTF-8: byte 8 is 0xff." in done.stderr
    marked = run(settings, "sql", "-", input=b"\xef\xbb\xbfselect 1 as n")
    assert (marked.returncode, marked.stdout) == (0, b"n\n1\n")


def test_no_answer_is_dropped_unseen(settings: Settings) -> None:
    both = run(settings, "sql", "select 1; select 2")
    assert (both.returncode, both.stdout) == (2, b"")
    assert b"Only the last statement is answered" in both.stderr
    prepared = run(settings, "sql", "set variable n = 7; create temp table t as select 1; select getvariable('n') as n")
    assert (prepared.returncode, prepared.stdout) == (0, b"n\n7\n")


@pytest.mark.skipif(os.name != "posix", reason="closes a descriptor in a shell")
def test_streams_that_are_closed_are_no_mistake_of_ours(settings: Settings) -> None:
    for arguments, code in (("sql 'select 1' >&-", 0), ("sql - <&-", 2), ("inbox forms >&-", 0)):
        command = f"exec {sys.executable} -c '{COMMAND}' --data {settings.data} {arguments}"
        done = subprocess.run(["sh", "-c", command], check=False, capture_output=True)
        assert (done.returncode, b"Traceback" in done.stderr) == (code, False), done.stderr
