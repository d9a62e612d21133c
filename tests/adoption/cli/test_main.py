"""The command: quick where it can be, plain where it must refuse."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adoption.cli.main import main
from adoption.settings import REPOSITORY, Settings
from adoption.warehouse.lock import locked
from tests.conftest import with_published

pytestmark = pytest.mark.slow


def call(settings: Settings, *arguments: str, typed: str = "") -> Result:
    places = ["--data", str(settings.data), "--catalog", str(settings.catalog), "--extracts", str(settings.extracts)]
    return CliRunner().invoke(main, [*places, *arguments], input=typed)


@pytest.fixture
def published(tmp_path: Path) -> Settings:
    """A data folder whose published file holds two rows."""
    tools = """
    create schema marts;
    create table marts.tools (tool varchar, sold bigint, day date);
    insert into marts.tools values ('anvil', 1, '2020-01-31'), ('a, "b"', null, null)
    """
    return with_published(tmp_path, tools)


def test_sql_prints_values_separated_by_tabs_into_a_pipe(published: Settings) -> None:
    result = call(published, "sql", "from marts.tools")

    assert result.exit_code == 0
    assert result.output == 'tool\tsold\tday\nanvil\t1\t2020-01-31\na, "b"\t\t\n'
    assert call(published, "sql", "from marts.tools where false").output == "tool\tsold\tday\n"


@pytest.mark.parametrize("text", ["a:100:b", "[red]x[/red]", "[x]", "x" * 300, "a  b", ":smile:", "\\d"])
def test_sql_prints_values_as_they_are(published: Settings, text: str) -> None:
    assert call(published, "sql", f"select '{text}' as \"{text}\"").output == f"{text}\n{text}\n"
    assert json.loads(call(published, "sql", "--json", f"select '{text}' as t").output) == [{"t": text}]


def test_sql_reads_standard_input_and_comments(published: Settings) -> None:
    assert call(published, "sql", "-", typed="select 2 as b").output == "b\n2\n"
    assert call(published, "sql", "-- why\nselect 1 as a").output == "a\n1\n"
    assert call(published, "sql", "select 1 as a", "--csv").output == "a\n1\n"


@pytest.mark.parametrize("query", ["", ";", " ; ", "-- nothing", "/* nothing */", "-"])
def test_sql_without_a_query_is_refused(published: Settings, query: str) -> None:
    result = call(published, "sql", query)

    assert result.exit_code == 2
    assert "The query is empty" in result.output


@pytest.mark.parametrize("command", [["sql", "select 1"], ["diff", "2020.1", "published"]])
def test_two_forms_at_once_are_refused(published: Settings, command: list[str]) -> None:
    result = call(published, *command, "--csv", "--json")

    assert result.exit_code == 2
    assert "--csv and --json exclude each other" in result.output


def test_sql_writes_csv_and_json(published: Settings) -> None:
    assert call(published, "sql", "--csv", "from marts.tools").output == (
        'tool,sold,day\nanvil,1,2020-01-31\n"a, ""b""",,\n'
    )
    assert json.loads(call(published, "sql", "--json", "from marts.tools").output) == [
        {"tool": "anvil", "sold": 1, "day": "2020-01-31"},
        {"tool": 'a, "b"', "sold": None, "day": None},
    ]


@pytest.mark.parametrize(
    "query", ["drop table marts.tools", "insert into marts.tools default values", "create table t (i int)"]
)
def test_sql_can_only_read(published: Settings, query: str) -> None:
    result = call(published, "sql", query)

    assert result.exit_code == 1
    assert "read-only" in result.output


def test_sql_says_in_plain_words_what_is_wrong(published: Settings, tmp_path: Path) -> None:
    wrong = call(published, "sql", "from marts.nowhere")
    assert wrong.exit_code == 1
    assert "Table with name nowhere does not exist" in wrong.output

    nothing = call(Settings(data=tmp_path / "empty"), "sql", "select 1")
    assert nothing.exit_code == 1
    assert nothing.output.startswith("Error: Nothing is published yet")


def run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from adoption.cli.main import main; main()", *arguments],
        cwd=REPOSITORY,
        env={"PATH": "", **settings.environment()},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("arguments", [["build"], ["run"], ["dbt", "build"], ["docs"]])
def test_a_second_build_refuses_in_plain_words(tmp_path: Path, arguments: list[str]) -> None:
    settings = Settings(data=tmp_path)
    with locked(settings):
        result = run(settings, *arguments)

    assert result.returncode == 1
    assert result.stderr.startswith(f"Error: Another build is running in {tmp_path}. Nothing was changed.")
    assert not settings.warehouse.exists()


@pytest.mark.parametrize("command", ["build", "run"])
def test_where_nothing_is_new_a_build_says_so_and_stops(
    built: Settings, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced: list[Settings] = []

    def build_all(settings: Settings) -> int:
        forced.append(settings)
        return 3

    monkeypatch.setattr("adoption.cli.main._build_all", build_all)

    quiet = call(built, command)
    assert (quiet.exit_code, forced) == (0, [])
    assert quiet.output.startswith(f"Nothing is new (--force builds all the same). Published: {built.published}\n")

    assert call(built, command, "--force").exit_code == 3
    assert [settings.data for settings in forced] == [built.data]


def test_a_wrong_catalog_is_named_before_anything_is_built(tmp_path: Path) -> None:
    result = call(Settings(data=tmp_path / "data", catalog=tmp_path), "build")

    assert result.exit_code == 1
    assert "frameworks.yaml: the file is missing" in result.output


def test_help_lists_every_command(tmp_path: Path) -> None:
    result = call(Settings(data=tmp_path), "--help")

    assert result.exit_code == 0
    for command in ("build", "run", "status", "review", "sql", "export", "docs", "dbt"):
        assert f"\n  {command} " in result.output


HEAVY = {"dagster", "dagster_dbt", "dbt", "pandas", "pyarrow"}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["sql", "select 1"], ["review", "2020"], ["status"]], ids=lambda arguments: arguments[0]
)
def test_a_quick_command_does_not_wait_for_what_it_does_not_need(built: Settings, arguments: list[str]) -> None:
    program = (
        "import sys; from adoption.cli.main import main\n"
        f"code = main({arguments!r}, standalone_mode=False)\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        env={"PATH": "", **built.environment()},
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout
    assert result.stderr == "[]\n"


def test_what_can_not_be_frozen_compared_or_built_is_said_in_plain_words(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    for arguments, message in (
        (["freeze", "2020"], "Nothing is published yet"),
        (["ready", "2020"], "Nothing is published yet"),
        (["diff", "2020.1", "published"], "No edition 2020.1; there are: none yet."),
        (["build", "--as-of", "9998-12-31"], "9998-12-31 lies in the future"),
        (["build", "--as-of", "yesterday"], "'yesterday' does not match the format '%Y-%m-%d'"),
    ):
        result = call(settings, *arguments)
        assert result.exit_code != 0
        assert message in result.output
