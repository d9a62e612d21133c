"""Made figures of publishers whose method changed under them: true growth, of which no fall is ever said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from hashlib import sha256

import duckdb
import pytest

from adoption.settings import Settings
from adoption.warehouse.dbt import Dbt
from ingest.catalog import load_catalog
from ingest.landing import Landing
from ingest.loader import load_extracts
from ingest.plan import next_period
from ingest.sources import load_source

pytestmark = pytest.mark.slow

COUNTED_OTHERWISE = date(2026, 8, 24)
PACKAGES = [
    "fastai",
    "jax",
    "jaxlib",
    "keras",
    "mxnet",
    "numpy",
    "pandas",
    "scikit-learn",
    "tensorflow",
    "torch",
    "torchvision",
    "transformers",
    "xgboost",
]
REPOSITORIES = [
    "apache/mxnet",
    "fastai/fastai",
    "jax-ml/jax",
    "keras-team/keras",
    "microsoft/CNTK",
    "pytorch/pytorch",
    "tensorflow/tensorflow",
    "Theano/Theano",
    "chainer/chainer",
]
MODELS = "stg_clickpy__months+,+fct_adoption_yoy stg_gharchive__months+,+fct_adoption_yoy"
LATER = """
    select distinct year, direction, yoy_common_pct, list_max(common_month_numbers) as last_month
    from marts.fct_adoption_yoy
    where source_id = ? and year in (2025, 2026)
    order by all
"""


def months(until: date) -> Iterator[date]:
    """Each month from January 2023 on."""
    for number in range(2023 * 12, until.year * 12 + until.month - 1):
        yield date(number // 12, number % 12 + 1, 1)


def grown(base: int, month: date) -> float:
    """A figure that grows by a fifth a year."""
    return float(base * 1.2 ** ((month - date(2023, 1, 1)).days / 365.25))


def downloads() -> Iterator[str]:
    """What a month's downloads come to where requests for metadata are counted on top, until they are not."""
    yield "project,month_date,installer,downloads,days_held"
    for place, package in enumerate(PACKAGES):
        for month in months(date(2026, 11, 1)):
            days = (next_period(month, "month") - month).days
            counted_so = min(max((COUNTED_OTHERWISE - month).days / days, 0), 1)
            count = grown(1_000_000 * (place + 1), month) * (1 + 0.4 * counted_so)
            yield f"{package},{month},pip,{count:.0f},{days}"


def stars() -> Iterator[str]:
    """New stars as an archive sees them that loses a part of what happens."""
    yield "repository,repository_id,month_date,stars,events"
    for place, repository in enumerate(REPOSITORIES):
        for month in months(date(2026, 11, 1)):
            seen = 0.97 if month < date(2025, 6, 1) else 0.75 if month < date(2026, 2, 1) else 0.15
            yield f"{repository},{place + 1},{month},{grown(1_000 * (place + 1), month) * seen:.0f},90000000"


def ship(settings: Settings, source: str, table: str, lines: Iterator[str], terms: list[str]) -> None:
    """A file of a source that ships none, with a true sidecar."""
    folder = settings.extracts / source
    folder.mkdir(parents=True)
    data = "".join(f"{line}\n" for line in lines).encode()
    scope = {"table": table, "period_start": "2023-01-01", "period_end": "2026-11-01", "terms": terms, "label": "made"}
    sidecar = {
        "source": source,
        "scope": scope,
        "filename": "made.csv",
        "sha256": sha256(data).hexdigest(),
        "landed_at": "2026-11-05T00:00:00+00:00",
        "licence": "none stated",
    }
    (folder / "made.csv").write_bytes(data)
    (folder / "made.csv.fetch.json").write_text(json.dumps(sidecar))


@pytest.fixture
def changed(copy_of_built: Settings) -> Settings:
    """The shipped warehouse with made figures of two more publishers, modelled."""
    settings = copy_of_built
    ship(settings, "clickpy", "downloads", downloads(), PACKAGES)
    ship(settings, "gharchive", "months", stars(), REPOSITORIES)
    catalog = load_catalog(settings.catalog)
    landing = Landing(settings.landing, settings.extracts)
    with duckdb.connect(str(settings.warehouse)) as connection:
        for name in ("clickpy", "gharchive"):
            loaded = load_extracts(connection, landing, load_source(name), catalog)
            assert loaded
    Dbt(settings, catalog).invoke(["run", "--select", MODELS])
    return settings


def later(settings: Settings, source: str) -> list[tuple[int, str, float | None, int | None]]:
    """What is said of 2025 and 2026 on the years before them."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute(LATER, [source]).fetchall()


def check(settings: Settings, last_month_of_stars: int) -> None:
    """Growth as it was made, over months before the change only; of what an archive lost, nothing."""
    counted = later(settings, "clickpy")
    assert {(year, direction) for year, direction, _, _ in counted} == {(2025, "up"), (2026, "up")}
    assert all(change == pytest.approx(20, abs=0.1) for _, _, change, _ in counted)
    assert {last for year, _, _, last in counted if year == 2026} == {7}

    seen = later(settings, "gharchive")
    assert {(year, direction, last) for year, direction, _, last in seen} == {
        (2025, "up", last_month_of_stars),
        (2026, "not comparable", None),
    }


def test_no_fall_is_said_where_only_the_method_changed(changed: Settings) -> None:
    check(changed, last_month_of_stars=5)

    # nobody knows yet: that all series jump alike is enough, and the month before the jump is not trusted either
    with duckdb.connect(str(changed.warehouse)) as connection:
        connection.execute("delete from meta.breaks where id = 'artifacts_only_2026' or starts_with(id, 'gharchive')")
    Dbt(changed, load_catalog(changed.catalog)).invoke(["run", "--select", MODELS])
    check(changed, last_month_of_stars=4)
