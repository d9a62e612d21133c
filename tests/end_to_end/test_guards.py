"""Wrong files, as if a publisher had answered so: what is contradicted is left out and named, the rest counts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import duckdb
import pytest

from adoption.settings import Settings
from adoption.warehouse.dbt import Dbt
from ingest.catalog import load_catalog
from ingest.landing import Landing
from ingest.loader import load_extracts
from ingest.sources import load_source

pytestmark = pytest.mark.slow

Lines = list[str]
MODELS = (
    "stg_landing__extracts stg_git_history__months stg_github_ranking__snapshots int_observations__part_1 "
    "int_observations__part_2 int_observations__part_3 int_observations__part_4 int_observations__unioned "
    "int_observations__deduplicated int_guards__contradictions int_observations__resolved"
)


def rewrite(settings: Settings, source: str, filename: str, change: Callable[[Lines], Lines]) -> None:
    """The file as the publisher would have sent it, with a sidecar that knows its bytes."""
    path = settings.extracts / source / filename
    sidecar = path.with_name(f"{filename}.fetch.json")
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([head, *change(lines)]) + "\n", encoding="utf-8")
    fields = json.loads(sidecar.read_text(encoding="utf-8"))
    fields["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    sidecar.write_text(json.dumps(fields), encoding="utf-8")


@pytest.fixture
def corrupted(copy_of_built: Settings) -> Settings:
    """A day without a star, a month of commits that is lost, and a year of PyTorch twice; loaded and modelled."""
    settings = copy_of_built
    rewrite(settings, "github_ranking", "month_edges.csv", lambda lines: [_without_stars(line) for line in lines])
    rewrite(
        settings,
        "git_history",
        "months.csv",
        lambda lines: [line for line in lines if not line.startswith("pytorch/pytorch,2019-06-01,")],
    )
    line_start = "pytorch/pytorch,2020-"
    rewrite(
        settings,
        "repostory",
        "months.csv",
        lambda lines: [*lines, *(line for line in lines if line.startswith(line_start))],
    )
    catalog = load_catalog(settings.catalog)
    landing = Landing(settings.landing, settings.extracts)
    with duckdb.connect(str(settings.warehouse)) as connection:
        for name in ("github_ranking", "git_history", "repostory"):
            load_extracts(connection, landing, load_source(name), catalog)
    Dbt(settings, catalog).invoke(["run", "--select", MODELS])
    return settings


def _without_stars(line: str) -> str:
    day, repository, _, forks = line.split(",")
    return f"{day},{repository},0,{forks}" if day == "2020-03-31" else line


def test_what_is_contradicted_is_left_out_and_named_and_the_rest_counts(corrupted: Settings) -> None:
    with duckdb.connect(str(corrupted.warehouse), read_only=True) as connection:

        def rows(query: str) -> list[tuple[object, ...]]:
            return connection.execute(query).fetchall()

        named = rows(
            "select distinct source_id, metric_id, check_id from intermediate.int_guards__contradictions"
            " where decision is null order by all"
        )
        day = rows(
            "select count(*) from intermediate.int_observations__resolved"
            " where source_id = 'github_ranking' and metric_id = 'github_stars' and period_start = '2020-03-31'"
        )
        other_days = rows(
            "select count(*) from intermediate.int_observations__resolved"
            " where source_id = 'github_ranking' and metric_id = 'github_stars' and year(period_start) = 2020"
        )
        months = rows(
            "select month(period_start), value > 0 from intermediate.int_observations__resolved"
            " where source_id = 'git_history' and entity_id = 'pytorch' and basis = 'all_commits'"
            " and year(period_start) = 2019 order by period_start"
        )
        failed = rows("select rows_rejected from raw.extracts where source_id = 'repostory' and rows_rejected > 0")

    assert ("git_history", "github_commits", "zero_between") in named
    assert ("github_ranking", "github_stars", "zero_between") in named
    assert day == [(0,)]
    assert other_days[0][0] > 100  # type: ignore[operator] # a count
    assert months == [(month, True) for month in range(1, 13) if month != 6]
    assert failed == [(12,)]
