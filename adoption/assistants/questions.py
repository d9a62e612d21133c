"""The questions that assistants may ask, each answered from the published file in words of at most 1,500 characters.

Belongs here: asking the file's macros and marts, with names as values and never as SQL, and laying an answer out. Does
not belong here: any figure or verdict (the marts hold them), or how tools are served (`adoption.assistants.server`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from adoption.assistants import words
from adoption.assistants.answer import Response, clauses, clipped
from adoption.assistants.search import search
from adoption.editions.store import identity
from adoption.publish.reader import open_published
from adoption.reports import brief as briefs
from adoption.reports import format as wording
from adoption.reports.names import ENTITIES, METRICS, UnknownContenderError, contender_id, contenders, resolve
from adoption.reports.review import UnknownYearError
from ingest.database import fetch_dicts

if TYPE_CHECKING:
    import duckdb

    from adoption.settings import Settings

Row = dict[str, Any]

MAX_SOURCES: Final = 3
CAVEATS: Final = 420
"""So long may the caveats of an answer be."""
MANY: Final = "metrics are never weighed together; each has caveats of its own, which `yoy` and `why` give."
REMARK: Final = 200
"""So long may a remark on one way of counting be."""
SPAN: Final = "select min(year) as first, max(year) as last from marts.fct_coverage"
COMPARED: Final = """
select compared.*, metrics.kind, sources.label as source_label, sources.publisher, sources.licence
from compare(?, ?, ?) as compared
inner join meta.metrics as metrics using (metric_id)
left join meta.sources as sources using (source_id)
"""
YEARS: Final = """
select years.*, metrics.kind, metrics.label, metrics.unit, metrics.caveats, sources.label as source_label,
    sources.publisher, sources.licence
from yoy(?, ?) as years
inner join meta.metrics as metrics using (metric_id)
left join meta.sources as sources using (source_id)
where ? is null or years.year = ?
order by years.year desc, years.segment
"""
WHY: Final = "select * from why(?, ?, ?)"
CAVEATS_OF: Final = "select caveats from meta.metrics where metric_id = ?"
SOURCE: Final = "select publisher, licence from meta.sources where source_id = ?"


class Questions:
    """The questions, of one published file; each opens it anew, so that a build in between is seen."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def compare(self, a: str, b: str, year: int, metric: str | None = None) -> str:
        """Who of two is ahead, metric by metric or in one; see `adoption.assistants.server` for the arguments.

        Raises:
            UnknownNameError: when the file knows no such entity or metric.
            UnknownYearError: when the file does not speak of the year.
        """
        with open_published(self._settings) as connection:
            labels = _labels(connection)
            ids = _pair(connection, a, b, labels)
            _require_year(connection, year)
            rows = fetch_dicts(connection, COMPARED, [*ids, year])
            head = f"{labels[ids[0]]} against {labels[ids[1]]} in {year}."
            if metric is None:
                return Response(head, _overview(rows, labels), self._close(rows, [MANY]), "ask with `metric`").text()
            metric_id = _metric(connection, metric)
            rows = [row for row in rows if row["metric_id"] == metric_id]
            close = self._close(rows, _caveats(connection, metric_id))
            return Response(head, list(_one_metric(rows, labels, ids)), close).text()

    def yoy(self, entity: str, metric: str, year: int | None = None) -> str:
        """Whether an entity grew in a metric, the newest year first; raises as `compare` does."""
        with open_published(self._settings) as connection:
            labels = _labels(connection)
            entity_id, metric_id = resolve("entity", entity, labels), _metric(connection, metric)
            if year is not None:
                _require_year(connection, year)
            rows = fetch_dicts(connection, YEARS, [entity_id, metric_id, year, year])
            lines = [words.of_year(row) for row in rows]
            if year is not None:
                lines += [words.why_graded(row) for row in rows if row["grade"]]
            if not lines:
                lines = [f"{wording.NO_DATA.capitalize()}: no source covers it."]
            head = f"{labels[entity_id]}, {_label_of(connection, metric_id)}, year on year."
            return Response(head, lines, self._close(rows, _caveats(connection, metric_id)), "ask with `year`").text()

    def why(self, entity: str, metric: str, year: int) -> str:
        """Why a figure is what it is, or is missing: ways of counting, files, breaks; raises as `compare` does."""
        with open_published(self._settings) as connection:
            labels = _labels(connection)
            entity_id, metric_id = resolve("entity", entity, labels), _metric(connection, metric)
            _require_year(connection, year)
            rows = fetch_dicts(connection, WHY, [entity_id, metric_id, year])
            name = f"{labels[entity_id]}, {_label_of(connection, metric_id)}"
            head = f"{name}, {year}: every way of counting, the preferred first."
            lines = list(_ways(rows)) or [f"{wording.NO_DATA.capitalize()}: no source covers it."]
            return Response(
                head, lines, self._close(_sourced(connection, rows), _caveats(connection, metric_id))
            ).text()

    def brief(
        self, year: int | None = None, a: str | None = None, b: str | None = None, channel: str | None = None
    ) -> str:
        """What can be said of a year, channel by channel, or of one channel in full; raises as `compare` does."""
        with open_published(self._settings) as connection:
            brief = briefs.read(connection, year, a, b)
            headline, *lines = brief.lines
            which = f" ({brief.year.year} is {brief.year.reason}.)" if brief.year.reason else ""
            if channel is None:
                head = f"{headline['sentence']}{which}"
                sentences = [_in_short(line) for line in lines if line["metric_id"] or line["move"] == "no data"]
            else:
                head = f"{headline['entity_label']} against {headline['against_label']} in {headline['year']}.{which}"
                channel_id = resolve("channel", channel, {line["channel"]: line["channel"] for line in lines})
                lines = [line for line in lines if line["channel"] == channel_id]
                sentences = [line["sentence"] for line in lines]
            rows = _sourced(connection, [line for line in lines if line["source_id"]])
        return Response(head, sentences, self._close(rows, [MANY]), "ask with `channel`").text()

    def search(self, text: str) -> str:
        """What the file has under some words: the names to ask with, claims and their verdicts, breaks."""
        with open_published(self._settings) as connection:
            hits = search(connection, text)
        if not hits:
            known = "frameworks, metrics, sources, claims and breaks"
            nothing = f"Nothing is called so among {known}: what is not here was not measured."
            return Response(f"{wording.NO_DATA.capitalize()}: {nothing}", [], self._close([])).text()
        return Response("Found, best first:", hits, self._close([]), "search with other words").text()

    def _close(self, rows: Sequence[Mapping[str, Any]], caveats: Sequence[str] = ()) -> list[str]:
        """What closes an answer: caveats, sources with their licences, and the edition."""
        lines = [f"Caveats: {clipped(' '.join(caveats), CAVEATS)}"] if caveats else []
        with_source = [row for row in rows if row["source_label"]]
        sources = dict.fromkeys(f"{row['source_label']} by {row['publisher']} ({_licence(row)})" for row in with_source)
        if sources:
            named = list(sources)[:MAX_SOURCES]
            more = f"; and {len(sources) - MAX_SOURCES} more" if len(sources) > MAX_SOURCES else ""
            lines.append(f"Sources: {clipped('; '.join(named), 360)}{more}")
        return [*lines, identity(self._settings).sentence]


def _licence(row: Mapping[str, Any]) -> str:
    return f"licence: {row['licence']}"


def _overview(rows: Sequence[Row], labels: Mapping[str, str]) -> list[str]:
    """A line a metric, those first that have an answer; what has none is listed by reason."""
    known = [row for row in rows if row["ahead"] != words.NOTHING_KNOWN]
    unknown = [row for row in rows if row["ahead"] == words.NOTHING_KNOWN]
    lines = [words.ahead(row, labels) for row in sorted(known, key=lambda row: row["channel"] == "context")]
    if unknown:
        names = ", ".join(dict.fromkeys(row["label"] for row in unknown))
        lines.insert(
            0, f"{wording.NOT_COMPARABLE.capitalize()}, not available for both in one way: {clipped(names, 300)}."
        )
    return lines


def _one_metric(rows: Sequence[Row], labels: Mapping[str, str], ids: tuple[str, str]) -> Iterator[str]:
    if not rows:
        yield f"{wording.NO_DATA.capitalize()}: the metric has no row of these two."
    for row in rows:
        yield words.ahead(row, labels)
    for row in rows:
        if row["ahead"] != words.NOTHING_KNOWN:
            yield f"{'; '.join(words.changes(row, labels, ids))}."
            yield f"{words.why_graded(row)}."


def _ways(rows: Sequence[Row]) -> Iterator[str]:
    """A line a way of counting; those of which nothing is held at the end."""
    ways: dict[tuple[str, str, str | None], list[Row]] = {}
    for row in rows:
        ways.setdefault((row["source_id"], row["basis"], row["segment"]), []).append(row)
    for files in sorted(ways.values(), key=lambda files: not _is_available(files[0])):
        yield _way(files)


def _way(files: Sequence[Row]) -> str:
    """A way of counting with its figure, grade, breaks and files, or its state where nothing is held."""
    row = files[0]
    part = "" if row["segment"] in (None, "all") else f", {row['segment']}"
    name = f"{row['source_label']}, {wording.words(row['basis'])}{part}"
    if not _is_available(row):
        return f"{name}: {row['state']}; {row['how_to_get']}"
    figure = wording.known(row["value"], row["low"], row["high"], row["interval_kind"], row["unit"])
    reason = clauses(row["not_comparable_reason"], REMARK)
    parts = [
        f"{name}: {figure}{words.unit_of(row)}",
        f"{row['state']}, {wording.words(row['method'] or 'as published')}",
        clipped(wording.grade(row["grade"], row["grade_reason"]), words.REASON),
        reason and f"change {wording.NOT_COMPARABLE}: {reason}",
        row["breaks"] and f"breaks: {clipped(' / '.join(row['breaks']), REMARK)}",
        _files(files),
    ]
    return "; ".join(filter(None, parts))


def _files(files: Sequence[Row]) -> str:
    named = [f"{row['filename']} (sha256 {row['sha256'][:12]})" for row in files if row["filename"]]
    more = f" and {len(named) - 2} more" if len(named) > 2 else ""
    return f"read from {', '.join(named[:2])}{more}" if named else ""


def _is_available(row: Row) -> bool:
    return row["value"] is not None or row["low"] is not None


def _in_short(line: Row) -> str:
    """A line of a brief without its figures: they are a question of their own."""
    name = line["metric_label"] or line["channel"]
    if line["move"] == "no data":
        return f"{name}: no data ({clauses(line['no_data_reason'], 120)})"
    lead = line["lead"] or "no comparable figure of both"
    return f"{name}: {line['move']}; {lead}; {words.graded(line)}"


def _sourced(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> list[Row]:
    """Rows of which something is held, with publisher and licence."""
    available = [row for row in rows if _is_available(row)]
    return [{**row, **fetch_dicts(connection, SOURCE, [row["source_id"]])[0]} for row in available]


def _labels(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return {row["id"]: row["label"] for row in fetch_dicts(connection, ENTITIES)} | contenders(connection)


def _pair(connection: duckdb.DuckDBPyConnection, a: str, b: str, labels: Mapping[str, str]) -> tuple[str, str]:
    """Who is compared: a member stands for its contender beside another contender."""
    first, second = resolve("entity", a, labels), resolve("entity", b, labels)
    known = contenders(connection)
    if first in known and second not in known:
        second = _contender(connection, second)
    elif second in known and first not in known:
        first = _contender(connection, first)
    if first == second:
        raise UnknownContenderError(f"{labels[first]} cannot be compared with itself.")
    return first, second


def _contender(connection: duckdb.DuckDBPyConnection, entity: str) -> str:
    """The contender that counts a member; who is no member stays."""
    try:
        return contender_id(connection, entity)
    except UnknownContenderError:
        return entity


def _metric(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    return resolve("metric", name, {row["id"]: row["label"] for row in fetch_dicts(connection, METRICS)})


def _label_of(connection: duckdb.DuckDBPyConnection, metric: str) -> str:
    return next(str(row["label"]) for row in fetch_dicts(connection, METRICS) if row["id"] == metric)


def _caveats(connection: duckdb.DuckDBPyConnection, metric: str) -> list[str]:
    return list(fetch_dicts(connection, CAVEATS_OF, [metric])[0]["caveats"] or [])


def _require_year(connection: duckdb.DuckDBPyConnection, year: int) -> None:
    """Raise where the file does not speak of the year."""
    [span] = fetch_dicts(connection, SPAN)
    if not span["first"] <= year <= span["last"]:
        raise UnknownYearError(f"The file says nothing of {year}; its years are {span['first']} to {span['last']}.")
