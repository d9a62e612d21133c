"""Assistants: the SDK's own client asks the shipped warehouse, and gets figures of the marts or the reason for none.

Belongs here: what a client sees. Does not belong here: how an answer is cut to length (tests/adoption/assistants).
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, TextContent

from adoption.assistants.answer import LIMIT
from adoption.assistants.server import server_of
from adoption.settings import Settings
from ingest.database import fetch_dicts

CLI = "from adoption.cli.main import main; main()"
FIGURE = re.compile(r"(?<![\w.])[+-]?\d[\d,]*(?:\.\d+)?(?: %| x| points)?")
NOT_FIGURES = re.compile(r"over the \d+ months|percentile \d+|per 1,000 posts|\bon \d{4}\b|^\d{4}(?=[:,])")
MART = """
select yoy.* from marts.fct_adoption_yoy as yoy where metric_id = ?
    and entity_id in (?, ?) and entity_type = 'contender'
"""
QUESTIONS: tuple[tuple[str, Mapping[str, Any], str, tuple[str, str]], ...] = (
    (
        "compare",
        {"a": "TensorFlow", "b": "PyTorch", "year": 2020, "metric": "pypi_downloads"},
        "pypi_downloads",
        ("tf_keras", "pytorch"),
    ),
    (
        "compare",
        {"a": "tf_keras", "b": "pytorch", "year": 2023, "metric": "Package downloads"},
        "pypi_downloads",
        ("tf_keras", "pytorch"),
    ),
    (
        "compare",
        {"a": "jax", "b": "PyTorch", "year": 2022, "metric": "github_stars"},
        "github_stars",
        ("jax", "pytorch"),
    ),
    (
        "compare",
        {"a": "keras", "b": "pytorch", "year": 2022, "metric": "kaggle_survey"},
        "kaggle_survey",
        ("tf_keras", "pytorch"),
    ),
    (
        "compare",
        {"a": "pytorch", "b": "tf_keras", "year": 2019, "metric": "hn_job_posts"},
        "hn_job_posts",
        ("pytorch", "tf_keras"),
    ),
    ("yoy", {"entity": "PyTorch", "metric": "pypi_downloads"}, "pypi_downloads", ("pytorch", "pytorch")),
    (
        "yoy",
        {"entity": "tf_keras", "metric": "stackoverflow_survey", "year": 2022},
        "stackoverflow_survey",
        ("tf_keras", "tf_keras"),
    ),
    ("yoy", {"entity": "tf_keras", "metric": "github_stars", "year": 2021}, "github_stars", ("tf_keras", "tf_keras")),
    ("why", {"entity": "jax", "metric": "pypi_downloads", "year": 2021}, "pypi_downloads", ("jax", "jax")),
)
"""Nine questions that have an answer, each with the metric and the contenders whose rows of the mart it must be of."""
UNANSWERABLE = ("compare", {"a": "TensorFlow", "b": "PyTorch", "year": 2023, "metric": "colab_usage"})
HOSTILE = (
    "'; drop table marts.fct_claims; --",
    "tf_keras' union select content from read_text('/etc/passwd') --",
    "(select 1)",
    "../../../../etc/passwd",
    "file:///etc/passwd",
    "/proc/self/environ",
    "read_csv('/etc/passwd')",
    "%",
    "\x00",
    "",
    "{{ env_var('HOME') }}",
)


@pytest.fixture(scope="module")
def mart(built: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(built.published), read_only=True) as connection:
        yield connection


def ask(settings: Settings, tool: str, arguments: Mapping[str, Any]) -> CallToolResult:
    async def call() -> CallToolResult:
        async with Client(server_of(settings)) as client:
            return await client.call_tool(tool, dict(arguments))

    return asyncio.run(call())


def text_of(result: CallToolResult) -> str:
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text


def figures(text: str) -> list[str]:
    """The figures of the lines that answer, without what stands in brackets, remarks and the lines that close."""
    lines = [line for line in text.split("\n")[1:] if not re.match(r"Caveats|Sources|This is|Grade|\(", line)]
    statements = [re.split(r" \(|; complete|; partial|; break", line)[0] for line in lines]
    return [figure for line in statements for figure in FIGURE.findall(NOT_FIGURES.sub("", line))]


def forms_of(row: Mapping[str, Any]) -> Iterator[str]:
    """Every number of a row, in the forms in which a number may be shown."""
    for value in row.values():
        if isinstance(value, float | int) and not isinstance(value, bool):
            yield from (f"{value:,.0f}", f"{value:+,.0f}", f"{value:,.1f}", f"{value:+,.0f} %", f"{value:+.1f} %")
            yield from (f"{value:.1f} %", f"{value:.2f} %", f"{value:+.1f} points", f"{value:+.2f} points")


def ratios_of(rows: list[dict[str, Any]], pair: tuple[str, str]) -> Iterator[str]:
    """Of every way of counting and year that hold both, how many times as much."""
    first, second = ([row for row in rows if row["entity_id"] == name] for name in pair)
    for mine in first:
        for its in second:
            if all(mine[name] == its[name] for name in ("source_id", "basis", "segment", "year")):
                name = "net_additions" if mine["kind"] == "stock" else "value"
                if mine[name] is not None and its[name]:
                    yield f"{mine[name] / its[name]:.2f} x"


@pytest.mark.parametrize(("tool", "arguments", "metric", "pair"), QUESTIONS)
def test_every_figure_of_an_answer_is_one_of_the_mart(
    built: Settings,
    mart: duckdb.DuckDBPyConnection,
    tool: str,
    arguments: Mapping[str, Any],
    metric: str,
    pair: tuple[str, str],
) -> None:
    result = ask(built, tool, arguments)
    text = text_of(result)
    rows = fetch_dicts(mart, MART, [metric, *pair])
    allowed = {form for row in rows for form in forms_of(row)} | set(ratios_of(rows, pair))
    shown = figures(text)
    assert not result.is_error
    assert len(text) <= LIMIT
    assert shown, text
    assert [figure for figure in shown if figure not in allowed] == [], text
    assert re.search(r"grade [A-D]", text, re.IGNORECASE)
    assert "\nCaveats: " in text
    assert "licence: " in text
    assert "sha256" in text.splitlines()[-1]


def test_the_year_that_is_asked_for_is_the_one_that_is_told(built: Settings, mart: duckdb.DuckDBPyConnection) -> None:
    text = text_of(ask(built, "compare", QUESTIONS[1][1]))
    [row] = fetch_dicts(mart, "from compare('tf_keras', 'pytorch', 2023) where metric_id = 'pypi_downloads'")
    assert f"{row['a_value']:,.0f} against {row['b_value']:,.0f} downloads, {row['ratio']:.2f} x" in text
    assert f"{row['a_yoy_pct']:+.1f} % on 2022" in text


def test_what_cannot_be_answered_has_its_reason(built: Settings) -> None:
    text = text_of(ask(built, *UNANSWERABLE))
    assert "Colab usage: not comparable (not available for both in one way of counting" in text
    assert figures(text.replace("Colab usage: ", "")) == []
    assert "Only the operator of Colab can know it" in text


def test_a_change_that_no_rule_allows_has_its_reason(built: Settings) -> None:
    text = text_of(ask(built, "yoy", {"entity": "tf_keras", "metric": "pypi_downloads", "year": 2019}))
    assert "change not comparable: break: " in text


def test_an_overview_counts_what_it_leaves_out(built: Settings) -> None:
    text = text_of(ask(built, "compare", {"a": "tf_keras", "b": "pytorch", "year": 2023}))
    assert len(text) <= LIMIT
    assert "\nNot comparable, not available for both in one way: Kaggle survey" in text
    assert "ask with `metric`" in text


def test_the_brief_of_a_channel_is_the_brief_of_the_mart(built: Settings, mart: duckdb.DuckDBPyConnection) -> None:
    text = text_of(ask(built, "brief", {"year": 2020, "channel": "jobs"}))
    query = """
        select sentence from marts.rpt_brief where year = 2020 and channel = 'jobs'
            and entity_id = 'tf_keras' and against_entity_id = 'pytorch' order by line_number
    """
    [first, *_] = [row["sentence"] for row in fetch_dicts(mart, query)]
    assert first in text
    whole = text_of(ask(built, "brief", {}))
    assert len(whole) <= LIMIT
    assert "ask with `channel`" in whole


def test_search_finds_names_claims_and_nothing_else(built: Settings) -> None:
    assert "metric pypi_downloads: Package downloads" in text_of(ask(built, "search", {"words": "package downloads"}))
    assert text_of(ask(built, "search", {"words": "jax"})).startswith("Found, best first:\nentity jax: JAX")
    assert text_of(ask(built, "search", {"words": "zxcvb"})).startswith("No data: Nothing is called so")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_argument_reads_nothing(built: Settings, hostile: str) -> None:
    before = built.published.read_bytes()
    answers = [
        ask(built, "compare", {"a": hostile, "b": "pytorch", "year": 2023}),
        ask(built, "compare", {"a": "jax", "b": "pytorch", "year": 2023, "metric": hostile or "'"}),
        ask(built, "why", {"entity": hostile, "metric": hostile, "year": 2023}),
        ask(built, "brief", {"year": 2023, "channel": hostile}),
    ]
    for result in answers:
        assert result.is_error
        assert re.search(r"No (entity|metric|contender|channel) is called ", text_of(result))
    hits = text_of(ask(built, "search", {"words": hostile}))
    for text in [hits, *map(text_of, answers)]:
        assert len(text) <= LIMIT
        assert "root:" not in text
        assert os.environ["PATH"] not in text
    assert built.published.read_bytes() == before


def test_wrong_types_and_long_names_are_refused(built: Settings) -> None:
    for arguments in ({"entity": "x" * 81, "metric": "m"}, {"entity": ["jax"], "metric": "m"}, {"entity": "jax"}):
        result = ask(built, "yoy", arguments)
        assert result.is_error
        assert len(text_of(result)) <= LIMIT
    year = ask(built, "why", {"entity": "jax", "metric": "pypi_downloads", "year": 1850})
    assert "The file says nothing of 1850; its years are " in text_of(year)


def test_all_tools_only_read_and_there_are_no_others(built: Settings) -> None:
    async def listed() -> tuple[list[Any], list[Any], str]:
        async with Client(server_of(built)) as client:
            tools, resources = await client.list_tools(), await client.list_resources()
            return tools.tools, resources.resources, client.instructions or ""

    tools, resources, instructions = asyncio.run(listed())
    assert [tool.name for tool in tools] == ["compare", "yoy", "why", "brief", "search"]
    assert all(tool.annotations.read_only_hint and not tool.annotations.open_world_hint for tool in tools)
    assert resources == []
    assert "do not fill them in" in instructions


def test_nothing_published_is_said(tmp_path: Path) -> None:
    result = ask(Settings(data=tmp_path), "search", {"words": "jax"})
    assert result.is_error
    assert "Run `adoption build`" in text_of(result)


def test_it_speaks_on_standard_input_and_output(built: Settings) -> None:
    server = StdioServerParameters(
        command=sys.executable, args=["-c", CLI, "mcp"], env={**os.environ, **built.environment()}
    )

    async def call() -> CallToolResult:
        async with Client(server) as client:
            return await client.call_tool("search", {"words": "jax"})

    assert "entity jax: JAX" in text_of(asyncio.run(call()))
