"""How the shipped extracts were reduced from the public figures.

Belongs here: one reduction per shipped file, and the writing of sidecars. It is run by hand when figures are added
(`python -m ingest.extracts.reduce FACTS RAW`), and a test runs it again where the originals are present.
Does not belong here: interpretation. Counts are selected, summed or grouped, never changed.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from ingest.catalog import Catalog, load_catalog
from ingest.database import connect
from ingest.errors import ExtractError
from ingest.extracts.recent_reductions import SHIPPED_AT
from ingest.extracts.reduction import FIRST_SHIPPED, Reduction
from ingest.extracts.reductions import REDUCTIONS
from ingest.formats.survey_files import find
from ingest.formats.survey_responses import count
from ingest.landing import SIDECAR_SUFFIX, digest, event_to_json
from ingest.model import Fetch, Scope
from ingest.sources.kaggle_survey import rows_of


def _origin(connection: duckdb.DuckDBPyConnection, reduction: Reduction, facts: Path) -> dict[str, str]:
    origin = {}
    for name, value in reduction.origin.items():
        row = (
            connection.execute(f"select {value[1:].format(facts=facts)}").fetchone() if value.startswith("=") else None
        )
        origin[name] = row[0] if row else value
    return origin


def _sidecar(
    reduction: Reduction, data: bytes, period: tuple[date, date], terms: Sequence[str] | None, origin: Mapping[str, str]
) -> Fetch:
    return Fetch(
        source=reduction.source,
        scope=Scope(reduction.table, *period, None if terms is None else tuple(terms), Path(reduction.filename).stem),
        filename=reduction.filename,
        sha256=digest(data),
        landed_at=reduction.landed_at,
        licence=reduction.licence,
        available_evidence="the column available_at of each row"
        if "available_at" in data.decode().split("\n")[0]
        else "the date of each row is that of the dated file it was published in",
        derived_from=(origin,),
        reduction=reduction.reduction,
    )


def _write(folder: Path, fetch: Fetch, data: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / fetch.filename).write_bytes(data)
    (folder / f"{fetch.filename}{SIDECAR_SUFFIX}").write_text(event_to_json(fetch), encoding="utf-8")


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()


def reduce_facts(facts: Path, target: Path) -> None:
    """Write every extract that a query makes from the folder of public figures."""
    connection = connect()
    connection.execute("set timezone = 'UTC'")
    for reduction in REDUCTIONS:
        connection.execute(f"create or replace temp table result as {reduction.query.format(facts=facts)}")
        result = connection.execute("from result")
        data = _csv([column[0] for column in result.description or ()], result.fetchall())
        start, end = connection.execute(f"select {', '.join(reduction.period)} from result").fetchone() or (None, None)
        terms = None
        if reduction.terms:
            terms = [row[0] for row in connection.execute(reduction.terms.format(facts=facts)).fetchall()]
        origin = _origin(connection, reduction, facts)
        _write(target / reduction.source, _sidecar(reduction, data, (start, end), terms, origin), data)


@dataclass(frozen=True)
class Archive:
    """An archive of Kaggle's survey: when the file inside was made, its licence, and when it was reduced."""

    name: str
    released: str
    licence: str
    landed_at: datetime = FIRST_SHIPPED


KAGGLE: Mapping[int, Archive] = {
    2017: Archive("multipleChoiceResponses.zip", "2017-11-08T16:52:16+00:00", "ODbL 1.0", SHIPPED_AT),
    2018: Archive("multipleChoiceResponses.csv.zip", "2018-11-03T22:35:14+00:00", "none stated", SHIPPED_AT),
    2019: Archive("kaggle-survey-2019.zip", "2019-11-20T18:39:00+00:00", "none stated"),
    2020: Archive("kaggle-survey-2020.zip", "2020-11-17T17:04:00+00:00", "CC BY 2.0"),
    2021: Archive("kaggle-survey-2021.zip", "2021-10-15T17:42:00+00:00", "CC BY 2.0"),
    2022: Archive("kaggle-survey-2022.zip", "2022-10-02T02:44:20+00:00", "CC BY 2.0", SHIPPED_AT),
}


def reduce_kaggle(raw: Path, target: Path, catalog: Catalog) -> None:
    """Write the Kaggle extracts: counts by exact option set, country and role, from the publisher's zips."""
    survey = catalog.surveys["kaggle_survey"]
    for year, origin in KAGGLE.items():
        archive = raw / "kaggle" / str(year) / origin.name
        file = find(archive, archive.name, survey.editions)
        if file is None or file.edition.year != year:
            raise ExtractError(f"{archive.name}: expected the edition of {year}")
        edition = file.edition
        rows = list(rows_of(count(archive, archive.name, file, survey.missing)))
        for table in ("option_sets", "options"):
            chosen = [row.fields for row in rows if row.table == table]
            data = _csv(list(chosen[0]), [list(fields.values()) for fields in chosen])
            fetch = Fetch(
                source="kaggle_survey",
                scope=Scope(table, date(year, 1, 1), date(year + 1, 1, 1), None, str(year)),
                filename=f"{table}_{edition.year}.csv",
                sha256=digest(data),
                landed_at=origin.landed_at,
                licence=origin.licence,
                available_at=datetime.fromisoformat(origin.released),
                available_evidence=f"time of {edition.file} inside the publisher's zip",
                derived_from=(
                    {
                        "repository": "Kaggle",
                        "path": f"{archive.name}/{edition.file}",
                        "sha256": digest(archive.read_bytes()),
                    },
                ),
                reduction="respondents counted by exact set of options, country and role; no person is kept"
                if table == "option_sets"
                else "the options of the question, in the order of their columns",
            )
            _write(target / "kaggle_survey", fetch, data)


if __name__ == "__main__":
    here = Path(__file__).parent
    reduce_facts(Path(sys.argv[1]), here)
    reduce_kaggle(Path(sys.argv[2]), here, load_catalog(here.parent / "catalog"))
