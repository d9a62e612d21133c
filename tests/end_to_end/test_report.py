"""The report of every year says what the marts say: each figure on the page is read back and held to the mart.

Belongs here: reading page, Markdown and posts. Does not belong here: whether a figure is right (test_figures), how one
is worded (tests/adoption/reports/test_format.py), or how the page looks in a browser (tests/browser).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pytest
from click.testing import CliRunner

from adoption.cli.main import main
from adoption.reports import score_words
from adoption.reports.charts import Lead
from adoption.reports.page.content import Marts
from adoption.reports.page.figures import LeadChart
from adoption.reports.page.place import target
from adoption.reports.page.render import Report, clauses, made_of, make, write
from adoption.reports.posts import LETTERS, NETWORKS, Network, posts
from adoption.settings import REPOSITORY, Settings
from ingest.catalog import Catalog, load_catalog
from ingest.database import fetch_dicts
from tests.end_to_end.side_by_side import side_by_side

pytestmark = pytest.mark.slow

YEARS = range(2016, 2026)
NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")
VOID = {"meta", "link", "br", "img", "wbr"}


@dataclass
class Element:
    """An element of the page with its attributes and all text within."""

    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Page(HTMLParser):
    """Every element, and the text that stands outside of any figure."""

    elements: list[Element] = field(default_factory=list)
    _open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    @property
    def figures(self) -> list[Element]:
        return [element for element in self.elements if "data-mart" in element.attributes]


def read_page(html: str) -> Page:
    page = Page()
    page.feed(re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL))
    assert page._open == []
    return page


@dataclass
class Published:
    """Rows of the published file by their key, fetched once a mart."""

    connection: duckdb.DuckDBPyConnection
    _rows: dict[tuple[str, tuple[str, ...]], dict[str, list[dict[str, Any]]]] = field(default_factory=dict)

    def rows(self, mart: str, key: dict[str, Any]) -> list[dict[str, Any]]:
        names = tuple(key)
        if (mart, names) not in self._rows:
            result = self.connection.execute(f"from marts.{mart}")
            columns = [column[0] for column in result.description or ()]
            rows_by_mart: dict[str, list[dict[str, Any]]] = {}
            for values in result.fetchall():
                row = json.loads(json.dumps(dict(zip(columns, values, strict=True)), default=str))
                rows_by_mart.setdefault(json.dumps([row[name] for name in names]), []).append(row)
            self._rows[mart, names] = rows_by_mart
        return self._rows[mart, names].get(json.dumps([key[name] for name in names]), [])


@pytest.fixture(scope="module")
def marts(built: Settings) -> Iterator[Published]:
    with duckdb.connect(str(built.published), read_only=True) as connection:
        yield Published(connection)


def plain(text: str) -> str:
    """A text as the marts write it: the page sets a minus for a hyphen, and keeps a number with its sign."""
    return " ".join(text.replace("\u2212", "-").replace("\u00a0", " ").split())


def numbers_of(row: dict[str, Any]) -> Iterator[float]:
    """The numbers of a row, those within its texts, and the counts behind bounds of a share or rate."""
    for value in row.values():
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield abs(float(value))
        elif isinstance(value, list | str):
            yield from (abs(float(text.replace(",", ""))) for text in NUMBER.findall(str(value)))
    for name in ("low", "high"):
        if row.get("denominator") and row.get(name) is not None:
            yield row[name] * row["denominator"] / (100 if row["kind"] == "share" else 1000)


def is_said(text: str, rows: list[dict[str, Any]]) -> bool:
    """Whether each number of a text is a number of the rows, rounded as it is shown."""
    known = [number for row in rows for number in numbers_of(row)]
    for shown in NUMBER.findall(text):
        digits = shown.lstrip("+-").replace(",", "")
        places = len(digits.partition(".")[2])
        if not any(abs(number - float(digits)) <= 0.5000001 * 10**-places for number in known):
            return False
    return True


@pytest.fixture(scope="module", params=YEARS)
def year_page(built: Settings, request: pytest.FixtureRequest) -> tuple[int, Page]:
    """A year and its page, without what is drawn."""
    return request.param, read_page(make(built, request.param).page())


def test_every_figure_of_every_year_equals_the_mart(year_page: tuple[int, Page], marts: Published) -> None:
    year, page = year_page

    assert len(page.figures) > 30
    for element in page.figures:
        mart = element.attributes["data-mart"]
        key, raw = (json.loads(element.attributes[f"data-{name}"]) for name in ("key", "raw"))
        rows = marts.rows(mart, key)
        assert rows, (mart, key)
        if raw:
            [row] = rows
            assert raw == {name: row[name] for name in raw}, key
        text = plain(element.text)
        if set(raw) <= {"sentence", "move", "lead"} and raw:
            assert [text] == [plain(value or "not known") for value in raw.values()]
        else:
            # what a remark says may rest on two years of a metric
            around = rows if raw else [*rows, {"year": year - 1}]
            assert is_said(text, around), (text, mart, key)


def test_what_is_not_known_is_said_and_never_a_zero(year_page: tuple[int, Page]) -> None:
    _, page = year_page
    unknown = 0
    for element in page.figures:
        raw = json.loads(element.attributes["data-raw"])
        if {"value", "low"} <= set(raw) and raw["value"] is None and raw["low"] is None:
            assert plain(element.text) == "not known"
            unknown += 1

    assert unknown > 0


def test_no_figure_is_changed_unseen(built: Settings, marts: Published) -> None:
    """The test above can fail: another number in the same place is no number of the row."""
    html = make(built, 2020).page()
    figures = [figure for figure in read_page(html).figures if figure.attributes["data-mart"] == "rpt_year_in_review"]
    element = next(figure for figure in figures if "113,788,105" in figure.text)
    rows = marts.rows(element.attributes["data-mart"], json.loads(element.attributes["data-key"]))

    assert is_said(element.text, rows)
    assert not is_said(element.text.replace("8,105", "8,107"), rows)


@pytest.fixture(scope="module")
def report(built: Settings) -> Report:
    return make(built, 2020)


def test_the_channels_that_hold_something_stand_in_the_order_of_the_catalog(report: Report, marts: Published) -> None:
    shown = [e.attributes["data-metric"] for e in read_page(report.page()).elements if "data-metric" in e.attributes]
    rows = marts.connection.execute(
        "select distinct metric_id, channel = 'context' as is_context, position from marts.rpt_year_in_review "
        "where year = 2020 and is_known order by is_context, position"
    ).fetchall()

    assert shown == [row[0] for row in rows]


def test_the_page_is_one_file_in_good_order(report: Report) -> None:
    html = report.page()
    page = read_page(html)

    assert len(html.encode()) < 2_000_000
    assert not [e for e in page.elements if e.tag in ("script", "img", "iframe")]
    assert not re.search(r"url\(|@import|src=", html)
    headings = [int(e.tag[1]) for e in page.elements if re.fullmatch(r"h[1-6]", e.tag)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(headings))
    ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    links = {e.attributes["href"][1:] for e in page.elements if e.attributes.get("href", "").startswith("#")}
    assert links <= set(ids)


def test_every_picture_has_words_and_a_table(report: Report) -> None:
    page = read_page(report.page())
    charts = [e for e in page.elements if e.attributes.get("role") == "img"]
    figures = [e for e in page.elements if e.tag == "figure"]

    shown = [named.picture for named in (report.lead, *report.pictures.values()) if named]
    shown += [picture for window in report.windows for picture in window.pictures]
    assert len(shown) >= 10
    assert len(figures) == len(shown)
    assert len(charts) == 2 * len(shown)
    assert all(len(e.attributes["aria-label"]) > 60 for e in charts)
    assert all("Table" in e.text for e in figures)


def test_claims_carry_their_verdicts_and_gaps_their_remedy(report: Report) -> None:
    content = report.content
    text = plain(" ".join(e.text for e in read_page(report.page()).elements if e.tag == "main"))

    assert len(content.claims) >= 10
    assert {claim.claim["claim_id"] for claim in content.claims} >= {"tf_downloads_2020", "covid_slump"}
    assert "kaggle_2021_keras" not in {claim.claim["claim_id"] for claim in content.claims}
    for missing in content.missing:
        assert missing.metric.label in text
        assert all(plain(prospect.text).replace("`", "") in text for prospect in missing.prospects)
    assert {source["licence"] for source in content.sources if source["licence"] not in text} == set()


def test_a_headline_is_broken_at_its_semicolons_and_never_within_brackets() -> None:
    text = "In 2025 it leads (a, b); it has 2 (January; counted so), 2 times; no data: c."
    assert clauses(text) == ["In 2025 it leads (a, b);", "it has 2 (January; counted so), 2 times;", "no data: c."]


def test_another_pair_is_another_report(built: Settings) -> None:
    content = make(built, 2021, "jax", "pytorch").content

    assert content.title == "2021 in review: JAX against PyTorch"
    assert content.headline
    assert content.headline.text.startswith("In 2021 JAX")
    pair = {row["entity_id"] for row in content.pair}
    assert pair == {"jax", "pytorch"}


@pytest.mark.parametrize("network", NETWORKS)
def test_posts_are_few_short_and_each_has_its_picture_and_its_words(
    report: Report, tmp_path: Path, network: Network
) -> None:
    files = write(report, tmp_path / "out", network)
    texts = [path for path in files if path.suffix == ".txt" and not path.name.endswith(".alt.txt")]

    assert 6 <= len(texts) <= 7
    for number, path in enumerate(texts, start=1):
        text = path.read_text().removesuffix("\n")
        assert len(text) <= LETTERS[network], path.name
        assert text.endswith(f" {number}/{len(texts)}")
        root = ElementTree.fromstring(path.with_suffix(".svg").read_text())
        assert (root.get("width"), root.get("height")) == ("1200", "675")
        assert path.with_suffix(".png").read_bytes().startswith(b"\x89PNG"), path.name
        assert path.with_suffix(".alt.txt").read_text().strip(), path.name


def test_posts_open_with_what_this_is_and_close_with_verdicts_and_what_cannot_be_told(report: Report) -> None:
    first, *middle, last = posts(report)

    assert "PyTorch is the benchmark" in first.text
    assert "reproduced" in last.text
    assert "No data: " in last.alternative
    for post in middle:
        assert post.picture
        words = " ".join(words_of(post.picture))
        assert "licence" in words
        assert "Grade" in words
        assert "Adoption warehouse" in words
    assert [post.name.partition("-")[2] for post in middle][:2] == ["downloads", "developer-survey"]
    assert middle[0].text.endswith("GPU, CPU and nightly builds are separate packages. 2/7")


def test_a_picture_of_a_post_credits_whose_figures_it_shows_and_says_of_what_they_are(report: Report) -> None:
    """Of the channel GitHub it shows stars, which are no figures of the other metrics' sources."""
    [github] = [post for post in posts(report) if post.name.endswith("-github")]
    foot = " ".join(words_of(github.picture or "")).rpartition("Source: ")[2]

    assert foot.startswith("Github-Ranking daily snapshots (licence: ")
    assert "; " not in foot
    assert "Added by month" in github.alternative
    assert "TensorFlow/Keras: in total 117,667 in 2018-12" in github.alternative


def in_order(text: str, expected: Iterable[str]) -> str | None:
    """The first of the texts that does not stand in `text` behind those before it; None if all do."""
    place = 0
    for expected_text in expected:
        position = text.find(expected_text, place)
        if position < 0:
            return expected_text
        place = position + len(expected_text)
    return None


def unescaped(text: str) -> str:
    """A text of Markdown as it is read."""
    return re.sub(r"\\([^\w\s])", r"\1", text)


def table_rows(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each row of each table of a Markdown text, below the heading that it stands under."""
    heading, inside = "", False
    for line in text.splitlines():
        if line.startswith("#"):
            heading, inside = line.lstrip("# ").removesuffix(" (market context, never counted)"), False
        elif line.startswith("|---"):
            inside = True
        elif line.startswith("|") and inside:
            yield heading, [unescaped(cell.strip()) for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def named(row: dict[str, Any]) -> str:
    """What a row of the review is called."""
    return str(row["entity_label"]) + ("" if row["segment"] == "all" else f", {row['segment'].partition('=')[2]}")


BRIEF_LINE = re.compile(
    r"^ *\* \*\*(?P<name>[^*]+)\*\* \((?P<direction>[^,]+), (?P<lead>[^)]+)\): (?P<rest>.+)$", re.MULTILINE
)
VERDICT_LINE = re.compile(r"^\* \*\*(?P<verdict>[^*]+)\*\*: (?P<rest>.+)$", re.MULTILINE)


REVIEW = """
from marts.rpt_year_in_review where year = ? and (is_focus or is_benchmark or entity_type = 'market')
"""


def test_every_figure_of_the_markdown_of_every_year_equals_the_mart(
    built: Settings, year_page: tuple[int, Page], marts: Published
) -> None:
    year, _ = year_page
    report = make(built, year)
    text = report.markdown()
    rows = fetch_dicts(marts.connection, REVIEW, [year])
    review = {(row["metric_label"], named(row)): row for row in side_by_side(marts.connection, year, rows)}
    pair = {"year": year, "entity_id": "tf_keras", "against_entity_id": "pytorch"}
    brief = [row for row in marts.rows("rpt_brief", pair) if row["line_kind"] != "headline"]
    claims = {(row["verdict"].replace("_", " "), row["claim_text"]) for row in marts.rows("fct_claims", {})}

    tables = [cells for cells in table_rows(text) if cells[0] != "The brief"]
    assert len(tables) > 20
    for heading, cells in tables:
        assert is_said(" ".join(cells[1:]), [review[heading, cells[0]]]), (heading, cells)
    lines = BRIEF_LINE.finditer(unescaped(text))
    shown = [(f"{line['name']}: {line['rest']}", line["direction"], line["lead"]) for line in lines]
    assert shown == [(row["sentence"], row["move"], row["lead"] or "not known") for row in brief]
    verdicts = VERDICT_LINE.findall(unescaped(text).partition("## What was said")[2].partition("\n## ")[0])
    assert len(verdicts) == len(report.content.claims)
    for verdict, rest in verdicts:
        assert any(verdict == known and rest.startswith(claim) for known, claim in claims), rest


def test_the_markdown_says_the_same_figures_as_the_page(report: Report) -> None:
    """Whatever the page says of a mart stands in the Markdown too, in the same order, but for tables of charts."""
    page = read_page(re.sub(r'<details class="data">.*?</details>', "", report.page(), flags=re.DOTALL))
    # the marks of a line of the brief stand between its name and its sentence here
    markdown = BRIEF_LINE.sub(r"* \g<name>: \g<rest> \g<direction>, \g<lead>", report.markdown())
    text = plain(unescaped(markdown).replace("`", "").replace("**", ""))

    for element in page.figures:
        assert plain(element.text) in text, (element.text, element.attributes["data-mart"])
    assert in_order(text, [line.rest for line in report.content.lines]) is None


def words_of(svg: str) -> list[str]:
    """The texts of a picture."""
    return [
        plain("".join(element.itertext()))
        for element in ElementTree.fromstring(svg).iter()
        if element.tag.endswith("text")
    ]


def rows_of_metric(marts: Published, year: int, metric: str) -> list[dict[str, Any]]:
    """What a picture of a metric may say: the year and the one before, the months of three years, what moved."""
    pair = "('tf_keras', 'tensorflow', 'keras', 'pytorch')"
    chosen = f"metric_id = '{metric}' and (entity_type = 'market' or entity_id in {pair})"
    queries = (
        f"from marts.rpt_year_in_review where year = {year} and {chosen}",
        f"from marts.fct_adoption_yoy where year = {year} and entity_type = 'contender' and {chosen}",
        f"from marts.fct_adoption_monthly where year(month_date) between {year - 2} and {year} and {chosen}",
        f"from marts.fct_anomalies where {chosen}",
        "from marts.dim_breaks",
    )
    rows: list[dict[str, Any]] = [{"units": [row[0] for row in marts.connection.execute(UNITS, [metric]).fetchall()]}]
    for query in queries:
        result = marts.connection.execute(query)
        columns = [column[0] for column in result.description or ()]
        rows += [json.loads(json.dumps(dict(zip(columns, row, strict=True)), default=str)) for row in result.fetchall()]
    return [*rows, {"year": year, "before": year - 1}]


UNITS = "select unit from meta.metrics where metric_id = ?"


def test_every_figure_in_a_picture_and_in_its_words_is_of_the_mart(report: Report, marts: Published) -> None:
    checked = 0
    for metric, shown_picture in report.pictures.items():
        rows = rows_of_metric(marts, 2020, metric)
        assert is_said(shown_picture.picture.text, rows), (metric, shown_picture.picture.text)
        labels = [
            text for text in words_of(shown_picture.picture.wide) if re.match(r"(TensorFlow/Keras|PyTorch) ", text)
        ]
        assert all(is_said(label, rows) for label in labels), (metric, labels)
        checked += len(labels)
        assert not is_said("987,654,321", rows)
    assert checked > 10


def drawn_colours(svg: str) -> dict[str, set[str]]:
    """The colours of each name in a picture."""
    labels_by_colour: dict[str, set[str]] = {}
    for element in ElementTree.fromstring(svg).iter():
        name = element.get("data-series")
        if name:
            labels_by_colour.setdefault(name, set()).add(str(element.get("fill")))
    return labels_by_colour


@pytest.fixture(scope="module")
def catalog(built: Settings) -> Catalog:
    return load_catalog(built.catalog)


def made(settings: Settings, marts: Published, catalog: Catalog, year: int, *pair: str) -> Report:
    """A report from what is open already."""
    entity, against = pair or (None, None)
    return made_of(settings, marts.connection, year, entity, against, catalog)


def test_in_every_chart_of_every_page_each_contender_has_its_colour_and_is_named(
    built: Settings, marts: Published, catalog: Catalog
) -> None:
    for year in YEARS:
        for pair in (("tf_keras", "pytorch"), ("pytorch", "jax")) if year % 2 else (("pytorch", "tf_keras"),):
            report = made(built, marts, catalog, year, *pair)
            key = report.content.colours
            shown = [*report.pictures.values()]
            assert len(set(key.values())) == 2
            for shown_picture in shown:
                named = drawn_colours(shown_picture.picture.wide)
                if set(shown_picture.picture.colours) == set(key):
                    assert named == {name: {ink} for name, ink in key.items()}, (year, pair, shown_picture.picture.name)
                inks = {*shown_picture.picture.colours.values()}
                marks = re.findall(
                    r'<(?:path|circle)[^>]*?(?:stroke|fill)="(#[0-9A-Fa-f]{6})"', shown_picture.picture.wide
                )
                assert set(marks) <= {*inks, "#FFFFFF"}, (year, pair, shown_picture.picture.name)
            if report.lead:
                ahead = {ink for row in lead_rows(report) for ink in [key[pair_of(report, row)]]}
                circles = set(
                    re.findall(r'<circle[^>]*stroke="(#[0-9A-F]{6})"[^>]*data-mark="now"', report.lead.picture.wide)
                )
                assert circles == ahead


def lead_rows(report: Report) -> Sequence[Lead]:
    assert report.lead
    assert isinstance(report.lead.picture.part, LeadChart)
    return report.lead.picture.part.rows


def pair_of(report: Report, row: Lead) -> str:
    """Who is ahead in a row of the lead chart."""
    return str((report.content.entity if row.middle >= 1 else report.content.against)["label"])


def test_the_lead_chart_says_the_ratios_of_the_brief(report: Report, marts: Published) -> None:
    assert report.lead
    pair = {"year": 2020, "entity_id": "tf_keras", "against_entity_id": "pytorch"}
    ratios = {row["metric_label"]: row["ratio"] for row in marts.rows("rpt_brief", pair) if row["ratio"]}
    rows = lead_rows(report)
    drawn = {row.name: row.low for row in rows if row.low == row.high}

    assert len(drawn) >= 4
    assert {name: drawn[name] for name in drawn if name in ratios} == pytest.approx(
        {name: ratios[name] for name in drawn if name in ratios}
    )
    assert rows[0].name == "Package downloads"
    assert rows[0].before is not None


def test_figures_of_posts_are_those_of_the_scoreboard(built: Settings, marts: Published, catalog: Catalog) -> None:
    for year in (2016, 2020, 2023, 2025):
        report = made(built, marts, catalog, year)
        for post in posts(report)[1:-1]:
            for score in report.content.scores:
                if post.text.startswith(f"{score.label} {year}"):
                    assert score_words.level(score).removesuffix("*") in post.text
                    standing = score_words.standing(score)
                    assert standing == score_words.NO_DATA or standing.partition(" ")[0] in post.text


def test_the_readme_opens_with_the_picture_of_the_year_that_it_names(
    built: Settings, marts: Published, catalog: Catalog, request: pytest.FixtureRequest
) -> None:
    named = re.search(r"channel by channel, (\d{4})", (REPOSITORY / "README.md").read_text(encoding="utf-8"))
    assert named
    drawn, path = posts(made(built, marts, catalog, int(named[1])))[0].picture, REPOSITORY / "docs/images/lead.svg"
    assert drawn
    if request.config.getoption("--update-snapshots"):
        path.write_text(drawn, encoding="utf-8")

    # but for its foot, which has the day of the build
    shown, now = (text.partition("Adoption warehouse")[0] for text in (path.read_text(encoding="utf-8"), drawn))
    assert shown == now, "the picture changed: if that is meant, run with --update-snapshots"


def test_no_post_says_that_what_is_known_has_no_data(built: Settings, marts: Published, catalog: Catalog) -> None:
    known = """
        select distinct metrics.label from marts.rpt_year_in_review as rows inner join meta.metrics using (metric_id)
        where rows.year = ? and rows.is_known and (rows.is_focus or rows.is_benchmark)
    """
    for year in (2020, 2025):
        labels = {label for (label,) in marts.connection.execute(known, [year]).fetchall()}
        said = posts(made(built, marts, catalog, year))[-1]
        lacking = said.text.partition("No data: ")[2].partition(" and ")[0].split(", ")
        assert len(lacking) == 3
        assert not labels & set(lacking)


def test_without_the_library_only_the_bitmaps_are_missing(
    built: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adoption.reports.charts.png.is_installed", lambda: False)
    files = write(make(built, 2020), tmp_path / "out")

    assert "<svg" in next(path for path in files if path.suffix == ".html").read_text()
    assert [path for path in files if path.suffix == ".svg"]
    assert not [path for path in files if path.suffix == ".png"]


def test_a_report_is_made_once_and_again_when_something_else_is_asked_or_a_file_is_missing(
    built: Settings, tmp_path: Path
) -> None:
    places = ["--catalog", built.catalog, "--extracts", built.extracts, "--data", built.data]
    folder = tmp_path / "out"

    def made(*options: str) -> str:
        result = CliRunner().invoke(main, [*map(str, places), "report", "2020", "--out", str(folder), *options])
        assert result.exit_code == 0, result.output
        return result.output.splitlines()[-1].partition(",")[0]

    assert [made(), made()] == ["Written", "Nothing changed"]
    assert [made("--for", "bluesky"), made("--for", "bluesky")] == ["Written", "Nothing changed"]
    (folder / "review.md").unlink()
    assert made("--for", "bluesky") == "Written"
    assert (folder / "review.md").exists()


def test_another_pair_has_a_folder_of_its_own(built: Settings) -> None:
    assert target(built, 2020) == target(built, 2020, "tf_keras", "pytorch") == built.reports / "2020"
    assert target(built, 2021, against="jax") == built.reports / "2021-tf_keras-jax"


def test_keys_of_the_marts_are_columns(marts: Published) -> None:
    assert "rpt_year_in_review" in Marts.of(marts.connection).keys
