"""How soon a report or the explorer is painted: opened in headless Chromium, on a screen and on a phone.

Belongs here: timing a page that was written. Does not belong here: making it, or asserting anything.

    make bench-report ARGS=data/reports/2020/index.html
    make bench-report ARGS=data/site/index.html
"""

from __future__ import annotations

import shutil
import statistics
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
TRIES = 5


def first_paints(browser: Browser, page: Path, width: int) -> list[float]:
    """Milliseconds to the first contentful paint, each in a fresh context."""
    times = []
    for _ in range(TRIES):
        # a page that forbids all scripts but its own would not let itself be asked
        context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
        opened = context.new_page()
        opened.goto(page.as_uri())
        opened.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
        times.append(float(opened.evaluate(PAINT)))
        context.close()
    return times


def main(page: Path) -> None:
    """Print a line for each width: size of the page, median and worst first paint."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for width in (360, 1280):
            paints = first_paints(browser, page.resolve(), width)
            median, worst = statistics.median(paints), max(paints)
            size = page.stat().st_size / 1000
            print(f"{width:5} px  {size:6.0f} kB  first paint {median:5.0f} ms, at worst {worst:5.0f} ms of {TRIES}")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "data/reports/2020/index.html"))
