"""The present, live: sources that are refreshed against publishers on this machine, built, and looked at in the marts.

Belongs here: that a baseline, a star history and artifacts alone reach the marts, and that a framework which is added
later is fetched alone. Does not belong here: any publisher's protocol or faults (tests/ingest/sources).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
import yaml

from adoption.settings import Settings
from ingest.catalog import load_catalog
from ingest.clients.http import Client
from ingest.landing import Landing
from ingest.model import Scope, Source
from ingest.refresh import RefreshContext, RequestOutcome, refresh
from ingest.sources import bigquery_pypi, load_source
from tests.conftest import run_build
from tests.end_to_end.asking import YOY, Row, ask_file
from tests.ingest.made_clickpy import BUSY, MadeClickPy, months_between
from tests.ingest.publisher import Heard, PatientClock, Publisher, Say, publishing

pytestmark = pytest.mark.slow

TODAY = datetime(2026, 11, 29, 12, tzinfo=UTC)
START, END = date(2024, 1, 1), date(2026, 11, 1)
MONTHS = months_between(START, END)
ARTIFACTS_ONLY = date(2026, 9, 1)
"""The first whole month in which the log counts artifacts only."""
FILLERS = [f"filler-{number:03}" for number in range(150)]
BASELINE = 5.0
GROWTH: Mapping[str, float] = {"gadget": 20.0}
"""In percent a year, of this package and of every other."""


def framework(name: str) -> dict[str, Any]:
    """A framework that nothing which is shipped speaks of."""
    names = {"pypi": name, "github": f"{name}/{name}"}
    return {
        "id": name,
        "label": name.title(),
        "role": "contender",
        "names": {kind: [{"name": one, "member": "primary"}] for kind, one in names.items()},
    }


def chance(*parts: object) -> float:
    """A number from 0 to 1, always the same: figures that repeat, or are two packages', are taken for mistakes."""
    return crc32("/".join(map(str, parts)).encode()) / 2**32


def files_of(package: str, month: date) -> int:
    """The files that were truly fetched in a month: some months are better than others, in every year alike."""
    years = (month.year - START.year) + (month.month - 1) / 12
    base = 1_000_000 * (1 + chance(package)) * (1 + chance(package, month.month) / 10)
    growth: float = (1 + GROWTH.get(package, BASELINE) / 100) ** years
    return round(base * growth)


def counted(package: str, month: date) -> int:
    """What the log counts: until artifacts alone are counted, four requests for metadata with ten files."""
    return files_of(package, month) * (10 if month >= ARTIFACTS_ONLY else 14) // 10


class BigQuery:
    """Google's desk, at which the made log is counted."""

    packages: tuple[str, ...] = ()

    def __init__(self, client: Client, scope: Scope) -> None:
        self.client, self.scope = client, scope

    def estimate(self) -> int:
        return 1

    def rows(self, most_bytes: int) -> list[dict[str, Any]]:
        assert most_bytes == 1
        month = self.scope.period_start
        days = ((month + timedelta(days=31)).replace(day=1) - month).days
        if self.scope.table == "population":
            bases = {"pip_only": counted, "without_mirrors": counted, "all_installers": counted}
            return [
                {
                    "project": package,
                    **{basis: count(package, month) for basis, count in bases.items()},
                    "artifacts_only": files_of(package, month),
                    "days": days,
                }
                for package in (BUSY, *self.packages)
            ]
        return [
            {
                "month_date": str(month),
                "project": package,
                "installer": "pip",
                "automation": "not marked",
                "downloads": counted(package, month),
                "artifact_downloads": files_of(package, month),
                "days": days,
            }
            for package in {BUSY, *(self.scope.terms or ())}
        ]


FIRST_WEEK = date(2022, 12, 25)


def stars_on(repository: str, day: date) -> int:
    """The stars of one day that are still there."""
    if not FIRST_WEEK <= day <= TODAY.date():
        return 0
    return int((100 + 900 * chance(repository)) * (1 + chance(repository, day)))


def stars_between(repository: str, start: date, until: date) -> int:
    return sum(stars_on(repository, start + timedelta(days=place)) for place in range((until - start).days))


def week_of(repository: str, week: date) -> dict[str, Any]:
    days = [stars_on(repository, week + timedelta(days=place)) for place in range(7)]
    moment = datetime(week.year, week.month, week.day, tzinfo=UTC)
    return {"week": int(moment.timestamp()), "total": sum(days), "days": days}


def repository(heard: Heard) -> Say:
    """A repository, or a page of its history, by its address."""
    _, _, owner, name, *history = heard.path.split("/")
    full_name = f"{owner}/{name}"
    if history:
        weeks = [FIRST_WEEK + timedelta(weeks=week) for week in range(205)][::-1]
        page, size = int(heard.params["page"]), int(heard.params["per_page"])
        return Say([week_of(full_name, week) for week in weeks[(page - 1) * size : page * size]])
    stars = stars_between(full_name, FIRST_WEEK, TODAY.date() + timedelta(days=1))
    return Say({"id": crc32(full_name.encode()), "full_name": full_name, "stargazers_count": stars})


@dataclass
class Live:
    """A copy of the shipped warehouse with a catalog of its own, whose sources are fetched from this machine."""

    settings: Settings
    publisher: Publisher

    def point(self) -> None:
        """Let the catalog name this publisher, and take its time."""
        path = self.settings.catalog / "sources.yaml"
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
        addresses = {
            "clickpy": f"{self.publisher.url}/clickpy?user=demo&database=pypi&param_busy={BUSY}",
            "github_stargazers": self.publisher.url,
        }
        for entry in entries:
            if entry["id"] == "bigquery_pypi":
                del entry["access"]["extra"]
            if entry["id"] in addresses:
                entry["access"] |= {"urls": [addresses[entry["id"]]], "pace": {}, "most_requests": 4_000}
        path.write_text(yaml.safe_dump(entries, allow_unicode=True, sort_keys=False), encoding="utf-8")

    def add(self, name: str) -> None:
        """A framework more in the catalog."""
        path = self.settings.catalog / "frameworks.yaml"
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        content["frameworks"].append(framework(name))
        path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")

    def refresh(self, name: str) -> list[RequestOutcome]:
        """Fetch what is missing of a source."""
        source: Source = load_source(name)
        if name == "bigquery_pypi":
            assert source.connector
            source = replace(
                source, connector=replace(source.connector, fetch=partial(bigquery_pypi.fetch, open_desk=BigQuery))
            )
        context = RefreshContext(PatientClock(TODAY), {"GOOGLE_APPLICATION_CREDENTIALS": "x.json"})
        landing = Landing(self.settings.landing, self.settings.extracts)
        return list(refresh(source, load_catalog(self.settings.catalog), landing, (START, END), context))


def packages_of(settings: Settings) -> list[str]:
    return sorted(load_catalog(settings.catalog).names("pypi"))


@pytest.fixture(scope="module")
def live(built: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Refreshed, a framework added, refreshed again, and built once."""
    folder = tmp_path_factory.mktemp("live")
    settings = Settings(folder / "catalog", built.extracts, folder / "data")
    shutil.copytree(built.catalog, settings.catalog)
    shutil.copytree(built.data, settings.data)
    packages = [*packages_of(settings), "gadget", "gizmo", *FILLERS]
    downloads = {(name, month, "pip"): counted(name, month) for name in [BUSY, *packages] for month in MONTHS}
    with publishing() as publisher:
        publisher.answers("/clickpy", MadeClickPy(downloads))
        publisher.answers("*", repository)
        made = Live(settings, publisher)
        made.point()
        made.add("gadget")
        BigQuery.packages = tuple(packages)
        yield made


@pytest.fixture(scope="module")
def outcomes(live: Live) -> dict[str, list[list[RequestOutcome]]]:
    """What was fetched of each source before and after a framework was added."""
    sources = ("clickpy", "github_stargazers")
    first = {name: live.refresh(name) for name in sources}
    live.add("gizmo")
    found = {name: [first[name], live.refresh(name)] for name in sources}
    found["bigquery_pypi"] = [live.refresh("bigquery_pypi")]
    return found


@pytest.fixture(scope="module")
def published(live: Live, outcomes: dict[str, list[list[RequestOutcome]]]) -> Path:
    assert outcomes
    made = run_build(live.settings)
    assert made.outcome.published, "\n".join([made.output, *made.outcome.failures])
    return live.settings.published


def year_of(
    published: Path, year: int, source: str, basis: str, entity: str = "gadget", metric: str = "pypi_downloads"
) -> Row:
    query = f"""from {YOY} where entity_type = 'contender' and entity_id = ? and metric_id = ? and segment = 'all'
                and year = ? and source_id = ? and basis = ?"""
    (found,) = ask_file(published, query, [entity, metric, year, source, basis])
    return found


def test_a_framework_that_is_added_later_is_fetched_alone(outcomes: dict[str, list[list[RequestOutcome]]]) -> None:
    # the newest months may still change, and are fetched again whoever is added
    settled = date(2026, 9, 1)
    for name, term in (("clickpy", "gizmo"), ("github_stargazers", "gizmo/gizmo")):
        first, second = outcomes[name]
        assert {outcome.result for outcome in first} == {"landed"}
        later = {(outcome.scope.terms, outcome.result) for outcome in second if outcome.scope.period_start < settled}
        assert later == {((term,), "landed")}
    assert {outcome.result for outcome in outcomes["bigquery_pypi"][0]} == {"landed"}


@pytest.mark.parametrize("basis", ["pip_only", "without_mirrors", "all_installers"])
def test_growth_stands_beside_the_median_package_of_a_live_source(published: Path, basis: str) -> None:
    found = year_of(published, 2025, "clickpy", basis)
    assert found["is_comparable"]
    assert found["yoy_pct"] == pytest.approx(20.0, abs=0.01)
    assert found["baseline_growth_pct"] == pytest.approx(BASELINE, abs=0.01)
    assert found["baseline_packages"] >= len(FILLERS)
    # but for its own growth, which is counted in whole downloads there
    assert found["growth_percentile"] > 99


def test_the_newcomer_has_its_past_and_its_baseline(published: Path) -> None:
    found = year_of(published, 2025, "clickpy", "pip_only", "gizmo")
    assert found["yoy_pct"] == pytest.approx(BASELINE, abs=0.01)
    assert found["baseline_growth_pct"] == pytest.approx(BASELINE, abs=0.01)
    stars_then = year_of(published, 2025, "github_stargazers", "survivors", "gizmo", "github_new_stars")
    assert stars_then["value"] == stars_between("gizmo/gizmo", date(2025, 1, 1), date(2026, 1, 1))


def test_a_year_with_a_change_of_the_log_has_a_baseline_over_the_months_before_it(published: Path) -> None:
    found = year_of(published, 2026, "clickpy", "pip_only")
    assert found["common_month_numbers"] == [1, 2, 3, 4, 5, 6, 7]
    assert found["yoy_common_pct"] == pytest.approx(20.0, abs=0.01)
    assert found["baseline_growth_pct"] == pytest.approx(BASELINE, abs=0.01)


def test_artifacts_alone_compare_on_both_sides_of_the_day_on_which_the_log_changed(published: Path) -> None:
    artifacts = year_of(published, 2026, "bigquery_pypi", "artifacts_only")
    assert artifacts["common_month_numbers"] == list(range(1, 11))
    assert artifacts["yoy_common_pct"] == pytest.approx(20.0, abs=0.01)
    assert artifacts["baseline_growth_pct"] == pytest.approx(BASELINE, abs=0.01)
    others = year_of(published, 2026, "bigquery_pypi", "pip_only")
    assert others["common_month_numbers"] == [1, 2, 3, 4, 5, 6, 7]
    assert "metadata" in others["grade_reason"]
    assert "metadata" not in (artifacts["grade_reason"] or "")
    assert year_of(published, 2025, "bigquery_pypi", "artifacts_only")["yoy_pct"] == pytest.approx(20.0, abs=0.01)


def test_stars_of_a_history_reach_the_marts(published: Path) -> None:
    for year in (2023, 2024, 2025):
        found = year_of(published, year, "github_stargazers", "survivors", metric="github_new_stars")
        given = stars_between("gadget/gadget", date(year, 1, 1), date(year + 1, 1, 1))
        assert (found["value"], found["is_complete"]) == (given, True)
