"""docs/how-to/be-told.md, followed by a machine: its file is written, its commands run, a service hears the test."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from adoption.settings import REPOSITORY
from tests.ingest.publisher import Say, publishing

pytestmark = pytest.mark.slow

TEXT = (REPOSITORY / "docs" / "how-to" / "be-told.md").read_text(encoding="utf-8")
FILE = re.compile(r"<!-- file: (\S+) -->\n```text\n(.*?)```", re.DOTALL)
RUN = re.compile(r"<!-- run -->\n```bash\n(.*?)```", re.DOTALL)
SHIM = 'adoption() { "$PYTHON" -c "from adoption.cli.main import main; main()" "$@"; }\n'


def test_the_how_to_does_what_it_says(tmp_path: Path) -> None:
    [(name, content)] = FILE.findall(TEXT)
    with publishing() as publisher:
        publisher.answers("*", Say("{}"))
        (tmp_path / name).write_text(content.replace("127.0.0.1:8025", urlsplit(publisher.url).netloc))
        environment = {
            **{variable: value for variable, value in os.environ.items() if not variable.startswith("ADOPTION_")},
            "PYTHON": sys.executable,
            "PYTHONPATH": str(REPOSITORY),
            "ADOPTION_DATA": str(tmp_path / "data"),
        }
        script = "set -e\n" + SHIM + "".join(RUN.findall(TEXT))
        ran = subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "Sent to 1 address.\nNothing waits.\n"
    [heard] = publisher.heard
    body = json.loads(heard.body)
    assert (heard.path, body["title"]) == ("/notices", "A test")
    assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_every_notice_of_the_code_is_in_the_table_and_no_other() -> None:
    from adoption.notices.notice import TITLES

    assert re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE) == list(TITLES)
