"""`adoption site`: all files of the site, written whole, and only what changed drawn anew.

Belongs here: which files there are, and when they need not be made. Does not belong here: what is in them
(`adoption.site.explorer`, `.api`, `.texts`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from adoption.editions.citation import CITATION
from adoption.editions.store import citation_of, identity
from adoption.publish.inputs import inputs_of
from adoption.publish.reader import open_published
from adoption.reports.posts import opening
from adoption.site import api, explorer, texts, years
from ingest.database import fetch_dicts
from ingest.files import check_target, is_made_from, replacing, written

if TYPE_CHECKING:
    import duckdb

    from adoption.settings import Settings

KIND = "site"
LOCAL = "http://localhost:8000/"
"""Where the site is if nobody says where: feeds and sitemaps need a whole address."""
BUILT = "select max(checked_at)::date as day from meta.check_results"
TITLE = "Adoption explorer: deep-learning frameworks, channel by channel"
SAID = (
    "Downloads, surveys, questions, job posts, papers and GitHub, month by month, with the grade of each figure and "
    "the reason where two years are not comparable."
)


@dataclass(frozen=True)
class Site:
    """What was written, or found to be as it should be."""

    folder: Path
    files: int
    is_new: bool


def target(settings: Settings, folder: Path | None = None) -> Path:
    """Where the site goes, by default data/site; to be asked before the work.

    Raises:
        FolderRefused: when the folder holds anything but a site that was written before.
    """
    folder = folder or settings.site
    check_target(folder, KIND)
    return folder


def write(settings: Settings, folder: Path, url: str = LOCAL) -> Site:
    """Replace `folder` by the site of the published file, unless it is that already.

    Raises:
        NotPublishedError: when nothing is published.
        FolderRefused: when `folder` holds anything but a site that was written before.
    """
    url = url if url.endswith("/") else f"{url}/"
    inputs = inputs_of(settings, url)
    if is_made_from(folder, inputs):
        return Site(folder, len(written(folder)), is_new=False)
    with open_published(settings) as connection, replacing(folder, KIND, inputs) as draft:
        for path, text in files(settings, connection, url):
            place = draft / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
    return Site(folder, len(written(folder)), is_new=True)


def files(settings: Settings, connection: duckdb.DuckDBPyConnection, url: str) -> Iterator[tuple[str, str]]:
    """Path and content of every file."""
    built = str(fetch_dicts(connection, BUILT)[0]["day"])
    rows = api.years(connection)
    named = identity(settings)
    every = years.pages(connection)

    def head_of(title: str, description: str, path: str) -> str:
        return head(title, description, f"{url}{path}", f"{url}{path.removesuffix('index.html')}overview.svg")

    for page, report, text in years.texts(settings, connection, every, head_of, named):
        yield page.path, text
        image = opening(report).picture
        if image:
            yield page.path.replace("index.html", "overview.svg"), image
    pages = [("index.html", TITLE), *((page.path, f"{page.year}: against {page.label}") for page in every)]
    content = explorer.contents(connection, f"{built}, {named.mark}")
    main = sorted({page.year for page in every if page.path.count("/") == 1})
    yield "index.html", explorer.page(content, head(TITLE, SAID, f"{url}index.html"), main)
    yield from api.files(rows, built, named)
    yield from texts.tables(connection)
    editions = [(name, day) for name, day in _editions(settings).items()]
    yield "feed.xml", texts.feed(texts.entries(connection, built, editions), built, url, named.sentence)
    yield "sitemap.xml", texts.sitemap([path for path, _ in pages], built, url)
    yield "llms.txt", texts.llms(connection, pages, built, named.sentence)
    yield "edition.json", api.dumped({"built_on": built, **named.fields()})
    cited = citation_of(settings, named.edition) if named.edition else None
    if cited:
        yield CITATION, cited
    yield "robots.txt", f"User-agent: *\nAllow: /\nSitemap: {url}sitemap.xml\n"


def head(title: str, description: str, address: str, image: str | None = None) -> str:
    """What others show of a page that is shared."""
    properties = {"og:type": "website", "og:title": title, "og:description": description, "og:url": address}
    if image:
        properties |= {"og:image": image, "og:image:width": "1200", "og:image:height": "675"}
    lines = [
        f'<meta name="description" content="{escape(description)}">',
        f'<link rel="canonical" href="{escape(address)}">',
    ]
    lines += [f'<meta property="{name}" content="{escape(text)}">' for name, text in properties.items()]
    card = "summary_large_image" if image else "summary"
    return "\n".join([*lines, f'<meta name="twitter:card" content="{card}">'])


def _editions(settings: Settings) -> dict[str, str]:
    """Name and day of every edition that is frozen."""
    manifests = sorted(settings.editions.glob("*/manifest.json"))
    return {path.parent.name: str(json.loads(path.read_text(encoding="utf-8"))["frozen_at"])[:10] for path in manifests}
