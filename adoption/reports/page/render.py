"""`adoption report`: a year as one page, as Markdown, and as short posts with a picture each.

Belongs here: drawing, filling the templates, and writing the folder, whole or not at all. Does not belong here: what
is said (`adoption.reports.page.content`), what the pictures show (`adoption.reports.page.figures`), or layout
(`templates/`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from adoption import markdown
from adoption.publish.reader import open_published
from adoption.reports import posts
from adoption.reports.charts import inks, png
from adoption.reports.charts.svg import INK, PALE
from adoption.reports.format import minus
from adoption.reports.page.content import Content, Marts, read
from adoption.reports.page.figures import Picture, lead_of, of_section
from adoption.reports.page.place import KIND, PAGE, year_of
from adoption.reports.page.projections import projections_of
from adoption.reports.page.windows import Window, windows_of
from adoption.reports.posts import Network, Post
from ingest.files import replacing, written

if TYPE_CHECKING:
    import duckdb

    from adoption.publish.identity import Identity
    from adoption.settings import Settings
    from ingest.catalog import Catalog

MARKDOWN, POSTS = "review.md", "posts"
TEMPLATES = Path(__file__).parent / "templates"
NOT_FROZEN = "This is not a frozen edition: later builds may say otherwise."
DARK_INKS: Mapping[str, str] = {
    **dict(zip(inks.LIGHT, inks.DARK, strict=True)),
    INK: "#ECECEC",
    PALE: "#39414B",
    "#777777": "#8F99A5",
    "#999999": "#6B7480",
}
"""The colours of a chart on a dark ground, by its colours on white."""


@dataclass(frozen=True)
class Shown:
    """A picture, and what it is called."""

    picture: Picture
    label: str


@dataclass(frozen=True)
class Links:
    """Where the page stands among others: names and addresses, no address for the page itself."""

    head: str
    home: str
    years: Sequence[tuple[str, str | None]]
    pairs: Sequence[tuple[str, str | None]]
    explorer: Callable[[str], str]
    csv: Callable[[str], str]


@dataclass(frozen=True)
class Report:
    """What one report is made of."""

    content: Content
    lead: Shown | None
    projected: Shown | None
    pictures: Mapping[str, Shown]
    windows: Sequence[Window]

    def of_edition(self, identity: Identity) -> Report:
        """The same report, which says which edition it shows, in text and pictures."""
        return replace(self, content=replace(self.content, identity=identity))

    def page(self, links: Links | None = None) -> str:
        """The page, which needs nothing else."""
        return self._filled("report.html", links)

    def markdown(self) -> str:
        """Everything as Markdown."""
        return re.sub(r"\n{3,}", "\n\n", self._filled("report.md")).strip() + "\n"

    def _filled(self, template: str, links: Links | None = None) -> str:
        dark = {**DARK_INKS, **{ink.light: ink.dark for ink in self.content.inks}}
        return (
            _templates(is_page=template.endswith(".html"))
            .get_template(template)
            .render(
                report=self.content,
                lead=self.lead,
                projected=self.projected,
                pictures=self.pictures,
                windows=[
                    {
                        "label": window.label,
                        "description": window.description,
                        "pictures": [Shown(p, p.description) for p in window.pictures],
                    }
                    for window in self.windows
                ],
                links=links,
                caveats_before=self._caveats_before(),
                edition=edition_of(self.content),
                mark=self.content.identity.mark if self.content.identity else "",
                dark_inks=dark,
            )
        )

    def _caveats_before(self) -> dict[str, set[str]]:
        """The caveats that another metric above has told already."""
        seen: set[str] = set()
        before = {}
        for section in self.content.shown:
            before[section.metric["metric_id"]] = set(seen)
            seen |= set(section.metric["caveats"])
        return before


@cache
def _templates(is_page: bool) -> Environment:
    """The templates of pages or of Markdown, read once: a text is a text in both, whatever stands in it."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        finalize=None if is_page else _in_markdown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(set=typeset, of=bracket_apart, clauses=clauses, sentence=as_sentence, cell=_cell)
    environment.filters["marked"] = marked
    return environment


def _in_markdown(value: object) -> str:
    return value if isinstance(value, Markup) else markdown.plain(value)


def _cell(value: object) -> Markup:
    """A figure or a text in a cell of a Markdown table."""
    return Markup(markdown.cell(getattr(value, "text", value)))  # noqa: S704 - it is no HTML: a mark that it is escaped


def typeset(text: str) -> Markup:
    """A text as it is set on the page: a minus is no hyphen, a number keeps its sign on its line, code is code."""
    spaced = re.sub(r"(?<=\d) (?=%|x\b)", "\u00a0", minus(text))
    pieces = re.split(r"`([^`]+)`", spaced)
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(piece) if index % 2 else piece for index, piece in enumerate(pieces))


def bracket_apart(text: str) -> Markup:
    """A text as it is set, what stands in brackets set apart, such as of how many a figure is."""
    pieces = re.split(r" (\([^()]+\))", text)
    apart = Markup(' <span class="of">{}</span>')
    return Markup("").join(
        apart.format(typeset(piece)) if index % 2 else typeset(piece) for index, piece in enumerate(pieces)
    )


def clauses(text: str) -> list[str]:
    """A long sentence at its semicolons, so that each part can stand on a line of its own; brackets stay whole."""
    return re.split(r"(?<=;) (?![^()]*\))", text)


def as_sentence(text: str) -> str:
    """A remark of the catalog or a mart as a sentence beside others."""
    text = text.strip()
    return text if not text else f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def marked(picture: str, mark: str) -> str:
    """A picture that says inside, for whoever saves it alone, of which edition it is."""
    start, end, rest = picture.partition(">")
    return f"{start}{end}<metadata>Adoption warehouse, {escape(mark)}</metadata>{rest}" if mark else picture


def edition_of(content: Content) -> str:
    """Whether what is shown is frozen."""
    return content.identity.sentence if content.identity else NOT_FROZEN


def make(
    settings: Settings,
    year: int | None = None,
    entity: str | None = None,
    against: str | None = None,
) -> Report:
    """The report of `year`, by default the newest with enough channels.

    Raises:
        NotPublishedError: when nothing is published.
        UnknownContenderError: when the catalog has no such contender, or both are the same.
        UnknownYearError: when no source covers the year.
        CatalogError: when the catalog is not valid.
    """
    with open_published(settings) as connection:
        chosen = year_of(connection, year, entity, against)
        return made_of(settings, connection, chosen, entity, against)


def made_of(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    year: int,
    entity: str | None,
    against: str | None,
    catalog: Catalog | None = None,
) -> Report:
    """The report of a year from an open file, and a catalog that is loaded already; raises as `make` does."""
    content, marts = read(settings, connection, year, entity, against, catalog), Marts.of(connection)
    pictures = [(section.metric, of_section(marts, content, section)) for section in content.shown]
    lead, projected = lead_of(content), projections_of(marts, content)
    return Report(
        content,
        Shown(lead, "the lead") if lead else None,
        Shown(projected, "the projections") if projected else None,
        {metric["metric_id"]: Shown(picture, metric["metric_label"]) for metric, picture in pictures if picture},
        windows_of(marts, content),
    )


def write(report: Report, folder: Path, network: Network = "x", made_from: str = "") -> list[Path]:
    """Replace `folder` by the report, of the inputs whose digest is `made_from`; return its files.

    Raises:
        FolderRefused: when `folder` holds anything but a report that was written before.
    """
    with replacing(folder, KIND, made_from) as draft:
        (draft / PAGE).write_text(report.page(), encoding="utf-8")
        (draft / MARKDOWN).write_text(report.markdown(), encoding="utf-8")
        (draft / POSTS).mkdir()
        for post in posts.posts(report, network):
            _write_post(draft / POSTS / post.name, post)
    return written(folder)


def _write_post(path: Path, post: Post) -> None:
    """The post, and beside it its picture and the picture's text alternative."""
    path.with_suffix(".txt").write_text(f"{post.text}\n", encoding="utf-8")
    if post.picture:
        path.with_suffix(".svg").write_text(post.picture, encoding="utf-8")
        path.with_suffix(".alt.txt").write_text(f"{post.alternative}\n", encoding="utf-8")
        if png.is_installed():
            path.with_suffix(".png").write_bytes(png.png(post.picture))
