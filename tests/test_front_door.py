"""The files that meet a contributor first: forms, hooks, workflow, citation, guide.

Belongs here: that they parse and name what exists. Does not belong here: whether a host runs them as it promises.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PACKAGES = ("ingest", "adoption", "orchestration")
OF_ANOTHER = {"pydantic_core", "markupsafe", "urllib3", "dbt_common", "google"}
"""Types in the interface of pydantic, jinja2, requests, dbt-core and dagster; and a name of many distributions."""
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
YAML = [
    *FORMS,
    *(ROOT / ".github" / "workflows").glob("*.yml"),
    ROOT / ".pre-commit-config.yaml",
    ROOT / "CITATION.cff",
]
TEXTS = [ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "CHANGELOG.md", "README.md")]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHONS = {name.rpartition(" ")[2] for name in PROJECT["classifiers"] if re.search(r"Python :: \d\.\d", name)}


def content(path: Path) -> Any:  # noqa: ANN401 - whatever the YAML holds
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def make_targets(text: str) -> set[str]:
    """The targets that commands in a text name: `make a b`, at the start of a line, of a command or of code."""
    matches = re.findall(r"(?:^|`|run: |entry: )make((?: [a-z][a-z-]*)+)", text, re.MULTILINE)
    return {target for targets in matches for target in targets.split()}


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_a_yaml_file_parses_to_something(path: Path) -> None:
    assert isinstance(content(path), dict)


@pytest.mark.parametrize("path", [*YAML, *TEXTS], ids=lambda path: path.name)
def test_every_make_target_that_is_named_exists(path: Path) -> None:
    assert make_targets(path.read_text(encoding="utf-8")) <= TARGETS


def test_targets_are_found() -> None:
    assert make_targets("      - run: make lint test\n`make ui PORT=1`\nwe make it") == {"lint", "test", "ui"}
    assert {"lint", "test", "install"} <= TARGETS


@pytest.mark.parametrize("path", [*TEXTS, ROOT / ".github" / "pull_request_template.md"], ids=lambda path: path.name)
def test_every_file_that_is_named_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    linked = re.findall(r"\]\((?!http)([^)#]+)(?:#[^)]*)?\)", text)
    tested = re.findall(r"pytest (tests/\S+)", text)
    assert [name for name in linked if not (path.parent / name).exists()] == []
    assert [name for name in tested if not (ROOT / name).exists()] == []


def test_the_workflow_runs_what_ci_runs_on_every_python_that_is_promised() -> None:
    jobs = content(ROOT / ".github" / "workflows" / "tests.yml")["jobs"]
    commands = {name: [step.get("run") for step in job["steps"]] for name, job in jobs.items()}
    assert set(jobs["linux"]["strategy"]["matrix"]["python"]) == PYTHONS
    assert (".ci/run" in commands["linux"], "make lint test" in commands["macos"]) == (True, True)
    assert (ROOT / ".ci" / "run").exists()


def test_the_workflow_that_publishes_runs_the_script_that_a_test_runs() -> None:
    [job] = content(ROOT / ".github" / "workflows" / "publish.yml")["jobs"].values()
    [line] = [step["run"] for step in job["steps"] if "publish.sh" in step.get("run", "")]
    assert "deploy/publish.sh" in line
    assert line.rstrip().endswith("|| [ $? -eq 3 ]")
    script = ROOT / "deploy" / "publish.sh"
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(script)], check=True)
    usage = subprocess.run([str(script)], capture_output=True, text=True, check=False)
    assert (usage.returncode, "deploy/publish.sh YEAR STORE OUT [URL]" in usage.stderr) == (2, True)


def test_the_next_dbt_is_tried_and_blocks_nothing() -> None:
    job = content(ROOT / ".github" / "workflows" / "tests.yml")["jobs"]["next-dbt"]
    assert job["continue-on-error"] is True
    assert job["steps"][-1] == {"run": "make next-dbt"}


def test_the_hooks_are_local_and_run_what_install_brings() -> None:
    repositories = content(ROOT / ".pre-commit-config.yaml")["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    hooks = repositories[0]["hooks"]
    assert {hook["entry"].partition(" ")[0] for hook in hooks} == {".venv/bin/ruff", "make"}
    assert {hook["language"] for hook in hooks} == {"system"}


def test_a_form_asks_each_thing_once_and_a_wrong_number_has_its_series() -> None:
    fields = {path.stem: [part["id"] for part in content(path)["body"]] for path in FORMS if path.stem != "config"}
    assert set(fields) == {"wrong-number", "bug", "new-source"}
    assert [form for form, ids in fields.items() if len(set(ids)) < len(ids)] == []
    (series,) = [part for part in content(FORMS[-1])["body"] if part["id"] == "series"]
    assert "series_id" in series["attributes"]["description"]
    assert series["validations"] == {"required": True}


def test_the_citation_is_of_this_version_and_licence() -> None:
    citation = content(ROOT / "CITATION.cff")
    assert (citation["version"], citation["license"]) == (PROJECT["version"], PROJECT["license"])


def test_the_bounds_on_python_are_those_of_the_classifiers_and_of_make() -> None:
    lowest, highest = min(PYTHONS), max(PYTHONS)
    beyond = f"3.{int(highest.partition('.')[2]) + 1}"
    assert PROJECT["requires-python"] == f">={lowest},<{beyond}"
    assert f"{'|'.join(sorted(PYTHONS))}) ;;" in (ROOT / "Makefile").read_text(encoding="utf-8")


def imported() -> set[str]:
    """The top-level modules that the packages import, inside functions too."""
    modules: set[str] = set()
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.partition(".")[0])
    return modules - set(sys.stdlib_module_names) - {*PACKAGES, "tests"}


def test_what_the_packages_import_is_declared() -> None:
    """A dependency that comes along with another one leaves when that one does."""
    texts = [*PROJECT["dependencies"], *(text for extra in PROJECT["optional-dependencies"].values() for text in extra)]
    declared = {canonical(re.split(r"[=<>\[]", text)[0]) for text in texts}
    owners = packages_distributions()
    by_module = {name: {canonical(owner) for owner in owners.get(name, ())} for name in imported()}
    assert {"numpy", "duckdb", "dagster"} <= set(by_module)
    undeclared = {name for name, build_inputs in by_module.items() if build_inputs and not build_inputs & declared}
    assert undeclared == OF_ANOTHER


def canonical(distribution: str) -> str:
    return distribution.lower().replace("_", "-")
