"""The explorer in headless Chromium: from disk and from a server, on a phone and on a screen, by mouse and by keyboard.

Belongs here: what only a browser can tell. Does not belong here: what the files say (tests/adoption/site).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adoption.settings import Settings
from adoption.site.build import write
from ingest.database import fetch_dicts
from tests.browser.chromium import AXE, ONLY_WITH_CHROMIUM, Opened, Scheme

if TYPE_CHECKING:
    from playwright.sync_api import Browser

STATES = (
    "",
    "#metric=pypi_downloads&show=change&e=tf_keras,pytorch,jax",
    "#metric=pypi_downloads&show=ratio&e=tf_keras,pytorch",
    "#metric=stackoverflow_questions&scale=log&e=tf_keras,pytorch",
    "#metric=kaggle_survey&e=tf_keras,pytorch",
    "#metric=github_stars&show=years&scale=index&e=tf_keras,pytorch,mxnet",
)

pytestmark = [pytest.mark.slow, *ONLY_WITH_CHROMIUM]


@pytest.fixture(scope="module")
def site(built: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(built, tmp_path_factory.mktemp("browsed") / "site").folder


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    """The address of the site on a server of this machine."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def open_explorer(browser: Browser, address: str, width: int = 1280, scheme: Scheme = "light") -> Opened:
    """The explorer at an address, once it has drawn itself."""
    return Opened(browser, address, width, scheme, ready="html[data-ready]")


@pytest.mark.parametrize("state", STATES)
def test_nothing_is_fetched_and_nothing_is_complained_of(browser: Browser, site: Path, served: str, state: str) -> None:
    for place in (f"{(site / 'index.html').as_uri()}", f"{served}index.html"):
        with open_explorer(browser, place + state) as opened:
            requested = [
                url for url in opened.requests if url.partition("#")[0] != place and not url.startswith("data:")
            ]

            assert requested == []
            assert opened.complaints == []
            assert opened.ask("document.querySelectorAll('#chart svg [data-entity]').length") > 1
            assert opened.ask(
                "Explorer.state.entities.every(id => document.querySelector('#chart svg').textContent"
                ".includes(Explorer.data.entities.find(one => one.id === id).label))"
            )


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_an_accessibility_checker_finds_nothing_serious(
    browser: Browser, site: Path, width: int, scheme: Scheme
) -> None:
    for state in STATES[:3]:
        with open_explorer(browser, f"{(site / 'index.html').as_uri()}{state}", width, scheme) as opened:
            opened.ask("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert opened.ask("document.documentElement.scrollWidth") <= width
            if not AXE.exists():
                continue
            _, violations = opened.check_accessibility()
            assert violations == []


CHOICES: dict[str, st.SearchStrategy[Any]] = {
    "show": st.sampled_from(["months", "years", "change", "ratio", "nonsense", None]),
    "scale": st.sampled_from(["zero", "log", "index", "", None]),
    "from": st.one_of(st.none(), st.integers(2000, 2030)),
    "to": st.one_of(st.none(), st.integers(2000, 2030)),
    "embed": st.booleans(),
}


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.fixed_dictionaries(CHOICES), numbers=st.lists(st.integers(0, 10_000), min_size=2, max_size=12))
def test_every_state_comes_back_from_its_address(explorer: Opened, chosen: dict[str, Any], numbers: list[int]) -> None:
    script = """([chosen, numbers]) => {
        const pick = (list, number) => list[number % list.length], { data, normal, format, parse } = Explorer;
        const metric = pick(data.metrics, numbers[0]).id;
        const series = data.series.filter(one => one.m === metric);
        const keyOf = one => [one.s, one.b, ...(one.g ? [one.g] : [])].join('.');
        const way = series.length ? keyOf(pick(series, numbers[1])) : '';
        const entities = numbers.slice(2).map(number => pick(data.entities, number).id);
        const state = normal({ ...chosen, metric, way, entities });
        return [state, parse('#' + format(state)), normal(state)];
    }"""
    state, back, again = explorer.ask(script, [chosen, numbers])

    assert back == state == again
    assert state["from"] <= state["to"]
    assert 0 < len(state["entities"]) <= 8


@pytest.fixture(scope="module")
def explorer(browser: Browser, site: Path) -> Iterator[Opened]:
    with open_explorer(browser, (site / "index.html").as_uri()) as opened:
        yield opened


@given(text=st.text(max_size=60))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_address_opens_something(explorer: Opened, text: str) -> None:
    state = explorer.ask("text => Explorer.parse('#' + text)", text)

    assert explorer.ask("state => Explorer.format(state)", state)


def test_the_keyboard_alone_reaches_every_function(browser: Browser, site: Path) -> None:
    with open_explorer(browser, (site / "index.html").as_uri()) as opened:
        reached = set()
        for _ in range(80):
            opened.page.keyboard.press("Tab")
            reached.add(
                opened.ask(
                    "document.activeElement.id || document.activeElement.dataset.id || document.activeElement.tagName"
                )
            )
        controls = {"metric", "way", "show", "scale", "from", "to", "chart"}
        assert controls | {f"do-{name}" for name in ("csv", "png", "svg", "link", "sql", "embed")} <= reached
        assert (
            set(opened.ask("[...document.querySelectorAll('#chips button:not(:disabled)')].map(one => one.dataset.id)"))
            <= reached
        )
        assert {"SUMMARY", "source-link"} <= reached

        opened.page.focus("#chart")
        opened.page.keyboard.press("End")
        assert "TensorFlow/Keras" in opened.ask("document.getElementById('live').textContent")
        assert "grade" in opened.ask("document.getElementById('tip').innerText")
        opened.page.keyboard.press("Escape")
        assert opened.ask("document.getElementById('tip').hidden")


def test_choices_change_the_picture_and_the_address(browser: Browser, site: Path) -> None:
    with open_explorer(browser, (site / "index.html").as_uri()) as opened:
        opened.page.click('#chips button[data-id="jax"]')
        assert "jax" in opened.ask("location.hash")
        assert opened.ask("""document.querySelectorAll('#chart [data-entity="jax"]').length""") > 0
        opened.page.select_option("#metric", "github_stars")
        opened.page.select_option("#show", "years")
        assert "metric=github_stars" in opened.ask("location.hash")
        assert "jax" in opened.ask("location.hash")
        opened.page.click("#do-sql")
        assert "from marts.fct_adoption_yoy" in opened.page.input_value("#copied")
        with opened.page.expect_download() as download:
            opened.page.click("#do-csv")
        text = download.value.path().read_text(encoding="utf-8")
        assert text.startswith("period,entity,metric,source,basis")
        for name, start in (("svg", b"<svg"), ("png", b"\x89PNG")):
            with opened.page.expect_download() as download:
                opened.page.click(f"#do-{name}")
            assert download.value.path().read_bytes().startswith(start)
        assert opened.complaints == []


@pytest.mark.parametrize(
    "shown",
    [
        "metric=pypi_downloads",
        "metric=pypi_downloads&show=years",
        "metric=github_stars&show=years",
        "metric=github_stars&show=change",
        "metric=kaggle_survey&show=change",
    ],
)
def test_the_sql_that_is_copied_gives_the_figures_that_are_drawn(
    browser: Browser, site: Path, built: Settings, shown: str
) -> None:
    import duckdb

    with open_explorer(browser, f"{(site / 'index.html').as_uri()}#{shown}&e=tf_keras,pytorch") as opened:
        query = opened.ask("Explorer.sql(Explorer.state)")
        drawn = opened.ask(
            "Explorer.linesOf(Explorer.state).map(line => [line.id, line.points.map(p => [p.iso, p.value])])"
        )
    with duckdb.connect(str(built.published), read_only=True) as connection:
        rows = fetch_dicts(connection, query)
    figure = "change" if "show=change" in shown else "value"
    for entity, points in drawn:
        queried = {
            f"{row['month_date']:%Y-%m}" if "month_date" in row else str(row["year"]): row[figure]
            for row in rows
            if row["entity_id"] == entity
        }
        assert any(value is not None for _, value in points)
        assert {iso: value and pytest.approx(value, rel=1e-4) for iso, value in points} == {
            iso: value for iso, value in queried.items() if iso in dict(points)
        }
        assert {iso for iso, value in queried.items() if value is not None} <= {iso for iso, _ in points}


def test_a_colour_belongs_to_a_contender_wherever_it_is_drawn(browser: Browser, site: Path) -> None:
    script = """() => Object.fromEntries(Explorer.state.entities.map(id => [id, [...new Set([
        ...[...document.querySelectorAll(`#chart [data-entity="${id}"]`)].map(one => one.getAttribute('stroke')),
        ...[...document.querySelectorAll(`#chart [data-name="${id}"]`)].map(one => one.getAttribute('fill'))])]]))"""
    entities_by_colour: dict[str, set[str]] = {}
    for metric in ("pypi_downloads", "github_stars", "kaggle_survey"):
        for order in ("tf_keras,pytorch,jax", "jax,pytorch", "pytorch"):
            with open_explorer(browser, f"{(site / 'index.html').as_uri()}#metric={metric}&e={order}") as opened:
                for entity, inks in opened.ask(script).items():
                    entities_by_colour.setdefault(entity, set()).update(inks)
    assert {entity: len(inks) for entity, inks in entities_by_colour.items()} == {"tf_keras": 1, "pytorch": 1, "jax": 1}
    assert len(set.union(*entities_by_colour.values())) == 3


def test_print_and_embed_leave_the_controls_out(browser: Browser, site: Path) -> None:
    with open_explorer(browser, f"{(site / 'index.html').as_uri()}#metric=pypi_downloads&embed=1") as opened:
        assert not opened.page.is_visible(".controls")
        assert opened.page.is_visible("#chart")
    with open_explorer(browser, (site / "index.html").as_uri()) as opened:
        opened.page.emulate_media(media="print")
        assert not opened.page.is_visible(".actions")
        assert opened.page.is_visible("#caveats")


def test_the_numbers_of_the_page_are_those_of_the_files(browser: Browser, site: Path) -> None:
    content = json.loads((site / "api/v1/tf_keras/pypi_downloads/2020.json").read_text(encoding="utf-8"))
    state = (
        f"#metric=pypi_downloads&way={content['source_id']}.{content['basis']}&show=years&from=2020&to=2020&e=tf_keras"
    )
    with open_explorer(browser, f"{(site / 'index.html').as_uri()}{state}") as opened:
        [line] = opened.ask("Explorer.linesOf(Explorer.state)")
    [point] = line["points"]
    assert point["value"] == pytest.approx(content["value"], rel=1e-4)
    assert point["grade"] == content["grade"]
