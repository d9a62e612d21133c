"""`adoption check`: mistakes of a catalog that its own files cannot show, and what a valid one is told."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from adoption.cli.check import check_catalog
from adoption.cli.main import main
from adoption.settings import Settings
from ingest.errors import CatalogError


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The shipped catalog, in a folder that may be changed."""
    shutil.copytree(Settings().catalog, tmp_path / "catalog", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return Settings(tmp_path / "catalog")


def replace(settings: Settings, file: str, old: str, new: str) -> int:
    """Change the first `old` in a file; return its line."""
    path = settings.catalog / file
    before, match, after = path.read_text(encoding="utf-8").partition(old)
    assert match, f"{file} has no {old!r}"
    path.write_text(before + new + after, encoding="utf-8")
    return before.count("\n") + 1


CHANGES: list[tuple[str, str, str, str]] = [
    ("metrics.yaml", "channel: downloads", "channel: donwloads", "field channel: 'donwloads' is not known"),
    ("metrics.yaml", "unit: downloads", "unit: downlods", "field unit: 'downlods' is not known"),
    ("sources.yaml", "names: pypi", "names: pipy", "field names: 'pipy' is not known"),
    ("frameworks.yaml", "pypi:", "pipy:", "field names: 'pipy' is not known"),
    ("surveys.yaml", 'none_options: ["None"]', 'none_options: ["Nnoe"]', "field none_options: 'Nnoe' is not known"),
    ("sources.yaml", "until: 2024-02-21", "until: 2024-02-30", "2024-02-30 is not a date"),
    ("sources.yaml", 'schedule: "', 'schedule: "0 25 1 * *" # "', "'25' is not a hour"),
]


@pytest.mark.parametrize(("file", "old", "new", "text"), CHANGES, ids=[new for _, _, new, _ in CHANGES])
def test_a_mistake_is_named_with_file_line_and_field(
    settings: Settings, file: str, old: str, new: str, text: str
) -> None:
    line = replace(settings, file, old, new)
    with pytest.raises(CatalogError) as caught:
        check_catalog(settings)
    named = [problem for problem in str(caught.value).splitlines() if text in problem]
    assert named, str(caught.value)
    assert any(problem.startswith(f"{file}:{line}: ") for problem in named), named


def test_a_metric_that_no_model_emits(settings: Settings) -> None:
    path = settings.catalog / "metrics.yaml"
    text = path.read_text(encoding="utf-8")
    first = text[text.index("- id: pypi_downloads") :].partition("\n- id: ")[0]
    path.write_text(f"{text}\n{first.replace('pypi_downloads', 'pypi_uploads', 1)}\n", encoding="utf-8")
    with pytest.raises(CatalogError, match=r"metrics\.yaml:\d+: entry 'pypi_uploads': field id: no model"):
        check_catalog(settings)


def test_a_break_on_a_basis_that_its_source_does_not_have(settings: Settings) -> None:
    replace(settings, "breaks.yaml", "reach: {sources: [", "reach: {bases: [using_any], sources: [")
    with pytest.raises(CatalogError, match=r"breaks\.yaml:\d+: entry .* field reach\.bases: 'using_any' is not known"):
        check_catalog(settings)


@pytest.mark.parametrize(
    ("change", "exit_code", "text"),
    [
        (lambda _: None, 0, "The catalog is valid: 11 contenders, "),
        (lambda settings: replace(settings, "metrics.yaml", "channel: jobs", "channel: job"), 1, "did you mean jobs?"),
    ],
    ids=["valid", "wrong"],
)
def test_the_command_ends_with_what_a_script_can_read(
    settings: Settings, change: Callable[[Settings], object], exit_code: int, text: str
) -> None:
    change(settings)
    result = CliRunner().invoke(main, ["--catalog", str(settings.catalog), "check"])
    assert result.exit_code == exit_code
    assert text in result.output
