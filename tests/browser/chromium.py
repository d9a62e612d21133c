"""Opening a page in headless Chromium, for every test of this folder.

Belongs here: the browser's path, a page in a window of its own, and what an accessibility checker says of it. Does not
belong here: what any page must do.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = {"serious", "critical"}
ONLY_WITH_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH: apt-get install chromium"),
]
Scheme = Literal["light", "dark"]


class Opened:
    """A page in a window of its own, with what it asked for and complained of.

    With `is_alone` nothing but files of this machine can be reached. `ready` is the element that a page that draws
    itself has once it is done.
    """

    def __init__(
        self,
        browser: Browser,
        address: str,
        width: int = 1280,
        scheme: Scheme = "light",
        *,
        is_alone: bool = False,
        ready: str | None = None,
    ) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if is_alone:
            self.page.route("**/*", lambda route: route.continue_() if _is_file(route.request.url) else route.abort())
        self.page.goto(address)
        if ready:
            self.page.wait_for_selector(ready)

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def ask(self, script: str, argument: object = None) -> Any:  # noqa: ANN401 - whatever the script gives
        return self.page.evaluate(script, argument)

    def check_accessibility(self) -> tuple[int, list[tuple[str, str]]]:
        """How many rules the checker found kept, and what is serious: the rule and the beginning of the element."""
        self.ask(AXE.read_text(encoding="utf-8"))
        result = self.ask("axe.run()")
        serious = [violation for violation in result["violations"] if violation["impact"] in SERIOUS]
        return len(result["passes"]), [
            (violation["id"], node["html"][:200]) for violation in serious for node in violation["nodes"]
        ]


def _is_file(url: str) -> bool:
    return url.startswith("file:")
