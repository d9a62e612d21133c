"""The house rules that no linter knows: where names may stand, what a file may say, and that the marts are documented.

Belongs here: quick looks at the files of the repository. Does not belong here: anything that needs a build.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from ingest.catalog import FILES, load_catalog

ROOT = Path(__file__).parents[1]
CATALOG = ROOT / "ingest" / "catalog"
DBT = ROOT / "dbt_project"
ROOMS = ("ingest", "adoption", "orchestration")
DOTTED = (".ci", ".github")
"""Hidden folders that are ours; files below them are looked at too."""
DATA_TEXTS = {".yml", ".yaml", ".toml", ".json", ".cfg", ".lock", ".txt", ".service", ".example"}
TEXTS = {".py", ".sql", ".sh", ".md", "", *DATA_TEXTS}
ALSO_WORDS = {"caffe"}
"""Names that stand in other words too, and are looked for as whole words."""
REGISTRIES = ("py" + "pi.org", "python" + "hosted.org", "conda.ana" + "conda.org", "npm" + "js.org", "crates" + ".io")
ABSOLUTE = re.compile(r"""(?<![\w.:/*<{}$)\]-])/(?:home|Users|work|tmp|root|mnt|opt|usr|var)/\w""")
ABSOLUTE_IS_FINE = {"LICENSE", "compose.yaml"}
"""Inside a container every path is absolute."""


def code_files() -> list[Path]:
    """Python and SQL that must not know the field: rooms, benches, the dbt project. The reduction of real files may."""
    python = [
        path for room in (*ROOMS, "bench") for path in (ROOT / room).rglob("*.py") if "extracts" not in path.parts
    ]
    return sorted([*python, ROOT / "ingest" / "extracts" / "__init__.py", *DBT.rglob("*.sql")])


def all_files() -> list[Path]:
    """Every text file of the repository that is ours; data, caches and the like are left out."""
    ours = [path for path in ROOT.iterdir() if path.is_file() and path.name != ".git"]  # a file in a linked work tree
    for folder in (*ROOMS, "dbt_project", "tests", "bench", "deploy", "docs", *DOTTED):
        ours += (path for path in (ROOT / folder).rglob("*") if path.is_file() and not hidden(path))
    return sorted(path for path in ours if path.suffix in TEXTS)


def hidden(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return "__pycache__" in parts or any(part.startswith(".") and part not in DOTTED for part in parts)


def names_of_the_field() -> set[str]:
    """The frameworks that the catalog compares, by id, label and package."""
    catalog = load_catalog(CATALOG)
    frameworks = [entry for entry in catalog.frameworks if entry.role == "contender"]
    packages = {name.name for entry in frameworks for name in entry.names.get("pypi", ())}
    return (
        {name.lower() for entry in frameworks for name in (entry.id, entry.label)}
        | packages
        | {entry.id for entry in catalog.contenders}
    )


def lines(path: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        yield f"{path.relative_to(ROOT)}:{number}", line


def test_the_rules_look_at_something() -> None:
    assert len(code_files()) > 80
    assert len(all_files()) > 150
    assert {"tensorflow", "torch", "tf_keras", "fast.ai"} <= names_of_the_field()


def test_no_framework_has_a_name_in_code_or_sql() -> None:
    names = "|".join(re.escape(name) for name in sorted(names_of_the_field(), key=len, reverse=True))
    named = re.compile(rf"(?<![a-z0-9]){'(?:'}{names})(?![a-z0-9])", re.IGNORECASE)
    places = [place for path in code_files() for place, line in lines(path) if named.search(line)]
    assert places == []


def test_no_file_names_a_package_registry() -> None:
    hosts = re.compile("|".join(map(re.escape, REGISTRIES)), re.IGNORECASE)
    places = [place for path in all_files() for place, line in lines(path) if hosts.search(line)]
    assert places == []


def test_no_file_holds_an_absolute_path() -> None:
    files = [path for path in all_files() if path.name not in ABSOLUTE_IS_FINE and path != Path(__file__)]
    places = [place for path in files for place, line in lines(path) if ABSOLUTE.search(line) and line[:2] != "#!"]
    assert places == []


@pytest.mark.parametrize(
    ("text", "is_absolute"),
    [
        ("open('/tmp/" + "x')", True),
        ("/home" + "/me", True),
        ("a/tmp/x", False),
        ("see /usr" + "/bin", True),
        ("{root}/tmp/x", False),
    ],
)
def test_an_absolute_path_is_recognised(text: str, is_absolute: bool) -> None:
    assert bool(ABSOLUTE.search(text)) is is_absolute


def test_every_module_says_what_belongs_there() -> None:
    modules = [path for room in (*ROOMS, "tests", "bench") for path in (ROOT / room).rglob("*.py") if not hidden(path)]
    without = [str(path.relative_to(ROOT)) for path in modules if not ast.get_docstring(ast.parse(path.read_text()))]
    assert without == []


@pytest.mark.parametrize("name", FILES)
def test_every_catalog_file_loads_and_says_who_is_in_it(name: str) -> None:
    path = CATALOG / f"{name}.yaml"
    assert yaml.safe_load(path.read_text(encoding="utf-8")) is not None  # a list may be empty
    assert {path.name for path in CATALOG.glob("*.yaml")} == {f"{file}.yaml" for file in FILES}


def properties(folder: Path) -> dict[str, dict[str, object]]:
    """The documented models of a folder of the dbt project, by name."""
    contents = [yaml.safe_load(path.read_text(encoding="utf-8")) or {} for path in sorted(folder.rglob("*.yml"))]
    return {model["name"]: model for content in contents for model in content.get("models", ())}


MARTS = sorted(path.stem for path in (DBT / "models" / "marts").rglob("*.sql"))
TEXT_BLOCKS = {
    block
    for path in (DBT / "models").rglob("*.md")
    for block in re.findall(r"{% docs (\w+) %}", path.read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("mart", MARTS)
def test_every_mart_has_a_contract_and_every_column_a_description(mart: str) -> None:
    model = properties(DBT / "models" / "marts")[mart]
    assert model.get("description"), mart
    assert "'enforced': True" in str(model) or contract_of_folder(), mart
    columns = model.get("columns")
    assert isinstance(columns, list)
    for column in columns:
        block = re.fullmatch(r"{{ doc\(['\"](\w+)['\"]\) }}", column.get("description", ""))
        assert column.get("data_type"), (mart, column["name"])
        assert column.get("description"), (mart, column["name"])
        assert block is None or block.group(1) in TEXT_BLOCKS, (mart, column["name"])


def contract_of_folder() -> bool:
    """Whether dbt_project.yml enforces a contract on all marts."""
    project = yaml.safe_load((DBT / "dbt_project.yml").read_text(encoding="utf-8"))
    marts = next(iter(project["models"].values())).get("marts", {})
    return bool(marts.get("+contract", {}).get("enforced"))


def test_every_shipped_extract_has_a_sidecar_and_every_sidecar_an_extract() -> None:
    folder = ROOT / "ingest" / "extracts"
    files = set(folder.rglob("*.csv"))
    sidecars = {path.with_name(path.name.removesuffix(".fetch.json")) for path in folder.rglob("*.fetch.json")}
    assert files == sidecars != set()
    for path in sidecars:
        event = json.loads(path.with_name(f"{path.name}.fetch.json").read_text(encoding="utf-8"))
        assert (event["source"], event["filename"]) == (path.parent.name, path.name)
