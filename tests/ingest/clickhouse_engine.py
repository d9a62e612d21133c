"""A real ClickHouse engine as the server behind a connector: chdb, in a process and an environment of its own.

Belongs here: starting it, and handing it what a connector sent. Does not belong here: tables and figures (the tests
that use it). `make clickhouse` makes the environment; its one package is half a gigabyte, so it is no part of the lock.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ingest.publisher import Heard, Say

TOOL = Path(os.environ.get("ADOPTION_CLICKHOUSE_PYTHON", Path(sys.prefix) / "clickhouse" / "bin" / "python"))
SETTINGS = " SETTINGS output_format_json_quote_64bit_integers = 1"
"""As the public server is set: whole numbers of 64 bits are texts."""
LOOP = """
import json, sys
from chdb.session import Session
session = Session()
for line in sys.stdin:
    asked = json.loads(line)
    try:
        said = {"body": session.query(asked["sql"], asked["format"], params=asked["params"]).bytes().decode()}
    except Exception as error:
        said = {"error": str(error)}
    print(json.dumps(said), flush=True)
"""


class Engine:
    """One engine; it answers requests as the public server does, and errors by its codes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, sql: str) -> None:
        """Run a statement that answers nothing."""
        answer = self._ask(sql, {}, "CSV")
        assert "error" not in answer, answer["error"]

    def __call__(self, heard: Heard) -> Say:
        params = {name.removeprefix("param_"): value for name, value in heard.params.items() if "param_" in name}
        answer = self._ask(heard.body.decode() + SETTINGS, params, heard.params["default_format"])
        return Say(answer["error"], 500) if "error" in answer else Say(answer["body"])

    def _ask(self, sql: str, params: dict[str, str], form: str) -> dict[str, str]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"sql": sql, "params": params, "format": form}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, str] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def engine() -> Iterator[Engine]:
    """An engine until the block ends; the test is skipped, aloud, where its environment was not made."""
    if not TOOL.exists():
        pytest.skip("no ClickHouse engine here; make it with: make clickhouse")
    variables = {**os.environ, "PYTHONPATH": ""}
    pipe = subprocess.PIPE
    with subprocess.Popen([str(TOOL), "-c", LOOP], stdin=pipe, stdout=pipe, text=True, env=variables) as process:
        try:
            yield Engine(process)
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait(60)
