"""`adoption report`: a year as one page, as Markdown, and as short posts with a picture each.

Belongs here: drawing, filling the templates, and writing the folder, whole or not at all. Does not belong here: what
is said (`adoption.reports.page.content`), what the pictures show (`adoption.reports.page.figures`), or layout
(`templates/`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from adoption.publish.reader import open_published
from adoption.reports import brief as briefs
from adoption.reports import charts
from adoption.reports import format as wording
from adoption.reports.page.content import Content, Line, Marts, read
from adoption.reports.page.figures import Drawing, Picture, of_section, overview
from adoption.reports.page.gallery import Gallery
from adoption.reports.years import chosen_year
from adoption.warehouse.cache import Kept
from ingest.files import check_target, replacing, written

if TYPE_CHECKING:
    import duckdb

    from adoption.settings import Settings

KIND = "report"
PAGE, MARKDOWN, POSTS = "index.html", "review.md", "posts"
TEMPLATES = Path(__file__).parent / "templates"
MARKS: Mapping[str, str] = {"up": "▲", "down": "▼", "flat": "■", **dict.fromkeys(wording.UNSAID, "?")}
DARK_INKS: Mapping[str, str] = {
    **dict(
        zip(
            charts.PALETTE,
            ("#56B4E9", "#FF9D5C", "#35C99B", "#E29CC4", "#E0C14A", "#B8B8B8"),
            strict=True,
        )
    ),
    charts.INK: "#ECECEC",
    charts.PALE: "#39414B",
    "#777777": "#8F99A5",
    "#999999": "#6B7480",
}
"""The colours of a chart on a dark ground, by its colours on white."""
POST_LETTERS = 500
"""What common networks take; clauses that do not fit are left to the page."""


@dataclass(frozen=True)
class Shown:
    """A picture with what was drawn of it; no drawing where the libraries are not installed."""

    picture: Picture
    label: str
    drawings: Sequence[Drawing]
    poster: str | None


@dataclass(frozen=True)
class Report:
    """What one report is made of."""

    content: Content
    overview: Shown | None
    pictures: Mapping[str, Shown]
    gallery: Gallery

    def of_edition(self, name: str | None) -> Report:
        """The same report, which says that it shows this edition."""
        return replace(self, content=replace(self.content, edition=name))

    def page(self) -> str:
        """The page, which needs nothing else."""
        return self._filled("report.html")

    def markdown(self) -> str:
        """The same as Markdown; its pictures are those of the posts."""
        return re.sub(r"\n{3,}", "\n\n", self._filled("report.md")).strip() + "\n"

    def posts(self) -> Iterator[tuple[str, str, Shown | None]]:
        """Name, text and picture of each post: the brief on top, then each metric that it speaks of."""
        content = self.content
        if content.headline:
            yield "01-overview", content.headline.text, self.overview
        told = [line for line in content.lines if self._metric_of(line) in self.pictures]
        for number, line in enumerate(told, start=2):
            metric = self._metric_of(line)
            yield f"{number:02}-{metric.replace('_', '-')}", line.sentence.text, self.pictures[metric]

    def _metric_of(self, line: Line) -> str:
        """The metric a line of the brief speaks of; empty for a channel of several."""
        number = line.sentence.key["line_number"]
        return next((name for name, row in self.content.briefs.items() if row["line_number"] == number), "")

    def _filled(self, template: str) -> str:
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters.update(set=typeset, of=bracket_apart, clauses=clauses, sentence=as_sentence)
        return environment.get_template(template).render(
            report=self.content,
            overview=self.overview,
            pictures=self.pictures,
            edition=edition_of(self.content),
            marks=MARKS,
            dark_inks=DARK_INKS,
            missing_pictures=charts.MISSING,
            post_of={shown.picture.name: name for name, _, shown in self.posts() if shown and shown.poster},
        )


def typeset(text: str) -> Markup:
    """A text as it is set on the page: a minus is no hyphen, a number keeps its sign on its line, code is code."""
    kept = re.sub(r"(?<=\d) (?=%|x\b)", "\u00a0", charts.minus(text))
    pieces = re.split(r"`([^`]+)`", kept)
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
    """A long sentence at its semicolons, so that each part can stand on a line of its own."""
    return re.split(r"(?<=;) ", text)


def as_sentence(text: str) -> str:
    """A remark of the catalog or a mart as a sentence beside others."""
    text = text.strip()
    return text if not text else f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def edition_of(content: Content) -> str:
    """Whether what is shown is frozen."""
    if content.edition:
        return f"This is edition {content.edition}, which never changes."
    return "This is not a frozen edition: later builds may say otherwise."


def make(
    settings: Settings,
    year: int | None = None,
    entity: str | None = None,
    against: str | None = None,
    with_pictures: bool | None = None,
) -> Report:
    """The report of `year`, by default the newest with enough channels; drawn where the libraries are installed.

    Raises:
        NotPublishedError: when nothing is published.
        UnknownContenderError: when the catalog has no such contender, or both are the same.
        UnknownYearError: when no source covers the year.
        CatalogError: when the catalog is not valid.
    """
    is_drawn = charts.are_installed() if with_pictures is None else with_pictures
    with open_published(settings) as connection:
        chosen = _year(connection, year, entity, against)
        content, marts = read(settings, connection, chosen, entity, against), Marts.of(connection)
        found = [(section.metric, of_section(marts, content, section)) for section in content.sections]
    pair = (content.entity["entity_id"], content.against["entity_id"])
    gallery = Gallery(Kept(settings.kept), f"report/{content.year}_{'_'.join(pair)}")
    drawn = gallery if is_drawn else None
    whole = overview(content)
    return Report(
        content,
        _shown(whole, "what changed", drawn, title=str(content.year)) if whole else None,
        {metric["metric_id"]: _shown(picture, metric["metric_label"], drawn) for metric, picture in found if picture},
        gallery,
    )


def _shown(picture: Picture, label: str, gallery: Gallery | None, title: str = "") -> Shown:
    if gallery is None:
        return Shown(picture, label, (), None)
    return Shown(picture, label, picture.drawings(gallery), picture.poster(gallery, title or label))


def target(
    settings: Settings,
    year: int | None = None,
    entity: str | None = None,
    against: str | None = None,
    folder: Path | None = None,
) -> Path:
    """Where a report goes: `folder`, else data/reports/YEAR, with the pair in its name where it is not the catalog's.

    To be asked before the report is made, which takes a while.

    Raises:
        NotPublishedError: when nothing is published.
        UnknownContenderError: when the catalog has no such contender, or both are the same.
        FolderRefused: when the folder holds anything but a report that was written before.
    """
    if folder is None:
        with open_published(settings) as connection:
            chosen = _year(connection, year, entity, against)
            pair, usual = briefs.chosen(connection, entity, against), briefs.chosen(connection, None, None)
        names = [] if pair == usual else [row["entity_id"] for row in pair]
        folder = settings.reports / "-".join([str(chosen), *names])
    check_target(folder, KIND)
    return folder


def _year(connection: duckdb.DuckDBPyConnection, year: int | None, entity: str | None, against: str | None) -> int:
    """The year that is asked for, else the newest in which enough channels compare the two."""
    pair = briefs.chosen(connection, entity, against)
    return chosen_year(connection, year, *(row["entity_id"] for row in pair)).year


def write(report: Report, folder: Path) -> list[Path]:
    """Replace `folder` by the report; return its files.

    Raises:
        FolderRefused: when `folder` holds anything but a report that was written before.
    """
    with replacing(folder, KIND) as draft:
        (draft / PAGE).write_text(report.page(), encoding="utf-8")
        (draft / MARKDOWN).write_text(report.markdown(), encoding="utf-8")
        (draft / POSTS).mkdir()
        posts = list(report.posts())
        for number, (name, text, shown) in enumerate(posts, start=1):
            _write_post(draft / POSTS / name, _post(report.content, text, number, len(posts)), shown, report.gallery)
    return written(folder)


def _write_post(path: Path, text: str, shown: Shown | None, gallery: Gallery) -> None:
    """The post, and beside it its picture and the picture's text alternative."""
    path.with_suffix(".txt").write_text(f"{text}\n", encoding="utf-8")
    if shown and shown.poster:
        path.with_suffix(".png").write_bytes(gallery.png(f"{shown.picture.name}_poster", shown.poster))
        path.with_suffix(".alt.txt").write_text(f"{shown.picture.text}\n", encoding="utf-8")


def _post(content: Content, sentence: str, number: int, posts: int) -> str:
    """A sentence as a post, with its place in the row of posts; the last clause, the grade, always stays."""
    tail = f"\n\n{content.title}, {number}/{posts}. As of {content.built_at.date()}."
    clauses = sentence.split("; ")
    kept: Sequence[str] = clauses
    while len("; ".join(kept)) + len(tail) > POST_LETTERS and len(kept) > 2:
        kept = [*kept[:-3], "…", kept[-1]] if "…" in kept else [*kept[:-2], "…", kept[-1]]
    return "; ".join(kept) + tail
