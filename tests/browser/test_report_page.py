"""The report in headless Chromium: nothing is fetched, every chart has its marks, it fits a phone, all can read it.

Belongs here: what only a browser can tell. Does not belong here: what the page says (tests/end_to_end/test_report.py),
or how fast it paints (bench/).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from adoption.reports.charts import inks
from adoption.reports.charts.svg import INK
from adoption.reports.page.place import PAGE
from adoption.reports.page.render import make, write
from adoption.settings import Settings
from tests.browser.chromium import AXE, ONLY_WITH_CHROMIUM, Opened, Scheme

if TYPE_CHECKING:
    from playwright.sync_api import Browser

YEARS = (2016, 2020)
"""A year of which little is held, and the year of the thread."""

pytestmark = [pytest.mark.slow, *ONLY_WITH_CHROMIUM]


@pytest.fixture(scope="module")
def pages(built: Settings, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("reports")
    return {
        year: next(path for path in write(make(built, year), folder / str(year)) if path.name == PAGE) for year in YEARS
    }


def open_page(browser: Browser, path: Path, width: int = 1280, scheme: Scheme = "light") -> Opened:
    """A page of the report, from disk, with nothing else within reach."""
    return Opened(browser, path.as_uri(), width, scheme, is_alone=True)


@pytest.mark.parametrize("year", YEARS)
def test_nothing_is_fetched_and_nothing_is_complained_of(browser: Browser, pages: dict[int, Path], year: int) -> None:
    with open_page(browser, pages[year]) as opened:
        requested = [url for url in opened.requests if not url.startswith(("file:", "data:"))]

        assert opened.requests
        assert requested == []
        assert opened.complaints == []
    assert pages[year].stat().st_size < 2_000_000


MARKS = """([inks]) => [...document.querySelectorAll('.chart')].filter(chart => chart.checkVisibility()).map(chart => ({
    name: chart.closest('figure').dataset.picture,
    wanted: Number(chart.dataset.marks),
    drawn: [...chart.querySelectorAll('path, circle, line')].filter(mark => {
        const box = mark.getBoundingClientRect();
        const seen = [mark.getAttribute('stroke'), mark.getAttribute('fill')];
        return box.width + box.height > 0 && seen.some(ink => inks.includes(ink));
    }).length,
    texts: chart.querySelectorAll('text').length,
}))"""


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("year", YEARS)
def test_every_chart_has_its_marks(browser: Browser, pages: dict[int, Path], year: int, width: int) -> None:
    with open_page(browser, pages[year], width) as opened:
        marks = opened.page.evaluate(MARKS, [[*inks.LIGHT, INK]])

    assert len(marks) >= (12 if year == 2020 else 2)
    assert [chart["name"] for chart in marks if chart["drawn"] < chart["wanted"] or chart["texts"] < 3] == []
    assert all(chart["wanted"] > 0 for chart in marks)


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_window_needs_to_scroll_sideways(browser: Browser, pages: dict[int, Path], width: int) -> None:
    for path in pages.values():
        with open_page(browser, path, width) as opened:
            opened.ask("document.querySelectorAll('details').forEach(one => one.open = true)")

            assert opened.ask("document.documentElement.scrollWidth") <= width


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: make browser-tools")
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_an_accessibility_checker_finds_nothing_serious(
    browser: Browser, pages: dict[int, Path], width: int, scheme: Scheme
) -> None:
    with open_page(browser, pages[2020], width, scheme) as opened:
        opened.ask("document.querySelectorAll('details').forEach(one => one.open = true)")
        passed, violations = opened.check_accessibility()

    assert passed > 20
    assert violations == []


def test_the_dark_page_is_dark_and_its_charts_with_it(browser: Browser, pages: dict[int, Path]) -> None:
    ink = "getComputedStyle(document.querySelector('.chart.wide text')).fill"
    ground = "getComputedStyle(document.body).backgroundColor"
    grounds = """[...document.querySelectorAll('.chart svg > rect:first-child')].map(one =>
        getComputedStyle(one).fill)"""
    with open_page(browser, pages[2020]) as light, open_page(browser, pages[2020], scheme="dark") as dark:
        assert light.ask(ground) != dark.ask(ground)
        assert light.ask(ink) != dark.ask(ink)
        for opened in (light, dark):
            assert set(opened.ask(grounds)) == {opened.ask(ground)}
