"""docs/how-to/add-a-source.md and others, followed by a machine: what they say is done to a copy, and works.

Belongs here: applying the fenced blocks, the names and a dropped file, and reading the marts. Does not belong here:
any file of the example: they stand in the how-to.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from adoption.settings import REPOSITORY, Settings
from tests.end_to_end.asking import ask_file, parts
from tests.ingest.publisher import Say, publishing

pytestmark = pytest.mark.slow

HOW_TO = REPOSITORY / "docs" / "how-to"
BLOCK = re.compile(
    r"<!-- (file|replace|append|under \w+|end of \w+|add to \w+): (\S+) -->\n```\w+\n(.*?)```", re.DOTALL
)
ROOMS = ("adoption", "ingest", "orchestration", "dbt_project")
NAMES = {"tensorflow": "tensorflow/tensorflow", "pytorch": "pytorch/pytorch"}
ADDRESS = "https://registry.example/api"
STARS = {"tensorflow/tensorflow": 30, "pytorch/pytorch": 10}
"""A month: two names with the same figures would be told as one counted twice."""
HEADER = "image,month_date,pulls,stars"
WRONG = [
    "tensorflow/tensorflow,2020-01-01,-5,1",
    "tensorflow/elsewhere,2020-01-01,5,1",
    "pytorch/pytorch,2999-01-01,5,1",
    "pytorch/pytorch,2020-01-01,many,1",
]
RUN = "from adoption.cli.main import main; main()"


@dataclass(frozen=True)
class Copy:
    """A copy of the repository that followed the how-to, and what its build printed."""

    root: Path
    exit_code: int
    output: str

    @property
    def settings(self) -> Settings:
        return Settings(data=self.root / "data")


def follow(root: Path, name: str) -> list[str]:
    """Do what a how-to says to the files of `root`; return the files it spoke of."""
    blocks = BLOCK.findall((HOW_TO / f"{name}.md").read_text(encoding="utf-8"))
    for action, file, content in blocks:
        path = root / file
        if action == "file":
            assert not path.exists(), f"{file}: the how-to makes a file that is there already"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        elif action == "replace":
            assert path.exists(), f"{file}: the how-to replaces a file that is not there"
            path.write_text(content, encoding="utf-8")
        else:
            path.write_text(added(action, path.read_text(encoding="utf-8"), content), encoding="utf-8")
    return [file for _, file, _ in blocks]


def added(action: str, text: str, content: str) -> str:
    """A file's text with a block appended, below a key of YAML, at the end of a tuple, or of a part of a query."""
    if action == "append":
        return text + content if content.startswith(" ") else f"{text}\n{content}"
    place, _, name = action.rpartition(" ")
    if place == "add to":
        part = re.search(rf"\n( *){name} as \(\n", text)
        assert part, f"no part {name}"
        close = text.index(f"\n{part[1]})", part.end())
        return f"{text[:close]}\n{content.rstrip()}{text[close:]}"
    key = f"\n{name}:\n" if place == "under" else f"\n{name} = (\n"
    before, match, after = text.partition(key)
    assert match, f"no line {key.strip()}"
    if place == "under":
        return before + match + content + after
    inside, end, rest = after.partition("\n)\n")
    return f"{before}{match}{inside}\n{content.rstrip()}{end}{rest}"


def add_names(path: Path) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for entry in content["frameworks"]:
        if entry["id"] in NAMES:
            entry["names"]["image"] = [{"name": NAMES[entry["id"]], "member": "primary"}]
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def drop(root: Path, name: str, lines: list[str]) -> None:
    path = root / "data" / "inbox" / "pulls" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")


def adoption(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`adoption` as the copy has it, with none of the shipped extracts."""
    environment = {**os.environ, "PYTHONPATH": str(root), "COLUMNS": "200"}
    command = [sys.executable, "-c", RUN, "--extracts", str(root / "none"), *arguments]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    root = tmp_path_factory.mktemp("how_to")
    for room in ROOMS:
        shutil.copytree(REPOSITORY / room, root / room, ignore=shutil.ignore_patterns("*.csv", "*.json", "__pycache__"))
    for path in (root / "dbt_project").rglob("_unit_tests*.yml"):
        path.unlink()  # they depend on no data, and cost most of a small build
    shutil.copyfile(REPOSITORY / "dagster.yaml", root / "dagster.yaml")
    assert len(follow(root, "add-a-source")) == 6
    assert len(follow(root, "add-a-metric")) == 2
    assert follow(root, "add-an-output-format") == ["adoption/export/formats.py"]
    assert len(follow(root, "add-a-connector")) == 2
    assert len(follow(root, "add-a-measure")) == 4
    add_names(root / "ingest" / "catalog" / "frameworks.yaml")
    months = [f"{year}-{month:02}-01" for year in (2019, 2020) for month in range(1, 13)]
    pulls = {"tensorflow/tensorflow": {"2019": 100, "2020": 150}, "pytorch/pytorch": {"2019": 10, "2020": 40}}
    drop(
        root,
        "good.csv",
        [
            f"{image},{month},{counts[month[:4]]},{STARS[image] * (number + 1)}"
            for image, counts in pulls.items()
            for number, month in enumerate(months)
        ],
    )
    drop(root, "wrong.csv", WRONG)
    fetched = fetch(root)
    done = adoption(root, "build")
    return Copy(root, done.returncode, f"{fetched.stdout}\n{done.stdout}\n{done.stderr}")


def fetch(root: Path) -> subprocess.CompletedProcess[str]:
    """Two months of 2021 from a publisher on this machine, whose address takes the place of the how-to's."""
    with publishing() as publisher:
        for month, count in (("2021-01", 7), ("2021-02", 9)):
            for image in NAMES.values():
                publisher.answers(f"/images/{image}/{month}", Say({"pulls": count, "stars": 26 * STARS[image]}))
        path = root / "ingest" / "catalog" / "sources.yaml"
        text = path.read_text(encoding="utf-8")
        assert ADDRESS in text
        path.write_text(
            text.replace(ADDRESS, publisher.url).replace("per_second: 5}", "per_second: 1000}"), encoding="utf-8"
        )
        return adoption(root, "refresh", "pulls", "--from", "2021-01", "--to", "2021-02")


def test_a_build_with_the_new_source_publishes(copy: Copy) -> None:
    # 3: published, and red because of the wrong file
    assert copy.exit_code == 3, copy.output
    assert "raw/pulls: every_landed_extract_is_loaded" in copy.output


def test_the_sql_of_the_how_tos_is_in_the_form_that_lint_wants(copy: Copy) -> None:
    rules = str(REPOSITORY / "pyproject.toml")
    command = [sys.executable, "-m", "sqlfmt", "--check", "--no-progressbar", "--config", rules]
    done = subprocess.run(
        [*command, str(copy.root / "dbt_project" / "models")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("entity", "value", "growth"), [("tf_keras", 1_800, 50), ("pytorch", 480, 300)])
def test_the_dropped_file_is_in_the_marts(copy: Copy, entity: str, value: int, growth: int) -> None:
    (row,) = ask_file(
        copy.settings.published,
        "from marts.fct_adoption_yoy where metric_id = 'image_pulls' and entity_type = 'contender' "
        "and entity_id = ? and year = 2020",
        [entity],
    )
    expected = {
        "source_id": "pulls",
        "basis": "all_pulls",
        "value": value,
        "yoy_pct": growth,
        "grade": "A",
        "is_preferred": True,
        "method": "twelve_exact_months",
        "external_name": "tensorflow/tensorflow" if entity == "tf_keras" else "pytorch/pytorch",
    }
    assert parts(row, expected) == expected


def test_the_new_source_is_in_status_and_on_the_page(copy: Copy) -> None:
    status = adoption(copy.root, "status")
    (line,) = [line for line in status.stdout.splitlines() if line.startswith("pulls ")]
    assert "26: 2019-01 to 2021-02" in line
    assert (status.returncode, line.split()[1]) == (3, "failed")
    page = adoption(copy.root, "review", "2020")
    assert page.returncode == 0, page.stderr
    assert "Container pulls" in page.stdout
    assert re.search(r"TensorFlow/Keras +1,200 +1,800 +\+50 %", page.stdout)


def test_a_wrong_file_is_refused_with_a_text_that_names_each_line(copy: Copy) -> None:
    folder = copy.settings.inbox / "refused" / "pulls"
    assert (folder / "wrong.csv").read_text(encoding="utf-8").splitlines()[1:] == WRONG
    reasons = (folder / "wrong.csv.txt").read_text(encoding="utf-8").splitlines()
    assert [reason.partition(":")[0] for reason in reasons] == [
        "wrong.csv, line 2, column pulls",
        "wrong.csv, line 3, column image",
        "wrong.csv, line 4, column month_date",
        "wrong.csv, line 5, column pulls",
    ]
    assert "greater than or equal to 0; found '-5'" in reasons[0]
    assert "is not a name that the catalog lists for this source; found 'tensorflow/elsewhere'" in reasons[1]
    assert "lies in the future" in reasons[2]
    assert "valid integer" in reasons[3]
    assert all(reason in copy.output for reason in reasons[:1])
    rows = ask_file(copy.settings.published, "select filename from meta.extracts where source_id = 'pulls'")
    assert [row["filename"] for row in rows if row["filename"].endswith(".csv")] == ["good.csv"]


def test_what_the_connector_fetched_is_in_the_marts(copy: Copy) -> None:
    rows = ask_file(
        copy.settings.published,
        "select period_start::varchar as month, value from marts.fct_observations where metric_id = 'image_pulls' "
        "and entity_type = 'framework' and entity_id = 'pytorch' and period_start >= '2021-01-01' order by all",
    )
    assert rows == [{"month": "2021-01-01", "value": 7}, {"month": "2021-02-01", "value": 9}], copy.output


def test_the_new_measure_decides_its_claim(copy: Copy) -> None:
    (row,) = ask_file(
        copy.settings.published,
        "select value, verdict from marts.fct_claims where claim_id = 'pulls_at_their_height'",
    )
    assert (row["value"], row["verdict"]) == (40, "reproduced")


def test_the_new_metric_is_in_the_marts(copy: Copy) -> None:
    """Stars rise by ten a month, from 10 in January 2019: 120 in a year, on 120 at the end of the year before."""
    (row,) = ask_file(
        copy.settings.published,
        "from marts.fct_adoption_yoy where metric_id = 'image_stars' and entity_type = 'contender' "
        "and entity_id = 'pytorch' and year = 2020",
    )
    expected = {"source_id": "pulls", "basis": "total", "value": 240, "prior_value": 120}
    assert parts(row, expected) == expected


def test_the_new_format_holds_the_rows_of_the_others(copy: Copy) -> None:
    done = adoption(copy.root, "export")
    assert done.returncode == 0, done.stderr
    folder = copy.root / "data" / "export"
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    [yoy] = [resource for resource in described["resources"] if resource["name"] == "fct_adoption_yoy"]
    path = folder / yoy["jsonl"]["path"]
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == yoy["jsonl"]["hash"].removeprefix("sha256:")
    of_pulls = [row for row in rows if row["metric_id"] == "image_pulls" and row["is_preferred"]]
    # of the package, and of the contender of one member
    assert [row["value"] for row in of_pulls if row["entity_id"] == "pytorch" and row["year"] == 2020] == [480, 480]
