"""What changed between the file that was looked at last and the published one, as notices.

Belongs here: which changes are told, and in which words. Out of scope: finding turns (`adoption.editions.diff`, the one
truth for them), and any figure.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from adoption.editions.diff import Difference, turns
from adoption.notices.notice import Notice
from adoption.publish import digest
from adoption.publish.reader import open_file
from adoption.reports import format as wording
from adoption.reports.sentences.leads import lead
from adoption.reports.status import HELD, label
from ingest.catalog import Catalog, SourceEntry, load_catalog
from ingest.database import fetch_dicts
from ingest.errors import AdoptionError
from ingest.plan import plan

if TYPE_CHECKING:
    from adoption.notices.desk import Desk
    from adoption.settings import Settings

Row = dict[str, Any]

LOGGER = logging.getLogger("adoption")
TURNS = ("lead", "verdict")
"""Columns whose turn is told."""
LINE_KEY = ("year", "entity_id", "against_entity_id", "metric_id", "line_kind")
BEFORE = {"leads": "it led {other}", "trails": "it trailed {other}"}
LINE = """
select * from marts.rpt_brief
where year = $year and entity_id = $entity_id and against_entity_id = $against_entity_id and metric_id = $metric_id
    and line_kind = $line_kind
limit 1
"""
CLAIM = "select claim_text, said_by from marts.fct_claims where claim_id = ? limit 1"
UNEXPLAINED = """
select anomalies.*, coalesce(metrics.label, metric_id) as metric_label, coalesce(entities.label, entity_id) as entity
from marts.fct_anomalies as anomalies
left join meta.metrics as metrics using (metric_id)
left join (select entity_id, any_value(label) as label from meta.entities group by all) as entities using (entity_id)
where anomalies.explanation_kind = 'unexplained' and anomalies.is_watched and anomalies.scope <> 'common'
    and anomalies.kind not in ('gap', 'partial', 'yoy_flip')
order by metric_label, anomalies.start_date, entity
"""
SAME = 2
"""An anomaly that is found anew begins up to so many months earlier or later than it was found before."""
MONTHS = 12


def note_changes(settings: Settings, desk: Desk) -> None:
    """Tell what differs between the file that was looked at last and the published one, and keep this for next time.

    The first file is only kept. What cannot be compared (another version published it) is logged and kept as well.
    """
    if not desk.addresses or not settings.published.exists():
        return
    now = (digest.read(settings.published) or (digest.sha256_of(settings.published),))[-1]
    before = desk.record.compared
    if now == before:
        return
    last = _kept(desk.folder, before)
    notices: Sequence[Notice] = ()
    if last.exists():
        try:
            notices = changes(settings, last, settings.published)
        except (AdoptionError, duckdb.Error) as error:
            LOGGER.warning("what changed since the last published file is not told: %s", error)
    _keep(settings.published, _kept(desk.folder, now))
    desk.tell(notices, compared=now)
    for path in desk.folder.glob("published-*.duckdb"):
        if path != _kept(desk.folder, now):
            path.unlink()


def _kept(folder: Path, name: str | None) -> Path:
    return folder / f"published-{name}.duckdb"


def _keep(published: Path, path: Path) -> None:
    """A second name of the file: it is replaced whole and never written, so that it takes no room until then."""
    path.unlink(missing_ok=True)
    try:
        os.link(published, path)
    except OSError:  # a file system without hard links
        shutil.copyfile(published, path)


def changes(settings: Settings, before: Path, after: Path) -> list[Notice]:
    """What is told of the way from one published file to another.

    Raises:
        DiffError: when one of them is no published file of this version.
    """
    catalog = load_catalog(settings.catalog)
    turned = turns(settings, before, after, TURNS)
    with open_file(before) as old, open_file(after) as new:
        return [*_turned(new, turned), *_anomalies(old, new), *_years(catalog, old, new)]


def _turned(new: duckdb.DuckDBPyConnection, turned: Sequence[Difference]) -> Iterator[Notice]:
    verdicts = {turn.key["claim_id"]: turn for turn in turned if turn.column == "verdict"}
    for claim_id, turn in verdicts.items():
        [claim] = fetch_dicts(new, CLAIM, [claim_id])
        words = f"{wording.words(turn.after)}; before, {wording.words(turn.before)}"
        text = f"“{claim['claim_text']}” ({claim['said_by']}): {words}. adoption claims shows the readings."
        yield Notice("turned", f"verdict/{claim_id}/{turn.after}", text)
    lines = [turn for turn in turned if turn.column == "lead" and turn.key.get("metric_id")]
    leads = [turn for turn in lines if turn.key["line_kind"] != "headline"]
    for turn in _once_a_pair(leads):
        [row] = fetch_dicts(new, LINE, {name: turn.key[name] for name in LINE_KEY})
        was = BEFORE.get(turn.before, "who leads was {}").format(turn.before, other=row["against_label"])
        text = f"{row['entity_label']}, {row['metric_label']} {row['year']}: {lead(row)}; before, {was}."
        yield Notice("turned", f"lead/{'/'.join(str(turn.key[name]) for name in LINE_KEY)}/{turn.after}", text)


def _once_a_pair(turns: Sequence[Difference]) -> Iterable[Difference]:
    """Of the two lines of a pair the one that now leads, else the first."""
    found: dict[tuple[Any, ...], Difference] = {}
    for turn in turns:
        pair = frozenset((turn.key["entity_id"], turn.key["against_entity_id"]))
        key = (turn.key["year"], pair, turn.key["metric_id"])
        if key not in found or turn.after == "leads":
            found[key] = turn
    return found.values()


def _anomalies(old: duckdb.DuckDBPyConnection, new: duckdb.DuckDBPyConnection) -> Iterator[Notice]:
    """Movements that nothing explains and that were not found before; those of a whole market are alarms."""
    known: dict[tuple[str, str], list[date]] = {}
    for row in fetch_dicts(old, UNEXPLAINED):
        known.setdefault((row["series_id"], row["kind"]), []).append(row["start_date"])
    for row in fetch_dicts(new, UNEXPLAINED):
        starts = known.get((row["series_id"], row["kind"]), ())
        if any(abs(_months(start) - _months(row["start_date"])) <= SAME for start in starts):
            continue
        change = "" if row["change_pct"] is None else f" of {row['change_pct']:+.0f} %"
        months = f"{row['start_date']:%Y-%m} to {row['end_date']:%Y-%m}"
        text = f"{row['metric_label']}, {row['entity']}: an unexplained {wording.words(row['kind'])}{change}, {months}"
        key = f"anomaly/{row['series_id']}/{row['kind']}/{row['start_date']}"
        yield Notice("anomaly_new", key, f"{text} ({row['source_id']}). adoption anomalies lists it.")


def _months(day: date) -> int:
    return day.year * MONTHS + day.month


def _years(catalog: Catalog, old: duckdb.DuckDBPyConnection, new: duckdb.DuckDBPyConnection) -> Iterator[Notice]:
    before, now = _whole_years(catalog, old), _whole_years(catalog, new)
    for source in catalog.sources:
        for year, last in now[source.id].items():
            if year in before[source.id]:
                continue
            came = f"{label(last, source.expected.grain)} came in, nothing is missing"
            text = f"{source.label} ({source.id}): {year} is complete: {came}. adoption review {year} shows the year."
            yield Notice("year_complete", f"year/{source.id}/{year}", text)


def _whole_years(catalog: Catalog, connection: duckdb.DuckDBPyConnection) -> dict[str, dict[int, date]]:
    """By source the years of which every period that was ever to be expected is there, each with its last period."""
    rows = fetch_dicts(connection, HELD)
    return {
        source.id: _whole(source, {row["period"] for row in rows if row["source_id"] == source.id})
        for source in catalog.sources
    }


def _whole(source: SourceEntry, available: set[date]) -> dict[int, date]:
    if not available:
        return {}
    # as of a day on which all periods of the last year are due, however late the publisher is
    periods = plan(source, available, date(max(available).year + 3, 1, 1))
    missing = {period.year for period in periods.missing}
    last = {period.year: period for period in periods.expected if period not in periods.gaps}
    return {
        year: period
        for year, period in last.items()
        if year not in missing and (source.expected.grain == "year" or period.month == MONTHS)
    }
