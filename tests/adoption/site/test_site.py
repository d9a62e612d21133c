"""The files of the site: JSON is what the marts hold, badges have the form that shields documents, nothing is left.

Belongs here: what the files say. Does not belong here: how the explorer looks and answers (tests/browser).
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pytest

from adoption.settings import Settings
from adoption.site.build import target, write
from adoption.site.explorer import policy, short
from ingest.database import fetch_dicts
from ingest.files import FolderRefused

pytestmark = pytest.mark.slow

URL = "https://site.test/adoption/"
KEY = ("entity_id", "metric_id", "year")


@pytest.fixture(scope="module")
def site(built: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sites") / "site"
    return write(built, target(built, folder), URL).folder


@pytest.fixture(scope="module")
def preferred(built: Settings) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows of the mart that the files speak of, by entity, metric and year."""
    query = """
        select yoy.*, metrics.caveats, sources.licence
        from marts.fct_adoption_yoy as yoy
        inner join marts.dim_metrics as metrics using (metric_id)
        inner join marts.dim_sources as sources using (source_id)
        where yoy.entity_type = 'contender' and yoy.segment = 'all' and yoy.is_preferred
            and coalesce(yoy.value, yoy.low) is not null
    """
    with duckdb.connect(str(built.published), read_only=True) as connection:
        return {tuple(row[name] for name in KEY): row for row in fetch_dicts(connection, query)}


def test_every_json_file_says_what_the_mart_says(site: Path, preferred: dict[tuple[Any, ...], dict[str, Any]]) -> None:
    files = list(site.glob("api/v1/*/*/*.json"))
    files_of_keys = {}
    for path in files:
        content = json.loads(path.read_text(encoding="utf-8"))
        row = preferred[tuple(content[name] for name in KEY)]
        shared = content.keys() & row.keys()
        assert {"value", "low", "high", "grade", "yoy_pct", "baseline_growth_pct", "not_comparable_reason"} <= shared
        assert {"source", "licence", "edition", "caveats", "built_on"} <= content.keys()
        assert {name: content[name] for name in shared} == {name: row[name] for name in shared}
        files_of_keys[tuple(content[name] for name in KEY)] = path
    assert files_of_keys.keys() == preferred.keys()
    index = json.loads((site / "api/v1/index.json").read_text(encoding="utf-8"))
    assert {entry["path"] for entry in index["files"]} == {str(path.relative_to(site)) for path in files}


def test_every_badge_has_the_form_that_shields_documents(site: Path) -> None:
    badges = [json.loads(path.read_text(encoding="utf-8")) for path in site.glob("badge/*/*.json")]

    assert len(badges) > 20
    for badge in badges:
        assert badge.keys() == {"schemaVersion", "label", "message", "color"}
        assert badge["schemaVersion"] == 1
        assert badge["label"]
        assert badge["message"]
        assert badge["color"] in {"blue", "lightgrey"}


def test_every_row_of_the_csv_is_one_of_its_metric(site: Path) -> None:
    for name in ("yearly", "monthly"):
        with (site / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) > 100
        assert all(row["source"] and row["licence"] and row["grade"] for row in rows)
        parts = 0
        for path in (site / "data" / name).glob("*.csv"):
            with path.open(encoding="utf-8", newline="") as file:
                of_metric = list(csv.DictReader(file))
            assert {row["metric_id"] for row in of_metric} == {path.stem}
            parts += len(of_metric)
        assert parts == len(rows)


def test_feed_and_sitemap_are_xml_with_whole_addresses(site: Path) -> None:
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ElementTree.parse(site / "feed.xml").getroot()
    entries = feed.findall(f"{atom}entry")
    ids = [entry.findtext(f"{atom}id") for entry in entries]
    assert len(set(ids)) == len(ids) > 20
    for entry in entries:
        link = entry.find(f"{atom}link")
        assert link is not None
        assert str(link.get("href")).startswith(URL)
        assert (site / str(link.get("href")).removeprefix(URL).partition("#")[0]).is_file()
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", str(entry.findtext(f"{atom}updated")))
    places = ElementTree.parse(site / "sitemap.xml").getroot().iter()
    addresses = [place.text for place in places if place.tag.endswith("loc")]
    assert addresses
    for address in addresses:
        assert (site / str(address).removeprefix(URL)).is_file()


def test_every_link_of_the_lists_leads_to_a_file(site: Path) -> None:
    text = (site / "llms.txt").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    page = (site / "index.html").read_text(encoding="utf-8").partition("<script")[0]
    links += re.findall(r'href="((?!http|data:)[^"#]+)"', page)

    assert len(links) > 5
    assert [link for link in links if not (site / link).is_file()] == []


def test_the_explorer_is_one_file_of_modest_size_under_a_strict_policy(site: Path) -> None:
    text = (site / "index.html").read_text(encoding="utf-8")
    style, script = (
        re.findall(r"<style>(.*?)</style>", text, re.DOTALL)[0],
        re.findall(r"<script>(.*?)</script>", text, re.DOTALL)[0],
    )

    assert len(text.encode()) < 1_000_000
    assert f'content="{policy(style, script)}"' in text
    assert "unsafe" not in policy(style, script)
    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]+"', text.partition("<script")[0].replace(URL, "")) == []


def test_a_site_is_made_once_and_again_when_something_else_is_asked_or_a_file_is_missing(
    site: Path, built: Settings
) -> None:
    before = {path: path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()}
    assert not write(built, site, URL).is_new
    assert {path: path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()} == before
    assert write(built, site, "https://another.test").is_new
    assert write(built, site, URL).is_new
    (site / "llms.txt").unlink()
    assert write(built, site, URL).is_new
    assert (site / "llms.txt").exists()


def test_a_folder_of_somebody_else_is_refused(built: Settings, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(FolderRefused):
        target(built, tmp_path)
    assert (tmp_path / "index.html").read_text() == "mine"


@pytest.mark.parametrize(
    ("value", "shown"), [(None, None), (113_788_105.0, 113_790_000), (0.0758123, 0.075812), (3.0, 3)]
)
def test_a_drawn_figure_has_the_digits_that_can_be_seen(value: float | None, shown: float | None) -> None:
    assert short(value) == shown
