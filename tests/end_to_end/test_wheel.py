"""The wheel: installed where nobody may write, started in an empty folder, it builds what the checkout builds.

Belongs here: that everything a build reads is in the wheel. Does not belong here: what the figures are.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pytest

from adoption.editions.store import table_digests
from adoption.settings import REPOSITORY, Settings
from tests.end_to_end.conftest import FIELD

pytestmark = pytest.mark.slow

BUILD = """
import sys
from hatchling.builders.wheel import WheelBuilder
print(*WheelBuilder(sys.argv[1]).build(directory=sys.argv[2]))
"""
RUN = "from adoption.cli.main import main; import adoption; print('code:', adoption.__file__, flush=True); main()"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, as an installer lays it out."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-c", BUILD, str(REPOSITORY), str(folder)], check=True, cwd=folder)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def files_of(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_an_installed_wheel_builds_the_same_content_and_writes_only_where_it_is_started(
    site: Path, other_field: Settings, tmp_path: Path
) -> None:
    before = files_of(site)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("ADOPTION_", "DAGSTER_HOME"))
    }
    started = subprocess.run(
        [
            sys.executable,
            "-c",
            RUN,
            "--catalog",
            str(FIELD / "catalog"),
            "--extracts",
            str(FIELD / "extracts"),
            "build",
        ],
        env={**environment, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 0, started.stdout + started.stderr
    assert f"code: {site}" in started.stdout
    assert files_of(site) == before
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    digests = []
    for file in (tmp_path / "data" / "published" / "adoption.duckdb", other_field.published):
        with duckdb.connect(str(file), read_only=True) as connection:
            digests.append(table_digests(connection))
    assert digests[0] == digests[1]


@pytest.mark.parametrize("name", ["catalog", "extracts"])
def test_the_wheel_holds_the_shipped_catalog_and_extracts(site: Path, name: str) -> None:
    shipped = REPOSITORY / "ingest" / name
    expected = {path for path in files_of(shipped) if "__pycache__" not in path}
    assert expected == {path for path in files_of(site / "ingest" / name) if "__pycache__" not in path}
